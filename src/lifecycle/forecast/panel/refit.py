"""When to fit again: never, by the calendar, or when the errors say so. What each would have cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.forecast.checks import whole
from lifecycle.forecast.errors import ForecastError
from lifecycle.forecast.forecaster import Forecaster, numbers_of
from lifecycle.forecast.panel.watch import ErrorWatch
from lifecycle.forecast.validation.backtest import backtest, score_table
from lifecycle.forecast.validation.folds import Fold, walk_forward

if TYPE_CHECKING:
    import pandas as pd

    from lifecycle.forecast.forecaster import Values


def refit_policies(
    y: Values,
    forecaster: Forecaster,
    *,
    season: int,
    start: int,
    every: tuple[int, ...] = (1, 12),
    false_alarms: float = 0.05,
    origins: int = 40,
    level: float = 0.95,
) -> pd.DataFrame:
    """Live through the series from `start` under several policies.

    Between two fits the forecast that was made at the last one stands: the older it is, the further ahead it looks. The
    policy ``on alarm`` fits again when an `ErrorWatch` that learnt before `start` raises one, and after the longest of
    `every` in any case.

    Parameters
    ----------
    y : series
    forecaster : Forecaster
    season, level
        As in `backtest`.
    start : int
        Values that are known when it begins; the rest are lived through.
    every : tuple of int
        Steps between fits, a policy each.
    false_alarms : float
        As in `ErrorWatch`.
    origins : int
        Past forecasts that the watch learns from, each as long as the longest of `every`.

    Returns
    -------
    DataFrame, one row a policy
        ``policy`` (``never``, ``every k``, ``on alarm``), ``fits``, ``MASE``, ``coverage``, ``Winkler``.

    Raises
    ------
    ForecastError
        When nothing is left to live through, or too little stands before `start` to learn from.
    """
    import pandas as pd

    n = len(numbers_of(y))
    if not every:
        raise ForecastError("`every` is empty: it must name 1 step or more", where="every")
    for steps in every:
        whole(steps, "every")
    if whole(start, "start") >= n:
        raise ForecastError(f"`start` is {start}: it must leave some of the {n} values before it and after")
    longest = max(every)
    past = y.iloc[:start] if isinstance(y, pd.Series) else numbers_of(y)[:start]
    folds = walk_forward(start, folds=origins, horizon=longest, step=1)
    learnt = backtest(past, forecaster, season=season, folds=folds, level=level)
    watch = ErrorWatch.of(learnt, false_alarms=false_alarms)

    def asked(at: int, age: int) -> pd.DataFrame:
        """What was forecast at `at` for so many steps, beside what came."""
        fold = Fold(range(at), range(at, min(at + age, n)))
        return backtest(y, forecaster, season=season, folds=[fold], level=level)

    policies = {"never": [asked(start, n - start)]}
    policies |= {f"every {steps}": [asked(at, steps) for at in range(start, n, steps)] for steps in every}
    policies["on alarm"] = []
    at = start
    while at < n:
        outcomes = asked(at, longest)
        policies["on alarm"].append(outcomes.head(watch.first_alarm(outcomes) or len(outcomes)))
        at += len(policies["on alarm"][-1])
    scale = policies["never"][0]["scale"].iloc[0]  # one scale for all, so that policies can be compared
    rows = []
    for name, parts in policies.items():
        scores = score_table(pd.concat(parts, ignore_index=True).assign(scale=scale), level=level).iloc[0]
        rows.append({"policy": name, "fits": len(parts)} | {key: scores[key] for key in ("MASE", "coverage", "Winkler")})
    return pd.DataFrame(rows)
