import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.develop import Recipe, RecipeError, engineer, engineered, load, prepared, use_case
from lifecycle.develop.training.recipe import BALANCES, SETTINGS
from lifecycle.errors import DataError

CREDIT = {"use_case": "credit", "n_rows": 600, "seed": 3}
FEATURES = ("limit_bal", "age", "utilisation")
NAMES = st.text(min_size=1).filter(lambda name: name not in ("split", "default"))


def recipe(**changes):
    return Recipe(**{"source": CREDIT, "target": "default", "features": FEATURES, **changes})


@st.composite
def recipes(draw):
    algorithm = draw(st.sampled_from(sorted(SETTINGS)))
    settings = {
        name: draw(
            st.integers(int(each.low), int(each.high)) if isinstance(each.default, int) else st.floats(each.low, each.high)
        )
        for name, each in SETTINGS[algorithm].items()
        if draw(st.booleans())
    }
    return recipe(
        algorithm=algorithm,
        settings=settings,
        balance=draw(st.sampled_from(BALANCES[algorithm])),
        seed=draw(st.integers(0, 2**32 - 1)),
        threshold=draw(st.floats(0, 1)),
        features=tuple(draw(st.lists(NAMES, min_size=1, unique=True))),
    )


@given(recipes())
def test_a_recipe_comes_back_from_its_json_as_it_was(one):
    again = Recipe.from_json(one.to_json())
    assert again == one
    assert hash(again) == hash(one)
    assert again.digest == one.digest
    assert again.to_json() == one.to_json()


def test_settings_that_are_not_given_are_written_out():
    one = recipe(settings={"max_depth": 3})
    assert one.settings == {name: each.default for name, each in SETTINGS["boosting"].items()} | {"max_depth": 3}
    assert json.loads(one.to_json())["settings"] == one.settings


def test_recipes_that_differ_have_different_digests():
    assert len({recipe(seed=seed).digest for seed in range(5)} | {recipe(threshold=0.4).digest}) == 6


def test_changes_merge_settings_and_another_algorithm_starts_afresh():
    one = recipe(settings={"max_depth": 3, "subsample": 0.5})
    assert one.but(settings={"max_depth": 5}).settings["subsample"] == 0.5
    assert one.but(algorithm="forest").settings == recipe(algorithm="forest").settings
    assert one.but(seed=4).settings == one.settings


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"algorithm": "magic"}, "recipe.algorithm"),
        ({"algorithm": "boosting", "balance": "smote"}, "recipe.balance"),
        ({"settings": {"depth": 3}}, "recipe.settings.depth"),
        ({"settings": {"max_depth": 3.5}}, "recipe.settings.max_depth"),
        ({"settings": {"max_depth": True}}, "recipe.settings.max_depth"),
        ({"settings": {"subsample": 1.5}}, "recipe.settings.subsample"),
        ({"settings": {"subsample": float("nan")}}, "recipe.settings.subsample"),
        ({"seed": -1}, "recipe.seed"),
        ({"seed": "0"}, "recipe.seed"),
        ({"shares": (0.6, 0.2, 0.3)}, "recipe.shares"),
        ({"shares": (0.8, 0.2)}, "recipe.shares"),
        ({"shares": (0.8, "a", 0.2)}, "recipe.shares"),
        ({"threshold": 3}, "recipe.threshold"),
        ({"threshold": None}, "recipe.threshold"),
        ({"features": ()}, "recipe.features"),
        ({"features": ("age", "age")}, "recipe.features"),
        ({"features": ("age", "default")}, "recipe.features"),
        ({"features": ("age", "split")}, "recipe"),
        ({"source": {"use_case": "weather", "n_rows": 10, "seed": 0}}, "recipe.source.use_case"),
        ({"source": {**CREDIT, "n_rows": 0}}, "recipe.source.n_rows"),
        ({"source": {**CREDIT, "seed": 0.5}}, "recipe.source.seed"),
        ({"source": {**CREDIT, "path": "x"}}, "recipe.source"),
        ({"source": {"file": "x", "sha256": 3}}, "recipe.source"),
        ({"source": {}}, "recipe.source"),
    ],
)
def test_what_cannot_be_followed_is_refused_with_its_field(changes, where):
    with pytest.raises(RecipeError) as caught:
        recipe(**changes)
    assert caught.value.where == where


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content | {"colour": 1}, "`colour` is not a field"),
        (lambda content: {name: value for name, value in content.items() if name != "seed"}, "`seed` is missing"),
        (lambda content: content | {"format": 99}, "format: is 99"),
        (lambda content: content | {"features": "age"}, "features: must be a list"),
        (lambda content: content | {"settings": []}, "settings: must be an object"),
        (lambda content: [], "must be an object"),
    ],
)
def test_a_damaged_file_is_refused(change, message):
    with pytest.raises(RecipeError, match=message):
        Recipe.from_json(json.dumps(change(recipe().to_dict())))


def test_text_that_is_not_json_is_refused():
    with pytest.raises(RecipeError, match="not JSON"):
        Recipe.from_json("{")


@pytest.mark.parametrize("name", ["credit", "fraud", "churn"])
def test_raw_rows_become_inputs_the_same_way_every_time(name):
    source = {"use_case": name, "n_rows": 3000, "seed": 1}
    names = tuple(feature.name for feature in engineered(name))[:6]
    one = Recipe(source, use_case(name).target, names)
    rows = prepared(one)
    pd.testing.assert_frame_equal(rows, prepared(one))
    assert list(rows.columns) == [*names, one.target, "split"]
    raw = load(name, n_rows=3000, seed=1)
    pd.testing.assert_frame_equal(rows[list(names)], engineer(raw, use_case=name)[list(names)])
    assert rows[one.target].tolist() == raw[one.target].tolist()


def test_the_split_keeps_the_shares_and_hangs_on_the_source_alone():
    rows = prepared(recipe())
    assert rows["split"].value_counts().to_dict() == {"train": 360, "validation": 120, "test": 120}
    assert rows["split"].equals(prepared(recipe(seed=9, algorithm="forest"))["split"])
    assert not rows["split"].equals(prepared(recipe(source={**CREDIT, "seed": 4}))["split"])


def test_a_feature_that_the_rows_do_not_give_is_named():
    with pytest.raises(DataError, match="no feature `shoe_size`"):
        prepared(recipe(features=("age", "shoe_size")))


def test_rows_beside_those_of_the_source_are_refused():
    with pytest.raises(DataError, match="loads its own rows"):
        prepared(recipe(), data=load("credit", n_rows=20))
    with pytest.raises(DataError, match="pass it as `data=`"):
        prepared(recipe(source={"file": "mine", "sha256": "0" * 64}))


@pytest.mark.parametrize("odd", ["[" * 100_000 + "]" * 100_000, "[" * 500 + "]" * 500, '"\\ud800"'])
def test_text_that_no_recipe_could_be_written_as_is_refused(odd):
    text = json.dumps({**recipe().to_dict(), "categories": {"a": "here"}}).replace('"here"', odd)
    with pytest.raises(RecipeError, match="not JSON"):
        Recipe.from_json(text)
