"""Rules that decide about a replacement, written down as text before any figure is known."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lifecycle.errors import LifecycleError

Outcome = Literal["reject", "manual", "automatic"]
OUTCOMES: tuple[Outcome, ...] = ("reject", "manual", "automatic")
Measures = Mapping[str, float | bool | None]

_RULE = re.compile(r"([a-z][a-z0-9_]*) *(<=|>=|==|<|>) *(\S+?) *(pp|%|)")
_YES_NO = {"yes": 1.0, "no": 0.0}
_HUNDREDTHS = ("pp", "%")
_ON_THE_BOUND = 1e-9  # .95 - .90 and .93 - .88 are both 5 points, and differ in the last bits

REPLACEMENT = """\
precedence: [reject, manual, automatic]
default: manual
reject:
- accuracy_fall > 2 pp
- critical_failures > 0
- compliant == no
manual:
- gain > 5 pp
- accuracy_fall > 0.5 pp
- latency_rise > 10 %
- shift > 5 %
automatic:
- gain > 1 pp
- accuracy_fall < 0.5 pp
- latency_rise < 10 %
- shift < 5 %
- critical_failures == 0
- compliant == yes
"""
"""Rules for replacing a model, with an order of precedence and a default."""


class RuleError(LifecycleError):
    """Rules that cannot be read, or that would not say the same thing to everybody."""


@dataclass(frozen=True)
class Rule:
    """A bound on one measure.

    Attributes
    ----------
    measure : str
    comparison : str
        ``"<"``, ``"<="``, ``"=="``, ``">="`` or ``">"``.
    bound : float
        As a fraction: 5 % and 5 pp are 0.05; yes is 1.
    unit : str
        ``"pp"`` (percentage points), ``"%"``, ``"yes/no"`` or nothing for a count.
    text : str
        As it was written.
    """

    measure: str
    comparison: str
    bound: float
    unit: str
    text: str

    def holds(self, value: float) -> bool:
        """Whether it holds for a value; never for NaN. A value within 1e-9 of the bound is on it."""
        on = abs(value - self.bound) <= _ON_THE_BOUND
        below, above = value < self.bound and not on, value > self.bound and not on
        return {"<": below, "<=": below or on, "==": on, ">=": above or on, ">": above}[self.comparison]


@dataclass(frozen=True)
class Ruling:
    """What the rules say, and why.

    Attributes
    ----------
    outcome : str
        ``"reject"``, ``"manual"`` (a person decides) or ``"automatic"``.
    reasons : tuple of str
        The rules that led to it, or what kept the others from holding.
    """

    outcome: Outcome
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Rulebook:
    """Rules by outcome, asked in an order.

    *reject* and *manual* apply when any of their rules holds; *automatic* applies when all of its rules hold and every
    measure is known. The first that applies is the answer; where none does, the default is. So there is an answer for
    every evidence, and one only.

    Attributes
    ----------
    rules : mapping of outcome to tuple of Rule
    precedence : tuple of outcomes
        All three, in the order in which they are asked.
    default : str
        Where nothing applies.
    """

    rules: Mapping[Outcome, tuple[Rule, ...]]
    precedence: tuple[Outcome, ...]
    default: Outcome

    @property
    def measures(self) -> dict[str, str]:
        """Each measure that a rule speaks of, with its unit."""
        return {rule.measure: rule.unit for outcome in OUTCOMES for rule in self.rules[outcome]}

    def applying(self, evidence: Measures) -> tuple[Outcome, ...]:
        """All outcomes whose rules apply, whatever the precedence: none, one or several."""
        return tuple(outcome for outcome in OUTCOMES if self._reasons(outcome, self._values(evidence)))

    def decide(self, evidence: Measures) -> Ruling:
        """The one answer for this evidence.

        Parameters
        ----------
        evidence : mapping of measure to value
            Fractions for percentages, truth values for yes and no. What is missing, None or NaN is unknown: no rule about it
            holds, and nothing is automatic any more.

        Raises
        ------
        RuleError
            When a measure is none of the rules', which is likely a misspelt one.
        """
        values = self._values(evidence)
        for outcome in self.precedence:
            if reasons := self._reasons(outcome, values):
                return Ruling(outcome, reasons)
        return Ruling(self.default, (f"nothing else applies ({self._why_not_automatic(values)})",))

    def _reasons(self, outcome: Outcome, values: Mapping[str, float]) -> tuple[str, ...]:
        held = tuple(rule.text for rule in self.rules[outcome] if rule.holds(values[rule.measure]))
        if outcome != "automatic":
            return held
        known = not any(math.isnan(value) for value in values.values())
        return held if known and len(held) == len(self.rules[outcome]) else ()

    def _why_not_automatic(self, values: Mapping[str, float]) -> str:
        unknown = [name for name, value in values.items() if math.isnan(value)]
        if unknown:
            return f"unknown: {', '.join(unknown)}"
        missed = [rule.text for rule in self.rules["automatic"] if not rule.holds(values[rule.measure])]
        return f"missed: {', '.join(missed)}"

    def _values(self, evidence: Measures) -> dict[str, float]:
        strange = sorted(set(evidence) - set(self.measures))
        if strange:
            raise RuleError(
                f"no rule knows the measure `{strange[0]}`", where="evidence", tried=", ".join(self.measures),
                remedy="correct the name, or write a rule for it",
            )  # fmt: skip
        given = {name: evidence.get(name) for name in self.measures}
        return {name: math.nan if value is None else float(value) for name, value in given.items()}


def read_rules(text: str) -> Rulebook:
    """Read rules from YAML.

    Four things have to be there which are often left to the reader's mind: a unit at each percentage, one unit for each
    measure, the order of precedence, and the default.

    Parameters
    ----------
    text : str
        Keys ``precedence`` (a list of the three outcomes), ``default``, and for each outcome a list of rules as
        ``gain > 1 pp``, ``latency_rise < 10 %``, ``critical_failures == 0`` or ``compliant == yes``. `REPLACEMENT` is one.

    Returns
    -------
    Rulebook

    Raises
    ------
    RuleError
        That names the line which is wrong, and what it lacks.
    """
    import yaml

    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RuleError("not YAML", where="rules", tried=str(error).splitlines()[0]) from error
    keys = {"precedence", "default", *OUTCOMES}
    if not isinstance(content, dict) or (odd := set(map(str, content)) ^ keys):
        found = "no mapping" if not isinstance(content, dict) else ", ".join(sorted(odd))
        raise RuleError(
            f"wrong, missing or unknown: {found}", where="rules", remedy=f"give {', '.join(sorted(keys))}, and nothing else"
        )
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    named = Counter(key.value for key, _ in root.value) if isinstance(root, yaml.MappingNode) else Counter[str]()
    if twice := [name for name, times in named.items() if times > 1]:
        # YAML keeps the last one, and would forget the rules of the first without a word
        raise RuleError(f"there twice: {', '.join(twice)}", where="rules", remedy="write each part once")
    rules = {outcome: tuple(_rule(each, outcome) for each in _listed(content, outcome)) for outcome in OUTCOMES}
    order = _listed(content, "precedence")
    if sorted(order) != sorted(OUTCOMES):
        raise RuleError(f"{order} does not name each outcome once", where="rules: precedence")
    precedence = tuple(sorted(OUTCOMES, key=order.index))
    if content["default"] not in OUTCOMES:
        raise RuleError(f"{content['default']!r} is no outcome", where="rules: default", remedy=f"one of {OUTCOMES}")
    if not rules["automatic"]:
        raise RuleError("nothing is asked of an automatic replacement", where="rules: automatic", remedy="say what it takes")
    _one_unit(rules)
    return Rulebook(rules, precedence, content["default"])


def _listed(content: dict[str, Any], key: str) -> list[str]:
    value = content[key]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise RuleError("is no list of texts", where=f"rules: {key}")
    return value


def _rule(text: str, outcome: str) -> Rule:
    where = f"rules: {outcome}: {text}"
    match = _RULE.fullmatch(text.strip())
    if match is None:
        raise RuleError("is no rule", where=where, remedy="write it as `gain > 1 pp` or `compliant == yes`")
    measure, comparison, bound, unit = match.groups()
    if bound in _YES_NO:
        if comparison != "==" or unit:
            raise RuleError("yes and no have no order", where=where, remedy="write `== yes` or `== no`")
        return Rule(measure, comparison, _YES_NO[bound], "yes/no", text.strip())
    try:
        number = float(bound)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise RuleError(f"`{bound}` is no number", where=where)
    if not unit and number != int(number):
        raise RuleError("has no unit", where=where, remedy="say pp (percentage points) or %; only counts have none")
    return Rule(measure, comparison, float(f"{number / 100:.12g}") if unit in _HUNDREDTHS else number, unit, text.strip())


def _one_unit(rules: Mapping[Outcome, tuple[Rule, ...]]) -> None:
    units: dict[str, str] = {}
    for outcome in OUTCOMES:
        for rule in rules[outcome]:
            if units.setdefault(rule.measure, rule.unit) != rule.unit:
                raise RuleError(
                    f"`{rule.measure}` is measured in {units[rule.measure] or 'counts'} elsewhere",
                    where=f"rules: {outcome}: {rule.text}", remedy="one measure, one unit: pp and % differ",
                )  # fmt: skip
