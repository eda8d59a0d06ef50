"""Hidden questions on exercise 12: what must not be guessed. Never handed out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.checks import Mutant, close, equal, mistake, question


@question(
    "drift.age_elsewhere",
    of="drift.age",
    title="Other curves",
    points=1,
    mutants=[
        Mutant("a narrow grid", replace=("reach = 8 * max(sd, new_sd)", "reach = 0.2 * sd")),
        Mutant("age again", replace=("np.full(10, 0.1)", "np.diff(norm.cdf(edges, 35, 10))")),
    ],
)
def age_elsewhere(answer, key):
    for curves in ((-3, 0.5, -2.8, 0.7), (1_000, 200, 1_300, 150), (0, 1, 0, 1.5)):
        for name in ("largest_gap", "stability"):
            close(
                answer.call(name, *curves),
                key.call(name, *curves),
                f"`{name}` fails for curves it was not shown",
                rtol=0.003,
            )


@question(
    "drift.wolf_elsewhere",
    of="drift.wolf",
    title="Other tests",
    points=1,
    mutants=[
        Mutant("always one per cent", replace=("np.log(2 / level)", "np.log(200)")),
        Mutant(
            "always twelve columns", replace=("np.arange(len(p_values), 0, -1)", "np.arange(12, 12 - len(p_values), -1)")
        ),
        Mutant("ties lose their place", replace=("adjusted[order] =", "adjusted[np.array(p_values).argsort()[::-1]] =")),
    ],
)
def wolf_elsewhere(answer, key):
    for gap, level in ((0.02, 0.05), (0.5, 0.01)):
        close(
            answer.call("least_n", gap, level),
            key.call("least_n", gap, level),
            "`least_n` fails elsewhere",
            rtol=0.001,
            atol=1,
        )
    for p_values in ([0.01, 0.01, 0.01], [0.9, 0.0, 0.002, 0.3, 0.04, 0.04, 1.0]):
        said = answer.call("holm", p_values)
        said = said.tolist() if isinstance(said, np.ndarray) else said
        close(said, key.call("holm", p_values), "`holm` fails for p-values it was not shown", rtol=1e-6, atol=1e-12)


@question(
    "drift.flags_elsewhere",
    of="drift.flags",
    title="Other rates",
    points=1,
    mutants=[
        Mutant("rates of the task", replace=("(flag_rate - fpr) / (tpr - fpr)", "(flag_rate - 0.1) / 0.8")),
        Mutant("the floor for one side", replace=("np.maximum(now, 1e-4)", "np.array(now) + 1e-12")),
    ],
)
def flags_elsewhere(answer, key):
    for rates in ((0.5, 0.95, 0.2), (0.07, 0.6, 0.01), (0.0, 0.6, 0.2)):
        close(answer.call("prevalence_behind", *rates), key.call("prevalence_behind", *rates),
              "`prevalence_behind` fails for rates it was not shown", rtol=1e-6, atol=1e-9)  # fmt: skip
    for then, now in (([0.0, 0.5, 0.5], [0.2, 0.3, 0.5]), ([0.2, 0.3, 0.5], [0.0, 0.5, 0.5])):
        close(answer.call("psi_of", then, now), key.call("psi_of", then, now), "`psi_of` fails for shares it was not shown",
              rtol=1e-4)  # fmt: skip


def _drawn(mix, chance, *, seed, n=6_000):
    rng = np.random.default_rng(seed)
    band = rng.choice(4, size=n, p=mix)
    return pd.DataFrame({"band": band, "y": (rng.random(n) < np.array(chance)[band]).astype(int)})


_MIX, _CHANCE = (0.4, 0.3, 0.2, 0.1), (0.1, 0.3, 0.5, 0.7)
_LEAVE = np.array(_MIX) * _CHANCE / np.dot(_MIX, _CHANCE)
_STAY = np.array(_MIX) * (1 - np.array(_CHANCE)) / np.dot(_MIX, 1 - np.array(_CHANCE))
_FEWER = 0.1 * _LEAVE + 0.9 * _STAY
_NOWS = [
    (_MIX, _CHANCE),
    ((0.1, 0.2, 0.3, 0.4), _CHANCE),
    ((0.0, 0.2, 0.3, 0.5), _CHANCE),
    ((0.4, 0.15, 0.2, 0.25), _CHANCE),
    (_FEWER, 0.1 * _LEAVE / _FEWER),
    (_MIX, (0.1, 0.3, 0.5, 0.2)),
    (_MIX, (0.3, 0.3, 0.3, 0.3)),
    (_MIX, (0.3, 0.5, 0.7, 0.9)),
    ((0.1, 0.2, 0.3, 0.4), (0.7, 0.5, 0.3, 0.1)),
]


@question(
    "drift.kind_elsewhere",
    of="drift.kind",
    title="Other sets",
    points=3,
    mutants=[
        Mutant("what each set turned out to be", replace=("    x = moved(", "    return 'covariate'\n    x = moved(")),
        Mutant("rarer is not looked at", replace=("(then - now).abs().max() > 0.05", "(now - then).max() > 0.05")),
        Mutant("only the first band", replace=("(then - now).abs().max()", "(then - now).abs().iloc[0]")),
        Mutant("prior where labels differ", replace=("not within", 'abs(before["y"].mean() - now["y"].mean()) > 0.05')),
        Mutant("a third of the limit", replace=("> 0.05", "> 0.015")),
    ],
)  # fmt: skip
def kind_elsewhere(answer, key):
    before = _drawn(_MIX, _CHANCE, seed=1)
    for number, (mix, chance) in enumerate(_NOWS):
        now = _drawn(mix, chance, seed=2 + number)
        said, right = answer.call("kind_of", before, now), key.call("kind_of", before, now)
        mistake(not isinstance(said, str), "`kind_of` should return a word")
        equal(said, right, "`kind_of` is wrong for tables it was not shown")


@question(
    "drift.before_labels_elsewhere",
    of="drift.before_labels",
    title="Other weeks",
    points=1,
    mutants=[
        Mutant(
            "always the threshold of the task", replace=("chances >= threshold, chances", "chances >= THRESHOLD, chances")
        ),
        Mutant("always 500 rows", replace=("/ len(chances)\n", "/ 500\n")),
    ],
)
def before_labels_elsewhere(answer, key):
    rng = np.random.default_rng(99)
    for n, threshold, turned in ((60, 0.6, False), (60, 0.6, True), (900, 0.2, False), (900, 0.2, True)):
        chances = rng.beta(1, 2, n).round(4)
        labels = (rng.random(n) < (1 - chances if turned else chances)).astype(int)
        said, right = (who.call("expected_accuracy", chances, threshold) for who in (answer, key))
        close(said, right, "`expected_accuracy` fails for weeks it was not shown", rtol=1e-6)
        said, right = (who.call("surprising", chances, labels, threshold) for who in (answer, key))
        equal(said, right, "`surprising` fails for weeks it was not shown")


@question(
    "drift.response_elsewhere",
    of="drift.response",
    title="Other alarms",
    points=1,
    mutants=[
        Mutant("a factor of a thousand only", replace=("factor >= 10", "factor >= 900")),
        Mutant("missing in all", replace=("missing[1] - missing[0] > 0.05", "missing[1] > 0.05")),
        Mutant("no labels is no loss", replace=('if report["drop"] is None:', 'if not report["drop"]:')),
    ],
)
def response_elsewhere(answer, key):
    cases = [
        ((0.3, 0.31), (2.0, 2.0), 0.1, 5.0),
        ((0.3, 0.36), (2.0, 2.0), 0.1, 0.0),
        ((0.0, 0.0), (2.0, 25.0), 0.8, None),
        ((0.0, 0.0), (2.0, 0.1), 0.8, None),
        ((0.0, 0.0), (2.0, 3.0), 0.8, 0.0),
        ((0.0, 0.0), (2.0, 3.0), 0.8, None),
        ((0.0, 0.05), (2.0, 3.0), 0.1, 2.5),
    ]
    for missing, median, ks, drop in cases:
        report = {"missing": missing, "median": median, "ks": ks, "drop": drop}
        equal(
            answer.call("respond", report), key.call("respond", report), "`respond` is wrong for an alarm it was not shown"
        )
