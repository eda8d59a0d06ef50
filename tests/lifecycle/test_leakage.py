"""Leakage: columns that know the answer, rows that stand on both sides."""

import numpy as np
import pandas as pd

from lifecycle.develop.exploration.leakage import leakage_suspects, shared_rows


def _clients(rng):
    y = rng.integers(0, 2, 600)
    return pd.DataFrame({"honest": rng.normal(size=600) + 0.5 * y, "city": rng.choice(["a", "b"], 600), "y": y})


def test_an_honest_table_has_no_suspects():
    assert leakage_suspects(_clients(np.random.default_rng(0)), "y") == []


def test_a_planted_column_is_found_in_either_direction_and_as_a_category():
    frame = _clients(np.random.default_rng(1))
    planted = frame.assign(calls=-frame["y"] * 3.0, status=np.where(frame["y"] == 1, "closed", "open"))
    assert {(s.column, s.strength) for s in leakage_suspects(planted, "y")} == {("calls", 1.0), ("status", 1.0)}


def test_values_known_for_one_class_only_are_not_scored():
    frame = _clients(np.random.default_rng(2))
    assert leakage_suspects(frame.assign(odd=np.where(frame["y"] == 1, 1.0, np.nan)), "y") == []


def test_shared_rows_are_counted_once_a_test_row():
    train = pd.DataFrame({"x": [1, 1, 2], "y": [0, 0, 1]})
    assert shared_rows(train, pd.DataFrame({"x": [1, 1, 2, 9], "y": [0, 1, 1, 0]})) == 2
