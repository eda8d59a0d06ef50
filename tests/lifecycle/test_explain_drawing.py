"""Pictures of contributions: what is drawn is what the account says."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from lifecycle.explain import Contributions, ExplanationError, bars, cloud, efforts, waterfall


@pytest.fixture
def axes():
    figure, made = plt.subplots()
    yield made
    plt.close(figure)


@pytest.fixture
def account():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.normal(size=(50, 5)), columns=list("abcde"))
    return Contributions(tuple("abcde"), rows.to_numpy() * [50, 40, 3, 2, 1], 1.5, rows)


@pytest.mark.parametrize("most", [3, 5])
def test_the_steps_lead_from_the_base_to_the_score(axes, account, most):
    waterfall(axes, account, 7, most=most)
    steps = axes.patches
    assert len(steps) == (most + 1 if most < 5 else 5)
    assert steps[0].get_x() == pytest.approx(1.5)
    assert 1.5 + sum(step.get_width() for step in steps) == pytest.approx(account.scores[7])
    low, high = axes.get_xlim()
    assert all(low < step.get_x() + step.get_width() < high for step in steps)


def test_one_feature_that_does_nothing_can_be_drawn(axes):
    waterfall(axes, Contributions(("a",), np.zeros((1, 1)), 0.0, pd.DataFrame({"a": [1.0]})), 0)
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a = 1"]


def test_the_cloud_has_every_row_of_the_leading_features(axes, account):
    drawn = cloud(axes, account, most=2)
    assert [text.get_text() for text in axes.get_yticklabels()] == account.ranking()["feature"][:2].tolist()
    assert [len(each.get_offsets()) for each in axes.collections] == [50, 50]
    assert np.asarray(axes.collections[0].get_offsets())[:, 0] == pytest.approx(
        account.values[:, account.features.index(account.ranking()["feature"][0])]
    )
    assert drawn.get_clim() == (0, 1)


def test_one_bar_is_marked(axes):
    bars(axes, {"a": 3, "noise": 1}, marked="noise")
    assert axes.patches[0].get_facecolor() != axes.patches[1].get_facecolor()


def test_rows_without_a_way_stand_in_a_band_above_every_effort(axes):
    efforts(axes, [0.2, 0.3, 0.4, 0.5], [1.0, np.nan, 6.0, np.nan])
    dots, crosses = axes.lines
    assert dots.get_xydata().tolist() == [[0.2, 1.0], [0.4, 6.0]]
    assert crosses.get_xdata().tolist() == [0.3, 0.5]
    (band,) = axes.patches
    low, high = band.get_y(), band.get_y() + band.get_height()
    assert 6 < low < min(crosses.get_ydata()) <= max(crosses.get_ydata()) < high <= axes.get_ylim()[1]
    labels = {text.get_text(): place for place, text in zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)}
    assert low < labels.pop("none found") < high
    assert labels == {text: float(text) for text in labels}
    assert max(labels.values()) <= 6


def test_where_all_have_a_way_there_is_no_band_and_room_above(axes):
    efforts(axes, [0.2, 0.3], [0.0, 3.0])
    assert not axes.patches
    low, high = axes.get_ylim()
    assert low < 0 < 3 < high


def test_where_none_has_a_way_there_are_only_crosses(axes):
    efforts(axes, [0.2, 0.3], [np.nan, np.nan])
    dots, crosses = axes.lines
    assert (len(dots.get_xdata()), len(crosses.get_xdata())) == (0, 2)


@pytest.mark.parametrize("needed", [[1.0], [1.0, -1.0], [1.0, np.inf]])
def test_efforts_that_cannot_be_are_refused(axes, needed):
    with pytest.raises(ExplanationError):
        efforts(axes, [0.2, 0.3], needed)
