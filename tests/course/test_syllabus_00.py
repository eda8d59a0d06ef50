"""The figures that lesson 00 teaches, from the functions that it teaches them with."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from xgboost import XGBClassifier

from lifecycle.deploy import digest_of, load_model, save_model
from lifecycle.monitor import accuracy_loss, population_stability_index, stability_level, turning_tastes


def test_accuracy_lost_from_january_to_november():
    loss = accuracy_loss(0.92, 0.78)
    assert loss.points == pytest.approx(14)
    assert loss.relative == pytest.approx(0.152, abs=5e-4)


@pytest.fixture(scope="module")
def sales_year():
    rng = np.random.default_rng(0)
    december, *year = (turning_tastes(rng, n_rows=20_000, degrees=degrees) for degrees in (0, *range(0, 33, 3)))
    offer = ["good_price", "novelty"]
    model = LogisticRegression().fit(december[offer], december["bought"])
    return december, year, [float((model.predict(sales[offer]) == sales["bought"]).mean()) for sales in year]


def test_the_untouched_sales_model_falls_from_92_to_78_percent(sales_year):
    _, _, accuracy = sales_year
    assert len(accuracy) == 11
    assert accuracy[0] == pytest.approx(0.92, abs=0.01)
    assert accuracy[-1] == pytest.approx(0.78, abs=0.01)
    assert accuracy == sorted(accuracy, reverse=True)


def test_its_inputs_do_not_drift_meanwhile(sales_year):
    december, year, _ = sales_year
    for name in ("good_price", "novelty"):
        assert stability_level(population_stability_index(december[name], year[-1][name])) == "stable"


def test_the_mini_loop_with_seed_7_reloads_the_same_model(tmp_path):
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(400, 4))
    model = XGBClassifier(n_estimators=20, max_depth=3, n_jobs=1, random_state=7).fit(rows, rows[:, 0] > rows[:, 1])
    saved = save_model(model, tmp_path / "model.json")
    assert digest_of(load_model(tmp_path / "model.json", digest=saved)) == saved
