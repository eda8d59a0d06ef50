"""What a zygote is told: once, what it is; then, each time, what a child is to become."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

# A kernel's own, first: some libraries look whether these are there.
KERNEL = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "sqlite3",
    # What a kernel imports only as it begins, and as it ends.
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "psutil",
    "tornado.platform.asyncio",
    "workbench.warm.application",
)
# Variables that may differ between a zygote and its child, because no library reads them when it is imported; or because
# what it read is read anew in the child. COLUMNS and LINES are set by the C library readline behind Python's back: a worker
# of a process that has loaded it has them, and a zygote of the same process does not.
_FREE = (
    "COLORTERM", "DBUS_", "GIT_", "GPG_", "JPY_", "JUPYTER", "MAKE_TERM", "PAPERMILL_", "PYTEST_", "SSH_", "TERM", "TMUX",
    "VSCODE_", "VTE_", "WORKBENCH_", "XDG_SESSION_",
)  # fmt: skip
_FREE_NAMES = {
    "_", "COLUMNS", "INVOCATION_ID", "JOURNAL_STREAM", "LINES", "LS_COLORS", "MAKEFLAGS", "MAKELEVEL", "MFLAGS",
    "MPLBACKEND", "OLDPWD", "PWD", "PYDEVD_DISABLE_FILE_VALIDATION", "PYTHONHASHSEED", "SHLVL", "STY", "WINDOWID",
}  # fmt: skip
_READ = ("GIT_PYTHON_", "JUPYTER_PLATFORM_DIRS")  # by GitPython and jupyter_core, when they are imported


def free(name: str) -> bool:
    """Whether the variable `name` may differ between a zygote and its child."""
    return name in _FREE_NAMES or (name.startswith(_FREE) and not name.startswith(_READ))


def read_at_import(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that a library may read when it is imported, sorted by name; an empty ``PYTHONPATH`` is none."""
    return {name: text for name, text in sorted(environment.items()) if not free(name) and (text or name != "PYTHONPATH")}


def relative_path(environment: Mapping[str, str]) -> str:
    """Why ``PYTHONPATH`` would be another in a zygote, whose folder is its own; the empty string where it is the same."""
    entries = environment.get("PYTHONPATH")
    if entries and not all(Path(entry).is_absolute() for entry in entries.split(os.pathsep)):
        return f"PYTHONPATH has an entry that is relative or empty: {entries}"
    return ""


@dataclass(frozen=True)
class Plan:
    """What a zygote is started with.

    Attributes
    ----------
    modules : sequence of str
        What to import, in order: ``"pandas"``, or ``"scipy:stats"`` for ``from scipy import stats``.
    environment : mapping
        The variables that a cold process would be started with.
    hash_seed : str
        Seed of the order of sets of text in this process and its children; empty for one drawn at random.
    idle : float
        Seconds without a child or an order after which it ends.
    memory : int
        Bytes of resident memory from which on nothing more is imported.
    folder : str
        Where its socket lies, or what it works in; removed at the end. Empty where it has none.
    path : str
        The socket of one that belongs to nobody and serves all tools of a user; removed at the end. Empty for any other.
    name : str
        What it was started for, for people who look at it.
    loud : sequence of str
        What was found to be better left to the children.
    note : str
        The file that such are noted in for the next zygote; empty for none.
    """

    modules: Sequence[str]
    environment: Mapping[str, str]
    hash_seed: str
    idle: float
    memory: int
    folder: str
    path: str = ""
    name: str = ""
    loud: Sequence[str] = ()
    note: str = ""

    def also(self, modules: Sequence[str]) -> Plan:
        """The plan with `modules` that are to be imported after its own."""
        return replace(self, modules=[*self.modules, *(name for name in modules if name not in self.modules)])

    def without(self, modules: Sequence[str]) -> Plan:
        """The plan with `modules` left out."""
        return replace(self, modules=[name for name in self.modules if name not in modules], loud=[*self.loud, *modules])


@dataclass(frozen=True)
class Order:
    """What a child is to become: everything that a new process would get from the one that starts it.

    Attributes
    ----------
    argv : list of str
        The whole command: the interpreter, ``-m``, a module, its arguments.
    folder : str
        Working directory.
    session : bool
        Whether it leads a session of its own, so that a signal reaches what it starts.
    descriptors : list of int
        Standard input, output and error.
    options : mapping
        For a zygote whose children become something of their own; what `child.become` makes has none.
    limits : mapping
        Soft limits (``"RLIMIT_NOFILE"``) of the one that starts it; none where it has those of the zygote.
    mask : int or None
        Its mask for the modes of new files; the zygote's where it is None.
    """

    argv: list[str]
    environment: dict[str, str]
    folder: str
    session: bool
    descriptors: list[int]
    options: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    mask: int | None = None

    @classmethod
    def read(cls, message: Mapping[str, Any], descriptors: list[int]) -> Order:
        """Make an order of a message.

        Raises
        ------
        ValueError
            When it is not one.
        """
        argv, environment = message.get("argv"), message.get("environment")
        if not isinstance(argv, list) or not isinstance(environment, dict) or len(descriptors) != 3:
            raise ValueError("an order has arguments, an environment and three descriptors")
        if not Path(folder := str(message.get("folder", "/"))).is_absolute():
            raise ValueError("the folder of an order starts at the root")
        return cls(
            [str(word) for word in argv],
            {str(name): str(value) for name, value in environment.items()},
            folder,
            bool(message.get("session")),
            descriptors,
            dict(message.get("options") or {}),
            {str(name): int(value) for name, value in dict(message.get("limits") or {}).items()},
            None if message.get("mask") is None else int(message["mask"]) & 0o777,
        )

    def refusal(self, plan: Plan) -> str:
        """Why a child of this zygote could not be what a cold process would be; the empty string if it can."""
        if self.argv[:2] != [sys.executable, "-m"] or len(self.argv) < 3:
            return f"only `{sys.executable} -m MODULE` can be forked"
        if why := relative_path(self.environment):
            return why
        wanted = self.environment.get("PYTHONHASHSEED", "random")
        if wanted not in ("random", plan.hash_seed):  # where none is asked for, any will do
            return f"the order of sets is seeded with {plan.hash_seed or 'a random number'}, not {wanted}"
        mine, loaded = read_at_import(self.environment), read_at_import(plan.environment)
        for name in sorted({*mine, *loaded}):
            if mine.get(name) != loaded.get(name):
                return f"the variable {name} differs from what the libraries were imported with"
        return ""
