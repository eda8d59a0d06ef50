"""Serving the review page to the loopback interface of this machine."""

from __future__ import annotations

import secrets
import socket
import tempfile
import webbrowser
from collections.abc import Callable
from html import escape
from pathlib import Path

from workbench.errors import GradingError
from workbench.grading.review.desk import Desk

HOST = "127.0.0.1"


def serve(desk: Desk, *, port: int = 0, browser: bool = False, on_address: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C.

    Parameters
    ----------
    port : int
        Where it listens; 0 for a free port.
    browser : bool
        Whether to open a browser there.
    on_address : callable
        Is told the address, with the token, as soon as requests are taken.

    Raises
    ------
    GradingError
        When the port is taken.
    """
    import uvicorn

    from workbench.grading.review.app import application

    try:
        listener = socket.create_server((HOST, port))
    except OSError as error:
        raise GradingError(f"port {port} cannot be used: {error.strerror}", remedy="--port 0 takes a free one") from error
    with listener, tempfile.TemporaryDirectory(prefix="workbench-review-") as folder:
        number = listener.getsockname()[1]
        token = secrets.token_urlsafe(32)
        address = f"http://{HOST}:{number}/?token={token}"
        app = application(desk, token=token, hosts=(f"{HOST}:{number}", f"localhost:{number}"))
        # No log of requests: their addresses hold the token.
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, server_header=False))
        on_address(address)
        if browser:
            webbrowser.open(_way_in(Path(folder), address))
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:  # how a person ends it; uvicorn has closed everything
            return


def _way_in(folder: Path, address: str) -> str:
    """A private file that leads to the page: a browser's command line can be read by everybody on the machine."""
    page = folder / "open.html"
    page.touch(mode=0o600)
    page.write_text(f'<!doctype html><meta http-equiv="refresh" content="0; url={escape(address)}">', encoding="utf-8")
    return page.as_uri()
