"""What a student gets: a small course of one exercise, in which ``check`` works and nothing of the solution is.

Files are taken one by one by what they are, never a folder as it is, so that nothing comes along that nobody thought of.
The check module is written anew without its mutants: they quote the solution.
"""

from __future__ import annotations

import ast
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from importlib.resources import files as resources
from pathlib import Path
from string import Template
from typing import Any

from workbench import data, files, master, modules, reach, regions, syntax, targets
from workbench.catalog import Lesson
from workbench.checks.key import Key
from workbench.course import Course
from workbench.errors import GradingError
from workbench.grading.manifest import ReleasedCell, ReleasedVariant, Terms
from workbench.parameters import Value
from workbench.targets import Target

_ORIGIN = re.compile(r"\A<!-- Built from [^\n]* -->\n?|\n?<small>Built from `[^`\n]*`\.</small>\Z")
_MOMENT = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can name: no archive says when it was made


def contents(lesson: Lesson, *, notebook: Mapping[str, Any], key: Key, shared: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of one variant's bundle, by their path inside it.

    Parameters
    ----------
    notebook : mapping
        The variant's notebook, as `workbench.variant.stub` gives it.
    key : Key
        Of its visible questions; that of the hidden ones is no business of this function.
    shared : mapping
        What all variants have, from `shared_files`.
    """
    import nbformat

    text = nbformat.writes(nbformat.from_dict(_without_origin(notebook))).rstrip()
    return {
        f"{lesson.slug}.ipynb": f"{text}\n".encode(),
        f"keys/{lesson.slug}.json": files.json_bytes(key.table()),
        **shared,
    }


def shared_files(course: Course, lesson: Lesson, *, terms: Terms) -> dict[str, bytes]:
    """The files that every variant of an exercise has: checks, settings, README, data, artefacts and code of the course's.

    Raises
    ------
    GradingError
        When a data set is missing, an artefact that the exercise may read was never built, or the catalogue's
        `exercise_reads` names something that the lesson does not have.
    """
    target = Target(course, lesson, "exercise")
    return {
        "README.md": _readme(course, lesson, terms).encode(),
        "pyproject.toml": _settings(course, lesson).encode(),
        "catalog.toml": _catalog(lesson).encode(),
        f"checks/{lesson.checks}.py": without_mutants(target.checks.read_text(encoding="utf-8")).encode(),
        **_code(course, target),
        **_data(course, lesson),
    }


def without_mutants(source: str) -> str:
    """A check module without the wrong answers that it names, and without what only they used.

    Raises
    ------
    GradingError
        When they cannot be told from the rest.
    """
    tree = syntax.tree(source)
    gone: set[str] = {"Mutant"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            gone |= {name for word in node.keywords if word.arg == "mutants" for name in _used(word.value)}
            node.keywords = [word for word in node.keywords if word.arg not in ("mutants", "forgeable")]
    while idle := [node for node in tree.body if _names_of(node) and _names_of(node) <= gone - _used(tree)]:
        for node in idle:
            gone |= _used(node)
            tree.body.remove(node)
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "workbench.checks":
            idle_names = gone - _used(tree)
            node.names = [name for name in node.names if name.name not in idle_names] or node.names
    if "Mutant" in _used(tree):
        raise GradingError(
            "wrong answers would be handed out with the checks: they quote the solution",
            tried="to leave out `mutants=` and the names that only it uses",
            remedy="write them in `mutants=[...]`, or assign them to a plain name once",
        )
    return f"{ast.unparse(tree)}\n"


def released_cells(notebook: Mapping[str, Any]) -> tuple[ReleasedCell, ...]:
    """What the manifest keeps of a notebook that is handed out."""
    return tuple(_released(cell) for cell in notebook["cells"])


def released_variant(notebook: Mapping[str, Any], parameters: Mapping[str, Value]) -> ReleasedVariant:
    """What the manifest keeps of one variant."""
    return ReleasedVariant(dict(parameters), released_cells(_without_origin(notebook)))


def write_folder(folder: Path, made: Mapping[str, bytes]) -> None:
    """Write a bundle's files below `folder`; those that stand there already with the same bytes are left alone."""
    for name, content in made.items():
        path = folder / name
        if not (path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content):
            files.write_bytes(path, content)


def archive(made: Mapping[str, bytes], *, folder: str) -> bytes:
    """A bundle as a zip file whose members lie in `folder`; the same files give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(made):
            member = zipfile.ZipInfo(f"{folder}/{name}", _MOMENT)
            member.external_attr = 0o100644 << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3  # so that the bytes do not tell which system wrote them
            packed.writestr(member, made[name])
    return stream.getvalue()


def _without_origin(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """The notebook without the lines that send an author to its master."""
    cells = [dict(cell) for cell in notebook["cells"]]
    for cell in cells:
        if cell["cell_type"] == "markdown":
            cell["source"] = _ORIGIN.sub("", cell["source"]).strip("\n")
    return {**notebook, "cells": cells}


def _released(cell: Mapping[str, Any]) -> ReleasedCell:
    question, asked = regions.question_of(cell), targets.checked_by(cell)
    grade_id = str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))
    parameters = "parameters" in cell["metadata"].get("tags", ())
    if cell["cell_type"] != "code":
        kind, slug = ("words", question) if question else ("text", "")
    elif question:
        kind, slug = "answer", question
    elif asked:
        kind, slug = "check", asked
    else:
        kind, slug = "supplied", ""
    return ReleasedCell(cell["id"], kind, cell["source"], slug or "", grade_id, parameters)  # type: ignore[arg-type]


def _used(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _names_of(node: ast.stmt) -> set[str]:
    """What a statement of the module defines, where it does nothing else."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return set() if node.decorator_list else {node.name}
    if isinstance(node, ast.Assign) and all(isinstance(one, ast.Name) for one in node.targets):
        return {one.id for one in node.targets if isinstance(one, ast.Name)}
    return set()


def _data(course: Course, lesson: Lesson) -> dict[str, bytes]:
    """The artefacts and data sets that the exercise reads, as far as the catalogue says."""
    target = Target(course, lesson, "exercise")
    values = {
        parameter.name: parameter.default
        for path in (course.lessons / target.master.name, target.master)
        for parameter in master.parameters_of(master.table(path, course))
    }
    declared = (*target.inputs, *lesson.data_sets(values))
    wanted = declared if lesson.exercise_reads is None else lesson.exercise_reads
    for name in wanted:
        if name not in declared:
            raise GradingError(f"`{name}` is no artefact or data set of the lesson", where=f"{lesson.slug}: exercise_reads")
    found = [course.artifacts / name for name in wanted if name in target.inputs]
    known = {one.name: one for one in data.data_sets(course)}
    for one in (known[name] for name in wanted if name in known):
        found.append(course.datasets / "catalog.toml")
        found += [one.file] if one.file else []
        found += [course.datasets / one.card] if one.card else []
    for path in found:
        if not path.is_file():
            raise GradingError(
                f"`{course.relative(path)}`, which the exercise may read, is not there",
                where=lesson.slug,
                remedy="build the course: workbench build",
            )
    return {course.relative(path): path.read_bytes() for path in found}


def _code(course: Course, target: Target) -> dict[str, bytes]:
    """The modules of the course's own that exercise and checks import, unless they come with the engine."""
    found: dict[str, bytes] = {}
    for text in (target.master, target.checks):
        for name in reach.of_source(text.read_text(encoding="utf-8"), course.sources):
            for source, path in _files_of(course, name):
                found[path.relative_to(source).as_posix()] = path.read_bytes()
    return found


def _files_of(course: Course, name: str) -> Iterator[tuple[Path, Path]]:
    """The files behind a name that `reach` gives, packages included, each after the source folder that it is in."""
    package = re.split(r"[.:/]", name, maxsplit=1)[0]
    if (Path(modules.__file__).parents[1] / package).exists():
        return  # whoever has `check` has it
    if ":" in name:  # pkg.module:function
        parts = name.partition(":")[0].split(".")
        located = [modules.locate(".".join(parts[:end]), course.sources) for end in range(1, len(parts) + 1)]
    else:  # pkg/file.json
        located = [source / name for source in course.sources]
    private = (course.exercises, course.hidden, course.solutions, course.hidden_keys)
    for path in located:
        if path and path.is_file() and not any(path.is_relative_to(folder) for folder in private):
            yield next(source for source in course.sources if path.is_relative_to(source)), path


def _settings(course: Course, lesson: Lesson) -> str:
    rows = {
        "title": course.title,
        "catalog": "catalog.toml",
        "exercise-notebooks": ".",
        "checks": "checks",
        "keys": "keys",
        "artifacts": course.relative(course.artifacts),
        "datasets": course.relative(course.datasets),
    }
    return "[tool.workbench]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in rows.items())


def _catalog(lesson: Lesson) -> str:
    """A catalogue of the one exercise, so that verdicts can name it."""
    return (
        f'stages = [{{ slug = "exercise", title = "Exercise" }}]\n\n[[lessons]]\nslug = {_toml(lesson.slug)}\n'
        f'title = {_toml(lesson.title)}\nstage = "exercise"\nchecks = {_toml(lesson.checks)}\n'
    )


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _readme(course: Course, lesson: Lesson, terms: Terms) -> str:
    points = targets.points_of(course.checks / f"{lesson.checks}.py")
    words = {
        "course": course.title,
        "number": lesson.number,
        "title": lesson.title,
        "slug": lesson.slug,
        "answer": regions.ANSWER.strip("# "),
        "count": f"{len(points)} question{'s' if len(points) != 1 else ''}",
        "minutes": f", about {lesson.exercise_minutes} minutes" if lesson.exercise_minutes else "",
        "asked": "\n".join(f"- `{slug}`: {value:g} point{'s' if value != 1 else ''}" for slug, value in points.items()),
        "due": f"{_due(terms)}\n" if terms.due else "",
    }
    text = (resources("workbench") / "templates" / "release_readme.txt").read_text(encoding="utf-8")
    return Template(text).substitute(words)


def _due(terms: Terms) -> str:
    said = [f"Due {terms.due}."]
    if terms.grace_minutes:
        said.append(f"There are {terms.grace_minutes:g} minutes of grace: until then it is not late.")
    if terms.penalty_per_day:
        said.append(f"Each day begun after that costs {terms.penalty_per_day:.0%} of the points.")
    if terms.accept_days is not None:
        said.append(f"Nothing is accepted after {terms.accept_days:g} days.")
    return " ".join(said)
