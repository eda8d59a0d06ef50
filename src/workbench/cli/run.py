"""``workbench run``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.course import Course
from workbench.errors import ParameterError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from rich.progress import TaskID

    from workbench.record import LessonReport, RunReport
    from workbench.run import Progress

_WORDS = {"run": "run", "cached": "cached", "failed": "FAILED", "skipped": "skipped", "running": "running"}
_COLOURS = {"run": "green", "cached": "cyan", "failed": "bold red", "skipped": "yellow", "running": "bold"}


def register(app: typer.Typer) -> None:
    """Register commands."""
    app.command("run")(run)


def run(
    lessons: Annotated[list[str] | None, typer.Argument(help="Lessons by name or number; all where none is named.")] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="Set it in each lesson that has it; may be repeated."),
    ] = None,
    use_case: Annotated[str, typer.Option("--use-case", help="Short for -p use_case=NAME.")] = "",
    fresh: Annotated[bool, typer.Option("--fresh", help="Execute everything, also what a result is stored for.")] = False,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, help="Lessons that may run at once; 1 by default.")] = None,
    scheduler: Annotated[str, typer.Option("--scheduler", help="Use the workers of this dask scheduler: tcp://...")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="The run's folder, not there yet; runs/<id> by default.")] = None,
    limit: Annotated[float, typer.Option("--limit", min=1, help="Seconds that one lesson may take.")] = 180.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the run's record as JSON, and nothing else.")] = False,
) -> None:
    """Execute lessons with all that they depend on; what has not changed is taken from the store.

    With `--scheduler`, the workers need the same course and packages, and no files of this machine's.

    Exit code 1 when a lesson fails, or there is no scheduler or worker; other lessons go on, and the next run resumes. 130
    after Ctrl-C.

    Example: workbench run 02_data -p n_rows=8000 --use-case fraud
    """
    from workbench.run import run as run_lessons

    if scheduler and jobs is not None:
        raise typer.BadParameter("--scheduler runs as many lessons at once as its workers have threads", param_hint="--jobs")
    given = _parameters(parameter or (), use_case)
    course = Course.find()
    try:
        with _executor(scheduler) as executor, _display(quiet=as_json) as progress:
            record = run_lessons(
                course,
                lessons or (),
                parameters=given,
                fresh=fresh,
                jobs=jobs or 1,
                out=out,
                limit=limit,
                executor=executor,
                progress=progress,
            )
    except KeyboardInterrupt:
        typer.echo("interrupted; the next `workbench run` starts from what went well", err=True)
        raise typer.Exit(130) from None
    if as_json:
        typer.echo(json.dumps(record.to_dict(), indent=1, ensure_ascii=False))
    else:
        typer.echo(_summary(record, course))
    raise typer.Exit(0 if record.ok else 1)


@contextmanager
def _executor(scheduler: str) -> Iterator[Executor | None]:
    """The workers of a scheduler; None for this machine."""
    if not scheduler:
        yield None
        return
    from workbench import cluster

    with cluster.connected(scheduler) as workers:
        yield workers


def _parameters(pairs: list[str] | tuple[()], use_case: str) -> dict[str, object]:
    given: dict[str, object] = {"use_case": use_case} if use_case else {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise ParameterError(f"`{pair}` is not name=value", where="-p", remedy="for example: -p n_rows=8000")
        if name in given and given[name] != value:
            raise ParameterError(f"`{name}` is given twice", where="-p")
        given[name] = value
    return given


@contextmanager
def _display(*, quiet: bool) -> Iterator[Progress | None]:
    """What shows progress: a live line on a terminal, plain lines elsewhere."""
    if quiet:
        yield None
    elif sys.stdout.isatty():
        from rich.progress import Progress as Bars
        from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

        with Bars(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), transient=True) as bars:
            tasks: dict[str, TaskID] = {}

            def show(lesson: LessonReport) -> None:
                if lesson.status == "running":
                    tasks[lesson.slug] = bars.add_task(f"{lesson.slug}  {lesson.stage}", total=None)
                    return
                if lesson.slug in tasks:
                    bars.remove_task(tasks.pop(lesson.slug))
                bars.console.print(
                    _line(lesson), style=_COLOURS[lesson.status], markup=False, highlight=False, soft_wrap=True
                )

            yield show
    else:
        yield lambda lesson: typer.echo(_line(lesson)) if lesson.settled else None


def _line(lesson: LessonReport) -> str:
    seconds = f"{lesson.seconds:6.1f} s" if lesson.seconds else " " * 8
    line = f"{lesson.slug:<24} {lesson.stage:<14} {seconds}  {_WORDS[lesson.status]}"
    if lesson.status == "skipped":
        line += f": {lesson.reason}"
    return f"{line}\n    {lesson.note}" if lesson.note else line


def _summary(record: RunReport, course: Course) -> str:
    lines = []
    for lesson in record.lessons:
        if lesson.status == "failed":
            lines.append(f"\n{lesson.slug}: {lesson.reason}")
            if lesson.error and lesson.error.around:
                lines.append(lesson.error.around)
    counts = [f"{sum(lesson.status == status for lesson in record.lessons)} {status}" for status in _WORDS]
    told = ", ".join(count for count in counts if not count.startswith("0 "))
    lines.append(f"\n{told} in {record.seconds:.1f} s")
    if not record.ok:
        lines.append("The next `workbench run` starts from what went well.")
    lines.append(f"report: {course.relative(record.page)}")
    return "\n".join(lines)
