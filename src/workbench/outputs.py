"""What a built notebook must not show: anything that differs from one machine or day to the next, or that warns.

Each rule reads one output and returns the offending text. `findings` applies the rules to a notebook; the build refuses to
publish one that has any.
"""

from __future__ import annotations

import base64
import copy
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.course import Course

PNG_BYTES = 120 * 1024
NOTEBOOK_BYTES = 700 * 1024
SIGNIFICANT_DIGITS = 4

_PATTERNS = {
    "warning": re.compile(r"\b(?:[A-Z]\w*Warning|WARNING):.*|\bwarnings\.warn\(.*"),
    "path": re.compile(
        r"(?<![\w.:/~-])(?:file://)?/(?:home|root|tmp|Users|private|workspace|var/folders|opt/conda)/[^\s'\"<>)]*"
        r"|\b[A-Za-z]:\\{1,2}(?:Users|Temp|Windows)\b[^\s'\"<>)]*"
        r"|\S*/(?:site|dist)-packages/\S*"
    ),
    "address": re.compile(r"<[^<>\n]* at 0x[0-9a-fA-F]+[^<>\n]*>|\bat 0x[0-9a-fA-F]{6,}"),
    "uuid": re.compile(r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"),
    # A clock gives odd seconds; a time that an author wrote down as an example is a whole minute.
    "timestamp": re.compile(
        r"\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:(?!00(?![\d.])|00\.0+\b)\d{2}(?:\.\d+)?"
        r"|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:\d{1,2} [A-Z][a-z]{2} \d{4}|[A-Z][a-z]{2} [ \d]\d) \d{2}:\d{2}:\d{2}"
    ),
}
_REMEDIES = {
    "stderr": "mend the cause, or route the library's log through the course's own helper",
    "warning": "mend the cause of the warning",
    "error": "catch a failure that the lesson wants to show, and print it",
    "path": "print the path relative to the course, or its name alone",
    "address": "print what the object holds, not its repr",
    "uuid": "leave it out, or derive it from the seed",
    "timestamp": "leave it out; a time given as an example is a whole minute",
    "widget": "show text or HTML while a notebook is built: a widget has a random name, and is dead in a stored notebook",
    "digits": f"print at most {SIGNIFICANT_DIGITS} significant digits",
    "size": f"figures stay below {PNG_BYTES // 1024} KB and a notebook below {NOTEBOOK_BYTES // 1024} KB",
}
_TAG = re.compile(r"<(?:style|script)\b.*?</(?:style|script)>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_DECIMAL = re.compile(
    r"(?<![\w./#])(?<!\d[,:-])[-+−]?(\d{1,3}(?:,\d{3})+|\d+)\.(\d+)(?:e[-+]?\d+)?(?!\.?\w)(?![-/:]\d)", re.IGNORECASE
)


@dataclass(frozen=True)
class Finding:
    """One thing that must not be published.

    Attributes
    ----------
    notebook, cell : str
        The notebook's path in the course and the cell's id (empty for the notebook as a whole).
    rule : str
        ``stderr``, ``warning``, ``error``, ``path``, ``address``, ``uuid``, ``timestamp``, ``widget``, ``digits``
        or ``size``.
    text : str
        What was found, shortened.
    """

    notebook: str
    cell: str
    rule: str
    text: str

    def __str__(self) -> str:
        place = f"{self.notebook}: cell {self.cell}" if self.cell else self.notebook
        return f"{place}: {self.rule}: {self.text}\n  next:  {_REMEDIES[self.rule]}"


def findings(nb: Any, *, notebook: str, course: Course | None = None, digits: bool = True) -> list[Finding]:
    """Everything in the outputs of `nb` that must not be published.

    Parameters
    ----------
    nb : nbformat.NotebookNode
        An executed notebook.
    notebook : str
        Its name, for the findings.
    course : Course, optional
        Its folder is refused in outputs, beside the home folder and the temporary one.
    digits : bool
        Whether floats with more than four significant digits are findings too.
    """
    folders = _folders(course)
    found = []
    for cell in nb["cells"]:
        for output in cell.get("outputs", ()):
            for rule, text in _of_output(output, folders, digits):
                found.append(Finding(notebook, cell["id"], rule, _short(text)))
    return list(dict.fromkeys(found))


def too_large(text: str, *, notebook: str) -> list[Finding]:
    """A finding when the notebook's file is over 700 KB; `text` is the file as it would be written."""
    size = len(text.encode("utf-8"))
    return [Finding(notebook, "", "size", f"{size // 1024} KB")] if size > NOTEBOOK_BYTES else []


def long_numbers(text: str) -> list[str]:
    """The decimal fractions in `text` that have more than four significant digits.

    Whole numbers are counts and pass; so do zeros that end a fraction, versions (``3.11.2``), digits in words, and dates.

    Examples
    --------
    >>> long_numbers("0.123456 of 284,807 rows with numpy 2.4.1")
    ['0.123456']
    """
    return [match.group() for match in _DECIMAL.finditer(text) if _significant(match) > SIGNIFICANT_DIGITS]


def _significant(match: re.Match[str]) -> int:
    whole, fraction = match.group(1), match.group(2).rstrip("0")
    return len((whole.replace(",", "") + fraction).lstrip("0")) if fraction else 0


def _of_output(output: Any, folders: list[str], digits: bool) -> Iterator[tuple[str, str]]:
    kind = output["output_type"]
    if kind == "error":
        yield "error", f"{output['ename']}: {output['evalue']}"
        return
    if kind == "stream" and output["name"] == "stderr":
        yield "stderr", output["text"]
        return
    data = {"text/plain": output["text"]} if kind == "stream" else output.get("data", {})
    for mime, value in data.items():
        if "widget" in mime:
            yield "widget", mime
        if mime == "image/png":
            size = len(base64.b64decode(value))
            if size > PNG_BYTES:
                yield "size", f"a figure of {size // 1024} KB"
        elif isinstance(value, str) and (mime.startswith("text/") or mime == "image/svg+xml"):
            text = _TAG.sub(" ", value) if mime in ("text/html", "image/svg+xml") else value
            yield from _of_text(text, folders)
    if digits and isinstance(data.get("text/plain"), str):
        yield from (("digits", number) for number in long_numbers(data["text/plain"]))


def _of_text(text: str, folders: list[str]) -> Iterator[tuple[str, str]]:
    for rule, pattern in _PATTERNS.items():
        for match in pattern.finditer(text):
            yield rule, match.group()
    for folder in folders:
        start = text.find(folder)
        if start >= 0:
            yield "path", text[start:].split(maxsplit=1)[0]


def _folders(course: Course | None) -> list[str]:
    """The folders of this machine, as text; ones too short to tell from ordinary text are left to the patterns."""
    own = [Path.home(), Path(tempfile.gettempdir()), *([course.root] if course else [])]
    return sorted({str(folder) + end for folder in own if len(folder.parts) > 2 for end in ("/", "\\")})


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else line[:157] + "..."


def joined(pieces: Iterable[Any]) -> list[Any]:
    """Outputs of a cell with the pieces of a stream that follow each other put together: where they were cut is chance."""
    whole: list[Any] = []
    for piece in map(copy.deepcopy, pieces):
        last = whole[-1] if whole else None
        if last and piece["output_type"] == last["output_type"] == "stream" and piece["name"] == last["name"]:
            last["text"] += piece["text"]
        else:
            whole.append(piece)
    return whole
