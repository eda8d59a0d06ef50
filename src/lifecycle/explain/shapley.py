"""Shapley values by enumeration: the fair shares of a game, and of a prediction.

A *game* says what every group of players is worth together. A player's Shapley value is what the player adds on arriving,
averaged over all orders in which the players could arrive (Shapley 1953). It is the only division that gives out
everything, treats equals equally, gives nothing to who adds nothing, and adds up over games.

For a prediction the features are the players. A group is worth the average prediction when the features of the group hold
this row's values and the others those of background rows (Lundberg and Lee 2017, *interventional*). No assumption about
the model is made, so it serves as the reference that faster methods are held to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING, Any

from lifecycle.explain.contributions import Contributions, ExplanationError
from lifecycle.explain.scoring import background_of, row_of, scored

if TYPE_CHECKING:
    import pandas as pd

    from lifecycle.explain.scoring import Score

Group = frozenset[str]

MOST_PLAYERS = 14
"""More than these make over 16,384 groups; use `tree_contributions` or sample."""


def shapley_values(worth: Mapping[Any, float] | Callable[[Group], float], players: Sequence[str]) -> dict[str, float]:
    """Divide what all players are worth together among them.

    Parameters
    ----------
    worth : mapping or callable
        What a group of players is worth. A mapping has a frozenset (or tuple) of names for every group, the empty one
        included; a callable takes a frozenset. It is asked once a group.
    players : sequence of str
        Between 1 and 14 names.

    Returns
    -------
    dict
        A value for each player, in the order given. They add up to the worth of all less the worth of none.

    Raises
    ------
    ExplanationError
        When a group is missing from the mapping, or there are too many players.

    Examples
    --------
    >>> shapley_values({(): 0, ("a",): 10, ("b",): 20, ("a", "b"): 50}, ["a", "b"])
    {'a': 20.0, 'b': 30.0}
    """
    _enough(players)
    known = _worths(worth, players)
    n = len(players)
    weights = [factorial(size) * factorial(n - size - 1) / factorial(n) for size in range(n)]
    return {
        player: sum(weights[len(group)] * (known[group | {player}] - known[group]) for group in known if player not in group)
        for player in players
    }


def groups_of(players: Sequence[str]) -> list[Group]:
    """All 2^n groups of players, the empty one first, smaller before larger."""
    return [frozenset(group) for size in range(len(players) + 1) for group in combinations(players, size)]


def shapley_of(score: Score, row: pd.Series | pd.DataFrame, background: pd.DataFrame) -> Contributions:
    """Contributions to one prediction, exactly, for any model.

    Parameters
    ----------
    score : callable
        Takes a DataFrame with the columns of `background` and gives one number a row.
    row : Series or DataFrame of one row
        The prediction to explain.
    background : DataFrame of shape (m, n)
        Rows that stand for "not known". One row answers "compared with this client", many "compared with the average of
        these". 2^n · m rows are scored; n at most 14.

    Returns
    -------
    Contributions
        For one row, on the scale of `score`.

    Raises
    ------
    ExplanationError
        When the columns do not match, or there are too many.
    """
    import numpy as np
    import pandas as pd

    behind = background_of(background)
    names = [str(name) for name in behind.columns]
    _enough(names)
    one = row_of(row, behind)
    groups = groups_of(names)
    held = np.array([[name in group for name in names] for group in groups])
    mixed = np.where(held[:, None, :], one.to_numpy()[0], behind.to_numpy()[None, :, :])
    frame = pd.DataFrame(mixed.reshape(-1, len(names)), columns=behind.columns)
    worth = scored(score, frame).reshape(len(groups), len(behind)).mean(axis=1)
    known = {group: float(value) for group, value in zip(groups, worth, strict=True)}
    values = shapley_values(known, names)
    return Contributions(tuple(names), np.array([list(values.values())]), known[frozenset()], one.reset_index(drop=True))


def _enough(players: Sequence[str]) -> None:
    if len(set(players)) != len(players):
        raise ExplanationError("a name stands twice", where="players")
    if not 1 <= len(players) <= MOST_PLAYERS:
        raise ExplanationError(
            f"{len(players)} players make 2^{len(players)} groups",
            where="players",
            remedy=f"give between 1 and {MOST_PLAYERS}; for trees there is `tree_contributions`",
        )


def _worths(worth: Mapping[Any, float] | Callable[[Group], float], players: Sequence[str]) -> dict[Group, float]:
    groups = groups_of(players)
    if not isinstance(worth, Mapping):
        return {group: float(worth(group)) for group in groups}
    given = {frozenset(group): float(value) for group, value in worth.items()}
    missing = [group for group in groups if group not in given]
    if missing:
        names = ", ".join(sorted(missing[0])) or "nobody"
        raise ExplanationError(
            f"what the group of {names} is worth is not said",
            where="worth",
            tried=f"{len(given)} groups given, {len(groups)} needed",
            remedy="write groups as tuples of names; the empty one is ()",
        )
    return {group: given[group] for group in groups}
