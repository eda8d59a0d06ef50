"""The process that is forked from: it imports, then waits for orders, and does nothing else.

``python -m workbench.warm.zygote LISTENER OWNER``, with the numbers of two inherited descriptors and a `Plan` as JSON on
standard input, is started by ``client.Zygote``. It ends when the last holder of the owner's socket is gone, however that
ended, or when nobody has asked for anything in a while; its children end with it, and each child with the connection
that ordered it. It knows nothing of Jupyter: an order is for ``python -m MODULE ARGUMENTS``.

Orders come over connections: those of the same user to the listener, and those that the owner hands over, whatever user
that is; where LISTENER is -1, only these. A child runs `child.become`, or what `main` is given; `main` is also told by which
signal a child is to be ended, since one that has to see to the end of others first cannot do so when it is killed.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import shutil
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from workbench.warm import child, memory, stack, wire
from workbench.warm.order import Order, Plan

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


@dataclass(frozen=True)
class _Child:
    pid: int
    pidfd: int
    session: bool


class Nursery:
    """The children of one zygote, and the connections that ordered them."""

    def __init__(self, listener: socket.socket | None, owner: socket.socket, plan: Plan, *, ending: signal.Signals) -> None:
        self._ending = ending
        self._listener = listener
        self._owner = owner
        self._plan = plan
        self._poll = select.poll()
        self._connections: dict[int, socket.socket] = {}
        self._children: dict[int, _Child] = {}  # by the connection's descriptor
        self._used = time.monotonic()
        for one in filter(None, (listener, owner)):
            self._poll.register(one.fileno(), select.POLLIN)

    def serve(self) -> Order | None:
        """Fork a child an order. Returns the order in each child, None in the zygote when it is to end."""
        while True:
            left = self._used + self._plan.idle - time.monotonic()
            if left <= 0 and not self._children:
                return None
            for descriptor, _ in self._poll.poll(None if self._children else 1000 * left + 1):
                if descriptor == self._owner.fileno():
                    if not self._adopt():
                        return None
                elif self._listener is not None and descriptor == self._listener.fileno():
                    self._accept(self._listener)
                elif descriptor in self._connections:
                    order = self._hear(descriptor)
                    if order is not None:
                        return order
                else:
                    self._reap(descriptor)

    def _adopt(self) -> bool:
        """Take the connections that the owner hands over; False when there is no owner any more."""
        message, received = wire.receive(self._owner)
        for descriptor in received:
            self._listen_to(socket.socket(fileno=descriptor))
        return message is not None

    def _accept(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        _, user, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if user != os.getuid():
            connection.close()
            return
        self._listen_to(connection)

    def _listen_to(self, connection: socket.socket) -> None:
        self._connections[connection.fileno()] = connection
        self._poll.register(connection.fileno(), select.POLLIN)

    def _hear(self, descriptor: int) -> Order | None:
        """Do what a connection says. Returns an order in the child that is forked for it."""
        self._used = time.monotonic()
        received: list[int] = []
        try:
            message, received = wire.receive(self._connections[descriptor])
            if message is None:
                self._hang_up(descriptor)
            elif descriptor in self._children:
                self._signal(self._children[descriptor], int(message["signal"]))
            else:
                return self._fork(descriptor, message, received)
        except (OSError, ValueError, LookupError, TypeError):  # who talks nonsense, or is gone, loses the connection
            self._hang_up(descriptor)
        finally:
            for one in received:
                os.close(one)
        return None

    def _fork(self, descriptor: int, message: Mapping[str, Any], received: list[int]) -> Order | None:
        order = Order.read(message, received)
        if refused := order.refusal(self._plan):
            wire.send(self._connections[descriptor], {"refused": refused})
            return None
        zygote = os.getpid()
        pid = os.fork()
        if pid == 0:
            _die_with(zygote)
            self._let_go()
            copies = [os.dup(one) for one in received]  # the caller closes what it received
            return replace(order, descriptors=copies)
        pidfd = os.pidfd_open(pid)
        self._children[descriptor] = _Child(pid, pidfd, order.session)
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
        self._owner.close()

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
        if self._plan.folder:
            shutil.rmtree(self._plan.folder, ignore_errors=True)


def main(become: Callable[[Order, stack.Stack], None] = child.become, *, ending: signal.Signals = signal.SIGKILL) -> None:
    """Import what the plan says, then fork until nobody needs it; a child leaves by what it is to `become`."""
    if Path(sys.path[0]) == Path.cwd():
        del sys.path[0]  # put there by `-m`; a child gets its own folder
    plan = Plan(**json.load(sys.stdin))
    descriptors = [int(number) for number in sys.argv[1:]]
    loaded = stack.load(plan, wanted=lambda: not _gone(descriptors[1]))
    if loaded.loud:
        _again(plan.without(loaded.loud))
    listener, owner = (_socket(number) for number in descriptors)
    assert owner is not None
    memory.settle()
    nursery = Nursery(listener, owner, plan, ending=ending)
    order = nursery.serve()
    if order is not None:
        become(order, loaded)
    else:
        nursery.close()
        os._exit(0)  # there is nothing to tidy up that is worth the time


def _socket(number: int) -> socket.socket | None:
    if number < 0:
        return None
    os.set_inheritable(number, False)
    return socket.socket(fileno=number)


def _gone(owner: int) -> bool:
    """Whether nobody holds the other end any more; what they may have sent does not matter."""
    poll = select.poll()
    poll.register(owner, 0)
    return bool(poll.poll(0))


def _again(plan: Plan) -> None:
    """Begin anew in this process, with another plan."""
    given = os.memfd_create("plan")
    os.write(given, json.dumps(asdict(plan)).encode())
    os.lseek(given, 0, os.SEEK_SET)
    os.dup2(given, 0)
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - ourselves


def _die_with(zygote: int) -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != zygote:  # it was killed before the line above
        os._exit(1)


if __name__ == "__main__":
    main()
