"""`workbench serve-kernels` and `python -m workbench.warm`: the same commands, in a course or in none."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from workbench.cli.serve_kernels import application
from workbench.course import Course
from workbench.warm import client, libraries, serving, status
from workbench.warm.folder import Kept
from workbench.warm.libraries import NotebookError
from workbench.warm.status import Kernel, Memory, Status

pytestmark = pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())

SHOWS = """
from jupyter_client.manager import KernelManager
from traitlets.config import Config
manager = KernelManager(config=Config({"WarmProvisioner": {"patience": 300.0}}))  # for what is imported
manager.start_kernel()
kernel = manager.client()
kernel.start_channels()
kernel.wait_for_ready(timeout=120)
kernel.execute_interactive("import os, sys; print(os.getppid(), 'wave' in sys.modules)")
kernel.stop_channels()
manager.shutdown_kernel(now=True)
"""


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An own folder for sockets and kernels, and a working directory in no course."""
    folder = tempfile.mkdtemp(prefix="wb-")
    monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
    monkeypatch.setenv("JUPYTER_PATH", f"{folder}/share/jupyter")
    monkeypatch.chdir(folder)
    # A zygote that has no processor for a while is to be waited for, not to be taken for one that imports.
    monkeypatch.setitem(Kept.request.__kwdefaults__, "seconds", 120.0)
    monkeypatch.setattr(status, "_ENDING", 120.0)
    yield Path(folder)
    assert status.stop(now=True)[1] == 0
    shutil.rmtree(folder)


def said(*arguments: str, code: int = 0) -> str:
    """What a command prints, in this process."""
    result = CliRunner().invoke(application(), list(arguments))
    assert result.exit_code == code, (result.output, result.exception)
    return result.output


def outside(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    command = [sys.executable, "-m", "workbench.warm", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_a_command_gets_warm_kernels_and_its_exit_code_is_passed_on(place):
    (place / "shows.py").write_text(SHOWS)
    done = outside("run", "--modules", "wave", "--", sys.executable, "shows.py")
    assert done.stderr == ""
    assert done.stdout == f"{status.statuses()[0].pid} True\n"
    begun = status.statuses()[0].pid
    ended = outside("run", "--modules", "wave", "--", "sh", "-c", "grep SigIgn /proc/self/status; exit 7")
    assert ended.returncode == 7
    assert not int(ended.stdout.split()[1], 16) & 1 << (signal.SIGPIPE - 1)  # Python's own settings are not handed on
    assert [one.pid for one in status.statuses()] == [begun]
    assert said("status").startswith(f"python3-warm  process {begun}, ready")
    assert [one["kernels"] for one in json.loads(said("status", "--json"))] == [[]]
    assert said("stop") == "1 ended\n"
    assert said("stop", "--now") == "0 ended\n"
    assert said("status") == "nothing runs\n"
    nowhere = outside("run", "--modules", "wave", "--", "no-such-tool")
    assert (nowhere.returncode, nowhere.stderr) == (2, "workbench: no-such-tool: No such file or directory\n")


GONE = """
import json, os
from workbench.warm import status
assert json.loads(os.environ["WORKBENCH_WARM_ANEW"]) == {"name": "python3-warm", "modules": ["wave"]}
status._ENDING = 120.0
assert status.stop(now=True) == (1, 0)
"""


def test_when_the_process_has_ended_the_next_kernel_has_another_and_strictly_none_is_cold(place):
    (place / "gone.py").write_text(GONE + SHOWS)
    done = outside("run", "--strict", "--modules", "wave", "--", sys.executable, "gone.py")
    assert done.stderr == ""
    assert done.stdout == f"{status.statuses()[0].pid} True\n"
    (place / "cold.py").write_text("import os\nos.environ['PYTHONPATH'] = 'relative'\n" + SHOWS)
    cold = outside("run", "--strict", "--modules", "wave", "--", sys.executable, "cold.py")
    assert (cold.returncode, cold.stdout) == (1, "")
    assert "NotWarm: PYTHONPATH has an entry that is relative or empty" in cold.stderr


def test_alone_it_ends_with_the_command_however_that_ends(place):
    command = [sys.executable, "-m", "workbench.warm", "run", "--alone", "--modules", "wave", "--"]
    code = "import os, time; print(os.environ['WORKBENCH_WARM'], flush=True); time.sleep(600)"
    with subprocess.Popen([*command, sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as tool:
        assert tool.stdout is not None
        path = Path(tool.stdout.readline().strip())
        client.connected(path).close()
        assert status.statuses() == []  # it is not one that is shared
        tool.send_signal(signal.SIGINT)
        assert tool.wait(120) == -signal.SIGINT
    end = time.monotonic() + 120
    while path.parent.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not path.parent.exists()


def test_installed_it_loads_what_notebooks_import_or_what_is_named(place):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import pandas as pd")])
    nbformat.write(notebook, place / "a.ipynb")
    said("install", "--from", "a.ipynb", "--modules", "numpy.random", "--prefix", str(place), "--idle", "60")
    spec = json.loads((place / "share/jupyter/kernels/python3-warm/kernel.json").read_text())
    config = spec["metadata"]["kernel_provisioner"]["config"]
    assert config == {"modules": ["numpy.random", "pandas"], "name": "python3-warm", "idle": 60, "memory": 1 << 30}
    assert serving.modules([], [], name="python3-warm") == ["numpy.random", "pandas"]
    assert CliRunner().invoke(application(), ["install", "--user", "--prefix", "x", "--modules", "a"]).exit_code == 2


def test_a_module_that_is_not_there_is_not_installed(place):
    done = outside("install", "--modules", "json,panads,json.lods,sklearn.tree", "--prefix", str(place))
    assert (done.returncode, done.stdout) == (2, "")
    assert "not to be found here: panads, json.lods\n" in done.stderr
    assert not (place / "share").exists()
    assert said("install", "--modules", "json", "--prefix", str(place)).endswith(
        "python3-warm: 1 module to load ahead of time\n"
    )


def test_what_says_nothing_of_libraries_is_an_error_that_says_what_to_do(place):
    done = outside("install", "--prefix", str(place))
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing says what to load\n  next:  --modules" in done.stderr


def test_in_a_course_it_is_what_its_lessons_import(place, tea_course, monkeypatch):
    master = next(tea_course.lessons.glob("00*.py"))
    master.write_text(master.read_text() + "\n# %%\nfrom sklearn import tree\nimport statistics\n")
    monkeypatch.setenv("WORKBENCH_COURSE", str(tea_course.root))
    assert Course.find().root == tea_course.root
    found = serving.modules([""], [])
    assert "sklearn:tree" in found
    assert "statistics" not in found


def test_the_libraries_of_notebooks_are_found_despite_magics(tmp_path):
    cells = [
        "%matplotlib inline\nimport matplotlib.pyplot as plt\n!ls",
        "from sklearn.linear_model import (Ridge,\n    Lasso)\nfrom scipy import *\nfrom . import mine\nimport own_module",
        "%%time\nimport numpy.random as r, os",
        "%%bash\nimport pandas",
        "def f():\n    import xgboost",
        "try:\n    import not_there_at_all\nexcept ImportError: pass",
        "import broken syntax\nimport IPython",
        "from workbench import check",
    ]
    notebook = nbformat.v4.new_notebook(
        cells=[*map(nbformat.v4.new_code_cell, cells), nbformat.v4.new_markdown_cell("import ast")]
    )
    (tmp_path / ".ipynb_checkpoints").mkdir()
    nbformat.write(notebook, tmp_path / "a.ipynb")
    (tmp_path / ".ipynb_checkpoints" / "b.ipynb").write_text("{")
    (tmp_path / "own_module.py").touch()
    assert libraries.of_notebooks([tmp_path]) == [
        "IPython", "matplotlib.pyplot", "numpy.random", "scipy", "sklearn.linear_model:Lasso", "sklearn.linear_model:Ridge",
        "xgboost",
    ]  # fmt: skip
    script = tmp_path / "a.py"
    script.write_text("import numpy")
    assert libraries.of_notebooks([script]) == ["numpy"]


@pytest.mark.parametrize("text", ["{", "[]", '{"cells": [{}]}', '{"cells": 1}'])
def test_what_is_no_notebook_is_said(tmp_path, text):
    (tmp_path / "a.ipynb").write_text(text)
    with pytest.raises(NotebookError, match="not a notebook"):
        libraries.of_notebooks([tmp_path / "a.ipynb"])


def test_a_person_reads_what_there_is(monkeypatch):
    now = 1e9  # which does not go on between what is noted and what is read
    monkeypatch.setattr(serving.time, "time", lambda: now)
    kernel = Kernel(7, "/notes", now - 61, Memory(200 << 20, 30 << 20))
    busy = Status(
        5,
        "mine",
        "ready",
        now - 5,
        None,
        ["a", "b"],
        {"c": "ImportError: no\nluck"},
        ["prophet"],
        Memory(300 << 20, 9),
        [kernel],
    )
    assert list(serving.lines(busy)) == [
        "mine  process 5, ready, for 5 s",
        "  2 modules in 300 MB",
        "  not imported: c, ImportError: no luck",
        "  left to each notebook: prophet",
        "  kernel 7, for 1 min 1 s, 30 MB of its own, 15% of what it has, in /notes",
    ]
    importing = Status(5, "", "importing", None, None, [], {}, [], Memory(0, 0), [])
    assert list(serving.lines(importing)) == ["a zygote  process 5, importing"]


def test_where_nothing_can_be_forked_a_command_runs_all_the_same(place, monkeypatch, capfd):
    code = "import os; os.write(1, b'ran ' + str('WORKBENCH_WARM' in os.environ).encode())"
    if (pid := os.fork()) == 0:
        try:
            monkeypatch.setattr(sys, "platform", "darwin")
            serving.run([sys.executable, "-c", code], ["wave"])
        finally:
            os._exit(9)  # where it did not become the command
    assert os.waitpid(pid, 0)[1] == 0
    out, err = capfd.readouterr()
    assert out == "ran False"
    assert err.startswith("workbench: cold kernels instead of warm ones: only Linux")
