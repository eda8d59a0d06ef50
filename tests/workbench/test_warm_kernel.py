"""A warm kernel is a kernel like any other, for every tool that starts one by jupyter_client."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import KernelManager

import warmed
from workbench.execute import Job, Outcome, execute
from workbench.outputs import joined
from workbench.warm import client, preload
from workbench.warm.owned import Zygote

pytestmark = pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())

CELLS = [
    "import pandas as pd\nframe = pd.DataFrame({f'column {i}': range(30) for i in range(25)})\nframe",
    "print(frame.describe())\npd.reset_option('display.max_columns')\npd.get_option('display.max_columns')",
    "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots(figsize=(3, 2))\nline = axes.plot([1, 3, 2])",
    "import logging, sys\nlogging.warning('logged')\nprint('between')\nprint('error', file=sys.stderr)\nprint('after')",
    "import warnings\nwarnings.warn('careful', DeprecationWarning)\nimport noisy",
    "import quiet\nquiet.log.error('kept')\nprint('said', file=quiet.out)",
    "import os\nos.system('echo from a shell')",
    "import threading\nsorted({type(thread).__name__ for thread in threading.enumerate()})",
    "from tqdm.auto import tqdm\nimport ipywidgets, comm\n"
    "print(tqdm.__mro__[1], sorted(name for name in comm.get_comm_manager().targets if name.startswith('jupyter')))",
    "print(os.environ.get('MPLBACKEND'), plt.get_backend(), 'WORKBENCH_WARM' in os.environ, sys.argv[0][-9:], sys.path[:4])",
    "print(sys.stdin, get_ipython().kernel.__class__, __name__, sys.orig_argv[1:3], [type(x) for x in sys.meta_path])",
    "import IPython\nprint(os.getcwd(), get_ipython() is IPython.get_ipython(), get_ipython().config['IPKernelApp'].keys())",
    "import multiprocessing\nwith multiprocessing.Pool(2) as pool:\n    print(pool.map(abs, [-1, 2]))",
    "from sklearn.ensemble import HistGradientBoostingClassifier as Model\nimport numpy as np\n"
    "x = np.random.default_rng(0).normal(size=(300, 3))\n"
    "print(Model(max_iter=5).fit(x, x[:, 0] > 0).predict_proba(x)[:3], np.linalg.svd(x)[1])",
    "%timeit -n1 -r1 -o -q None\nprint(np.random.rand() < 1)",
    "def broken():\n    return 1 / 0\nbroken()",
]


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a library that warns as it is imported, and one that keeps the streams it finds."""
    folder = tmp_path_factory.mktemp("libraries")
    (folder / "noisy.py").write_text("import warnings\nwarnings.warn('imported')\nprint('imported')")
    (folder / "quiet.py").write_text(
        "import logging, sys\nlog = logging.getLogger('quiet')\nlog.addHandler(logging.StreamHandler())\nout = sys.stdout"
    )
    return folder


@pytest.fixture(scope="module")
def zygote(libraries: Path) -> Iterator[Zygote]:
    modules = ["pandas", "matplotlib.pyplot", "noisy", "quiet", "sklearn.ensemble", "tqdm.auto", "ipywidgets"]
    with Zygote([*preload.KERNEL, *modules], environment={**os.environ, "PYTHONPATH": str(libraries)}) as one:
        yield one


@contextmanager
def offered(zygote: Zygote) -> Iterator[None]:
    """Let this process ask the zygote, which has imported everything: no kernel is cold because that takes too long."""
    with client.offered([warmed.ready(zygote)]):
        yield


def run(folder: Path, cells: list[str], *, environment: dict[str, str], limit: float = 900) -> tuple[Outcome, Any]:
    source = [nbformat.v4.new_code_cell(text, id=f"c-{number}") for number, text in enumerate(cells)]
    nbformat.write(nbformat.v4.new_notebook(cells=source), folder / "in.ipynb")
    outcome = execute(Job(folder / "in.ipynb", folder / "out.ipynb", {}, folder, environment, "00_x", limit))
    return outcome, nbformat.read(folder / "out.ipynb", as_version=4)


def seen(notebook: Any) -> list[Any]:
    """What a reader sees; numbers of processes and places in memory left out."""
    outputs = []
    for cell in notebook.cells:
        if cell.cell_type != "code":  # papermill's note of the error
            continue
        whole = joined(json.loads(json.dumps(cell.outputs)))  # however the stream was cut on its way
        for output in whole:
            if output["output_type"] == "error":
                output["traceback"] = []
            if output.get("name") == "stderr":
                output["text"] = "\n".join(line.partition(":")[2] for line in output["text"].splitlines())
        outputs.append([cell.get("execution_count"), whole])
    return outputs


def test_outputs_are_those_of_a_cold_kernel(zygote, libraries, tmp_path):
    environment = {"PYTHONPATH": str(libraries)}
    cold_outcome, cold = run(tmp_path, CELLS, environment=environment)
    with offered(zygote):
        warm_outcome, warm = run(tmp_path, CELLS, environment=environment)
    for expected, found, source in zip(seen(cold), seen(warm), CELLS, strict=True):
        assert found == expected, source
    assert warm_outcome.error == cold_outcome.error
    assert warm_outcome.error is not None
    assert warm_outcome.error.name == "ZeroDivisionError"


def test_it_was_forked_and_has_its_libraries(zygote, libraries, tmp_path):
    cells = ["import os, sys\nprint(os.getppid(), 'sklearn.ensemble' in sys.modules, 'noisy' in sys.modules)"]
    with offered(zygote):
        outcome, notebook = run(tmp_path, cells, environment={"PYTHONPATH": str(libraries)})
    assert outcome.ok
    assert notebook.cells[0].outputs[0].text == f"{zygote.process.pid} True False\n"


def test_the_modules_that_look_for_a_notebook_are_known(libraries):
    code = "import sys; from workbench.warm import preload, stack, order; from workbench.warm.order import Plan\n"
    code += "modules = [*preload.KERNEL, 'pandas', 'matplotlib.pyplot', 'sklearn.ensemble', 'scipy.stats', 'duckdb']\n"
    code += "print(stack.load(Plan(modules, {}, '', 1, 1 << 32, ''), wanted=lambda: True).looked)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_dead_kernel_and_one_that_hangs_are_outcomes(zygote, tmp_path):
    place = {"PYTHONPATH": str(zygote_path(zygote))}
    with offered(zygote):
        dead, _ = run(tmp_path, ["import os\nos.write(2, b'last words')\nos._exit(9)"], environment=place)
        slow, _ = run(tmp_path, ["import time\ntime.sleep(600)"], environment=place, limit=3)
        left, _ = run(tmp_path, ["import sys\nsys.exit(0)"], environment=place)
    assert [outcome.error.name for outcome in (dead, slow, left) if outcome.error] == ["DeadKernel", "Timeout", "SystemExit"]
    assert "last words" in str(dead.error)
    children = Path(f"/proc/{zygote.process.pid}/task/{zygote.process.pid}/children")
    until(lambda: children.read_text() == "")


def until(ready: Callable[[], Any], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def zygote_path(zygote: Zygote) -> str:
    variables = Path(f"/proc/{zygote.process.pid}/environ").read_bytes().split(b"\0")
    return next(entry.partition(b"=")[2].decode() for entry in variables if entry.startswith(b"PYTHONPATH="))


def test_any_tool_can_start_interrupt_and_restart_one(zygote, libraries, monkeypatch, tmp_path):
    from jupyter_client.manager import start_new_kernel
    from jupyter_client.provisioning import KernelProvisionerFactory

    KernelProvisionerFactory.clear_instance()  # it reads the variable once
    for name, value in client.offer_to_jupyter([warmed.ready(zygote).path]).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", str(libraries))
    manager, kernel = start_new_kernel(startup_timeout=120, cwd=str(tmp_path))
    try:

        def asked(code: str) -> Any:
            return kernel.execute_interactive(
                code, timeout=120, output_hook=lambda message: None, user_expressions={"x": "x"}
            )

        def value(reply: Any) -> str:
            return reply["content"]["user_expressions"]["x"]["data"]["text/plain"]

        first = value(asked("import os; x = os.getppid(), os.getpid(), 'WORKBENCH_WARM' in os.environ"))
        assert first.startswith(f"({zygote.process.pid}, ")
        assert first.endswith("False)")
        kernel.execute("import time; print('begun', flush=True); time.sleep(600)")
        while "begun" not in kernel.get_iopub_msg(timeout=120)["content"].get("text", ""):
            pass
        manager.interrupt_kernel()
        assert kernel.get_shell_msg(timeout=120)["content"]["ename"] == "KeyboardInterrupt"
        manager.restart_kernel(now=True)
        kernel.wait_for_ready(timeout=120)
        assert value(asked("import os; x = os.getppid(), os.getpid(), 'WORKBENCH_WARM' in os.environ")) != first
    finally:
        kernel.stop_channels()
        manager.shutdown_kernel(now=True)
        KernelProvisionerFactory.clear_instance()
    until(lambda: not manager.is_alive())


def test_a_kernel_that_cannot_be_forked_is_cold_and_the_log_says_so_once(zygote, tmp_path, caplog, monkeypatch):
    from workbench.warm import provisioner

    monkeypatch.setattr(provisioner, "_said", set())
    cells = ["import os\nprint(os.getppid(), os.environ['LD_X'])"]
    with offered(zygote), caplog.at_level(logging.WARNING):
        runs = [run(tmp_path, cells, environment={"LD_X": "1"}) for _ in range(2)]
    assert [notebook.cells[0].outputs[0].text for _, notebook in runs] == [f"{os.getpid()} 1\n"] * 2
    said = [record.getMessage() for record in caplog.records if "cold kernel" in record.getMessage()]
    assert len(said) == 1
    assert "differs" in said[0]


LATE = """
def prepare():  # by closures, for the names of a notebook are gone before its kernel ends
    import sys, time
    from ipykernel.kernelapp import IPKernelApp
    app = IPKernelApp.instance()
    loop = app.iopub_thread.io_loop
    flush, add = sys.stdout.flush, loop.add_callback
    def late():
        time.sleep(0.5)
        flush()
    def noted(call, *arguments):
        if call == loop.stop:
            with open("alive", "a") as file:
                print(app.control_thread.is_alive(), file=file)
        return add(call, *arguments)
    sys.stdout.flush, loop.add_callback = late, noted
prepare()
"""


def test_its_output_stays_open_until_the_request_that_ends_it_has_been_dealt_with(zygote, libraries, tmp_path):
    """Otherwise that request may wait for a thread that has been stopped, and the kernel has to be killed."""
    manager: Any = KernelManager(kernel_name="python3", shutdown_wait_time=240.0)  # it is killed after half of that
    manager.kernel_spec.metadata["kernel_provisioner"] = {"provisioner_name": client.PROVISIONER}
    environment = {**os.environ, "PYTHONPATH": str(libraries), client.VARIABLE: warmed.ready(zygote).path}
    manager.start_kernel(env=environment, cwd=str(tmp_path))
    process = manager.provisioner.process
    kernel = manager.client()
    kernel.start_channels()
    try:
        kernel.wait_for_ready(timeout=120)
        assert kernel.execute(LATE, reply=True, timeout=120)["content"]["status"] == "ok"
    finally:
        kernel.stop_channels()
        manager.shutdown_kernel()
    assert process.poll() == 0
    assert (tmp_path / "alive").read_text().split() == ["False"]
