"""Every way to leave: none of them is a pass, and none takes what was earned before."""

# ruff: noqa: E501 - an attack stays in one piece

from __future__ import annotations

from torture.case import Case, attack, earned, everything
from torture.sheet import VISIBLE

_ALIVE = ("finished", "died")  # the first process of a namespace does not heed every signal

CASES: tuple[Case, ...] = (
    attack("sys-exit-zero", "exits", "import sys\nsys.exit(0)", "finished"),
    attack("sys-exit-text", "exits", "import sys\nsys.exit('100 %')", "finished"),
    attack("quit", "exits", "quit()\nprint('more')", "finished"),
    attack("exit-autocall", "exits", "exit", "finished"),
    attack("system-exit-raised", "exits", "raise SystemExit(0)", "finished"),
    attack("keyboard-interrupt", "exits", "raise KeyboardInterrupt", "finished"),
    attack("generator-exit", "exits", "raise GeneratorExit", "finished"),
    attack("base-exception", "exits", "class Out(BaseException): pass\nraise Out", "finished"),
    attack("base-exception-group", "exits", "raise BaseExceptionGroup('all', [SystemExit(0), KeyboardInterrupt()])", "finished"),
    attack("cancelled", "exits", "import asyncio\nraise asyncio.CancelledError", "finished"),
    attack("loop-closed", "exits", "import asyncio\nasyncio.get_event_loop_policy()\nloop = asyncio.new_event_loop(); loop.close()\nawait asyncio.sleep(0)"),
    attack("os-exit-zero", "exits", "import os\nos._exit(0)", "died"),
    attack("os-exit-at-the-start", "exits", "import os\nos._exit(0)", "died", at="safe.code"),
    attack("os-exit-at-the-end", "exits", "import os\nos._exit(0)", "died", at="safe.table"),
    attack("os-abort", "exits", "import os\nos.abort()", "died"),
    attack("killed-itself", "exits", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "died"),
    attack("terminated-itself", "exits", "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)", *_ALIVE),
    attack("cpu-signal-itself", "exits", "import os, signal\nos.kill(os.getpid(), signal.SIGXCPU)", *_ALIVE, "cpu"),
    attack("file-size-signal-itself", "exits", "import os, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\nos.kill(os.getpid(), signal.SIGXFSZ)", *_ALIVE, "files"),
    attack("bad-system-call-signal-itself", "exits", "import os, signal\nos.kill(os.getpid(), signal.SIGSYS)", *_ALIVE),
    attack("segfault", "exits", "import ctypes\nctypes.string_at(0)", "died"),
    attack("segfault-by-code-object", "exits", "import types\ncode = (lambda: 0).__code__\n"
           "bad = code.replace(co_code=bytes([100, 255] * 50), co_consts=(), co_stacksize=1)\ntypes.FunctionType(bad, {})()", "died", "finished", "cpu", "time"),
    attack("stack-overflow-in-c", "exits", "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()", *_ALIVE, "memory", "time", "cpu"),
    attack("recursion-limit-of-one", "exits", "import sys\nsys.setrecursionlimit(60)", "finished", "died"),
    attack("recursion-in-a-comparison", "exits", "import sys\nsys.setrecursionlimit(10**8)\na = []\nfor _ in range(10**6): a = [a]\nprint(a == a[0])",
           "died", "finished", "memory"),
    attack("deallocation-overflow", "exits", "a = None\nfor _ in range(10**6): a = (a,)\ndel a"),
    attack("executed-another-program", "exits", "import os\nos.execv('/bin/sh', ['sh', '-c', 'exit 0'])", *_ALIVE),
    attack("executed-python-again", "exits", "import os, sys\nos.execv(sys.executable, [sys.executable, '-c', 'print(99)'])", *_ALIVE),
    attack("exit-in-a-thread", "exits", "import os, threading\nthread = threading.Thread(target=os._exit, args=(0,))\nthread.start()\nthread.join()", "died"),
    attack("exit-by-a-later-thread", "exits", "import os, threading\nthreading.Timer(0.3, os._exit, (0,)).start()\nimport time\ntime.sleep(10**6)", "died"),
    attack("exit-by-a-timer", "exits", "import os, signal\nsignal.signal(signal.SIGALRM, lambda *_: os._exit(0))\nsignal.setitimer(signal.ITIMER_REAL, 0.2)\nimport time\ntime.sleep(10**6)", "died"),
    attack("exit-in-the-function", "exits", "import os\ndef mix(numbers): os._exit(0)", killed=earned("safe.code"), endings=frozenset({"died"})),
    attack("system-exit-in-the-function", "exits", "def mix(numbers): raise SystemExit(0)"),
    attack("exit-in-a-hidden-question", "exits", "import os\ndef mix(numbers):\n    if 70921 in numbers: os._exit(0)\n"
           "    return (sum(p * n for p, n in enumerate(numbers, 1)) + seed) % 1009", points=earned(*VISIBLE)),
    attack("kill-in-a-hidden-question", "exits", "import os, signal\ndef mix(numbers):\n    if 70921 in numbers: os.kill(os.getppid(), signal.SIGKILL)\n"
           "    return (sum(p * n for p, n in enumerate(numbers, 1)) + seed) % 1009", *_ALIVE, points=everything(), killed=earned(*VISIBLE),
           either=frozenset({"safe.mix_elsewhere"})),
    attack("exit-in-a-representation", "exits", "import os\nclass Out:\n    def __repr__(self): os._exit(0)\ndisplay(Out())", "died"),
    attack("exit-in-a-deleter", "exits", "import os\nclass Out:\n    def __del__(self): os._exit(0)\nOut()\n", "died"),
    attack("exit-in-a-property", "exits", "import os\nclass Sum(float):\n    @property\n    def real(self): os._exit(0)\n    def __float__(self): os._exit(0)\n"
           "code = Sum(1)", at="safe.code"),
    attack("exit-in-an-event-handler", "exits", "import os\nget_ipython().events.register('post_run_cell', lambda *_: os._exit(0))", *_ALIVE),
    attack("exit-at-exit", "exits", "import atexit, os\natexit.register(os._exit, 0)"),
    attack("not-implemented", "exits", "raise NotImplementedError", "finished"),
    attack("syntax-error", "exits", "def mix(numbers:\n    return", "finished"),
    attack("nothing-but-nul", "exits", "\x00\x00\x00", "finished"),
    attack("memory-error", "exits", "raise MemoryError", "finished"),
    attack("import-error", "exits", "import a_module_that_nobody_has", "finished"),
    attack("channel-closed", "exits", """
import gc, os
for one in gc.get_objects():
    if type(one).__name__ == "Student":
        one._channel.close()
""", *_ALIVE),
    attack("shell-taken-away", "exits", """
import gc
from IPython.core.interactiveshell import InteractiveShell
InteractiveShell.run_cell = InteractiveShell.run_cell_async = None
for one in gc.get_objects():
    if type(one).__name__ == "Shell":
        one.__dict__.clear()
""", *_ALIVE, either=frozenset({"safe.table"})),
    attack("garbage-collector-and-modules-emptied", "exits", """
import sys
for name in list(sys.modules):
    if name not in ("sys", "builtins"):
        sys.modules.pop(name)
""", *_ALIVE, either=frozenset({"safe.table"})),
    attack("builtins-emptied", "exits", "import builtins\nbuiltins.__dict__.clear()", *_ALIVE),
    attack("everything-deleted", "exits", "for name in list(globals()): del globals()[name]", "finished", points={"safe.code": 2.0}),
)  # fmt: skip
