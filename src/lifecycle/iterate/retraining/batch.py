"""Is this batch fit to learn from? Rules that are written down before the batch arrives."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class BatchRules:
    """What a batch must keep to before anything is trained on it.

    Attributes
    ----------
    limits : mapping
        Column to (lowest, highest), both allowed: the columns that must be there, as finite numbers.
    target : str
        0 or 1, known for every row.
    least_rows : int
    most_outside : float
        Share of rows of a column that may lie outside its limits, from 0 to 1.
    prevalence : tuple of float
        Between which the share of positives must lie; None where that is not known.
    identifier : str, optional
        A column that must not repeat, and must not name anybody in `holdout`.
    holdout : set
        Identifiers of rows that models are compared on, of the type that the column has. They must never be learnt from;
        `leaks` looks for them in rows that do not come with the batch.

    Raises
    ------
    DataError
        For a share outside of 0 to 1, a target among the inputs, or a holdout without an identifier to know it by.
    """

    limits: Mapping[str, tuple[float, float]]
    target: str
    least_rows: int = 1
    most_outside: float = 0.0
    prevalence: tuple[float, float] | None = None
    identifier: str | None = None
    holdout: AbstractSet[Any] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        if not 0 <= self.most_outside <= 1:
            raise DataError(f"is {self.most_outside:g}, and must be a share from 0 to 1", where="`most_outside`")
        if self.target in self.limits:
            raise DataError(f"the target `{self.target}` is among the inputs", where="`limits`")
        if self.holdout and self.identifier is None:
            raise DataError(
                "cannot be found without an identifier", where="`holdout`", remedy="name the column: identifier="
            )

    def faults(self, batch: pd.DataFrame) -> list[str]:
        """Everything that speaks against learning from `batch`, one sentence each; empty where nothing does."""
        wanted = [*self.limits, self.target, *([self.identifier] if self.identifier else [])]
        missing = [f"column `{name}` is missing" for name in wanted if name not in batch.columns]
        if missing:
            return missing
        if batch.empty:
            return ["the batch has no rows"]
        found = []
        if len(batch) < self.least_rows:
            found.append(f"{len(batch):,} rows, at least {self.least_rows:,} are wanted")
        found += [fault for name in self.limits if (fault := self._column(batch, name))]
        found += [fault for fault in (self._labels(batch), self._identifiers(batch)) if fault]
        return found

    def leaks(self, rows: pd.DataFrame) -> list[str]:
        """Whether rows of the holdout are among `rows`, also where these are no batch (old rows, say); empty where not."""
        if self.identifier is None:
            return []
        if self.identifier not in rows.columns:
            return [f"column `{self.identifier}` is missing: nobody can tell whether these rows belong to the holdout"]
        names = rows[self.identifier]
        kinds = {_kind(name) for name in names.dropna().unique()}, {_kind(name) for name in self.holdout}
        if all(kinds) and kinds[0] != kinds[1]:
            found, wanted = (" and ".join(sorted(each)) for each in kinds)
            return [f"`{self.identifier}` holds {found}, the holdout {wanted}: they cannot be compared"]
        if names.isna().any():
            return [f"`{self.identifier}`: {names.isna().sum():,} rows have none"]
        if names.isin(self.holdout).any():
            return [f"`{self.identifier}`: {names.isin(self.holdout).sum():,} rows belong to the holdout"]
        return []

    def _column(self, batch: pd.DataFrame, name: str) -> str:
        import numpy as np
        from pandas.api import types

        if not types.is_numeric_dtype(batch[name]):
            return f"`{name}` does not hold numbers"
        values = batch[name].to_numpy("float64", na_value=np.nan)
        low, high = self.limits[name]
        outside = ~((values >= low) & (values <= high))  # what is no number lies outside
        if outside.mean() > self.most_outside:
            return f"`{name}`: {outside.mean():.0%} of the rows outside {low:g} to {high:g}"
        return ""

    def _labels(self, batch: pd.DataFrame) -> str:
        labels = batch[self.target]
        if not labels.isin([0, 1]).all():
            return f"`{self.target}`: {(~labels.isin([0, 1])).mean():.0%} of the rows have no label of 0 or 1"
        if labels.nunique() < 2:
            return f"`{self.target}` has one class only"
        if self.prevalence is not None and not self.prevalence[0] <= labels.mean() <= self.prevalence[1]:
            low, high = self.prevalence
            return f"`{self.target}`: {labels.mean():.2%} are positive, expected {low:.2%} to {high:.2%}"
        return ""

    def _identifiers(self, batch: pd.DataFrame) -> str:
        if self.identifier is None:
            return ""
        names = batch[self.identifier]
        if names.duplicated().any():
            return f"`{self.identifier}`: {names.duplicated().sum():,} rows repeat another"
        return next(iter(self.leaks(batch)), "")


def _kind(name: object) -> str:
    """How an identifier is written, in a word."""
    from numbers import Number

    return "numbers" if isinstance(name, Number) else "texts" if isinstance(name, str) else type(name).__name__
