"""Running a command as a user who is not root, also where only root can reach the interpreter."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.grading.sandbox import privilege
from workbench.grading.sandbox.view import View

USER = 65534
REPOSITORY = Path(__file__).resolve().parents[1]


def run(
    words: Sequence[str],
    *,
    readable: Sequence[Path] = (),
    environment: Mapping[str, str] | None = None,
    seconds: float = 600.0,
    folder: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command; as root, as the user 65534, with a home and a folder for temporary files of that user's own.

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
        os.chown(home, USER, USER)
        paths = [str(one) for one in (*View().all_readable(), REPOSITORY, home, *readable)]
        prefix = [sys.executable, "-I", "-S", str(privilege.__file__), str(USER), json.dumps(paths)]
    variables = {**os.environ, "HOME": str(home), "TMPDIR": str(home), **(environment or {})}
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


def run_tests(*names: str, seconds: float = 600.0, environment: Mapping[str, str] | None = None) -> str:
    """Run tests as that user; returns what went wrong, or the empty string.

    Parameters
    ----------
    *names : str
        Files or node ids, and options of pytest.
    """
    words = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *names]
    done = run(words, seconds=seconds, environment=environment)
    return "" if done.returncode == 0 else f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
