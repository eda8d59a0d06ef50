"""The profile of a table for a person: one HTML page that needs nothing beside it."""

from __future__ import annotations

import math
import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lifecycle import artifacts
from lifecycle.develop.exploration.association import p_text
from lifecycle.develop.exploration.drawing import percent, spread
from lifecycle.develop.exploration.reading import read_table
from lifecycle.develop.exploration.survey import Survey, survey
from lifecycle.errors import DataError
from lifecycle.show import number

if TYPE_CHECKING:
    import pandas as pd
    from jinja2 import Template
    from markupsafe import Markup

PICTURES = 6
"""Columns drawn large: those that separate the classes best."""


class Finding(NamedTuple):
    """One thing to look at first: how grave it is (``stop``, ``look``, ``fine``), what, and the section that tells more."""

    weight: str
    text: str
    section: str


def report(
    table: pd.DataFrame | Path | str,
    *,
    target: str,
    out: Path | str = "report.html",
    positive: object = None,
    title: str | None = None,
) -> Survey:
    """Profile a table and write the report.

    Parameters
    ----------
    table : DataFrame, Path or str
        The table, or a file that `read_table` can read.
    target : str
        A column with two values.
    out : Path or str
        The page to write; it replaces an older one. Its folder is made.
    positive : optional
        The value of the target that counts as 1; see `usable`.
    title : str, optional
        Name of the table in headings; the file's name where a file is given.

    Returns
    -------
    Survey
        What the page shows, as data.

    Raises
    ------
    DataError
        When the table or the target cannot be used, or the page cannot be written.
    """
    if isinstance(table, (str, Path)):
        frame, name = read_table(table, target=target), Path(table).name
    else:
        frame, name = table, "table"
    found = survey(frame, target=target, positive=positive, source=title or name)
    write(found, out)
    return found


def write(found: Survey, out: Path | str) -> Path:
    """Write the page of a survey; its path is returned. Errors as in `report`."""
    place = Path(out)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        artifacts.replace_file(place, page(found).encode("utf-8"))
    except OSError as error:
        raise DataError(f"the report cannot be written: {error.strerror}", where=str(place)) from error
    return place


def page(found: Survey) -> str:
    """The report as HTML text; whatever comes from the table is escaped."""
    best = [name for name in found.association["column"] if name in found.shapes][:PICTURES]
    return _template().render(
        found=found,
        findings=findings(found),
        facts=_rows(found.facts),
        association=_rows(found.association),
        pairs=_rows(found.pairs),
        small={name: spread(shape, title=f"{name} by class") for name, shape in found.shapes.items()},
        large={
            name: spread(found.shapes[name], title=f"{name} by class", width=260, height=110, ends=True) for name in best
        },
        missing=sorted((row for row in _rows(found.facts) if row["missing"]), key=lambda row: -row["missing"]),
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"number": _number, "share": percent, "p": _p, "code": _code}
    text = (
        resources.files("lifecycle.develop.exploration")
        .joinpath("templates", "profile_report.html")
        .read_text(encoding="utf-8")
    )
    return environment.from_string(text)


def findings(found: Survey) -> list[Finding]:
    """What to look at first, gravest first."""
    made = []
    if found.suspects:
        made.append(Finding("stop", _suspects(found), "leakage"))
    if found.duplicates:
        share = found.duplicates / found.rows
        rows = "1 row repeats" if found.duplicates == 1 else f"{found.duplicates:,} rows ({percent(share)}) repeat"
        made.append(Finding("look", f"{rows} an earlier one: drop them before the rows are split.", "duplicates"))
    if found.contradictions:
        rows = f"{found.contradictions:,} rows equal a row of the other class in every column"
        made.append(Finding("look", f"{rows}: no model can tell them apart.", "duplicates"))
    if found.prevalence < 0.1 or found.prevalence > 0.9:
        share = min(found.prevalence, 1 - found.prevalence)
        silent = f"always saying the other is right in {percent(1 - share)}, so do not judge by accuracy."
        made.append(Finding("look", f"the rarer class has {percent(share)} of the rows: {silent}", "target"))
    gaps = found.facts[found.facts["share_missing"] > 0.3]
    if len(gaps):
        made.append(Finding("look", f"more than 30 % is missing in {_columns(list(gaps['column']))}.", "missing"))
    if len(found.pairs):
        pairs = "1 pair of columns says" if len(found.pairs) == 1 else f"{len(found.pairs):,} pairs of columns say"
        made.append(Finding("look", f"{pairs} nearly the same (correlation above 0.8).", "correlated"))
    if found.left_out:
        verb = "is" if len(found.left_out) == 1 else "are"
        made.append(
            Finding("look", f"{_columns(list(found.left_out))} {verb} left out: there is nothing to learn from.", "notes")
        )
    read = [note for note in found.notes if note.column not in found.left_out]
    if read:
        made.append(
            Finding("look", f"{len(read):,} thing{'s' * (len(read) > 1)} to know about how the table was read.", "notes")
        )
    return made or [Finding("fine", "nothing stands out.", "columns")]


def _suspects(found: Survey) -> str:
    names = _columns([suspect.column for suspect in found.suspects])
    verb = "separates" if len(found.suspects) == 1 else "separate"
    return f"{names} {verb} the classes suspiciously well: was it known when the prediction is due?"


def _columns(names: list[str]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:5])
    return shown + (f" and {len(names) - 5:,} more columns" if names[5:] else "")


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _number(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "–" if _absent(value) else number(0 if abs(value) < 1e-12 else value)  # what rounding leaves of 0


def _p(value: Any) -> str:
    return "–" if _absent(value) else f"{value:.3f}" if value >= 0.001 else p_text(value)


def _code(text: str) -> Markup:
    """Text with what stands between backticks as code, escaped."""
    from markupsafe import Markup, escape

    return Markup(re.sub("`([^`]*)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just here


def _absent(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
