"""What came of all tenants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lifecycle.cases.errors import CaseError
from lifecycle.cases.recommendation.engine import Engine
from lifecycle.cases.recommendation.results import Trained, kept

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class TenantReport:
    """What came of all tenants, in their order.

    Attributes
    ----------
    results : tuple of Trained
        Without their engines where there is a folder: `engine` reads them from it.
    made, kept : int
        Results that were made now, and those that an earlier run had left.
    folder : Path, optional
    orders : mapping of name to str
        Digest of the order that made each result: a file in the folder that another order has written since is not its own.
    """

    results: tuple[Trained, ...]
    made: int
    kept: int
    folder: Path | None = None
    orders: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    _place: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._place.update({result.name: index for index, result in enumerate(self.results)})

    def __getitem__(self, name: str) -> Trained:
        """The result of one tenant; CaseError where there is none of that name."""
        if name not in self._place:
            raise CaseError(
                f"there is no tenant `{name}`", where="recommendation: report", tried=f"{len(self.results)} tenants"
            )
        return self.results[self._place[name]]

    @property
    def trained(self) -> tuple[Trained, ...]:
        """Those with an engine."""
        return tuple(result for result in self.results if not result.reason)

    @property
    def quarantined(self) -> dict[str, str]:
        """Reasons by name."""
        return {result.name: result.reason for result in self.results if result.reason}

    def engine(self, name: str) -> Engine:
        """The tenant's engine.

        Raises
        ------
        CaseError
            When the tenant is unknown or in quarantine, or its file was changed, removed, or written again by another run.
        """
        result = self[name]
        if result.reason:
            raise CaseError(f"`{name}` is in quarantine: {result.reason}", where="recommendation: report")
        if self.folder is not None:
            found = kept(self.folder / f"{name}.json", self.orders[name])
            if found is None:
                raise CaseError(
                    f"the result of `{name}` was changed or removed, or another run has written over it",
                    where="recommendation: report",
                    remedy="train again (only what is missing is made), each day into a folder of its own",
                )
            return Engine.from_json(found.engine)
        return Engine.from_json(result.engine)

    def engines(self) -> dict[str, Engine]:
        """All engines by name."""
        return {result.name: self.engine(result.name) for result in self.trained}

    def table(self) -> pd.DataFrame:
        """One row a tenant; see `Trained.row`."""
        import pandas as pd

        return pd.DataFrame([result.row() for result in self.results], columns=list(Trained("", "").row()))
