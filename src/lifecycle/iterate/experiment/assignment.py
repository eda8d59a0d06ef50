"""Who meets which version: drawn by a hash, so that nobody chooses and everybody meets the same one again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from lifecycle.errors import DataError


def place(unit: str, salt: str) -> float:
    """A number in [0, 1) that depends on the unit and on the salt alone, and looks like a draw (SHA-256)."""
    return int.from_bytes(sha256(f"{salt}\x1f{unit}".encode()).digest()[:7], "big") / 2**56


@dataclass(frozen=True)
class Splitter:
    """Assign units (users, mostly) to the groups of one experiment.

    Two draws a unit: whether it takes part (`exposure`), and in which group. So a ramp changes how many take part and never
    the ratio of the groups, nobody changes sides as it grows, and two experiments with different salts know nothing of
    each other.

    Attributes
    ----------
    salt : str
        Name of the experiment.
    shares : mapping of name to float
        Groups and their shares, in order; they add up to 1.
    exposure : float
        Share of the units that take part, 0 to 1. The others meet the first group's version and are not counted.
    left_out : frozenset of str
        Units that never take part: bots, staff.

    Examples
    --------
    >>> splitter = Splitter("ranking-2.4")
    >>> splitter.group("user-17") == splitter.ramped(0.9).group("user-17") or splitter.ramped(0.9).group("user-17") is None
    True
    """

    salt: str
    shares: Mapping[str, float] = field(default_factory=lambda: {"champion": 0.5, "challenger": 0.5})
    exposure: float = 1.0
    left_out: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.salt:
            raise DataError(
                "an experiment needs a name, or two of them assign the same users together", where="Splitter: salt"
            )
        shares = self.shares.values()
        if len(shares) < 2 or not all(share > 0 for share in shares) or not abs(sum(shares) - 1) <= 1e-9:
            raise DataError(f"shares {dict(self.shares)} do not split anything", remedy="two groups or more, adding up to 1")
        if not 0 <= self.exposure <= 1:
            raise DataError(f"an exposure of {self.exposure!r} is no share", where="Splitter: exposure")

    @property
    def first(self) -> str:
        """The group whose version also serves those who take no part."""
        return next(iter(self.shares))

    def group(self, unit: str) -> str | None:
        """The unit's group; None where it takes no part."""
        if unit in self.left_out or place(unit, f"{self.salt}/exposure") >= self.exposure:
            return None
        drawn, upper = place(unit, self.salt), 0.0
        for name, share in self.shares.items():
            upper += share
            if drawn < upper:
                return name
        return name  # shares that add up to a hair less than 1

    def groups(self, units: Iterable[str]) -> list[str | None]:
        """The groups of many units, in their order."""
        return [self.group(unit) for unit in units]

    def ramped(self, exposure: float) -> Splitter:
        """The same experiment with another exposure: who takes part at a small one does at a larger one too."""
        return replace(self, exposure=exposure)
