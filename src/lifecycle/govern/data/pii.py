"""Personal data found in a table, by the names of its columns and by what stands in its cells.

A name can lie and a value can be a coincidence, so both are asked: `order_no` holds sixteen digits of which one in ten has
the check digit of a payment card, and a column `field_7` holds nothing but e-mail addresses. No rule finds everything: a
table in which nothing was found is not therefore free of personal data, and what is personal depends on what else is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lifecycle.govern.data.errors import GovernanceError
from lifecycle.govern.data.given import need_columns
from lifecycle.govern.data.pii_kinds import KINDS, SOMETHING_ELSE, PiiKind, PiiMatch

if TYPE_CHECKING:
    import pandas as pd

Certainty = Literal["high", "medium", "low"]

PII_KINDS: tuple[str, ...] = tuple(kind.name for kind in KINDS)
"""What is looked for."""

ADOPTED = 0.2
"""Where this share of a column's cells are of one kind, the others of a like shape are taken for that kind too."""
MOSTLY = 0.9
"""Share of a column's cells that must be dates for it to be suspected of holding dates of birth."""
SHORTEST_CARD = 13
"""Fewest digits of numbers that are looked at in a column whose name says nothing."""
BIRTHS = 25
"""Dates of birth spread widely: years between the 10th and the 90th percentile from which dates are suspected of it."""


@dataclass(frozen=True)
class _Found:
    """What one column holds of one kind."""

    kind: str
    matches: dict[str, list[str]]  # the text of a cell: what was found in it
    evidence: str
    certainty: Certainty


def find_pii(frame: pd.DataFrame) -> pd.DataFrame:
    """Say which columns hold which kinds of personal data.

    Parameters
    ----------
    frame : DataFrame
        Any table; values of any type are read as text.

    Returns
    -------
    DataFrame
        One row a column and kind, in the order of the columns: `column`; `kind`, of `PII_KINDS`; `share` of the cells that
        are not missing in which it was found; `evidence`: ``name`` of the column, ``values``, or ``name and values``;
        `certainty`: ``high`` where the name agrees with the values or a check digit does, ``medium`` where the form alone
        says so, ``low`` where the name does and nothing in the cells, or dates merely spread as dates of birth do.

    Raises
    ------
    GovernanceError
        When two columns have one name.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"field_7": ["ana@example.org", "li@example.org"], "version": ["10.2.0.1", "10.2.0.2"]})
    >>> find_pii(frame).to_dict("records")
    [{'column': 'field_7', 'kind': 'email', 'share': 1.0, 'evidence': 'values', 'certainty': 'medium'}]
    """
    import pandas as pd

    rows = []
    for column, texts in _columns(frame):
        known = int(texts.notna().sum())
        for found in _look(column, texts):
            share = float(texts.isin(list(found.matches)).sum()) / known
            rows.append((column, found.kind, share, found.evidence, found.certainty))
    return pd.DataFrame(rows, columns=["column", "kind", "share", "evidence", "certainty"])


def pii_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Every piece of personal data with its place.

    Returns
    -------
    DataFrame
        `row` (position, from 0), `column`, `kind`, `text`; a cell that holds several has several rows.
    """
    import pandas as pd

    rows: list[tuple[int, str, str, str]] = []
    for column, texts in _columns(frame):
        for found in _look(column, texts):
            for row, text in enumerate(texts):
                rows.extend((row, column, found.kind, piece) for piece in found.matches.get(text, ()))
    return pd.DataFrame(rows, columns=["row", "column", "kind", "text"])


def pii_in_text(text: str) -> list[PiiMatch]:
    """Personal data within one text, from left to right; no two overlap.

    Examples
    --------
    >>> [(match.kind, match.text) for match in pii_in_text("Write to ana@example.org, order 4111111111111111.")]
    [('email', 'ana@example.org')]
    """
    taken: list[PiiMatch] = []
    for kind in KINDS:
        for match in kind.find(text):
            if all(match.end <= other.start or other.end <= match.start for other in taken):
                taken.append(match)
    return sorted(taken, key=lambda match: match.start)


def redact(text: str) -> str:
    """The text with each piece of personal data that was found replaced by its kind, as ``[email]``."""
    for match in reversed(pii_in_text(text)):
        text = f"{text[: match.start]}[{match.kind}]{text[match.end :]}"
    return text


def score_pii(found: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Precision and recall of what was found, by kind and in all.

    Parameters
    ----------
    found, truth : DataFrame
        With a column `kind`, and the same others that say where: `row` and `column` (cells), or `column` alone. A place
        and kind that is named twice counts once.

    Returns
    -------
    DataFrame
        `kind` (``all`` last), `true`, `found`, `right` (counts), `precision`, `recall`; nan where nothing was found, or
        nothing was there.
    """
    import pandas as pd

    place = [name for name in ("row", "column", "kind") if name in truth.columns and name in found.columns]
    there, said = truth[place].drop_duplicates(), found[place].drop_duplicates()
    both = there.merge(said, on=place)
    table = pd.DataFrame({"true": there["kind"].value_counts(), "found": said["kind"].value_counts(),
                          "right": both["kind"].value_counts()}).fillna(0).astype(int)  # fmt: skip
    table = table.reindex([kind for kind in PII_KINDS if kind in table.index])
    table.loc["all"] = table.sum()
    table["precision"] = table["right"] / table["found"].where(table["found"] > 0)
    table["recall"] = table["right"] / table["true"].where(table["true"] > 0)
    return table.rename_axis("kind").reset_index()


def _columns(frame: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    """The columns as text, missing values as None; flags and plain numbers are passed by."""
    import pandas as pd

    need_columns(frame, (), where="personal data")
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise GovernanceError("two columns have one name", where=f"column `{twice}`", remedy="rename one of them")
    for place, name in enumerate(names):
        column = frame.iloc[:, place]
        if not column.notna().any() or _plain_numbers(name, column):
            continue
        text = _text_of(column).astype(object).where(column.notna(), None)
        text = text.where(text != "", None)
        if not set(text.dropna()) <= {"0", "1", "-1"}:
            yield name, pd.Series(text.to_numpy(), dtype=object)


def _plain_numbers(name: str, column: pd.Series) -> bool:
    """Whether a column holds truth values, or numbers that nothing says are personal: neither its name nor their length."""
    from pandas.api import types

    if types.is_bool_dtype(column):
        return True
    if not types.is_numeric_dtype(column):
        return False
    hinted = any(_words_of(name) & kind.words for kind in KINDS)
    return not hinted and not (float(column.abs().max()) >= 10 ** (SHORTEST_CARD - 1) and _whole(column))


def _whole(column: pd.Series) -> bool:
    return bool((column.dropna() % 1 == 0).all())


def _text_of(column: pd.Series) -> pd.Series:
    from pandas.api import types

    if types.is_datetime64_any_dtype(column):
        return column.dt.strftime("%Y-%m-%d")
    if types.is_float_dtype(column):
        write = (lambda value: str(int(value))) if _whole(column) else (lambda value: repr(float(value)))
        return column.map(write, na_action="ignore")
    return column.astype(object).map(lambda value: str(value).strip(), na_action="ignore")


def _look(column: str, texts: pd.Series) -> list[_Found]:
    """What one column holds, kind by kind."""
    counts = texts.value_counts()
    words = _words_of(column)
    other = bool(words & SOMETHING_ELSE)
    within = {text: pii_in_text(text) for text in counts.index}
    found = [_of_kind(kind, within, counts, hinted=bool(words & kind.words), other=other) for kind in KINDS]
    if not other and not any(one and one.kind == "birth date" for one in found):
        found.append(_births(texts))
    known = [one for one in found if one]
    return [one for one in known if one.matches] or known  # a name such as `remote_addr` can hint at two kinds


def _of_kind(
    kind: PiiKind, within: dict[str, list[PiiMatch]], counts: pd.Series, *, hinted: bool, other: bool
) -> _Found | None:
    """One kind in one column, whose name may say so (`hinted`), or that it holds something else (`other`)."""
    if other and kind.name == "name":
        return None
    pieces = {text: [match.text for match in matches if match.kind == kind.name] for text, matches in within.items()}
    pieces = {text: parts for text, parts in pieces.items() if parts}
    if not hinted:
        pieces = _doubted(kind, pieces, counts, other=other)
    filled = sum(int(counts[text]) for text, parts in pieces.items() if parts[0] == text)
    adopted = filled >= ADOPTED * counts.sum()
    if hinted or adopted:
        free = [text for text in counts.index if text not in pieces and not within[text]]
        pieces |= {text: [text] for text in free if kind.fills(text)}
    if not pieces:
        return _Found(kind.name, {}, "name", "low") if hinted and not other else None
    if hinted:
        sure = adopted or not (kind.checked or kind.name == "name")  # any word looks like a name where a column says so
        return _Found(kind.name, pieces, "name and values", "high" if sure else "medium")
    return _Found(kind.name, pieces, "values", "high" if kind.checked else "medium")


def _doubted(kind: PiiKind, pieces: dict[str, list[str]], counts: pd.Series, *, other: bool) -> dict[str, list[str]]:
    """What is left when coincidences are taken away: cells that are nothing but a number, in a column of such numbers."""
    whole = {text for text, parts in pieces.items() if parts == [text]}
    if not whole or not _coincidence(kind, whole, counts, other=other):
        return pieces
    return {text: parts for text, parts in pieces.items() if text not in whole}


def _coincidence(kind: PiiKind, whole: set[str], counts: pd.Series, *, other: bool) -> bool:
    """Whether cells that look like this kind as a whole do so by chance, seen beside the column's others."""
    if other and (kind.after or kind.checked):
        return True
    if kind.checked:  # most of what is typed has the right check digit, and one in ten or fewer of other numbers
        return len(whole) < sum(kind.within.fullmatch(text) is not None for text in counts.index) / 2
    if kind.name == "ip address":  # versions have small numbers throughout
        small = sum(max(map(int, re.findall(r"\d+", text))) < 32 for text in whole if ":" not in text)
        return small > 0.9 * len(whole)
    return kind.name == "name" and sum(int(counts[text]) for text in whole) < ADOPTED * counts.sum()


def _births(texts: pd.Series) -> _Found | None:
    """Dates that spread as dates of birth do."""
    import pandas as pd

    known = texts.dropna()
    years = pd.to_numeric(known.str.extract(r"^((?:19|20)\d\d)-\d\d-\d\d$")[0]).dropna()
    if len(years) < MOSTLY * len(known) or years.quantile(0.9) - years.quantile(0.1) < BIRTHS:
        return None
    dates = (text for text in known.unique() if re.fullmatch(r"[\d./-]{8,10}", text))
    return _Found("birth date", {text: [text] for text in dates}, "values", "low")


def _words_of(column: str) -> frozenset[str]:
    """The words in a column's name, and the name as a whole: `billingZip`, `billing_zip` and `Billing ZIP` say `zip`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column)
    words = [word for word in re.split(r"[\W_]+", spaced.casefold()) if word]
    return frozenset([*words, "_".join(words), "".join(words)])
