"""Memory, by every way that the system has of giving some."""

# ruff: noqa: E501 - an attack stays in one piece

from __future__ import annotations

from torture.case import Case, attack

# A process that is refused memory by its own limit raises MemoryError and lives on: `attack`. A tree that takes more than
# its share is killed: `killer`. Where either may happen (which wall is met first differs between tiers), both endings pass.
_EITHER = ("finished", "memory", "died")
_CAUGHT = "try:\n    {}\nexcept (MemoryError, OSError) as error:\n    print('refused', type(error).__name__)"

_TOUCH = """
import mmap, os
def take(size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, fd=-1):
    block = mmap.mmap(fd, size, flags=flags)
    for place in range(0, size, 4096):
        block[place] = 1
    return block
"""

CASES: tuple[Case, ...] = (
    attack("list-without-end", "memory", "grown = [b'x' * 1000]\nwhile True:\n    grown += grown", "memory", "finished", "died"),
    attack("one-huge-array", "memory", _CAUGHT.format("bytearray(1 << 40)")),
    attack("one-huge-numpy-array", "memory", "import numpy\n" + _CAUGHT.format("numpy.ones(1 << 34)")),
    attack("children-that-each-take-a-little", "memory", _TOUCH + """
import signal
for _ in range(12):
    if os.fork() == 0:
        block = take(100 << 20)
        signal.pause()
signal.pause()
""", "memory"),
    attack("shared-mapping", "memory", _TOUCH + """
blocks = []
for _ in range(40):
    blocks.append(take(64 << 20, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS))
import time
time.sleep(10**6)
""", "memory", "finished", "died"),
    attack("shared-mapping-that-nobody-maps-any-more", "memory", _TOUCH + """
import time
ends = []
for _ in range(40):
    left, right = os.pipe()
    pid = os.fork()
    if pid == 0:
        block = take(64 << 20, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
        os.write(right, b"x")
        time.sleep(10**6)
    os.read(left, 1)
    ends.append((left, right))
time.sleep(10**6)
""", "memory", "time", "finished", "died"),
    attack("memfd", "memory", _CAUGHT.format("""import os, time
    held = []
    for _ in range(40):
        fd = os.memfd_create('a')
        os.ftruncate(fd, 64 << 20)
        for place in range(0, 64 << 20, 1 << 20):
            os.pwrite(fd, b'x' * (1 << 20), place)
        held.append(fd)
    print('BREACH two and a half gigabytes in memfds')"""), *_EITHER),
    attack("dev-shm", "memory", _CAUGHT.format("""import os
    for number in range(100):
        with open(f'/dev/shm/torture-{number}', 'wb') as file:
            for _ in range(64):
                file.write(b'x' * (1 << 20))
    print('BREACH six gigabytes in /dev/shm')"""), *_EITHER),
    attack("scratch-filled", "memory", _CAUGHT.format("""import os, time
    for number in range(2000):
        with open(f'torture-{number}', 'wb') as file:
            for _ in range(8):
                file.write(b'x' * (1 << 20))
        time.sleep(0.02)  # so that there is a look at it meanwhile
    print('BREACH sixteen gigabytes of scratch')"""), *_EITHER, "files"),
    attack("tmp-filled", "memory", _CAUGHT.format("""import os, tempfile, time
    for folder in ('/tmp', '/var/tmp', '/run', '/dev', '/', tempfile.gettempdir(), os.path.expanduser('~')):
        for number in range(300):
            try:
                with open(f'{folder}/torture-{number}', 'wb') as file:
                    for _ in range(8):
                        file.write(b'x' * (1 << 20))
                time.sleep(0.05)
            except OSError as error:
                print(folder, error)
                break
        else:
            print('BREACH more than two gigabytes in', folder)"""), *_EITHER, "files"),
    attack("pipes-full", "memory", """
import fcntl, os
try:
    held = []
    for _ in range(4000):
        ends = os.pipe()
        fcntl.fcntl(ends[1], 1031, 1 << 20)
        os.set_blocking(ends[1], False)
        os.write(ends[1], b'x' * (1 << 20))
        held.append(ends)
    print('BREACH four gigabytes in pipes')
except OSError as error:
    print('refused', error)
""", *_EITHER, either=frozenset({"safe.table", "safe.mix_elsewhere"})),
    attack("sockets-full", "memory", """
import socket
try:
    held = []
    for _ in range(4000):
        pair = socket.socketpair()
        for end in pair:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
            end.setblocking(False)
            try:
                while True:
                    end.send(b'x' * 65536)
            except BlockingIOError:
                pass
        held.append(pair)
    print('BREACH')
except OSError as error:
    print('refused', error)
""", *_EITHER, "time", "cpu", either=frozenset({"safe.table", "safe.mix_elsewhere"})),
    attack("sockets-full-by-children", "memory", """
import os, signal, socket, time
for _ in range(60):
    try:
        child = os.fork()
    except OSError:
        break
    if child == 0:
        held = []
        while True:
            try:
                left, right = socket.socketpair()
                for end in (left, right):
                    end.setblocking(False)
                    try:
                        while True:
                            end.send(b'x' * 65536)
                    except BlockingIOError:
                        pass
                held.append((left, right))
            except OSError:
                signal.pause()
time.sleep(10**6)
""", *_EITHER, "processes", "time", "cpu"),
    attack("system-v-shared-memory", "memory", """
for size in (64 << 20,) * 20:
    denied("shmget", NR["shmget"], 0, size, 0o1600)
""", tools=True),
    attack("text-that-doubles", "memory", "text = 'x'\nwhile True:\n    text += text", "memory", "finished", "died"),
    attack("memory-error-is-survived", "memory", """
held = []
for _ in range(3):
    try:
        bytearray(1 << 42)
    except MemoryError as error:
        held.append(error)
mix = held
"""),
    attack("function-that-eats", "memory", "def mix(numbers):\n    held = []\n    while True:\n        held.append(bytearray(1 << 24))",
           *_EITHER),
)  # fmt: skip
