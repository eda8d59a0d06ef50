"""``workbench check``: stored outputs against what the notebooks print now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from workbench.regress import Checked


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("check")(check)


def check(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="Notebooks, folders, or lessons by name or number; all lessons and solutions where none is named."
        ),
    ] = None,
    *,
    accept: Annotated[bool, typer.Option("--accept", help="Write the new outputs into the stored notebooks.")] = False,
    rtol: Annotated[
        float, typer.Option("--rtol", min=0, help="Relative tolerance of numbers; 0 with --atol 0 is exact.")
    ] = 1e-6,
    atol: Annotated[float, typer.Option("--atol", min=0, help="Absolute tolerance of numbers.")] = 1e-12,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Execute notebooks again and show each output that differs from the stored one.

    For each difference: notebook, cell, place, old value, new value, relative change. Numbers are compared within the
    tolerance, tables by row and column, figures by what can be seen. Cells tagged nbval-ignore-output are not compared.

    Exit codes: 0 the outputs are the same, or were accepted; 1 they differ, or a cell raises; 2 no such notebook or lesson.

    Example: workbench check 02 --rtol 1e-4
    """
    from workbench.regress import accept as accept_outputs
    from workbench.regress import check_notebooks

    checked = check_notebooks(paths or (), rtol=rtol, atol=atol, progress=None if as_json else _print)
    refused = {str(one.path): accept_outputs(one) for one in checked if accept and not one.same}
    if as_json:
        report = [
            one.to_json() | ({"refused": refused[str(one.path)]} if str(one.path) in refused else {}) for one in checked
        ]
        typer.echo(json.dumps({"same": all(one.same for one in checked), "notebooks": report}, indent=1))
    else:
        _conclude(checked, refused)
    unresolved = [one for one in checked if not one.same and refused.get(str(one.path), "differs")]
    raise typer.Exit(1 if unresolved else 0)


def _print(checked: Checked) -> None:
    verdict = "same" if checked.same else f"{len(checked.differences)} different"
    notes = [] if checked.stored else ["stores no outputs: executed only"]
    notes += [f"{checked.ignored} cells not compared"] if checked.ignored else []
    typer.echo(f"{verdict:>12}  {_shown(checked.path)}  {checked.seconds:.1f} s" + "".join(f"  ({note})" for note in notes))
    for difference in checked.differences:
        typer.echo(str(difference))


def _conclude(checked: list[Checked], refused: dict[str, str]) -> None:
    for path, why in refused.items():
        typer.echo(f"not accepted: {_shown(Path(path))}: {why}" if why else f"accepted: {_shown(Path(path))}")
    different = [one for one in checked if not one.same]
    typer.echo(f"{len(checked) - len(different)} notebooks the same, {len(different)} different")
    if different and not refused:
        typer.echo("where the new outputs are right: workbench check --accept", err=True)


def _shown(path: Path) -> str:
    full = path.resolve()
    return full.relative_to(Path.cwd()).as_posix() if full.is_relative_to(Path.cwd()) else str(path)
