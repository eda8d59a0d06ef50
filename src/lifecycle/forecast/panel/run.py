"""Many series through an executor: this process, processes beside it, or the workers of a cluster."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pickle import PicklingError
from typing import TYPE_CHECKING, Any

from lifecycle.errors import LifecycleError
from lifecycle.forecast.errors import ForecastError
from lifecycle.forecast.forecaster import Forecaster
from lifecycle.forecast.validation.backtest import backtest, score_table
from lifecycle.spread import carried_out

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 4  # series in one order: less to send than to compute


@dataclass(frozen=True)
class Order:
    """What is asked of one series.

    Attributes
    ----------
    season, horizon, folds : int
    level : float
    """

    season: int
    horizon: int
    level: float
    folds: int = 0


def validate_panel(
    panel: Mapping[str, pd.Series],
    forecasters: Mapping[str, Forecaster],
    *,
    season: int,
    horizon: int = 12,
    folds: int = 3,
    level: float = 0.95,
    executor: Executor | None = None,
) -> pd.DataFrame:
    """Every forecaster on every series, by walk-forward validation.

    Parameters
    ----------
    panel : mapping of name to series
        As of `series_of`.
    forecasters : mapping of name to Forecaster
        For processes of their own: functions of a module, not lambdas.
    season, horizon, folds, level
        As in `backtest`.
    executor : Executor, optional
        Any of ``concurrent.futures``, ``distributed.Client(...).get_executor()`` too. This process where none is given. The
        table is the same whoever computes it, seconds apart.

    Returns
    -------
    DataFrame, one row a series and forecaster, in the order of the two mappings
        ``series``, ``forecaster``, ``n`` (values of the series), ``MASE``, ``sMAPE``, ``coverage``, ``Winkler`` (NaN where
        it was refused), ``refused`` (why; empty where it was not), ``seconds`` (of processor time, for all folds).

    Raises
    ------
    ForecastError
        When a worker dies, none is left, or none can be sent the forecaster. A series that cannot be forecast is a row, not
        an error.
    """
    import pandas as pd

    order = Order(season, horizon, level, folds)
    asked = [(name, label, y, forecaster) for name, y in panel.items() for label, forecaster in forecasters.items()]
    jobs = [(y, forecaster, order) for _, _, y, forecaster in asked]
    answers = _answers(executor, _validated, jobs)
    rows = [
        {"series": name, "forecaster": label} | answer for (name, label, _, _), answer in zip(asked, answers, strict=True)
    ]
    columns = ["series", "forecaster", "n", "MASE", "sMAPE", "coverage", "Winkler", "refused", "seconds"]
    return pd.DataFrame(rows, columns=columns)


def forecast_panel(
    panel: Mapping[str, pd.Series],
    forecaster: Forecaster,
    *,
    season: int,
    horizon: int = 12,
    level: float = 0.95,
    executor: Executor | None = None,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """The next `horizon` steps of every series.

    Parameters
    ----------
    panel, forecaster, season, horizon, level, executor
        As in `validate_panel`.

    Returns
    -------
    DataFrame, one row a series and step
        ``series``, ``step``, ``at``, ``mean``, ``low``, ``high``.
    dict of str
        The series that were refused, and why.
    """
    import pandas as pd

    jobs = [(y, forecaster, Order(season, horizon, level)) for y in panel.values()]
    parts, refused = [], {}
    for name, answer in zip(panel, _answers(executor, _forecast, jobs), strict=True):
        if answer["refused"]:
            refused[name] = answer["refused"]
        else:
            parts.append(answer["table"].assign(series=name))
    columns = ["series", "step", "at", "mean", "low", "high"]
    return (pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)), refused


Job = tuple["pd.Series", Forecaster, Order]
Answer = dict[str, Any]


def _answers(executor: Executor | None, task: Callable[[Job], Answer], jobs: list[Job]) -> list[Answer]:
    """Answers in the order of the jobs, whatever the order in which they come."""
    try:
        found = dict(
            carried_out(executor, task, jobs, error=ForecastError, unit="series", remedy="start again", chunk=CHUNK)
        )
    except (AttributeError, TypeError, PicklingError) as error:
        if executor is None or "pickle" not in str(error):
            raise  # a fault of ours, which needs its traceback
        remedy = "define it in a module: another process imports it from there"
        raise ForecastError("a forecaster cannot be sent to another process", tried=str(error), remedy=remedy) from error
    return [found[place] for place in range(len(jobs))]


def _validated(job: Job) -> Answer:
    y, forecaster, order = job
    started = time.process_time()

    def scores() -> Answer:
        outcomes = backtest(y, forecaster, season=order.season, horizon=order.horizon, folds=order.folds, level=order.level)
        row = score_table(outcomes, level=order.level).iloc[0]
        return {name: float(row[name]) for name in ("MASE", "sMAPE", "coverage", "Winkler")}

    answer = _or_refused(scores)
    return answer | {"n": len(y) if hasattr(y, "__len__") else 0, "seconds": time.process_time() - started}


def _forecast(job: Job) -> Answer:
    y, forecaster, order = job

    def table() -> Answer:
        said = forecaster(y, season=order.season).predict(order.horizon, level=order.level)
        said = said.rename_axis("at").reset_index()
        said.insert(0, "step", range(1, order.horizon + 1))
        return {"table": said}

    return _or_refused(table)


def _or_refused(task: Callable[[], Answer]) -> Answer:
    """One bad series among thousands is a row with its reason; a fault that no series can cause is not caught."""
    try:
        return task() | {"refused": ""}
    except LifecycleError as error:
        return {"refused": error.what}
    except (ArithmeticError, ValueError, RuntimeError) as error:  # of a library: LinAlgError is a ValueError, and an
        # optimiser that gives up (Stan's) a RuntimeError
        return {"refused": f"{type(error).__name__}: {error}"}
