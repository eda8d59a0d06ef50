"""The nbval step sees in which order outputs follow each other, and how the kernel counts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat

from workbench.regress.nbval_order import changed

SAY = "import sys\nprint('a', flush=True)\nprint('b', file=sys.stderr, flush=True)\nprint('c', flush=True)"
LATE = "print('b', file=sys.stderr, flush=True)\nprint('c', flush=True)"


def said(name: str, text: str) -> Any:
    return nbformat.v4.new_output("stream", name=name, text=text)


def result(count: int) -> Any:
    return nbformat.v4.new_output("execute_result", data={"text/plain": "2"}, execution_count=count)


def test_what_differs_is_told_a_line_each() -> None:
    stored = [said("stdout", "a\n"), result(3)]
    assert changed(stored, [said("stdout", "b\n"), result(3)], stored_count=3, count=3) == []
    assert changed(stored, [result(3), said("stdout", "a\n")]) == [
        "outputs in the order execute_result 3, stdout; stored: stdout, execute_result 3"
    ]
    assert changed(stored, [said("stdout", "a\n"), result(2)], stored_count=3, count=2) == [
        "execution 2, not 3",
        "outputs in the order stdout, execute_result 2; stored: stdout, execute_result 3",
    ]


def test_nbval_fails_at_another_order_and_at_another_count(tmp_path: Path) -> None:
    as_said = [said("stdout", "a\n"), said("stderr", "b\n"), said("stdout", "c\n")]
    late = [said("stdout", "c\n"), said("stderr", "b\n")]
    cells = [
        nbformat.v4.new_code_cell(source, outputs=outputs, execution_count=count)
        for source, outputs, count in [
            (SAY, as_said, 1),
            (LATE, late, 2),
            ("1 + 1", [result(3)], 3),
            ("1 + 1", [result(9)], 4),
            ("x = 1", [], 9),
            ("print('a', flush=True)\nprint('b')", [said("stdout", "a\n"), said("stdout", "b\n")], 6),
        ]
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "order.ipynb")
    plugins = ["-p", "nbval.plugin", "-p", "workbench.regress.nbval_figures", "-p", "workbench.regress.nbval_order"]
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", ".", *plugins, "--nbval", "order.ipynb"]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True, check=False)
    failed = [line.partition(" - ")[0][-6:] for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert failed == ["Cell 1", "Cell 3", "Cell 4"], done.stdout
    assert "outputs in the order stderr, stdout; stored: stdout, stderr" in done.stdout
    assert "execution 5, not 9" in done.stdout
