"""What a line of scikit-learn meant in an older release: settings that nobody typed, and that changed.

Only what scikit-learn's own reference documents as changed is listed. Spelling out an old default in today's library
replays the *setting*, not the old library: repairs of the algorithm between the two releases stay in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lifecycle.errors import DataError


@dataclass(frozen=True)
class ChangedDefault:
    """`estimator`'s `setting` was `before` by default until release `since`, and `after` from there on."""

    estimator: str
    setting: str
    since: str
    before: Any
    after: Any


CHANGED = (
    ChangedDefault("RandomForestClassifier", "n_estimators", "0.22", 10, 100),
    ChangedDefault("RandomForestRegressor", "n_estimators", "0.22", 10, 100),
    ChangedDefault("RandomForestRegressor", "max_features", "1.1", "auto", 1.0),
    ChangedDefault("LogisticRegression", "solver", "0.22", "liblinear", "lbfgs"),
    ChangedDefault("SVC", "gamma", "0.22", "auto", "scale"),
    ChangedDefault("SVR", "gamma", "0.22", "auto", "scale"),
    ChangedDefault("MiniBatchKMeans", "batch_size", "1.0", 100, 1024),
)
"""From the ``versionchanged`` notes in scikit-learn's reference; a selection, not all of them."""


def settings_under(release: str, estimator: str, written: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The settings that a line of code had under a release: those written in it, and defaults known to have changed.

    Parameters
    ----------
    release : str
        Of scikit-learn, as in ``"0.21.3"``.
    estimator : str
        Name of the class, as in ``"RandomForestClassifier"``.
    written : mapping, optional
        What the line says itself; it wins over any default.

    Raises
    ------
    DataError
        For a release that is no version number, or an estimator of which no change is recorded here.

    Examples
    --------
    >>> settings_under("0.21.3", "RandomForestClassifier", {"random_state": 0})
    {'n_estimators': 10, 'random_state': 0}
    """
    known = [change for change in CHANGED if change.estimator == estimator]
    if not known:
        names = ", ".join(sorted({change.estimator for change in CHANGED}))
        raise DataError(f"no changed default of `{estimator}` is recorded", remedy=f"recorded: {names}")
    at = _numbers(release)
    defaults = {c.setting: c.after if at >= _numbers(c.since) else c.before for c in known}
    return defaults | dict(written or {})


def _numbers(release: str) -> tuple[int, ...]:
    parts = release.split(".")
    if not all(part.isdecimal() for part in parts):
        raise DataError(f"`{release}` is no release number", remedy="write it as in 0.21.3")
    return tuple(int(part) for part in parts)
