"""The validation document: data, model and assumptions, validation, monitoring, with no number typed by hand.

The text is a template in which a digit is an error. Every figure comes from the facts of the run, so the document cannot
say what was true of last year's model.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from html import escape
from numbers import Real
from typing import Any, NamedTuple

from lifecycle.cases.errors import CaseError
from lifecycle.page import page
from lifecycle.show import Table, number

PLACE = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)*)(?::([^{}]*))?\}")
"""A place in the text for a fact: ``{data.rows}``, or ``{model.rate:.1%}`` with a format."""


class Section(NamedTuple):
    """A heading, its paragraphs, and the names of the tables under them."""

    title: str
    paragraphs: tuple[str, ...]
    tables: tuple[str, ...] = ()


SECTIONS = (
    Section(
        "Data",
        (
            "{data.rows} rows of {data.clients} clients, from {data.source} (SHA-256 {data.digest}). Months: {data.months}. "
            "Developed on the outcomes of {data.developed}, with half of the clients; the other half never took part.",
            "Bad means {data.bad}. {data.waiting}",
            "Who is in it: {data.population} Not in it, and so not judged: {data.absent}",
        ),
        ("data.rates",),
    ),
    Section(
        "Model and assumptions",
        (
            "A score is the sum of the points in the table, and {model.points} points mean {model.odds} good to one bad; "
            "{model.pdo} points more double these odds.",
            "Characteristics offered and not taken: {model.left_out}. Never used: {model.never}.",
            "Assumed: {model.assumed}",
        ),
        ("model.card", "model.meanings"),
    ),
    Section(
        "Validation",
        (
            "Clients who took no part in the development, month by month. A month fails where the Gini is more than "
            "{validation.allowed:.2f} below that of development ({validation.developed:.3f}), or the mean chance and the "
            "rate of bad are more than {validation.apart:.1%} apart.",
            "Independent rebuild, {validation.rebuilt}. Beside the card: {validation.rebuilt_rows} rows, "
            "{validation.rebuilt_differ} differ. Beside what production runs: {validation.production_rows} rows, "
            "{validation.production_differ} differ; suspected: {validation.production_suspects}.",
            "Verdict: {validation.verdict}",
        ),
        ("validation.months", "validation.segments"),
    ),
    Section(
        "Monitoring",
        (
            "The truth arrives {monitoring.delay}. Until then, {monitoring.watched} are watched, by segment: a stability "
            "index of {monitoring.watch} or more is looked into, of {monitoring.act} or more stops automatic refusals.",
            "As soon as outcomes are known, Gini and KS are taken again, for the same segments. "
            "Owner: {monitoring.owner}. Next review: {monitoring.review}.",
        ),
        ("monitoring.signals", "monitoring.segments"),
    ),
)

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a }
h2 { margin-top: 2rem; border-bottom: 1px solid #ccc }
table { border-collapse: collapse; margin: 1rem 0 } th, td { padding: .2rem .8rem .2rem 0; vertical-align: top }
caption { text-align: left; color: #555; padding-bottom: .3rem } p { overflow-wrap: anywhere }
"""


def risk_document(facts: Mapping[str, Any], *, title: str, sections: Sequence[Section] = SECTIONS) -> str:
    """The document as one HTML page.

    Parameters
    ----------
    facts : mapping
        By section: ``facts["data"]["rows"]`` fills ``{data.rows}``. A table is a list of dicts of equal keys.
    title : str
    sections : sequence of Section

    Raises
    ------
    CaseError
        When a section has a digit or a brace of its own, a fact is absent or empty, or a table is none.
    """
    body = []
    for section in sections:
        body.append(f"<h2>{escape(fill(section.title, facts, where=section.title))}</h2>")
        body += [f"<p>{escape(fill(text, facts, where=section.title))}</p>" for text in section.paragraphs]
        body += [_table(name, _fact(name, facts, section.title)) for name in section.tables]
    return page(title, "\n".join(body), style=_STYLE)


def fill(text: str, facts: Mapping[str, Any], *, where: str) -> str:
    """`text` with its facts in place; a digit outside of a place is refused, and a brace that makes none."""
    own = PLACE.sub("", text).replace("SHA-256", "")
    if odd := re.search(r"\S*[{}]\S*", own):
        raise CaseError(
            f"{odd.group()!r} is no place for a fact",
            where=f"credit_risk: {where}",
            remedy="write {section.name} in small letters, with a format after a colon if needed",
        )
    if typed := re.search(r"\S*\d\S*", own):
        raise CaseError(
            f"{typed.group()!r} is typed by hand",
            where=f"credit_risk: {where}",
            remedy="put it into the facts of the run, and its name into the text",
        )

    def put(match: re.Match[str]) -> str:
        value, form = _fact(match[1], facts, where), match[2]
        if form:
            try:
                return format(value, form)
            except (TypeError, ValueError) as error:
                raise CaseError(f"`{match[1]}` does not fit `{form}`: {error}", where=f"credit_risk: {where}") from error
        return number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)

    return PLACE.sub(put, text)


def _fact(name: str, facts: Mapping[str, Any], where: str) -> Any:
    found: Any = facts
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    odd = not isinstance(found, str | Real | list) or (isinstance(found, Real) and not math.isfinite(found))
    if odd or found in ("", []):
        raise CaseError(
            f"nothing is known of `{name}`: {found!r}",
            where=f"credit_risk: {where}",
            remedy="the document cannot be issued without it",
        )
    return found


def _table(name: str, rows: Any) -> str:
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise CaseError("a table should be a list of dicts", where=f"credit_risk: `{name}`")
    header = list(rows[0])
    if any(list(row) != header for row in rows):
        raise CaseError("the rows of a table should have the same keys", where=f"credit_risk: `{name}`")
    cells = [[_cell(row[key]) for key in header] for row in rows]
    right = [isinstance(rows[0][key], int | float) for key in header]
    return Table(header, cells, right, name.rsplit(".", maxsplit=1)[-1].replace("_", " "))._repr_html_()


def _cell(value: Any) -> str:
    return number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
