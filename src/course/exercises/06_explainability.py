# %% [markdown]
# # Exercise 06 · Explainability
#
# Seven questions on [lesson 06](../notebooks/06_explainability.ipynb), about 45 minutes, from a warm-up to some that need
# thought. Each starts from inputs that are supplied, so you can skip one and come back. Run the `check` cell under a
# question as often as you like; `check.hint("explainability.baseline")` gives a hint, and another one if you ask again.
#
# Write every chance as a fraction between 0 and 1.

# %% tags=["parameters"]
seed: int = 6  # random seed of the supplied models, games and rows

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · What the letter leaves out (2 points)
#
# A loan was refused with a score of .23. The letter lists what each factor did to the score, below. Compute `baseline`,
# the score from which these effects were counted, and `ranked`, the list of the factors from the largest effect to the
# smallest, whatever its sign.

# %%
score = 0.23
effects = {"employment": -0.04, "credit score": -0.15, "age": 0.01, "debt-to-income": -0.06, "income": -0.08}

# %% tags=["question:explainability.baseline"]
### BEGIN SOLUTION
baseline = score - sum(effects.values())
ranked = sorted(effects, key=lambda name: abs(effects[name]), reverse=True)
### END SOLUTION

# %%
check("explainability.baseline")

# %% [markdown]
# ## Question 2 · Fair shares (4 points)
#
# A game says what each group of players is worth. It is a dictionary: the key is the names of the group in alphabetical
# order, joined without a space (`""` is nobody, `"ac"` are a and c), the value is the worth. Write `shapley(game)`, which
# returns a dictionary with the Shapley value of each player, for two players or more. A player's name is one letter.
#
# Nobody may be worth something, too: the values add up to the worth of all *less that of nobody*. Store the values of the
# two supplied games in `pair` and `trio`.

# %%
import numpy as np

rng = np.random.default_rng(seed)
two = {"": 0, "a": 10, "b": 20, "ab": 50}
drawn = rng.integers(5, 60, size=8).tolist()
three = dict(zip(["", "a", "b", "c", "ab", "ac", "bc", "abc"], drawn, strict=True))

# %% tags=["question:explainability.shapley"]
### BEGIN SOLUTION
from itertools import permutations


def shapley(game):
    players = sorted(max(game, key=len))
    orders = list(permutations(players))
    values = dict.fromkeys(players, 0.0)
    for order in orders:
        for place, player in enumerate(order):
            before, after = "".join(sorted(order[:place])), "".join(sorted(order[: place + 1]))
            values[player] += (game[after] - game[before]) / len(orders)
    return values


pair = shapley(two)
trio = shapley(three)
### END SOLUTION

# %%
check("explainability.shapley")

# %% [markdown]
# ## Question 3 · Whose explanation is this? (3 points)
#
# Three versions of a model gave `scores_1`, `scores_2` and `scores_3` to the same 200 rows, and a file holds
# `contributions` (one row a row, one column a feature) and a `base`. Nobody wrote down of which version.
#
# Write `residual(base, contributions, scores)`, the largest absolute difference between a score and what its account adds
# up to. Store in `belongs` the number of the version (1, 2 or 3) that the file belongs to, and in `left_over` its
# residual. A right account in float64 stays below 1e-9.

# %%
import numpy as np

rng = np.random.default_rng(seed)
base = float(rng.normal())
contributions = rng.normal(0, 1, size=(200, 5)).round(3)
sums = base + contributions.sum(axis=1)
nearly = [sums + rng.normal(0, 1e-3, 200), sums - 1e-4 * contributions[:, 0], sums]
turn = seed % 3
scores_1, scores_2, scores_3 = nearly[turn:] + nearly[:turn]

# %% tags=["question:explainability.additivity"]
### BEGIN SOLUTION
import numpy as np


def residual(base, contributions, scores):
    added = base + np.asarray(contributions, dtype=float).sum(axis=1)
    return float(np.abs(np.asarray(scores, dtype=float) - added).max())


gaps = [residual(base, contributions, each) for each in (scores_1, scores_2, scores_3)]
belongs = 1 + gaps.index(min(gaps))
left_over = min(gaps)
### END SOLUTION

# %%
check("explainability.additivity")

# %% [markdown]
# ## Question 4 · The principal reasons (3 points)
#
# Write `principal_reasons(effects, protected, most=4)` for a score where *low is bad* (a chance of approval). `effects`
# is a dictionary of factor to effect. It should return a list of the factors that counted against the applicant, the
# worst first, at most `most` of them, and only those: what helped is no reason.
#
# A protected attribute in `protected` that counted against the applicant must be neither listed nor passed over in
# silence: no letter may be sent at all. In that case return `None`, also where it would not have made the list. A
# protected attribute that helped changes nothing.
#
# Store the reasons for the supplied effects in `reasons`, with `"age"` as the only protected attribute.

# %%
import numpy as np

rng = np.random.default_rng(seed)
factors = ["credit score", "income", "debt-to-income", "employment", "open loans", "months at address"]
drawn = -rng.choice(np.arange(10, 200), size=6, replace=False) / 1000
drawn[rng.integers(0, 6)] *= -1
drawn_effects = {"age": 0.012, **dict(zip(factors, drawn.tolist(), strict=True))}


# %% tags=["question:explainability.reasons"]
### BEGIN SOLUTION
def principal_reasons(effects, protected, most=4):
    against = [name for name, effect in effects.items() if effect < 0]
    if any(name in protected for name in against):
        return None
    return sorted(against, key=lambda name: effects[name])[:most]


reasons = principal_reasons(drawn_effects, ["age"])
### END SOLUTION

# %%
check("explainability.reasons")

# %% [markdown]
# ## Question 5 · The smallest rise that changes the answer (3 points)
#
# The bank's model is supplied: `chance(applicant)` gives the chance of approval of a dictionary with the keys
# `"credit_score"`, `"income"`, `"debt"` and `"months"`. An application is approved from .5 on. Credit scores are whole
# numbers and end at 850.
#
# Write `smallest_rise(applicant)`: by how many points the credit score must rise, everything else unchanged, for the
# application to be approved. It is 0 for whoever is approved already, and `None` where no credit score is enough. The
# applicant that you are given must be unchanged afterwards. Store the answer for the supplied applicant in `rise`.
#
# Do not trust your eye: this model has a bend in it, and a rise can do nothing for a while.

# %%
import numpy as np

rng = np.random.default_rng(seed)
steepness = 0.006 + 0.004 * rng.random()
wall = int(rng.integers(640, 680))


def chance(applicant):
    points = applicant["credit_score"]
    felt = points if points < wall else max(wall, points - 25)  # just above the wall a rise does nothing
    odds = -0.1 + steepness * (felt - 660) + 0.015 * (applicant["income"] - 50)
    odds += -0.02 * (applicant["debt"] - 35) + 0.01 * (min(applicant["months"], 36) - 24)
    return 1 / (1 + np.exp(-odds))


refused = {"credit_score": 600, "income": 41, "debt": 38, "months": 14}


# %% tags=["question:explainability.rise"]
### BEGIN SOLUTION
def smallest_rise(applicant):
    for points in range(applicant["credit_score"], 851):
        if chance({**applicant, "credit_score": points}) >= 0.5:
            return points - applicant["credit_score"]
    return None


rise = smallest_rise(refused)
### END SOLUTION

# %%
check("explainability.rise")

# %% [markdown]
# ## Question 6 · What is noise worth? (4 points)
#
# A model is supplied: `predict(rows)` takes an array with three columns and gives one label a row. It was fitted on the
# `past` rows, and column 2 is pure noise. Write `permutation_importance(rows, labels, column, repeats, seed)`: the
# model's accuracy on `rows` less its mean accuracy over `repeats` shuffles of the one `column`. Shuffle with
# `np.random.default_rng(seed)`, made once a call, and leave `rows` as they are.
#
# Compute the importances of all three columns, with 10 shuffles and the seed 0, on rows that the model has not seen: the
# list `on_unseen`. Do the same on the rows that it was fitted on: `on_past`. Store in `noise_is_harmless` whether the
# importance of column 2 on unseen rows lies within 0 ± .01. Then look at column 2 in `on_past`.

# %%
import numpy as np

rng = np.random.default_rng(seed)


def draw(n):
    table = rng.integers(0, 2, size=(n, 2))
    labels = (rng.random(n) < 0.1 + 0.5 * table[:, 0] + 0.3 * table[:, 1]).astype(int)
    return np.column_stack([table, rng.random(n)]), labels


past, past_labels = draw(400)
unseen, unseen_labels = draw(40_000)


def predict(rows):
    """What the past row with the same flags and the nearest value in column 2 had: fits the past rows perfectly."""
    said = np.empty(len(rows), dtype=int)
    for flags in ((0, 0), (0, 1), (1, 0), (1, 1)):
        alike = (past[:, :2] == flags).all(axis=1)
        these = (rows[:, :2] == flags).all(axis=1)
        known = np.sort(past[alike, 2])
        nearest = past_labels[alike][np.argsort(past[alike, 2])]
        said[these] = nearest[np.searchsorted((known[1:] + known[:-1]) / 2, rows[these, 2])]
    return said


# %% tags=["question:explainability.noise"]
### BEGIN SOLUTION
import numpy as np


def permutation_importance(rows, labels, column, repeats, seed):
    rng = np.random.default_rng(seed)
    whole = np.mean(predict(rows) == labels)
    shuffled = rows.copy()
    left = []
    for _ in range(repeats):
        shuffled[:, column] = rng.permutation(rows[:, column])
        left.append(np.mean(predict(shuffled) == labels))
    return float(whole - np.mean(left))


on_unseen = [permutation_importance(unseen, unseen_labels, column, 10, 0) for column in range(3)]
on_past = [permutation_importance(past, past_labels, column, 10, 0) for column in range(3)]
noise_is_harmless = abs(on_unseen[2]) <= 0.01
### END SOLUTION

# %%
check("explainability.noise")

# %% [markdown]
# ## Question 7 · Twins (3 points)
#
# For a linear model $b + \sum w_j x_j$ the Shapley value of feature $j$, against background rows with the mean $m_j$, is
# $w_j (x_j - m_j)$. Write `linear_account(weights, row, means)`, which returns a dictionary with the contribution of each
# feature, and `pooled(account, families)`, which adds up the contributions of each family. `families` is a dictionary of
# family name to list of features; a feature that is in no family keeps its own name and contribution.
#
# `by_dollars` and `by_euros` are the weights of two models that give the same score to everybody (1 dollar is .9 euros).
# Store their accounts of `client`, pooled with `{"income": ["dollars", "euros"]}`, in `one` and `other`. Then store in
# `disputed` the share of the income's credit, as a fraction, that moves from dollars to euros between the two models.

# %%
import numpy as np

rng = np.random.default_rng(seed)
weight = round(rng.uniform(1, 3), 2)
share = round(rng.uniform(0.2, 0.8), 2)
by_dollars = {"dollars": weight, "euros": 0.0, "debt": -1.5}
by_euros = {"dollars": weight * (1 - share), "euros": weight * share / 0.9, "debt": -1.5}
client = {"dollars": 48.0, "euros": 43.2, "debt": 41.0}
averages = {"dollars": 60.0, "euros": 54.0, "debt": 33.0}


# %% tags=["question:explainability.twins"]
### BEGIN SOLUTION
def linear_account(weights, row, means):
    return {name: weight * (row[name] - means[name]) for name, weight in weights.items()}


def pooled(account, families):
    sums = {family: sum(account[name] for name in members) for family, members in families.items()}
    taken = {name for members in families.values() for name in members}
    return sums | {name: value for name, value in account.items() if name not in taken}


accounts = [linear_account(weights, client, averages) for weights in (by_dollars, by_euros)]
one, other = (pooled(account, {"income": ["dollars", "euros"]}) for account in accounts)
disputed = accounts[1]["euros"] / other["income"]
### END SOLUTION

# %%
check("explainability.twins")

# %% [markdown]
# ## How far are you?

# %%
check.progress()
