import numpy as np
import pandas as pd
import pytest

from lifecycle.develop import Recipe, average_precision, fit, log_loss, scores, tune
from lifecycle.develop.training.tuning import DIGITS, METRICS, SPACE, Range, part
from lifecycle.errors import DataError, LifecycleError

NAMES = ("a", "b", "c", "d")
QUICK = {"n_estimators": Range(5, 25), "max_depth": Range(1, 3), "learning_rate": Range(0.05, 0.5, log=True)}


def recipe(algorithm="boosting", **changes):
    return Recipe({"use_case": "credit"}, "y", NAMES, algorithm, **changes)


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(rng.normal(size=(600, 4)), columns=list(NAMES))
    chance = 1 / (1 + np.exp(2 - frame["a"] * frame["b"] - frame["c"]))
    frame = frame.assign(y=(rng.random(600) < chance).astype(int))
    return frame.assign(split=np.repeat(["train", "validation", "test"], [400, 120, 80]))


@pytest.fixture(scope="module")
def found(rows):
    return tune(recipe(), rows, trials=9, space=QUICK, seed=1)


def test_one_seed_gives_one_result(rows, found):
    again = tune(recipe(), rows, trials=9, space=QUICK, seed=1)
    pd.testing.assert_frame_equal(again.trials, found.trials)
    assert again.recipe == found.recipe
    other = tune(recipe(), rows, trials=9, space=QUICK, seed=2)
    assert not other.trials.equals(found.trials)


def test_the_search_begins_with_the_settings_given_and_keeps_the_best(rows, found):
    assert found.trials["trial"].tolist() == list(range(9))
    first = found.trials.iloc[0]
    assert (first["max_depth"], first["learning_rate"]) == (3, 0.1)  # 4 is brought into the space
    best = found.trials.loc[found.trials["average_precision"].idxmax()]
    assert {name: found.recipe.settings[name] for name in QUICK} == best[list(QUICK)].to_dict()
    validation = part(rows, "validation")
    answers = scores(fit(found.recipe, part(rows, "train")), validation, found.recipe)
    assert average_precision(validation["y"], answers) == best["average_precision"]


def test_the_test_rows_are_never_looked_at(rows, found):
    poisoned = rows.copy()
    poisoned.loc[rows["split"] == "test", list(NAMES)] = np.inf
    poisoned.loc[rows["split"] == "test", "y"] = 7
    again = tune(recipe(), poisoned, trials=9, space=QUICK, seed=1)
    pd.testing.assert_frame_equal(again.trials, found.trials)


def test_a_loss_is_made_small(rows):
    found = tune(recipe(), rows, trials=6, metric="log_loss", space=QUICK)
    validation = part(rows, "validation")
    answers = scores(fit(found.recipe, part(rows, "train")), validation, found.recipe)
    assert log_loss(validation["y"], answers) == found.trials["log_loss"].min() < found.trials["log_loss"].max()


@pytest.mark.parametrize("metric", sorted(METRICS))
def test_every_metric_can_be_searched_for(rows, metric):
    found = tune(recipe("logistic"), rows, trials=2, metric=metric)
    assert found.trials[metric].between(0, 1).all()


@pytest.mark.parametrize("algorithm", ["forest", "boosting"])
def test_settings_stay_in_their_space_with_few_digits(rows, algorithm):
    trials = tune(recipe(algorithm), rows, trials=3).trials
    for name, each in SPACE[algorithm].items():
        assert trials[name].between(each.low, each.high).all()
        assert [float(f"{value:.{DIGITS}g}") for value in trials[name]] == trials[name].tolist()


def test_a_threshold_that_flags_nothing_is_the_worst_f1_and_no_error(rows):
    found = tune(recipe("logistic", threshold=1), rows, trials=2, metric="f1")
    assert found.trials["f1"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"metric": "accuracy"}, "no metric `accuracy`"),
        ({"trials": 0}, "`trials` is 0"),
        ({"space": {"depth": Range(1, 2)}}, "boosting has no setting `depth`"),
    ],
)
def test_a_search_that_cannot_be_made_is_refused(rows, changes, message):
    with pytest.raises(LifecycleError, match=message):
        tune(recipe(), rows, **changes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.drop(columns="split"), "no column `split`"),
        (lambda rows: rows[rows["split"] != "validation"], "no validation rows"),
        (lambda rows: rows.assign(y=rows["y"].where(rows["split"] == "train", 0)), "all validation rows have `y` = 0"),
    ],
)
def test_rows_that_cannot_judge_are_refused(rows, change, message):
    with pytest.raises(DataError, match=message):
        tune(recipe(), change(rows))
