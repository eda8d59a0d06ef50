"""Viewers with tastes, titles with a cover and a worth, and weeks in which both change.

A title's *pull* is its cover: how readily it is started. Its *worth* is how long it is watched once it is started. A service
that ranks by starts learns to show covers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.cases.errors import CaseError
from lifecycle.cases.given import is_number, is_whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Audience:
    """Viewers and titles, as nobody in the service knows them.

    Attributes
    ----------
    tastes : array of shape (viewers, genres)
        Shares that add up to 1 for each viewer.
    genres : array of shape (titles,)
        The genre of each title, from 0.
    pull, worth : array of shape (titles,)
        Log odds of a start that the cover adds, and share of the running time (0 to 1) that somebody who likes the genre
        watches.
    released : array of shape (titles,)
        Week in which the title comes, from 0; it can be watched from then on.
    """

    tastes: NDArray[np.float64]
    genres: NDArray[np.int64]
    pull: NDArray[np.float64]
    worth: NDArray[np.float64]
    released: NDArray[np.int64]

    def liking(self) -> NDArray[np.float64]:
        """How much each viewer likes each title's genre, beside an indifferent viewer (1): shape (viewers, titles)."""
        import numpy as np

        return np.asarray(self.tastes[:, self.genres] * self.tastes.shape[1], dtype=float)

    def start_chance(self) -> NDArray[np.float64]:
        """The chance that each viewer starts each title when they look at it, before their mood: shape (viewers, titles)."""
        import numpy as np

        return np.asarray(1 / (1 + np.exp(-(np.log(self.liking() + 0.02) + 1.2 * self.pull - 1.0))), dtype=float)

    def stay(self) -> NDArray[np.float64]:
        """The share of a title that each viewer watches on average, once it is started: shape (viewers, titles)."""
        import numpy as np

        return np.asarray(self.worth * np.minimum(0.4 + 0.3 * self.liking(), 1.0), dtype=float)

    def turned(self, share: float, *, seed: int = 0) -> Audience:
        """The same titles, and viewers of whom a `share` (0 to 1) now has the tastes of somebody else."""
        import numpy as np

        if not is_number(share, least=0, most=1) or not is_whole(seed, least=0):
            raise CaseError(
                "a share of viewers lies in 0 to 1, and a seed is a whole number of 0 or more",
                where=f"streaming: {share} turned, seed {seed}",
            )
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(self.tastes))
        n = round(share * len(self.tastes))
        tastes = self.tastes.copy()
        tastes[order[:n]] = self.tastes[np.roll(order[: max(n, 2)], 1)[:n]]  # the chosen swap; a single one copies another
        return Audience(tastes, self.genres, self.pull, self.worth, self.released)


def audience(
    *, viewers: int = 800, titles: int = 160, genres: int = 8, fresh: int = 4, weeks: int = 8, seed: int = 0
) -> Audience:
    """Make an audience.

    Parameters
    ----------
    viewers, titles, genres : int
        10 viewers, 20 titles and 2 genres, or more.
    fresh : int
        Titles released in each week after the first, 0 or more; the others are there from the start.
    weeks : int
        1 or more.
    seed : int

    Raises
    ------
    CaseError
        When numbers are too small, or nearly all titles would be fresh.
    """
    import numpy as np

    limits = ((viewers, 10), (titles, 20), (genres, 2), (fresh, 0), (weeks, 1), (seed, 0))
    enough = all(is_whole(count, least=least) for count, least in limits)
    if not enough or fresh * (weeks - 1) > titles / 2:
        raise CaseError(
            "an audience has 10 viewers, 20 titles and 2 genres or more, half of the titles from the start",
            where="streaming: audience",
            tried=f"{viewers} viewers, {titles} titles, {genres} genres, {fresh} fresh in {weeks} weeks each, seed {seed}",
        )
    late = fresh * (weeks - 1)
    rng = np.random.default_rng(seed)
    released = np.zeros(titles, dtype=np.int64)
    released[rng.permutation(titles)[:late]] = np.repeat(np.arange(1, weeks), fresh)
    return Audience(
        tastes=rng.dirichlet(np.full(genres, 0.25), viewers),
        genres=rng.integers(0, genres, titles),
        pull=rng.normal(0, 1, titles),
        worth=rng.uniform(0.15, 0.95, titles),
        released=released,
    )


def evenings(crowd: Audience, *, week: int, each: int = 6, seed: int = 0) -> NDArray[np.int64]:
    """What viewers watch in a week when nobody recommends anything: pairs of (viewer, title), none twice.

    A viewer finds titles by their genre and, half as much, by their cover.

    Parameters
    ----------
    crowd : Audience
    week : int
        0 or more; titles that come later are not there yet.
    each : int
        Titles for each viewer, 1 or more.
    seed : int

    Returns
    -------
    array of shape (viewers x each, 2)
    """
    import numpy as np

    there = np.flatnonzero(crowd.released <= week) if is_number(week) else ()
    if not (is_whole(week, least=0) and is_whole(each, least=1, most=len(there)) and is_whole(seed, least=0)):
        raise CaseError(
            f"{each} titles cannot be watched in week {week}", where="streaming: evenings", tried=f"{len(there)} there"
        )
    rng = np.random.default_rng([seed, week])
    odds = np.log(crowd.liking()[:, there] + 0.02) + 0.5 * crowd.pull[there]
    drawn = np.argsort(-(odds + rng.gumbel(size=odds.shape)), axis=1, kind="stable")[:, :each]  # draws without putting back
    return np.column_stack([np.repeat(np.arange(len(odds)), each), there[drawn].ravel()])
