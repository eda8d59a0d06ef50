"""Rates of each group with their intervals, differences to a reference group, and what is too small to be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from lifecycle.errors import DataError
from lifecycle.govern.fairness.counts import RATES, GroupCounts, cells_of
from lifecycle.govern.fairness.inputs import rows as checked
from lifecycle.govern.fairness.inputs import whole, within

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

FEW = 30
"""Fewer cases than this below the line of a rate, and `GroupReport.warnings` says so."""


class Between(NamedTuple):
    """A value with the ends of its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class GroupReport:
    """Decisions counted by group.

    Attributes
    ----------
    counts : dict of str to GroupCounts
        By name of the group, in order of the names.
    draws : int
        Bootstrap draws behind each interval.
    level : float
        Level of the intervals.
    few : int
        Fewest cases below the line with which a rate counts for gaps, and is given without a warning.
    seed : int
        Of the draws.

    Raises
    ------
    DataError
        When a count is below 0, or a setting is outside of its range.
    """

    counts: dict[str, GroupCounts]
    draws: int = 1000
    level: float = 0.95
    few: int = FEW
    seed: int = 0

    def __post_init__(self) -> None:
        for group, cells in self.counts.items():
            if min(cells) < 0:
                raise DataError(
                    f"a count is {min(cells)}", where=f"group `{group}`", remedy="count people: 0 or more of each"
                )
        whole("draws", self.draws, 1)
        whole("few", self.few, 0)
        within("level", self.level, 0, 1, open_ended=True)

    def value(self, group: str, rate: str) -> float:
        """A rate of a group; NaN where nobody is below its line."""
        return self.counts[self._known(group)].rate(rate)

    def interval(self, group: str, rate: str) -> Between:
        """A rate with its bootstrap interval (percentiles; rows of the group drawn with replacement)."""
        return self._between(self.value(group, rate), self._drawn(group, rate))

    def difference(self, rate: str, group: str, reference: str) -> Between:
        """Rate of `group` less that of `reference`, with its interval; both groups are drawn anew, independently."""
        value = self.value(group, rate) - self.value(reference, rate)
        return self._between(value, self._drawn(group, rate) - self._drawn(reference, rate))

    def ratio(self, rate: str, group: str, reference: str) -> Between:
        """Rate of `group` over that of `reference`, with its interval; NaN where the reference's rate is 0.

        Draws in which nobody of the reference has the rate count as infinite, so an end of the interval can be ``inf``.
        """
        import numpy as np

        below = self.value(reference, rate)
        value = self.value(group, rate) / below if below else float("nan")
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = self._drawn(group, rate) / self._drawn(reference, rate)
        return self._between(value, drawn)

    def gap(self, rate: str) -> float:
        """Largest difference of a rate between any two groups with at least `few` cases; NaN where there are no two."""
        hits, cases = self._successes(rate)
        return float((hits / cases).max() - (hits / cases).min()) if len(cases) > 1 else float("nan")

    def chance_of_gap(self, rate: str) -> tuple[float, float]:
        """What chance alone does to the largest difference, when all groups have the same rate.

        Cases keep their group, and successes are dealt among them at random (multivariate hypergeometric). Groups with fewer
        than `few` cases are left out, as in `gap`.

        Returns
        -------
        tuple of float
            Median of the gap by chance, and the share of draws with a gap at least as large as the one seen (a p-value).
        """
        import numpy as np

        hits, cases = self._successes(rate)
        if len(cases) < 2:
            return float("nan"), float("nan")
        dealt = np.random.default_rng(self.seed).multivariate_hypergeometric(cases, int(hits.sum()), size=self.draws)
        gaps = np.ptp(dealt / cases, axis=1)
        return float(np.median(gaps)), float((1 + (gaps >= self.gap(rate) - 1e-12).sum()) / (1 + self.draws))

    def table(self, rates: Sequence[str] = tuple(RATES)) -> pd.DataFrame:
        """One row a group: `group`, `n`, and the rates that are asked for."""
        import pandas as pd

        rows = [
            {"group": name, "n": each.n} | {rate: each.rate(rate) for rate in rates} for name, each in self.counts.items()
        ]
        return pd.DataFrame(rows)

    def intervals(self, rate: str, reference: str | None = None) -> pd.DataFrame:
        """One row a group: `group`, `cases` below the line, `value`, `low`, `high`, and `ratio` to a reference group."""
        import pandas as pd

        rows = []
        for group, each in self.counts.items():
            row: dict[str, object] = {"group": group, "cases": sum(each[cell] for cell in cells_of(rate)[1])}
            row |= self.interval(group, rate)._asdict()
            if reference is not None:
                ratio = self.ratio(rate, group, reference)
                row |= {"ratio": ratio.value, "ratio_low": ratio.low, "ratio_high": ratio.high}
            rows.append(row)
        return pd.DataFrame(rows)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the report cannot say, in sentences: rates of which a group has fewer than `few` cases below the line."""
        found = []
        for group, each in self.counts.items():
            by_cases: dict[int, list[str]] = {}
            for rate, (_, below) in RATES.items():
                by_cases.setdefault(sum(each[cell] for cell in below), []).append(rate)
            for cases, rates in by_cases.items():
                if cases < self.few:
                    found.append(f"{group}: {cases or 'no'} case{'s' * (cases != 1)} for {', '.join(rates)}")
        return tuple(found)

    def _successes(self, rate: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """What stands above and below the line of a rate, for groups with at least `few` cases (and at least one)."""
        import numpy as np

        above, below = cells_of(rate)
        cells = np.array(list(self.counts.values()))
        hits, cases = cells[:, list(above)].sum(axis=1), cells[:, list(below)].sum(axis=1)
        enough = cases >= max(1, self.few)
        return hits[enough], cases[enough]

    def _known(self, group: str) -> str:
        if group not in self.counts:
            raise DataError(f"no group `{group}`", remedy="groups: " + ", ".join(self.counts))
        return group

    @cached_property
    def _cells(self) -> dict[str, NDArray[np.int64]]:
        """Cells of each group in every draw: rows drawn with replacement are multinomial counts."""
        import numpy as np

        rng = np.random.default_rng(self.seed)
        cells = {name: np.array(each, dtype=float) for name, each in self.counts.items()}
        return {
            name: rng.multinomial(int(each.sum()), each / max(1, each.sum()), size=self.draws)
            if each.any()
            else np.zeros((self.draws, 4), dtype=np.int64)
            for name, each in cells.items()
        }

    def _drawn(self, group: str, rate: str) -> NDArray[np.float64]:
        import numpy as np

        above, below = cells_of(rate)
        cells = self._cells[self._known(group)]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(cells[:, list(above)].sum(axis=1) / cells[:, list(below)].sum(axis=1), dtype=float)

    def _between(self, value: float, drawn: NDArray[np.float64]) -> Between:
        import numpy as np

        drawn = drawn[~np.isnan(drawn)]
        if np.isnan(value) or not len(drawn):
            return Between(value, float("nan"), float("nan"))
        tail = (1 - self.level) / 2
        if np.isinf(drawn).any():  # between a number and infinity nothing can be interpolated
            low, high = np.quantile(drawn, tail, method="lower"), np.quantile(drawn, 1 - tail, method="higher")
        else:
            low, high = np.quantile(drawn, [tail, 1 - tail])
        return Between(value, float(low), float(high))


def group_report(
    labels: ArrayLike,
    decisions: ArrayLike,
    groups: ArrayLike,
    *,
    draws: int = 1000,
    level: float = 0.95,
    few: int = FEW,
    seed: int = 0,
) -> GroupReport:
    """Count decisions by group.

    Parameters
    ----------
    labels : array of shape (n,)
        What was true, 0 or 1.
    decisions : array of shape (n,)
        What was decided, 0 or 1.
    groups : array of shape (n,)
        Who it was decided on; any values, taken as text. None may be missing: who did not say is a group too.
    draws, level, few, seed
        See `GroupReport`.

    Raises
    ------
    DataError
        When lengths differ, nothing is there, a value is neither 0 nor 1, or a group is missing.

    Examples
    --------
    >>> report = group_report([1, 0, 1, 0], [1, 0, 0, 1], ["a", "a", "b", "b"])
    >>> report.value("a", "tpr"), report.value("b", "tpr")
    (1.0, 0.0)
    """
    import numpy as np
    import pandas as pd

    truth, decided, who = checked(binary={"labels": labels, "decisions": decisions}, groups=groups)
    cell = np.select([(truth == 1) & (decided == 1), (truth == 0) & (decided == 1), truth == 1], [0, 1, 2], 3)
    counted = pd.crosstab(who, cell).reindex(columns=range(4), fill_value=0)
    counts = {str(row[0]): GroupCounts(*(int(each) for each in row[1:])) for row in counted.itertuples()}
    return GroupReport(counts, draws=draws, level=level, few=few, seed=seed)


def crossed(*columns: ArrayLike) -> pd.Series:
    """Groups of groups: one name a row, made of the names of all `columns`, as ``"female, black"``.

    Parameters
    ----------
    *columns : array of shape (n,)
        Matched by position, not by index; no value may be missing.

    Returns
    -------
    Series
        With the index of the first column, where it has one.

    Raises
    ------
    DataError
        When no columns are given, lengths differ, or a value is missing.
    """
    import pandas as pd

    if not columns:
        raise DataError("no columns", remedy="pass two or more, as sex and race")
    lengths = [len(pd.Series(column)) for column in columns]
    if len(set(lengths)) > 1:
        counted = ", ".join(f"{length} {'values ' * (k == 1)}in column {k}" for k, length in enumerate(lengths, 1))
        raise DataError(counted, remedy="give one of each a row")
    parts = [checked(groups=column)[0] for column in columns]
    return pd.Series(
        [", ".join(names) for names in zip(*parts, strict=True)], index=pd.Series(columns[0]).index, dtype=object
    )
