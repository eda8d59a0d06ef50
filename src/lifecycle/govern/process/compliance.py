"""Laws that a card names: whether they exist, as far as our own list knows."""

from __future__ import annotations

from collections.abc import Iterable

from lifecycle.govern.data.law import laws
from lifecycle.govern.process.given import names as names_of


def unknown_laws(names: Iterable[str]) -> list[str]:
    """Those of `names` that are no law on the list in ``law.toml``.

    A name is known when it is the title of a law, whole words of its beginning, or its key, in any case of letters.
    That a law exists
    does not say that it reaches the case, and a list of ours is not complete: what is returned has to be looked up by a
    person.

    Examples
    --------
    >>> unknown_laws(["Equal Credit Opportunity Act", "GDPR", "Fair Lending Act"])
    ['Fair Lending Act']
    """
    known = [text.casefold() for each in laws() for text in (each["key"].replace("_", " "), each["title"])]
    return [name for name in names_of(names, where="laws") if not _is_known(name.casefold().strip(), known)]


def _is_known(name: str, known: list[str]) -> bool:
    """Whether a law is called so, or begins with these words."""
    return bool(name) and any(text.startswith(name) and not text[len(name) :][:1].isalnum() for text in known)
