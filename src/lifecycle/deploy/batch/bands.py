"""Chances in three bands, by a rule that says where each edge belongs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np

BANDS = ("low", "medium", "high")


@dataclass(frozen=True)
class Bands:
    """Low, medium and high: high is *above* `high`, low is *below* `medium`, and both edges themselves are medium.

    Two people who write "over 70 %" and "70 % and more" count different customers; a round probability is common enough
    for the difference to show.

    Attributes
    ----------
    medium : float
        From this chance on a row is at least medium; 0 to `high`.
    high : float
        Above this chance a row is high; `medium` to 1.

    Examples
    --------
    >>> Bands().of(0.7), Bands().of(0.4), Bands().of(0.39), Bands().of(0.71)
    ('medium', 'medium', 'low', 'high')
    """

    medium: float = 0.4
    high: float = 0.7

    def __post_init__(self) -> None:
        if not 0 <= self.medium <= self.high <= 1:  # false for NaN as well
            raise DataError(
                f"the edges {self.medium} and {self.high} are no bands",
                where="Bands",
                remedy="0 <= medium <= high <= 1: the edges are probabilities",
            )

    def codes(self, chances: Any) -> np.ndarray[Any, Any]:
        """Band of each chance, as 0 (low), 1 (medium) and 2 (high).

        Parameters
        ----------
        chances : array of shape (n,)
            Probabilities.

        Returns
        -------
        array of int8, shape (n,)

        Raises
        ------
        DataError
            For a value that is no probability.
        """
        import numpy as np

        values = np.asarray(chances, dtype=np.float64)
        if not bool(np.all((values >= 0) & (values <= 1))):
            raise DataError("not every chance lies between 0 and 1", where="Bands.codes", remedy="pass probabilities")
        return (values >= self.medium).astype(np.int8) + (values > self.high).astype(np.int8)

    def of(self, chance: float) -> str:
        """Name of the band of one chance."""
        return BANDS[int(self.codes([chance])[0])]

    def counts(self, chances: Any) -> dict[str, int]:
        """How many chances fall into each band, every band named."""
        import numpy as np

        found = np.bincount(self.codes(chances).astype(np.int64), minlength=len(BANDS))
        return {name: int(count) for name, count in zip(BANDS, found, strict=True)}


def rank(chances: Any, keys: Any) -> np.ndarray[Any, Any]:
    """Place of each row in the order of contact, 1 being the highest chance; ties in the order of the keys.

    A rule for ties makes the list the same tomorrow: the order in which chunks happen to end must not decide who is called.

    Parameters
    ----------
    chances : array of shape (n,)
        Probabilities.
    keys : array of shape (n,)
        Numbers or texts, each of them once.

    Returns
    -------
    array of int64, shape (n,)
    """
    import numpy as np

    order = np.lexsort((np.asarray(keys), -np.asarray(chances, dtype=np.float64)))
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(1, len(order) + 1)
    return places
