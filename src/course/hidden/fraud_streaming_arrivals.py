"""Hidden questions on exercise 23: the same functions, for payments and trips that nobody was shown."""

from __future__ import annotations

from workbench.checks import Mutant, close, equal, question


@question(
    "fraud_streaming_arrivals.hybrid_elsewhere",
    of="fraud_streaming_arrivals.hybrid",
    title="Other payments",
    points=1,
    mutants=[
        Mutant("always fifteen strange", replace=("rest[:strange]", "rest[:15]")),
        Mutant("always the supplied kinds", replace=("enumerate(kinds)", "enumerate(globals()['kinds'])")),
    ],
)
def hybrid_elsewhere(answer, key):
    known, novel = [(7 * k) % 23 / 10 for k in range(40)], [(11 * k) % 37 / 3 for k in range(40)]
    for budget, strange in ((20, 16), (12, 5), (40, 20)):
        said = answer.call("pick", known, novel, budget, strange)
        equal(set(said), key.call("pick", known, novel, budget, strange), "`pick` fails for other payments")
    kinds = ["x", "y", "y", "x", "z"]
    for picked, kind in (({0, 1, 2}, "y"), ({4}, "x")):
        close(
            answer.call("recall", picked, kinds, kind),
            key.call("recall", picked, kinds, kind),
            "`recall` fails elsewhere",
            atol=1e-9,
        )


@question(
    "fraud_streaming_arrivals.promise_elsewhere",
    of="fraud_streaming_arrivals.promise",
    title="Other trips",
    points=1,
    mutants=[
        Mutant("always nine in ten", replace=("ceil(share * len(outside) - 1e-9)", "ceil(0.9 * len(outside) - 1e-9)")),
        Mutant("four hundred trips", replace=("/ len(took)\n\n\ndef held", "/ 400\n\n\ndef held")),
    ],
)
def promise_elsewhere(answer, key):
    took = [(13 * k) % 29 + 0.5 for k in range(30)]
    low, high = [10.0] * 30, [18.0 + k / 10 for k in range(30)]
    for share in (0.5, 0.7, 0.97):
        said, right = answer.call("widening", took, low, high, share), key.call("widening", took, low, high, share)
        close(said, right, "`widening` fails for other trips", rtol=1e-6, atol=1e-9)
    close(answer.call("mae", took, low), key.call("mae", took, low), "`mae` fails for other trips", rtol=1e-6)
    close(answer.call("held", took, low, high), key.call("held", took, low, high), "`held` fails for other trips", rtol=1e-6)


@question(
    "fraud_streaming_arrivals.feedback_elsewhere",
    of="fraud_streaming_arrivals.feedback",
    title="Other roads",
    points=1,
    mutants=[
        Mutant(
            "always a tenth",
            replace=("for trip in trips:\n        for done", "weight = 0.1\n    for trip in trips:\n        for done"),
        ),
        Mutant(
            "the supplied trips",
            replace=(
                "    for trip in trips:\n        for done",
                "    for trip in globals()['trips'][: len(trips)]:\n        for done",
            ),
        ),
    ],
)
def feedback_elsewhere(answer, key):
    trips = [{"start": 3.0 * k, "end": 3.0 * k + 5 + (17 * k) % 19, "promised": 8.0 + (5 * k) % 7} for k in range(25)]
    for weight in (0.3, 0.9):
        said, right = list(answer.call("corrected", trips, weight)), key.call("corrected", trips, weight)
        equal(len(said), len(right), "`corrected` should give a promise for each trip")
        for one, other in zip(said, right, strict=True):
            close(one, other, "`corrected` fails for other trips", rtol=1e-6)
