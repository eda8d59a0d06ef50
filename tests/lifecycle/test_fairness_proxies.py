"""What features know about a group."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from lifecycle.errors import DataError
from lifecycle.govern import group_auc, proxy_audit, zip_codes


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1)), min_size=2, max_size=50))
def test_auc_is_that_of_scikit_learn_with_ties(rows):
    values, group = zip(*rows, strict=True)
    if len(set(group)) < 2:
        with pytest.raises(DataError, match="members and others"):
            group_auc(values, group)
    else:
        assert group_auc(values, group) == pytest.approx(roc_auc_score(group, values))


def test_what_has_nothing_to_do_with_the_group_is_guessed_like_a_coin():
    rng = np.random.default_rng(0)
    audit = proxy_audit(pd.DataFrame(rng.normal(size=(1500, 3)), columns=list("xyz")), rng.integers(0, 2, 1500))
    assert audit.low < 0.5 < audit.high
    assert (audit.features["auc"] >= 0.5).all()


def test_features_tell_together_what_neither_tells_alone():
    rng = np.random.default_rng(1)
    group, noise = rng.integers(0, 2, 2000), rng.normal(0, 3, 2000)
    audit = proxy_audit(pd.DataFrame({"one": noise + group, "other": noise - group}), group)
    assert audit.features["auc"].max() < 0.65
    assert audit.auc > 0.99


def test_the_interval_is_about_as_wide_as_drawing_people_anew_makes_it():
    town = zip_codes(800, seed=3)
    audit = proxy_audit(town[["zip"]], town["group"])
    rng, drawn = np.random.default_rng(0), []
    for _ in range(300):
        rows = town.iloc[rng.integers(0, len(town), len(town))]
        drawn.append(group_auc(-rows["zip"], rows["group"]))
    assert audit.high - audit.low == pytest.approx(3.92 * np.std(drawn), rel=0.25)


def test_the_same_seed_gives_the_same_folds():
    town = zip_codes(300, seed=3)
    assert proxy_audit(town[["zip"]], town["group"], seed=1).auc == proxy_audit(town[["zip"]], town["group"], seed=1).auc


def test_what_cannot_be_audited_is_refused():
    frame = pd.DataFrame({"x": [1.0, None, 3.0, 4.0]})
    with pytest.raises(DataError, match="missing"):
        proxy_audit(frame, [0, 1, 0, 1])
    with pytest.raises(DataError, match="fewer than 5"):
        proxy_audit(frame.fillna(0), [0, 1, 0, 1])
