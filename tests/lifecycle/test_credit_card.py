"""Bins, weights of evidence and points against independent implementations."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.cases import CaseError
from lifecycle.cases.credit_risk import (
    MONTHS,
    SCORED,
    SOURCES,
    Scorecard,
    cohort,
    columns_from_document,
    constrained_boosting,
    fit_scorecard,
    information_value,
    logistic,
    monotone_bins,
    weight_of_evidence,
)

WAYS = {"late": "rising", "limit": "falling", "noise": "rising"}


def clients(n: int = 3_000, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"late": rng.integers(-1, 4, n) + 0.0, "limit": rng.gamma(2, 50, n).round(1), "noise": rng.normal(size=n)}
    )
    frame.loc[rng.random(n) < 0.05, "limit"] = np.nan
    logit = -2 + 0.8 * frame["late"] - 0.01 * frame["limit"].fillna(100)
    return frame, (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(int).to_numpy()


@pytest.fixture(scope="module")
def made() -> tuple[pd.DataFrame, np.ndarray, Scorecard]:
    frame, bad = clients()
    return frame, bad, fit_scorecard(frame, bad, directions=WAYS)


def test_weight_of_evidence_is_the_logarithm_of_two_shares():
    assert weight_of_evidence([80, 20], [10, 30]) == pytest.approx([np.log(0.8 / 0.25), np.log(0.2 / 0.75)])
    assert information_value([30, 70], [30, 70]) == 0


def test_information_value_is_that_of_the_divergence_in_both_directions():
    from scipy.special import rel_entr

    good, bad = np.array([50, 30, 20]), np.array([5, 10, 25])
    p, q = good / good.sum(), bad / bad.sum()
    assert information_value(good, bad) == pytest.approx(rel_entr(p, q).sum() + rel_entr(q, p).sum())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["rising", "falling"]), st.integers(1, 8))
def test_bins_keep_the_order_are_large_enough_and_lose_nobody(seed, way, most):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=300).round(1)
    values[rng.random(300) < 0.1] = np.nan
    bad = (rng.random(300) < 0.3).astype(int)
    bins = monotone_bins(values, bad, direction=way, most=most, least=0.05)
    rates = np.array(bins.bads) / (np.array(bins.goods) + np.array(bins.bads))
    assert (np.diff(rates) * (1 if way == "rising" else -1) > 0).all()
    assert len(rates) <= most
    assert bins.counts.sum() == 300
    assert bins.counts[:, 1].sum() == bad.sum()
    counted = np.bincount(bins.place(values), minlength=len(bins.counts))
    assert counted.tolist() == bins.counts.sum(axis=1).tolist()
    if len(rates) > 1:
        assert (bins.counts[: len(rates)].sum(axis=1) >= 0.05 * np.isfinite(values).sum()).all()


def test_pooling_gives_the_blocks_of_an_isotonic_regression():
    from sklearn.isotonic import IsotonicRegression

    rng = np.random.default_rng(3)
    values = rng.integers(0, 15, 2_000)
    bad = (rng.random(2_000) < 0.1 + 0.03 * values + 0.05 * np.sin(values)).astype(int)
    bins = monotone_bins(values, bad, direction="rising", most=99, least=0)
    rates = np.array(bins.bads) / (np.array(bins.goods) + np.array(bins.bads))
    fitted = IsotonicRegression().fit_transform(values, bad)
    assert rates[bins.place(values)] == pytest.approx(fitted)


def test_weights_count_as_repeated_rows():
    values, bad = np.arange(12.0), np.array([0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1, 0])
    weights = np.array([1, 2, 1, 3] * 3)
    once = monotone_bins(values, bad, direction="rising", weights=weights)
    repeated = monotone_bins(np.repeat(values, weights), np.repeat(bad, weights), direction="rising")
    assert once == repeated


def test_values_that_cannot_be_binned_are_refused():
    for values, bad in (([1.0, np.inf], [0, 1]), ([np.nan, np.nan], [0, 1]), ([1.0, 2.0], [0, 0]), ([1.0], [0, 1])):
        with pytest.raises(CaseError):
            monotone_bins(values, bad)


def test_the_regression_is_that_of_another_library():
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(5)
    inputs, weights = rng.normal(size=(400, 2)), rng.integers(1, 4, 400) + 0.0
    labels = (rng.random(400) < 1 / (1 + np.exp(1 - inputs[:, 0]))) + 0.0
    intercept, slopes = logistic(inputs, labels, weights=weights)
    other = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1_000).fit(inputs, labels, sample_weight=weights)
    assert [intercept, *slopes] == pytest.approx([other.intercept_[0], *other.coef_[0]], abs=1e-5)


def test_kinds_that_can_be_told_apart_do_not_settle():
    with pytest.raises(CaseError, match="settle"):
        logistic(np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0.0, 0.0, 1.0, 1.0]))


def test_points_add_up_and_double_the_odds(made):
    frame, bad, card = made
    points = card.points(frame)
    assert (points == card.base + card.parts(frame).sum(axis=1)).all()
    odds = 1 / card.chance([card.anchor_points, card.anchor_points + card.pdo]) - 1
    assert odds == pytest.approx([card.anchor_odds, 2 * card.anchor_odds])
    assert card.chance(points).mean() == pytest.approx(bad.mean(), abs=0.005)


def test_a_card_promises_what_the_regression_says(made):
    """Whole points move log-odds by half a point a line at most."""
    frame, bad, card = made
    bins = {name: monotone_bins(frame[name], bad, feature=name, direction=WAYS[name]) for name in card.features}
    woe = np.column_stack([bins[name].woe[bins[name].place(frame[name])] for name in card.features])
    intercept, slopes = logistic(woe, bad + 0.0)
    promised = card.chance(card.points(frame))
    off = np.log(promised / (1 - promised)) - (intercept + woe @ slopes)
    assert np.abs(off).max() <= (len(card.features) + 1) * 0.5 * np.log(2) / card.pdo + 1e-9


def test_points_never_go_the_wrong_way_and_noise_is_left_out(made):
    card = made[2]
    assert set(card.left_out) == {"noise"}
    for each in card.characteristics:
        steps = np.diff([line.points for line in each.lines[:-1]])
        assert (steps <= 0).all() if WAYS[each.feature] == "rising" else (steps >= 0).all()


def test_a_card_survives_json(made):
    frame, _, card = made
    again = Scorecard.from_dict(json.loads(json.dumps(card.to_dict())))
    assert (again.points(frame) == card.points(frame)).all()
    assert again.table()[["values", "points"]].equals(card.table()[["values", "points"]])
    for torn in ({}, {"format": "scorecard 9"}, card.to_dict() | {"odds": 3}):
        with pytest.raises(CaseError):
            Scorecard.from_dict(torn)


def test_reasons_name_what_lost_most(made):
    card = made[2]
    client = pd.DataFrame({"late": [3.0, -1.0], "limit": [500.0, 1.0]})
    assert card.reasons(client) == [("late",), ("limit",)]


def test_a_card_without_its_columns_says_so(made):
    with pytest.raises(CaseError, match="no column `late`"):
        made[2].points(pd.DataFrame({"limit": [1.0]}))


def test_a_cohort_holds_nothing_from_later():
    rng = np.random.default_rng(1)
    names = [f"{kind}{k}" for kind in ("pay_", "bill_amt", "pay_amt") for k in range(1, 7)]
    file = pd.DataFrame(rng.integers(0, 4, (50, len(names))), columns=names)
    file = file.assign(limit_bal=1_000, sex=1, age=30, education=1, default=rng.integers(0, 2, 50))
    later = [f"{kind}{k}" for kind in ("pay_", "bill_amt", "pay_amt") for k in (1, 2, 3)]
    june, changed = cohort(file, "July"), cohort(file.assign(**dict.fromkeys(later, 8), default=0), "July")
    assert june.drop(columns="bad").equals(changed.drop(columns="bad"))
    assert june["bad"].tolist() == (file["pay_3"] >= 1).astype(int).tolist()
    assert cohort(file, "October", late=2)["bad"].tolist() == file["default"].tolist()
    for call in (lambda: cohort(file, "May"), lambda: cohort(file.drop(columns="pay_4"), "July")):
        with pytest.raises(CaseError):
            call()


def test_held_trees_have_no_violations_where_free_ones_do():
    frame, bad = clients(1_500)
    free = constrained_boosting(frame, bad, directions=WAYS, constrained=False, trees=40)
    held = constrained_boosting(frame, bad, directions=WAYS, trees=40)
    assert free.violations(frame, "noise", low=-1, high=1) > 0
    assert all(held.violations(frame, name, low=0, high=2) == 0 for name in WAYS)
    assert held.reasons(frame.head(3), n=1)[0][0] in WAYS
    with pytest.raises(CaseError):
        constrained_boosting(frame, bad, directions={"late": "up"})


def test_a_staged_model_is_asked_for_violations_with_its_offset():
    frame, bad = clients(800)
    offset = np.linspace(-1, 1, len(frame))
    staged = constrained_boosting(frame, bad, directions=WAYS, offset=offset, trees=10)
    assert staged.violations(frame, "late", low=0, high=2, offset=offset) == 0
    with pytest.raises(CaseError, match="offset"):
        staged.violations(frame, "late", low=0, high=2)
    with pytest.raises(CaseError, match="`age`"):
        staged.violations(frame, "age", low=0, high=2, offset=offset)
    with pytest.raises(CaseError, match="`noise`"):
        staged.reasons(frame.drop(columns="noise"))


@pytest.mark.parametrize("weights", [[1.0], "x", -1.0, np.nan, 0.0])
def test_weights_that_are_none_are_refused_by_both_rivals(weights):
    frame, bad = clients(200)
    each = np.full(len(bad), weights) if isinstance(weights, float) else weights
    for fit in (constrained_boosting, fit_scorecard):
        with pytest.raises(CaseError):
            fit(frame, bad, directions=WAYS, weights=each)


def test_missing_values_without_weight_get_a_line_that_says_nothing():
    frame, bad = clients()
    weights = np.where(frame["limit"].isna(), 0.0, 1.0)
    card = fit_scorecard(frame, bad, directions=WAYS, weights=weights)
    line = next(each for each in card.characteristics if each.feature == "limit").lines[-1]
    assert (line.missing, line.woe, line.points) == (True, 0, 0)
    assert weight_of_evidence([80, 20, 0], [10, 30, 0])[2] == 0
    assert information_value([80, 20, 0], [10, 30, 0]) == information_value([80, 20], [10, 30])


def test_an_offset_is_taken_as_given():
    frame, bad = clients(800)
    constant = frame.assign(late=0.0, limit=0.0, noise=0.0)
    offset = np.linspace(-2, 2, len(frame))
    model = constrained_boosting(constant, bad, directions=WAYS, offset=offset, trees=1)
    chances = model.chance(constant, offset=offset)
    assert (np.diff(chances) > 0).all()


def test_nothing_worth_scoring_with_is_an_error_that_says_what_was_tried():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"noise": rng.normal(size=500)})
    bad = rng.integers(0, 2, 500)
    with pytest.raises(CaseError, match="information value"):
        fit_scorecard(frame, bad, directions={"noise": "rising"}, least_value=9)
    with pytest.raises(CaseError, match="above 0"):
        fit_scorecard(frame, bad, directions={"noise": "rising"}, pdo=0)


def _torn(paper, change):
    again = json.loads(json.dumps(paper))
    change(again)
    return again


@pytest.mark.parametrize(
    "change",
    [
        lambda paper: paper["characteristics"][0]["lines"].reverse(),
        lambda paper: paper["characteristics"][0]["lines"].pop(1),
        lambda paper: paper["characteristics"][0]["lines"].pop(),
        lambda paper: paper["characteristics"][0].update(lines=[]),
        lambda paper: paper["characteristics"].append("x"),
        lambda paper: paper["characteristics"][0]["lines"][0].update(points=1.9),
        lambda paper: paper["odds"].update(doubled_by=0),
    ],
)
def test_a_card_with_lines_reversed_or_removed_is_refused(made, change):
    with pytest.raises(CaseError):
        Scorecard.from_dict(_torn(made[2].to_dict(), change))


def test_arguments_that_mean_nothing_are_refused(made):
    frame, bad, card = made
    staged = constrained_boosting(frame, bad, directions=WAYS, offset=np.zeros(len(bad)), trees=1)
    calls = [
        lambda: monotone_bins([1.0, 2.0], [0, 1], direction="up"),
        lambda: monotone_bins(["a", "b"], [0, 1]),
        lambda: monotone_bins([1.0, 2.0], [[0], [1]]),
        lambda: staged.chance(frame),
        lambda: constrained_boosting(frame, np.arange(len(bad)) % 3, directions=WAYS),
        lambda: fit_scorecard(frame, bad, directions=WAYS, pdo="20"),
        lambda: fit_scorecard(frame, bad, directions=WAYS, pdo=np.inf),
        lambda: fit_scorecard(frame, bad[:-1], directions=WAYS),
        lambda: card.points(pd.DataFrame({"late": ["x"], "limit": [1.0]})),
    ]
    for call in calls:
        with pytest.raises(CaseError):
            call()


def test_a_cohort_without_an_outcome_or_a_limit_is_refused():
    names = [f"{kind}{k}" for kind in ("pay_", "bill_amt", "pay_amt") for k in range(1, 7)]
    file = pd.DataFrame(1.0, index=range(4), columns=names).assign(limit_bal=1_000, sex=1, age=30, education=1, default=0)
    for odd in ({"pay_3": np.nan}, {"limit_bal": 0}, {"bill_amt4": "much"}):
        with pytest.raises(CaseError):
            cohort(file.assign(**odd), "July")
    with pytest.raises(CaseError):
        cohort(file.assign(default=np.nan), "October")
    with pytest.raises(CaseError):
        cohort(file, "July", late="1")  # type: ignore[arg-type]


@pytest.mark.parametrize("month", MONTHS)
def test_the_columns_can_be_made_again_from_the_rules_that_are_written_down(month):
    rng = np.random.default_rng(4)
    names = [f"{kind}{k}" for kind in ("pay_", "bill_amt", "pay_amt") for k in range(1, 7)]
    file = pd.DataFrame(rng.integers(-200, 90_000, (200, len(names))), columns=names)
    file = file.assign(limit_bal=rng.integers(1, 50, 200) * 10_000, sex=1, age=30, education=1, default=0)
    again = columns_from_document({"columns": SOURCES}, file, last=5 - MONTHS.index(month))
    assert set(again) == set(SOURCES) == set(SCORED)
    for name, values in cohort(file, month)[list(SCORED)].items():
        np.testing.assert_array_equal(again[name], values)
    with pytest.raises(CaseError):
        columns_from_document({"columns": {"x": {"over": 3}}}, file, last=1)
