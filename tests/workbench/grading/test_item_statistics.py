"""Difficulty, discrimination and alpha, against pandas and the covariance matrix."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.grading.reports.item_statistics import correlation, cronbach_alpha, of_items

SLUGS = {"tea.water": 2.0, "tea.time": 3.0, "tea.cup": 1.0}


@st.composite
def classes(draw):
    """Points of 5 to 30 students on three questions, in quarters."""
    count = draw(st.integers(5, 30))
    return {f"s{i}": {slug: draw(st.integers(0, 4)) / 4 * most for slug, most in SLUGS.items()} for i in range(count)}


@given(classes())
def test_discrimination_is_the_correlation_with_all_other_questions(points):
    table = pd.DataFrame(points).T
    for item in of_items(points, SLUGS):
        rest = table.drop(columns=item.slug).sum(axis=1)
        if table[item.slug].nunique() > 1 and rest.nunique() > 1:
            assert item.discrimination == pytest.approx(np.corrcoef(table[item.slug], rest)[0, 1], abs=1e-9)
        else:
            assert math.isnan(item.discrimination)


@given(classes())
def test_difficulty_is_the_mean_share_of_the_points(points):
    table = pd.DataFrame(points).T
    for item in of_items(points, SLUGS):
        assert item.difficulty == pytest.approx((table[item.slug] / SLUGS[item.slug]).mean())
        assert item.full + item.none <= item.students == len(points)


@given(classes())
def test_alpha_follows_from_the_covariance_matrix(points):
    covariance = pd.DataFrame(points).T[list(SLUGS)].cov().to_numpy()
    alpha = cronbach_alpha(points, list(SLUGS))
    if covariance.sum() > 1e-9:
        assert alpha == pytest.approx(3 / 2 * (1 - np.trace(covariance) / covariance.sum()))
    else:
        assert math.isnan(alpha) or abs(covariance.sum()) < 1e-9


def test_a_missing_score_counts_in_no_figure_of_its_question():
    item = of_items({"a": {"tea.water": 2}, "b": {}}, {"tea.water": 2})[0]
    assert (item.students, item.difficulty, item.full, item.none) == (1, 1.0, 1, 0)


def test_few_students_give_no_discrimination():
    points = {f"s{i}": {"tea.water": i % 2, "tea.time": i % 2} for i in range(4)}
    assert math.isnan(of_items(points, {"tea.water": 1, "tea.time": 1})[0].discrimination)


@pytest.mark.parametrize(
    ("given_points", "remark"),
    [([2, 2, 2, 2, 2], "everybody"), ([0, 0, 0, 0, 0], "nobody"), ([2, 2, 2, 0, 0], "the strong miss it")],
)
def test_a_question_that_is_worth_a_look_says_why(given_points, remark):
    points = {f"s{i}": {"tea.water": own, "tea.time": i} for i, own in enumerate(given_points)}
    assert remark in of_items(points, {"tea.water": 2, "tea.time": 4})[0].remark


def test_no_correlation_where_nothing_varies():
    assert math.isnan(correlation([1, 1, 1], [1, 2, 3]))
    assert math.isnan(correlation([1], [2]))
