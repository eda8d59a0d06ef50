"""Why a row got its score: the features that argued for the decision, the strongest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from lifecycle.deploy.packaging.field import Field

Reason = dict[str, Any]


class Reasons:
    """Names the features behind a decision, from the contributions to its log-odds.

    A decision of 1 is explained by what raised the score, a decision of 0 by what lowered it: a reason that points the
    other way explains nothing. Fewer than `top` are given when fewer features point that way. Contributions describe the
    model, not the world: they say what it used, and not what would happen if the feature were changed.

    Parameters
    ----------
    fields : sequence of Field
        In the order of the contributions.
    wordings : mapping of name to text, optional
        How a feature is put to the person concerned; by default the field's meaning, or its name.
    top : int
        Most reasons a row.
    """

    def __init__(self, fields: Sequence[Field], *, wordings: Mapping[str, str] | None = None, top: int = 3) -> None:
        given = wordings or {}
        self.top = top
        self._names = [field.name for field in fields]
        self._texts = [given.get(field.name) or field.meaning or field.name for field in fields]
        self._units = [f" {field.unit}" if field.unit else "" for field in fields]

    def of(
        self, contributions: np.ndarray[Any, Any], rows: Sequence[Sequence[float]], decisions: Sequence[int]
    ) -> list[list[Reason]]:
        """The reasons of each row.

        Parameters
        ----------
        contributions : array, shape (n, k) or (n, k + 1)
            Log-odds; a last column with the base is left out of account.
        rows : sequence of n rows with k values
        decisions : sequence of n ints
            0 or 1.

        Returns
        -------
        list of list of dict
            Each with ``feature``, ``value``, ``wording`` and ``direction`` ("raises" or "lowers" the risk).
        """
        pairs = zip(contributions.tolist(), rows, decisions, strict=True)
        return [self._row(parts, row, 1 if decision else -1) for parts, row, decision in pairs]

    def _row(self, parts: Sequence[float], row: Sequence[float], sign: int) -> list[Reason]:
        pushes = sorted((-sign * part, place) for place, part in enumerate(parts[: len(row)]) if sign * part > 0)
        direction = "raises" if sign > 0 else "lowers"
        return [
            {
                "feature": self._names[place],
                "value": row[place],
                "wording": f"{self._texts[place]}: {row[place]:.6g}{self._units[place]}",
                "direction": direction,
            }
            for _, place in pushes[: self.top]
        ]
