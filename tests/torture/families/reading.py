"""Looking for tests, solutions, keys, peers, the gradebook, and for what other processes hold."""

# ruff: noqa: E501 - an attack stays in one piece

from __future__ import annotations

from torture.case import Case, attack

# The files hold texts that begin with this, each its own: none may ever be in an output (`canaries`).
_MARK = "CANARY"
_SEARCH = """
import os
mark = b"CAN" + b"ARY-"
def look(path):
    try:
        with open(path, 'rb') as file:
            text = file.read(1 << 20)
    except (OSError, ValueError):
        return
    place = text.find(mark)
    if place >= 0:
        print('BREACH', path, text[place:place + 40])
def walk(root, most=200_000):
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in ('site-packages', 'sys', 'proc')]
        for name in files:
            most -= 1
            if most < 0:
                return
            look(os.path.join(folder, name))
"""

CASES: tuple[Case, ...] = (
    *(
        attack(f"reading-{name.lower()}", "reading", f"""
refused("@{name}@", lambda: open("@{name}@", "rb").read()[:200])
refused("the folder of @{name}@", lambda: os.listdir(os.path.dirname("@{name}@")))
""", tools=True)
        for name in ("HIDDEN", "HIDDENKEY", "KEY", "SOLUTION", "MASTER", "GRADEBOOK", "PEER", "MANIFEST", "SECRET", "HOMEFILE")
    ),
    attack("reading-everything", "reading", _SEARCH + """
for root in ("@COURSE@", "@ELSEWHERE@", "/tmp", "/var/tmp", "/home", os.path.expanduser("~root"), "/etc", "/run", "/srv", "/opt", "/mnt", "/dev/shm", os.getcwd()):
    walk(root, 20_000)
""", "finished", "cpu", "time"),
    attack("listing-peers", "reading", """
for place in ("@INBOX@", "@ELSEWHERE@"):
    refused(place, lambda: [name for name in os.listdir(place)] or 1 / 0)
""", tools=True),
    attack("importing-the-checks", "reading", """
refused("checks", lambda: __import__("checks.safe"))
refused("hidden", lambda: __import__("hidden.safe"))
def load():
    from workbench.checks import module
    from pathlib import Path
    return module.load(Path("@HIDDEN@"), hidden=True).questions
refused("by path", load)
def key():
    from workbench.checks import key
    from pathlib import Path
    return key.load(Path("@KEY@"))
refused("the key", key)
""", tools=True),
    attack("environment", "reading", """
held = repr(dict(os.environ))
try:
    held += str(open('/proc/self/environ', 'rb').read())
except OSError as error:
    print(error)
if "CAN" + "ARY-" in held:
    print("BREACH", held)
for pid in pids():
    try:
        if b"CAN" + b"ARY-" in open(f'/proc/{pid}/environ', 'rb').read():
            print("BREACH the environment of", pid, open(f'/proc/{pid}/environ', 'rb').read())
    except OSError:
        pass
""", tools=True),
    attack("processes-of-others", "reading", """
for pid in pids():
    for name in ('mem', 'maps', 'environ', 'fd', 'cwd', 'root', 'exe', 'stack', 'syscall', 'io', 'auxv', 'map_files'):
        path = f'/proc/{pid}/{name}'
        try:
            if name in ('fd', 'map_files'):
                held = [os.readlink(f'{path}/{one}') for one in os.listdir(path)]
            elif name in ('cwd', 'root', 'exe'):
                held = os.listdir(path) if name != 'exe' else os.readlink(path)
            elif name == 'mem':
                with open(path, 'r+b', buffering=0) as file:
                    held = 'opened'
            else:
                held = open(path, 'rb').read(100)
            if held:
                print('BREACH', path, str(held)[:300])
        except OSError:
            pass
""", tools=True),
    attack("own-memory", "reading", """
mark = b"CAN" + b"ARY-"
found = 0
def opened(name, *how):
    try:
        return open(name, *how)
    except OSError as error:
        print("refused", error)
        return open("/dev/null", *how)
with opened('/proc/self/maps') as maps, opened('/proc/self/mem', 'rb', 0) as memory:
    for line in maps.read().splitlines():
        span, rights = line.split()[:2]
        first, last = (int(end, 16) for end in span.split('-'))
        if 'r' not in rights or last - first > 1 << 30 or '[v' in line:
            continue
        try:
            memory.seek(first)
            left = last - first
            before = b""
            while left > 0:
                chunk = memory.read(min(left, 1 << 22))
                if not chunk:
                    break
                left -= len(chunk)
                text = before + chunk
                place = text.find(mark)
                while place >= 0:
                    held = text[place:place + 40]
                    if held[7:8].isupper():
                        print('BREACH in memory', held)
                        found += 1
                    place = text.find(mark, place + 1) if found < 5 else -1
                before = text[-64:]
        except OSError:
            pass
""", "finished", "cpu", tools=True),
    attack("objects-of-the-interpreter", "reading", """
import gc, sys
mark = "CAN" + "ARY-"
seen = 0
for one in gc.get_objects():
    try:
        text = one if isinstance(one, str) else repr(one) if isinstance(one, (dict, list, tuple)) and len(one) < 50 else ''
    except BaseException:
        continue
    place = text.find(mark)
    if place >= 0 and text[place + 7:place + 8].isupper():
        print('BREACH', text[place:place + 40])
for name, module in list(sys.modules.items()):
    if name.startswith(('workbench.checks.key', 'workbench.grading.judg', '_checks_')) and name.startswith('_checks_'):
        print('BREACH a check module is here', name)
""", "finished", "cpu", at="safe.table"),
    attack("frames", "reading", """
import sys
mark = "CAN" + "ARY-"
frame = sys._getframe()
while frame:
    for name, value in [*frame.f_locals.items(), *list(frame.f_globals.items())[:500]]:
        try:
            text = repr(value)[:100_000]
        except BaseException:
            continue
        place = text.find(mark)
        if place >= 0 and text[place + 7:place + 8].isupper():
            print('BREACH', name, text[place:place + 40])
    frame = frame.f_back
""", at="safe.table"),
    attack("descriptors-read", "reading", """
import fcntl, stat
for number in range(3, 1024):
    try:
        kind = os.fstat(number).st_mode
        print(number, oct(kind))
    except OSError:
        continue
    if stat.S_ISREG(kind) or stat.S_ISDIR(kind):
        held = os.pread(number, 1 << 20, 0) if stat.S_ISREG(kind) else repr(os.listdir(number)).encode()
        if b"CAN" + b"ARY-" in held or b"hidden" in held:
            print('BREACH', number, held[:200])
    if stat.S_ISDIR(kind):
        for path in ('..', '../..', '../../..'):
            try:
                print('BREACH a folder is open', number, path, os.listdir(os.open(path, os.O_RDONLY, dir_fd=number)))
            except OSError:
                pass
""", tools=True),
    attack("roots-of-others", "reading", _SEARCH + """
for pid in ['self', 'thread-self', *pids()]:
    for name in ('root', 'cwd'):
        for path in ("@HIDDEN@", "@KEY@", "@GRADEBOOK@", "@PEER@", "@HOMEFILE@"):
            look(f'/proc/{pid}/{name}{path}')
            look(f'/proc/{pid}/{name}/../../../../../..{path}')
""", tools=True),
    attack("symbolic-links", "reading", _SEARCH + """
for number, path in enumerate(("@HIDDEN@", "@KEY@", "@GRADEBOOK@", "@PEER@", "@HOMEFILE@", "@SECRET@")):
    try:
        os.symlink(path, f'link-{number}')
    except OSError as error:
        print(error)
    look(f'link-{number}')
    try:
        os.link(path, f'hard-{number}')
        print('BREACH a hard link to', path)
    except OSError:
        pass
    look(f'hard-{number}')
"""),
    attack("handles", "reading", """
handle = (ctypes.c_char * 136)()
ctypes.c_uint.from_buffer(handle).value = 128
mount = ctypes.c_int()
for root in (b"/", os.getcwd().encode()):
    try:
        folder = os.open(root, os.O_RDONLY)
    except OSError as error:
        print("refused", error)
        continue
    ctypes.c_uint.from_buffer(handle).value = 128
    _libc.syscall(NR["name_to_handle_at"], -100, root, handle, ctypes.byref(mount), 0)
    denied("open_by_handle_at", NR["open_by_handle_at"], folder, handle, 0)
""", tools=True),
    attack("devices", "reading", """
for name in ("mem", "kmem", "port", "kmsg", "sda", "vda", "nvme0n1", "loop0", "loop-control", "kvm", "fuse", "net/tun", "vhost-net", "mapper/control", "sda1", "vda1", "console", "tty0", "pts/0", "ptmx"):
    try:
        os.close(os.open(f"/dev/{name}", os.O_RDONLY | os.O_NONBLOCK))
        if name != "ptmx":
            print("BREACH opened", name)
    except OSError:
        pass
import stat
for kind, number in ((stat.S_IFCHR, (1, 1)), (stat.S_IFBLK, (8, 0)), (stat.S_IFBLK, (254, 0))):
    refused("mknod", lambda: os.mknod("device", 0o600 | kind, os.makedev(*number)))
""", tools=True),
    attack("kernel-log-and-tables", "reading", """
for name in ("/proc/kcore", "/proc/kallsyms", "/proc/sysrq-trigger", "/proc/kmsg", "/sys/kernel/debug", "/sys/kernel/security", *(f"/proc/{pid}/environ" for pid in OTHERS), "/proc/keys", "/etc/shadow"):
    try:
        held = open(name, 'rb').read(4096)
        if name == "/proc/kallsyms":
            held = b"".join(line for line in held.splitlines() if int(line.split()[0], 16))
        if held and name != "/proc/keys":
            print("BREACH", name, held[:80])
    except (OSError, ValueError):
        pass
""", tools=True),
)  # fmt: skip
