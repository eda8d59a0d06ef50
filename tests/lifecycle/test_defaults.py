"""Old defaults of scikit-learn, against what the installed one says of itself."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from importlib.metadata import version

import pytest

from lifecycle.develop.training.defaults import CHANGED, settings_under
from lifecycle.errors import DataError

MODULES = ("ensemble", "linear_model", "svm", "cluster")


def estimator(name):
    return next(found for module in MODULES if (found := getattr(import_module(f"sklearn.{module}"), name, None)))


@pytest.mark.parametrize("change", CHANGED, ids=lambda change: f"{change.estimator}.{change.setting}")
def test_the_installed_default_is_the_one_recorded_last(change):
    default = inspect.signature(estimator(change.estimator)).parameters[change.setting].default
    assert default == change.after
    assert settings_under(version("scikit-learn"), change.estimator)[change.setting] == default


@pytest.mark.parametrize("change", CHANGED, ids=lambda change: f"{change.estimator}.{change.setting}")
def test_the_reference_documents_the_change(change):
    notes = re.findall(r"versionchanged:: (\S+)\s+((?:.*\S.*\n?)+)", estimator(change.estimator).__doc__ or "")
    texts = [" ".join(text.split()) for release, text in notes if release == change.since]
    assert any("default" in text and str(change.before) in text and str(change.after) in text for text in texts)


def test_releases_are_compared_as_numbers():
    for release, trees in {"0.9": 10, "0.21.3": 10, "0.22": 100, "0.22.0": 100, "1.9.0": 100, "0.100": 100}.items():
        assert settings_under(release, "RandomForestClassifier") == {"n_estimators": trees}


def test_what_is_written_wins():
    assert settings_under("0.21", "SVC", {"gamma": 0.5, "C": 2}) == {"gamma": 0.5, "C": 2}


def test_an_unknown_estimator_and_an_odd_release_are_refused():
    with pytest.raises(DataError, match="PCA"):
        settings_under("1.0", "PCA")
    with pytest.raises(DataError, match="latest"):
        settings_under("latest", "SVC")
