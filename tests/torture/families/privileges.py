"""Getting more rights than were given: tracing, namespaces, mounts, limits, and the kernel's stranger doors."""

# ruff: noqa: E501 - an attack stays in one piece

from __future__ import annotations

from torture.case import Case, attack

_FEW = (
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "init_module",
    "kexec_load",
    "swapon",
    "acct",
    "fanotify_init",
    "lookup_dcookie",
)

CASES: tuple[Case, ...] = (
    attack("ptrace", "privileges", """
import signal
for pid in OTHERS:
    for request in (16, 0x4206):  # ATTACH, SEIZE
        denied(f"ptrace of {pid}", NR["ptrace"], request, pid, 0, 0)
child = os.fork()
if child == 0:
    signal.pause()
denied("ptrace of a child", NR["ptrace"], 16, child, 0, 0)
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
""", tools=True),
    attack("memory-of-the-monitor", "privileges", """
buffer = ctypes.create_string_buffer(64)
class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
local, remote = Vector(ctypes.addressof(buffer), 64), Vector(0x400000, 64)
for pid in OTHERS:
    denied("process_vm_readv", NR["process_vm_readv"], pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)
    denied("process_vm_writev", NR["process_vm_writev"], pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)
    for name in ("mem", "maps", "environ", "fd", "stack"):
        refused(name, lambda: open(f"/proc/{pid}/{name}", "rb").read(1) if name != "fd" else os.listdir(f"/proc/{pid}/fd"))
""", tools=True),
    attack("descriptors-of-the-monitor", "privileges", """
for pid in OTHERS:
    try:
        held = os.pidfd_open(pid)
    except OSError as error:
        print(error)
        continue
    for number in range(8):
        denied("pidfd_getfd", NR["pidfd_getfd"], held, number, 0)
        refused("by /proc", lambda: os.open(f"/proc/{pid}/fd/{number}", os.O_RDWR))
""", tools=True),
    attack("user-namespaces", "privileges", """
for flags in (0x10000000, 0x10020000, 0x10000000 | 0x40000000, 0x20000000, 0x00020000, 0x08000000, 0x04000000, 0x02000000, 0x40000000):
    denied(f"unshare {flags:x}", NR["unshare"], flags)
def child(flags):
    done = _libc.syscall(ctypes.c_long(NR["clone"]), ctypes.c_long(flags | 17), 0, 0, 0, 0)
    if done == 0:
        os._exit(0)
    return done
for flags in (0x10000000, 0x10020000, 0x20000000, 0x40000000):
    if child(flags) > 0:
        print("BREACH clone", hex(flags))
arguments = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)
done = _libc.syscall(ctypes.c_long(NR["clone3"]), arguments, ctypes.c_long(88))
if done == 0:
    os._exit(0)
if done > 0:
    print("BREACH clone3")
import subprocess
for command in (["unshare", "-Ur", "true"], ["bwrap", "--ro-bind", "/", "/", "true"], ["sudo", "-n", "true"]):
    try:
        if subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0:
            print("BREACH", command)
    except OSError as error:
        print(error)
""", tools=True),
    attack("namespaces-of-others", "privileges", """
for pid in OTHERS:
    for name in ("user", "mnt", "net", "pid", "ipc", "uts", "cgroup"):
        try:
            held = os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY)
        except OSError:
            continue
        denied(f"setns {name}", NR["setns"], held, 0)
""", tools=True),
    attack("mounts", "privileges", """
denied("tmpfs", NR["mount"], b"none", b"/tmp", b"tmpfs", 0, 0)
denied("bind", NR["mount"], b"/", os.getcwd().encode(), 0, 4096, 0)
denied("remount", NR["mount"], b"none", b"/", 0, 32, 0)
denied("proc", NR["mount"], b"proc", os.getcwd().encode(), b"proc", 0, 0)
denied("umount", NR["umount2"], b"/proc", 2)
denied("pivot_root", NR["pivot_root"], b".", b".")
denied("chroot", NR["chroot"], b".")
denied("fsopen", NR["fsopen"], b"tmpfs", 0)
denied("open_tree", NR["open_tree"], -100, b"/", 1)
denied("move_mount", NR["move_mount"], -100, b"/", -100, b"/tmp", 0)
denied("mount_setattr", NR["mount_setattr"], -100, b"/", 0, (ctypes.c_uint64 * 4)(0, 1, 0, 0), 32)
""", tools=True),
    attack("users", "privileges", """
if os.getuid() == 0 or os.geteuid() == 0:
    status = open("/proc/self/status").read()
    held = [int(line.split()[1], 16) for line in status.splitlines() if line.startswith(("CapEff", "CapPrm", "CapInh", "CapAmb"))]
    if any(held):
        print("BREACH root with rights", held)
denied("setuid", NR["setuid"], 12345)
denied("setgid", NR["setgid"], 12345)
refused("groups", lambda: os.setgroups([12345]))
if "NoNewPrivs:\\t1" not in open("/proc/self/status").read():
    print("BREACH new privileges can be had")
""", tools=True),
    attack("limits-raised", "privileges", """
import resource
for name in ("CPU", "DATA", "FSIZE", "NPROC", "NOFILE", "AS", "MEMLOCK", "CORE"):
    number = getattr(resource, f"RLIMIT_{name}")
    soft, hard = resource.getrlimit(number)
    if hard == resource.RLIM_INFINITY:
        continue
    refused(f"raising {name}", lambda: resource.setrlimit(number, (hard + 1, hard + 1)))
    refused(f"no limit {name}", lambda: resource.setrlimit(number, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)))
for pid in OTHERS:
    refused("the monitor's limits", lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, 3)))
    refused("the monitor's processor time", lambda: resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1)))
""", tools=True),
    attack("limits-that-are-there", "privileges", """
import resource
for name in ("DATA", "FSIZE", "NOFILE", "CORE"):
    if resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[1] == resource.RLIM_INFINITY:
        print("BREACH no limit on", name)
""", tools=True),
    attack("capabilities", "privileges", """
import struct
header, data = struct.pack("Ii", 0x20080522, 0), struct.pack("6I", 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
denied("capset", 126 if os.uname().machine == "x86_64" else 91, header, data)
if _libc.prctl(47, 2, 21, 0, 0) == 0:  # PR_CAP_AMBIENT_RAISE
    print("BREACH an ambient capability")
if _libc.prctl(24, 0, 0, 0, 0) == 0 and _libc.prctl(23, 21, 0, 0, 0) == 1:
    status = open("/proc/self/status").read()
    print(status)
""", tools=True),
    attack("the-kernels-stranger-doors", "privileges", f"""
space = (ctypes.c_char * 4096)()
for name in {_FEW!r}:
    denied(name, NR[name], 0, space, 120, 0, 0)
denied("keyctl", NR["keyctl"], 0, -3, 1)
denied("add_key", NR["add_key"], b"user", b"torture", b"x", 1, -3)
denied("personality", NR["personality"], 0x0040000)
denied("sethostname", NR["sethostname"], b"owned", 5)
denied("settimeofday", NR["settimeofday"], 0, 0)
denied("reboot", NR["reboot"], 0, 0, 0)
denied("process_madvise", NR["process_madvise"], 0, 0, 0, 0, 0)
""", tools=True),
    attack("filter-of-its-own", "privileges", """
# A filter may only be made stricter: one that lets everything pass on top of ours lets nothing more pass.
class Filter(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint32)]
class Program(ctypes.Structure):
    _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.POINTER(Filter))]
allow = (Filter * 1)(Filter(6, 0, 0, 0x7FFF0000))
_libc.prctl(22, 2, ctypes.byref(Program(1, allow)), 0, 0)
denied("unshare after it", NR["unshare"], 0x10000000)
# And one that notifies a supervisor of the student's own.
number = 317 if os.uname().machine == "x86_64" else 277
notify = (Filter * 1)(Filter(6, 0, 0, 0x7FC00000))
done = _libc.syscall(number, 1, 8, ctypes.byref(Program(1, (Filter * 1)(Filter(6, 0, 0, 0x7FFF0000)))))
print("listener", done)
""", tools=True),
    attack("landlock-of-its-own", "privileges", """
number = 444
rules = (ctypes.c_uint64 * 3)(0x1, 0, 0)
made = _libc.syscall(number, rules, 8, 0)
print("ruleset", made)
refused("still no way out", lambda: open("@HIDDEN@"))
""", tools=True),
    attack("dumpable", "privileges", """
for pid in OTHERS:
    for name in ("exe", "cwd", "root"):
        try:
            print(name, os.readlink(f"/proc/{pid}/{name}"))
            if name != "exe":
                print("BREACH the monitor can be looked into", pid, name)
        except OSError as error:
            print(error)
""", tools=True),
    attack("terminal-input", "privileges", """
import fcntl, termios
for number in range(3):
    refused("TIOCSTI", lambda: fcntl.ioctl(number, termios.TIOCSTI, b"x"))
refused("a terminal", lambda: os.open("/dev/tty", os.O_RDWR))
""", tools=True),
    attack("set-user-id-programs", "privileges", """
import shutil, stat
try:
    shutil.copy("/bin/sh" if os.path.exists("/bin/sh") else sys.executable, "mine")
    os.chmod("mine", 0o6755)
    import subprocess
    print(subprocess.run(["./mine", "-c", "id"], capture_output=True, text=True).stdout)
except OSError as error:
    print(error)
""", tools=True),
    attack("a-program-of-its-own", "privileges", r"""
# A machine program written by the student is fine; it has no more rights than Python has.
import struct
path = os.path.abspath("program")
code = bytes.fromhex("b8 29 00 00 00 bf 02 00 00 00 be 01 00 00 00 31 d2 0f 05 85 c0 78 0c bf 07 00 00 00 b8 3c 00 00 00 0f 05 bf 00 00 00 00 b8 3c 00 00 00 0f 05 90 90")
base = 0x400000
head = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, base + 120, 64, 0, 0, 64, 56, 1, 0, 0, 0)
part = struct.pack("<IIQQQQQQ", 1, 5, 0, base, base, 120 + len(code), 120 + len(code), 0x1000)
if os.uname().machine == "x86_64":
    try:
        with open(path, "wb") as file:
            file.write(head + part + code)
        os.chmod(path, 0o755)
        import subprocess
        done = subprocess.run([path]).returncode
        print("exit", done)
        try:
            import socket
            socket.socket().close()
            print("sockets may be made here: a network of its own")
        except OSError:
            if done == 7:
                print("BREACH a program may make sockets")
    except OSError as error:
        print(error)
""", tools=True),
)  # fmt: skip
