"""`workbench check` on real notebooks: a planted change is found by nbval and by it, named, and accepted on request."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from typer.testing import CliRunner, Result

from workbench.cli import application
from workbench.course import Course
from workbench.regress import RegressionError, accept, check_notebooks


def _plant(path: Path, old: str, new: str) -> str:
    """Change a stored output, and return the name of its cell."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if old in output.get("text", ""):
                output.text = output.text.replace(old, new, 1)
                nbformat.write(notebook, path)
                return str(cell.id)
    raise AssertionError(f"{old!r} is not in the outputs of {path.name}")


def _nbval(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "--nbval", "-p", "no:cacheprovider", "-q", "--rootdir", path.parent, path]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=path.parent)


def _check(*arguments: object) -> Result:
    return CliRunner().invoke(application(), ["check", *map(str, arguments)])


def _own(folder: Path, *cells: str | tuple[str, str]) -> Path:
    """A notebook of nobody's course, executed and stored by `accept`."""
    made = [
        new_code_cell(cell[0], metadata={"tags": [cell[1]]}, id=f"c-{k}")
        if isinstance(cell, tuple)
        else new_code_cell(cell, id=f"c-{k}")
        for k, cell in enumerate(cells)
    ]
    notebook = new_notebook(cells=made, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    path = folder / "own.ipynb"
    nbformat.write(notebook, path)
    return path


def _stored(path: Path, cell: str) -> Any:
    return next(one.outputs for one in nbformat.read(path, as_version=4).cells if one.id == cell)


def test_a_planted_number_fails_nbval_and_is_named_by_check(built_tea: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built_tea.root)
    monkeypatch.setenv("PYTHONPATH", str(built_tea.sources[0]))
    path = built_tea.notebooks / "00_water.ipynb"
    cell = _plant(path, "after 4 minutes: 85.5", "after 4 minutes: 80.5")
    before = path.read_bytes()

    nbval = _nbval(path)

    assert nbval.returncode == 1
    assert "80.5" in nbval.stdout
    assert "1 failed, " in nbval.stdout  # the planted cell and no other

    result = _check(path)

    assert result.exit_code == 1, result.output
    assert f"notebooks/00_water.ipynb: cell {cell}: stdout, line 3" in result.output
    assert "old: 80.5\n  new: 85.5  (relative change 0.062)" in result.output
    assert path.read_bytes() == before


def test_the_course_as_built_has_no_differences(built_tea: Course) -> None:
    names = []
    checked = check_notebooks(course=built_tea, rtol=0, atol=0, progress=lambda one: names.append(one.path.name))
    assert [one.differences for one in checked] == [[]] * 5
    assert names == ["00_water.ipynb", "00_water.ipynb", "01_steeping.ipynb", "01_steeping.ipynb", "02_table.ipynb"]
    assert not (built_tea.root / "runs").exists()


def test_accepting_restores_the_file_byte_for_byte(built_tea: Course) -> None:
    path = built_tea.notebooks / "02_table.ipynb"
    original = path.read_bytes()
    planted = json.loads(original)
    output = next(cell["outputs"][0] for cell in planted["cells"] if cell.get("outputs"))
    output["text"] = ["something else\n"]
    path.write_text(json.dumps(planted), encoding="utf-8")
    (checked,) = check_notebooks([path], course=built_tea)
    assert not checked.same
    assert accept(checked) == ""
    assert path.read_bytes() == original


def test_outputs_of_another_source_are_not_accepted(built_tea: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built_tea.root)
    path = built_tea.notebooks / "02_table.ipynb"
    master = built_tea.lessons / "02_table.py"
    master.write_text(master.read_text(encoding="utf-8") + '\n# %%\nprint("one more cup")\n', encoding="utf-8")
    notebook = nbformat.read(path, as_version=4)
    next(cell for cell in notebook.cells if cell.get("outputs")).outputs[0]["text"] = "something else"
    nbformat.write(notebook, path)
    before = path.read_bytes()
    result = _check("02", "--accept")
    assert result.exit_code == 1, result.output
    assert "workbench build 02_table" in result.output
    assert path.read_bytes() == before


def test_what_the_build_would_not_publish_is_not_accepted(built_tea: Course) -> None:
    path = built_tea.notebooks / "02_table.ipynb"
    (checked,) = check_notebooks([path], course=built_tea)
    next(cell for cell in checked.executed.cells if cell.get("outputs")).outputs[0]["text"] = "0.123456\n"
    before = path.read_bytes()
    assert "digits: 0.123456" in accept(checked)
    assert path.read_bytes() == before


def test_an_artefact_that_is_not_the_recorded_one_is_named(built_tea: Course) -> None:
    path = built_tea.notebooks / "00_water.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.workbench.artifacts["00/kettle.json"] = "0" * 64
    nbformat.write(notebook, path)
    (checked,) = check_notebooks([path], course=built_tea)
    assert [(one.kind, one.where) for one in checked.differences] == [("artifact", "artefact 00/kettle.json, sha256")]
    assert accept(checked)


def test_a_notebook_outside_of_any_course_runs_in_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WORKBENCH_COURSE", raising=False)
    (tmp_path / "cups.txt").write_text("7", encoding="utf-8")
    path = _own(tmp_path, "print('stored')", "print(open('cups.txt').read(), 'cups')", ("1 / 0", "nbval-raises-exception"))
    assert check_notebooks([path])[0].stored is False
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text="stored\n")]
    nbformat.write(notebook, path)
    result = _check("own.ipynb", "--accept")
    assert result.exit_code == 0, result.output
    assert "accepted: own.ipynb" in result.output
    assert _stored(path, "c-1")[0]["text"] == "7 cups\n"
    assert _stored(path, "c-2")[0]["ename"] == "ZeroDivisionError"

    (tmp_path / "cups.txt").write_text("8", encoding="utf-8")
    data = json.loads(_check("own.ipynb", "--json").output)
    (found,) = data["notebooks"][0]["differences"]
    assert (data["same"], found["cell"], found["old"], found["new"]) == (False, "c-1", "7", "8")
    assert found["relative"] == pytest.approx(1 / 7)
    assert _check("own.ipynb", "--rtol", "0.2").exit_code == 0


def test_a_cell_that_raises_is_named_and_never_accepted(tmp_path: Path) -> None:
    path = _own(tmp_path, "print(1)", "cups = 3\nraise ValueError('no tea')", "print(2)")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text="5\n")]
    nbformat.write(notebook, path)
    before = path.read_bytes()
    (checked,) = check_notebooks([path])
    number, error = checked.differences
    assert (number.cell, number.old, number.new) == ("c-0", "5", "1")
    assert (error.kind, error.cell) == ("error", "c-1")
    assert "ValueError: no tea" in error.new
    assert accept(checked) == "a cell raises: mend it first"
    assert path.read_bytes() == before


def test_skipped_cells_are_not_executed_and_ignored_ones_not_compared(tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    path = _own(
        tmp_path,
        (f"open({str(marker)!r}, 'w').close()", "nbval-skip"),
        ("import time; print(time.time())", "nbval-ignore-output"),
        "print(1)",
    )
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].outputs = [nbformat.v4.new_output("stream", text="1\n")]
    nbformat.write(notebook, path)
    (checked,) = check_notebooks([path])
    assert (checked.same, checked.ignored, marker.exists()) == (True, 2, False)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("gone.ipynb", None),
        ("text.ipynb", "hello"),
        ("list.ipynb", "[1]"),
        ("old.ipynb", '{"nbformat": 3, "worksheets": []}'),
    ],
)
def test_what_is_no_notebook_is_refused(tmp_path: Path, name: str, content: str | None) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(RegressionError, match=name):
        check_notebooks([path])


def test_a_lesson_that_is_not_built_says_how_to_build_it(tea_course: Course) -> None:
    with pytest.raises(RegressionError, match="workbench build"):
        check_notebooks(["00"], course=tea_course)
