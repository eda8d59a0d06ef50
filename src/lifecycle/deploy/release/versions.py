"""Semantic versions for models: what a number promises to those who call the service."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.errors import LifecycleError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lifecycle.deploy.packaging.field import Field

CHANGES: tuple[str, ...] = ("major", "minor", "patch")
"""Kinds of change, the heaviest first."""

_FORM = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")


@dataclass(frozen=True, order=True)
class Version:
    """``major.minor.patch``, ordered as numbers: 1.10.0 comes after 1.9.0.

    Examples
    --------
    >>> str(Version.parse("2.3.1").bump("major"))
    '3.0.0'
    """

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read a version.

        Raises
        ------
        LifecycleError
            For anything but three whole numbers without leading zeros; a ``v`` before them or a suffix is refused too,
            because two spellings of one version are two tags.
        """
        found = _FORM.fullmatch(text)
        if not found:
            raise LifecycleError(f"`{text}` is no version", remedy="write three whole numbers, as in 1.4.0")
        return cls(*(int(part) for part in found.groups()))

    def bump(self, change: str) -> Version:
        """The next version after a ``"major"``, ``"minor"`` or ``"patch"`` change; what stands right of it becomes 0."""
        if change not in CHANGES:
            raise LifecycleError(f"`{change}` is no kind of change", remedy="use " + ", ".join(CHANGES))
        if change == "major":
            return Version(self.major + 1, 0, 0)
        if change == "minor":
            return Version(self.major, self.minor + 1, 0)
        return Version(self.major, self.minor, self.patch + 1)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def contract_breaks(old: Sequence[Field], new: Sequence[Field]) -> tuple[str, ...]:
    """Every way in which a request that `old` accepts may be refused, or misread, by `new`.

    Parameters
    ----------
    old, new : sequence of Field
        The schema before and after. Their order does not matter: requests name their fields.

    Returns
    -------
    tuple of str
        One sentence a break; empty where every caller of the old version may stay as it is.
    """
    was, now = ({field.name: field for field in fields} for fields in (old, new))
    found = [f"`{name}` is gone" for name in was if name not in now]
    found += [f"`{name}` is new, and callers do not send it" for name in now if name not in was]
    for name in (name for name in was if name in now):
        before, after = was[name], now[name]
        if before.kind != after.kind and after.kind == "integer":
            found.append(f"`{name}` was a {before.kind} and is now an {after.kind}")
        if before.unit != after.unit:
            found.append(f"`{name}` was in {before.unit or 'no unit'} and is now in {after.unit or 'no unit'}")
        if _higher(after.low, before.low) or _higher(before.high, after.high):
            found.append(f"`{name}` allowed {_range(before)} and now allows {_range(after)}")
        if after.choices and not set(before.choices or (None,)) <= set(after.choices):
            found.append(f"`{name}` allows fewer codes")
    return tuple(found)


def change_between(breaks: tuple[str, ...], *, same_answers: bool) -> str:
    """Name the kind of change.

    Parameters
    ----------
    breaks : tuple of str
        What `contract_breaks` found.
    same_answers : bool
        Whether every row gets the probability and the decision that it got before.

    Returns
    -------
    str
        ``"major"`` where the contract breaks, ``"minor"`` where only answers change (a model trained anew, another
        threshold), ``"patch"`` where nothing that a caller can see does.
    """
    if breaks:
        return "major"
    return "patch" if same_answers else "minor"


def _higher(one: float | None, other: float | None) -> bool:
    """Whether `one` exceeds `other`, with a little room for rounding in the file."""
    if one is None or other is None:
        return False
    return one > other + 1e-9 * max(1.0, abs(one), abs(other))


def _range(field: Field) -> str:
    return f"{field.low:g} to {field.high:g}"
