"""What a zygote is told: once, what it is; then, each time, what a child is to become."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

# Variables that may differ between a zygote and its child, because no library reads them when it is imported; or because
# what it read is read anew in the child.
_FREE = ("WORKBENCH_", "PYTEST_", "JPY_")
_FREE_NAMES = {"_", "JUPYTER_DEFAULT_PROVISIONER_NAME", "MPLBACKEND", "PYDEVD_DISABLE_FILE_VALIDATION", "PYTHONHASHSEED"}


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
    """

    modules: Sequence[str]
    environment: Mapping[str, str]
    hash_seed: str
    idle: float
    memory: int
    folder: str

    def without(self, modules: Sequence[str]) -> Plan:
        """The plan with `modules` left out."""
        return replace(self, modules=[name for name in self.modules if name not in modules])


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
    """

    argv: list[str]
    environment: dict[str, str]
    folder: str
    session: bool
    descriptors: list[int]
    options: Mapping[str, Any] = field(default_factory=dict)

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
        return cls(
            [str(word) for word in argv],
            {str(name): str(value) for name, value in environment.items()},
            str(message.get("folder", "/")),
            bool(message.get("session")),
            descriptors,
            dict(message.get("options") or {}),
        )

    def refusal(self, plan: Plan) -> str:
        """Why a child of this zygote could not be what a cold process would be; the empty string if it can."""
        if self.argv[:2] != [sys.executable, "-m"] or len(self.argv) < 3:
            return f"only `{sys.executable} -m MODULE` can be forked"
        wanted = self.environment.get("PYTHONHASHSEED", "random")
        if wanted not in ("random", plan.hash_seed):  # where none is asked for, any will do
            return f"the order of sets is seeded with {plan.hash_seed or 'a random number'}, not {wanted}"
        for name in sorted({*self.environment, *plan.environment}):
            free = name.startswith(_FREE) or name in _FREE_NAMES
            if not free and self.environment.get(name) != plan.environment.get(name):
                return f"the variable {name} differs from what the libraries were imported with"
        return ""
