"""The scorecard: a logistic regression on weights of evidence, written as points that a clerk can add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.cases.credit_risk.binning import in_words
from lifecycle.cases.credit_risk.checks import complete_lines, numbers_or_missing, positive, whole
from lifecycle.cases.errors import CaseError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

FORMAT = "scorecard 1"


@dataclass(frozen=True)
class Line:
    """One line of the table: what falls into it, and its points.

    Attributes
    ----------
    label : str
    low, high : float, optional
        ``low <= value < high``; None is open. Both None and `missing`: no value.
    missing : bool
    woe : float
    points : int
    """

    label: str
    low: float | None
    high: float | None
    missing: bool
    woe: float
    points: int


@dataclass(frozen=True)
class Characteristic:
    """One characteristic of the card with its lines; the last line is that of missing values."""

    feature: str
    value: float
    lines: tuple[Line, ...]

    def place(self, values: ArrayLike) -> NDArray[np.int64]:
        """The number of the line for each value, shape (n,)."""
        import numpy as np

        column = numbers_or_missing(values, where=f"`{self.feature}`")
        lows = [line.low for line in self.lines if line.low is not None]
        inside = np.searchsorted(np.array(lows), column, side="right")
        return np.where(np.isnan(column), len(self.lines) - 1, inside).astype(np.int64)


@dataclass(frozen=True)
class Scorecard:
    """Points that add up to a score, and what a score promises.

    Attributes
    ----------
    characteristics : tuple of Characteristic
    base : int
        Points that everybody starts with.
    pdo : float
        Points that double the odds of being good.
    anchor_points, anchor_odds : float
        A score of `anchor_points` means `anchor_odds` good to one bad.
    left_out : dict
        Characteristics that were offered and not taken, and why.
    """

    characteristics: tuple[Characteristic, ...]
    base: int
    pdo: float
    anchor_points: float
    anchor_odds: float
    left_out: Mapping[str, str]

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns that it reads."""
        return tuple(each.feature for each in self.characteristics)

    def parts(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Points of each characteristic, one row a row of `frame`; the score is `base` and the sum of them.

        Raises
        ------
        CaseError
            When a column is absent.
        """
        import numpy as np
        import pandas as pd

        if absent := [name for name in self.features if name not in frame]:
            raise CaseError(
                f"no column `{absent[0]}`", where="credit_risk: frame", remedy="the card reads: " + ", ".join(self.features)
            )
        points = {
            each.feature: np.array([line.points for line in each.lines])[each.place(frame[each.feature])]
            for each in self.characteristics
        }
        return pd.DataFrame(points, index=frame.index)

    def points(self, frame: pd.DataFrame) -> NDArray[np.int64]:
        """The score of each row, shape (n,): the higher, the better."""
        import numpy as np

        return np.asarray(self.base + self.parts(frame).sum(axis=1), dtype=np.int64)

    def chance(self, points: ArrayLike) -> NDArray[np.float64]:
        """Chance of turning out bad that a score promises, shape (n,)."""
        import numpy as np

        odds = self.anchor_odds * 2 ** ((np.asarray(points, dtype=np.float64) - self.anchor_points) / self.pdo)
        return np.asarray(1 / (1 + odds), dtype=np.float64)

    def shares(self, frame: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
        """Share of the rows in each line, by characteristic: what a characteristic stability index compares."""
        import numpy as np

        return {
            each.feature: np.bincount(each.place(frame[each.feature]), minlength=len(each.lines)) / len(frame)
            for each in self.characteristics
        }

    def reasons(self, frame: pd.DataFrame, *, n: int = 2) -> list[tuple[str, ...]]:
        """The `n` characteristics of each row that are furthest below their own best line, the worst first."""
        lost = {each.feature: max(line.points for line in each.lines) for each in self.characteristics} - self.parts(frame)
        return [
            tuple(str(name) for name in row.sort_values(ascending=False, kind="stable").index[:n] if row[name] > 0)
            for _, row in lost.iterrows()
        ]

    def table(self) -> pd.DataFrame:
        """The card as a table: ``characteristic``, ``values``, ``WoE``, ``points``."""
        import pandas as pd

        rows: list[dict[str, Any]] = [{"characteristic": "everybody", "values": "", "WoE": 0.0, "points": self.base}]
        rows += [
            {"characteristic": each.feature, "values": line.label, "WoE": line.woe, "points": line.points}
            for each in self.characteristics
            for line in each.lines
        ]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """As plain values for a JSON file: all that is needed to compute a score, and nothing that is not."""
        return {
            "format": FORMAT,
            "base": self.base,
            "odds": {"points": self.anchor_points, "good_to_one_bad": self.anchor_odds, "doubled_by": self.pdo},
            "characteristics": [
                {
                    "feature": each.feature,
                    "information_value": round(each.value, 4),
                    "lines": [_plain(x) for x in each.lines],
                }
                for each in self.characteristics
            ],
            "left_out": dict(self.left_out),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Scorecard:
        """The card that `to_dict` wrote.

        Raises
        ------
        CaseError
            When it is not such a card.
        """
        try:
            if values["format"] != FORMAT:
                raise CaseError(f"format {values['format']!r} is not {FORMAT!r}", where="credit_risk: card")
            odds = values["odds"]
            for x in values["characteristics"]:
                complete_lines(x["lines"], feature=x["feature"])
            made = tuple(
                Characteristic(x["feature"], float(x["information_value"]), tuple(_line(line) for line in x["lines"]))
                for x in values["characteristics"]
            )
            anchor = float(odds["points"]), positive(odds["good_to_one_bad"], where="odds")
            base = whole(values["base"], where="base")
            return cls(made, base, positive(odds["doubled_by"], where="odds"), *anchor, dict(values["left_out"]))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise CaseError(
                f"not a scorecard: {error!r}", where="credit_risk: card", remedy="give what `to_dict` wrote"
            ) from error


def _plain(line: Line) -> dict[str, Any]:
    if line.missing:
        return {"missing": True, "woe": line.woe, "points": line.points}
    return {"from": line.low, "below": line.high, "woe": line.woe, "points": line.points}


def _line(values: Mapping[str, Any]) -> Line:
    if values.get("missing"):
        return Line("missing", None, None, True, float(values["woe"]), whole(values["points"], where="points"))
    low, high = values["from"], values["below"]
    return Line(in_words(low, high), low, high, False, float(values["woe"]), whole(values["points"], where="points"))
