"""What an attack must not reach, and how we notice that it did: marked files, ears on every kind of socket, processes."""

from __future__ import annotations

import ctypes
import json
import os
import secrets
import shutil
import socket
import struct
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

MARK = "CANARY-"
HIDDEN_INPUT = "70921"  # only the hidden question knows it
_OPENED = (
    0x20 | 0x1 | 0x2 | 0x4 | 0x100 | 0x200 | 0x40 | 0x80
)  # inotify: open, access, modify, attributes, create, delete, moves


def token(what: str) -> str:
    """A text that is nowhere else."""
    return f"{MARK}{what}-{secrets.token_hex(8)}"


class Canaries:
    """Files that no submission may read or write, beside the course in `folder`.

    Attributes
    ----------
    places : mapping
        Where everything is, by the names that attacks use.
    """

    def __init__(self, folder: Path, course: Path) -> None:
        self.folder, self.course = folder, course
        self.elsewhere = folder / "elsewhere"
        home = self.elsewhere / "home"
        files = {
            "GRADEBOOK": self.elsewhere / "gradebook.db",
            "PEER": self.elsewhere / "inbox" / "00_safe" / "s002" / "0001-peer.ipynb",
            "MANIFEST": self.elsewhere / "release" / "manifest.json",
            "SECRET": self.elsewhere / "release.secret",
            "HOMEFILE": home / ".ssh" / "id",
            "DATA": course / "datasets" / "data.csv",
            "KEY": course / "exercises" / "keys" / "00_safe.json",
            "HIDDENKEY": course / "solutions" / "keys" / "00_safe.json",
            "SOLUTION": course / "solutions" / "00_safe.ipynb",
        }
        for name, path in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if name == "DATA":
                path.write_text("a,b\n1,2\n")  # may be read, and never written
            elif path.exists():
                path.write_text(json.dumps({**json.loads(path.read_text()), "canary": token(name)}))
            else:
                path.write_text(json.dumps({"canary": token(name)}))
        own = {
            "COURSE": course,
            "ELSEWHERE": self.elsewhere,
            "HOME": home,
            "INBOX": self.elsewhere / "inbox",
            "HIDDEN": course / "course" / "hidden" / "safe.py",
            "CHECKS": course / "course" / "checks" / "safe.py",
            "MASTER": course / "course" / "exercises" / "00_safe.py",
        }
        self.ears = Ears(self.elsewhere)
        self.places: dict[str, str] = {name: str(path) for name, path in {**files, **own}.items()} | self.ears.places
        self.watch = Watch(self.elsewhere)

    def state(self) -> dict[str, tuple[int, ...]]:
        """Everything that must stay as it is."""
        found = {}
        for root in (self.course, self.elsewhere):
            for folder, folders, names in os.walk(root):
                for name in (*folders, *names):
                    path = f"{folder}/{name}"
                    if not path.startswith(f"{self.course}/runs"):
                        facts = os.lstat(path)
                        found[path] = (facts.st_mode, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_uid)
        self.watch.events()  # what looking at it has caused
        return found

    def close(self) -> None:
        """Let go of sockets."""
        self.ears.close()
        self.watch.close()


class Ears:
    """Listens on every kind of socket that could be reached from this machine."""

    def __init__(self, folder: Path) -> None:
        self.heard: list[str] = []
        name = f"torture-{secrets.token_hex(6)}"
        self._path = f"{folder}/socket"
        self._sockets = {
            "TCP": self._made(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            "UDP": self._made(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "ABSTRACT": self._made(socket.AF_UNIX, socket.SOCK_STREAM, f"\0{name}"),
            "DATAGRAM": self._made(socket.AF_UNIX, socket.SOCK_DGRAM, f"\0{name}-datagram"),
            "SOCKET": self._made(socket.AF_UNIX, socket.SOCK_STREAM, self._path),
        }
        if socket.has_ipv6:
            with suppress(OSError):  # a machine without IPv6
                self._sockets["TCP6"] = self._made(socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0))
        self.places = {"TCP6": "9", "ABSTRACT": name, "SOCKET": self._path}
        for kind, one in self._sockets.items():
            if one.family != socket.AF_UNIX:
                self.places[kind] = str(one.getsockname()[1])
            threading.Thread(target=self._listen, args=(kind, one), daemon=True).start()

    @staticmethod
    def _made(family: int, kind: int, address: object) -> socket.socket:
        one = socket.socket(family, kind)
        one.bind(address)  # type: ignore[arg-type]
        if kind == socket.SOCK_STREAM:
            one.listen()
        return one

    def _listen(self, kind: str, one: socket.socket) -> None:
        try:
            while True:
                if one.type == socket.SOCK_STREAM:
                    connection, _ = one.accept()
                    connection.close()
                else:
                    one.recv(100)
                self.heard.append(kind)
        except OSError:
            return

    def close(self) -> None:
        """Stop."""
        for one in self._sockets.values():
            one.close()


class Watch:
    """Notices who opens, reads or changes anything in a folder, whatever else looks at it."""

    def __init__(self, folder: Path) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self._names: dict[int, str] = {}
        for place, _, _ in os.walk(folder):
            number = self._libc.inotify_add_watch(self._descriptor, place.encode(), _OPENED)
            self._names[number] = place
        self.events()

    def events(self) -> list[str]:
        """What has happened since the last call."""
        found = []
        while True:
            try:
                data = os.read(self._descriptor, 1 << 16)
            except BlockingIOError:
                return found
            place = 0
            while place < len(data):
                number, mask, _, length = struct.unpack_from("iIII", data, place)
                name = data[place + 16 : place + 16 + length].rstrip(b"\0").decode("utf-8", "replace")
                found.append(f"{self._names.get(number, '?')}/{name} ({mask:x})")
                place += 16 + length

    def close(self) -> None:
        """Stop."""
        os.close(self._descriptor)


def be_the_last_parent() -> None:
    """Let every process that loses its parent become a child of this one, so that none can be lost sight of."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def descendants() -> dict[int, str]:
    """All processes below this one, with their state and command."""
    children: dict[int, list[int]] = {}
    words: dict[int, str] = {}
    for name in (place.name for place in Path("/proc").glob("[0-9]*")):
        try:
            head, _, tail = Path(f"/proc/{name}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")
            fields = tail.split()
            command = Path(f"/proc/{name}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")[:150]
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(name))
        words[int(name)] = f"{fields[0]} {head.partition('(')[2]}: {command}"
    found, waiting = {}, [os.getpid()]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            found[child] = words[child]
            waiting.append(child)
    return found


def living() -> list[str]:
    """The processes below this one that have not ended; orphans that have, and were handed to this one, are waited for."""
    found = descendants()
    for pid, text in found.items():
        if text.startswith("Z"):
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
    return [text for text in found.values() if not text.startswith("Z")]


def shared_places() -> set[str]:
    """Names that attacks would leave in places that everybody on the machine shares."""
    folders = [Path(name) for name in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/dev", "/", "/dev/mqueue")]
    return {str(place) for folder in folders if folder.is_dir() for place in folder.glob("torture[-_][mw]*")}


def copy_of(course: Path, folder: Path) -> Path:
    """A copy of the fixture's course."""
    shutil.copytree(course, folder, ignore=shutil.ignore_patterns("__pycache__", ".ruff_cache", "runs"))
    return folder


def environment(base: Mapping[str, str], elsewhere: Path) -> dict[str, str]:
    """Variables with something to be found in them."""
    return {
        **base,
        "WORKBENCH_SECRET": token("ENVIRONMENT"),
        "SECRET_TOKEN": token("ENVIRONMENT"),
        "HOME": str(elsewhere / "home"),
    }
