"""Running a command as a user who is not root, also where only root can reach the interpreter."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from workbench.grading.sandbox import privilege
from workbench.grading.sandbox.view import View

USERS = range(60578, 61184)  # which no distribution, service or container of systemd's gives to anybody
REPOSITORY = Path(__file__).resolve().parents[1]


@cache
def user() -> int:
    """A user for this process alone, so that what other tests run does not count against its bounds.

    A socket keeps others from choosing the same: it has a name that the kernel frees when this process ends.
    """
    for number in (*USERS[os.getpid() % len(USERS) :], *USERS):
        held = socket.socket(socket.AF_UNIX)
        try:
            held.bind(f"\0workbench-user-{number}")
        except OSError:
            held.close()
        else:
            atexit.register(held.close)
            return number
    raise AssertionError("other tests run as each of these users")


def run(
    words: Sequence[str],
    *,
    readable: Sequence[Path] = (),
    environment: Mapping[str, str] | None = None,
    seconds: float = 1800.0,
    folder: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command, where this is root as `user`; with a home and a folder for temporary files of its own.

    Parameters
    ----------
    readable : sequence of Path
        What it has to reach beside the interpreter and the repository.
    folder : Path, optional
        Its working directory; the repository by default.
    """
    home = Path(tempfile.mkdtemp(prefix="workbench-unprivileged-"))
    prefix: list[str] = []
    if os.getuid() == 0:
        os.chown(home, user(), user())
        paths = [str(one) for one in (*View().all_readable(), REPOSITORY, home, *readable)]
        prefix = [sys.executable, "-I", "-S", str(privilege.__file__), str(user()), json.dumps(paths)]
    variables = {**os.environ, "HOME": str(home), "TMPDIR": str(home), "LOGNAME": "somebody", **(environment or {})}
    try:
        return subprocess.run(
            [*prefix, *words],
            cwd=folder or REPOSITORY,
            env=variables,
            timeout=seconds,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        shutil.rmtree(home, ignore_errors=True)


def run_tests(*names: str, seconds: float = 1800.0, environment: Mapping[str, str] | None = None) -> str:
    """Run tests as that user; returns what went wrong, or the empty string.

    Parameters
    ----------
    *names : str
        Files or node ids, and options of pytest.
    """
    words = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *names]
    done = run(words, seconds=seconds, environment=environment)
    return "" if done.returncode == 0 else f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
