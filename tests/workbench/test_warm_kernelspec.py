"""An installed warm kernel serves tools that know nothing of it: each in a process of its own, unchanged."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from workbench.warm import client, kernelspec, status
from workbench.warm.folder import Kept
from workbench.warm.kernelspec import KernelSpecError

pytestmark = pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())

CELL = "import os, sys\nprint(os.getppid(), os.getpid(), 'wave' in sys.modules, 'colorsys' in sys.modules)"


@pytest.fixture(scope="module")
def installed() -> Iterator[dict[str, str]]:
    """The variables under which tools find the kernel; its zygotes have ended afterwards."""
    place = tempfile.mkdtemp(prefix="wb-")
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = place
    try:
        folder = kernelspec.install(["json", "wave"], prefix=place)
        _patient(folder / "kernel.json")
        yield {**os.environ, "JUPYTER_PATH": str(folder.parents[1])}
        status.stop(now=True)
        until(lambda: not status.statuses())
    finally:
        del os.environ["XDG_RUNTIME_DIR"]
        if before is not None:
            os.environ["XDG_RUNTIME_DIR"] = before
        shutil.rmtree(place)


def _patient(file: Path) -> None:
    """Let kernels wait for what is imported: a busy machine may take longer over it than a person would wait."""
    spec = json.loads(file.read_text())
    spec["metadata"]["kernel_provisioner"]["config"]["patience"] = 600.0
    file.write_text(json.dumps(spec))


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    # A zygote that has no processor for a while is to be waited for, not to be taken for one that imports.
    monkeypatch.setitem(Kept.request.__kwdefaults__, "seconds", 120.0)


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """One that asks for the warm kernel."""
    cells = [nbformat.v4.new_code_cell(CELL, id="a"), nbformat.v4.new_code_cell("1 + 1", id="b")]
    cells[1].outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=2)]
    named = {"kernelspec": {"name": "python3-warm", "display_name": "x", "language": "python"}}
    path = tmp_path / "a.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=named), path)
    return path


def zygote() -> int:
    return status.statuses()[0].pid


def printed(path: Path) -> str:
    return str(nbformat.read(path, as_version=4).cells[0].outputs[0].text)


def run(*command: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def until(ready: Callable[[], Any], seconds: float = 180) -> Any:
    end = time.monotonic() + seconds
    while not (found := ready()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return found


def test_papermill_nbclient_nbmake_and_nbval_use_it_unchanged(installed, notebook, tmp_path, monkeypatch):
    out = tmp_path / "out.ipynb"
    said = run("papermill", str(notebook), str(out), "--no-progress-bar", environment=installed)
    first = printed(out).split()
    assert first[0] == str(zygote())
    assert first[2:] == ["True", "False"]
    assert "cold" not in said
    monkeypatch.setenv("JUPYTER_PATH", installed["JUPYTER_PATH"])
    marked = NotebookClient(nbformat.read(notebook, as_version=4)).execute()
    text = marked.cells[0].outputs[0].text
    assert text.split()[0] == first[0]
    assert text != printed(out)
    nothing = ["-p", "no:cacheprovider", "-q", "-W", "ignore"]
    alone = {**installed, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    marked.cells[0].source = CELL + f"\nassert os.getppid() == {first[0]}"
    nbformat.write(marked, notebook)
    assert "1 passed" in run("pytest", "-p", "nbmake.pytest_plugin", "--nbmake", str(notebook), *nothing, environment=alone)
    marked.cells[0].source = "# NBVAL_IGNORE_OUTPUT\n" + CELL + f"\nassert os.getppid() == {first[0]}"
    marked.cells.append(marked.cells[1].copy())
    marked.cells[2].id = "c"
    marked.cells[2].outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "3"}, execution_count=3)]
    nbformat.write(marked, notebook)
    with pytest.raises(AssertionError, match="1 failed, 2 passed"):
        run("pytest", "-p", "nbval.plugin", "--nbval", str(notebook), *nothing, environment=alone)


def test_a_folder_may_be_named_as_seen_from_the_tool(installed, tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", installed["JUPYTER_PATH"])
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    cells = [nbformat.v4.new_code_cell("import os\nprint(os.getppid(), os.getcwd())")]
    tool = NotebookClient(
        nbformat.v4.new_notebook(cells=cells), kernel_name="python3-warm", resources={"metadata": {"path": "sub"}}
    )
    assert tool.execute().cells[0].outputs[0].text == f"{zygote()} {tmp_path / 'sub'}\n"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("localhost", port)):
        return True
    return False


def _said(folder: Path) -> list[Any]:
    """What servers have said of themselves; nothing of one that is still writing it."""
    found = []
    for file in folder.glob("jpserver-*.json"):
        with suppress(ValueError):
            found.append(json.loads(file.read_text()))
    return found


@pytest.fixture
def server(installed: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """A Jupyter server, which is asked as JupyterLab asks it."""
    command = ["jupyter", "server", "--no-browser", "--allow-root", f"--port={free_port()}", "--IdentityProvider.token=x"]
    command += ["--ServerApp.root_dir=" + str(tmp_path), "--KernelRestarter.time_to_dead=0.2"]
    variables = {**installed, "JUPYTER_RUNTIME_DIR": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path)}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", *command], env=variables, stdout=log, stderr=log)
    try:
        found = until(lambda: _said(tmp_path))
        until(lambda: listens(found[0]["port"]))  # it does so only after it has said where

        def asked(method: str, path: str, **body: Any) -> Any:
            request = urllib.request.Request(
                found[0]["url"] + "api/" + path,
                method=method,
                data=json.dumps(body).encode() if body else None,
                headers={"Authorization": "token x", "Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request, timeout=180) as answer:
                return json.loads(answer.read() or b"null")

        yield asked
    finally:
        process.terminate()
        process.wait(180)


def test_a_jupyter_server_starts_restarts_and_ends_it_and_starts_another_after_kill_9(server, installed):
    assert server("GET", "kernelspecs")["default"] == "python3"

    def kernels() -> list[int]:
        return [kernel.pid for one in status.statuses() for kernel in one.kernels]

    kernel = server("POST", "kernels", name="python3-warm")["id"]
    (first,) = until(kernels)
    server("POST", f"kernels/{kernel}/restart")
    (second,) = until(lambda: [pid for pid in kernels() if pid != first])
    until(lambda: kernels() == [second])
    os.kill(second, signal.SIGKILL)
    (third,) = until(lambda: [pid for pid in kernels() if pid not in (first, second)])
    assert server("GET", f"kernels/{kernel}")["name"] == "python3-warm"

    def deleted() -> bool:
        try:
            server("DELETE", f"kernels/{kernel}")
        except urllib.error.HTTPError as error:  # the server fails at it while it has not done with starting the third
            if error.code != 500:
                raise
            return False
        return True

    until(deleted)
    until(lambda: not kernels())
    assert third not in (first, second)


def test_installing_again_replaces_it_and_the_ordinary_kernel_stays(installed, monkeypatch):
    from jupyter_client.kernelspec import KernelSpecManager

    monkeypatch.setenv("JUPYTER_PATH", installed["JUPYTER_PATH"])
    prefix = Path(installed["JUPYTER_PATH"]).parents[1]
    assert kernelspec.modules_of() == ["json", "wave"]
    other = kernelspec.install(["decimal"], name="other-warm", title="Other", idle=5, memory=1 << 30, prefix=str(prefix))
    spec = json.loads((other / "kernel.json").read_text())
    assert spec["display_name"] == "Other"
    assert spec["metadata"]["kernel_provisioner"]["config"] == {
        "modules": ["decimal"], "name": "other-warm", "idle": 5, "memory": 1 << 30
    }  # fmt: skip
    assert (other / "logo-svg.svg").is_file()
    kernelspec.install([], name="other-warm", prefix=str(prefix))
    assert kernelspec.modules_of("other-warm") == []
    assert {"python3", "python3-warm", "other-warm"} <= set(KernelSpecManager().find_kernel_specs())


def test_what_is_not_a_warm_kernel_is_said(installed, monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTER_PATH", installed["JUPYTER_PATH"])
    with pytest.raises(KernelSpecError, match="no kernel nowhere"):
        kernelspec.modules_of("nowhere")
    with pytest.raises(KernelSpecError, match="an ordinary one"):
        kernelspec.modules_of("python3")
    with pytest.raises(KernelSpecError, match="cannot be installed"):
        kernelspec.install([], name="not a name", prefix=str(tmp_path))


COLD = """
import logging, os, sys
from jupyter_client.manager import start_new_kernel
logging.basicConfig(level=logging.WARNING, format="%(message)s")
for folder, options in [(sys.argv[1], {}), (sys.argv[1], {}), ("/", {"independent": True})]:
    manager, kernel = start_new_kernel(kernel_name="python3-warm", cwd=folder, **options)
    kernel.execute_interactive("import os; print(os.getppid())")
    kernel.stop_channels()
    manager.shutdown_kernel(now=True)
print(os.getpid())
"""


def test_where_it_cannot_be_warm_it_is_cold_and_says_once_why(installed, tmp_path):
    (tmp_path / "wave.py").touch()
    done = subprocess.run(
        [sys.executable, "-c", COLD, str(tmp_path)], env=installed, capture_output=True, text=True, check=True, timeout=600
    )
    lines = done.stdout.splitlines()
    assert lines.count(lines[-1]) == 4
    reasons = [line.partition("warm one: ")[2] for line in done.stderr.splitlines()]
    assert reasons == [
        "the kernel's folder has a module of its own that is called wave",
        "the kernel is to outlive the one that starts it",
    ]
