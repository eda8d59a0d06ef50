"""The charter: an objective whose targets hold together, signed, and kept as a file that later stages read.

Writing one is the first act of development. `Objective` takes down what was asked, `find_conflicts` says which targets
cannot be relied on together, and a `Charter` exists only where none is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lifecycle.develop.objectives.conflicts import find_conflicts
from lifecycle.develop.objectives.objective import ELEMENTS, Kpi, Objective
from lifecycle.develop.objectives.quantities import CharterError

_KEYS = ("use_case", *ELEMENTS, "constraints", "prevalence", "measured", "evidence", "stakeholders", "assumptions", "kpis")


@dataclass(frozen=True)
class Charter:
    """An objective that can be built towards, and what it was checked against.

    Parameters
    ----------
    use_case : str
        Which problem, as in ``load("credit")``.
    objective : Objective
        The goal and the four inputs.
    prevalence : float
        Share of positive cases that the targets were checked against, in (0, 1).
    measured : mapping of str to float, optional
        Values known already, by measure, in the unit of their target.
    evidence : tuple of str, optional
        Why the targets are within reach: a proof of concept, a published result.
    stakeholders : mapping of str to bool, optional
        Who has a say, and whether they have agreed.
    assumptions : tuple of str, optional
        Figures that somebody assumed, said so that nobody takes them for measured.

    Raises
    ------
    CharterError
        When two targets conflict, naming the field, with the arithmetic and a remedy; when a value is out of its range.
    """

    use_case: str
    objective: Objective
    prevalence: float
    measured: Mapping[str, float] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    stakeholders: Mapping[str, bool] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, agreed in self.stakeholders.items():
            if not isinstance(agreed, bool):
                raise CharterError(f"has agreed or has not, but {agreed!r} is neither", where=f"stakeholders.{name}")
        for conflict in find_conflicts(self.objective, prevalence=self.prevalence, measured=self.measured):
            first, second = conflict.fields
            raise CharterError(f"conflicts with {second}: {conflict.reason}", where=first, remedy=conflict.remedy)

    @property
    def kpis(self) -> tuple[Kpi, ...]:
        """What will be watched, derived from the objective's targets."""
        return self.objective.kpis

    def to_yaml(self) -> str:
        """The charter as YAML: the same text for the same charter, in plain types only."""
        import yaml

        content = {
            "use_case": self.use_case,
            **self.objective.to_mapping(),
            "prevalence": float(self.prevalence),
            "measured": {name: float(value) for name, value in self.measured.items()},
            "evidence": list(self.evidence),
            "stakeholders": dict(self.stakeholders),
            "assumptions": list(self.assumptions),
            "kpis": [_plain_kpi(kpi) for kpi in self.kpis],
        }
        return str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100))

    @classmethod
    def from_yaml(cls, text: str) -> Charter:
        """Read a charter back and check it as if it were new.

        Raises
        ------
        CharterError
            When the text is not YAML, has an unknown or missing key, does not hold together, or when its list of indicators
            is not the one that its targets give.
        """
        import yaml

        try:
            content = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise CharterError(f"not YAML: {str(error).splitlines()[0]}", where="charter") from error
        if not isinstance(content, dict):
            raise CharterError("a charter is a mapping of keys to values", where="charter")
        strange = sorted(str(key) for key in content if key not in _KEYS)
        if strange:
            raise CharterError("unknown key", where=strange[0], remedy="keys: " + ", ".join(_KEYS))
        for needed in ("use_case", "prevalence"):
            if needed not in content:
                raise CharterError("is missing", where=needed)
        charter = cls(
            use_case=str(content["use_case"]),
            objective=Objective.from_mapping({key: content.get(key) for key in (*ELEMENTS, "constraints")}),
            prevalence=content["prevalence"],
            measured=_mapping(content, "measured"),
            evidence=_texts(content, "evidence"),
            stakeholders=_mapping(content, "stakeholders"),
            assumptions=_texts(content, "assumptions"),
        )
        if "kpis" in content and content["kpis"] != [_plain_kpi(kpi) for kpi in charter.kpis]:
            raise CharterError("not the indicators that the targets give", where="kpis", remedy="change the targets instead")
        return charter

    def checklist(self) -> list[dict[str, Any]]:
        """The seven things to settle before modelling, each with whether it is settled and how one can tell.

        Returns
        -------
        list of dict
            ``item``, ``done`` and ``because``. What the record requires is settled once a charter exists; whether the
            targets are realistic depends on `evidence`, and the rest on who agreed among `stakeholders`.
        """
        waiting = [name for name, agreed in self.stakeholders.items() if not agreed]
        finance = self.stakeholders.get("finance", False)
        rows = [
            ("objective written", True, "the record has all its elements"),
            ("targets quantified and realistic", bool(self.evidence), self.evidence[0] if self.evidence else "no evidence"),
            ("infrastructure known", True, f"{len(self.objective.infrastructure)} technical limits"),
            ("cost approved", finance, "finance has agreed" if finance else "finance has not agreed"),
            ("KPIs and monitoring plan", True, "each target says when its value is known"),
            ("change plan", True, f"{len(self.objective.change)} changes for people and procedures"),
            ("all stakeholders committed", bool(self.stakeholders) and not waiting, _who(self.stakeholders, waiting)),
        ]
        return [{"item": item, "done": done, "because": because} for item, done, because in rows]


def _who(stakeholders: Mapping[str, bool], waiting: list[str]) -> str:
    if not stakeholders:
        return "nobody is named"
    return "waiting for " + ", ".join(waiting) if waiting else ", ".join(stakeholders)


def _plain_kpi(kpi: Kpi) -> dict[str, Any]:
    target = kpi.target
    plain = {"name": kpi.name, "source": kpi.source, "direction": target.direction, "bound": target.bound}
    return {**plain, "unit": target.unit, "known": kpi.known}


def _texts(content: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = content.get(key) or ()
    if not isinstance(value, list | tuple) or not all(isinstance(entry, str) for entry in value):
        raise CharterError(f"needs a list of texts, not {value!r}", where=key)
    return tuple(value)


def _mapping(content: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = content.get(key) or {}
    if not isinstance(value, dict):
        raise CharterError(f"needs names with values, not {value!r}", where=key)
    return value
