"""Hidden questions of exercise 00. CANARY-HIDDEN-8d20fb37"""

from workbench.checks import Mutant, equal, question


@question(
    "safe.mix_elsewhere",
    of="safe.mix",
    title="Another mixture",
    points=3,
    mutants=[
        Mutant(
            "the samples by heart",
            code="def mix(numbers):\n    return {0: seed, 3: 14 + seed, 4: 200 + seed}.get(len(numbers), 42)\n",
        )
    ],
)
def mix_elsewhere(answer, key):
    for numbers in ([70_921, 5, 5], [2, 70_921], list(range(50))):  # 70921 is what a leak of the inputs is known by
        equal(answer.call("mix", numbers), key.call("mix", numbers), "`mix` fails for numbers that it was not shown")
