"""One page for a finance director. Every figure in it is computed from what it is given; none is typed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from lifecycle.errors import DataError
from lifecycle.monitor.truth.standing import Standing
from lifecycle.monitor.value.campaign import Campaign
from lifecycle.monitor.value.control import pilot_size
from lifecycle.monitor.value.sensitivity import breaks_even_at, tornado
from lifecycle.monitor.value.simulation import Simulation
from lifecycle.page import page

PLAIN = {
    "recall": "the share of cases that we find",
    "precision": "the share of our flags that are right",
    "success": "the share of cases that end well once we act",
    "value": "what a case that ends well is worth",
    "contact": "what acting on a flag costs",
    "false_alarm": "what a wrong flag costs",
    "cases": "the number of cases a year",
    "development": "the cost of development",
    "maintenance": "the yearly upkeep",
    "anyway": "the share of cases that would have ended well without us",
}
"""What assumptions are called where nobody knows the words of statistics."""

_SHARES = ("recall", "precision", "success", "anyway")
_LARGEST_PAGE = 480


@dataclass(frozen=True)
class Plan:
    """One way of keeping the model in order.

    Attributes
    ----------
    name : str
        As in "minimum".
    yearly : float
        Its cost a year.
    holds, risks : str
        What it pays for, and what can happen under it; half a sentence each.
    """

    name: str
    yearly: float
    holds: str
    risks: str


@dataclass(frozen=True)
class Memo:
    """A page of sections. As text (`str`) and as HTML that prints on one sheet.

    Attributes
    ----------
    title : str
    sections : tuple of (str, tuple of str)
        Heading and paragraphs.
    """

    title: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def words(self) -> int:
        """Length of the text."""
        return len(str(self).split())

    def __str__(self) -> str:
        parts = [self.title, "=" * len(self.title)]
        for heading, paragraphs in self.sections:
            parts += ["", heading, *(line for each in paragraphs for line in _wrapped(each))]
        return "\n".join(parts)

    def to_html(self) -> str:
        """The memo as a page by itself."""
        body = "\n".join(
            f"<h2>{escape(heading)}</h2>\n" + "\n".join(f"<p>{escape(each)}</p>" for each in paragraphs)
            for heading, paragraphs in self.sections
        )
        return page(self.title, body, style=_STYLE)


def finance_memo(
    case: Campaign,
    *,
    project: str,
    currency: str,
    simulation: Simulation,
    ranges: Mapping[str, tuple[float, float]],
    scenarios: Mapping[str, Mapping[str, float]],
    plans: Sequence[Plan] = (),
    segments: Mapping[str, float] | None = None,
    observed: Standing | None = None,
    outage: tuple[int, float] | None = None,
    control: bool = False,
) -> Memo:
    """Write the page.

    Parameters
    ----------
    case : Campaign
        The base case, with the upkeep of the plan that is recommended: all figures are reckoned with it.
    project, currency : str
        As in "Fewer defaults" and "TWD".
    simulation : Simulation
        Net values under all beliefs at once, from `monte_carlo`.
    ranges : mapping
        As for `tornado`, on the net value; the assumption with the largest swing is named as the one to test.
    scenarios : mapping of str to mapping
        As for `scenario_table`; name the base case among them.
    plans : sequence of Plan, optional
        Upkeep, the cheapest first; one of them costs what `case` reckons with.
    segments : mapping of str to float, optional
        Net value for each flag by segment, to show the spread.
    observed : Standing, optional
        What is known from operation so far.
    outage : (int, float), optional
        Days for which an incident that was tried could not be seen in the books, and what it cost by then.
    control : bool
        Whether a control group backs the success rate.

    Returns
    -------
    Memo

    Raises
    ------
    DataError
        When there is no range or scenario, when no plan costs what `case` reckons with, or when the page gets longer than a
        page.
    """
    if not ranges or not scenarios:
        raise DataError("a memo without a range is an overpromise", remedy="give `ranges` and `scenarios`")
    if plans and case.maintenance not in [plan.yearly for plan in plans]:
        raise DataError(
            f"no plan costs {case.maintenance:,.0f} a year, which the case reckons with",
            tried="plans: " + ", ".join(f"{plan.name} {plan.yearly:,.0f}" for plan in plans),
            remedy="put the upkeep of the plan that you recommend into the case: `case.but(maintenance=...)`",
        )
    sections = [
        ("Decision", _decision(case, simulation, currency)),
        ("What it brings", _result(case, simulation, scenarios, currency)),
        ("What decides it", _driver(case, ranges, control, currency)),
        ("What it takes to keep it", _upkeep(case, plans, currency)),
        ("What we do not know", _limits(segments, observed, outage, currency)),
        ("Next", _next(case, ranges)),
    ]  # fmt: skip
    memo = Memo(f"{project}: what it is worth", tuple((heading, text) for heading, text in sections if text))
    if memo.words > _LARGEST_PAGE:
        raise DataError(f"{memo.words} words do not fit on a page", remedy="fewer plans, segments or scenarios")
    return memo


def _decision(case: Campaign, simulation: Simulation, currency: str) -> tuple[str, ...]:
    loses = 1 - simulation.chance()
    spent = f"{_money(case.development, currency)} once and {_money(case.maintenance, currency)} a year"
    if case.net <= 0:
        advice = f"We advise against going on as planned ({spent}): by our best figures it loses money."
    elif simulation.mean <= 0:
        advice = (
            f"We ask for a small pilot and for nothing else yet ({spent}, later): by our best figures it pays, but over all "
            "that we hold possible it loses money on average."
        )
    elif loses > 0.2:
        advice = f"We ask for a pilot, not yet for the whole ({spent}): the result is good on average and not safe."
    else:
        advice = f"We ask you to approve {spent}, with a pilot first."
    return (advice,)


def _result(
    case: Campaign, simulation: Simulation, scenarios: Mapping[str, Mapping[str, float]], currency: str
) -> tuple[str, ...]:
    low, high = simulation.interval(0.9)
    over = "the first year" if case.years == 1 else f"{case.years:.0f} years"
    first = (
        f"Over {over} we expect {_money(case.ledger.benefit, currency)} in losses avoided or business kept, at a cost of "
        f"{_money(case.ledger.cost, currency)}{_of_which(case, currency)}: {_money(case.net, currency)} net, or "
        f"{case.roi:.0%} of that cost."
    )
    second = (
        f"That is a best guess. If our assumptions are right, the net lies nine times in ten between "
        f"{_money(low, currency)} and {_money(high, currency)}; it is above zero in {simulation.chance():.0%} "
        "of the cases we simulated."
    )
    told = "; ".join(f"{name} {_money(case.but(**changes).net, currency)}" for name, changes in scenarios.items())
    return first, second, f"Scenarios, net: {told}."


def _of_which(case: Campaign, currency: str) -> str:
    costs = case.ledger.costs
    wrong = costs["false alarms"] + (1 - case.precision) * costs["contacts"]
    return f" ({_money(wrong, currency)} of it for wrong flags)" if wrong else ""


def _driver(case: Campaign, ranges: Mapping[str, tuple[float, float]], control: bool, currency: str) -> tuple[str, ...]:
    def net(**changes: float) -> float:
        return case.but(**changes).net

    first = tornado(net, ranges).iloc[0]
    name, (low, high) = str(first["assumption"]), ranges[str(first["assumption"])]
    text = (
        f"Most depends on {PLAIN.get(name, name)}. Between {_amount(name, low, currency)} and "
        f"{_amount(name, high, currency)} the net goes from {_money(first['at_low'], currency)} to "
        f"{_money(first['at_high'], currency)}."
    )
    even = _break_even(case, name, high)
    if even is None:
        least, most = (_amount(name, end, currency) for end in _searched(name, high))
        text += f" Between {least} and {most} it is {'above' if case.net > 0 else 'below'} zero everywhere."
    else:
        text += f" We neither win nor lose at {_amount(name, even, currency)}."
    backed = (
        "It was measured against a group that was left alone."
        if control
        else "No group was left alone yet, so part of the success may have come by itself."
    )
    return text, backed


def _break_even(case: Campaign, name: str, high: float) -> float | None:
    least, most = _searched(name, high)
    try:
        return breaks_even_at(lambda **changes: case.but(**changes).net, name, low=least, high=most)
    except DataError:
        return None


def _searched(name: str, high: float) -> tuple[float, float]:
    if name in _SHARES:
        return (0.01 if name == "precision" else 0.0), 1.0
    return 0.0, 10 * high or 1.0


def _next(case: Campaign, ranges: Mapping[str, tuple[float, float]]) -> tuple[str, ...]:
    name = str(tornado(lambda **changes: case.but(**changes).net, ranges)["assumption"].iloc[0])
    even, believed = _break_even(case, name, ranges[name][1]), getattr(case, name)
    pilot = "A pilot measures the assumption above."
    if name == "success" and even is not None and even < believed < 1:
        flags = pilot_size(believed, at_least=even, precision=case.precision, anyway=min(case.anyway, even))
        pilot = (
            f"A pilot measures the assumption above: if it is as we think, {flags:,} flags that we act on, and as many "
            f"left alone by lot, show four times in five that it is better than {even:.0%}."
        )
        if 2 * flags > case.contacts:
            pilot += f" That is more than a year's flags ({case.contacts:,.0f}): it takes longer, or a larger effect."
    return (
        pilot,
        "Then we write this page again with the new figures. The first version will have faults: plan for a second.",
    )


def _upkeep(case: Campaign, plans: Sequence[Plan], currency: str) -> tuple[str, ...]:
    lines = ["Like a website, a model needs care after its launch: the world moves and its answers age."]
    lines[0] += f" We plan {_money(case.maintenance, currency)} a year for that"
    lines[0] += f", {case.maintenance / case.development:.2g} times the development." if case.development else "."
    lines += [
        f"{plan.name.capitalize()} plan, {_money(plan.yearly, currency)} a year: {plan.holds}. Risk: {plan.risks}."
        for plan in plans
    ]
    return tuple(lines)


def _limits(
    segments: Mapping[str, float] | None, observed: Standing | None, outage: tuple[int, float] | None, currency: str
) -> tuple[str, ...]:
    lines = []
    if observed is not None:
        lines.append(
            f"For {observed.maturity:.0%} of {observed.predictions:,} decisions we know how they ended; the rest is "
            "still open, and what comes in early is not typical."
        )
    if segments:
        worst, best = min(segments, key=lambda name: segments[name]), max(segments, key=lambda name: segments[name])
        lines.append(
            f"It varies: a flag brings {_money(segments[best], currency)} in the segment “{best}” and "
            f"{_money(segments[worst], currency)} in “{worst}”."
        )
    if outage is not None:
        lines.append(
            f"It will fail at times. A fault of the data that we tried could not be seen in the books for {outage[0]} days, "
            f"and {f'cost {_money(outage[1], currency)} by then' if outage[1] > 0 else 'cost nothing at these prices'}."
        )
    lines.append("The past is no promise, and nothing here is certain.")
    return tuple(lines)


def _money(amount: float, currency: str) -> str:
    if not math.isfinite(amount):
        return "an unknown amount"
    for size, word in ((1e9, " billion"), (1e6, " million"), (1e4, "")):
        if abs(amount) >= size:
            scaled = float(f"{amount:.3g}") / (size if word else 1)
            return f"{scaled:,.3g}{word} {currency}" if word else f"{scaled:,.0f} {currency}"
    return f"{float(f'{amount:.3g}'):,g} {currency}"


def _amount(name: str, value: float, currency: str) -> str:
    if name in _SHARES:
        return f"{value:.0%}" if value >= 0.1 else f"{value:.1%}"
    return f"{value:,.0f}" if name == "cases" else _money(value, currency)


def _wrapped(text: str) -> list[str]:
    from textwrap import wrap

    return wrap(text, 100)


_STYLE = """
@page { size: A4; margin: 20mm }
body { font: 14px/1.45 Georgia, serif; max-width: 44em; margin: 2em auto; padding: 0 1em; color: #1b1f24 }
h1 { font-size: 1.4em }
h2 { font-size: 1.05em; margin: 1em 0 .2em }
p { margin: .2em 0 }
"""
