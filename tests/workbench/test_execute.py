"""Executing one notebook, whatever it does."""

from __future__ import annotations

import json
import logging
import os
import pickle
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest

from workbench.catalog import Lesson
from workbench.course import Course
from workbench.errors import ParameterError
from workbench.execute import CellFailure, Job, Outcome, environment_for, execute

Run = Callable[..., tuple[Outcome, Any]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Execute cells; the first one is the parameters cell."""
    folder = tmp_path / "with {braces}"
    folder.mkdir()

    def run(
        *sources: str,
        parameters: Mapping[str, Any] | None = None,
        limit: float = 600,
        environment: Mapping[str, str] | None = None,
    ) -> tuple[Outcome, Any]:
        cells = [nbformat.v4.new_code_cell(source, id=f"c-{number}") for number, source in enumerate(sources, start=1)]
        cells[0].metadata["tags"] = ["parameters"]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "in.ipynb")
        job = Job(folder / "in.ipynb", folder / "out.ipynb", parameters or {}, folder, environment or {}, "00_x", limit)
        outcome = execute(pickle.loads(pickle.dumps(job)))
        return pickle.loads(pickle.dumps(outcome)), nbformat.read(folder / "out.ipynb", as_version=4)

    return run


def text_of(notebook: Any) -> str:
    return "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", ()))


def test_parameters_folder_and_environment_reach_the_kernel_alone(
    run: Run, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    here = Path.cwd()
    outcome, notebook = run(
        "n: int = 1  # how many",
        "import os, sys\nprint(n, os.environ['FOO'], os.path.basename(os.getcwd()), sys.executable)",
        parameters={"n": 3},
        environment={"FOO": "bar"},
    )
    assert outcome.ok
    assert outcome.error is None
    assert text_of(notebook) == f"3 bar with {{braces}} {sys.executable}\n"
    assert "FOO" not in os.environ
    assert Path.cwd() == here
    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_without_parameters_no_cell_is_injected_and_stderr_of_the_notebook_is_kept(run: Run) -> None:
    outcome, notebook = run("n: int = 1  # how many", "import sys\nprint('careful', file=sys.stderr)")
    assert outcome.ok
    assert [cell.id for cell in notebook.cells] == ["c-1", "c-2"]
    assert notebook.cells[1].outputs[0]["name"] == "stderr"


def test_a_failing_cell_is_named_with_the_lines_around_and_what_was_done_is_kept(run: Run) -> None:
    source = "a = 1\ndef f():\n    b = 2\n    return b / 0\nc = 3\nf()"
    outcome, notebook = run("n: int = 1  # how many", "print('before')", source, "print('after')", parameters={"n": 2})
    around = "    3      b = 2\n>   4      return b / 0\n    5  c = 3"
    assert not outcome.ok
    assert outcome.error == CellFailure(3, "c-3", "ZeroDivisionError", "division by zero", around, source)
    assert text_of(notebook) == "before\n"


def test_a_fault_in_an_earlier_cells_function_shows_the_line_that_called_it(run: Run) -> None:
    outcome, _ = run("n: int = 1  # how many", "def f():\n    return 1 / 0", "x = 1\nf()")
    assert outcome.error is not None
    assert outcome.error.around == "    1  x = 1\n>   2  f()"


def test_a_syntax_error_names_its_line(run: Run) -> None:
    outcome, _ = run("n: int = 1  # how many", "x = 1\ny = = 2")
    assert outcome.error is not None
    assert outcome.error.name == "SyntaxError"
    assert outcome.error.around.endswith(">   2  y = = 2")


def test_leaving_early_is_not_success(run: Run) -> None:
    outcome, _ = run("n: int = 1  # how many", "import sys\nsys.exit(0)", "print('never')")
    assert outcome.error is not None
    assert (outcome.error.name, outcome.error.cell) == ("SystemExit", 2)


def test_a_kernel_that_dies_is_an_outcome(run: Run) -> None:
    outcome, _ = run("n: int = 1  # how many", "import os\nos.write(2, b'last words')\nos._exit(9)")
    assert outcome.error is not None
    assert (outcome.error.name, outcome.error.cell) == ("DeadKernel", 2)


def test_the_limit_is_the_notebooks_not_each_cells(run: Run) -> None:
    outcome, _ = run("n: int = 1  # how many", *["import time\ntime.sleep(1.5)"] * 4, limit=3.5)
    assert outcome.error is not None
    assert outcome.error.name == "Timeout"
    assert outcome.error.cell < 5  # which begins after 4.5 s at the earliest


def test_a_parameter_that_the_notebook_does_not_declare_is_refused(run: Run) -> None:
    with pytest.raises(ParameterError, match="no parameter `m`") as raised:
        run("n: int = 1  # how many", parameters={"m": 2})
    assert raised.value.remedy == "valid parameters: n"


def test_the_environment_says_where_a_lesson_runs(tmp_path: Path) -> None:
    course = Course.from_table(tmp_path, {"sources": ["lib"]})
    lesson = Lesson("03_x", "X", "s", inputs=("01/a.json",), outputs=("03/b.json", "03/c.json"))
    told = environment_for(course, lesson, tmp_path / "run")
    assert told["WORKBENCH_RUN"] == str(tmp_path / "run")
    assert told["WORKBENCH_COURSE"] == str(tmp_path)
    assert told["WORKBENCH_LESSON"] == "03_x"
    assert json.loads(told["WORKBENCH_INPUTS"]) == ["01/a.json"]
    assert json.loads(told["WORKBENCH_OUTPUTS"]) == ["03/b.json", "03/c.json"]
    assert told["PYTHONPATH"].split(os.pathsep)[0] == str(tmp_path / "lib")
