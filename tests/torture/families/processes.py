"""Bombs of processes and threads, daemons that want to stay, and descriptors without end."""

# ruff: noqa: E501 - an attack stays in one piece

from __future__ import annotations

from torture.case import Case, attack, earned, everything
from torture.sheet import VISIBLE

_DAEMON = """
import os, signal, sys, time
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in range(1, 65):
                try:
                    signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError):
                    pass
            for number in range(3, 64):
                try:
                    os.close(number)
                except OSError:
                    pass
            time.sleep(10**6)
        os._exit(0)
    os.wait()
"""
_BOMBED = ("processes", "memory", "time", "cpu", "died", "finished")  # which wall is met first is a matter of luck

_NARROW = ("finished", "died")  # what it keeps from itself may be what the next question would have needed

CASES: tuple[Case, ...] = (
    attack("fork-bomb", "processes", "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError: pass", *_BOMBED),
    attack("fork-bomb-that-sleeps", "processes",
           "import os, signal\nwhile True:\n    try:\n        if os.fork() == 0: signal.pause()\n    except OSError: signal.pause()", *_BOMBED),
    attack("shell-bomb", "processes", "import subprocess, time\nsubprocess.run(['sh', '-c', 'b() { b | b & }; b; wait'])\ntime.sleep(1000)", *_BOMBED),
    attack("thread-bomb", "processes", """
import threading, time
try:
    while True:
        threading.Thread(target=time.sleep, args=(10**6,), daemon=True).start()
except RuntimeError as error:
    print('refused', error)
    time.sleep(10**6)
""", *_BOMBED),
    attack("thread-bomb-gives-up", "processes", """
import threading
stop = threading.Event()
started = []
try:
    for _ in range(100_000):
        thread = threading.Thread(target=stop.wait, daemon=True)
        thread.start()
        started.append(thread)
    print('BREACH one hundred thousand threads')
except (RuntimeError, MemoryError) as error:
    print('refused after', len(started), error)
stop.set()
""", *_BOMBED),
    attack("double-forked-daemon", "processes", _DAEMON),
    attack("daemon-that-burns", "processes", _DAEMON.replace("time.sleep(10**6)", "\n            while True: pass"), "finished", "cpu"),
    attack("daemon-by-setsid", "processes",
           "import subprocess\nfor _ in range(3):\n    subprocess.Popen(['setsid', 'nohup', 'sleep', '1000000'])"),
    attack("daemon-that-holds-every-descriptor", "processes", """
import os, signal
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True:
            signal.pause()
    os._exit(0)
os.wait()
"""),
    attack("daemon-from-a-hidden-question", "processes", """
import os, signal
def mix(numbers):
    if os.fork() == 0:
        os.setsid()
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True:
            signal.pause()
    return (sum(place * number for place, number in enumerate(numbers, 1)) + seed) % 1009
""", "finished", "time", points=everything(), killed=earned(*VISIBLE), either=frozenset({"safe.mix_elsewhere"})),
    attack("memory-shared-with-others", "processes", """
# What is mapped shared and writable was mapped before this process was forked: the next submission would see it.
try:
    for line in open("/proc/self/maps"):
        rights, _, device, number = line.split()[1:5]
        if rights[3] == "s" and "w" in rights and number != "0":
            print("BREACH", line)
        if rights.startswith("rw") and rights[3] == "s":
            print("BREACH", line)
except OSError as error:
    print(error)
"""),
    attack("locks-on-what-others-read", "processes", """
import fcntl, json
with open(json.__file__) as file:
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if os.fork() == 0:
        os.setsid()
        while True: os.sched_yield() or __import__("time").sleep(1)
""", tools=True),
    attack("zombies", "processes", "import os\nfor _ in range(20):\n    if os.fork() == 0: os._exit(0)"),
    attack("children-that-return-from-the-cell", "processes", "import os\nfor _ in range(3): os.fork()\ncopied = True",
           "finished", "died"),
    attack("child-answers-instead", "processes",
           "import os, time\nif os.fork():\n    time.sleep(0.3)\n    os._exit(0)", "finished", "died"),
    attack("everybody-killed", "processes", "import os, signal\nos.kill(-1, signal.SIGKILL)\n", "finished", "died"),
    attack("group-killed", "processes", "import os, signal\nos.killpg(0, signal.SIGKILL)", "died", "finished"),
    attack("parent-killed", "processes", "import os, signal\nfor number in (os.getppid(), 1):\n    try:\n"
           "        os.kill(number, signal.SIGKILL)\n    except OSError as error: print(error)", "finished", "died"),
    attack("parent-stopped", "processes", "import os, signal\nfor number in (os.getppid(), 1):\n    try:\n"
           "        os.kill(number, signal.SIGSTOP)\n    except OSError as error: print(error)", "finished", "died"),
    attack("parent-signalled-by-every-number", "processes", "import os\nfor number in range(1, 65):\n    for pid in (os.getppid(), 1):\n"
           "        try:\n            os.kill(pid, number)\n        except OSError: pass", "finished", "died"),
    attack("strangers-killed", "processes", """
import os, signal
me = os.getpid()
for pid in range(2, 70_000):
    if pid != me:
        try:
            os.kill(pid, signal.SIGKILL)
            print('BREACH killed', pid)
        except OSError:
            pass
""", "finished", "died"),
    attack("strangers-looked-at", "processes", """
found = []
for pid in pids():
    try:
        found.append(open(f'/proc/{pid}/cmdline').read())
    except OSError:
        pass
print(found)
if any('pytest' in one or 'torture' in one or 'judg' in one for one in found):
    print('BREACH sees the processes of others')
""", tools=True),
    attack("dies-with-its-parent-no-more", "processes", "import ctypes\nctypes.CDLL(None).prctl(1, 0, 0, 0, 0)\n"
           "import os, signal\nif os.fork() == 0:\n    os.setsid()\n    while True: signal.pause()"),
    attack("priorities", "processes", """
import os
refused("nice", lambda: os.nice(-10))
refused("real time", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)))
""", tools=True),
    attack("descriptors-exhausted", "output", """
import os
held = []
try:
    while len(held) < 1_000_000:
        held.append(os.open('/dev/null', os.O_RDONLY))
    print('BREACH a million descriptors')
except OSError as error:
    print('refused after', len(held), error)
""", *_NARROW, points=everything("safe.mix"), either=frozenset({"safe.table"})),
    attack("descriptors-exhausted-and-closed", "output", """
import os
held = []
try:
    while len(held) < 1_000_000:
        held.append(os.dup(1))
except OSError as error:
    pass
for one in held:
    os.close(one)
"""),
    attack("descriptors-all-closed", "output", "import os\nos.closerange(0, 256)", "died", "finished", at="safe.table"),
    attack("descriptors-replaced", "output", """
import os
for number in range(0, 64):
    try:
        os.dup2(os.open('/dev/null', os.O_RDWR), number)
    except OSError:
        pass
""", "died", "finished", "time"),
)  # fmt: skip
