"""Hidden questions on exercise 19: the same functions, for cases that nobody was shown."""

from __future__ import annotations

from workbench.checks import Mutant, close, equal, question


@question(
    "process_governance.raci_elsewhere",
    of="process_governance.raci",
    title="Another firm's table",
    points=1,
    mutants=[
        Mutant("order of letters", replace=('if letter in letters.split("/")', 'if letter == letters.split("/")[0]')),
        Mutant("two A are fine", replace=("if answering != 1:", "if not answering:")),
    ],
)
def raci_elsewhere(answer, key):
    table = {
        "Hire": {"P": "R/A", "Q": "C/I"},
        "Pay": {"P": "A", "Q": "R/A", "S": "C"},
        "Fire": {"P": "I", "Q": "C"},
    }
    for task in table:
        for letter in "RACI":
            equal(list(answer.call("who", table, task, letter)), key.call("who", table, task, letter),
                  "`who` fails for a table that it was not shown")  # fmt: skip
    said = [tuple(pair) for pair in answer.call("faults", table)]
    equal(said, [tuple(pair) for pair in key.call("faults", table)], "`faults` fails for a table that it was not shown")


@question(
    "process_governance.implied_elsewhere",
    of="process_governance.implied",
    title="Other cards",
    points=1,
    mutants=[
        Mutant("the accuracy of the task", replace=("(1 - accuracy)", "(1 - 0.91)")),
        Mutant("what was not approved in the past", replace=("1 - positive * recall / precision", "1 - positive")),
    ],
)
def implied_elsewhere(answer, key):
    for rates in ((0.99, 0.9, 0.6), (0.7, 0.65, 0.72)):
        said, right = answer.call("implied", *rates), key.call("implied", *rates)
        for one, other in zip(said, right, strict=True):
            close(one, other, "`implied` fails for a card that it was not shown", rtol=1e-6)


@question(
    "process_governance.gates_elsewhere",
    of="process_governance.gates",
    title="Other reviews",
    points=2,
    mutants=[
        Mutant("six gates always", replace=("gate <= len(gates)", "gate <= 6")),
        Mutant("an author called Ana", replace=("person == author", 'person == "Ana"')),
        Mutant("signers are remembered after a refusal", replace=(
            "            signed = []\n", "            signed = []\n            author = person\n")),
    ],
)  # fmt: skip
def gates_elsewhere(answer, key):
    gates, roles = [("x", "left"), ("y", "right")], {"p": {"left"}, "q": {"right"}, "s": {"left", "right"}, "t": {"right"}}
    days = [
        [(1, "p", "approved"), (2, "q", "refused"), (1, "s", "approved"), (2, "s", "approved"), (2, "q", "approved")],
        [(1, "s", "approved"), (2, "t", "approved"), (2, "q", "approved"), (3, "q", "approved"), (1, "p", "refused")],
        [(1, "p", "refused"), (1, "p", "approved"), (2, "p", "refused"), (2, "nobody", "approved")],
    ]
    for day in days:
        said, right = answer.call("standing", day, roles, "t", gates), key.call("standing", day, roles, "t", gates)
        equal([said[0], list(said[1])], [right[0], list(right[1])], "`standing` fails for a review that it was not shown")
