"""Finding the minute in which a log began to say something else.

Lines that differ in numbers only are one *template*. How often each template comes is a rate, and a rate can be watched: one
that jumps, one that stops, one that was never seen before. Nobody has to know beforehand what the fault will be called.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.monitor.service.errors import WatchError

if TYPE_CHECKING:
    import pandas as pd

_QUOTED = re.compile(r"(?<!\w)'[^']*'(?!\w)|\"[^\"]*\"")  # an apostrophe inside a word is no quotation mark
_HEX = re.compile(r"\b(?:0x[0-9a-fA-F]+|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?=[a-f]*\d)[0-9a-f]{8,})\b")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


def log_template(message: str) -> str:
    """A message without what changes from line to line: quoted text, long hexadecimal names and numbers become marks.

    Examples
    --------
    >>> log_template("scored 512 rows of batch 06:30 in 41.7 ms")
    'scored <n> rows of batch <n> in <n> ms'
    >>> log_template("request 5f0c9a3b77e1 failed: column 'pay_1' is missing")
    'request <id> failed: column <text> is missing'
    """
    for pattern, mark in ((_QUOTED, "<text>"), (_HEX, "<id>"), (_NUMBER, "<n>")):
        message = pattern.sub(mark, message)
    return message


def template_counts(log: pd.DataFrame, *, minutes: int | None = None) -> pd.DataFrame:
    """How often each template came in each minute.

    Parameters
    ----------
    log : DataFrame
        A row a line: ``minute`` (int, 0 or more), ``message`` and, where there is one, ``level``: it joins the template.
    minutes : int, optional
        Length of the log; by default up to its last line. Minutes without lines count too: say so if it ends in silence.

    Returns
    -------
    DataFrame
        A row a minute from 0 on, a column a template, in alphabetical order.
    """
    import pandas as pd

    missing = [name for name in ("minute", "message") if name not in log.columns]
    if missing:
        raise WatchError(f"column `{missing[0]}` is missing", where="log")
    if len(log) == 0 and minutes is None:
        raise WatchError("the log is empty", where="log", remedy="give its length in `minutes`: silence can be a fault")
    named = {text: log_template(text) for text in log["message"].unique()}
    names = log["message"].map(named)
    if "level" in log.columns:
        names = log["level"].astype(str) + " " + names
    length = int(log["minute"].max()) + 1 if minutes is None else minutes
    if len(log) and (log["minute"].min() < 0 or log["minute"].max() >= length):
        raise WatchError("a line lies outside of the log's minutes", where="log", tried=f"minutes 0 to {length - 1}")
    counts = pd.crosstab(log["minute"], names)
    return counts.reindex(range(length), fill_value=0).rename_axis(index="minute", columns="template")


@dataclass(frozen=True)
class LogAnomaly:
    """A minute in which a template came too often or not often enough.

    Attributes
    ----------
    minute : int
        The window's last minute: when it could be known.
    template : str
    count : int
        How often it came in the window.
    expected : float
        How often it would have come at the rate before.
    p : float
        Chance of a count this far off, or further, if nothing had changed.
    """

    minute: int
    template: str
    count: int
    expected: float
    p: float


def log_anomalies(counts: pd.DataFrame, *, learn: int, window: int = 1, alpha: float = 0.01) -> list[LogAnomaly]:
    """Minutes whose counts do not fit the rates of the minutes learnt from, by an exact test of two Poisson rates.

    Of all lines of a template, in the minutes learnt from and in the window together, the window's share is binomial if the
    rate stayed as it was (Przyborowski and Wilenski 1940). So a template that was never seen needs no special case, and a
    rate that is known from few lines is trusted little. Both directions are tested, and `alpha` is shared out evenly among
    all tests (Bonferroni): it bounds the chance that a log in which nothing happened gives any anomaly at all.

    Parameters
    ----------
    counts : DataFrame
        From `template_counts`.
    learn : int
        So many minutes from the start are taken to be healthy.
    window : int
        Minutes that are counted together; longer windows find smaller changes, later.
    alpha : float
        Chance of a false alarm in the whole log, in (0, 1).

    Returns
    -------
    list of LogAnomaly
        In order of time; the most surprising first within a minute.

    Notes
    -----
    Lines are taken to come independently of each other. Lines that come in bursts by nature need a template's window longer
    than a burst, or false alarms will come more often than `alpha` says.
    """
    import numpy as np
    from scipy.stats import binom

    if not 0 < alpha < 1:
        raise WatchError(f"alpha is {alpha:g}", remedy="give the chance of a false alarm, as 0.01")
    if learn < 1 or window < 1 or learn + window > len(counts):
        raise WatchError("the log is too short to learn from and to watch",
                         tried=f"{learn} minutes to learn, a window of {window}, {len(counts)} minutes in all")  # fmt: skip
    values = counts.to_numpy()
    known = values[:learn].sum(axis=0)
    sums = np.vstack([np.zeros(values.shape[1], dtype=values.dtype), values.cumsum(axis=0)])
    ends = np.arange(learn + window, len(values) + 1)
    seen = sums[ends] - sums[ends - window]
    share = window / (learn + window)
    both = known + seen
    p = np.minimum(1, 2 * np.minimum(binom.sf(seen - 1, both, share), binom.cdf(seen, both, share)))
    places = np.argwhere(p < alpha / p.size)
    found = [
        LogAnomaly(int(counts.index[ends[i] - 1]), str(counts.columns[j]), int(seen[i, j]),
                   float(known[j] * window / learn), float(p[i, j]))
        for i, j in places
    ]  # fmt: skip
    return sorted(found, key=lambda each: (each.minute, each.p, each.template))


def z_scores(counts: pd.DataFrame, *, learn: int) -> pd.DataFrame:
    """Distance of each count from the template's mean in standard deviations, both from the first `learn` minutes.

    A template that never varied there has no standard deviation: its score is nan for the usual count, else infinite. For
    rare lines the score misleads: counts of 0 and 1 are nothing like normal. `log_anomalies` has no such trouble.
    """
    import numpy as np

    if not 2 <= learn <= len(counts):
        raise WatchError("a standard deviation needs at least two minutes", tried=f"{learn} of {len(counts)}")
    first = counts.iloc[:learn]
    with np.errstate(divide="ignore", invalid="ignore"):
        return (counts - first.mean()) / first.std(ddof=1)


def isolation_scores(counts: pd.DataFrame, *, learn: int, seed: int = 0) -> pd.Series:
    """How easily each minute, as a row of counts, is told from the minutes learnt from, by an isolation forest.

    Parameters
    ----------
    counts : DataFrame
        From `template_counts`.
    learn : int
        So many minutes from the start make the forest.
    seed : int

    Returns
    -------
    Series of float
        A value a minute, higher is stranger (scikit-learn's `decision_function`, turned round): above 0 where fewer cuts set
        the minute apart than a random tree over as many rows needs on average. It says which minute, not which line.
    """
    import pandas as pd
    from sklearn.ensemble import IsolationForest

    if not 2 <= learn <= len(counts):
        raise WatchError("a forest needs at least two minutes", tried=f"{learn} of {len(counts)}")
    values: Any = counts.to_numpy(dtype=float)
    forest = IsolationForest(n_estimators=100, random_state=seed, n_jobs=1).fit(values[:learn])
    return pd.Series(-forest.decision_function(values), index=counts.index, name="strangeness")
