"""Hidden questions on exercise 21: what must not be guessed. Never handed out."""

from __future__ import annotations

import numpy as np

from workbench.checks import Mutant, close, question

CARD = {
    "base": -7,
    "characteristics": [
        {"feature": "late", "lines": [{"from": None, "below": 3, "points": 11}, {"from": 3, "below": None, "points": -40},
                                      {"missing": True, "points": 2}]},
        {"feature": "income", "lines": [{"from": None, "below": -0.5, "points": -6},
                                        {"from": -0.5, "below": 0.5, "points": 1},
                                        {"from": 0.5, "below": None, "points": 9}, {"missing": True, "points": -13}]},
    ],
}  # fmt: skip


@question(
    "credit_risk.apart_elsewhere",
    of="credit_risk.apart",
    title="Other scores",
    points=1,
    mutants=[
        Mutant("always the supplied scores", replace=("good, bad = np.sort(good), np.sort(bad)",
                                                      "good, bad = np.sort(good_scores), np.sort(bad_scores)")),
        Mutant("looked at in places", replace=("at = np.concatenate([good, bad])", "at = np.arange(0, 1_000, 10)")),
        Mutant("bad below good only", replace=("np.abs(share_good - share_bad)", "(share_bad - share_good)")),
    ],
)  # fmt: skip
def apart_elsewhere(answer, key):
    rng = np.random.default_rng(77)
    for good, bad in ((rng.normal(0, 1, 300), rng.normal(1, 2, 50)), (rng.integers(0, 4, 90), rng.integers(1, 3, 200))):
        close(answer.call("ks_of", good, bad), key.call("ks_of", good, bad), "`ks_of` fails for scores it was not shown",
              rtol=1e-6)  # fmt: skip


@question(
    "credit_risk.points_elsewhere",
    of="credit_risk.points",
    title="Cards it was not shown",
    points=2,
    mutants=[
        Mutant("always the supplied base", replace=('total = card["base"]', "total = 560")),
        Mutant("two characteristics by name", replace=('client.get(each["feature"])',
                                                       'client.get(each["feature"]) if len(each["feature"]) < 4 else 0')),
        Mutant("missing scores nothing", replace=("hit = value is None", "hit = False")),
        Mutant("always 20 points", replace=("woe * pdo /", "woe * 20 /")),
    ],
)  # fmt: skip
def points_elsewhere(answer, key):
    for client in ({"late": 3, "income": 0.5}, {"late": 2.9, "income": -0.5}, {"income": 0.49}, {"late": 0}, {"late": None}):
        said, right = (who.call("score", CARD, client) for who in (answer, key))
        close(said, right, "`score` fails for a card it was not shown", rtol=1e-9)
    for slope, woe, pdo in ((-1.1, 0.31, 15), (-0.2, -3.1, 60)):
        close(answer.call("points_of", slope, woe, pdo), key.call("points_of", slope, woe, pdo),
              "`points_of` fails for bins it was not shown", rtol=1e-9)  # fmt: skip


@question(
    "credit_risk.promise_elsewhere",
    of="credit_risk.promise",
    title="Other promises",
    points=1,
    mutants=[
        Mutant("as if the supplied rows", replace=("sum(gaps) / len(labels)", "sum(gaps) / HALF")),
        Mutant("a bin is forgotten", replace=("for k in np.unique(bins)]", "for k in np.unique(bins) if k != 3]")),
        Mutant("rates of the task", replace=("chance * actual / trained, (1 - chance) * (1 - actual) / (1 - trained)",
                                             "chance * 0.0017275 / trained, (1 - chance) * 0.9982725 / (1 - trained)")),
    ],
)  # fmt: skip
def promise_elsewhere(answer, key):
    rng = np.random.default_rng(78)
    for n in (50, 700):
        chances = rng.random(n)
        labels = (rng.random(n) < chances).astype(int)
        close(answer.call("calibration_error", labels, chances), key.call("calibration_error", labels, chances),
              "`calibration_error` fails for rows it was not shown", rtol=1e-6)  # fmt: skip
    for chance, trained, actual in ((0.7, 0.2, 0.01), (0.05, 0.5, 0.3)):
        close(answer.call("undo", chance, trained, actual), key.call("undo", chance, trained, actual),
              "`undo` fails for prevalences it was not shown", rtol=1e-6)  # fmt: skip
