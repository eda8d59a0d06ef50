"""Hidden questions on exercise 02: the same rules, for sources and samples that nobody was shown."""

from __future__ import annotations

from workbench.checks import Mutant, close, equal, question


def _source(consent, border, safeguards, age, retention):
    return {
        "consent": consent,
        "crosses_border": border,
        "safeguards": safeguards,
        "age_days": age,
        "retention_days": retention,
    }


@question(
    "data.gate_elsewhere",
    of="data.gate",
    title="Other sources at the gate",
    points=1,
    mutants=[
        Mutant("a year's retention built in", replace=('> source["retention_days"]', "> 365")),
        Mutant("the supplied sources by heart", code="def decide(source):\n    return 'proceed'\n\ndecisions = {}"),
        Mutant("age alone decides", replace=('source["consent"] is False or ', "")),
    ],
)  # fmt: skip
def gate_elsewhere(answer, key):
    for case in ((True, False, True, 31, 30), (None, True, True, 400, 1095), (True, True, True, 3650, 3650),
                 (False, False, False, 1, 30), (True, True, False, 700, 730)):  # fmt: skip
        source = _source(*case)
        equal(answer.call("decide", source), key.call("decide", source), "`decide` fails for a source that it was not shown")


@question(
    "data.effect_elsewhere",
    of="data.effect",
    title="The effect in other samples",
    points=1,
    mutants=[
        Mutant("variances pooled without weights", replace=(
            "(len(one) - 1) * one.var(ddof=1) + (len(other) - 1) * other.var(ddof=1)",
            "(len(one) + len(other) - 2) * (one.var(ddof=1) + other.var(ddof=1)) / 2",
        )),
        Mutant("population variance", replace=("one.var(ddof=1)", "one.var(ddof=0)")),
    ],
)  # fmt: skip
def effect_elsewhere(answer, key):
    long = [((37 * i) % 101) / 7 for i in range(60)]
    for one, other in (([8.5, -2.0, 4.25], long), (long, [3.0, 3.5, 30.0, 2.0]), ([1e6, 1e6 + 3], [1e6 + 1, 1e6 + 9, 1e6])):
        close(
            answer.call("cohens_d", one, other),
            key.call("cohens_d", one, other),
            "`cohens_d` fails for samples that it was not shown",
            rtol=1e-6,
        )
