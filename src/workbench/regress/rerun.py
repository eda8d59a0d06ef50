"""Executing stored notebooks again, away from everything that is kept, and comparing what they print."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from workbench import files, targets
from workbench.catalog import Catalog
from workbench.course import Course
from workbench.errors import CourseError, WorkbenchError
from workbench.execute import CellFailure, Job, environment_for, execute
from workbench.regress.difference import Difference
from workbench.regress.figure import Threshold
from workbench.regress.notebook import code_cells, compare, marks
from workbench.targets import Target

LIMIT = 600.0  # seconds: a notebook outside of the catalogue may take its time


class RegressionError(WorkbenchError):
    """A notebook that cannot be compared, because it is not there or is no notebook."""

    exit_code = 2


@dataclass(frozen=True)
class Checked:
    """One notebook that was executed again.

    Attributes
    ----------
    path : Path
        The stored file.
    differences : list of Difference
        Empty where the outputs are the same.
    seconds : float
        Time the execution took.
    ignored : int
        Code cells that nbval ignores or skips.
    stored : bool
        Whether the file holds outputs at all; one that holds none is executed and compared with nothing.
    target : Target or None
        What it was built from, for a notebook of the catalogue.
    executed : nbformat.NotebookNode
        The new outputs.
    """

    path: Path
    differences: list[Difference]
    seconds: float
    ignored: int = 0
    stored: bool = True
    target: Target | None = None
    executed: Any = field(default=None, repr=False)

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    def to_json(self) -> dict[str, Any]:
        """The result as plain data, without the outputs; an infinite relative change becomes None."""
        return {
            "notebook": self.differences[0].notebook if self.differences else str(self.path),
            "same": self.same,
            "seconds": round(self.seconds, 2),
            "ignored": self.ignored,
            "stored": self.stored,
            "differences": [
                asdict(one) | {"relative": None if one.relative == float("inf") else one.relative}
                for one in self.differences
            ],
        }


def check_notebooks(
    paths: Iterable[Path | str] = (),
    *,
    course: Course | None = None,
    rtol: float = 1e-6,
    atol: float = 1e-12,
    threshold: Threshold | None = None,
    environment: Mapping[str, str] | None = None,
    progress: Callable[[Checked], None] | None = None,
) -> list[Checked]:
    """Execute notebooks again and compare their outputs with the stored ones.

    Parameters
    ----------
    paths : iterable of Path or str
        Notebooks, folders of notebooks, or lessons by name or number (a lesson and its solution); all lessons and solutions
        of the course where there is none.
    course : Course, optional
        The one to look for notebooks in; found from the working directory where it is not given, and not needed for
        notebooks outside of a course.
    rtol, atol, threshold
        As for `compare`.
    environment : mapping, optional
        Variables for the kernels, beside those of this process.
    progress : callable, optional
        Called with each notebook that is done.

    Returns
    -------
    list of Checked
        In the order given. Nothing of the course is written: a notebook of the catalogue runs in a temporary run folder. Any
        other runs in its own folder, and does there what it does.

    Raises
    ------
    RegressionError
        When a path is not there or cannot be read as a notebook.
    CourseError
        When no path is given and there is no course.
    """
    course = course or _course(needed=not (paths := list(paths)))
    checked = []
    for path, target in list(_found(paths, course)):
        done = _check(path, target, course, rtol, atol, threshold, environment or {})
        checked.append(done)
        if progress:
            progress(done)
    return checked


def _course(*, needed: bool) -> Course | None:
    try:
        return Course.find()
    except CourseError:
        if needed:
            raise
        return None


def _found(paths: Iterable[Path | str], course: Course | None) -> Iterator[tuple[Path, Target | None]]:
    """The notebooks that `paths` mean, each with what it was built from."""
    catalog = Catalog.load(course.catalog) if course else None
    all_targets = targets.of(course, catalog.lessons) if course and catalog else []
    built = {target.executed.resolve(): target for target in all_targets}
    seen = set()
    for path in _expanded(list(paths), all_targets):
        if not path.is_file():
            target = built.get(path.resolve())
            remedy = "workbench build" if target else "name a notebook, a folder or a lesson"
            raise RegressionError("there is no such notebook", where=str(path), remedy=remedy)
        if path.resolve() not in seen:
            seen.add(path.resolve())
            yield path, built.get(path.resolve())


def _expanded(paths: list[Path | str], all_targets: list[Target]) -> Iterator[Path]:
    if not paths:
        yield from (target.executed for target in all_targets)
    for given in paths:
        path = Path(given)
        named = [target.executed for target in all_targets if str(given) in (target.lesson.slug, target.lesson.number)]
        if path.is_dir():
            inside = (p.relative_to(path) for p in path.rglob("*.ipynb"))
            yield from sorted(path / p for p in inside if not any(part.startswith(".") for part in p.parts))
        elif named and not path.exists():
            yield from named
        else:
            yield path


def _check(
    path: Path,
    target: Target | None,
    course: Course | None,
    rtol: float,
    atol: float,
    threshold: Threshold | None,
    environment: Mapping[str, str],
) -> Checked:
    stored = read(path)
    name = course.relative(path.resolve()) if course else str(path)
    with tempfile.TemporaryDirectory(prefix="workbench-check-", ignore_cleanup_errors=True) as folder:
        job = _job(path, stored, target, Path(folder), environment)
        outcome = execute(job)
        executed = read(job.output) if job.output.is_file() else {"cells": []}
        error = None if _wanted(executed) else outcome.error
        artifacts = _artifacts(stored, Path(folder)) if target and not error else []
    reached, expected = executed, _runnable(stored)
    if error:
        expected, reached = _until(expected, error.id), _until(executed, error.id)
    has_outputs = any(cell.get("outputs") for _, cell in code_cells(stored))
    found = compare(expected, reached, rtol=rtol, atol=atol, threshold=threshold) if has_outputs else []
    found += [*_errors(stored, error), *artifacts]
    ignored = sum(bool(marks(cell) & {"ignore-output", "skip"}) for _, cell in code_cells(stored))
    return Checked(
        path=path,
        differences=[replace(difference, notebook=name) for difference in found],
        seconds=outcome.seconds,
        ignored=ignored,
        stored=has_outputs,
        target=target,
        executed=None if error else executed,
    )


def read(path: Path) -> Any:
    """The notebook at `path`, of format 4; each cell has an identifier.

    Raises
    ------
    RegressionError
        When it is not a notebook, or one of an older format.
    """
    from workbench.notebooks import nbformat

    try:
        notebook = nbformat.reads(path.read_bytes().decode("utf-8"), as_version=nbformat.NO_CONVERT)
        if notebook.get("nbformat") != 4 or not isinstance(notebook.get("cells"), list):
            raise RegressionError("not a notebook of format 4", where=str(path))
    except (ValueError, AttributeError, nbformat.ValidationError, nbformat.reader.NotJSONError) as error:
        raise RegressionError(f"cannot be read as a notebook: {error}", where=str(path)) from error
    for number, cell in enumerate(notebook["cells"], start=1):
        cell.setdefault("id", f"cell-{number}")
    return notebook


def _runnable(stored: Any) -> Any:
    """What is executed: without the cells that nbval skips, and stopping at no exception that is wanted."""
    notebook = copy.deepcopy(stored)
    notebook["cells"] = [cell for cell in notebook["cells"] if "skip" not in marks(cell)]
    for cell in notebook["cells"]:
        if "raises-exception" in marks(cell):
            cell["metadata"]["tags"] = [*dict.fromkeys([*cell["metadata"].get("tags", ()), "raises-exception"])]
    return notebook


def _job(path: Path, stored: Any, target: Target | None, folder: Path, environment: Mapping[str, str]) -> Job:
    from workbench.notebooks import nbformat

    notebook = _runnable(stored)
    notebook["nbformat_minor"] = max(notebook.get("nbformat_minor", 0), 5)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    given = folder / "input.ipynb"
    files.write_text(given, nbformat.writes(notebook))
    variables = dict(environment)
    if target:
        run = folder / "run"
        for name in target.inputs:
            if (target.course.artifacts / name).is_file():
                files.write_bytes(run / "artifacts" / name, (target.course.artifacts / name).read_bytes())
        variables = environment_for(target.course, target.as_lesson, run) | variables
    label = target.label if target else path.stem
    return Job(given, folder / "output.ipynb", {}, path.resolve().parent, variables, label, LIMIT)


def _wanted(executed: Any) -> bool:
    """Whether papermill complains only of exceptions that the notebook means to show; it runs to its end all the same."""
    raising = [cell for cell in executed["cells"] if any(o["output_type"] == "error" for o in cell.get("outputs", ()))]
    last = [cell for _, cell in code_cells(executed)][-1:]
    ended = all(cell["execution_count"] is not None for cell in last)
    return bool(raising) and ended and all("raises-exception" in marks(cell) for cell in raising)


def _until(notebook: Any, failed: str) -> Any:
    """The notebook up to the cell that failed, without it."""
    cells = []
    for cell in notebook["cells"]:
        if cell.get("id") == failed:
            break
        cells.append(cell)
    return {"cells": cells}


def _errors(stored: Any, error: CellFailure | None) -> list[Difference]:
    if error is None:
        return []
    place = f"raises (cell {error.cell} of {len(stored['cells'])}); later cells were not executed"
    return [Difference("error", place, "", f"{error.name}: {error.message}\n{error.around}".rstrip(), cell=error.id)]


def _artifacts(stored: Any, folder: Path) -> list[Difference]:
    """Artefacts that are not the ones the notebook recorded when it was built."""
    recorded = stored["metadata"].get("workbench", {}).get("artifacts", {})
    found = []
    for name, digest in sorted(recorded.items()):
        path = folder / "run" / "artifacts" / name
        new = files.digest_file(path) if path.is_file() else ""
        if new != digest:
            found.append(Difference("artifact", f"artefact {name}, sha256", digest, new))
    return found
