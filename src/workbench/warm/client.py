"""What tools and zygotes know of each other: by which variables one is offered, where it listens, whether it answers."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.warm import wire

if TYPE_CHECKING:
    from workbench.warm.owned import Zygote

VARIABLE = "WORKBENCH_WARM"  # the sockets of zygotes that may be asked, in this order
ANEW = "WORKBENCH_WARM_ANEW"  # what the user's zygote has that is to be asked where they are gone: name and modules as JSON
ONLY = "WORKBENCH_WARM_ONLY"  # where it says anything, a kernel that cannot be forked is an error
PROVISIONER = "workbench-warm"  # its entry point
ZYGOTE = "workbench.warm.zygote"
# What the libraries are loaded with: no thread of their own before the fork, and no word about the debugger.
_LOADING = {
    "OPENBLAS_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


class NotWarm(WorkbenchError):  # noqa: N818 - not an error as such: the caller starts a cold process
    """No zygote can make this process."""


class NotYet(NotWarm):
    """One could, but is still importing."""


def unsupported() -> str:
    """Why processes cannot be forked here; the empty string where they can."""
    if sys.platform != "linux":
        return "only Linux lets a process be forked from one that has its libraries loaded"
    if not hasattr(os, "pidfd_open"):
        return "this Python does not know pidfd_open"
    return ""


def loaded_with(environment: Mapping[str, str], *, hash_seed: str) -> dict[str, str]:
    """The variables of a zygote whose children are given `environment`."""
    loading = {**environment, **_LOADING, **({"PYTHONHASHSEED": hash_seed} if hash_seed else {})}
    loading.pop("MPLBACKEND", None)  # read by the child
    return loading


@contextmanager
def listening(path: str | Path) -> Iterator[socket.socket]:
    """A socket for a zygote to listen at, which only this user can connect to."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(path))
        Path(path).chmod(0o600)
        listener.listen(wire.BACKLOG)
        yield listener


def connected(path: str | Path) -> socket.socket:
    """A connection to the zygote at `path`.

    Raises
    ------
    OSError
        When nobody listens there, or somebody else than this user.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        connection.connect(str(path))
        if wire.peer(connection)[1] != os.getuid():
            raise PermissionError("its process is not this user's")
    except BaseException:
        connection.close()
        raise
    return connection


def wait_for(path: str | Path, *, seconds: float) -> None:
    """Wait until the zygote at `path` has imported everything.

    Raises
    ------
    NotWarm
        When there is none or it ends meanwhile; `NotYet` when `seconds` are over.
    """
    try:
        with connected(path) as connection:
            wire.send(connection, {"request": "status"})
            if not wire.answers(connection, seconds):
                raise NotYet(f"it did not answer in {seconds:g} seconds")
            if wire.receive(connection)[0] is None:
                raise NotWarm("it has ended")
    except OSError as error:
        raise NotWarm(f"no answer from it: {error}") from error


def paths(zygotes: Iterable[Zygote | None]) -> list[str]:
    """The sockets of those that there are."""
    return [zygote.path for zygote in zygotes if zygote]


@contextmanager
def offered(zygotes: Iterable[Zygote | None]) -> Iterator[None]:
    """Let this process ask `zygotes`, in this order, for what it would start; None stands for one that there is not."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = os.pathsep.join(paths(zygotes))
    try:
        yield
    finally:
        os.environ.pop(VARIABLE)
        if before is not None:
            os.environ[VARIABLE] = before


def offer_to_jupyter(sockets: Sequence[str]) -> dict[str, str]:
    """The variables that make any tool in another process take its kernels from the zygotes at `sockets`."""
    name = {"JUPYTER_DEFAULT_PROVISIONER_NAME": PROVISIONER} if sockets else {}
    return {VARIABLE: os.pathsep.join(sockets), **name}
