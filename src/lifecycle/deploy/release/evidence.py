"""What a gate leaves behind: each check with what was wanted and what was found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lifecycle.deploy.release.risk import GATES


@dataclass(frozen=True)
class Finding:
    """One check of a gate.

    Attributes
    ----------
    name : str
    passed : bool
    found : str
        What there was, in words and rounded figures: the same on every machine.
    wanted : str
    measured : mapping
        Figures that differ from run to run, as times; they are kept apart from what is compared.
    """

    name: str
    passed: bool
    found: str
    wanted: str
    measured: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "passed", bool(self.passed))  # numpy's truth values are no JSON


@dataclass(frozen=True)
class GateResult:
    """What one gate found.

    Attributes
    ----------
    gate : str
        One of `GATES`.
    findings : tuple of Finding
    blocks : bool
        Whether the release stops when it fails.
    """

    gate: str
    findings: tuple[Finding, ...]
    blocks: bool

    @property
    def number(self) -> int:
        """1 to 8."""
        return GATES.index(self.gate) + 1

    @property
    def passed(self) -> bool:
        """Whether there were checks, and all of them passed."""
        return bool(self.findings) and all(each.passed for each in self.findings)

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The checks that did not pass."""
        return tuple(each for each in self.findings if not each.passed)


@dataclass(frozen=True)
class GateReport:
    """The evidence for one package.

    Attributes
    ----------
    name, version, digest : str
        Of the package.
    risk : str
        ``"low"``, ``"medium"`` or ``"high"``.
    results : tuple of GateResult
        In the order of the gates.
    """

    name: str
    version: str
    digest: str
    risk: str
    results: tuple[GateResult, ...]

    @property
    def allowed(self) -> bool:
        """Whether every blocking gate was run and passed."""
        return all(each.passed for each in self.results if each.blocks)

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the gates that failed, blocking or not, in order."""
        return tuple(each.gate for each in self.results if not each.passed)

    @property
    def first_failed(self) -> str | None:
        """The gate at which the release stops; None where it goes through."""
        return next((each.gate for each in self.results if each.blocks and not each.passed), None)

    def rows(self) -> list[dict[str, Any]]:
        """One dictionary a gate, for a table."""
        return [
            {
                "gate": f"{each.number} {each.gate}",
                "checks": len(each.findings),
                "passed": sum(finding.passed for finding in each.findings),
                "result": "passed" if each.passed else "FAILED",
                "blocks": "yes" if each.blocks else "no",
                "first finding": next((f"{one.name}: {one.found}" for one in each.failures), ""),
            }
            for each in self.results
        ]

    def to_dict(self, *, measured: bool = False) -> dict[str, Any]:
        """As plain values; times and other figures that differ from run to run only where `measured` is wanted."""
        gates = [
            {
                "gate": each.gate, "blocks": each.blocks, "passed": each.passed,
                "findings": [
                    {"name": one.name, "passed": one.passed, "found": one.found, "wanted": one.wanted}
                    | ({"measured": dict(one.measured)} if measured and one.measured else {})
                    for one in each.findings
                ],
            }
            for each in self.results
        ]  # fmt: skip
        return {
            "package": {"name": self.name, "version": self.version, "digest": self.digest},
            "risk": self.risk, "allowed": self.allowed, "first_failed": self.first_failed, "gates": gates,
        }  # fmt: skip

    def to_json(self, *, measured: bool = True) -> str:
        """As a record to keep beside the package."""
        return json.dumps(self.to_dict(measured=measured), indent=1, sort_keys=True) + "\n"
