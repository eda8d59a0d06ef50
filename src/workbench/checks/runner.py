"""``python -m workbench.checks.runner REQUEST REPLY``: run an exercise's cells in this process and judge what they made.

Each scenario has a ``__main__`` module of its own, as a kernel would have; the modules that cells import are shared.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import json
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

from workbench import files
from workbench.checks import module
from workbench.checks.answer import LiveNotebook
from workbench.checks.judge import judge
from workbench.checks.key import Key, Recorder
from workbench.checks.question import Question

SECONDS_A_CALL = 15.0  # more than a notebook allows: a build may share its machine with others


class _Silent:
    """Stands for ``check``, ``quiz`` and ``display`` in the cells: whatever is asked of it, nothing happens."""

    def __call__(self, *arguments: Any, **named: Any) -> None:
        pass

    def __getattr__(self, name: str) -> _Silent:
        return self


def main(request: str, reply: str) -> None:
    """Run the scenarios that the file `request` lists and write what came of them to the file `reply`."""
    import workbench

    order = json.loads(Path(request).read_bytes())
    if order["nice"] and hasattr(os, "nice"):
        os.nice(order["nice"])
    workbench.check = workbench.quiz = _Silent()  # type: ignore[assignment]
    visible, *hidden = map(Path, order["checks"])
    questions = dict(module.load(visible).questions)
    for path in hidden:
        questions |= module.load(path, hidden=True).questions
    files.write_json(Path(reply), [_group(questions, scenarios) for scenarios in order["groups"]])


def _group(questions: Mapping[str, Question], scenarios: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Run one group; its first scenario records the key that the others are judged against."""
    key = Key("", "", {}, {})
    replies = {}
    for scenario in scenarios:
        namespace, failure = _run(scenario["steps"])
        live = LiveNotebook(namespace, seconds=SECONDS_A_CALL)
        results, entries = {}, {}
        for slug in scenario["questions"]:
            recorder = Recorder(live) if scenario["record"] else None
            results[slug] = asdict(judge(questions[slug], live, recorder or key.transport(slug)))
            if recorder is not None:
                entries[slug] = recorder.entries
        if scenario["record"]:
            key = Key("", "", {}, entries)
        replies[scenario["name"]] = {"results": results, "entries": entries, "failure": failure}
    return replies


def _run(steps: Sequence[Sequence[str]]) -> tuple[dict[str, Any], str]:
    """The names that the cells made, and which cell raised what."""
    fresh = ModuleType("__main__")
    fresh.__dict__["display"] = _Silent()
    sys.modules["__main__"] = fresh  # where dataclasses and the like look their module up
    with Path(os.devnull).open("w") as sink, contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
        for name, source in steps:
            try:
                code = compile(source, f"<{name}>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
                waiting = eval(code, fresh.__dict__)  # noqa: S307 - the course's own cells
                if inspect.iscoroutine(waiting):
                    asyncio.run(waiting)
            except (Exception, SystemExit) as error:
                lines = [
                    frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == f"<{name}>"
                ]
                place = f"cell {name}" + (f", line {lines[-1]}" if lines else "")
                return fresh.__dict__, f"{place}: {type(error).__name__}: {error}"
            finally:
                if "matplotlib.pyplot" in sys.modules:
                    sys.modules["matplotlib.pyplot"].close("all")
    return fresh.__dict__, ""


if __name__ == "__main__":
    main(*sys.argv[1:])
