"""What is put before the gates: a package, and all that it is judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lifecycle.errors import LifecycleError

if TYPE_CHECKING:
    import pandas as pd

    from lifecycle.deploy.packaging.field import Field
    from lifecycle.deploy.packaging.package import Package

ROLES: tuple[str, ...] = ("model owner", "risk", "legal")
"""Who has to approve; three people, since nobody checks their own work."""


@dataclass(frozen=True)
class Approval:
    """One person's word for one package.

    Attributes
    ----------
    role, person : str
    digest : str
        Of the package that was approved. It does not hold for any other.
    """

    role: str
    person: str
    digest: str


@dataclass(frozen=True)
class Waiver:
    """One person's decision, in writing, to release although a group is treated less well.

    Only findings about groups can be accepted so: whether a difference is justified is a judgement, and no program makes it.
    A secret in a file is no matter of judgement.

    Attributes
    ----------
    finding : str
        Its name, as ``"four fifths by education"``.
    person, reason : str
    digest : str
        Of the package; the next version needs a decision of its own.
    """

    finding: str
    person: str
    reason: str
    digest: str

    def covers(self, finding: str, digest: str) -> bool:
        """Whether it is about this finding on this package, and says why."""
        return self.finding == finding and self.digest == digest and bool(self.reason.strip())


@dataclass(frozen=True)
class Budget:
    """What a package may use.

    Attributes
    ----------
    package_mib, memory_mib : float
        Size of all files together; memory of a process that scores.
    answer_ms : float
        95th percentile of an answer with reasons, one request at a time.
    rows_per_second : float
        Least rate of scoring in batches.
    """

    package_mib: float = 3.0
    memory_mib: float = 512.0
    answer_ms: float = 50.0
    rows_per_second: float = 5_000.0


@dataclass(frozen=True)
class Candidate:
    """A package on its way to production.

    Attributes
    ----------
    package : Package
    rows : DataFrame
        Held-out rows: the features, and the column `target`. The model must not have learned from them.
    target : str
    development : mapping
        ``04/metrics.json``: for each metric under ``test`` its ``value``, ``low`` and ``high``.
    explanations : mapping
        ``06/explanations.json``: ``model_sha256``, ``base_value`` (log-odds), ``ranking`` and ``reasons`` by feature.
    contract : tuple of Field
        What callers were promised that they may send.
    service : mapping
        ``08/service.json``: the ``endpoints`` that callers use.
    approvals : tuple of Approval
    waivers : tuple of Waiver
    groups : mapping of str to Series
        Protected attributes of the people in `rows`, by the same index; empty where rows are not about people.
    previous : Package, optional
        What runs now, and what a rollback goes back to.
    budget : Budget
    """

    package: Package
    rows: pd.DataFrame
    target: str
    development: Mapping[str, Any]
    explanations: Mapping[str, Any]
    contract: tuple[Field, ...]
    service: Mapping[str, Any] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    groups: Mapping[str, pd.Series] = field(default_factory=dict)
    previous: Package | None = None
    budget: Budget = field(default_factory=Budget)

    def __post_init__(self) -> None:
        missing = [name for name in (*self.package.features, self.target) if name not in self.rows.columns]
        if missing:
            raise LifecycleError(
                f"the held-out rows have no column `{missing[0]}`", where="candidate",
                remedy="give the model's inputs and the target, as 03/features.parquet has them",
            )  # fmt: skip

    def inputs(self) -> pd.DataFrame:
        """The features of the held-out rows, in the package's order."""
        return self.rows[list(self.package.features)]

    def approved(self, people: Mapping[str, str]) -> Candidate:
        """The same candidate with the word of `people` (role to name) for this very package."""
        given = tuple(Approval(role, person, self.package.digest) for role, person in people.items())
        return replace(self, approvals=given)

    def accepted(self, finding: str, *, person: str, reason: str) -> Candidate:
        """The same candidate with one more waiver for this very package."""
        return replace(self, waivers=(*self.waivers, Waiver(finding, person, reason, self.package.digest)))

    def but(self, **changes: Any) -> Candidate:
        """The same candidate with other parts."""
        return replace(self, **changes)
