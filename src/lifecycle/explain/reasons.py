"""Why was it declined? The principal reasons of one decision, in words that the person can check.

A reason names what counted against somebody *in this decision*, most important first, and not more than four: a longer list
hides the first. Features that say the same thing in different ways are one reason (a *family*). What nobody can change may
be a reason, never an advice. A protected attribute is neither: if it counts, the model is at fault, and silence about it
would make the list false, so it is an error.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.explain.contributions import Contributions, ExplanationError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Wording:
    """How a feature is spoken of.

    Attributes
    ----------
    high, low : str
        The reason where the value is above what is usual, and where it is not.
    family : str
        Features with one family are one reason. Empty: the feature stands alone.
    advice_high, advice_low : str
        What the person can do from now on in either case; empty where nothing can be done.
    """

    high: str
    low: str
    family: str = ""
    advice_high: str = ""
    advice_low: str = ""


@dataclass(frozen=True)
class Reason:
    """One reason of one decision.

    Attributes
    ----------
    feature : str
        The feature that is spoken of: of a family, the one that counted most.
    value : float
        Of the feature, in this row.
    contribution : float
        Of the feature or its whole family, on the scale of the contributions; larger counted more against the person.
    words : str
    advice : str
        Empty where nothing can be done.
    """

    feature: str
    value: float
    contribution: float
    words: str
    advice: str = ""

    def __str__(self) -> str:
        return self.words


def usual_values(frame: pd.DataFrame) -> dict[str, float]:
    """What is usual in each column: its median, or its mean where the median is the least or the greatest value.

    A flag that is mostly 1 has the median 1, and no value is above that; its mean tells the two values apart.
    """
    usual = {}
    for name in frame.columns:
        column = frame[name].dropna()
        middle = float(column.median())
        usual[str(name)] = float(column.mean()) if middle in (column.min(), column.max()) else middle
    return usual


def reasons(
    contributions: Contributions,
    number: int,
    wordings: Mapping[str, Wording],
    *,
    usual: Mapping[str, float],
    adverse: int,
    most: int = 4,
    protected: Collection[str] = (),
) -> list[Reason]:
    """Name the principal reasons of an adverse decision.

    Parameters
    ----------
    contributions : Contributions
        Of the score that decided: check them first (`check_additivity`).
    number : int
        Which of its rows.
    wordings : mapping of feature to Wording
        For every feature that can count against somebody.
    usual : mapping of feature to number
        What is usual, as `usual_values` of the training rows; a value above it takes the high wording.
    adverse : {1, -1}
        1 where a high score is the bad outcome (a risk), -1 where a low one is (a chance of approval).
    most : int
        Reasons at most.
    protected : collection of str
        Attributes that must not decide.

    Returns
    -------
    list of Reason, most important first
        Only what counted against the person; empty where nothing did.

    Raises
    ------
    ExplanationError
        When a protected attribute counted against the person, or a feature that did has no wording.
    """
    if adverse not in (1, -1):
        raise ExplanationError(f"{adverse} is no direction", where="adverse", remedy="1 or -1")
    against = {
        name: adverse * float(value)
        for name, value in zip(contributions.features, contributions.values[number], strict=True)
    }
    guilty = [name for name in against if name in protected and against[name] > 0]
    if guilty:
        raise ExplanationError(
            f"the protected attribute `{guilty[0]}` counted against this person",
            where=f"row {number}",
            remedy="it can be neither advised nor left unsaid: take it, and what stands for it, out of the model",
        )
    families: dict[str, list[str]] = {}
    for name, weight in against.items():
        if name not in wordings:
            if weight > 0:
                raise ExplanationError(
                    f"no wording for `{name}`", where="wordings", remedy="a reason nobody can read is none"
                )
            continue
        families.setdefault(wordings[name].family or name, []).append(name)
    found = []
    for members in families.values():
        together = sum(against[name] for name in members)
        if together <= 0:
            continue
        spokesman = max(members, key=lambda name: against[name])
        value, words = float(contributions.rows[spokesman].iloc[number]), wordings[spokesman]
        high = value > usual[spokesman]
        said, advice = (words.high, words.advice_high) if high else (words.low, words.advice_low)
        found.append(Reason(spokesman, value, together, said, advice))
    return sorted(found, key=lambda reason: -reason.contribution)[:most]
