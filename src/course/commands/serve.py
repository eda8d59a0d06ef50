"""``workbench serve``: a package as a web service."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from course.commands.failures import RequestError, reported


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("serve")(serve)


def serve(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A package: an archive, or the folder it was unpacked to.")],
    *,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Where to listen; 0 takes a free port.")] = 8000,
    host: Annotated[str, typer.Option("--host", help="Address; by default only this machine can ask.")] = "127.0.0.1",
    log: Annotated[Path | None, typer.Option("--log", help="Log requests to this SQLite file.")] = None,
    synced: Annotated[bool, typer.Option("--synced", help="The log survives a loss of power; slower.")] = False,
    reasons: Annotated[bool, typer.Option("--reasons/--no-reasons", help="Say why in each answer.")] = True,
    digest: Annotated[str | None, typer.Option("--digest", help="SHA-256 that the package must have.")] = None,
) -> None:
    """Answer requests for scores over HTTP until Ctrl-C.

    POST /score with {"features": {...}}, POST /score/batch with {"rows": [...]}; GET /health, /ready, /version, /metrics and
    /openapi.json, which describes the requests. It asks nobody who they are: it listens on this machine only, unless --host
    says otherwise, and then something has to stand before it that does ask.

    Exit codes: 0 ended by Ctrl-C or SIGTERM; 2 the package was changed, scores otherwise than it was released, the log
    cannot be written, or the port is taken.

    Example: workbench serve datasets/artifacts/07/package.zip --port 8000 --log requests.sqlite
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    if synced and log is None:
        raise RequestError("there is no log to sync", where="--synced", remedy="name one with --log")
    with reported():
        from lifecycle.deploy import RequestLog, create_app, open_package, run_service

        package = open_package(model, digest=digest)
        book = RequestLog(log, synced=synced) if log is not None else None
        if book is not None:
            book.check()  # the start does so too, where its error would come as a traceback
        app = create_app(package, log=book, reasons=reasons)
        where = f"{package.name} {package.version}, digest {package.digest}"
        run_service(app, host=host, port=port, started=lambda url: typer.echo(f"{where}\nListening on {url} (end: Ctrl-C)"))
    typer.echo("Ended.")
