"""Executing one notebook: a job goes in, an outcome comes out, whatever the notebook does."""

from __future__ import annotations

import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.catalog import Lesson
from workbench.course import Course
from workbench.errors import ExecutionError, ParameterError
from workbench.kernels import NAME, Kernel, own_loop, running
from workbench.parameters import Value, parse_cell

LIMIT = 180.0  # against a notebook that hangs: a busy machine may take several times what the author saw
Kernels = Callable[[Mapping[str, str], Path], AbstractContextManager[Kernel]]
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Job:
    """One notebook to execute. Picklable: it may be executed in another process or on another machine.

    Attributes
    ----------
    notebook, output : Path
        The notebook to read, and where the executed one is written (every few seconds, so that a part of it survives).
    parameters : mapping
        Values to inject after the `parameters` cell; empty injects no cell.
    folder : Path
        Working directory of the kernel.
    environment : mapping
        Variables that the kernel has beside those of this process; see `environment_for`.
    label : str
        Slug of the lesson, for messages.
    limit : float
        Seconds that the notebook may take.
    """

    notebook: Path
    output: Path
    parameters: Mapping[str, Value]
    folder: Path
    environment: Mapping[str, str]
    label: str
    limit: float = LIMIT

    @property
    def kernel_arguments(self) -> tuple[dict[str, str], Path]:
        """What this process gives `kernels.Kernel.start`: all variables, and the folder."""
        return {**os.environ, **self.environment}, self.folder


@dataclass(frozen=True)
class CellFailure:
    """Where a notebook stopped, and why.

    Attributes
    ----------
    cell : int
        Number of the cell in the notebook before parameters were injected, from 1; 0 when no cell was reached.
    id : str
        Its id.
    name, message : str
        The error's type and text; ``Timeout`` and ``DeadKernel`` where no Python error was raised.
    around : str
        Up to three numbered lines of the cell, the faulty one marked with ``>``.
    source : str
        The whole cell.
    """

    cell: int
    id: str
    name: str
    message: str
    around: str
    source: str

    def __str__(self) -> str:
        return f"cell {self.cell} ({self.id}): {self.name}: {self.message}"


@dataclass(frozen=True)
class Outcome:
    """What became of a job; ``ok`` is true exactly when ``error`` is None."""

    label: str
    ok: bool
    seconds: float
    error: CellFailure | None = None


def environment_for(course: Course, lesson: Lesson, run_folder: Path) -> dict[str, str]:
    """The variables that tell a lesson's kernel where it runs and what it may read and write; see ``docs/engine.md``."""
    return {
        "WORKBENCH_COURSE": str(course.root),
        "WORKBENCH_RUN": str(run_folder.absolute()),
        "WORKBENCH_LESSON": lesson.slug,
        "WORKBENCH_INPUTS": json.dumps(lesson.inputs),
        "WORKBENCH_OUTPUTS": json.dumps(lesson.outputs),
        "PYTHONPATH": python_path(course),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # otherwise each kernel prints a debugger's warning on the console
    }


def python_path(course: Course) -> str:
    """``PYTHONPATH`` for the course's processes: its own code first."""
    return os.pathsep.join(filter(None, (*map(str, course.sources), os.environ.get("PYTHONPATH"))))


def execute(job: Job, *, kernels: Kernels = running, meanwhile: Callable[[], None] | None = None) -> Outcome:
    """Execute a notebook with papermill, in a warm kernel where one is offered (``workbench.warm``).

    Parameters
    ----------
    kernels : callable
        What gives it its kernel: `relay.Relay.running` one that was started ahead.
    meanwhile : callable, optional
        Called once, when its first cell is under way.

    Returns
    -------
    Outcome
        Also for a cell that raises or calls ``exit``, a kernel that dies, and a notebook that takes too long; what had been
        executed is then in ``job.output``.

    Raises
    ------
    ParameterError
        When the notebook does not declare a parameter that is to be injected.
    ExecutionError
        When there is no kernel to execute it with.
    """
    from jupyter_client.kernelspec import NoSuchKernel

    cells = json.loads(job.notebook.read_bytes()).get("cells", [])  # papermill reads it with nbformat
    _declared(cells, job)
    numbers = {cell.get("id"): number for number, cell in enumerate(cells, start=1)}
    reached: list[Any] = []
    started = time.monotonic()
    traits = {
        "timeout_func": _countdown(started + job.limit),
        "on_cell_start": lambda cell, cell_index: reached.append((cell, cell_index)),
        "on_cell_execute": _once(meanwhile),
    }
    job.output.parent.mkdir(parents=True, exist_ok=True)
    with _quiet("papermill"), own_loop():
        try:
            with kernels(*job.kernel_arguments) as kernel:
                failure = _execute_in(kernel, job, traits)
                seconds = time.monotonic() - started
        except NoSuchKernel as error:
            raise ExecutionError(
                f"there is no kernel `{NAME}`", where=job.label, remedy="python -m pip install ipykernel"
            ) from error
    if failure is None:
        return Outcome(job.label, True, seconds)
    cell, index = reached[-1] if reached else (None, -1)
    number = numbers.get(cell.get("id"), index + 1) if cell else 0
    return Outcome(job.label, False, seconds, _failure(*failure, cell=cell, number=number))


def _execute_in(kernel: Kernel, job: Job, traits: Mapping[str, Any]) -> tuple[str, str, list[str]] | None:
    """Execute a notebook in a kernel. Name, message and traceback of what stopped it; None where nothing did."""
    from nbclient.exceptions import CellTimeoutError
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import execute_notebook

    from workbench import engine

    try:
        return _exited(
            execute_notebook(
                str(job.notebook).replace("{", "{{").replace("}", "}}"),  # papermill formats both paths
                str(job.output).replace("{", "{{").replace("}", "}}"),
                parameters=dict(job.parameters),
                engine_name=engine.NAME,
                kernel_name=NAME,
                language="python",
                progress_bar=False,
                request_save_on_cell_execute=False,  # the engine sees to it
                kernel=kernel,
                output=job.output,
                traits=traits,
            )
        )
    except PapermillExecutionError as error:
        return (error.ename, error.evalue, error.traceback)
    except CellTimeoutError:
        return ("Timeout", f"the notebook took longer than {job.limit:g} s", [])
    except RuntimeError as error:  # what nbclient and jupyter_client raise about a kernel that is gone
        return ("DeadKernel", f"{error}: {kernel.words() or 'out of memory, or a crash inside a library'}", [])


def _declared(cells: list[Any], job: Job) -> None:
    tagged = ["".join(cell["source"]) for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    known = [parameter.name for source in tagged[:1] for parameter in parse_cell(source, where=job.label)]
    for name in job.parameters:
        if name not in known:
            raise ParameterError(
                f"no parameter `{name}`", where=job.label, remedy=f"valid parameters: {', '.join(known) or 'none'}"
            )


def _once(call: Callable[[], None] | None) -> Callable[..., None]:
    """What calls something when it is first called itself."""
    waiting = [call] if call else []

    def called(**_: Any) -> None:
        if waiting:
            waiting.pop()()

    return called


def _countdown(deadline: float) -> Callable[[Any], float]:
    """What a cell may still take: the limit is the notebook's, not each cell's."""
    return lambda _cell: max(0.1, deadline - time.monotonic())


def _exited(notebook: Any) -> tuple[str, str, list[str]] | None:
    """A notebook that left by ``exit()`` has not run to its end, though papermill calls it done."""
    for cell in notebook.cells:
        if cell.metadata.get("papermill", {}).get("exception"):
            return ("SystemExit", "the notebook left before its last cell", [])
    return None


def _failure(name: str, message: str, traceback: list[str], *, cell: Any, number: int) -> CellFailure:
    if cell is None:
        return CellFailure(number, "", name, message, "", "")
    around = _around(cell.source, _fault_line("\n".join(traceback), cell.get("execution_count")))
    return CellFailure(number, cell.get("id", ""), name, message, around, cell.source)


def _fault_line(traceback: str, count: int | None) -> int:
    """The line of cell ``In[count]`` that its traceback names last (the innermost of the cell's own frames), or 0."""
    lines = re.findall(rf"Cell In\s?\[{count}\], line (\d+)", _COLOUR.sub("", traceback))
    return int(lines[-1]) if lines else 0


def _around(source: str, fault: int) -> str:
    lines = source.splitlines()
    first = min(max(1, fault - 1), max(1, len(lines) - 2))
    return "\n".join(
        f"{'>' if number == fault else ' '} {number:>3}  {lines[number - 1]}"
        for number in range(first, min(first + 3, len(lines) + 1))
    )


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keep a library's log from the console where nobody has asked for it; what a notebook prints is not touched."""
    logger, handler = logging.getLogger(name), logging.NullHandler()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
