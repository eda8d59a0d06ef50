"""Principal components against scikit-learn, and the arithmetic of what a reduction saves."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from lifecycle.develop.features import reduction
from lifecycle.errors import DataError


def table(seed: int, rows: int, columns: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, columns)) @ rng.normal(size=(columns, columns)) * rng.lognormal(0, 2, columns) + 5
    return pd.DataFrame(values, columns=[f"x{i}" for i in range(columns)])


tables = st.builds(table, st.integers(0, 10_000), st.integers(12, 40), st.integers(1, 8))


@given(tables)
def test_components_are_those_of_scikit_learn_up_to_sign(frame):
    train, new = frame.iloc[:-2], frame.iloc[-2:]
    scaler = StandardScaler().fit(train)
    model = PCA(svd_solver="full").fit(scaler.transform(train))
    ours = reduction.fit_components(train)
    assert ours.shares == pytest.approx(model.explained_variance_ratio_, abs=1e-9)
    theirs = model.transform(scaler.transform(new))
    assert np.abs(ours.transform(new).to_numpy()) == pytest.approx(np.abs(theirs), abs=1e-6)


@given(tables)
def test_all_components_lose_nothing_and_fewer_lose_the_variance_left_out(frame):
    everything = reduction.fit_components(frame)
    assert everything.lost(frame) == pytest.approx(0, abs=1e-6)
    half = everything.first(max(1, len(everything.shares) // 2))
    assert half.lost(frame).mean() == pytest.approx((1 - half.shares.sum()) * frame.shape[1], abs=1e-6)


@given(tables, st.floats(0.05, 1))
def test_needed_is_the_smallest_number_that_is_enough(frame, share):
    components = reduction.fit_components(frame)
    count = components.needed(share)
    assert components.shares[:count].sum() >= share - 1e-8
    assert components.shares[: count - 1].sum() < share


def test_components_are_uncorrelated_on_the_training_rows_and_keep_the_index():
    frame = table(1, 50, 5).set_index(pd.Index(range(100, 150)))
    projected = reduction.fit_components(frame, count=3).transform(frame)
    assert list(projected.columns) == ["pc1", "pc2", "pc3"]
    assert projected.index.equals(frame.index)
    assert projected.corr().to_numpy() == pytest.approx(np.eye(3), abs=1e-9)


def test_new_rows_do_not_change_what_was_fitted():
    frame = table(2, 40, 4)
    fitted = reduction.fit_components(frame[:30])
    one = fitted.transform(frame[30:31])
    assert one.to_numpy() == pytest.approx(fitted.transform(frame[30:]).to_numpy()[:1], rel=1e-9)


def test_twins_share_one_component_and_a_constant_none():
    x = np.arange(10.0)
    components = reduction.fit_components(pd.DataFrame({"celsius": x, "fahrenheit": 1.8 * x + 32, "same": 1.0}))
    assert components.shares[0] == pytest.approx(1)
    assert components.loadings()["pc1"].tolist() == pytest.approx([0.5**0.5, 0.5**0.5, 0])


def test_savings_and_speed_ups():
    assert reduction.saved(400, 50) == 0.875
    assert reduction.saved(5, 5) == 0
    assert reduction.speed_up(100, 15) == pytest.approx(20 / 3)
    assert reduction.matrix_bytes(100_000, 400) == np.zeros((1000, 400)).nbytes * 100
    assert reduction.matrix_bytes(10, 3, bytes_each=4) == np.zeros((10, 3), dtype="float32").nbytes


def test_cost_grows_as_documented():
    ratio = {
        kind: reduction.fit_cost(kind, 100_000, 400) / reduction.fit_cost(kind, 100_000, 50) for kind in reduction._COSTS
    }
    assert ratio["gradient step"] == ratio["boosted tree"] == 8
    assert ratio["forest tree"] == pytest.approx(8**0.5)
    assert ratio["least squares"] == pytest.approx(64, rel=0.01)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda f: reduction.fit_components(f[:1]), "too few"),
        (lambda f: reduction.fit_components(f, count=9), "9 components cannot be had"),
        (lambda f: reduction.fit_components(0 * f), "every column is constant"),
        (lambda f: reduction.fit_components(f.assign(x1=np.nan)), "`x1` has a gap"),
        (lambda f: reduction.fit_components(f.assign(x1="word")), "does not hold numbers"),
        (lambda f: reduction.fit_components(f).transform(f[["x0"]]), "`x1` is missing"),
        (lambda f: reduction.fit_components(f).first(0), "0 components of 3"),
        (lambda f: reduction.fit_components(f, count=1).needed(1.0), "1 was asked for"),
        (lambda f: reduction.saved(0, 1), "must be above 0"),
        (lambda f: reduction.saved(1, -1), "cannot be below 0"),
        (lambda f: reduction.speed_up(1, 0), "no time"),
        (lambda f: reduction.fit_cost("magic", 10, 10), "no cost is known"),
        (lambda f: reduction.fit_cost("forest tree", 1, 10), "too small"),
    ],
)
def test_bad_input_is_named(act, message):
    with pytest.raises(DataError, match=message):
        act(table(0, 20, 3))
