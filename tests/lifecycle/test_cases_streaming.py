"""Viewers, titles, orders, and an experiment between two orders."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics.pairwise import cosine_similarity

from lifecycle.cases import (
    CaseError,
    audience,
    best,
    collaborative,
    evenings,
    halves,
    history,
    network,
    popularity,
    precision_at,
    show_titles,
)

CROWD = audience(viewers=120, titles=60, genres=4, fresh=3, weeks=5, seed=2)
SEEN = history(np.vstack([evenings(CROWD, week=week, seed=2) for week in range(3)]), viewers=120, titles=60)


def test_an_audience_has_tastes_that_add_up_and_titles_that_come_when_they_come():
    assert CROWD.tastes.sum(axis=1) == pytest.approx(np.ones(120))
    assert np.bincount(CROWD.released).tolist() == [48, 3, 3, 3, 3]
    assert CROWD.liking().shape == (120, 60)
    assert ((CROWD.start_chance() > 0) & (CROWD.start_chance() < 1)).all()
    assert (CROWD.stay() <= CROWD.worth).all()


def test_viewers_watch_what_is_there_and_nothing_twice():
    pairs = evenings(CROWD, week=1, each=5, seed=7)
    assert len(pairs) == 600
    assert len({tuple(pair) for pair in pairs.tolist()}) == 600
    assert (CROWD.released[pairs[:, 1]] <= 1).all()


def test_turned_viewers_are_as_many_as_said_and_the_tastes_stay_in_the_crowd():
    turned = CROWD.turned(0.5, seed=3)
    moved = (turned.tastes != CROWD.tastes).any(axis=1)
    assert moved.sum() == 60
    assert np.sort(turned.tastes, axis=0) == pytest.approx(np.sort(CROWD.tastes, axis=0))
    assert (CROWD.turned(0).tastes == CROWD.tastes).all()


def test_a_single_turned_viewer_has_the_tastes_of_somebody_else():
    turned = CROWD.turned(1 / 120, seed=3)
    moved = np.flatnonzero((turned.tastes != CROWD.tastes).any(axis=1))
    assert len(moved) == 1
    assert (turned.tastes[moved[0]] == CROWD.tastes).all(axis=1).any()


def test_an_experiment_without_time_is_told_so():
    for wrong in ({"sessions": 0}, {"sessions": math.nan}, {"minutes": -1}, {"sessions": "6"}):
        with pytest.raises(CaseError, match="more than 0 sessions"):
            show_titles(CROWD, best(SEEN, 3), **wrong)


def test_popularity_is_a_count_and_the_same_for_everybody():
    assert (popularity(SEEN) == SEEN.sum(axis=0)).all()


def test_resemblance_without_shrinking_is_the_cosine_of_columns():
    alike = cosine_similarity(SEEN.T)
    np.fill_diagonal(alike, 0)
    seen_titles = SEEN.sum(axis=0) > 0
    assert collaborative(SEEN, shrink=1e-12)[:, seen_titles] == pytest.approx((SEEN @ alike)[:, seen_titles])


def test_a_title_that_nobody_has_seen_resembles_nothing_without_shrinking():
    assert collaborative(np.array([[1.0, 0.0, 1.0], [1.0, 0.0, 0.0]]), shrink=0)[:, 1].tolist() == [0, 0]


def test_a_network_learns_what_lots_do_not_know_and_says_the_same_again():
    made = network(SEEN, width=8, seed=1)
    nobody = np.random.default_rng(1).random(SEEN.shape)
    assert precision_at(best(made, 5), SEEN) > 2 * precision_at(best(nobody, 5), SEEN)
    assert (made == network(SEEN, width=8, seed=1)).all()


@given(st.lists(st.lists(st.integers(0, 3), min_size=6, max_size=6), min_size=1, max_size=5), st.integers(1, 6))
def test_an_order_is_what_sorting_gives(scores, k):
    told = [sorted(range(6), key=lambda title, row=row: (-row[title], title))[:k] for row in scores]
    assert best(scores, k).tolist() == told


def test_an_order_leaves_out_what_was_seen_or_is_not_there():
    assert best([[3, 2, 1, 0]], 2, without=[[1, 0, 0, 0]]).tolist() == [[1, 2]]
    assert best([[3, 2, 1, 0]], 2, there=[False, True, False, True]).tolist() == [[1, 3]]
    for scores, k in (([[1, math.nan]], 1), ([[1, 2]], 3), ([[1, 2]], 0)):
        with pytest.raises(CaseError, match="streaming: best"):
            best(scores, k)


def test_precision_at_k_counts_the_shown_that_were_watched():
    watched = np.array([[1, 0, 1], [0, 0, 1]])
    assert precision_at(np.array([[0, 1], [2, 1]]), watched) == 0.5
    with pytest.raises(CaseError, match="1 orders for 2"):
        precision_at(np.array([[0, 1]]), watched)


def test_covers_win_starts_and_worth_wins_minutes():
    crowd = audience(viewers=2_000, seed=5)
    a = show_titles(crowd, best(crowd.start_chance(), 10), seed=1)
    b = show_titles(crowd, best(crowd.start_chance() * crowd.stay(), 10), seed=1)
    assert (a["sessions"] == b["sessions"]).all()  # the same luck
    assert a["starts"].sum() > b["starts"].sum()
    assert a["minutes"].sum() < b["minutes"].sum()
    assert a["stayed"].sum() < b["stayed"].sum()
    assert (a["starts"] <= a["sessions"]).all()
    assert (a["completed"] <= a["starts"]).all()


def test_halves_are_drawn_by_viewer_with_the_share_that_was_asked_for():
    drawn = halves(5_000, share=0.3, seed=1)
    assert binomtest(int(drawn.sum()), 5_000, 0.3).pvalue > 0.001
    assert (drawn == halves(5_000, share=0.3, seed=1)).all()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: audience(viewers=3),
        lambda: audience(titles=30, fresh=4, weeks=8),
        lambda: CROWD.turned(1.5),
        lambda: CROWD.turned("all"),
        lambda: audience(viewers=30.5),
        lambda: audience(weeks=1.5),
        lambda: best(SEEN, 1.5),
        lambda: network(SEEN, width=1.5),
        lambda: evenings(CROWD, week=0, each=1.5),
        lambda: evenings(CROWD, week="0"),
        lambda: halves(9.5),
        lambda: halves(9, seed=-1),
        lambda: best([1, 2, 3], 1),
        lambda: precision_at(np.array([[0, 0, 0]]), np.array([[1, 0, 0]])),
        lambda: collaborative(SEEN, shrink=-1),
        lambda: evenings(CROWD, week=-1),
        lambda: evenings(CROWD, week=0, each=59),
        lambda: history([[0, 60]], viewers=120, titles=60),
        lambda: show_titles(CROWD, best(SEEN, 3)[:5]),
        lambda: halves(1),
        lambda: halves(9, share=1.0),
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(CaseError, match="streaming"):
        wrong()
