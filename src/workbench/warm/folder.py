"""The folder of the sockets of a user's zygotes: who listens there, what is noted of each, and what the dead have left.

Beside ``KEY.socket`` lie ``KEY.json`` (what it is; its time is when it was last asked for), ``KEY.log`` (its last words),
``KEY.loud`` (what its like need not find out again) and, while it imports, ``KEY.importing`` (how often that was begun).
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench import user_cache
from workbench.warm import client, wire
from workbench.warm.client import NotWarm

_LONGEST = 107  # bytes of a socket's path
_ENDING = "1234567.retired"  # the longest of a socket's name, after its key
_ATTEMPTS = 3  # to import, after which it is left alone for a while
_FORGOTTEN = 600.0  # seconds
_KEPT = 86400.0  # seconds for which the last words of one that has ended are kept


@dataclass(frozen=True)
class Kept:
    """A zygote that runs, as its folder shows it.

    Attributes
    ----------
    path : Path
        Its socket.
    pid : int
        Its process; for a moment, the tool that starts it.
    """

    path: Path
    pid: int

    @property
    def key(self) -> str:
        """What it is, as `Identity.key`."""
        return self.path.name.partition(".")[0]

    def listener(self) -> int:
        """The process that listens there now: a tool that starts it, until it does so itself; 0 where none does."""
        with suppress(OSError), client.connected(self.path) as connection:
            return wire.peer(connection)[0]
        return 0

    @property
    def importing(self) -> Path:
        """The note that it has been started and has not imported everything yet, where there is one; see `count`."""
        return self.path.with_name(f"{self.key}.importing")

    def request(self, what: str, *, seconds: float = 2.0) -> dict[str, Any] | None:
        """Ask for its ``status``, or tell it to ``retire`` or to ``stop``.

        Returns
        -------
        dict or None
            What it is at (see ``nursery``); None where it does not answer in time: it is importing, and will hear it then.
        """
        with suppress(OSError), client.connected(self.path) as connection:
            wire.send(connection, {"request": what})
            return wire.receive(connection)[0] if wire.answers(connection, seconds) else None
        return None


def find() -> Path:
    """The folder of the sockets, made where it is missing.

    Raises
    ------
    NotWarm
        When it is somebody else's, or somebody else may look into it or write to it.
    """
    for candidate in _candidates():
        try:
            candidate.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:  # a home that is read-only, or none
            continue
        status = candidate.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o077:
            raise NotWarm(
                f"the folder {candidate} must be this user's, and nobody else's",
                remedy=f"chmod 700 {candidate}, or remove it",
            )
        return candidate
    raise NotWarm("there is no folder for its socket")


def _candidates() -> Iterator[Path]:
    """Where the folder may be, the best place first; with room for a socket's path."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    places = [Path(runtime) / "workbench-warm"] if runtime and Path(runtime).is_dir() else []
    with suppress(RuntimeError):  # no home
        places.append(user_cache.place() / "warm")
    places.append(Path(tempfile.gettempdir()) / f"workbench-warm-{os.getuid()}")
    for place in places:
        if place.is_absolute() and len(os.fsencode(place / f"{'0' * 20}.{_ENDING}")) <= _LONGEST:
            yield place


def running() -> list[Kept]:
    """The zygotes of this user that run, those first that were asked for last; those that only wait for their end, too."""
    found = []
    for path in find().iterdir():
        if path.suffix in (".socket", ".retired"):
            with suppress(OSError), client.connected(path) as connection:
                found.append(Kept(path, wire.peer(connection)[0]))
    return sorted(found, key=lambda one: (-_asked_at(one.path), one.path.name))


def age(socket: str) -> float:
    """Seconds since the zygote at `socket` was started; 0 when it is gone."""
    with suppress(OSError):
        return max(0.0, time.time() - Path(socket).stat().st_mtime)
    return 0.0


def _asked_at(path: Path) -> float:
    with suppress(OSError):
        return (path.parent / f"{path.name.partition('.')[0]}.json").stat().st_mtime
    return 0.0


def listens(path: Path) -> bool:
    """Whether a zygote of this user listens there."""
    try:
        client.connected(path).close()
    except (FileNotFoundError, ConnectionRefusedError):
        return False
    return True


def count(path: Path) -> None:
    """Note that one is to be started at `path`; it takes the note away when it has imported everything.

    Raises
    ------
    NotWarm
        When it has ended too often meanwhile.
    """
    attempts = path.with_suffix(".importing")
    with suppress(FileNotFoundError):
        status = attempts.stat()
        if time.time() - status.st_mtime > _FORGOTTEN:
            attempts.unlink()
        elif status.st_size >= _ATTEMPTS:
            raise NotWarm(f"it has ended {_ATTEMPTS} times while it imported", where=str(path.with_suffix(".log")))
    attempts.touch(0o600)
    with attempts.open("a", encoding="ascii") as stream:
        stream.write(".")


def noted(path: Path) -> dict[str, Any]:
    """What is noted in a file; empty where there is none, or it was cut."""
    with suppress(OSError, ValueError):
        found = json.loads(path.read_bytes())
        if isinstance(found, dict):
            return found
    return {}


def tidy(place: Path) -> None:
    """Remove what is left of those that have ended; their last words after a day."""
    for path in _with_suffix(place, ".socket", ".retired"):
        with suppress(OSError):
            if not listens(path):  # it was killed
                path.unlink()
    alive = {path.name.partition(".")[0] for path in _with_suffix(place, ".socket", ".retired")}
    for path in _with_suffix(place, ".json", ".log", ".loud", ".importing"):
        with suppress(OSError):
            if path.stem not in alive and time.time() - path.stat().st_mtime > _KEPT:
                path.unlink()


def _with_suffix(place: Path, *suffixes: str) -> list[Path]:
    return [path for path in place.iterdir() if path.suffix in suffixes]
