"""Resampling inside the folds leaves the test folds as they are; before the split it flatters."""

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE, RandomOverSampler
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from lifecycle.develop.evaluation.resampling import cross_validate
from lifecycle.errors import DataError


@pytest.fixture
def noise():
    rng = np.random.default_rng(0)
    return rng.normal(size=(600, 4)), np.repeat([0, 1], [540, 60])  # nothing to learn: an honest score is the prevalence


def test_inside_the_folds_the_class_counts_stay(noise):
    scores = cross_validate(*noise, model=KNeighborsClassifier(), sampler=SMOTE(random_state=0))
    assert [(s.test_negative, s.test_positive) for s in scores] == [(108, 12)] * 5


def test_before_the_split_noise_looks_predictable(noise):
    tools = {"model": DecisionTreeClassifier(random_state=0), "sampler": RandomOverSampler(random_state=0)}
    before, inside = (
        np.mean([s.average_precision for s in cross_validate(*noise, where=w, **tools)]) for w in ("before", "inside")
    )
    assert before > 0.85
    assert inside == pytest.approx(0.1, abs=0.05)


def test_too_few_rows_of_a_class_is_an_error(noise):
    x, y = noise
    with pytest.raises(DataError, match="5 folds need 5 rows of each class; there are 540 and 3"):
        cross_validate(x[:543], y[:543], model=KNeighborsClassifier(), sampler=SMOTE())


def test_where_is_one_of_two_places(noise):
    with pytest.raises(ValueError, match="'inside' or 'before'"):
        cross_validate(*noise, model=KNeighborsClassifier(), sampler=SMOTE(), where="after")
