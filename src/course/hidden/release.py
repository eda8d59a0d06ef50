"""Hidden questions on exercise 10: the same functions, for releases that nobody was shown."""

from __future__ import annotations

from workbench.checks import Mutant, equal, question


@question(
    "release.version_elsewhere",
    of="release.version",
    title="Versions nobody was shown",
    points=1,
    mutants=[
        Mutant("the patch stays after a major change", replace=('f"{major + 1}.0.0"', 'f"{major + 1}.0.{patch}"')),
        Mutant(
            "the first two numbers only",
            replace=('for part in version.split(".")])', 'for part in version.split(".")[:2]])'),
        ),
    ],
)
def version_elsewhere(answer, key):
    for text, change in (("9.9.9", "major"), ("10.20.30", "minor"), ("0.0.99", "patch")):
        said, right = answer.call("next_version", text, change), key.call("next_version", text, change)
        equal(said, right, "`next_version` fails for a version that it was not shown")
    for texts in (["4.1.2", "4.1.12", "4.1.3"], ["10.0.0", "9.9.9"]):
        equal(answer.call("newest", texts), key.call("newest", texts), "`newest` fails for versions that it was not shown")


@question(
    "release.stop_elsewhere",
    of="release.stop",
    title="Another release",
    points=1,
    mutants=[
        Mutant("a missing gate passes", replace=("results.get(gate) is not True", "results.get(gate, True) is not True")),
        Mutant("a gate that blocks nobody", replace=("gate in blocking and ", "")),
    ],
)
def stop_elsewhere(answer, key):
    order = ["lint", "build", "sign", "load"]
    for results, blocking in (
        ({"lint": False, "build": True, "load": True}, ["build", "sign"]),
        ({"load": None, "lint": True, "build": True, "sign": True}, ["load", "lint"]),
        ({"load": True, "sign": True, "build": True, "lint": True}, order),
    ):
        said, right = answer.call("first_stop", results, blocking, order), key.call("first_stop", results, blocking, order)
        equal(said, right, "`first_stop` fails for a release that it was not shown")


@question(
    "release.ramp_elsewhere",
    of="release.ramp",
    title="Another ramp, other limits",
    points=1,
    mutants=[
        Mutant("the limits of the task", replace=('rate > limits["error_rate"]', "rate > 0.01")),
        Mutant("the time limit of the task", replace=('> limits["p95_ms"]', "> 100")),
        Mutant("the least number of the task", replace=('< limits["least"]', "< 1_000")),
    ],
)
def ramp_elsewhere(answer, key):
    traces = [
        [{"requests": 200, "errors": 3, "p95_ms": 30}, {"requests": 800, "errors": 41, "p95_ms": 30}],
        [{"requests": 200, "errors": 0, "p95_ms": 45}, {"requests": 800, "errors": 0, "p95_ms": 51}],
        [{"requests": 200, "errors": 10, "p95_ms": 50}],
        [{"requests": 199, "errors": 90, "p95_ms": 50}, {"requests": 500, "errors": 26, "p95_ms": 50}],
    ]
    for trace in traces:
        limits = {"error_rate": 0.05, "p95_ms": 50, "least": 200}
        said, right = answer.call("rollback_step", trace, limits), key.call("rollback_step", trace, limits)
        equal(said, right, "`rollback_step` fails for a ramp that it was not shown")
