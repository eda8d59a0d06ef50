"""A service as a process of its own: it serves until it is told to end, answers what was asked by then, and goes."""

from __future__ import annotations

import errno
import gc
import os
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any

from lifecycle.deploy.serving.server import ServiceError


def run_service(
    app: Any,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    grace: int = 10,
    head_seconds: float = 10,
    started: Callable[[str], None] | None = None,
) -> None:
    """Serve `app` until Ctrl-C or SIGTERM; call it in a process's main thread.

    At the end no new connection is taken, requests that are being answered are answered, and the application's shut-down
    code runs.

    Parameters
    ----------
    app : ASGI application
    host : str
        The loopback address by default: nobody else can reach the service. Any other needs something in front that knows who
        asks, for the service itself does not.
    port : int
        0 takes a free one.
    grace : int
        Seconds that requests have to be answered in at the end.
    head_seconds : float
        How long a client may take over the head of a request. A connection costs little, but files are not endless: without
        this, clients who never finish a request would in time keep everyone else out.
    started : callable, optional
        Called with the address once requests are answered.

    Raises
    ------
    ServiceError
        When the port is taken, or the application does not start.
    """
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started and started is not None:
                started(f"http://{_address(listener)}")

    with _listener(host, port) as listener:
        settings = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=grace, server_header=False,
            http=_patient(head_seconds),
        )  # fmt: skip
        server = Server(settings)
        before = signal.signal(signal.SIGTERM, _end)  # uvicorn ends in good order, then raises the signal once more
        gc.collect()
        gc.freeze()  # what is loaded stays: no search for garbage in it while requests wait
        try:
            server.run(sockets=[listener])
        except (KeyboardInterrupt, _Ended):
            return
        except SystemExit as error:  # how uvicorn says that the application did not start
            raise ServiceError("the service did not start", where=f"{host}:{port}", tried="running its start-up code",
                               remedy="the lines above say why") from error  # fmt: skip
        finally:
            gc.unfreeze()
            signal.signal(signal.SIGTERM, before)


class _Ended(BaseException):
    """SIGTERM, after everything has been shut down."""


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise _Ended


def _listener(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # TCP by name: see `server`
        try:
            if os.name == "posix":  # elsewhere this would let two services share a port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
        return listener
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        raise ServiceError(
            "the port is taken" if taken else "it cannot listen there", where=f"{host}:{port}", tried=str(error),
            remedy="choose another one with --port, or 0 for a free one" if taken else "name an address of this machine",
        ) from error  # fmt: skip


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _patient(seconds: float) -> Any:
    """The HTTP protocol with an end to its patience.

    The head of a request must come within `seconds`, and so must the rest of a body that was answered before it had come
    whole. That one is read on, since a connection closed in the middle of it may lose the answer; but not for ever.
    """
    import h11
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Protocol(H11Protocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self.impatience = self.loop.call_later(seconds, self._is_late)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if not self._waits():  # a request has begun: the application minds its body
                self.impatience.cancel()
            elif self.impatience.cancelled():  # the next request on this connection
                self.impatience = self.loop.call_later(seconds, self._is_late)

        def on_response_complete(self) -> None:
            super().on_response_complete()
            if self.conn.their_state is h11.SEND_BODY and self.impatience.cancelled():
                self.impatience = self.loop.call_later(seconds, self._is_late)

        def connection_lost(self, exc: Exception | None) -> None:
            self.impatience.cancel()
            super().connection_lost(exc)

        def _waits(self) -> bool:
            """For a head, or for the rest of a body that nobody reads any more."""
            answered = self.conn.their_state is h11.SEND_BODY and self.conn.our_state is h11.DONE
            return answered or self.conn.their_state is h11.IDLE

        def _is_late(self) -> None:
            if self._waits() and not self.transport.is_closing():
                self.transport.close()

    return Protocol
