"""The shell that runs a submission's cells: IPython's, without what only a person at a terminal needs.

Magics, ``?``, ``!`` and top-level ``await`` work as in a notebook. What is shown goes to a `Screen`; an error ends its cell
and nothing else; nothing is asked, and no window, history or profile is opened. A shell is made before a process is forked
(``READY``: making one takes longer than running a cell), so that there is one in each child.
"""

from __future__ import annotations

import ast
import builtins
import subprocess
import sys
import traceback
import warnings
from contextlib import suppress
from types import ModuleType
from typing import Any, NoReturn

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from workbench.grading.execution.screen import Screen, Stream, plain

_PARSED = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_SHOWN = ["text/plain", "image/png"]
_SECONDS = 60.0  # of a shell command


class _Compiler(CachingCompiler):
    """Names the code of a cell after the cell."""

    cell = ""

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return f"<{self.cell or number}>"


class _Display(DisplayPublisher):
    shell: Any

    def publish(self, data: Any, *_: Any, **__: Any) -> None:
        if isinstance(data, dict):
            self.shell.screen.bundle(data)

    def clear_output(self, wait: bool = False) -> None:
        """What was shown stays."""


class _Hook(DisplayHook):
    shell: Any

    def write_output_prompt(self) -> None:
        """No number: a cell has one value at most."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self.shell.screen.bundle(format_dict)

    def finish_displayhook(self) -> None:
        self._is_active = False


class Shell(InteractiveShell):
    """See the module.

    Attributes
    ----------
    screen : Screen
        What the cell that runs now has shown.
    failure : BaseException or None
        What ended it.
    line : int
        Of the cell, where that was raised; 0 where it was not in the cell's own code.
    """

    compile: Any
    display_formatter: Any
    compiler_class = Type(_Compiler)
    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Display)

    def __init__(self, **named: Any) -> None:
        self.screen = Screen()
        self.failure: BaseException | None = None
        self.line = 0
        super().__init__(**named)  # type: ignore[no-untyped-call]
        self.display_formatter.active_types = _SHOWN
        self.streams = Stream(self.screen, "<stdout>"), Stream(self.screen, "<stderr>")

    def run(self, cell: str, source: str) -> None:
        """Run one cell; what it shows and how it failed is in the attributes afterwards."""
        self.screen.clear()
        self.failure, self.line = None, 0
        self.compile.cell = cell
        sys.stdout, sys.stderr = self.streams
        self.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
        self.screen.drawn()

    # --- What differs from IPython's own ------------------------------------------------------------------------------

    def init_ipython_dir(self, ipython_dir: Any) -> None:
        """No folder of settings."""

    def init_profile_dir(self, profile_dir: Any) -> None:
        """No profile."""

    def init_virtualenv(self) -> None:
        """The interpreter knows its libraries."""

    def enable_gui(self, gui: Any = None) -> None:
        """No window."""

    def enable_matplotlib(self, gui: Any = None) -> tuple[Any, str]:
        """Figures are taken after each cell, whatever the backend."""
        return gui, "agg"

    def transform_cell(self, raw_cell: str) -> str:
        """Look for magics only in what Python cannot read as it stands, or in a single line, whose name may be a magic's."""
        if "\n" in raw_cell.strip():
            with suppress(SyntaxError, ValueError, RecursionError, MemoryError), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # they come again when the cell is run
                compile(raw_cell, "<cell>", "exec", _PARSED, dont_inherit=True)
                return f"{raw_cell}\n"
        return str(super().transform_cell(raw_cell))  # type: ignore[no-untyped-call]

    def should_run_async(self, raw_cell: str, **named: Any) -> bool:
        """Whether it awaits anything: never where it does not say so."""
        words = named.get("transformed_cell") or raw_cell
        return ("await" in words or "async" in words) and super().should_run_async(raw_cell, **named)

    def ask_exit(self) -> None:
        """``exit()`` ends nothing: the cells after it are run."""

    def showtraceback(self, exc_tuple: Any = None, *_: Any, **__: Any) -> None:
        """Keep the error, and show its traceback as far as it is in cells."""
        self._failed(exc_tuple[1] if exc_tuple else sys.exc_info()[1])

    def showsyntaxerror(self, *_: Any, **__: Any) -> None:
        """As `showtraceback`."""
        self._failed(sys.exc_info()[1])

    def showindentationerror(self) -> None:
        """As `showtraceback`."""
        self._failed(sys.exc_info()[1])

    def show_usage_error(self, exc: BaseException) -> None:
        """A magic used wrongly is an error of the cell."""
        self._failed(exc)

    def system(self, cmd: str) -> None:
        """``!command``: what it says is shown, and nothing can be typed into it."""
        code, said = self._command(cmd)
        self.screen.write(said)
        self.user_ns["_exit_code"] = code

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """``x = !command``."""
        from IPython.utils.text import SList

        _, said = self._command(cmd)
        return SList(said.splitlines()) if split else said

    def _command(self, cmd: str) -> tuple[int, str]:
        done = subprocess.run(  # noqa: S602 - a shell is what was asked for, and the sandbox holds it
            self.var_expand(cmd, depth=2),  # type: ignore[no-untyped-call]
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            check=False,
        )
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def _failed(self, error: BaseException | None) -> None:
        if error is None or self.failure is not None:  # what IPython trips over afterwards does not matter
            return
        self.failure = error
        name = f"<{self.compile.cell}>"
        frames = traceback.extract_tb(error.__traceback__)
        self.line = next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == name), 0)
        own = [frame for frame in frames if _of_a_cell(frame.filename)]  # where libraries lie is nobody's business
        lines = traceback.format_list(own) + traceback.format_exception_only(error)
        self.screen.error("".join(lines))


def _of_a_cell(filename: str) -> bool:
    """Whether a frame is in code that has no file: a cell's own, or what a cell made of text."""
    return filename.startswith("<") and not filename.startswith(("<frozen ", "<__array_function__"))


def _no_input(*_: Any) -> NoReturn:
    raise EOFError("a notebook that is graded has nobody to ask: input() cannot be answered")


def words_of(error: BaseException | None) -> str:
    """``TypeError: what it says``; the empty string for None."""
    if error is None:
        return ""
    try:
        text = str(error)
    except Exception:  # an exception of the student's may not even be printable
        text = "(no message)"
    return plain(f"{type(error).__name__}: {text}"[:2000])


def make() -> Shell:
    """A shell with a ``__main__`` module of its own, which the process is given by `enter`."""
    config = Config()
    config.HistoryManager.enabled, config.HistoryManager.hist_file = False, ":memory:"
    shell = Shell.instance(config=config, user_module=ModuleType("__main__"))
    shell.run("warming up", "None")  # what IPython makes on first use
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    shell.execution_count = 1
    return shell


def enter() -> Shell:
    """Make this process the shell's: its module becomes ``__main__``, and nothing can be asked of a person."""
    shell = ready()
    sys.modules["__main__"] = shell.user_module
    builtins.input = _no_input
    return shell


_made: list[Shell] = []


def ready() -> Shell:
    """The process's shell, made on first use."""
    if not _made:
        _made.append(make())
    return _made[0]


def __getattr__(name: str) -> Any:
    """``READY``: the shell, so that a zygote can be told to have one by naming it among what it imports."""
    if name == "READY":
        return ready()
    raise AttributeError(name)
