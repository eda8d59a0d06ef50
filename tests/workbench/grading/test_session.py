"""A submission's process: cells as in a notebook, replies as from one, and an end to whatever else it does."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

import pytest

from workbench.grading.execution.session import Over, Session
from workbench.grading.sandbox import tiers
from workbench.grading.sandbox.forker import Forker
from workbench.grading.sandbox.limits import Limits
from workbench.grading.sandbox.view import View

LIMITS = Limits(wall=180, cpu=60, memory=512 << 20)
SETTING: dict[str, Any] = {"environment": {"WORKBENCH_LESSON": "00_tea"}, "folders": {"WORKBENCH_RUN": "run"}, "links": {}}
Open = Callable[..., AbstractContextManager[Session]]


@pytest.fixture(scope="module")
def sit() -> Iterator[Open]:
    """Opens sessions, all forked from one process."""
    modules = ("workbench.grading.execution.apart", "workbench.grading.execution.shell:READY")
    with Forker(View(modules=modules), tier=tiers.choose(allow_plain=True)) as forker:

        @contextmanager
        def opened(limits: Limits = LIMITS, **named: Any) -> Iterator[Session]:
            with forker.start("workbench.grading.execution.submission", [], limits) as room:
                session = Session(room, limits=limits, setting=SETTING, **named)
                session.begin()
                yield session

        yield opened


def shown(session: Session, source: str) -> str:
    """What a cell shows, in one text."""
    return "".join(item["content"] for item in session.run("cell", source).run.outputs)


def read(session: Session, name: str, *, apart: bool = False) -> Any:
    return session.ask(["read", name, [], {}], apart=apart)


def call(session: Session, name: str, *arguments: Any, apart: bool = False) -> Any:
    return session.ask(["call", name, list(arguments), {}], apart=apart)


# --- As in a notebook ------------------------------------------------------------------------------------------------


def test_cells_share_their_names_and_an_error_ends_its_cell_alone(sit):
    with sit() as session:
        session.run("one", "x = 1")
        ran = session.run("two", "y = 1\n1 / 0\ny = 2")
        session.run("three", "z = x + y")
        assert (ran.run.error, ran.line) == ("ZeroDivisionError: division by zero", 2)
        assert "<two>" in ran.run.outputs[-1]["content"]
        assert read(session, "z") == {"value": 2}
        assert session.close().cause == "finished"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("print('a'); 1 + 1", "a\n2\n"),
        ("import sys; print('warned', file=sys.stderr)", "warned\n"),
        ("display(1); display('two')", "1\n'two'\n"),
        ("import asyncio\nawait asyncio.sleep(0, 'awaited')", "'awaited'\n"),
        ("%pwd", "'/"),
        ("!echo said", "said\n"),
        ("said = !echo kept\nsaid", "['kept']\n"),
        ("%%bash\necho block", "block\n"),
        ("len?", "Signature"),
        ("%timeit -n1 -r1 pass", "per loop"),
        ("%matplotlib inline\n%config InlineBackend.figure_format = 'svg'\n3", "3\n"),
        ("exit()\n", ""),
        ("from workbench import check, quiz\ncheck('a.b'); check.hint('a.b'); quiz('a')", ""),
        ("import __main__; __main__.__name__", "'__main__'\n"),
        ("get_ipython().__class__.__name__", "'Shell'\n"),
        ("import os; os.environ['WORKBENCH_LESSON']", "'00_tea'\n"),
        ("print('\\x1b[31mred\\x1b[0m')", "red\n"),
    ],
)
def test_what_a_notebook_understands_is_understood(sit, source, words):
    with sit() as session:
        ran = session.run("cell", source)
        assert ran.run.error == ""
        assert words in "".join(item["content"] for item in ran.run.outputs)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("input('name?')", "EOFError"),
        ("x = (", "SyntaxError"),
        ("  y = 1\n z = 2", "IndentationError"),
        ("import sys\nsys.exit(3)", "SystemExit: 3"),
        ("%nothing", "UsageError"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd", "Odd: (no message)"),
        ("import nowhere", "ModuleNotFoundError"),
    ],
)
def test_an_error_is_told_and_the_next_cell_is_run(sit, source, error):
    with sit() as session:
        assert error in session.run("cell", source).run.error
        session.run("next", "x = 1")
        assert read(session, "x") == {"value": 1}


def test_a_traceback_shows_cells_and_not_where_libraries_lie(sit):
    with sit() as session:
        told = session.run("mine", "import json\njson.loads('{')").run.outputs[-1]["content"]
    assert "<mine>" in told
    assert "JSONDecodeError" in told
    assert "json/decoder.py" not in told


def test_figures_are_taken_after_a_cell_and_closed(sit, require):
    matplotlib = pytest.importorskip("matplotlib")
    require(matplotlib, "matplotlib is not installed")
    with sit() as session:
        ran = session.run("cell", "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
        assert [item["kind"] for item in ran.run.outputs] == ["figure"]
        assert shown(session, "plt.get_fignums()") == "[]\n"


def test_a_cell_shows_so_much_and_no_more(sit):
    with sit() as session:
        assert len(shown(session, "for _ in range(10**5): print('x' * 100)")) < 70_000


def test_a_cell_that_does_not_end_leaves_the_others_their_time(sit):
    with sit(replace(LIMITS, cpu=5)) as session:
        session.run("one", "x = 1")
        assert "TimeLimit" in session.run("two", "while True: pass").run.error
        assert read(session, "x") == {"value": 1}


# --- Asking ------------------------------------------------------------------------------------------------------------


def test_a_request_apart_leaves_no_trace(sit):
    source = """
calls = []
def f(x):
    calls.append(x)
    open("note", "a").write("x")
    print("seen")
    return len(calls)
"""
    with sit() as session:
        session.run("cell", source)
        session.run("file", "open('mine', 'w').write('abc')\ndef g(): return open('mine').read()")
        assert [call(session, "f", 0, apart=True) for _ in range(2)] == [{"value": 1}] * 2
        assert call(session, "g", apart=True) == {"value": "abc"}
        assert call(session, "f", 0) == {"value": 1}
        assert shown(session, "import os; sorted(os.listdir())") == "['mine', 'note']\n"


def test_a_call_apart_that_ends_its_process_loses_that_call_alone(sit):
    with sit() as session:
        session.run("cell", "import os\ndef f(x): os._exit(0) if x else None\ndef g(): os.kill(os.getpid(), 9)")
        assert "ended" in call(session, "f", 1, apart=True)
        assert "ended" in call(session, "g", apart=True)
        assert call(session, "f", 0, apart=True) == {"value": None}


def test_a_call_that_does_not_end_is_late(sit):
    source = (
        "import signal\ndef f():\n    while True: pass\ndef g():\n    signal.signal(signal.SIGALRM, signal.SIG_IGN)\n    f()"
    )
    with sit(seconds=0.5) as session:
        session.run("cell", source)
        assert call(session, "f") == {"late": "0.5"}
        assert call(session, "f", apart=True) == {"late": "0.5"}
        assert call(session, "g", apart=True) == {"late": "0.5"}
        assert not session.over


@pytest.mark.parametrize(
    "source",
    [
        "import json\njson.dumps = json.loads = lambda *a, **k: 1 / 0",
        "import builtins\nbuiltins.print = builtins.open = builtins.input = None",
        "import sys\nsys.stdout = sys.stderr = None",
        "import sys\nsys.setrecursionlimit(60)",
        "import os\nos.chdir('/')\nos.environ.clear()",
        "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.001)",
        "import os\nif os.fork() == 0: pass",
        "import threading\nthreading.Thread(target=lambda: [0 for _ in iter(int, 1)], daemon=True).start()",
        "import atexit, os\natexit.register(os._exit, 3)",
        "get_ipython().events.register('post_run_cell', lambda *a: 1 / 0)",
        "import sys\nsys.settrace(lambda *a: 1 / 0)",
        "globals().clear()",
    ],
    ids=lambda source: source.splitlines()[-1][:24],
)
def test_an_honest_answer_is_heard_whatever_else_was_broken(sit, source):
    with sit() as session:
        session.run("cell", source)
        session.run("answer", "x = 7")
        assert read(session, "x") == {"value": 7}
        assert read(session, "x", apart=True) == {"value": 7}


# --- Ends ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("import os\nos._exit(0)", "died"),
        ("import os\nos.kill(os.getpid(), 9)", "died"),
        ("import ctypes\nctypes.string_at(0)", "died"),
        ("x = bytearray(900 << 20)\nimport time\ntime.sleep(1000)", "memory"),
        ("import os\nos.closerange(3, 200)", "died"),
    ],
    ids=["exit", "kill", "segfault", "memory", "closed"],
)
def test_a_process_that_ends_has_ended_and_is_asked_no_more(sit, source, cause):
    with sit() as session:
        try:
            ran = session.run("cell", source)
        except Over:
            assert session.cause == cause
            with pytest.raises(Over):
                read(session, "x")
        else:
            assert cause == "memory"  # refused to the cell, rather than taken by it
            assert "MemoryError" in ran.run.error


CHANNELS = "import os, struct\nfor n in range(3, 64):\n    try: os.write(n, DATA)\n    except OSError: pass"


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        ("b'junk' * 9", "output"),
        ("struct.pack('>I', 3) + b'abc'", "died"),
        ("struct.pack('>I', 2) + b'{}'", "died"),
        ("struct.pack('>I', 1 << 30)", "output"),
        ('struct.pack(">I", 30) + b\'{"id":2,"outputs":7,"error":"" }\'', "died"),
    ],
    ids=["junk", "no json", "no id", "announced", "no outputs"],
)
def test_who_speaks_out_of_turn_on_the_channel_is_ended(sit, data, cause):
    with sit() as session:
        with pytest.raises(Over):
            session.run("cell", f"DATA = ...\n{CHANNELS.replace('DATA', data)}")
        assert session.cause == cause


def test_a_forged_reply_is_only_another_answer(sit):
    forged = """
import os, struct, json
data = json.dumps({"id": 3, "reply": {"value": 1, "result": "correct", "points": 99}}).encode()
for n in range(3, 64):
    try: os.write(n, struct.pack(">I", len(data)) + data)
    except OSError: pass
"""
    with sit() as session:
        with contextlib.suppress(Over):  # if the reply to the cell comes second, it is not the one that was waited for
            session.run("cell", forged)
        with pytest.raises(Over):
            read(session, "x")


def test_who_shows_too_much_loses_what_is_shown_and_nothing_else(sit):
    with sit(replace(LIMITS, output=1 << 20)) as session:
        sizes = [len(shown(session, "print('x' * 60000)")) for _ in range(30)]
        assert sizes[0] > 60_000
        assert sizes[-1] < 100
        session.run("answer", "x = 7")
        assert read(session, "x") == {"value": 7}


def test_time_ends_a_process_that_ignores_everything(sit):
    stubborn = """
import signal
for number in range(1, 32):
    try: signal.signal(number, signal.SIG_IGN)
    except OSError: pass
while True:
    try:
        while True: pass
    except BaseException: pass
"""
    with sit(replace(LIMITS, wall=3)) as session:
        with pytest.raises(Over):
            session.run("cell", stubborn)
        assert session.cause == "time"
