"""The children of a zygote: forked when they are ordered, signalled, waited for, and ended with whoever ordered them."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.warm import wire
from workbench.warm.order import Order, Plan
from workbench.warm.stack import Stack
from workbench.warm.successor import Successor, die_with

_PARTING = 2.0  # seconds for those who are on the way to one that retires
_FULL = 0.05  # seconds until somebody is let in again when no descriptor is left


@dataclass(frozen=True)
class _Child:
    pid: int
    pidfd: int
    session: bool
    folder: str
    since: float


class Nursery:
    """The children of one zygote, and the connections that ordered them.

    Parameters
    ----------
    listener, owner : socket.socket or None
        Where those of the same user connect; what whoever started it hands connections over by, and holds it with.
    loaded : Stack
        What was imported, for those who ask what it is at.
    ending : signal.Signals
        By which a child is ended whose connection is gone.
    successor : Successor, optional
        Who takes orders once it is ready; this one then ends with the last of its children, but not before the other does.
    """

    def __init__(
        self,
        listener: socket.socket | None,
        owner: socket.socket | None,
        plan: Plan,
        loaded: Stack,
        *,
        ending: signal.Signals,
        successor: Successor | None = None,
    ) -> None:
        self._ending = ending
        self._successor = successor
        self._loaded = loaded
        self._listener = listener
        self._owner = owner
        self._plan = plan
        self._poll = select.poll()
        self._connections: dict[int, socket.socket] = {}
        self._children: dict[int, _Child] = {}  # by the connection's descriptor
        self._used = time.monotonic()
        self._idle = plan.idle
        self._since = time.time()
        self._path = plan.path
        self._place = _place(plan.path)
        self._stopped = False
        for one in filter(None, (listener, owner)):
            self._poll.register(one.fileno(), select.POLLIN)
        if successor:
            self._poll.register(successor.ready, select.POLLIN)
            self._poll.register(successor.pidfd, select.POLLIN)

    def serve(self) -> Order | None:
        """Fork a child an order. Returns the order in each child, None in the zygote when it is to end."""
        while not self._stopped:
            left = self._left()
            waits = bool(self._children or self._successor)
            if left <= 0 and not waits:
                if not self._path:
                    break
                self.retire()  # whoever is on the way to it is still served
                continue
            for descriptor, _ in self._poll.poll(None if waits else 1000 * left + 1):
                if self._successor and descriptor in (self._successor.ready, self._successor.pidfd):
                    self._succeed(self._successor, descriptor)
                elif self._owner is not None and descriptor == self._owner.fileno():
                    if self._listens_no_more() or not self._adopt(self._owner):
                        return None
                elif self._listener is not None and descriptor == self._listener.fileno():
                    self._accept(self._listener)
                elif descriptor in self._connections:
                    order = self._hear(descriptor)
                    if order is not None:
                        return order
                else:
                    self._reap(descriptor)
        return None

    def _left(self) -> float:
        """Seconds until it ends, if nobody asks for anything."""
        return self._used + self._idle - time.monotonic()

    def retire(self) -> None:
        """Be found by no tool any more, and end with the last child; for one that belongs to nobody."""
        if self._path:
            with suppress(FileNotFoundError):
                if self._place and _place(self._path) == self._place:  # and not another's that has been put there since
                    Path(self._path).rename(self._path.removesuffix("socket") + f"{os.getpid()}.retired")
            self._path = ""
            self._idle = _PARTING
            self._used = time.monotonic()

    def _succeed(self, successor: Successor, descriptor: int) -> None:
        """Hear of the one that follows: it takes over, or it has ended."""
        self._poll.unregister(descriptor)
        if descriptor == successor.ready:
            if successor.hear():
                if self._listener is not None:
                    self._poll.unregister(self._listener.fileno())
                    self._listener.close()
                    self._listener = None
                if self._owner is not None:
                    self._poll.modify(self._owner.fileno(), 0)  # its messages are the other's; its end is heard of
            return
        if successor.ready >= 0:
            self._poll.unregister(successor.ready)
        if successor.serves:
            self._idle = 0.0
        elif self._owner is not None:
            with suppress(OSError):  # gone as well
                wire.send(self._owner, {"grown": False})
        successor.reap()
        self._successor = None

    def _listens_no_more(self) -> bool:
        return bool(self._successor and self._successor.serves)

    def _adopt(self, owner: socket.socket) -> bool:
        """Take the connections that the owner hands over; False when there is no owner any more."""
        message, received = wire.receive(owner)
        for descriptor in received:
            self._listen_to(socket.socket(fileno=descriptor))
        return message is not None

    def _accept(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:  # no descriptor is left: whoever waits is let in when a child has ended
            time.sleep(_FULL)
            return
        if wire.peer(connection)[1] != os.getuid():
            connection.close()
            return
        self._listen_to(connection)

    def _listen_to(self, connection: socket.socket) -> None:
        self._connections[connection.fileno()] = connection
        self._poll.register(connection.fileno(), select.POLLIN)

    def _hear(self, descriptor: int) -> Order | None:
        """Do what a connection says. Returns an order in the child that is forked for it."""
        received: list[int] = []
        try:
            message, received = wire.receive(self._connections[descriptor])
            if message is None:
                self._hang_up(descriptor)
            elif "request" in message and (self._plan.path or message["request"] == "status"):
                wire.send(self._connections[descriptor], self._requested(str(message["request"])))
            elif descriptor in self._children:
                self._signal(self._children[descriptor], int(message["signal"]))
            else:
                return self._fork(descriptor, message, received)
        except Exception:  # whatever nonsense it talks, and wherever it has gone: it loses its connection, and no other does
            self._hang_up(descriptor)
        finally:
            for one in received:
                os.close(one)
        return None

    def _requested(self, what: str) -> dict[str, Any]:
        """Do what somebody asks who wants to see it, or to have it end. Returns what it is at."""
        if what == "retire":
            self.retire()
        elif what == "stop":
            self._stopped = True
        return {
            "pid": os.getpid(),
            "name": self._plan.name,
            "since": self._since,
            "seconds_left": None if self._children else max(0.0, self._left()),
            "modules": self._loaded.imported,
            "not_imported": self._loaded.not_imported,
            "left_to_kernels": list(self._plan.loud),
            "retiring": not self._path,
            "kernels": [{"pid": one.pid, "folder": one.folder, "since": one.since} for one in self._children.values()],
        }

    def _fork(self, descriptor: int, message: Mapping[str, Any], received: list[int]) -> Order | None:
        order = Order.read(message, received)
        self._used = time.monotonic()
        if self._plan.path and wire.gone(self._connections[descriptor].fileno()):
            raise OSError("it has waited long enough")  # while the libraries were imported
        if refused := order.refusal(self._plan):
            wire.send(self._connections[descriptor], {"refused": refused})
            return None
        zygote = os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                die_with(zygote)
                self._let_go()
                return replace(order, descriptors=[os.dup(one) for one in received])  # the caller closes what it received
            except BaseException:
                os._exit(1)  # it must not go on as if it were the zygote
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:  # no descriptor is left
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise
        self._children[descriptor] = _Child(pid, pidfd, order.session, order.folder, time.time())
        self._poll.register(pidfd, select.POLLIN)
        wire.send(self._connections[descriptor], {"pid": pid})
        return None

    def _let_go(self) -> None:
        """In a child: close everything that is the zygote's."""
        for connection in self._connections.values():
            connection.close()
        for one in self._children.values():
            os.close(one.pidfd)
        if self._listener is not None:
            self._listener.close()
        if self._owner is not None:
            self._owner.close()
        if self._successor is not None:
            self._successor.let_go()

    def _signal(self, one: _Child, number: int) -> None:
        # Only this process reaps, so that neither number can belong to a stranger by now.
        if one.session:
            with suppress(ProcessLookupError):  # it has not made its session yet
                os.killpg(one.pid, number)
                return
        signal.pidfd_send_signal(one.pidfd, number)

    def _reap(self, pidfd: int) -> None:
        for descriptor, one in list(self._children.items()):
            if one.pidfd == pidfd:
                _, status = os.waitpid(one.pid, 0)
                self._poll.unregister(pidfd)
                os.close(pidfd)
                del self._children[descriptor]
                self._used = time.monotonic()
                with suppress(OSError):  # the one who ordered it may be gone
                    wire.send(self._connections[descriptor], {"returncode": os.waitstatus_to_exitcode(status)})

    def _hang_up(self, descriptor: int) -> None:
        """End a connection, and with it the child that it ordered."""
        one = self._children.get(descriptor)
        if one is not None:
            self._signal(one, self._ending)
            self._reap(one.pidfd)
        self._poll.unregister(descriptor)
        self._connections.pop(descriptor).close()

    def close(self) -> None:
        """End all children."""
        for descriptor in list(self._connections):
            self._hang_up(descriptor)
        if self._successor is not None:
            self._successor.end()
        if self._plan.folder:
            shutil.rmtree(self._plan.folder, ignore_errors=True)
        if self._plan.path:
            self.retire()
            with suppress(FileNotFoundError):
                Path(self._plan.path.removesuffix("socket") + f"{os.getpid()}.retired").unlink()


def _place(path: str) -> tuple[int, int] | None:
    """Which file lies at `path`, by device and number; None where there is none."""
    if path:
        with suppress(OSError):
            status = Path(path).lstat()
            return status.st_dev, status.st_ino
    return None
