"""Hidden questions on exercise 15: the same functions, for cases that nobody was shown."""

from __future__ import annotations

from itertools import product

from workbench.checks import Mutant, close, equal, question


@question(
    "shadow.size_elsewhere",
    of="shadow.size",
    title="Sizes nobody was shown",
    points=1,
    mutants=[
        Mutant("alpha of the task", replace=("norm.ppf(1 - alpha / 2) * sqrt", "norm.ppf(0.975) * sqrt")),
        Mutant("power of the task", replace=("z = norm.ppf(1 - alpha / 2) + norm.ppf(power)",
                                             "z = norm.ppf(1 - alpha / 2) + norm.ppf(0.80)")),
    ],
)  # fmt: skip
def size_elsewhere(answer, key):
    for arguments in ((0.015, 0.08, 0.02, 0.95), (0.03, 0.04, 0.2, 0.6)):
        said, right = answer.call("paired_n", *arguments), key.call("paired_n", *arguments)
        close(said, right, "`paired_n` fails for figures that it was not shown", atol=1, rtol=0)
    for arguments in ((0.70, 0.73, 0.02, 0.95), (0.01, 0.02, 0.2, 0.6)):
        said, right = answer.call("per_arm", *arguments), key.call("per_arm", *arguments)
        close(said, right, "`per_arm` fails for figures that it was not shown", atol=1, rtol=0)


@question(
    "shadow.rules_everywhere",
    of="shadow.rules",
    title="Every kind of evidence",
    points=2,
    mutants=[
        Mutant("a bound is automatic", replace=("shift < 0.05 and critical", "shift <= 0.05 and critical")),
        Mutant("a fall on its bound is automatic", replace=("fall < 0.005 and", "fall <= 0.005 and")),
        Mutant("an unknown gain rejects", replace=("if fall > 0.02 or", "if gain != gain or fall > 0.02 or")),
        Mutant("one critical failure", replace=("critical > 0 or", "critical > 1 or")),
        Mutant("crashes on what is missing", replace=("evidence.get(name)", "evidence[name]")),
    ],
)
def rules_everywhere(answer, key):
    grid = [*product((0.03, float("nan")), (0.0, 0.005, 0.03), (0.0, 0.1), (0.01, 0.05), (0,), (True,))]
    grid += [(0.03, 0.0, 0.0, 0.0, 1, True), (0.09, 0.0, 0.0, 0.0, 2, True), (0.09, 0.0, 0.3, 0.0, 0, False)]
    names = ("gain", "fall", "latency", "shift", "critical", "compliant")
    evidences = [dict(zip(names, values, strict=True)) for values in grid]
    evidences += [{name: value for name, value in evidences[0].items() if name != missing} for missing in names]
    for evidence in [*evidences, {}, {"critical": 3}]:
        said, right = answer.call("decide", evidence), key.call("decide", evidence)
        equal(said, right, "`decide` fails for an evidence that it was not shown")


@question(
    "shadow.mirror_elsewhere",
    of="shadow.mirror",
    title="Other days of a mirror",
    points=1,
    mutants=[
        Mutant("a limit of two", replace=("< self.limit", "< 2")),
        Mutant(
            "counts failures as dropped",
            replace=("            copy = None\n", "            copy = None\n            self.dropped += 1\n"),
        ),
        Mutant(
            "asks the champion twice",
            replace=(
                "        try:\n            copy =",
                "        said = self.champion(request)\n        try:\n            copy =",
            ),
        ),
    ],
)
def mirror_elsewhere(answer, key):
    answer.call("Mirror.__name__.lower")  # no such class yet: not attempted
    for arguments in (("aaaaawwwaaww", 3, [], [1, 2]), ("awaawwwaaaaw", 4, [3], [0])):
        said, right = answer.call("played", *arguments), key.call("played", *arguments)
        for name in ("said", "dropped", "asked"):
            equal(said[name], right[name], f"`{name}` is wrong on a day that it was not shown")
        equal(
            [list(each) for each in said["pairs"]], [list(each) for each in right["pairs"]], "`pairs` is wrong on such a day"
        )
