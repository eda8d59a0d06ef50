"""Quantities that a target is made of: a number, its unit, and the range in which it means something."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Literal

from lifecycle.errors import LifecycleError

Direction = Literal["at least", "at most"]

# How a unit may be written -> the unit that is kept, and what to divide by to get there.
_UNITS: dict[str, tuple[str, Decimal]] = {
    "%": ("rate", Decimal(100)),
    "rate": ("rate", Decimal(1)),
    "ms": ("ms", Decimal(1)),
    "s": ("ms", Decimal("0.001")),
    "MB": ("MB", Decimal(1)),
    "requests/s": ("requests/s", Decimal(1)),
    "decisions/month": ("decisions/month", Decimal(1)),
}
_MONEY = re.compile(r"(?P<currency>[A-Z]{3})(?:/(?:month|decision))?")  # an ISO 4217 code, once, a month or a decision
_KNOWN_UNITS = "units: " + ", ".join([*_UNITS, "and money as USD, USD/month, USD/decision"])
_PHRASE = re.compile(
    r"(?P<direction>at least|at most)\s+(?P<number>[-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*(?P<unit>\S*)"
)


class CharterError(LifecycleError):
    """A target, objective or charter that cannot be used; ``where`` is the path to the field."""


def rate(value: float, name: str) -> float:
    """Return `value` if it is a share between 0 and 1.

    Parameters
    ----------
    value : float
        What to look at.
    name : str
        The field, named in the error.

    Raises
    ------
    CharterError
        When it is not a number in [0, 1]; a number from 1 to 100 is named as what it probably is, a percentage.
    """
    number = _number(value, name)
    if 0 <= number <= 1:
        return number
    percentage = 1 < number <= 100
    raise CharterError(
        f"a rate lies between 0 and 1, this one is {value!r}",
        where=name,
        remedy=f"if you mean {number:g} percent, write {number / 100:g}" if percentage else "give a share of the whole",
    )


def amount(value: float, name: str, *, positive: bool = False) -> float:
    """Return `value` if it is a finite number of 0 or more (more than 0 where `positive`).

    Raises
    ------
    CharterError
        When it is negative, not finite or not a number, naming the field `name`.
    """
    number = _number(value, name)
    if number < 0 or (positive and number == 0):
        raise CharterError(f"must be {'more than 0' if positive else '0 or more'}, this is {value!r}", where=name)
    return number


@dataclass(frozen=True)
class Target:
    """A bound that can be checked: ``at least`` or ``at most`` a number of a unit.

    Parameters
    ----------
    direction : {"at least", "at most"}
        Which side of the bound is good.
    bound : float
        The number, in `unit`.
    unit : str
        ``rate`` (0 to 1), ``ms``, ``MB``, ``requests/s``, ``decisions/month``, or money: a currency's three letters alone
        (``USD``), ``USD/month`` or ``USD/decision``.

    Raises
    ------
    CharterError
        When unit or direction is unknown, or the bound is outside the unit's range.
    """

    direction: Direction
    bound: float
    unit: str

    def __post_init__(self) -> None:
        if self.direction not in ("at least", "at most"):
            raise CharterError(f"a target is `at least` or `at most`, not `{self.direction}`", where="direction")
        if not self.currency and self.unit not in {kept for kept, _ in _UNITS.values()}:
            raise CharterError(f"unknown unit `{self.unit}`", where="unit", remedy=_KNOWN_UNITS)
        if self.unit == "rate":
            rate(self.bound, "bound")
        else:
            amount(self.bound, "bound", positive=not self.currency)
        object.__setattr__(self, "bound", float(self.bound))

    @classmethod
    def parse(cls, text: str, *, name: str = "target") -> Target:
        """Read a target as a person writes it: ``at least 95 %``, ``at most 50 ms``, ``at most 20,000 USD/month``.

        Parameters
        ----------
        text : str
            Direction, number and unit. ``s`` becomes ``ms`` and ``%`` becomes ``rate``.
        name : str
            The field, named in errors.

        Raises
        ------
        CharterError
            When there is no direction, no number or no known unit, or the number is out of range.
        """
        found = _PHRASE.fullmatch(text.strip())
        if not found:
            raise CharterError(
                f"`{text}` is not a target that can be checked", where=name, remedy="write it like `at least 95 %`"
            )
        written = found["unit"]
        if not written:
            raise CharterError(f"`{text}` has no unit", where=name, remedy=_KNOWN_UNITS)
        unit, divisor = _UNITS.get(written, (written, Decimal(1)))
        bound = float(Decimal(found["number"].replace(",", "")) / divisor)
        if unit == "rate" and bound > 1:
            raise CharterError(f"a share of `{text.split(maxsplit=2)[2]}` is more than the whole", where=name)
        direction: Direction = "at least" if found["direction"] == "at least" else "at most"
        try:
            return cls(direction, bound, unit)
        except CharterError as error:
            raise CharterError(error.what, where=name, remedy=error.remedy) from error

    @property
    def currency(self) -> str:
        """The three letters of the currency, or the empty string where the unit is not money."""
        found = _MONEY.fullmatch(self.unit)
        return found["currency"] if found else ""

    def met_by(self, value: float) -> bool:
        """Whether `value`, in this target's unit, is on the good side of the bound or on it."""
        return value >= self.bound if self.direction == "at least" else value <= self.bound

    def __str__(self) -> str:
        number = Decimal(repr(self.bound))
        if self.unit == "rate":
            return f"{self.direction} {_plain(number * 100)} %"
        return f"{self.direction} {_plain(number)} {self.unit}"


def _plain(number: Decimal) -> str:
    """`number` without exponent and trailing zeros, with thousands separators."""
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise CharterError(f"needs a finite number, not {value!r}", where=name)
    return float(value)
