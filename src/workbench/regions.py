"""Solution regions: what stands between ``### BEGIN SOLUTION`` and ``### END SOLUTION`` is the author's alone.

A text cell that is answered in words holds its model answer in such a region too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench import syntax
from workbench.errors import MasterError

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
ANSWER = "# Your answer here"
WORDS = "*Your answer here: double-click this text, write in its place, and press Shift+Enter.*"
_MARKDOWN = "# %% [markdown]"
_TAG = "question:"


def stub(source: str, *, where: str = "") -> str:
    """`source` with each solution replaced by a comment that asks for an answer, at the region's indentation.

    A body left empty by that (``def f(x):`` with nothing but the solution) gets ``...``, so that the stub is still Python.

    Raises
    ------
    MasterError
        For a nested or unclosed region, or an end without a beginning; `where` and the line are named.
    """
    kept: list[str] = []
    indent = ""
    for kind, line in _lines(source, where):
        if kind == "begin":
            indent = line[: len(line) - len(line.lstrip())]
            kept.append(f"{indent}{ANSWER}")
        elif kind == "end" and _wants_a_body(kept):
            kept.append(f"{indent}...")
        elif kind == "code":
            kept.append(line)
    return "\n".join(kept)


def stub_words(source: str, *, where: str = "") -> str:
    """The same for a text cell: each model answer is replaced by a line that asks for one.

    Raises
    ------
    MasterError
        As `stub` does.
    """
    kept = (WORDS if kind == "begin" else line for kind, line in _lines(source, where) if kind in ("begin", "code"))
    return "\n".join(kept)


def own_words(source: str, handed_out: str) -> str:
    """What a student wrote into a text cell; empty where it is still as it was handed out.

    The line that asks for the answer is left out; whatever else was handed out (a form to fill in) stays around the answer.
    """
    if source.split() == handed_out.split():
        return ""
    return "\n".join(line for line in source.splitlines() if line.strip() != WORDS).strip()


def solution(source: str, *, where: str = "") -> str:
    """`source` without the markers of its regions.

    Raises
    ------
    MasterError
        As `stub` does.
    """
    return "\n".join(line for kind, line in _lines(source, where) if kind in ("code", "solution"))


def verify(text: str, *, where: str) -> None:
    """Read a whole master for its regions' sake, so that an error names the line of the master.

    Raises
    ------
    MasterError
        As `stub` does; a region that reaches into the next cell is not closed either.
    """
    for _ in _lines("\n".join(_uncommented(text)), where):
        pass


def question_of(cell: Any) -> str | None:
    """The slug of the question that this cell answers, from its tag ``question:SLUG``; None for any other cell."""
    for tag in cell["metadata"].get("tags", ()):
        if tag.startswith(_TAG):
            return str(tag[len(_TAG) :])
    return None


def _uncommented(text: str) -> Iterator[str]:
    """The lines of a master, those of its text cells as they stand in the cell."""
    in_words = False
    for line in text.split("\n"):
        if line.startswith("# %%"):
            in_words = line.startswith(_MARKDOWN)
            yield line
        else:
            yield line.removeprefix("#").removeprefix(" ") if in_words else line


def _lines(source: str, where: str) -> Iterator[tuple[str, str]]:
    """Each line with what it is: ``begin``, ``end``, ``solution`` (inside a region) or ``code``."""
    opened = 0
    for number, line in enumerate(source.split("\n"), 1):
        place = f"{where}: line {number}" if where else f"line {number}"
        marker = line.strip()
        if opened and line.startswith("# %%"):
            break
        if marker == BEGIN:
            if opened:
                raise MasterError(f"a solution begins inside the one of line {opened}", where=place)
            opened = number
            yield "begin", line
        elif marker == END:
            if not opened:
                raise MasterError(f"`{END}` without `{BEGIN}`", where=place)
            opened = 0
            yield "end", line
        elif marker.upper().lstrip("# ") in ("BEGIN SOLUTION", "END SOLUTION"):
            raise MasterError(f"write `{BEGIN}` and `{END}` exactly, not `{marker}`", where=place)
        else:
            yield ("solution" if opened else "code"), line
    if opened:
        place = f"{where}: line {opened}" if where else f"line {opened}"
        raise MasterError(f"`{BEGIN}` is never closed", where=place, remedy=f"add `{END}` after the solution")


def _wants_a_body(kept: list[str]) -> bool:
    """Whether a block (``def f(x):``) stands open, with nothing but the comment just written as its body."""
    try:
        syntax.tree("\n".join(kept))
    except IndentationError as error:
        return error.msg.startswith("expected an indented block")
    except SyntaxError:
        return False
    return False
