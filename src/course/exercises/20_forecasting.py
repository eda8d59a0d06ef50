# %% [markdown]
# # Exercise 20 · Forecasting
#
# Six questions on [lesson 20](../notebooks/20_forecasting.ipynb), about 45 minutes. Each starts from inputs that are
# supplied, so you can skip one and come back. Run the `check` cell under a question as often as you like;
# `check.hint("forecasting.folds")` gives a hint, and another one if you ask again.

# %% tags=["parameters"]
seed: int = 20  # random seed of the supplied series

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · The shop's year (4 points)
#
# `sales` has the trend, the season and the noise of a shop's twelve months, in $1,000; sales are the sum of the three.
#
# - Write `swing(parts, first, last)`: a dictionary with `trend`, `season` and `noise`, what each contributed to the change
#   of sales from row `first` to row `last`. Put February to December (`"F"` to `"D"`) into `told`.
# - Put into `share` the season's share of that change, as a fraction.
# - Write `forecast(trend, season, steps)` for any whole number of `steps` after the last row: the trend goes on by its last
#   step, and the season repeats. Put next January into `january`.
# - Put into `points` the least number of months from which a decomposition can tell this season from a trend.

# %%
import pandas as pd

sales = pd.DataFrame(
    {
        "trend": range(50, 62),
        "season": [-5, -8, -3, 0, 2, 3, 2, 1, -1, 0, 5, 10],
        "noise": [1, 0, 1, 3, 0, -1, 3, 2, -1, 1, -1, -1],
    },
    index=["J", "F", "M", "A", "My", "Jn", "Jl", "Au", "S", "O", "N", "D"],
)


# %% tags=["question:forecasting.shop"]
### BEGIN SOLUTION
def swing(parts, first, last):
    change = parts.loc[last] - parts.loc[first]
    return {name: float(change[name]) for name in ("trend", "season", "noise")}


def forecast(trend, season, steps):
    return trend[-1] + steps * (trend[-1] - trend[-2]) + season[(steps - 1) % len(season)]


told = swing(sales, "F", "D")
share = told["season"] / sum(told.values())
january = forecast(sales["trend"].tolist(), sales["season"].tolist(), 1)
points = 2 * 12
### END SOLUTION

# %%
check("forecasting.shop")

# %% [markdown]
# ## Question 2 · What lingers (4 points)
#
# An AR(1) without a constant: `y[t] = phi * y[t-1] + shock[t]`, and the first value is the first shock. Write
#
# - `ar1(phi, shocks)`, the series as a list or an array;
# - `settles(phi)`, the variance that it settles at in the long run, with shocks of variance 1: infinite
#   (`float("inf")`) where it never settles;
# - `half_life(phi)`, after how many steps (not rounded) half of a shock is left, for `phi` above 0 and below 1.
#
# Put into `variances` the variances of the series (divided by the number of values, not rounded) that the supplied shocks
# make with phi 0, .5, .9 and .99, in this order. Put into `long_run` what the last one settles at, and into `half` the
# half-life at phi .9.

# %%
import numpy as np

shocks = np.random.RandomState(42).standard_normal(50)  # the generator of old: its numbers never change

# %% tags=["question:forecasting.memory"]
### BEGIN SOLUTION
from math import inf, log


def ar1(phi, shocks):
    series = [float(shocks[0])]
    for shock in shocks[1:]:
        series.append(phi * series[-1] + float(shock))
    return series


def settles(phi):
    return 1 / (1 - phi**2) if abs(phi) < 1 else inf


def half_life(phi):
    return log(0.5) / log(phi)


variances = [float(np.var(ar1(phi, shocks))) for phi in (0, 0.5, 0.9, 0.99)]
long_run = settles(0.99)
half = half_life(0.9)
### END SOLUTION

# %%
check("forecasting.memory")

# %% [markdown]
# ## Question 3 · Never tomorrow's paper (4 points)
#
# Write `walk_forward(n, folds, horizon, gap)` for a series of `n` values at the positions 0 to `n - 1`. It returns a list
# of pairs `(train, test)`, two lists of positions each:
#
# - there are `folds` of them, in the order of time; tests have `horizon` positions, touch each other, and the last one ends
#   with the series;
# - the training part begins at 0 and ends `gap` positions before its test (a gap of 0: right before it);
# - where any training part would be empty, the whole function returns `None`, and no list of pairs.
#
# Write `in_order(pairs)`, which says (`True` or `False`) whether no pair trains on anything at or after the beginning of
# its test. Positions need not be sorted. Put into `sound` the list of the names of those `supplied` splits that are in
# order.

# %%
mixed = np.random.default_rng(seed).permutation(60).tolist()
supplied = {
    "expanding": [(list(range(30)), list(range(30, 45))), (list(range(45)), list(range(45, 60)))],
    "shuffled": [(mixed[:30], mixed[30:])],
    "sliding": [(list(range(10, 40)), list(range(40, 50))), (list(range(20, 50)), list(range(50, 60)))],
    "blocks": [(list(range(30, 60)), list(range(30))), (list(range(30)), list(range(30, 60)))],
    "turned": [(list(range(29, -1, -1)), list(range(44, 29, -1)))],
}


# %% tags=["question:forecasting.folds"]
### BEGIN SOLUTION
def walk_forward(n, folds, horizon, gap):
    pairs = []
    for fold in range(folds):
        start = n - (folds - fold) * horizon
        if start - gap < 1:
            return None
        pairs.append((list(range(start - gap)), list(range(start, start + horizon))))
    return pairs


def in_order(pairs):
    return all(max(train) < min(test) for train, test in pairs)


sound = [name for name, pairs in supplied.items() if in_order(pairs)]
### END SOLUTION

# %%
check("forecasting.folds")

# %% [markdown]
# ## Question 4 · Better than last week? (4 points)
#
# `days` is a series of daily counts with a week in it, as a list, oldest first. Write
#
# - `seasonal_naive(past, season, horizon)`, a list: each step as it was a season ago, repeated as long as needed;
# - `mase(actual, forecast, past, season)`: the mean absolute error, divided by the mean absolute difference between values
#   of `past` that lie a season apart;
# - `reach(past, season, share)`, the half width of an interval that is learned from the past: the smallest of the absolute
#   differences a season apart that at least `share` of these differences do not exceed.
#
# Keep the last 28 days away and forecast them from the rest, with a season of 7. Put the MASE into `score`, and into
# `covered` the share of the 28 truths that lie within `reach(..., 0.9)` of the forecast (ends included).

# %%
rng = np.random.default_rng(seed + 1)
week = np.array([20, 21, 21, 20, 19, 8, 6])
days = (np.tile(week, 30) + rng.normal(0, 1.5, 210) + 0.5 * np.sin(np.arange(210) / 20)).round(2).tolist()

# %% tags=["question:forecasting.score"]
### BEGIN SOLUTION
from math import ceil


def seasonal_naive(past, season, horizon):
    last = past[-season:]
    return [last[step % season] for step in range(horizon)]


def steps_apart(past, season):
    return [abs(now - then) for then, now in zip(past[:-season], past[season:], strict=True)]


def mase(actual, forecast, past, season):
    apart = steps_apart(past, season)
    error = sum(abs(one - other) for one, other in zip(actual, forecast, strict=True)) / len(actual)
    return error / (sum(apart) / len(apart))


def reach(past, season, share):
    apart = sorted(steps_apart(past, season))
    return apart[max(ceil(share * len(apart)), 1) - 1]


past, actual = days[:-28], days[-28:]
said = seasonal_naive(past, 7, 28)
score = mase(actual, said, past, 7)
covered = sum(abs(one - other) <= reach(past, 7, 0.9) for one, other in zip(actual, said, strict=True)) / 28
### END SOLUTION

# %%
check("forecasting.score")

# %% [markdown]
# ## Question 5 · When was this known? (4 points)
#
# A forecast is made for day `t` from columns of a table. A column is described by what it is computed from: the list of
# its *offsets*, in days from `t`. The value of the same day a week ago is `[-7]`; the mean of the seven days around `t`
# is `[-3, -2, -1, 0, 1, 2, 3]`. The calendar (weekday, holiday) is known for ever: its list is empty.
#
# A forecast `ahead` days ahead is made on day `t - ahead`, when everything up to and including that day is known. Write
#
# - `leaks(columns, ahead)`: of a dictionary of such columns, the sorted names of those that use anything that is not known
#   then;
# - `shifted(offsets, ahead)`: the same column, moved into the past *by as few days as it takes* until it is known (0, if it
#   is known already).
#
# Put into `guilty` the leaking ones of the supplied columns for a forecast 7 days ahead, and into `ready` a dictionary of
# all columns, shifted where they have to be.

# %%
columns = {
    "a week ago": [-7],
    "yesterday": [-1],
    "weekday": [],
    "mean of the last 7 days": [-7, -6, -5, -4, -3, -2, -1],
    "mean of a month, ended a week ago": list(range(-36, -6)),
    "three of this weekday": [-7, 0, 7],
    "weather of the day": [0],
}


# %% tags=["question:forecasting.known"]
### BEGIN SOLUTION
def late(offsets, ahead):
    return max(max(offsets, default=-ahead) + ahead, 0)


def leaks(columns, ahead):
    return sorted(name for name, offsets in columns.items() if late(offsets, ahead) > 0)


def shifted(offsets, ahead):
    return [offset - late(offsets, ahead) for offset in offsets]


guilty = leaks(columns, 7)
ready = {name: shifted(offsets, 7) for name, offsets in columns.items()}
### END SOLUTION

# %%
check("forecasting.known")

# %% [markdown]
# ## Question 6 · Before it goes to the board (4 points)
#
# A colleague has forecast the daily calls of a service centre for the coming 60 days. From the slide: *"Three years of
# data with weeks, a year, public holidays and a gap of ten days. ARIMA(2, 1, 2), chosen as the best of 36 by AIC over d =
# 0, 1 and 2. Validated by ten-fold cross-validation on shuffled days: error 4 %, one third below the old forecast. 95 %
# intervals."*
#
# Write six to ten sentences to your colleague: what about the validation has to be done again and why (and in which case
# it would have done no harm), what is wrong with the choice of the model, which other model you would set beside it for
# these data and what both have to beat, and what you want to see about the intervals.
#
# A person reads this one. Write your answer into the text cell below.

# %% [markdown] tags=["question:forecasting.board"]
# ### BEGIN SOLUTION
# Shuffled days put tomorrow into the training of today: each test day has its neighbours in the training part, and there
# will be no such neighbours in sixty days. Please do it again by walk-forward, with an expanding past, tests of 60 days
# and every column computed within the training part, because that is how it will be used. (For a pure AR with independent
# errors k-fold would have been fine; yours has seasons and holidays.)
#
# AIC compares models of the same data, and each difference makes other data of them: settle d first, by tests, and
# compare within it. Then look at the residuals: with a week that the model was not told of, Ljung-Box will reject.
#
# You have two seasons, holidays and a gap, which is where Prophet is at home, and its parts can be shown to the board.
# Set both beside seasonal-naive, with MASE; "one third below the old forecast" says nothing about that one.
#
# Of the 95 % intervals I want to see how many truths of the walk-forward tests lay inside, by how many days ahead, and
# how wide they are; holidays on their own.
# ### END SOLUTION

# %%
check("forecasting.board")

# %%
check.progress()
