import numpy as np
import pandas as pd
import pytest

from lifecycle.develop import (
    Recipe,
    Tracker,
    average_precision,
    cheapest_threshold,
    digest_of_model,
    engineered,
    fit,
    load,
    paired_difference,
    prepared,
    scores,
    train_candidates,
    try_candidates,
)
from lifecycle.develop.training.tuning import part
from lifecycle.errors import DataError, LifecycleError

NAMES = ["baseline", "resampled", "weighted forest", "tuned boosting"]


@pytest.fixture(scope="module")
def frame():
    """A table as somebody's export has it: text, dates as text, holes, a constant, and words for the target."""
    rows = load("churn", n_rows=900, seed=5)
    rng = np.random.default_rng(5)
    table = rows.drop(columns=["customer_id", "churned"]).iloc[:, :6]
    table["city"] = rng.choice(["Köln", "Roma", "Lyon"], len(rows))
    table["since"] = (pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 700, len(rows)), "D")).astype(str)
    table.iloc[::9, 1] = np.nan
    table["country"] = "EU"
    table["left"] = rows["churned"].map({0: "no", 1: "yes"})
    table.loc[table.index[:5], "left"] = None
    return table


@pytest.fixture(scope="module")
def tracked(frame, tmp_path_factory):
    with Tracker(tmp_path_factory.mktemp("tracking")) as tracker:
        found = train_candidates(frame, "left", trials=3, seed=2, tracker=tracker, cost_false_negative=3)
        yield found, tracker


@pytest.fixture(scope="module")
def found(tracked):
    return tracked[0]


def test_four_models_are_tried_from_simple_to_tuned(found):
    assert found.table["candidate"].tolist() == NAMES
    assert found.table["algorithm"].tolist() == ["logistic", "logistic", "forest", "boosting"]
    assert found.table["balance"].tolist() == ["none", "smote", "class_weight", "scale_pos_weight"]
    assert len(found.trials) == 3


def test_the_choice_is_made_on_the_validation_rows(found):
    best = found.table.loc[found.table["average_precision"].idxmax()]
    assert best["candidate"] == found.best.name
    assert found.table["chosen"].sum() == 1
    assert best["chosen"]


def test_each_threshold_is_the_cheapest_on_the_validation_rows(found, frame):
    for each in found.all:
        validation = part(prepared(each.recipe, data=frame), "validation")
        answers = scores(each.model, validation, each.recipe)
        choice = cheapest_threshold(validation["left"], answers, cost_false_positive=1, cost_false_negative=3)
        assert (each.recipe.threshold, each.validation["cost"]) == (choice.threshold, choice.cost)


def test_what_was_found_in_the_table_is_noted(found):
    assert {note.name for note in found.notes} >= {"constant", "dates as text", "target missing", "target coded"}


def test_the_chosen_model_is_made_again_from_its_recipe_and_the_table(found, frame):
    for each in found.all:
        again = Recipe.from_json(each.recipe.to_json())
        model = fit(again, part(prepared(again, data=frame), "train"))
        assert digest_of_model(model) == digest_of_model(each.model)


def test_a_recipe_refuses_another_table(found, frame):
    with pytest.raises(DataError, match="their digest differs"):
        prepared(found.best.recipe, data=frame.iloc[:-1])


def test_the_coding_of_categories_is_learned_from_the_training_rows(frame):
    parts = prepared(train_candidates(frame, "left", trials=1, seed=2).best.recipe, data=frame)["split"]
    marked = frame.assign(city=frame["city"].mask((parts != "train").reindex(frame.index, fill_value=False), "Paris"))
    recipe = train_candidates(marked, "left", trials=1, seed=2).best.recipe
    assert "city=Köln" in recipe.features
    assert "city=Paris" not in recipe.features


def test_a_column_of_numbers_and_six_words_and_dates_of_a_known_form_come_through(frame):
    words = [*"abcdef", *(str(i % 90) for i in range(len(frame) - 6))]
    since = pd.to_datetime(frame["since"]).dt.strftime("%m/%d/%Y")
    recipe = train_candidates(frame.assign(code=words, since=since), "left", trials=1, seed=1).best.recipe
    assert recipe.categories["since"] == "date %m/%d/%Y"
    assert isinstance(recipe.categories["code"], list)
    assert Recipe.from_json(recipe.to_json()) == recipe


def test_one_seed_gives_one_result(found, frame):
    again = train_candidates(frame, "left", trials=3, seed=2, cost_false_negative=3)
    pd.testing.assert_frame_equal(again.table, found.table)
    pd.testing.assert_frame_equal(again.evaluate().metrics, found.evaluate().metrics)
    other = train_candidates(frame, "left", trials=3, seed=3, cost_false_negative=3)
    assert not other.table["average_precision"].equals(found.table["average_precision"])


def test_the_test_rows_judge_once(found, frame):
    judged = found.evaluate()
    assert found.evaluate() is judged
    rows = part(prepared(found.best.recipe, data=frame), "test")
    ours, base = (scores(each.model, rows, each.recipe) for each in (found.best, found.all[0]))
    expected = average_precision(rows["left"], ours) - average_precision(rows["left"], base)
    assert judged.difference.estimate == pytest.approx(expected, abs=1e-12)
    assert judged.difference.low <= expected <= judged.difference.high
    counts = judged.confusion
    assert counts.n == len(rows)
    assert judged.cost == counts.fp + 3 * counts.fn


def test_the_tracker_has_a_run_a_candidate(tracked, frame):
    found, tracker = tracked
    assert tracker.runs() == NAMES
    assert tracker.best("validation_average_precision") == found.best.name
    assert tracker.recipe("tuned boosting") == found.all[-1].recipe
    assert "tables/trials.csv" in tracker.files("tuned boosting")
    assert tracker.recorded("baseline")["parameters"]["data_version"] == found.best.recipe.source["sha256"]
    tracker.promote(found.best.name, "churn")
    assert digest_of_model(tracker.load("churn")) == digest_of_model(found.best.model)


def test_progress_names_the_candidates(frame):
    lines = []
    train_candidates(frame, "left", trials=1, progress=lines.append)
    assert lines == [*NAMES[:3], "tuned boosting: 1 trials"]


def _numbered(frame):
    return frame.set_axis(range(frame.shape[1]), axis=1), frame.shape[1] - 1


def _of_odd_types(frame):
    n = len(frame)
    maybe = pd.array([True, False, None] * (n // 3), dtype="boolean")
    return frame.assign(maybe=maybe, kind=pd.Categorical(["x", "y", "z"] * (n // 3))).set_index("city"), "left"


@pytest.mark.parametrize("change", [_numbered, _of_odd_types])
def test_names_that_are_numbers_types_with_missing_values_and_an_index_that_repeats_are_fine(frame, change):
    odd, target = change(frame)
    best = train_candidates(odd, target, trials=1).best
    model = fit(best.recipe, part(prepared(best.recipe, data=odd), "train"))
    assert digest_of_model(model) == digest_of_model(best.model)


@pytest.mark.parametrize(
    ("change", "target", "message"),
    [
        (lambda frame: frame, "gone", "gone"),
        (lambda frame: frame[frame["left"] == "no"], "left", "one class only"),
        (lambda frame: frame, "city", "not binary"),
        (lambda frame: frame.head(0), "left", "no rows"),
        (lambda frame: frame[["left"]], "left", "no column is left"),
        (lambda frame: frame.assign(split=np.arange(len(frame)) % 7), "left", "'split' cannot be"),
        (lambda frame: frame.head(40).assign(left=["no"] * 38 + ["yes"] * 2), "left", "too few for every part"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(frame, change, target, message):
    with pytest.raises(LifecycleError, match=message):
        train_candidates(change(frame), target, trials=1)


def test_on_the_credit_data_the_tuned_model_beats_the_baseline_on_rows_nobody_has_seen():
    features = tuple(feature.name for feature in engineered("credit"))
    recipe = Recipe({"use_case": "credit", "n_rows": 12_000, "seed": 0}, "default", features)
    rows = prepared(recipe)
    found = try_candidates(recipe, rows, trials=6, cost_false_positive=8_000, cost_false_negative=40_000)
    test = part(rows, "test")
    baseline, tuned = (scores(each.model, test, each.recipe) for each in (found.all[0], found.all[-1]))
    difference = paired_difference(average_precision, test["default"], tuned, baseline)
    assert difference.low > 0.02
    judged = found.evaluate()
    assert judged.difference.low > 0.02
    assert judged.cost < judged.baseline_cost
