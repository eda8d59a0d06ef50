"""Text in columns, for a terminal; whatever is in it cannot write anywhere else on the screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import typer


def show(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print `rows` under `header`, each column as wide as its widest cell."""
    lines = [tuple(header), *(tuple(map(shown, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def points(value: float | None) -> str:
    """Points as text; a dash for no score."""
    return "-" if value is None else f"{value:g}"


def shown(text: str) -> str:
    """`text` on one line, with what cannot be seen written as escapes."""
    from workbench.grading.people.names import shown as safe

    return safe(text)
