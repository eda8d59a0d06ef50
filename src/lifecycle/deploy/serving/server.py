"""Running a web application on this machine for as long as a block of code lasts."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lifecycle.errors import LifecycleError

_HOST = "127.0.0.1"


class ServiceError(LifecycleError):
    """A service that did not start or did not stop."""


@dataclass(frozen=True)
class Service:
    """A running service.

    Attributes
    ----------
    url : str
        Where it listens, ``http://127.0.0.1:PORT``; the port differs from run to run, so do not print it.
    log : list of str
        What the server had to say at level WARNING and above, as ``LEVEL message``; fills while it runs.
    """

    url: str
    log: list[str] = field(default_factory=list)


@contextmanager
def serving(app: Any, *, timeout: float = 10) -> Iterator[Service]:
    """Serve `app` over HTTP on a free port of the loopback interface until the block ends.

    Only this machine can reach it. The server runs in a thread of this process and writes nothing to the screen; its
    log is kept in the `Service`.

    Parameters
    ----------
    app : ASGI application
        For example a `fastapi.FastAPI`.
    timeout : float
        Seconds to wait for the start, and again for the end, greater than 0.

    Yields
    ------
    Service
        With the address to send requests to.

    Raises
    ------
    ServiceError
        When the application does not start (the message ends with what the server logged) or does not stop in time.

    Examples
    --------
    >>> import httpx
    >>> with serving(app) as service:  # doctest: +SKIP
    ...     httpx.get(f"{service.url}/health").status_code
    200
    """
    import uvicorn

    log: list[str] = []
    settings = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=max(1, int(timeout)))
    server = uvicorn.Server(settings)
    with _kept_log(log), _listener() as listener:
        thread = threading.Thread(target=_run, args=(server, listener, log), name="service", daemon=True)
        thread.start()
        try:
            _wait_until_started(server, thread, timeout, log)
            yield Service(f"http://{_HOST}:{listener.getsockname()[1]}", log)
        finally:
            server.should_exit = True
            thread.join(timeout + 1)
        if thread.is_alive():
            raise ServiceError("the service did not stop", where=_HOST, tried=f"waiting {timeout:g} s for open requests")


def _listener() -> socket.socket:
    """A free port. asyncio sends small answers at once only over a socket that says it is TCP; else each waits 40 ms."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind((_HOST, 0))
    return listener


def _run(server: Any, listener: socket.socket, log: list[str]) -> None:
    try:
        server.run(sockets=[listener])
    except SystemExit:  # how uvicorn ends a start that failed; its reason is in the log
        log.append("ERROR the start was given up")


def _wait_until_started(server: Any, thread: threading.Thread, timeout: float, log: list[str]) -> None:
    end = time.monotonic() + timeout
    while not server.started:
        if not thread.is_alive() or time.monotonic() > end:
            said = "; ".join(line.splitlines()[-1] for line in log) or "nothing"
            raise ServiceError(
                "the service did not start", where=_HOST, tried=f"waiting for it; the server said: {said}",
                remedy="see whether the application starts alone, and what its start-up code needs",
            )  # fmt: skip
        time.sleep(0.005)


@contextmanager
def _kept_log(lines: list[str]) -> Iterator[None]:
    """Send the server's warnings to `lines` and nowhere else."""
    logger = logging.getLogger("uvicorn")
    keeper = _Keeper(lines)
    before = logger.propagate
    logger.addHandler(keeper)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(keeper)
        logger.propagate = before


class _Keeper(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.WARNING)
        self.lines = lines
        self.setFormatter(logging.Formatter("%(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))
