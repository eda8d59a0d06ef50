"""A project driven from step to step, with a gate behind each: it stops where something is not good enough, and says why."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lifecycle.cases.errors import CaseError

Work = dict[str, Any]
_LARGEST = 8192  # bits: Python does not write out whole numbers without an end
_KINDS = {"f": "fraction", "i": "whole", "u": "whole", "b": "truth"}


@dataclass(frozen=True)
class Finding:
    """What a gate found beside what it wanted.

    Attributes
    ----------
    name, found, wanted : str
    passed : bool
    """

    name: str
    found: str
    wanted: str
    passed: bool


def at_least(name: str, value: float, bound: float, *, form: str = ".3g") -> Finding:
    """A finding that passes from `bound` on; never for NaN."""
    return _compared(name, value, f"at least {bound:{form}}", form, lambda: value >= bound)


def at_most(name: str, value: float, bound: float, *, form: str = ".3g") -> Finding:
    """A finding that passes up to `bound`; never for NaN."""
    return _compared(name, value, f"at most {bound:{form}}", form, lambda: value <= bound)


def _compared(name: str, value: Any, wanted: str, form: str, keeps: Callable[[], bool]) -> Finding:
    """What is no number was not measured, and does not pass."""
    try:
        return Finding(name, format(value, form), wanted, bool(keeps()))
    except (TypeError, ValueError):
        return Finding(name, "not measured", wanted, False)


def holds(name: str, value: bool, wanted: str = "yes") -> Finding:
    """A finding that passes where `value` is true; a missing value (None, NaN) is not."""
    return Finding(name, "yes" if value is True else "no", wanted, value is True)


NOTHING = Finding("anything", "nothing was checked", "a finding", False)


@dataclass(frozen=True)
class Step:
    """One step of a project and its gate.

    Attributes
    ----------
    name : str
    run : callable
        Takes what the steps before made (by name) and returns what this one makes. Names that begin with ``_`` are handed
        on and do not count as results (a fitted model, for one).
    gate : callable
        Takes all that was made and yields findings.
    """

    name: str
    run: Callable[[Work], Mapping[str, Any]]
    gate: Callable[[Work], Iterable[Finding]]


@dataclass(frozen=True)
class Journey:
    """How far a project came.

    Attributes
    ----------
    findings : mapping of str to tuple of Finding
        By step, in order; the last one is the step that stopped it, where one did.
    made : dict
        All results by name.
    stopped_at : str or None
        The step whose gate did not open.
    waiting : tuple of str
        Steps that were not run.
    """

    findings: Mapping[str, tuple[Finding, ...]]
    made: Work = field(repr=False)
    stopped_at: str | None
    waiting: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every gate opened."""
        return self.stopped_at is None

    @property
    def digest(self) -> str:
        """SHA-256 over all results: equal for equal results, whatever their order."""
        return digest_of({name: value for name, value in self.made.items() if not name.startswith("_")})

    def rows(self) -> list[dict[str, str]]:
        """The report: one row a finding, and one for each step that did not run."""
        rows = [
            {"gate": step, "finding": each.name, "found": each.found, "wanted": each.wanted,
             "": "passed" if each.passed else "FAILED"}
            for step, found in self.findings.items() for each in found
        ]  # fmt: skip
        return rows + [{"gate": name, "finding": "", "found": "", "wanted": "", "": "not run"} for name in self.waiting]


def drive(steps: Sequence[Step], given: Mapping[str, Any] | None = None) -> Journey:
    """Run the steps in order, each behind the gate of the one before.

    A gate that finds nothing does not open: nothing was checked. Neither does one whose finding is not a clear yes.

    Raises
    ------
    CaseError
        When there are no steps, two have one name, or a step makes something that is there already: whoever read the first
        version would not know of the second.
    """
    names = [step.name for step in steps]
    if not names or len({*names}) < len(names):
        raise CaseError("steps need names of their own, and there has to be one", where="capstone: project")
    made: Work = dict(given or {})
    findings: dict[str, tuple[Finding, ...]] = {}
    for number, step in enumerate(steps, 1):
        ran = step.run(dict(made))
        if not isinstance(ran, Mapping):
            raise CaseError("the step made no results by name", where=f"capstone: step `{step.name}`",
                            remedy="return a dictionary, which may be empty")  # fmt: skip
        new = dict(ran)
        again = sorted(new.keys() & made.keys())
        if again:
            raise CaseError(f"`{again[0]}` is there already", where=f"capstone: step `{step.name}`",
                            remedy="give what you make another name")  # fmt: skip
        made |= new
        findings[step.name] = tuple(step.gate(dict(made)) or ()) or (NOTHING,)
        if not all(each.passed is True for each in findings[step.name]):
            return Journey(findings, made, step.name, tuple(names[number:]))
    return Journey(findings, made, None, ())


def digest_of(value: Any) -> str:
    """SHA-256 of nested values: mappings in any order, lists, arrays, numbers, texts, bytes.

    Raises
    ------
    CaseError
        For something whose bytes say nothing about it (an object), and for NaN, which equals nothing.
    """
    return hashlib.sha256(json.dumps(_plain(value), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(value: Any) -> Any:
    import numpy as np

    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, bytes):
        return {"bytes": hashlib.sha256(value).hexdigest()}
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "biuf":
            raise CaseError(f"an array of {value.dtype} has no digest here", where="capstone: digest")
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            raise CaseError("NaN and infinity have no digest: they equal nothing", where="capstone: digest")
        if value.dtype.kind == "u" and value.size and int(value.max()) >= 2**63:
            raise CaseError("whole numbers from 2**63 on have no digest here", where="capstone: digest")
        data = np.ascontiguousarray(value.astype("<f8" if value.dtype.kind == "f" else "<i8"))
        return {
            "array": hashlib.sha256(data.tobytes()).hexdigest(),
            "shape": list(value.shape),
            "kind": _KINDS[value.dtype.kind],
        }
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, int):
        if value.bit_length() > _LARGEST:
            raise CaseError(f"whole numbers of more than {_LARGEST:,} bits have no digest here", where="capstone: digest")
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise CaseError("NaN and infinity have no digest: they equal nothing", where="capstone: digest")
        return value
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise CaseError("names that are no text have no digest: 1 and '1' would be one", where="capstone: digest")
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    raise CaseError(f"a value of type `{type(value).__name__}` has no digest", where="capstone: digest",
                    remedy="hand on what it is made of, or give it a name that begins with `_`")  # fmt: skip
