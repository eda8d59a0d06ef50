"""One notebook as HTML: nbconvert's own rendering, with formulas as MathML, links that lead to pages, headings by name."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

from workbench.errors import CourseError

_LINK = re.compile(r'href="([^"#:]+\.ipynb)(#[^"]*)?"')
_HEADING = re.compile(r'<h([1-6]) id="([^"]*)">(.*?)(?:<a class="anchor-link"[^>]*>.*?</a>)?</h\1>', re.DOTALL)
_CODE = re.compile(r'(<div class="highlight[^"]*">)<pre>')
_OUTPUT = re.compile(r'(<div class="output_subarea[^"]*">\s*)<pre>')
_FORMULA = re.compile(r'<math\b[^>]*display="block"(?:(?!</math>).)*</math>', re.DOTALL)
_TABLE = re.compile(r"<table(?:(?!</table>).)*</table>", re.DOTALL)
_REGIONS = (
    (_CODE, "Code", "\\1<pre {}>", ""),
    (_OUTPUT, "Output", "\\1<pre {}>", ""),
    (_TABLE, "Table", '<div class="scroll" {}>\\g<0>', "</div>"),
    (_FORMULA, "Formula", '<span class="scroll" {}>\\g<0>', "</span>"),  # it stands in a paragraph
)
_CORNER = re.compile(r"<th([^>]*)></th>")  # of a table: it names nothing
_TAG = re.compile(r"<[^>]+>")
_PICTURES = ("image/png", "image/jpeg")  # those that nbconvert takes a text for from the notebook


@dataclass(frozen=True)
class Section:
    """What stands below one heading.

    Attributes
    ----------
    anchor : str
        Its place on the page.
    title, text : str
        Plain text.
    level : int
        1 for the page's title.
    """

    anchor: str
    title: str
    level: int
    text: str


@dataclass(frozen=True)
class Rendered:
    """A notebook as HTML without a frame, and its sections: what comes before the first heading is in none."""

    html: str
    sections: tuple[Section, ...]


def render(path: Path, *, target: Callable[[str], str]) -> Rendered:
    """Render a built notebook.

    Parameters
    ----------
    path : Path
        The notebook. It is the course's own: what its outputs hold as HTML is put on the page as it is.
    target : callable
        Gives the link that takes the place of one to a notebook.

    Raises
    ------
    CourseError
        For a formula that cannot be made MathML.
    """
    from workbench.notebooks import nbformat
    from workbench.site.formulas import FormulaError

    notebook = nbformat.read(path, as_version=4)
    _name_figures(notebook)
    try:
        html, _ = _exporter().from_notebook_node(notebook)
    except FormulaError as error:
        remedy = "write it otherwise in the master, and build the notebook anew"
        raise CourseError(f"a formula cannot be shown: {error}", where=str(path), remedy=remedy) from error
    html = _LINK.sub(lambda found: f'href="{target(found[1])}{found[2] or ""}"', html)
    anchors: dict[str, int] = {}
    html = _HEADING.sub(lambda found: _heading(found, anchors), html)
    # What is wider than the page scrolls by itself, and whoever has no mouse must be able to reach it.
    html = _CORNER.sub(r"<td\1></td>", html)
    for pattern, label, opened, closed in _REGIONS:
        html = pattern.sub(_region(label, opened, closed), html)
    return Rendered(html, tuple(_sections(html)))


@cache
def _exporter() -> Any:
    """One for all pages: it reads its templates anew otherwise."""
    from workbench.site.formulas import Exporter

    made: Any = Exporter(  # type: ignore[no-untyped-call]
        template_name="basic", exclude_input_prompt=True, exclude_output_prompt=True
    )
    # Half of the time goes into cleaning what the highlighter has just written itself, from notebooks of our own.
    made.register_filter("clean_html", lambda html: html)
    return made


def _region(label: str, opened: str, closed: str) -> Callable[[re.Match[str]], str]:
    number = itertools.count(1)

    def made(found: re.Match[str]) -> str:
        return found.expand(opened.format(f'tabindex="0" role="region" aria-label="{label} {next(number)}"')) + closed

    return made


def _name_figures(notebook: Any) -> None:
    """Give each picture that says nothing of itself a text: where it stands."""
    from nbconvert.filters import get_metadata  # as nbconvert looks for one

    heading, number = "", 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            found = re.findall(r"^#+ +(.+)$", cell.source, re.MULTILINE)
            heading = found[-1] if found else heading
        for output in cell.get("outputs", ()):
            kinds = [kind for kind in _PICTURES if kind in output.get("data", {})]
            number += bool(kinds)
            for kind in kinds:
                if not any(get_metadata(one, "alt", kind) for one in (output, cell)):  # type: ignore[no-untyped-call]
                    output.metadata.setdefault(kind, {})["alt"] = f"Figure {number}: {heading}"


def _heading(found: re.Match[str], anchors: dict[str, int]) -> str:
    level, name, title = found[1], unescape(found[2]), found[3]
    plain = re.sub(r"[^\w]+", "-", unescape(_TAG.sub("", title))).strip("-").lower() or name
    anchors[plain] = anchors.get(plain, 0) + 1
    anchor = plain if anchors[plain] == 1 else f"{plain}-{anchors[plain]}"
    return f'<h{level} id="{anchor}"><a class="anchor" href="#{anchor}">{title}</a></h{level}>'


_ANCHORED = re.compile(r'<h([1-6]) id="([^"]*)"><a class="anchor" href="[^"]*">(.*?)</a></h\1>', re.DOTALL)
_SILENT = re.compile(r"<(script|style)\b.*?</\1>|<!--.*?-->|<div class=\"wbq\".*", re.DOTALL)


def _sections(html: str) -> list[Section]:
    parts = _ANCHORED.split(html)
    sections = []
    for place in range(1, len(parts), 4):
        level, anchor, title, below = parts[place : place + 4]
        sections.append(Section(anchor, _plain(title), int(level), _plain(below)))
    return sections


def _plain(html: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", _SILENT.sub(" ", html))).split())
