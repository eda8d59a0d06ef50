"""``workbench exam``: a paper from the exam bank, and its marks."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from course.commands.failures import RequestError, written
from course.exams import LARGEST_SEED

if TYPE_CHECKING:
    from course.exams.marking import Marked


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("exam")(exam)


def exam(
    *,
    n: Annotated[int, typer.Option("--n", min=1, help="How many questions.")] = 20,
    seed: Annotated[int, typer.Option("--seed", min=0, max=LARGEST_SEED, help="One seed, one paper.")] = 0,
    stage: Annotated[str, typer.Option("--stage", help="Of one stage only, such as monitoring.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write; work/exams/SEED or work/exams/SEED-STAGE by default.")
    ] = None,
    grade: Annotated[Path | None, typer.Option("--grade", help="Grade this file of answers instead.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was drawn, or the marks, as JSON.")] = False,
) -> None:
    """Draw a paper from all questions of the course, or grade one.

    Writes paper.html to read or print, and answers.toml to fill in; answers that are there already are never overwritten.
    Choices and numbers are marked by machine, each with its explanation. For answers in words the key points are shown:
    write the numbers of those that are met into `points`, and grade again.

    Exit codes: 0 drawn or graded; 2 no such stage, too few questions, or a file that is no paper.

    Example: workbench exam --n 20 --seed 7; workbench exam --grade work/exams/7/answers.toml
    """
    from course.exams.bank import bank
    from course.exams.marking import grade as marked
    from course.exams.paper import draw
    from workbench.course import Course
    from workbench.files import write_text

    questions = bank()
    if grade is not None:
        found = marked(grade, questions)
        typer.echo(json.dumps(_as_json(found), indent=1, ensure_ascii=False) if as_json else _told(found, grade))
        return
    paper = draw(questions, n=n, seed=seed, stage=stage)
    folder = out or Course.find().work / "exams" / (f"{seed}-{stage}" if stage else str(seed))
    answers = folder / "answers.toml"
    with written(folder):
        if answers.exists() and answers.read_bytes() != paper.answers().encode():
            raise RequestError(
                "there are answers already, and they stay", where=str(answers), remedy="name another folder with --out"
            )
        write_text(folder / "paper.html", paper.html())
        write_text(answers, paper.answers())
    if as_json:
        names = [asked.name for asked in paper.questions]
        typer.echo(
            json.dumps({"paper": paper.digest, "marks": paper.marks, "questions": names, "folder": str(folder)}, indent=1)
        )
        return
    lessons = len({asked.lesson for asked in paper.questions})
    typer.echo(f"{paper.title()}: {len(paper.questions)} questions of {lessons} lessons, {paper.marks} marks")
    typer.echo(f"read {folder / 'paper.html'}, fill in {answers}, then: workbench exam --grade {shlex.quote(str(answers))}")


def _as_json(found: Marked) -> dict[str, object]:
    return {
        "paper": found.paper.digest, "marks": found.marks, "of": found.paper.marks, "to_mark": found.to_mark,
        "answers": [asdict(row) for row in found.rows],
    }  # fmt: skip


def _told(found: Marked, file: Path) -> str:
    lines = [f"{row.number:>3}. {row.outcome:<7} {row.marks}/{row.of}  {row.question}\n     {row.why}" for row in found.rows]
    lines.append(f"{found.marks} of {found.paper.marks} marks")
    if found.to_mark:
        lines.append(f"{found.to_mark} answers in words wait: write the numbers of the key points that "
                     f"they have into `points` in {file}, and grade again")  # fmt: skip
    return "\n".join(lines)
