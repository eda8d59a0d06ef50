"""After an experiment: from one row a user to a decision, in the order that was fixed before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from lifecycle.errors import DataError
from lifecycle.iterate.experiment.design import ExperimentPlan
from lifecycle.iterate.experiment.guardrails import Guardrail, GuardrailResult, judge_guardrail
from lifecycle.iterate.experiment.quality import SampleRatio, in_both, sample_ratio
from lifecycle.iterate.experiment.rates import RateTest, check_counts, compare_rates
from lifecycle.iterate.experiment.segments import check_binary, check_columns
from lifecycle.iterate.experiment.sequential import Look

if TYPE_CHECKING:
    import pandas as pd

Decision = Literal["invalid", "stop", "wait", "replace", "a person decides", "keep"]


@dataclass(frozen=True)
class ExperimentReport:
    """What came of an experiment.

    Attributes
    ----------
    plan : ExperimentPlan
    ratio : SampleRatio
    result : RateTest
        The primary metric; with a sequential test, its interval is that of the last look.
    guardrails : tuple of GuardrailResult
    decision : str
        ``"invalid"`` the data cannot be believed; ``"stop"`` a guardrail is broken; ``"wait"`` fewer users than planned;
        ``"replace"``; ``"a person decides"`` better, and a guardrail unknown; ``"keep"`` no improvement shown.
    reason : str
        In one sentence.
    look : Look or None
        The last look, where the test was sequential; `result.p` is that of a single look and decides nothing then.
    """

    plan: ExperimentPlan
    ratio: SampleRatio
    result: RateTest
    guardrails: tuple[GuardrailResult, ...]
    decision: Decision
    reason: str
    look: Look | None = None

    def rows(self) -> list[dict[str, str]]:
        """The questions in the order in which they were asked, with what was found: for a table."""
        groups = ", ".join(f"{name} {count:,}" for name, count in self.ratio.counts.items())
        total = sum(self.ratio.counts.values())
        found = self.result
        rows = [
            {
                "question": "are the groups as large as planned to each other?",
                "found": f"{groups} (p {_p(self.ratio.p)})",
                "answer": "no" if self.ratio.mismatch else "yes",
            },
            *(
                {
                    "question": f"{each.name}: worse by no more than {_pp(each.margin)}?",
                    "found": f"{_pp(each.worsening)} worse ({_pp(each.low)} to {_pp(each.high)})",
                    "answer": {"safe": "yes", "harmed": "no", "unknown": "unknown"}[each.state],
                }
                for each in self.guardrails
            ),
            {
                "question": "are there as many users as planned?",
                "found": f"{total:,} in both groups, {self.plan.total:,} planned",
                "answer": "yes" if total >= self.plan.total else "no",
            },
            {
                "question": f"{self.plan.metric}: is there a difference?",
                "found": f"{100 * found.rate_a:.4g}% and {100 * found.rate_b:.4g}%: {_pp(found.difference)}"
                f" ({_pp(found.low)} to {_pp(found.high)}), {self._evidence()}",
                "answer": self.decision,
            },
        ]
        return rows

    def _evidence(self) -> str:
        if self.look is None:
            return f"p {_p(self.result.p)}"
        return f"z {self.look.z:.2f}, bound {self.look.bound:.2f}"

    def to_json(self) -> dict[str, Any]:
        """All of it, as plain values."""
        return {
            "plan": {**asdict(self.plan), "per_group": self.plan.per_group, "hypotheses": list(self.plan.hypotheses)},
            "ratio": asdict(self.ratio),
            "result": asdict(self.result),
            "guardrails": [asdict(each) for each in self.guardrails],
            "decision": self.decision,
            "reason": self.reason,
            "look": asdict(self.look) if self.look else None,
        }

    def to_html(self) -> str:
        """A page of its own, for those who were not there."""
        cells = "".join(
            "<tr>" + "".join(f"<td>{escape(value)}</td>" for value in row.values()) + "</tr>" for row in self.rows()
        )
        plan = self.plan
        promises = f"effect {_pp(plan.effect)}, alpha {plan.alpha:.0%}, power {plan.power:.0%}, sides {plan.sided}"
        return (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(plan.salt)}</title>'
            f"<h1>Experiment {escape(plan.salt)}</h1><p><strong>{escape(self.decision)}</strong>: {escape(self.reason)}</p>"
            f"<p>Fixed beforehand: {escape(plan.metric)}, baseline {plan.baseline:.2%}, {promises}.</p>"
            f"<table><thead><tr><th>question</th><th>found</th><th>answer</th></tr></thead><tbody>{cells}</tbody></table></html>"
        )


def analyse_experiment(
    frame: pd.DataFrame,
    plan: ExperimentPlan,
    *,
    outcome: str,
    guardrails: Sequence[Guardrail] = (),
    unit: str = "user",
    group: str = "group",
    champion: str = "champion",
    challenger: str = "challenger",
    look: Look | None = None,
) -> ExperimentReport:
    """Analyse an experiment: first whether it can be believed, then harm, then size, then the result.

    Users are compared in the group that they were assigned to, whoever answered them in the end.

    Parameters
    ----------
    frame : DataFrame
        One row a user, with the unit, the group (missing where they took no part), `outcome` as 0 or 1, and a column of 0
        and 1 named like each guardrail.
    plan : ExperimentPlan
    guardrails : sequence of Guardrail
    look : Look, optional
        The last look of a sequential test, where the plan was to look on the way; it takes the place of the fixed test.

    Returns
    -------
    ExperimentReport

    Raises
    ------
    DataError
        When columns are missing, values are neither 0 nor 1, a group is empty or unknown, a user stands there twice in
        the same group (in both groups is a finding: such an experiment is invalid), or `look` was at other users.
    """
    check_columns(frame, [unit, group, outcome, *(each.name for each in guardrails)], where="analyse_experiment")
    counted = frame[frame[group].notna()]
    unknown = sorted(set(counted[group]) - {champion, challenger})
    if unknown:
        raise DataError(f"{unknown[0]!r} is neither champion nor challenger", where=f"analyse_experiment: `{group}`")
    if counted.duplicated([unit, group]).any():
        raise DataError(
            "a user stands there more than once", where=f"analyse_experiment: `{unit}`",
            remedy="make one row a user first; several requests of one user are no independent draws",
        )  # fmt: skip
    a, b = (counted[counted[group] == name] for name in (champion, challenger))
    if a.empty or b.empty:
        raise DataError("one of the two groups is empty: there is nothing to compare", where="analyse_experiment")
    for column in (outcome, *(each.name for each in guardrails)):
        check_binary(counted, column, where="analyse_experiment")
    ratio = sample_ratio({champion: len(a), challenger: len(b)}, {champion: 1 - plan.share, challenger: plan.share})
    direction = 1 if plan.effect > 0 else -1
    counts = (int(a[outcome].sum()), len(a), int(b[outcome].sum()), len(b))
    result = compare_rates(*counts, level=1 - plan.alpha, sided=plan.sided, direction=direction)
    judged = tuple(
        judge_guardrail(each, (int(a[each.name].sum()), len(a)), (int(b[each.name].sum()), len(b))) for each in guardrails
    )
    shared = in_both(counted, unit=unit, group=group)
    if look is not None:
        if not (abs(look.difference - result.difference) < 1e-9 and abs(look.z - result.z) < 1e-6):
            raise DataError(
                f"the look saw a difference of {look.difference:.3g} (z {look.z:.3f}); these users have"
                f" {result.difference:.3g} (z {result.z:.3f})",
                where="analyse_experiment: look",
                remedy="give the users who were in at that look, all of them and no others",
            )
        result = RateTest(
            result.rate_a, result.rate_b, result.difference, look.low, look.high, result.z, result.p, result.sided
        )
    decision, reason = _decide(plan, ratio, shared, judged, result, look)
    return ExperimentReport(plan, ratio, result, judged, decision, reason, look)


def _decide(
    plan: ExperimentPlan,
    ratio: SampleRatio,
    shared: int,
    guardrails: Sequence[GuardrailResult],
    result: RateTest,
    look: Look | None,
) -> tuple[Decision, str]:
    total = sum(ratio.counts.values())  # of both: a lot never halves exactly, and how far off it is was asked before
    if ratio.mismatch:
        return (
            "invalid",
            f"groups of these sizes come by chance with p {_p(ratio.p)}; find out who is missing, then start anew",
        )
    if shared:
        return "invalid", f"{shared:,} users met both versions, so neither group shows what its version does"
    harmed = [each.name for each in guardrails if each.state == "harmed"]
    if harmed:
        return "stop", f"worse than tolerable: {', '.join(harmed)}"
    if look is not None:
        ended, shown = look.outcome != "go on", look.outcome.startswith("challenger")
    else:
        ended, shown = total >= plan.total, result.p <= plan.alpha
    if not ended:
        return "wait", "the test has not reached its end, and what it shows until then was not what the plan asked"
    if not shown or (result.difference > 0) != (plan.effect > 0):
        few = f": {total:,} users of {plan.total:,}" if total < plan.total else ""
        return "keep", f"no improvement was shown, which is not to say that there is none{few}"
    unknown = [each.name for each in guardrails if each.state == "unknown"]
    if unknown:
        return "a person decides", f"better, but nobody knows whether it harms: {', '.join(unknown)}"
    return "replace", "better in the metric that was chosen beforehand, and no guardrail is harmed"


def simpson(days: Mapping[str, tuple[int, int, int, int]]) -> bool:
    """Whether all days (successes_a, n_a, successes_b, n_b) point one way, and their sum the other.

    Raises
    ------
    DataError
        When there is no day, or a day lacks one of the groups.
    """
    if not days:
        raise DataError("no days, nothing to compare", where="simpson")
    for a, n, b, m in days.values():
        check_counts(a, n)
        check_counts(b, m)
    signs = {(b / m > a / n) - (b / m < a / n) for a, n, b, m in days.values()}
    a, n, b, m = (sum(each) for each in zip(*days.values(), strict=True))
    total = (b / m > a / n) - (b / m < a / n)
    return len(signs) == 1 and total == -next(iter(signs)) != 0


def _pp(value: float) -> str:
    return f"{round(100 * value, 2) + 0.0:+.2f} pp"  # no -0.00


def _p(value: float) -> str:
    if value < 1e-300:
        return "below 1e-300"
    return f"{value:.2g}" if value >= 1e-4 else f"{value:.1e}"
