"""Loops that do not end, sleeps, and processes that do not want to be stopped."""

# ruff: noqa: E501 - an attack stays in one piece

from __future__ import annotations

from textwrap import indent

from torture.case import BRIEF, HURRY, SHORT, Case, attack, earned, forgery
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
# A cell has a limit of its own, after which the next one runs (one waits for that, the others hurry); who defies it is ended
# with the process: by its processor time where it works, so that a busy machine leaves what is judged before its time; by the
# clock where it sleeps, and then before anything is judged.
_STOPPED = "finished"
_VISIBLE = earned(*VISIBLE)

CASES: tuple[Case, ...] = (
    attack("endless-loop", "time", "while True:\n    pass", _STOPPED, cpu=10.0),
    attack("endless-loop-first", "time", HURRY + "while True:\n    pass", _STOPPED, at="safe.code"),
    attack("endless-loop-last", "time", HURRY + "while True:\n    pass", _STOPPED, at="safe.table"),
    attack("sleeping", "time", HURRY + "import time\ntime.sleep(10**6)", _STOPPED),
    attack("sleeping-in-select", "time", HURRY + "import select\nselect.select([], [], [])", _STOPPED),
    attack("signals-ignored", "time", _DEAF + "\nwhile True:\n    signal.sigtimedwait([], 1000)", "time", at="safe.code", wall=SHORT),
    attack("signals-ignored-busy", "time", _DEAF + "\nwhile True:\n    pass", "cpu", at="safe.code", cpu=2.0),
    # An alarm may find it outside of its `try`: then it is stopped like the others.
    attack("base-exception-caught", "time", "while True:\n    try:\n        while True: pass\n    except BaseException: pass", _STOPPED, "cpu", cpu=BRIEF),
    attack("finally-for-ever", "time", HURRY + "try:\n    1 / 0\nfinally:\n    while True: pass", _STOPPED),
    attack("regular-expression", "time", HURRY + "import re\nre.match(r'(a|a)+$', 'a' * 60 + 'b')", _STOPPED),
    attack("power-tower", "time", HURRY + "x = 7 ** (7 ** 12)", _STOPPED, "memory", "died"),
    attack("await-for-ever", "time", HURRY + "import asyncio\nawait asyncio.sleep(10**6)", _STOPPED),
    attack("compiled-loop", "time", "sum(iter(int, 1))", "cpu", cpu=BRIEF),
    # The first process of a namespace cannot be stopped by itself; elsewhere it can, and is then ended.
    forgery("stopped-itself", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", family="time", endings=frozenset({"finished", "time"}), proof=False, wall=SHORT),
    attack("children-that-work", "time",
           "import os, signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nfor _ in range(4):\n    if os.fork() == 0:\n        while True: pass\nos.wait()",
           "cpu", at="safe.code", cpu=2.0),
    attack("alarm-and-itimer", "time", "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\n"
           "signal.signal(signal.SIGALRM, lambda *_: None)\nsignal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)\nwhile True: pass",
           "cpu", at="safe.code", cpu=2.0),
    attack("function-that-never-returns", "time", f"def mix(numbers):\n{indent(HURRY, '    ')}    while True: pass",
           _STOPPED),
    attack("function-that-catches-the-limit", "time",
           "def mix(numbers):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass", _STOPPED, "cpu", cpu=BRIEF),
    attack("thread-left-running", "time", "import threading\ndef spin():\n    while True: pass\n"
           "threading.Thread(target=spin).start()", at="safe.table"),
    attack("atexit-for-ever", "time", "import atexit, time\nwhile_true = lambda: time.sleep(10**6)\natexit.register(while_true)"),
    attack("deleter-for-ever", "time",
           "class Slow:\n    def __del__(self):\n        while True: pass\nkept = Slow()", "finished", "time", "cpu"),
    attack("hidden-question-sleeps", "time", "def mix(numbers):\n    import time\n    if 70921 in numbers or len(numbers) > 40:\n"
           f"{indent(HURRY, ' ' * 8)}        time.sleep(10**6)\n    return (sum(p * n for p, n in enumerate(numbers, 1)) + seed) % 1009",
           _STOPPED, points=_VISIBLE),
    # Too late on a busy machine, before its processor time is used up.
    attack("hidden-question-burns", "time", "def mix(numbers):\n    import signal\n    if 70921 in numbers or len(numbers) > 40:\n"
           "        signal.signal(signal.SIGALRM, signal.SIG_IGN)\n        while True: pass\n"
           "    return (sum(p * n for p, n in enumerate(numbers, 1)) + seed) % 1009",
           "finished", "cpu", points=_VISIBLE, killed=_VISIBLE, cpu=BRIEF),
    attack("thousands-of-short-sleeps", "time", "import time\nfor _ in range(300): time.sleep(0.001)\n" "mix = None"),
)  # fmt: skip
