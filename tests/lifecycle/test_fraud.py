from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from lifecycle.develop.sources import fraud
from lifecycle.errors import DataError

COMPONENTS = [f"V{i}" for i in range(1, 29)]


@pytest.fixture(scope="module")
def payments():
    return fraud.transactions(seed=1)


def test_the_published_shape(payments):
    assert payments.shape == (284_807, 31)
    assert list(payments.columns) == ["Time", *COMPONENTS, "Amount", "Class"]
    assert payments["Class"].value_counts().to_dict() == {0: 284_315, 1: 492}
    assert not payments.isna().any(axis=None)


def test_time_counts_seconds_over_two_days_from_the_first_payment(payments):
    seconds = payments["Time"]

    assert seconds.iloc[0] == 0
    assert seconds.is_monotonic_increasing
    assert (seconds % 1 == 0).all()
    assert 47 * 3600 < seconds.max() < 48 * 3600


def test_nights_are_quiet(payments):
    by_hour = (payments["Time"] // 3600 % 24).value_counts()

    assert by_hour[3] < by_hour[13] / 4


def test_components_are_nearly_uncorrelated_although_fraud_shifts_them(payments):
    correlation = np.corrcoef(payments[COMPONENTS].to_numpy().T)
    among_frauds = np.corrcoef(payments.loc[payments["Class"] == 1, COMPONENTS].to_numpy().T)

    off = ~np.eye(28, dtype=bool)
    assert np.abs(correlation[off]).max() < 0.02
    assert np.abs(among_frauds[off]).max() > 0.5


def test_components_are_centred_and_their_spreads_fall(payments):
    spreads = payments[COMPONENTS].std()

    assert (payments[COMPONENTS].mean().abs() < 0.02).all()
    assert (spreads.diff().dropna() < 0).all()
    assert spreads["V1"] == pytest.approx(1.95, rel=0.03)
    assert spreads["V28"] == pytest.approx(0.33, rel=0.03)


def test_some_components_separate_well_and_some_not_at_all(payments):
    power = {name: abs(roc_auc_score(payments["Class"], payments[name]) - 0.5) for name in COMPONENTS}

    assert power["V14"] > 0.4
    assert sum(value > 0.3 for value in power.values()) >= 6
    assert sum(value < 0.06 for value in power.values()) >= 6


def test_no_single_component_finds_every_fraud(payments):
    frauds = payments.loc[payments["Class"] == 1, "V14"]
    normal = payments.loc[payments["Class"] == 0, "V14"]

    assert (frauds > normal.quantile(0.05)).mean() > 0.08


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_median_and_mean_of_the_amounts_disagree_about_fraud(seed):
    amounts = fraud.transactions(seed=seed).groupby("Class")["Amount"]

    assert amounts.median()[1] < amounts.median()[0]
    assert amounts.mean()[1] > amounts.mean()[0]
    assert (amounts.skew() > 1).all()


def test_equal_seeds_give_equal_frames_and_others_do_not():
    first, again, other = (fraud.transactions(2_000, seed=seed) for seed in (5, 5, 6))

    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


@settings(max_examples=30, deadline=None)
@given(n_rows=st.integers(100, 20_000), seed=st.integers(0, 2**32))
def test_a_sample_of_any_size_holds_the_frauds_it_promises(n_rows, seed):
    made = fraud.transactions(n_rows, seed=seed)

    assert len(made) == n_rows
    assert made["Class"].sum() == fraud.frauds_in(n_rows)
    assert (made["Amount"] >= 0).all()


@given(n_rows=st.integers(11_600, 10_000_000))
def test_the_share_of_frauds_is_the_published_one_in_large_samples(n_rows):
    assert abs(fraud.frauds_in(n_rows) - n_rows * 492 / 284_807) <= 0.5


@given(n_rows=st.integers(200, 11_600))
def test_a_small_sample_has_twenty_frauds(n_rows):
    assert fraud.frauds_in(n_rows) == 20


def test_normal_payments_do_not_depend_on_how_many_frauds_a_sample_holds():
    small = fraud.transactions(2_000, seed=3)
    large = fraud.transactions(200_000, seed=3)

    spread = [frame.loc[frame["Class"] == 0, "V14"].std() for frame in (small, large)]
    assert spread[0] == pytest.approx(spread[1], rel=0.1)


def test_too_few_rows_are_refused():
    with pytest.raises(DataError, match="99 rows are too few"):
        fraud.transactions(99)
