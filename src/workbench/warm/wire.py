"""One message a packet over a Unix socket: a JSON object, and descriptors with it."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from typing import Any

LARGEST = 1 << 20  # bytes of a message; an environment is a few thousand
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
    """Wait for a message and its descriptors; None when the other end is gone."""
    data, descriptors, flags, _ = socket.recv_fds(connection, LARGEST, _DESCRIPTORS, socket.MSG_CMSG_CLOEXEC)
    if not data:
        return None, descriptors
    if flags & socket.MSG_TRUNC:
        raise OSError("a message was cut")
    message = json.loads(data)
    if not isinstance(message, dict):
        raise OSError("a message is not an object")
    return message, descriptors
