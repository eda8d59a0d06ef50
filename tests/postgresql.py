"""A real PostgreSQL server for tests: from the system's binaries, in a folder of its own, reached through a socket there."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NOBODY = 65534
PATIENCE = "300"  # seconds for which pg_ctl waits: 60 by itself


def where() -> Path | None:
    """The folder of the newest server's binaries."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4].partition(".")[0]))
    return found[-1].parent if found else None


@contextmanager
def running() -> Iterator[str]:
    """A server with nothing in it; its URL, without the name of a database."""
    binaries = where()
    assert binaries is not None
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # its socket's path must be short, and others than its owner may enter
    identity = _identity(folder)
    try:
        data = folder / "data"
        shared = ["--auth=trust", "--username=workbench", "--encoding=UTF8", "--locale=C", "--no-sync"]
        subprocess.run([binaries / "initdb", "-D", data, *shared], check=True, capture_output=True, **identity)
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        control = [binaries / "pg_ctl", "-D", data, "-w", "-t", PATIENCE]
        with (folder / "log").open("w") as log:
            subprocess.run([*control, "start", "-o", options], check=True, stdout=log, stderr=log, **identity)
        try:
            yield f"postgresql://workbench@/{{}}?host={folder}"
        finally:
            subprocess.run([*control, "stop", "-m", "immediate"], check=True, capture_output=True, **identity)
    finally:
        shutil.rmtree(folder)


def _identity(folder: Path) -> dict[str, Any]:
    """Whom the server runs as: it refuses to be root."""
    folder.chmod(0o755)
    if os.geteuid() != 0:
        return {"cwd": folder}
    os.chown(folder, NOBODY, NOBODY)
    return {"cwd": folder, "user": NOBODY, "group": NOBODY, "extra_groups": []}
