r"""Markdown as nbconvert makes HTML of it, with its formulas as MathML: a browser can show them, and read them aloud.

nbconvert finds formulas and leaves them as LaTeX, for a script that our pages do not have. It also takes for one what
JupyterLab shows as text: a dollar amount and the dollar of a later `code span`, or two dollars with an empty line between.
These stay text here too.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

from jinja2 import pass_context
from latex2mathml.converter import convert
from mistune import InlineParser
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath, MathBlockParser, MathInlineParser

_MATH = MathInlineParser.SPECIFICATION.keys() - InlineParser.SPECIFICATION.keys()  # the rules for formulas
_NO_FORMULA = re.compile(r"`|\n[ \t]*\n")  # no formula holds a code span's end, or an empty line
# What the converter does not know it leaves as it is, or leaves out.
_COMMAND = re.compile(r">[^<]*\\[^<]*<")
_SPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'  # HTML knows it; in a heading nbconvert would write it as a prefix
_PARTS = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}


class FormulaError(ValueError):
    """LaTeX that cannot be made MathML."""


def mathml(formula: str, *, block: bool) -> str:
    """A formula as MathML.

    Parameters
    ----------
    formula : str
        LaTeX, without its delimiters.
    block : bool
        Whether it has lines of its own.

    Raises
    ------
    FormulaError
        When it is wrong, or has a command or an environment that is not known.
    """
    try:
        made = convert(formula, display="block" if block else "inline").replace(_SPACE, "", 1)
        tree = ElementTree.fromstring(made)  # noqa: S314 - of a formula of the course's own
    except Exception as error:  # the converter's have no class in common, and a wrong formula may raise any other
        raise FormulaError(formula.strip()) from error
    complete = all(len(part) == count for kind, count in _PARTS.items() for part in tree.iter(kind))
    known = not _COMMAND.search(made) and (r"\begin{" not in formula or "<mtable" in made)
    if not (complete and known and _balanced(formula)):
        raise FormulaError(formula.strip())
    return made


def _balanced(formula: str) -> bool:
    depth = 0
    for brace in re.findall(r"[{}]", re.sub(r"\\.", "", formula)):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


class _Renderer(IPythonRenderer):
    def block_math(self, body: str) -> str:
        return mathml(body, block=True)

    def inline_math(self, body: str) -> str:
        return mathml(body, block=False)

    def latex_environment(self, name: str, body: str) -> str:
        return mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", block=True)


class _Blocks(MathBlockParser):
    def parse_multiline_math(self, m: re.Match[str], state: Any) -> int:
        """Take a formula that begins a line; the dollars of any other may be those of code, which `_Spans` can tell."""
        before = state.src[: m.start()].rpartition("\n")[2]
        return 0 if before.strip() or _NO_FORMULA.search(m[0]) else super().parse_multiline_math(m, state)


class _Spans(MathInlineParser):
    def parse_method(self, m: re.Match[str], state: Any) -> int | None:
        """Take what a rule has found, unless it is a formula that can be none."""
        return None if m.lastgroup in _MATH and _NO_FORMULA.search(m[0]) else super().parse_method(m, state)


class Exporter(HTMLExporter):
    """nbconvert's, with that for Markdown."""

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Markdown as HTML; attachments are those of the cell that is rendered."""
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = _Renderer(escape=False, attachments=attachments, anchor_link_text=self.anchor_link_text)
        return MarkdownWithMath(renderer, block=_Blocks(), inline=_Spans(hard_wrap=False)).render(source)
