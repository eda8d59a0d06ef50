"""A zygote for all tools of one user: started by the first that asks, found by the others.

Its socket lies in a folder that is the user's alone (`folder`), under a name made of what it is (`identity`). It belongs to
nobody: it ends when it was idle for long enough, when it is told to, or when it is out of date. What a tool starts by it
still ends with the tool.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path

from workbench.warm import client, defaults, folder, loud
from workbench.warm.client import NotWarm
from workbench.warm.identity import Identity, hash_seed, identify
from workbench.warm.order import Plan, read_at_import, relative_path

MOST = 3  # zygotes of one user at a time
_STARTING = 120.0  # seconds that somebody may take to start one; it is not waited for what it imports
_WORDS = 2000  # bytes of the last words of one that has ended


def ask(
    modules: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    executable: str = sys.executable,
    name: str = defaults.NAME,
    idle: float = defaults.IDLE,
    memory: int = defaults.MEMORY,
) -> str:
    """The socket of a zygote for such kernels; one is started where there is none.

    It may be importing still: who sends it an order waits for that.

    Parameters
    ----------
    modules : sequence of str
        What it imports, in order; see `order.Plan`.
    environment : mapping, optional
        The variables that its kernels are given; this process's by default.
    executable : str
        The interpreter, as the kernel's command names it.
    name : str
        What it is for, where people are told of it.
    idle : float
        Seconds without work after which it ends, if it is started now.
    memory : int
        Bytes of resident memory from which on it imports nothing more.

    Raises
    ------
    NotWarm
        Where processes cannot be forked, or no zygote can be found or started safely.
    """
    if why := client.unsupported():
        raise NotWarm(why)
    own = Path(sys.executable)
    if (Path(executable).parent, Path(executable).resolve()) != (own.parent, own.resolve()):
        raise NotWarm(f"the kernel's interpreter is not the one that asks for it: {executable}")
    variables = dict(os.environ if environment is None else environment)
    if why := relative_path(variables):
        raise NotWarm(why)
    identity = identify(modules, environment=variables, executable=executable, memory=memory)
    plan = Plan(list(modules), read_at_import(variables), hash_seed(variables), idle, memory, "", name=name)
    try:
        place = folder.find()
        path = place / f"{identity.key}.socket"
        if not folder.listens(path):
            with _locked(place / "lock"):
                if not folder.listens(path):
                    _start(path, plan, identity, executable)
        with suppress(FileNotFoundError):
            os.utime(path.with_suffix(".json"))  # the last that was asked for
    except OSError as error:
        raise NotWarm(f"no zygote can be started: {error}") from error
    return str(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Alone among the tools of this user."""
    import fcntl  # not on Windows, where this module can be imported too

    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        end = time.monotonic() + _STARTING
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise NotWarm("another process has been starting one for too long") from None
                time.sleep(0.01)
        yield
    finally:
        os.close(descriptor)


def _start(path: Path, plan: Plan, identity: Identity, executable: str) -> None:
    """Start one that listens at `path`; the lock is held."""
    folder.tidy(path.parent)
    folder.count(path)
    plan = loud.spared(replace(plan, note=str(path.with_suffix(".loud"))))
    facts = {"name": plan.name, "prefix": sys.prefix, "executable": executable, **asdict(identity)}
    note, log = path.with_suffix(".json"), path.with_suffix(".log")
    for one in (note, log):
        one.touch(0o600)
    note.write_text(json.dumps(facts), encoding="utf-8")
    _make_room(path.parent, identity)
    with client.listening(path) as listener, log.open("wb") as words:
        process = subprocess.Popen(
            [executable, "-m", client.ZYGOTE, str(listener.fileno()), "-1"],
            stdin=subprocess.PIPE,
            stdout=words,
            stderr=words,
            pass_fds=[listener.fileno()],
            cwd=path.parent,
            env=client.loaded_with(plan.environment, hash_seed=plan.hash_seed),
            process_group=0,  # Ctrl-C is for the tool
        )
        assert process.stdin is not None
        with suppress(BrokenPipeError), process.stdin as stream:
            stream.write(json.dumps(asdict(plan) | {"path": str(path)}).encode())
        try:
            code: int | str = process.wait(_STARTING)  # the zygote itself goes on as another process
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
    if code:
        path.unlink(missing_ok=True)
        said = log.read_bytes()[-_WORDS:].decode("utf-8", "replace").strip()
        raise NotWarm(f"the zygote could not be started: {said.splitlines()[-1] if said else code}", where=str(log))


def _make_room(place: Path, wanted: Identity) -> None:
    """Have those retire that are out of date, and the ones that were not asked for lately where there are too many."""
    others = 0
    for one in folder.running():
        if one.path.suffix == ".socket":
            facts = folder.noted(place / f"{one.key}.json")
            outdated = facts.get("place") == wanted.place and facts.get("installed") != wanted.installed
            others += not outdated
            if outdated or others >= MOST:
                one.request("retire", seconds=0)
