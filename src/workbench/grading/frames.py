"""Messages between our processes over a stream: a length, then JSON, capped while it is read.

A frame is four bytes of length, big-endian, and so many bytes of JSON that make an object. The reader counts bytes before it
keeps them and brackets and commas before it parses, so that no frame can cost much more memory than it has bytes.
"""

from __future__ import annotations

import json
import math
import re
import select
import socket
import struct
import time
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from workbench.codec import MAX_BYTES, MAX_DEPTH, MAX_NODES

LARGEST = 2 * MAX_BYTES  # bytes of one frame: a value of the largest size, in base64
NODES = 2 * MAX_NODES  # a tree of the most values, and its tags
DEPTH = 4 * MAX_DEPTH + 10  # a dictionary is three brackets deep; what is refused here could not be written again either
_HEAD = struct.Struct(">I")
_PIECE = 1 << 18
_AT_ONCE = int(socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)  # a number: to join the flags takes as long as to send


class FrameError(Exception):
    """The other end said what no frame is."""


class TooMuch(FrameError):  # noqa: N818 - an outcome of reading
    """The other end said more than it may."""


class Gone(FrameError):  # noqa: N818 - an outcome of reading
    """The other end is closed."""


class TooSlow(FrameError):  # noqa: N818 - an outcome of reading
    """The other end did not say anything in time."""


def _refused(name: str) -> None:
    raise ValueError(name)


_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def _finite(text: str) -> float:
    """The number that `text` says; it must be one that can be written again, which ``1e999`` is not."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


_DECODER = json.JSONDecoder(parse_constant=_refused, parse_float=_finite)
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"')
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def packed(message: Mapping[str, Any]) -> bytes:
    """A frame of `message`."""
    data = _ENCODER.encode(message).encode("ascii")
    return _HEAD.pack(len(data)) + data


def whole(data: bytes | bytearray) -> bool:
    """Whether `data` is one frame, by its length."""
    return len(data) >= _HEAD.size and _HEAD.unpack(data[: _HEAD.size])[0] == len(data) - _HEAD.size


def send(connection: socket.socket, message: Mapping[str, Any], *, deadline: float | None = None) -> None:
    """Send a frame.

    Parameters
    ----------
    deadline : float, optional
        Of ``time.monotonic``; without one it waits for as long as the other end takes to read.

    Raises
    ------
    Gone, TooSlow
        When it cannot be sent.
    """
    send_packed(connection, packed(message), deadline=deadline)


def send_packed(connection: socket.socket, data: bytes, *, deadline: float | None = None) -> None:
    """Send what `packed` made; see `send`."""
    rest = memoryview(data)
    poll = None
    while rest:
        try:
            rest = rest[connection.send(rest, _AT_ONCE) :]
        except BlockingIOError:
            if poll is None:
                poll = select.poll()
                poll.register(connection, select.POLLOUT)
            _wait(poll, deadline)
        except OSError as error:
            raise Gone(str(error)) from error


class Reader:
    """Reads frames from one end.

    Attributes
    ----------
    left : int
        Bytes that may still be read; the caller may give more.
    size : int
        Bytes of the frame that was read last, its length included.
    """

    def __init__(self, connection: socket.socket, left: int = LARGEST) -> None:
        self.left, self.size = left, 0
        self._connection = connection
        self._data = bytearray()  # grows with what comes, not with what was announced
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)

    def read(self, *, deadline: float | None = None) -> dict[str, Any]:
        """The next frame.

        Parameters
        ----------
        deadline : float, optional
            Of ``time.monotonic``, for the whole frame.

        Raises
        ------
        FrameError
            `Gone`, `TooMuch`, `TooSlow`, or what is not a frame.
        """
        self._fill(_HEAD.size, deadline)
        self.size = _HEAD.size + _HEAD.unpack_from(self._data)[0]
        if self.size > self.left:
            raise TooMuch(f"a frame of {self.size} bytes")
        self.left -= self.size
        self._fill(self.size, deadline)
        frame = bytes(memoryview(self._data)[_HEAD.size : self.size])
        del self._data[: self.size]
        return parsed(frame)

    def _fill(self, count: int, deadline: float | None) -> None:
        while len(self._data) < count:
            if deadline is not None:
                _wait(self._poll, deadline)
            try:
                piece = self._connection.recv(_PIECE)
            except OSError as error:
                raise Gone(str(error)) from error
            if not piece:
                raise Gone("the other end is closed")
            self._data += piece


def parsed(data: bytes) -> dict[str, Any]:
    """The object that a frame's bytes say.

    Raises
    ------
    FrameError
        When they are not JSON, not an object, or `TooMuch`.
    """
    if len(data) > NODES and sum(map(data.count, (b"[", b"{", b","))) > NODES:
        raise TooMuch(f"more than {NODES:,} values")
    if len(data) > DEPTH and data.count(b"[") + data.count(b"{") > DEPTH and _depth(_TEXT.sub(b"", data)) > DEPTH:
        raise FrameError(f"nested more than {DEPTH} deep")
    try:
        message = _DECODER.decode(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FrameError(f"not JSON: {type(error).__name__}") from error
    if not isinstance(message, dict):
        raise FrameError("not an object")
    return message


def _depth(data: bytes) -> int:
    """How deep brackets are nested."""
    brackets = data.translate(None, _NOT_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0) if len(brackets) > DEPTH else 0


def clean(text: str) -> str:
    """`text` as any file and any database can hold it: without NUL and lone surrogates."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def _wait(poll: select.poll, deadline: float | None) -> None:
    left = None if deadline is None else 1000 * max(0.0, deadline - time.monotonic())
    if not poll.poll(left):
        raise TooSlow("nothing in time")
