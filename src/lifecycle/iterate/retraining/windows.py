"""From which rows: all, the newest, all with weights, or the newest on top of an old model; judged walking forward."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Fit = Callable[["pd.DataFrame", "np.ndarray[Any, Any] | None"], Any]
"""From rows, and weights or None, to a model."""


@dataclass(frozen=True)
class Strategy:
    """How a successor is made.

    Attributes
    ----------
    fit : callable
        From rows and their weights to a model; the weights are None unless `half_life` is given.
    window : int or None
        The newest periods to learn from (*sliding*); None for all of them (*expanding*).
    half_life : float, optional
        Rows lose half of their weight in so many periods (*decay*).
    update : callable, optional
        From the model so far and the rows that are new since its last update to a model (*incremental*). The first model
        is made by `fit`, for which `window` and `half_life` count; for the updates they do not.

    Raises
    ------
    DataError
        For a window below 1, or a half-life that is not above 0.
    """

    fit: Fit
    window: int | None = None
    half_life: float | None = None
    update: Callable[[Any, pd.DataFrame], Any] | None = None

    def __post_init__(self) -> None:
        if self.window is not None and self.window < 1:
            raise DataError(f"is {self.window}, and must be at least 1", where="`window`")
        if self.half_life is not None and not self.half_life > 0:
            raise DataError(f"is {self.half_life:g}, and must be above 0", where="`half_life`")


def decay_weights(ages: Any, *, half_life: float) -> np.ndarray[Any, Any]:
    """Weights that halve every `half_life`: ``0.5 ** (age / half_life)``.

    Parameters
    ----------
    ages : array-like of float
        0 for the newest rows.
    half_life : float
        In the unit of the ages, above 0.

    Returns
    -------
    array of float64, in (0, 1] for ages of 0 or more

    Raises
    ------
    DataError
        For a half-life that is not above 0, or a negative age: a row from the future.
    """
    import numpy as np

    if not half_life > 0:
        raise DataError(f"is {half_life:g}, and must be above 0", where="`half_life`")
    values = np.asarray(ages, dtype="float64")
    if values.size and not values.min() >= 0:
        raise DataError("an age is negative or no number: a row from the future", where="`ages`")
    weights: np.ndarray[Any, Any] = 0.5 ** (values / half_life)
    return weights


def effective_rows(weights: Any) -> float:
    """How many equally weighted rows these weights are worth: ``sum(w)**2 / sum(w**2)`` (Kish 1965).

    Raises
    ------
    DataError
        When no weight is above 0, or one is negative.
    """
    import numpy as np

    values = np.asarray(weights, dtype="float64")
    if not values.size or not values.min() >= 0 or not values.max() > 0:
        raise DataError("weights are 0 or more, and at least one is above 0", where="`weights`")
    return float(values.sum() ** 2 / (values**2).sum())


def walk_forward(
    periods: Sequence[pd.DataFrame],
    strategies: Mapping[str, Strategy],
    *,
    judge: Callable[[Any, pd.DataFrame], float],
    start: int = 1,
    every: int = 1,
    delay: int = 0,
) -> pd.DataFrame:
    """Live through the periods: learn from what is known, answer the next one, be judged by what it turns out to be.

    Parameters
    ----------
    periods : sequence of DataFrame
        Rows by period, oldest first.
    strategies : mapping of name to Strategy
    judge : callable
        From a model and the rows of a period, which it has not seen, to a measure.
    start : int
        The first period that is answered, counted from 0; all strategies are judged on the same periods.
    every : int
        A retraining every so many periods; in between the model stays.
    delay : int
        Labels of a period are known so many periods after it has ended.

    Returns
    -------
    DataFrame
        A row a period and strategy: ``period``, ``strategy``, ``value``, ``rows`` (learnt from, at the last fit), ``fits``
        (so far).

    Raises
    ------
    DataError
        When nothing would be known at `start`, nothing is left to answer, or `every` is below 1.
    """
    import pandas as pd

    if every < 1 or delay < 0:
        raise DataError(f"`every` must be at least 1 and `delay` 0 or more, not {every} and {delay}", where="walk_forward")
    if not 1 + delay <= start < len(periods):
        raise DataError(f"cannot start at period {start} of {len(periods)} with labels {delay} late", where="`start`",
                        remedy="start when labels are known, and leave periods to answer")  # fmt: skip
    past, table = _Past(periods), list[dict[str, Any]]()
    for name, strategy in strategies.items():
        model, taught, used, fits = None, 0, 0, 0
        for now in range(start, len(periods)):
            if (now - start) % every == 0:
                model, used = _successor(strategy, model, past, taught=taught, known=now - delay)
                taught, fits = now - delay, fits + 1
            value = float(judge(model, periods[now]))
            table.append({"period": now, "strategy": name, "value": value, "rows": used, "fits": fits})
    return pd.DataFrame(table)


def compare_windows(
    periods: Sequence[pd.DataFrame],
    windows: Sequence[int],
    *,
    fit: Fit,
    judge: Callable[[Any, pd.DataFrame], float],
    delay: int = 0,
) -> pd.DataFrame:
    """Mean measure of sliding windows, all judged on the same periods: those that the longest can answer.

    Returns
    -------
    DataFrame
        ``window``, ``value`` (mean), ``worst``, ``near_best``; in the order of `windows`. ``near_best`` says whether these
        periods do not tell the window from the best one: its mean difference to it, period by period, is less than twice the
        standard error of that mean. (The winner was chosen on the same periods, and neighbours in time are alike, so the
        true group is, if anything, larger.)
    """
    import pandas as pd

    if not windows:
        raise DataError("there are none", where="`windows`")
    strategies = {str(window): Strategy(fit, window) for window in windows}
    table = walk_forward(periods, strategies, judge=judge, start=max(windows) + delay, delay=delay)
    by = table.pivot(index="period", columns="strategy", values="value")[[str(window) for window in windows]]
    behind = by.sub(by[by.mean().idxmax()], axis=0)
    near = behind.mean().abs() <= 2 * behind.std(ddof=1).fillna(0) / len(by) ** 0.5
    return pd.DataFrame({
        "window": list(windows), "value": by.mean().to_numpy(), "worst": by.min().to_numpy(), "near_best": near.to_numpy(),
    })  # fmt: skip


class _Past:
    """All rows once, and where each period ends: a slice of it is cheaper than putting periods together each time."""

    def __init__(self, periods: Sequence[pd.DataFrame]) -> None:
        import numpy as np
        import pandas as pd

        self.rows = pd.concat(list(periods), ignore_index=True)
        self.sizes = np.array([len(each) for each in periods])
        self.starts = np.append(0, np.cumsum(self.sizes))

    def between(self, first: int, last: int) -> pd.DataFrame:
        """The rows of the periods from `first` up to and without `last`."""
        return self.rows.iloc[self.starts[first] : self.starts[last]]

    def ages(self, first: int, last: int) -> np.ndarray[Any, Any]:
        """Age of each of these rows in periods, 0 for the newest."""
        import numpy as np

        ages: np.ndarray[Any, Any] = np.repeat(np.arange(last - first)[::-1], self.sizes[first:last])
        return ages


def _successor(strategy: Strategy, model: Any, past: _Past, *, taught: int, known: int) -> tuple[Any, int]:
    """The model after what is known now, and on how many rows it was fitted or brought up to date."""
    if strategy.update is not None and model is not None:
        new = past.between(taught, known)
        return (strategy.update(model, new), len(new)) if len(new) else (model, 0)
    first = 0 if strategy.window is None else max(0, known - strategy.window)
    rows = past.between(first, known)
    weights = None if strategy.half_life is None else decay_weights(past.ages(first, known), half_life=strategy.half_life)
    return strategy.fit(rows, weights), len(rows)
