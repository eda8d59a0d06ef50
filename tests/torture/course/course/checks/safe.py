"""Checks of exercise 00. CANARY-CHECKS-51c6a90f"""

from workbench.checks import Mutant, equal, part, question


@question(
    "safe.code",
    title="The code",
    points=2,
    hints=["Square first, then add."],
    mutants=[Mutant("square of the sum", replace=("sum(number * number for number in dial)", "sum(dial) ** 2"))],
)
def code(answer, key):
    equal(answer.read("code"), key.read("code"), "`code` is the sum of the squares")


@question(
    "safe.mix",
    title="The mixture",
    points=3,
    mutants=[
        Mutant("places from 0", replace=("numbers, 1", "numbers, 0")),
        Mutant("without the seed", replace=(" + seed", "")),
    ],
)
def mix(answer, key):
    with part(1, "`mix` of nothing"):
        equal(answer.call("mix", []), key.call("mix", []))
    with part(2, "`mix` of some numbers"):
        for numbers in ([1, 2, 3], [40, 30, 20, 10], [999_983]):
            equal(answer.call("mix", numbers), key.call("mix", numbers))


@question(
    "safe.table",
    title="The log",
    points=2,
    mutants=[Mutant("counted, not summed", replace=(".sum()", ".count()"))],
)
def table(answer, key):
    equal(answer.read("tried"), key.read("tried"), "`tried` has a row for each door")
