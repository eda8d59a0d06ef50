"""One message a packet over a Unix socket: a JSON object, and descriptors with it."""

from __future__ import annotations

import json
import os
import select
import socket
import struct
from collections.abc import Sequence
from typing import Any

LARGEST = 1 << 20  # bytes of a message; an environment is a few thousand
BACKLOG = 1024  # who may wait until all is imported
_DESCRIPTORS = 3


def send(connection: socket.socket, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Send a message.

    Raises
    ------
    OSError
        When the other end is gone, or the message is larger than the system lets a packet be.
    """
    data = json.dumps(message).encode("ascii")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, max(2 * len(data), 1 << 16))
    socket.send_fds(connection, [data], list(descriptors))


def receive(connection: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """Wait for a message and its descriptors; None when the other end is gone.

    Raises
    ------
    OSError
        When what has come is no message; the descriptors with it are closed.
    """
    data, descriptors, flags, _ = socket.recv_fds(connection, LARGEST, _DESCRIPTORS, socket.MSG_CMSG_CLOEXEC)
    if not data:
        return None, descriptors
    try:
        return _read(data, cut=bool(flags & socket.MSG_TRUNC)), descriptors
    except OSError:
        for one in descriptors:
            os.close(one)
        raise


def _read(data: bytes, *, cut: bool) -> dict[str, Any]:
    if cut:
        raise OSError("a message was cut")
    try:
        message = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise OSError(f"a message is not JSON: {error}") from error
    if not isinstance(message, dict):
        raise OSError("a message is not an object")
    return message


def answers(connection: socket.socket | int, seconds: float | None) -> bool:
    """Wait until there is something to receive; False when nothing came in time. For descriptors of any number."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(None if seconds is None else max(0, 1000 * seconds)))


def gone(descriptor: int) -> bool:
    """Whether nobody holds the other end of a connection any more; what they may have sent does not matter."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return bool(poll.poll(0))


def peer(connection: socket.socket) -> tuple[int, int]:
    """The process at the other end, and its user: who connected, or who has begun to listen."""
    process, user, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return process, user
