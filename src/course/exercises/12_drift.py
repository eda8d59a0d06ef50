# %% [markdown]
# # Exercise 12 · Drift
#
# Six questions on [lesson 12](../notebooks/12_drift.ipynb), about 45 minutes. Each starts from inputs that are supplied,
# so you can skip one and come back. Run the `check` cell under a question as often as you like;
# `check.hint("drift.age")` gives a hint, and another one if you ask again.

# %% tags=["parameters"]
seed: int = 12  # random seed of the supplied samples

# %%
import numpy as np
import pandas as pd

from workbench import check

# %% [markdown]
# ## Question 1 · The customers grew older (3 points)
#
# In training, age was normal with mean 35 and standard deviation 10; in production it is normal with mean 42 and standard
# deviation 12. There are no samples in this question, only the two curves. Write
#
# - `largest_gap(mean, sd, new_mean, new_sd)`: the largest distance between the two cumulative curves (what
#   Kolmogorov-Smirnov measures), correct to three decimals;
# - `stability(mean, sd, new_mean, new_sd)`: the population stability index, with ten bins cut at the deciles of the *first*
#   curve, open at both ends: the sum of `(now - then) * ln(now / then)`.
#
# Put the two numbers for age into `gap` and `index`.

# %%
from scipy.stats import norm


# %% tags=["question:drift.age"]
### BEGIN SOLUTION
def largest_gap(mean, sd, new_mean, new_sd):
    reach = 8 * max(sd, new_sd)
    x = np.linspace(min(mean, new_mean) - reach, max(mean, new_mean) + reach, 40_001)
    return float(np.abs(norm.cdf(x, mean, sd) - norm.cdf(x, new_mean, new_sd)).max())


def stability(mean, sd, new_mean, new_sd):
    edges = norm.ppf(np.linspace(0, 1, 11), mean, sd)
    now = np.diff(norm.cdf(edges, new_mean, new_sd))
    then = np.full(10, 0.1)
    return float(((now - then) * np.log(now / then)).sum())


gap = largest_gap(35, 10, 42, 12)
index = stability(35, 10, 42, 12)
### END SOLUTION

# %%
check("drift.age")

# %% [markdown]
# ## Question 2 · Who cries wolf? (4 points)
#
# - `least_n(gap, level)`: the least number of rows *a side* from which on a gap of this size between two samples is
#   significant at `level`. Take the law for many rows: the p-value is about `2 * exp(-n * gap**2)` with n rows a side.
# - `family(tests, level)`: the chance that at least one of so many independent tests gives an alarm, when nothing has
#   changed at all.
# - `holm(p_values)`: the p-values adjusted by Holm's rule, in the order in which they came. The smallest of k is
#   multiplied by k, the next by k - 1, and so on; none may be below the one before it, and none above 1.
#
# `p_values` are those of twelve columns. Put into `rows` the least number for a gap of 0.08 at 1 %, into `wolf` the chance
# for thirty tests at 1 %, and into `alarms` the names of the columns that are still below 0.01 after Holm's rule, in
# alphabetical order.

# %%
from math import ceil

rng = np.random.default_rng(seed)
names = ["age", "tenure", "charges", "services", "income", "region", "channel", "calls", "visits", "returns", "plan", "tax"]
p_values = dict(zip(names, rng.uniform(0.05, 1, 12).round(4).tolist(), strict=True))
for name, p in zip(rng.permutation(names)[:4].tolist(), (0.0000004, 0.00061, 0.0021, 0.0064), strict=True):
    p_values[name] = p


# %% tags=["question:drift.wolf"]
### BEGIN SOLUTION
def least_n(gap, level):
    return ceil(np.log(2 / level) / gap**2)


def family(tests, level):
    return 1 - (1 - level) ** tests


def holm(p_values):
    order = np.argsort(p_values, kind="stable")
    stepped = np.array(p_values)[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    return adjusted.tolist()


rows = least_n(0.08, 0.01)
wolf = family(30, 0.01)
alarms = sorted(name for name, p in zip(p_values, holm(list(p_values.values())), strict=True) if p < 0.01)
### END SOLUTION

# %%
check("drift.wolf")

# %% [markdown]
# ## Question 3 · More customers are flagged (3 points)
#
# A model catches 90 % of those who leave (its true-positive rate, TPR) and flags 10 % of those who stay (its
# false-positive rate, FPR). The model and its threshold stay as they are.
#
# - `flagged(prevalence, tpr, fpr)`: the share of customers that it flags. Put that for a churn of 30 % into `before` and
#   for 45 % into `after`.
# - `prevalence_behind(flag_rate, tpr, fpr)`: the way back. Which churn is behind a share of flagged customers? Never below 0
#   or above 1.
# - `psi_of(then, now)`: the stability index of *any* two lists of shares. Every share below 0.0001 counts as 0.0001. The
#   dashboard says that 30 % were predicted to leave and now 45 %: put the index of that into `predicted`.


# %% tags=["question:drift.flags"]
### BEGIN SOLUTION
def flagged(prevalence, tpr, fpr):
    return prevalence * tpr + (1 - prevalence) * fpr


def prevalence_behind(flag_rate, tpr, fpr):
    return min(max((flag_rate - fpr) / (tpr - fpr), 0.0), 1.0)


def psi_of(then, now):
    then, now = np.maximum(then, 1e-4), np.maximum(now, 1e-4)
    return float(((now - then) * np.log(now / then)).sum())


before, after = flagged(0.30, 0.9, 0.1), flagged(0.45, 0.9, 0.1)
predicted = psi_of([0.30, 0.70], [0.45, 0.55])
### END SOLUTION

# %%
check("drift.flags")

# %% [markdown]
# ## Question 4 · Six sets, five kinds (5 points)
#
# `sets` holds six pairs of tables, `before` and `now`. Each table has the columns `band` (of age, 0 to 3) and `y` (left: 1,
# stayed: 0). Write `kind_of(before, now)`, which returns one of these:
#
# | returns | when |
# |---|---|
# | `"none"` | neither P(X) nor P(y given X) changed |
# | `"covariate"` | P(X) changed, P(y given X) did not |
# | `"prior"` | P(y given X) changed, P(X given y) did not |
# | `"concept"` | P(y given X) and P(X given y) changed, P(X) did not |
# | `"both"` | all three changed |
#
# X is the band. Something *changed* if any share or chance in it moved by more than 0.05: the share of a band, the chance
# of y = 1 within a band, the share of a band within a class. A band that one table lacks has the share 0 there, and its
# chance cannot be compared. Put the six answers into the dictionary `kinds`, by the names of the sets.

# %%
rng = np.random.default_rng(seed + 4)
MIX, CHANCE = np.array([0.2, 0.3, 0.3, 0.2]), np.array([0.5, 0.3, 0.2, 0.1])
TURNED, WORSE = np.array([0.20, 0.24, 0.30, 0.34]), np.array([0.8, 0.6, 0.2, 0.1])


def drawn(mix, chance, n=20_000):
    band = rng.choice(4, size=n, p=mix)
    return pd.DataFrame({"band": band, "y": (rng.random(n) < chance[band]).astype(int)})


def with_prior(share):
    """The same inputs in each class, and another share of y = 1."""
    stay, leave = MIX * (1 - CHANCE) / (MIX @ (1 - CHANCE)), MIX * CHANCE / (MIX @ CHANCE)
    mix = (1 - share) * stay + share * leave
    return mix, share * leave / mix


younger = np.array([0.35, 0.35, 0.2, 0.1])
worlds = [(MIX, CHANCE), (younger, CHANCE), with_prior(0.6), (MIX, TURNED), (MIX, WORSE), (younger, TURNED)]
worlds = [worlds[place] for place in rng.permutation(6)]
sets = {name: (drawn(MIX, CHANCE), drawn(*world)) for name, world in zip("ABCDEF", worlds, strict=True)}


# %% tags=["question:drift.kind"]
### BEGIN SOLUTION
def moved(then, now):
    return bool((then - now).abs().max() > 0.05)


def shares(table):
    return table["band"].value_counts(normalize=True).reindex(range(4), fill_value=0.0)


def kind_of(before, now):
    x = moved(shares(before), shares(now))
    meaning = moved(before.groupby("band")["y"].mean(), now.groupby("band")["y"].mean())
    within = any(moved(shares(before[before["y"] == y]), shares(now[now["y"] == y])) for y in (0, 1))
    if not meaning:
        return "covariate" if x else "none"
    if not within:
        return "prior"
    return "both" if x else "concept"


kinds = {name: kind_of(*pair) for name, pair in sets.items()}
### END SOLUTION

# %%
check("drift.kind")

# %% [markdown]
# ## Question 5 · Before the labels arrive (4 points)
#
# `chances` holds twelve weeks of calibrated chances, 500 a week; `labels` what became of them, which is known months later.
# A row is flagged from a chance of `THRESHOLD` on. In some week other customers began to come, and in some later week the
# same customers began to behave otherwise.
#
# - `expected_accuracy(chances, threshold)`: the share of right decisions to be expected if the chances are right.
# - `surprising(chances, labels, threshold)`: whether the accuracy that was measured lies more than three standard errors
#   from the expected one. A decision on a row of chance p is right with p or with 1 - p, so the standard error of the
#   accuracy of n rows is `sqrt(sum(p * (1 - p))) / n`.
# - `estimated` and `measured`: lists with the expected and the measured accuracy of each week.
# - `blind_from`: the number (from 0) of the first week that is surprising.

# %%
THRESHOLD = 0.3
rng = np.random.default_rng(seed + 5)
starts, turns = 3 + int(rng.integers(0, 2)), 7 + int(rng.integers(0, 3))
chances = [rng.beta(1.2 if week < starts else 2.5, 4, 500).round(4) for week in range(12)]
really = [p if week < turns else np.where(p < 0.5, 0.75 - p, p / 4) for week, p in enumerate(chances)]


def drawn_labels(p):
    """Labels that come true with these chances. A week that is odd by chance alone is drawn again."""
    while True:
        label = (rng.random(500) < p).astype(int)
        sides = (p >= THRESHOLD, p < THRESHOLD)
        if all(abs((label - p)[side].sum()) < 2 * np.sqrt((p * (1 - p))[side].sum()) for side in sides):
            return label


labels = [drawn_labels(p) for p in really]


# %% tags=["question:drift.before_labels"]
### BEGIN SOLUTION
def expected_accuracy(chances, threshold):
    return float(np.where(chances >= threshold, chances, 1 - chances).mean())


def measured_accuracy(chances, labels, threshold):
    return float(((chances >= threshold) == labels).mean())


def surprising(chances, labels, threshold):
    error = np.sqrt((chances * (1 - chances)).sum()) / len(chances)
    distance = measured_accuracy(chances, labels, threshold) - expected_accuracy(chances, threshold)
    return bool(abs(distance) > 3 * error)


estimated = [expected_accuracy(p, THRESHOLD) for p in chances]
measured = [measured_accuracy(p, y, THRESHOLD) for p, y in zip(chances, labels, strict=True)]
blind_from = next((week for week in range(12) if surprising(chances[week], labels[week], THRESHOLD)), 12)
### END SOLUTION

# %%
check("drift.before_labels")

# %% [markdown]
# ## Question 6 · What do we do now? (3 points)
#
# `reports` holds what is known of seven alarms. Each is a dictionary:
#
# | key | holds |
# |---|---|
# | `missing` | share of missing values, then and now |
# | `median` | median of the column, then and now, both above 0 |
# | `ks` | largest gap between the two cumulative curves |
# | `drop` | accuracy lost, in percentage points; `None` where no labels have come yet |
#
# Write `respond(report)`. The first of these rules that fits decides:
#
# 1. `"repair"`: the missing share rose by more than 0.05, or the median is at least ten times what it was, or at most a
#    tenth of it;
# 2. `"retrain"`: accuracy fell by 2 points or more;
# 3. `"collect labels"`: nothing is known of the accuracy, and the gap is above 0.2;
# 4. `"watch"`: everything else.
#
# Put the answers to the seven reports into the list `responses`, in their order.

# %%
rng = np.random.default_rng(seed + 6)
reports = [
    {"missing": (0.01, 0.01), "median": (40.0, 40_000.0), "ks": 1.0, "drop": 9.5},
    {"missing": (0.02, 0.02), "median": (35.0, 42.0), "ks": 0.26, "drop": 0.3},
    {"missing": (0.0, 0.0), "median": (35.0, 35.2), "ks": 0.02, "drop": 7.0},
    {"missing": (0.0, 0.31), "median": (12.0, 12.4), "ks": 0.05, "drop": None},
    {"missing": (0.0, 0.0), "median": (88.0, 70.0), "ks": 0.28, "drop": None},
    {"missing": (0.03, 0.05), "median": (5.0, 5.0), "ks": 0.08, "drop": None},
    {"missing": (0.0, 0.0), "median": (60.0, 75.0), "ks": 0.31, "drop": 4.1},
]
reports = [reports[place] for place in rng.permutation(7)]


# %% tags=["question:drift.response"]
### BEGIN SOLUTION
def respond(report):
    missing, median = report["missing"], report["median"]
    factor = median[1] / median[0]
    if missing[1] - missing[0] > 0.05 or factor >= 10 or factor <= 0.1:
        return "repair"
    if report["drop"] is None:
        return "collect labels" if report["ks"] > 0.2 else "watch"
    return "retrain" if report["drop"] >= 2 else "watch"


responses = [respond(report) for report in reports]
### END SOLUTION

# %%
check("drift.response")

# %%
check.progress()
