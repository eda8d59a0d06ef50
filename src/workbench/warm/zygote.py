"""The process that is forked from: it imports, then waits for orders, and does nothing else.

``python -m workbench.warm.zygote LISTENER OWNER``, with the numbers of two inherited descriptors and a `Plan` as JSON on
standard input, is started by ``client.Zygote``. It ends when the last holder of the owner's pipe is gone, however that
ended, or when nobody has asked for anything in a while; its children end with it, and each child with the connection
that ordered it. It knows nothing of Jupyter: an order is for ``python -m MODULE ARGUMENTS``.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import select
import shutil
import signal
import socket
import struct
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.warm import child, stack, wire
from workbench.warm.order import Order, Plan

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


@dataclass(frozen=True)
class _Child:
    pid: int
    pidfd: int
    session: bool


class Nursery:
    """The children of one zygote, and the connections that ordered them."""

    def __init__(self, listener: socket.socket, owner: int, plan: Plan) -> None:
        self._listener = listener
        self._owner = owner
        self._plan = plan
        self._poll = select.poll()
        self._connections: dict[int, socket.socket] = {}
        self._children: dict[int, _Child] = {}  # by the connection's descriptor
        self._used = time.monotonic()
        for descriptor in (listener.fileno(), owner):
            self._poll.register(descriptor, select.POLLIN)

    def serve(self) -> Order | None:
        """Fork a child an order. Returns the order in each child, None in the zygote when it is to end."""
        while True:
            left = self._used + self._plan.idle - time.monotonic()
            if left <= 0 and not self._children:
                return None
            for descriptor, _ in self._poll.poll(None if self._children else 1000 * left + 1):
                if descriptor == self._owner:
                    return None
                if descriptor == self._listener.fileno():
                    self._accept()
                elif descriptor in self._connections:
                    order = self._hear(descriptor)
                    if order is not None:
                        return order
                else:
                    self._reap(descriptor)

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        _, user, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if user != os.getuid():
            connection.close()
            return
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
            return Order(order.argv, order.environment, order.folder, order.session, copies)
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
        self._listener.close()
        os.close(self._owner)

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
            self._signal(one, signal.SIGKILL)
            self._reap(one.pidfd)
        self._poll.unregister(descriptor)
        self._connections.pop(descriptor).close()

    def close(self) -> None:
        """End all children."""
        for descriptor in list(self._connections):
            self._hang_up(descriptor)
        shutil.rmtree(self._plan.folder, ignore_errors=True)


def main() -> None:
    """Import what the plan says, then fork until nobody needs it; a child leaves by running what was ordered."""
    if Path(sys.path[0]) == Path.cwd():
        del sys.path[0]  # put there by `-m`; a child gets its own folder
    plan = Plan(**json.load(sys.stdin))
    listener, owner = int(sys.argv[1]), int(sys.argv[2])
    loaded = stack.load(plan, wanted=lambda: not select.select([owner], [], [], 0)[0])
    if loaded.loud:
        _again(plan.without(loaded.loud))
    os.set_inheritable(listener, False)
    os.set_inheritable(owner, False)
    gc.collect()
    gc.freeze()  # a child's collector then leaves the pages alone that it shares
    nursery = Nursery(socket.socket(fileno=listener), owner, plan)
    order = nursery.serve()
    if order is not None:
        child.become(order, loaded)
    else:
        nursery.close()
        os._exit(0)  # there is nothing to tidy up that is worth the time


def _again(plan: Plan) -> None:
    """Begin anew in this process, with another plan."""
    given = os.memfd_create("plan")
    os.write(given, json.dumps(asdict(plan)).encode())
    os.lseek(given, 0, os.SEEK_SET)
    os.dup2(given, 0)
    os.execv(sys.executable, [sys.executable, "-m", "workbench.warm.zygote", *sys.argv[1:]])  # noqa: S606 - ourselves


def _die_with(zygote: int) -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != zygote:  # it was killed before the line above
        os._exit(1)


if __name__ == "__main__":
    main()
