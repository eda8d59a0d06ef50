"""Pseudonyms: names that only the holder of a key can give, and what becomes of names that anybody can give.

A pseudonym takes the place of an identifier and stays the same for the same person, so that rows can still be counted and
joined. Whoever has the key, or can try candidates, gets back. So pseudonymised data are personal data all the same: the
law asks for less worry about them, and does not let go of them.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from lifecycle.govern.data.errors import GovernanceError
from lifecycle.govern.data.given import exact, need_columns, written

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Pseudonymiser", "dictionary_attack", "pseudonymise"]

_LEAST_KEY = 16
_DIGITS = range(8, 65)


class Pseudonymiser:
    """Give pseudonyms with a secret key: HMAC-SHA-256, cut to some hexadecimal digits.

    Parameters
    ----------
    key : bytes
        The secret, at least 16 bytes. It belongs elsewhere than the table.
    domain : str
        What the pseudonyms are for. The same person has unrelated pseudonyms in two domains, so tables given to two
        recipients cannot be joined.
    digits : int
        Length, 8 to 64. Of a million people, 16 digits confuse two with a chance of about 3 in 100 million.

    Notes
    -----
    Values are taken as text: ``7``, ``"7"`` and ``7.0`` (as columns with a missing value hold it) are one person. A missing
    value stays missing.
    """

    def __init__(self, key: bytes, *, domain: str, digits: int = 16) -> None:
        if len(key) < _LEAST_KEY:
            raise GovernanceError(
                f"a key of {len(key)} bytes can be guessed",
                where="Pseudonymiser",
                remedy="take 32 bytes from `secrets.token_bytes`, and keep them apart from the data",
            )
        if not domain:
            raise GovernanceError("the domain is empty", where="Pseudonymiser", remedy="name the table or the recipient")
        if digits not in _DIGITS:
            raise GovernanceError(f"{digits} digits", where="Pseudonymiser", remedy="8 to 64")
        # A key of its own for each domain: no text of one domain can be mistaken for a text of another.
        self._key = hmac.digest(key, b"domain:" + domain.encode(), "sha256")
        self._digits = digits

    def of(self, value: object) -> str:
        """Give the pseudonym of one value."""
        return hmac.new(self._key, written(value).encode(), sha256).hexdigest()[: self._digits]

    def column(self, values: pd.Series) -> pd.Series:
        """Give the pseudonyms of a column: same index and name, missing values as they were."""
        exact(values, where=f"pseudonyms of `{values.name}`")
        known = {value: self.of(value) for value in values.dropna().unique()}
        return values.map(known)


def pseudonymise(frame: pd.DataFrame, columns: Mapping[str, str], *, key: bytes) -> pd.DataFrame:
    """Put pseudonyms in the place of columns.

    Parameters
    ----------
    frame : DataFrame
        Left as it is; what is returned is a copy.
    columns : mapping of column to domain
        Columns that share a domain can be joined.
    key : bytes
        As for `Pseudonymiser`.

    Raises
    ------
    GovernanceError
        For a column that is not there.
    """
    need_columns(frame, columns, where="pseudonymise")
    return frame.assign(**{name: Pseudonymiser(key, domain=domain).column(frame[name]) for name, domain in columns.items()})


def dictionary_attack(
    pseudonyms: Iterable[str], candidates: Iterable[Any], function: Callable[[Any], str]
) -> dict[str, Any]:
    """Attack: try every candidate, and see whose pseudonym comes out.

    Parameters
    ----------
    pseudonyms : iterable of str
        What a released table holds.
    candidates : iterable
        All values that there can be: every telephone number, every date of birth, a list of customers.
    function : callable
        How the attacker believes that pseudonyms are made. For a plain hash they know; without the key of a keyed one
        they do not.

    Returns
    -------
    dict of pseudonym to value
        Those that were found.
    """
    wanted = set(pseudonyms)
    tried = ((function(candidate), candidate) for candidate in candidates)
    return {made: candidate for made, candidate in tried if made in wanted}
