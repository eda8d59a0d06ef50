"""Tests that came from elsewhere: test code that runs in the student's own process, so that its verdict can be forged.

A check of ours reads values and judges them in a process that the student cannot reach. Tests that were written for nbgrader
are code beside the answer: whoever wants to, replaces what runs them. So a question judged by them says ``forgeable=True``,
the gate names it until it is rewritten, and the scores made by it can be told from others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from workbench.checks.mistakes import mistake
from workbench.checks.question import Source
from workbench.checks.verdict import Incorrect

RUNNER = "nbgrader_tests"
"""What the exercise calls the function that `tests_in` gives."""
_PASSED = "passed"


def tests_in(names: dict[str, Any]) -> Callable[[str], str]:
    """A function that runs test code among `names` and says ``passed``, or which exception came of it.

    Tests may replace names to see whether an answer uses them; all names are put back.

    For a supplied cell: ``nbgrader_tests = tests_in(globals())``. A name that does not exist is an answer not yet given.
    """

    def run(source: str) -> str:
        before = dict(names)
        try:
            exec(compile(source, "<tests>", "exec", dont_inherit=True), names)  # noqa: S102 - the author's tests
        except NameError as error:
            raise NotImplementedError(str(error)) from error
        except NotImplementedError:
            raise
        except Exception as error:
            return f"{type(error).__name__}: {error}".rstrip(": ")
        finally:
            for name in set(names) - set(before):
                del names[name]
            names.update(before)
        return _PASSED

    return run


def inherited(answer: Source, key: Source, tests: str, *, names: Sequence[str] = ()) -> None:
    """Judge by test code that came from elsewhere.

    Parameters
    ----------
    tests : str
        Python that raises where the answer is wrong. It enters the student's process.
    names : sequence of str
        Functions and values that the answer should define; as long as one is missing or a stub, nothing was attempted.

    Raises
    ------
    NotAttempted
        When there is no answer yet.
    Incorrect
        When a test fails, with what it says.
    """
    attempted(answer, names)
    key.call(RUNNER, tests)
    said = answer.call(RUNNER, tests)
    mistake(said != _PASSED, f"a test fails: {said}")


def attempted(answer: Source, names: Sequence[str]) -> None:
    """Require only that `names` are defined, and none of them is a stub.

    Raises
    ------
    NotAttempted
        When one is not.
    """
    for name in names:
        with suppress(Incorrect):  # called without arguments, nearly anything complains; a stub says that it is one
            answer.call(name)
