"""``workbench review``: answers in words are read by people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from workbench.grading.review.desk import GradebookDesk


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("review")(review)


def review(
    share: Annotated[Path | None, typer.Argument(help="A file with your share of the answers, made by --assign.")] = None,
    *,
    gradebook: Annotated[str, typer.Option("--gradebook", help="Path or URL of the gradebook.")] = "",
    exercise: Annotated[list[str] | None, typer.Option("--exercise", help="Only this exercise; may be repeated.")] = None,
    reviewer: Annotated[str, typer.Option("--reviewer", help="Who reads; by default the name of your account.")] = "",
    assign: Annotated[
        list[str] | None,
        typer.Option("--assign", help="NAME=PARTS: write a file with so many parts of the unread answers; repeat it."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Where --assign writes its files.")] = Path(),
    merge: Annotated[
        list[Path] | None, typer.Option("--merge", help="Write the marks in this file into the gradebook; repeat it.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="With --merge: also where somebody else has marked the same answer.")
    ] = False,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Where to listen; 0 for a free port.")] = 0,
) -> None:
    """Read answers in words and mark them by their rubric, on a page for this machine alone.

    Answers come question by question, without names, and every mark is saved as it is given. The page shows its keys. End
    it with Ctrl-C.

    Exit codes: 0 done; 1 files could not be merged as a whole; 2 a wrong request.

    Example: workbench review --gradebook grades.sqlite --assign anna=2 --assign ben=1 --out shares
    """
    from workbench.grading.review.assignment import FileDesk
    from workbench.grading.review.server import serve

    if (share is None) == (not gradebook):
        raise typer.BadParameter("name a gradebook (--gradebook), or a file that --assign has made")
    if share is not None:
        if assign or merge:
            raise typer.BadParameter("--assign and --merge need --gradebook")
        with FileDesk(share) as desk:
            serve(desk, port=port, browser=browser, on_address=_open_at)
        return
    if merge:
        raise typer.Exit(_merged(gradebook, merge, replace=replace))
    at = _desk(gradebook, reviewer, exercise or [])
    if assign:
        _assigned(at, assign, out)
    else:
        serve(at, port=port, browser=browser, on_address=_open_at)


def _desk(gradebook: str, reviewer: str, exercises: list[str]) -> GradebookDesk:
    from workbench.course import Course
    from workbench.errors import CourseError
    from workbench.grading.review import prompts
    from workbench.grading.review.desk import GradebookDesk

    try:
        known = prompts.of_course(Course.find())
    except CourseError:  # the gradebook is enough to read; only what was asked cannot be shown
        typer.echo("no course here: the page shows no question and no author's answer", err=True)
        known = {}
    return GradebookDesk(gradebook, reviewer=reviewer or _account(), lessons=exercises, prompts=known)


def _account() -> str:
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError):  # an account without a name, as in a container
        return "instructor"


def _assigned(desk: GradebookDesk, assign: list[str], out: Path) -> None:
    from workbench.grading.review.assignment import Share
    from workbench.grading.review.assignment import assign as write

    shares = {}
    for text in assign:
        name, equals, parts = text.partition("=")
        if not equals or not parts.isdecimal() or name in shares:
            raise typer.BadParameter(f"`{text}` is not NAME=PARTS, each name once", param_hint="--assign")
        shares[name] = int(parts)
    for path in write(desk, shares, out):
        typer.echo(f"{path}: {len(Share.load(path).papers)} answers; to be read with: workbench review {path.name}")


def _merged(gradebook: str, paths: list[Path], *, replace: bool) -> int:
    from workbench.grading.review.assignment import merge

    report = merge(gradebook, paths, replace=replace)
    typer.echo(f"{report.merged} answers merged, {report.unchanged} there already, {report.unread} not read to the end")
    for text in (*report.conflicts, *report.problems):
        typer.echo(f"not merged: {text}", err=True)
    return 0 if report.ok else 1


def _open_at(address: str) -> None:
    typer.echo(f"open {address}\nCtrl-C ends it; every mark is saved as it is given")
