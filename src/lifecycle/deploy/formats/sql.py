"""Names in SQL."""

from __future__ import annotations

from lifecycle.deploy.formats.errors import FormatError


def quoted(name: str) -> str:
    """The name of a column or table in double quotes, as standard SQL has it: `limit` and `order` are words of the language.

    Raises
    ------
    FormatError
        For an empty name and one with characters that cannot be printed.
    """
    if not name or not name.isprintable():
        raise FormatError(f"{name!r} is no name of a column or table", where="SQL")
    return '"' + name.replace('"', '""') + '"'
