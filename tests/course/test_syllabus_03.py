"""The figures of lesson 03, through the functions that the lesson uses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from xgboost import XGBClassifier

from lifecycle import develop
from lifecycle.develop.features.importance import forest
from lifecycle.develop.features.reduction import fit_cost, matrix_bytes, saved, speed_up
from lifecycle.develop.sources.churn import CUT_OFF
from lifecycle.develop.store.feature_store import FeatureStore
from lifecycle.monitor import accuracy_loss

MODEL = XGBClassifier(n_estimators=60, max_depth=3, learning_rate=0.1, n_jobs=1, random_state=3)


def test_fewer_columns_and_less_storage() -> None:
    assert saved(400, 50) == pytest.approx(0.875)
    assert saved(400, 60) == pytest.approx(0.85)


def test_size_of_the_table_in_float64() -> None:
    assert matrix_bytes(100_000, 400) == 320_000_000
    assert matrix_bytes(100_000, 50) == 40_000_000


def test_reported_speed_ups_and_gain() -> None:
    assert speed_up(120, 20) == pytest.approx(6.0)
    assert speed_up(100, 15) == pytest.approx(6.67, abs=0.005)
    gain = accuracy_loss(0.82, 0.87)
    assert -gain.points == pytest.approx(5)
    assert -gain.relative == pytest.approx(0.061, abs=0.0005)


def test_six_to_ten_times_faster_holds_for_some_algorithms() -> None:
    ratio = {kind: fit_cost(kind, 100_000, 400) / fit_cost(kind, 100_000, 50) for kind in ("boosted tree", "forest tree")}
    assert 6 <= ratio["boosted tree"] <= 10
    assert ratio["forest tree"] == pytest.approx(2.83, abs=0.005)
    assert fit_cost("least squares", 100_000, 400) / fit_cost("least squares", 100_000, 50) > 60


def test_two_thermometers() -> None:
    celsius = pd.Series(np.arange(-5.0, 31.0, 5.0))
    weather = pd.DataFrame({"celsius": celsius, "fahrenheit": 1.8 * celsius + 32})
    assert develop.correlated_pairs(weather)["r"].tolist() == pytest.approx([1.0])
    assert len(develop.prune(weather).kept) == 1


def test_age_and_account_years() -> None:
    age = [35, 43, 45, 34, 46, 25, 42, 32, 55, 41]
    years = [5, 8, 12, 3, 8, 4, 11, 5, 10, 5]
    left = pd.Series([0, 0, 0, 1, 0, 1, 0, 1, 1, 1])
    customers = pd.DataFrame({"age": age, "account_years": years})
    assert customers.corr().iloc[0, 1] == pytest.approx(0.75, abs=0.005)
    assert develop.prune(customers, left, threshold=0.6).kept == ("account_years",)
    assert len(develop.prune(customers, left, threshold=0.8).kept) == 2


def test_typical_shares_of_importance() -> None:
    typical = np.repeat([80 / 20, 19 / 60, 1 / 20], [20, 60, 20])
    top, most = (develop.share_of_top(typical, share=share) for share in (0.2, 0.8))
    assert (top, most - top, 1 - most) == pytest.approx((0.80, 0.19, 0.01))


def test_impurity_importance_favours_many_valued_noise_and_permutation_does_not() -> None:
    rng = np.random.default_rng(3)
    flags = pd.DataFrame({letter: rng.integers(0, 2, 4000) for letter in "abcd"})
    outcome = (rng.random(4000) < 0.1 + 0.4 * flags["a"] + 0.2 * flags["b"]).astype(int)
    tested = develop.with_random_column(flags, seed=3)
    grown = forest(tested[:2000], outcome[:2000], trees=30, seed=3)
    table = develop.importances(grown, tested[2000:], outcome[2000:]).set_index("feature")
    assert table["impurity"].idxmax() == "random"
    assert table["permutation"].idxmax() == "a"
    assert table.loc["random", "permutation"] < table.loc["b", "permutation"]


def test_components_from_400_columns_to_50() -> None:
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.normal(size=(150, 20)) @ rng.normal(size=(20, 400)) + rng.normal(size=(150, 400)))
    narrow = develop.fit_components(wide[:100], count=50).transform(wide)
    assert narrow.shape == (150, 50)
    assert saved(wide.shape[1], narrow.shape[1]) == 0.875
    assert np.abs(np.corrcoef(narrow[:100].T) - np.eye(50)).max() < 1e-8  # no collinearity among the training rows


def test_zero_orders_break_two_ratios_and_the_safe_ratio_mends_them() -> None:
    orders, spend, tickets = pd.Series([24, 3, 0]), pd.Series([1920.0, 90.0, 0.0]), pd.Series([2, 3, 1])
    for numerator in (spend, tickets):
        assert not np.isfinite(numerator / orders).all()
        mended = develop.safe_ratio(numerator, orders)
        assert mended.tolist() == pytest.approx([numerator[0] / 24, numerator[1] / 3, 0])


def test_selection_over_all_rows_predicts_coins() -> None:
    rng = np.random.default_rng(3)
    noise, coin = rng.normal(size=(200, 500)), rng.permutation(np.repeat([0, 1], 100))
    tools = {"scoring": "average_precision", "cv": StratifiedKFold(5, shuffle=True, random_state=3)}
    leaked = cross_val_score(LogisticRegression(), SelectKBest(k=20).fit_transform(noise, coin), coin, **tools).mean()
    honest = cross_val_score(make_pipeline(SelectKBest(k=20), LogisticRegression()), noise, coin, **tools).mean()
    assert leaked > 0.75
    assert honest == pytest.approx(0.5, abs=0.12)


def test_rows_that_took_part_in_fitting_components_look_more_normal() -> None:
    noise = pd.DataFrame(np.random.default_rng(3).normal(size=(200, 300)))
    half = develop.fit_components(noise[:100], count=20)
    assert half.lost(noise[:100]).mean() < 0.8 * half.lost(noise[100:]).mean()


def test_fraud_with_100_features_of_which_30_are_as_good() -> None:
    rng = np.random.default_rng(3)
    base = rng.normal(size=(3000, 50))
    hundred = pd.DataFrame(np.hstack([base, base + 0.5 * rng.normal(size=(3000, 50))])).add_prefix("f")
    labels = pd.Series((rng.random(3000) < 1 / (1 + np.exp(3 - base[:, :15] @ np.linspace(1, 0.3, 15)))).astype(int))
    parts = develop.split(labels, seed=3)
    train = parts == "train"
    fifty = list(develop.prune(hundred[train], labels[train], threshold=0.6).kept)
    assert len(fifty) == 50
    ranking = pd.Series(forest(hundred.loc[train, fifty], labels[train], trees=30).feature_importances_, fifty)
    thirty = list(ranking.sort_values(ascending=False).index[:30])
    result = develop.effect({"all": hundred, "30": hundred[thirty]}, labels, parts, model=MODEL, resamples=100).iloc[1]
    assert result["high"] > 0  # not worse, as far as these rows can tell
    assert result["columns"] == 30


@pytest.fixture(scope="module")
def joins():
    """Features of every 5th customer, as of the cut-off and as of today."""
    buys = develop.purchases()
    days = buys[buys["customer_id"] % 5 == 0].groupby(["customer_id", "date"], as_index=False)["usd"].sum()
    each = days.groupby("customer_id")
    events = pd.DataFrame({"entity": days["customer_id"], "event_time": days["date"]})
    events["orders"], events["spend"] = each.cumcount() + 1, each["usd"].cumsum().round(2)
    shoppers = develop.load("churn").query("customer_id % 5 == 0").reset_index(drop=True)
    asked = pd.DataFrame({"entity": shoppers["customer_id"], "event_time": pd.Timestamp(CUT_OFF)})
    asked["churned"] = shoppers["churned"]
    features = [develop.Feature(name, name, "", ("date", "usd")) for name in ("orders", "spend")]
    with FeatureStore() as store:
        assert store.register("purchases", description="so far", features=features, source_digest="0" * 64) == 1
        store.write("purchases", events)
        found = {
            "naive": store.naive_frame(asked, "purchases", times=True),
            "honest": store.training_frame(asked, "purchases", times=True),
        }
        served = store.serve("purchases", int(asked["entity"][0]))
    for frame in found.values():
        frame["recency"] = (frame["event_time"] - frame["purchases_time"]).dt.days
    return found, events, served


def test_the_naive_join_inflates_and_the_point_in_time_join_deflates(joins) -> None:
    frames, _, _ = joins
    labels = frames["honest"]["churned"]
    parts = develop.split(labels, seed=3)
    columns = ["orders", "spend", "recency"]
    score = {k: develop.judge(frame[columns], labels, parts, model=MODEL, on="test") for k, frame in frames.items()}
    assert score["naive"] > 0.99
    assert labels.mean() < score["honest"] < 0.92


def test_an_as_of_value_is_the_latest_earlier_one_and_never_later(joins) -> None:
    frames, events, _ = joins
    assert (frames["honest"]["purchases_time"] <= frames["honest"]["event_time"]).all()
    assert (frames["naive"]["purchases_time"] > frames["naive"]["event_time"]).any()
    before = events[events["event_time"] <= CUT_OFF].groupby("entity").last()
    found = frames["honest"].set_index("entity")
    assert found["spend"].tolist() == before.loc[found.index, "spend"].tolist()


def test_what_is_served_is_the_latest_value(joins) -> None:
    frames, events, served = joins
    latest = events[events["entity"] == frames["naive"]["entity"][0]].iloc[-1]
    assert served == {"orders": latest["orders"], "spend": latest["spend"]}


@pytest.mark.parametrize("name", ["credit", "fraud", "churn"])
def test_one_row_gives_the_same_features_as_many(name) -> None:
    raw = develop.load(name, n_rows=400, seed=3)
    together = develop.engineer(raw, use_case=name)
    for row in (0, 7, 399):
        pd.testing.assert_frame_equal(
            develop.engineer(raw.iloc[[row]], use_case=name), together.iloc[[row]], check_exact=True
        )
