"""Loops that do not end, sleeps, and processes that do not want to be stopped."""

# ruff: noqa: E501 - an attack stays in one piece

from __future__ import annotations

from torture.case import Case, attack, earned
from torture.sheet import VISIBLE

_DEAF = """
import signal
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
"""
# A cell has a limit of its own, after which the next one runs; who defies that is ended with the process.
_STOPPED = ("finished", "cpu", "time")
_VISIBLE = earned(*VISIBLE)

CASES: tuple[Case, ...] = (
    attack("endless-loop", "time", "while True:\n    pass", *_STOPPED),
    attack("endless-loop-first", "time", "while True:\n    pass", *_STOPPED, at="safe.code"),
    attack("endless-loop-last", "time", "while True:\n    pass", *_STOPPED, at="safe.table"),
    attack("sleeping", "time", "import time\ntime.sleep(10**6)", *_STOPPED),
    attack("sleeping-in-select", "time", "import select\nselect.select([], [], [])", *_STOPPED),
    attack("signals-ignored", "time", _DEAF + "\nwhile True:\n    signal.sigtimedwait([], 1000)", "time"),
    attack("signals-ignored-busy", "time", _DEAF + "\nwhile True:\n    pass", *_STOPPED),
    attack("base-exception-caught", "time", "while True:\n    try:\n        while True: pass\n    except BaseException: pass", *_STOPPED),
    attack("finally-for-ever", "time", "try:\n    1 / 0\nfinally:\n    while True: pass", *_STOPPED),
    attack("regular-expression", "time", "import re\nre.match(r'(a|a)+$', 'a' * 60 + 'b')", *_STOPPED),
    attack("power-tower", "time", "x = 7 ** (7 ** 12)", *_STOPPED, "memory", "died"),
    attack("await-for-ever", "time", "import asyncio\nawait asyncio.sleep(10**6)", *_STOPPED),
    attack("compiled-loop", "time", "sum(iter(int, 1))", *_STOPPED),
    attack("stopped-itself", "time", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", *_STOPPED),
    attack("children-that-work", "time",
           "import os\nfor _ in range(4):\n    if os.fork() == 0:\n        while True: pass\nos.wait()", *_STOPPED, either=frozenset({"safe.table"})),
    attack("alarm-and-itimer", "time", "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\n"
           "signal.signal(signal.SIGALRM, lambda *_: None)\nsignal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)\nwhile True: pass",
           *_STOPPED),
    attack("function-that-never-returns", "time", "def mix(numbers):\n    while True: pass",
           *_STOPPED),
    attack("function-that-catches-the-limit", "time",
           "def mix(numbers):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass", *_STOPPED),
    attack("thread-left-running", "time", "import threading\ndef spin():\n    while True: pass\n"
           "threading.Thread(target=spin).start()", at="safe.table"),
    attack("atexit-for-ever", "time", "import atexit, time\nwhile_true = lambda: time.sleep(10**6)\natexit.register(while_true)"),
    attack("deleter-for-ever", "time",
           "class Slow:\n    def __del__(self):\n        while True: pass\nkept = Slow()", "finished", "time", "cpu"),
    attack("hidden-question-sleeps", "time", "def mix(numbers):\n    import time\n    if 70921 in numbers or len(numbers) > 40:\n"
           "        time.sleep(10**6)\n    return (sum(p * n for p, n in enumerate(numbers, 1)) + seed) % 1009",
           "finished", "time", points=_VISIBLE, killed=_VISIBLE),
    attack("thousands-of-short-sleeps", "time", "import time\nfor _ in range(300): time.sleep(0.001)\n" "mix = None"),
)  # fmt: skip
