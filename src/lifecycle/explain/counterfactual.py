"""What would have to be different? The smallest change that turns a decision, found by search and verified by scoring.

A reason says what counted against somebody. It does not say what to do: contributions are measured against a reference and
do not add up from any other point. A counterfactual is a row that *was scored again* and passed (Wachter, Mittelstadt and
Russell 2018). It is of use only if the change is possible, so the search moves nothing but the *levers* that it is given,
within their values. Where features are made of others, give the levers of the raw row and a score that makes the features
anew; else the search finds rows that cannot exist.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod
from typing import TYPE_CHECKING, Any, Literal

from lifecycle import show
from lifecycle.explain.contributions import ExplanationError
from lifecycle.explain.scoring import scored

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from lifecycle.explain.scoring import Score

MOST_ROWS = 200_000
"""A search that would score more rows is refused; take coarser steps or fewer levers at once."""


@dataclass(frozen=True)
class Lever:
    """Something that can be changed, the values it can take, and what a change costs.

    Attributes
    ----------
    name : str
        A column of the row.
    values : tuple of float
        What it may be set to. Its present value need not be among them.
    effort : float
        Effort of one unit of change, above 0: it makes changes of different units comparable.
    """

    name: str
    values: tuple[float, ...]
    effort: float = 1.0

    @classmethod
    def between(cls, name: str, low: float, high: float, *, step: float, effort: float = 1.0) -> Lever:
        """A lever with the values low, low + step, ... up to high.

        Raises
        ------
        ExplanationError
            When there is no such value.
        """
        if not (step > 0 and high >= low):
            raise ExplanationError(f"no values from {low:g} to {high:g} in steps of {step:g}", where=f"lever `{name}`")
        count = int((high - low) / step + 1e-9)
        return cls(name, tuple(low + step * number for number in range(count + 1)), effort)


@dataclass(frozen=True)
class Change:
    """One lever's part of a counterfactual."""

    name: str
    before: float
    after: float

    def __str__(self) -> str:
        return f"{self.name} {show.number(self.before)} -> {show.number(self.after)}"


@dataclass(frozen=True)
class Counterfactual:
    """A way to another decision.

    Attributes
    ----------
    changes : tuple of Change
    effort : float
        Sum of the absolute changes, each times its lever's effort.
    score : float
        Of the changed row, scored on its own.
    """

    changes: tuple[Change, ...]
    effort: float
    score: float

    def __str__(self) -> str:
        return ", ".join(map(str, self.changes))


def counterfactuals(
    score: Score,
    row: pd.DataFrame,
    levers: Sequence[Lever],
    *,
    threshold: float,
    wanted: Literal["at least", "below"],
    at_most: int = 2,
    never: Collection[str] = (),
) -> list[Counterfactual]:
    """Find the cheapest way to another decision for each set of levers that has one, unless a part of the set has a cheaper.

    All values of all sets of at most `at_most` levers are tried, so on that grid nothing cheaper exists.

    Parameters
    ----------
    score : callable
        Takes a DataFrame like `row` with any number of rows and gives one number for each.
    row : DataFrame of one row
    levers : sequence of Lever
    threshold : float
    wanted : {"at least", "below"}
        Which side of the threshold is hoped for; the threshold itself counts as "at least".
    at_most : int
        Levers moved at once.
    never : collection of str
        Columns that must not be advised on: protected, or nothing that anybody can change. A lever among them is an error.

    Returns
    -------
    list of Counterfactual, least effort first
        Empty where no way was found. An empty tuple of changes comes alone: the row passes as it is.

    Raises
    ------
    ExplanationError
        When a lever is unknown, forbidden or costs nothing, the search is too large, or the score of a row depends on
        the rows beside it.
    """
    if len(row) != 1:
        raise ExplanationError(f"one row is changed at a time, not {len(row):,}", where="row")
    _allowed(row, levers, never)
    sign = {"at least": 1.0, "below": -1.0}[wanted]

    def passes(numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
        return numbers >= threshold if sign > 0 else numbers < threshold

    now = scored(score, row)
    if passes(now)[0]:
        return [Counterfactual((), 0.0, float(now[0]))]
    sets = [chosen for size in range(1, at_most + 1) for chosen in combinations(levers, size)]
    _small_enough(sets)
    found = []
    for chosen in sets:
        values, efforts = _moves(row, chosen)
        if not len(values):
            continue
        moved = _moved(row, chosen, values)
        scores = scored(score, moved)
        best = _cheapest(efforts, scores, passes(scores), sign)
        if best is not None:
            found.append(_verified(score, row, chosen, values[best], efforts[best], threshold, passes))
    return _undominated(sorted(found, key=lambda way: (way.effort, len(way.changes))))


def _allowed(row: pd.DataFrame, levers: Sequence[Lever], never: Collection[str]) -> None:
    names = [lever.name for lever in levers]
    for lever in levers:
        if lever.name in never:
            raise ExplanationError(f"`{lever.name}` must not be advised on", where="levers", remedy="leave it out")
        if lever.name not in row.columns or names.count(lever.name) > 1:
            raise ExplanationError(f"`{lever.name}` is no column of the row, or stands twice", where="levers")
        if not lever.effort > 0:
            raise ExplanationError(
                f"`{lever.name}` costs {lever.effort:g}", where="levers", remedy="give it an effort above 0"
            )


def _small_enough(sets: Sequence[Sequence[Lever]]) -> None:
    rows = sum(prod(len(lever.values) for lever in chosen) for chosen in sets)
    if rows > MOST_ROWS:
        raise ExplanationError(
            f"the search would score {rows:,} rows",
            where="levers",
            remedy=f"take coarser steps or fewer levers at once: at most {MOST_ROWS:,}",
        )


def _moves(row: pd.DataFrame, chosen: Sequence[Lever]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """All settings that change every chosen lever, shape (n, levers), and the effort of each."""
    import numpy as np

    now = [float(row[lever.name].iloc[0]) for lever in chosen]
    values = [[value for value in lever.values if value != at] for lever, at in zip(chosen, now, strict=True)]
    grid = np.stack(np.meshgrid(*values, indexing="ij"), axis=-1).reshape(-1, len(chosen))
    return grid, np.abs(grid - now) @ np.array([lever.effort for lever in chosen])


def _moved(row: pd.DataFrame, chosen: Sequence[Lever], values: NDArray[np.float64]) -> pd.DataFrame:
    """The row, once for each setting of the levers. A column of whole numbers stays one while its values are whole."""
    import numpy as np

    many = row.iloc[np.zeros(len(values), dtype=int)].reset_index(drop=True)
    columns = {lever.name: values[:, number] for number, lever in enumerate(chosen)}
    for name, column in columns.items():
        whole = many[name].dtype.kind in "iu" and bool((column == np.round(column)).all())
        columns[name] = column.astype(many[name].dtype) if whole else column
    return many.assign(**columns)


def _cheapest(
    efforts: NDArray[np.float64], scores: NDArray[np.float64], passed: NDArray[np.bool_], sign: float
) -> int | None:
    """The passing setting of least effort; of equals, the one that passes by most."""
    import numpy as np

    if not passed.any():
        return None
    places = np.flatnonzero(passed)
    order = np.lexsort((-sign * scores[places], efforts[places]))
    return int(places[order[0]])


def _undominated(ways: list[Counterfactual]) -> list[Counterfactual]:
    """Leave out what moves the levers of a cheaper way and others besides."""
    kept: list[Counterfactual] = []
    for way in ways:
        names = {change.name for change in way.changes}
        if not any({change.name for change in other.changes} < names for other in kept):
            kept.append(way)
    return kept


def _verified(
    score: Score,
    row: pd.DataFrame,
    chosen: Sequence[Lever],
    values: NDArray[np.float64],
    effort: float,
    threshold: float,
    passes: Any,
) -> Counterfactual:
    """Score the changed row alone: what is promised to a person must hold without the rows it was found among."""
    alone = scored(score, _moved(row, chosen, values[None, :]))
    if not passes(alone)[0]:
        raise ExplanationError(
            f"a row that passed among others scores {alone[0]:g} on its own, and the threshold is {threshold:g}",
            where="score",
            remedy="give a score that works row by row",
        )
    changes = tuple(
        Change(lever.name, float(row[lever.name].iloc[0]), float(value)) for lever, value in zip(chosen, values, strict=True)
    )
    return Counterfactual(changes, float(effort), float(alone[0]))
