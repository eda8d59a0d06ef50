"""An objective: a goal in one line, and the four inputs that turn it into something that can be checked.

The inputs are performance targets, technical infrastructure, cost limits and change management. The first three are made of
`Target`s, and every target becomes a key performance indicator that somebody watches later. Change management has no number;
it shapes how the model is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lifecycle.develop.objectives.quantities import CharterError, Target

SECTIONS = ("performance", "infrastructure", "cost")
ELEMENTS = ("goal", *SECTIONS, "change")

# Measures that the arithmetic knows: unit and direction. Others may be called anything and have any unit.
_KNOWN = {
    "recall": ("rate", "at least"),
    "precision": ("rate", "at least"),
    "accuracy": ("rate", "at least"),
    "false_positive_rate": ("rate", "at most"),
    "availability": ("rate", "at least"),
    "latency": ("ms", "at most"),
    "requests": ("requests/s", "at least"),
    "decisions": ("decisions/month", "at most"),
    "model_size": ("MB", "at most"),
    "development": ("money", "at most"),
    "year_one": ("money", "at most"),
    "operations": ("money/month", "at most"),
    "training": ("money/month", "at most"),
    "per_decision": ("money/decision", "at most"),
}


@dataclass(frozen=True)
class Kpi:
    """What is watched in production: a target, where it came from and when its value is known."""

    name: str
    source: str
    target: Target
    known: str


@dataclass(frozen=True)
class Objective:
    """A goal with its four inputs; units, ranges and directions are checked when it is made, not whether it can be met.

    Parameters
    ----------
    goal : str
        The business problem in one line.
    performance, infrastructure, cost : mapping of str to Target
        Targets by measure. Some measures have a fixed unit and direction and take part in the arithmetic: recall, precision,
        accuracy, false_positive_rate, availability, latency, requests, decisions, model_size, development, year_one,
        operations, training, per_decision. A measure stands in one section only.
    change : tuple of str
        What people and procedures must do differently.
    constraints : tuple of str, optional
        Needs that are met or not met and have no number, as "real-time REST".

    Raises
    ------
    CharterError
        Naming the field: an element is empty, a measure is listed twice or has the wrong unit or direction, or amounts are
        in more than one currency.
    """

    goal: str
    performance: Mapping[str, Target]
    infrastructure: Mapping[str, Target]
    cost: Mapping[str, Target]
    change: tuple[str, ...]
    constraints: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        missing = missing_elements({name: getattr(self, name) for name in ELEMENTS})
        if missing:
            raise CharterError(f"missing: {', '.join(missing)}", where=missing[0], remedy="write it before any modelling")
        seen: dict[str, str] = {}
        for path, target in self.targets.items():
            measure = path.split(".")[1]
            if measure in seen:
                raise CharterError(f"stated already as `{seen[measure]}`", where=path, remedy="keep one of the two")
            seen[measure] = path
            _check_known(path, measure, target)
        currencies = sorted({target.currency for target in self.targets.values() if target.currency})
        if len(currencies) > 1:
            path = next(path for path, target in self.targets.items() if target.currency == currencies[1])
            raise CharterError(f"amounts in {' and '.join(currencies)} cannot be added", where=path, remedy="convert one")

    @classmethod
    def from_mapping(cls, draft: Mapping[str, Any]) -> Objective:
        """Read an objective whose targets are written as a person writes them (see `Target.parse`).

        Parameters
        ----------
        draft : mapping
            ``goal`` (text), ``performance``, ``infrastructure``, ``cost`` (measure to text), ``change`` and, where there
            are any, ``constraints`` (lists of text).

        Raises
        ------
        CharterError
            With the path to the field (``performance.recall``): unknown key, missing element, a target that cannot be read.
        """
        unknown = sorted(set(draft) - {*ELEMENTS, "constraints"})
        if unknown:
            raise CharterError("unknown element", where=unknown[0], remedy=f"elements: {', '.join(ELEMENTS)}, constraints")
        missing = missing_elements(draft)
        if missing:
            raise CharterError(f"missing: {', '.join(missing)}", where=missing[0], remedy="write it before any modelling")
        return cls(
            goal=_text(draft["goal"], "goal"),
            performance=_targets(draft["performance"], "performance"),
            infrastructure=_targets(draft["infrastructure"], "infrastructure"),
            cost=_targets(draft["cost"], "cost"),
            change=_texts(draft["change"], "change"),
            constraints=_texts(draft.get("constraints") or (), "constraints"),
        )

    def to_mapping(self) -> dict[str, Any]:
        """The objective in plain types, as `from_mapping` reads it."""
        made: dict[str, Any] = {"goal": self.goal}
        for section in SECTIONS:
            made[section] = {name: str(target) for name, target in getattr(self, section).items()}
        return {**made, "change": list(self.change), "constraints": list(self.constraints)}

    @property
    def targets(self) -> dict[str, Target]:
        """Every target by its path, as ``cost.operations``."""
        return {f"{section}.{name}": target for section in SECTIONS for name, target in getattr(self, section).items()}

    @property
    def currency(self) -> str:
        """The currency of all amounts, or the empty string where there are none."""
        return next((target.currency for target in self.targets.values() if target.currency), "")

    @property
    def kpis(self) -> tuple[Kpi, ...]:
        """One indicator a target, in order, each with the moment at which its value is known."""
        return tuple(
            Kpi(path.split(".")[1], path.split(".")[0], target, _known(path, target))
            for path, target in self.targets.items()
        )

    def path_of(self, measure: str) -> str | None:
        """Where `measure` stands (``performance.recall``), or ``None``."""
        return next((path for path in self.targets if path.split(".")[1] == measure), None)

    def bound(self, measure: str) -> float | None:
        """The bound on `measure`, in the target's unit, or ``None`` where no target names it."""
        path = self.path_of(measure)
        return None if path is None else self.targets[path].bound

    def revise(self, targets: Mapping[str, str]) -> Objective:
        """A copy with targets replaced or added: ``{"performance.recall": "at least 60 %"}``.

        Raises
        ------
        CharterError
            For a path that is not ``section.measure``, or a target that cannot be read.
        """
        changed: dict[str, Any] = {section: dict(getattr(self, section)) for section in SECTIONS}
        for path, text in targets.items():
            section, _, measure = path.partition(".")
            if section not in changed or not measure:
                raise CharterError("not a path to a target", where=path, remedy="write it like `performance.recall`")
            changed[section][measure] = Target.parse(text, name=path)
        return replace(self, **changed)


def missing_elements(draft: Mapping[str, Any]) -> list[str]:
    """Which elements of an objective are absent or empty, in the order goal, performance, infrastructure, cost, change.

    Parameters
    ----------
    draft : mapping
        As for `Objective.from_mapping`, complete or not.
    """
    return [name for name in ELEMENTS if not _filled(draft.get(name))]


def _filled(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def _check_known(path: str, measure: str, target: Target) -> None:
    if measure not in _KNOWN:
        return
    unit, direction = _KNOWN[measure]
    found = target.unit.replace(target.currency, "money") if target.currency else target.unit
    if found != unit:
        raise CharterError(f"is measured in {unit}, not in {target.unit}", where=path)
    if target.direction != direction:
        raise CharterError(f"`{target}` bounds the wrong side", where=path, remedy=f"write `{direction} ...`")


def _known(path: str, target: Target) -> str:
    if target.currency:
        return "with the month's bill" if "/" in target.unit else "when it is spent"
    if target.unit == "rate" and path.startswith("performance."):
        return "when outcomes are known"
    return "at release" if target.unit == "MB" else "at once"


def _targets(value: object, section: str) -> dict[str, Target]:
    if not isinstance(value, Mapping):
        raise CharterError("needs measures with their targets", where=section, remedy="write `recall: at least 95 %`")
    return {
        str(name): Target.parse(_text(text, f"{section}.{name}"), name=f"{section}.{name}") for name, text in value.items()
    }


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise CharterError(f"needs text, not {value!r}", where=name, remedy="write a target like `at least 95 %`")
    return value


def _texts(value: object, name: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise CharterError(f"needs a list of texts, not {value!r}", where=name)
    return tuple(_text(entry, f"{name}[{i}]") for i, entry in enumerate(value))
