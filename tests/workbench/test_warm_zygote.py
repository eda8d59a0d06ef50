"""The fork core: a child is what a cold process would be, and lives no longer than those who want it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import warmed
from workbench.warm import client
from workbench.warm import process as processes
from workbench.warm.anew import blas_threads
from workbench.warm.client import NotWarm
from workbench.warm.order import Order, Plan
from workbench.warm.owned import Zygote
from workbench.warm.process import Process

pytestmark = pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())

STACK = ["numpy", "numpy.random", "pandas", "matplotlib.pyplot", "sklearn.linear_model"]
FACTS = """
import json, os, random, sys, uuid
numpy = sys.modules.get("numpy")
facts = {
    "argv": sys.argv[1:], "origin": sys.orig_argv[1:], "path": sys.path, "folder": os.getcwd(), "flags": str(sys.flags),
    "environment": dict(os.environ), "input": sys.stdin.read(),
    "streams": [[one.line_buffering, one.write_through, one.name, one.mode] for one in (sys.stdin, sys.stdout, sys.stderr)],
    "encoding": [sys.stdin.encoding, sys.stdout.encoding, sys.stderr.encoding, sys.stderr.errors],
    "open": sorted(int(name) for name in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + name)),
    "name": __name__, "module": sys.modules["__main__"].__dict__ is globals(), "interrupt": True,
}
print(json.dumps(facts))
"""
DRAWS = """
import json, multiprocessing, numpy, os, random, sys, tempfile, uuid
print(json.dumps([numpy.random.random(), random.random(), str(uuid.uuid4()), tempfile.mktemp(),
                  multiprocessing.current_process().authkey.hex()]))
"""


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote(STACK, hash_seed="3") as one:
        yield warmed.ready(one)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[str], Path]:
    """A folder with a module ``probe`` of this source."""

    def write(source: str) -> Path:
        (tmp_path / "probe.py").write_text(source, encoding="utf-8")
        return tmp_path

    return write


def run(zygote: Zygote | None, folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> Any:
    if zygote:
        warmed.ready(zygote)  # or else a cold process would take the place of one that is long in coming
    return processes.run(
        [sys.executable, "-m", "probe", *arguments],
        environment={**os.environ, **(environment or {})},
        folder=folder,
        seconds=600,
        sockets=client.paths([zygote]),
    )


def begin(zygote: Zygote, folder: Path, *, session: bool = True) -> Process:
    streams = os.open(os.devnull, os.O_RDWR)
    try:
        return processes.start(
            [sys.executable, "-m", "probe"],
            environment=os.environ,
            folder=folder,
            streams=(streams, streams, streams),
            session=session,
            sockets=[zygote.path],
        )
    finally:
        os.close(streams)


def until(ready: Callable[[], Any], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # it may end while it is looked at
        return False


def test_nothing_but_one_thread_runs_before_the_fork(zygote, folder):
    done = run(zygote, folder("import os\nprint(os.getppid(), len(os.listdir('/proc/self/task')))"))
    parent, _ = map(int, done.stdout.split())
    assert parent == zygote.process.pid
    assert [task.name for task in Path(f"/proc/{parent}/task").iterdir()] == [str(parent)]
    libraries = Path(f"/proc/{parent}/maps").read_text()
    assert "openblas" in libraries
    assert "libgomp" in libraries


def test_a_child_finds_what_a_cold_process_finds(zygote, folder):
    place = folder(FACTS)
    warm, cold = (
        json.loads(run(one, place, "a", "b c", environment={"WORKBENCH_X": "é\udc80"}).stdout) for one in (zygote, None)
    )
    assert warm == cold
    assert warm["open"][:3] == [0, 1, 2]


def test_an_exit_code_and_last_words_are_handed_on(zygote, folder):
    for source, code in [
        ("import sys\nsys.exit(7)", 7),
        ("import sys\nsys.exit('no')", 1),
        ("1 / 0", 1),
        ("import os\nos.kill(os.getpid(), 9)", -9),
        ("open('kept', 'w').write('all of it')\nclass A: pass", 0),
    ]:
        place = folder(source)
        warm, cold = run(zygote, place), run(None, place)
        assert (warm.returncode, warm.stdout) == (code, cold.stdout)
        assert warm.stderr.splitlines()[-1:] == cold.stderr.splitlines()[-1:]
    assert (place / "kept").read_text() == "all of it"


def test_what_is_left_open_is_written_at_the_end(zygote, folder):
    place = folder("kept = open('kept', 'w')\nkept.write('all of it')")
    assert run(zygote, place).returncode == 0
    assert (place / "kept").read_text() == "all of it"


def test_threads_and_exit_handlers_are_waited_for(zygote, folder):
    source = "import atexit, threading, time\natexit.register(print, 'last')\n"
    source += "threading.Thread(target=lambda: (time.sleep(0.3), print('thread'))).start()"
    assert run(zygote, folder(source)).stdout == "thread\nlast\n"


def test_no_two_children_draw_the_same(zygote, folder):
    place = folder(DRAWS)
    one, other = (json.loads(run(zygote, place).stdout) for _ in range(2))
    assert [left == right for left, right in zip(one, other, strict=True)] == [False] * 5


def test_one_child_leaves_nothing_to_the_next(zygote, folder):
    source = """
        import os, random, sys, warnings
        import matplotlib.pyplot, numpy, pandas
        print(matplotlib.rcParams["lines.linewidth"], matplotlib.pyplot.get_fignums(), pandas.get_option("display.max_rows"),
              os.environ.get("WORKBENCH_LEFT"), os.getcwd(), warnings.filters[0][0] == "error", "left" in sys.modules)
        matplotlib.use("agg")
        matplotlib.rcParams["lines.linewidth"] = 9
        matplotlib.pyplot.figure()
        pandas.set_option("display.max_rows", 3)
        os.environ["WORKBENCH_LEFT"] = "x"
        os.chdir("/")
        warnings.simplefilter("error")
        sys.modules["left"] = sys
        random.seed(1)
        numpy.random.seed(1)
    """
    place = folder(dedent(source))
    assert [run(zygote, place).stdout for _ in range(2)] == [run(None, place).stdout] * 2


def test_libraries_have_the_threads_that_the_environment_gives_them(folder):
    source = "import json, numpy, scipy.linalg, sklearn.ensemble\nfrom threadpoolctl import threadpool_info\n"
    source += "print(sorted((one['internal_api'], one['num_threads']) for one in threadpool_info()))"
    place = folder(source)
    for variables in ({}, {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "64"}):
        with Zygote(["numpy", "scipy.linalg", "sklearn.ensemble"], environment={**os.environ, **variables}) as one:
            warm, cold = (run(each, place, environment=variables).stdout for each in (one, None))
            assert warm == cold
            assert "openblas" in warm


def test_the_rule_of_openblas():
    assert blas_threads({}, processors=8) == 8
    assert blas_threads({"OMP_NUM_THREADS": "2,4"}, processors=8) == 2
    assert blas_threads({"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "3"}, processors=8) == 3
    assert blas_threads({"OPENBLAS_NUM_THREADS": "0", "GOTO_NUM_THREADS": "-1"}, processors=8) == 8
    assert blas_threads({"OPENBLAS_NUM_THREADS": "99"}, processors=8) == 8


def test_what_could_not_be_the_same_is_refused(zygote):
    plan = Plan([], {"HOME": "/h", "OMP_NUM_THREADS": "2"}, "3", 1, 1, "")
    command = [sys.executable, "-m", "probe"]

    def refusal(argv: list[str] = command, **changed: str) -> str:
        return Order(argv, {**plan.environment, **changed}, "/", False, [0, 1, 2]).refusal(plan)

    assert refusal() == ""
    assert refusal(WORKBENCH_X="1", PYTHONHASHSEED="3", MPLBACKEND="agg") == ""
    assert refusal(PYTHONPATH="") == ""
    assert "OMP_NUM_THREADS" in refusal(OMP_NUM_THREADS="1")
    assert "PYTHONPATH" in refusal(PYTHONPATH="/else")
    assert "seeded with 3, not 4" in refusal(PYTHONHASHSEED="4")
    assert "relative or empty" in refusal(PYTHONPATH="tests")
    assert "can be forked" in refusal(["python", "-c", "1"])
    with pytest.raises(NotWarm, match="the variable LD_PRELOAD differs"):
        processes.start(
            command, environment={**os.environ, "LD_PRELOAD": "x"}, folder="/", streams=(0, 1, 2), sockets=[zygote.path]
        )
    with pytest.raises(NotWarm, match="no zygote is offered"):
        processes.start(command, environment={}, folder="/", streams=(0, 1, 2), sockets=[])


def test_a_folder_is_that_of_the_tool_not_of_the_zygote(zygote, folder, monkeypatch):
    place = folder("import os\nprint(os.getcwd())")
    monkeypatch.chdir(place.parent)
    assert run(zygote, Path(place.name)).stdout == f"{place}\n"
    with pytest.raises(ValueError, match="starts at the root"):
        Order.read({"argv": [], "environment": {}, "folder": place.name}, [0, 1, 2])


def test_a_library_that_speaks_or_starts_a_thread_is_left_to_the_child(tmp_path):
    (tmp_path / "quiet.py").write_text("x = 1")
    (tmp_path / "warns.py").write_text("import warnings\nwarnings.warn('careful')")
    (tmp_path / "threads.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()"
    )
    (tmp_path / "fails.py").write_text("1 / 0")
    (tmp_path / "probe.py").write_text(
        "import sys\nprint([name in sys.modules for name in ('quiet', 'warns', 'threads', 'fails', 'old', 'uses')])\n"
        "import warns\nimport old"
    )
    (tmp_path / "old.py").write_text("import warnings\nwarnings.warn('deprecated', DeprecationWarning, stacklevel=2)")
    (tmp_path / "older.py").write_text((tmp_path / "old.py").read_text())
    (tmp_path / "uses.py").write_text("import older")
    variables = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with Zygote(["warns", "quiet", "fails", "threads", "old", "uses"], environment=variables) as one:
        done = run(one, tmp_path, environment=variables)
    assert done.stdout == "[True, False, False, False, False, True]\n"
    assert "UserWarning: careful" in done.stderr
    assert "DeprecationWarning: deprecated" in done.stderr  # as it is in a notebook, whose cell imports it


def test_one_that_begins_anew_has_the_variables_it_was_started_with(tmp_path, monkeypatch):
    monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    moves = "import os\nif 'MPLCONFIGDIR' not in os.environ:\n    os.environ['MPLCONFIGDIR'] = '/x'\n    print('moved')"
    (tmp_path / "one.py").write_text(moves)
    (tmp_path / "two.py").write_text("import one")
    (tmp_path / "probe.py").write_text("import sys\nprint('one' in sys.modules)\nimport two")
    variables = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with Zygote(["one", "two"], environment=variables) as one:
        assert run(one, tmp_path, environment=variables).stdout == "False\nmoved\n"


def test_a_stream_that_a_library_keeps_is_the_childs(tmp_path):
    (tmp_path / "keeps.py").write_text("import logging, sys\nhandler = logging.StreamHandler()\nout = sys.stdout")
    (tmp_path / "probe.py").write_text(
        "import logging, keeps\nlogging.getLogger().addHandler(keeps.handler)\n"
        "logging.warning('logged')\nprint('said', file=keeps.out)"
    )
    variables = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with Zygote(["keeps"], environment=variables) as one:
        done = run(one, tmp_path, environment=variables)
    assert (done.stdout, done.stderr) == ("said\n", "logged\n")


def test_a_crashing_child_leaves_the_zygote_usable(zygote, folder):
    crash = folder("import ctypes\nctypes.string_at(0)")
    assert run(zygote, crash).returncode == -signal.SIGSEGV
    assert run(zygote, folder("print('well')")).stdout == "well\n"


def test_signals_reach_a_child_and_what_it_started(zygote, folder):
    source = "import subprocess, sys, time\nchild = subprocess.Popen(['sleep', '600'])\n"
    place = folder(source + "open('pid', 'w').write(str(child.pid))\ntime.sleep(600)")
    process = begin(zygote, place)
    until(lambda: (place / "pid").exists() and (place / "pid").read_text())
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.1)
    process.terminate()
    assert process.wait(120) == -signal.SIGTERM
    until(lambda: not alive(int((place / "pid").read_text())))
    process.kill()  # of one that has ended: nothing


def test_a_child_ends_with_the_one_who_ordered_it(zygote, folder):
    process = begin(zygote, folder("import time\ntime.sleep(600)"))
    assert alive(process.pid)
    process._connection.close()
    until(lambda: not alive(process.pid))


OWNER = """
import os, sys, time
from workbench.warm import owned, process as processes
if __name__ == "__main__":
    zygote = owned.Zygote(["json"])
    process = processes.start([sys.executable, "-m", "probe"], environment=os.environ, folder={folder!r}, streams=(0, 1, 2),
                           session=True, sockets=[zygote.path])
    print(zygote.process.pid, process.pid, zygote.path, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("killed", ["owner", "zygote"])
def test_kill_9_leaves_no_orphan(folder, killed):
    place = folder("import time\ntime.sleep(600)")
    owner = subprocess.Popen([sys.executable, "-c", OWNER.format(folder=str(place))], stdout=subprocess.PIPE, text=True)
    with owner, ExitStack() as stack:
        stack.callback(owner.kill)
        assert owner.stdout is not None
        zygote, child, path = owner.stdout.readline().split()
        stack.callback(shutil.rmtree, Path(path).parent, ignore_errors=True)  # where both are killed, nobody else does
        assert alive(int(child))
        os.kill(owner.pid if killed == "owner" else int(zygote), signal.SIGKILL)
        until(lambda: not alive(int(child)) and not alive(int(zygote)))
        if killed == "owner":
            until(lambda: not Path(path).parent.exists())


def test_a_zygote_ends_when_nobody_needs_it():
    with Zygote(["json"], idle=0.5) as one:
        assert one.process.wait(120) == 0
        with pytest.raises(NotWarm):
            processes.start(
                [sys.executable, "-m", "this"], environment=os.environ, folder="/", streams=(0, 1, 2), sockets=[one.path]
            )


def test_the_socket_is_the_users_alone(zygote):
    assert Path(zygote.path).stat().st_mode & 0o777 == 0o600
    assert Path(zygote.path).parent.stat().st_mode & 0o777 == 0o700


def test_nonsense_costs_only_its_own_connection(zygote, folder):
    packets = [b"{", b"[]", b'{"argv": 1}', b'{"signal": 9}', b'{"argv": [], "environment": {}}', b"[" * 60_000]
    for packet in packets:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.connect(zygote.path)
            connection.send(packet)
            assert connection.recv(100) == b""
    process = begin(zygote, folder("import time\ntime.sleep(600)"))
    process._connection.send(b'{"signal": 1e999}')
    assert process.wait(120) == -signal.SIGKILL  # as when whoever ordered it is gone
    assert not alive(process.pid)
    assert run(zygote, folder("print('well')")).stdout == "well\n"


def test_many_children_leave_nothing_behind(zygote, folder):
    place = folder("pass")

    def held() -> int:
        return len(list(Path(f"/proc/{zygote.process.pid}/fd").iterdir()))

    run(zygote, place)
    before = held()
    for _ in range(20):
        assert run(zygote, place).returncode == 0
    until(lambda: held() <= before)  # the first connection may still have been open then
    assert Path(f"/proc/{zygote.process.pid}/task/{zygote.process.pid}/children").read_text() == ""


def test_a_cold_process_where_none_can_be_forked(folder, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(NotWarm, match="only Linux"):
        Zygote(["json"])
    assert run(None, folder("print('cold')")).stdout == "cold\n"
