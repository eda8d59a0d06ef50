"""Checks: what an answer is asked, and how the question is kept honest.

A check is a function of two things. ``answer`` reads a name of the student's, or calls a function of theirs; ``key`` gives
what the solution gave for the same expression. No expected value is typed by hand, so a check cannot go stale, and a check
never holds an object of the student's: every value crosses as a copy made of exact built-in types (``workbench.codec``).

>>> from workbench.checks import Mutant, close, equal, mistake, part, question
>>> @question("rates.loss", title="Points lost", points=2, hints=["Percentage points are a plain difference."],
...           mutants=[Mutant("relative loss", replace=("before - after", "(before - after) / before"))])
... def points_lost(answer, key):
...     with part(1, "`loss` is counted in percentage points"):
...         close(answer.read("loss"), key.read("loss"))
...     with part(1, "`loss_of` should work for any two months"):
...         close(answer.call("loss_of", 0.9, 0.7), key.call("loss_of", 0.9, 0.7))

The statements of a check run in order and the first that fails ends it, except inside a `part`, which ends only that part.

- ``answer.read("name")`` and ``answer.read("name.field")``: a value. A name that does not exist means *not attempted*.
- ``answer.call("f", 1, 2, k=3)``: the result of the student's function, with arguments of ours. One that raises,
  takes longer than five seconds or returns what cannot cross is *incorrect*, with the reason.
- ``close`` and ``equal`` compare, types first, and name the expression last read where no message is given.
- ``mistake(condition, message)`` names a likely mistake before the comparison says merely "wrong". For its condition:
  ``near(value, wrong)``, ``is_number(value)``, and ``as_list(value)`` where a tuple or an array will do as well as a list.
- ``part`` gives some of the points. The parts of a question add up to its points.

Each question comes with wrong answers (`Mutant`) that a check must not pass: ``workbench gate`` tries them all.

What only a person can judge is asked in a text cell, tagged like any other answer, and described by its rubric:

>>> from workbench.checks import manual
>>> why = manual("rates.why", title="Why?", criteria=[("names the cause", 1), ("says what to do about it", 1)])
"""

from workbench.checks.compare import close, equal
from workbench.checks.mistakes import as_list, is_number, mistake, near
from workbench.checks.question import Manual, Mutant, Question, manual, question
from workbench.checks.verdict import Incorrect, NotAttempted, part

__all__ = [
    "Incorrect",
    "Manual",
    "Mutant",
    "NotAttempted",
    "Question",
    "as_list",
    "close",
    "equal",
    "is_number",
    "manual",
    "mistake",
    "near",
    "part",
    "question",
]
