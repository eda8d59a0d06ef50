# %% [markdown]
# # Exercise 07 · Packaging and portable formats
#
# Seven questions on [lesson 07](../notebooks/07_packaging.ipynb), about 45 minutes. Each starts from inputs that are
# supplied, so you can skip one and come back. Run the `check` cell under a question as often as you like;
# `check.hint("packaging.guard")` gives a hint, and another one if you ask again.

# %% tags=["parameters"]
seed: int = 7  # random seed of the supplied rows

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · Two stories in figures (2 points)
#
# A network takes 100 ms for a row under PyTorch and 15 ms under ONNX Runtime. Compute `speed_up`, how many times faster the
# second is.
#
# A model gives a row the chances `here` on one machine and `there` on another with older libraries. Compute `gap`, the
# absolute difference of the chance of the first class, as a fraction. Then write `decisions_differ(cut)`: True when the two
# machines decide differently if the row is accepted from a chance of `cut` on.

# %%
here, there = [0.87, 0.13], [0.82, 0.18]


# %% tags=["question:packaging.stories"]
### BEGIN SOLUTION
speed_up = 100 / 15
gap = abs(here[0] - there[0])


def decisions_differ(cut):
    return (here[0] >= cut) != (there[0] >= cut)


### END SOLUTION

# %%
check("packaging.stories")

# %% [markdown]
# ## Question 2 · What is missing? (2 points)
#
# `PARTS` says which files a package needs for each of its four parts. `files` maps the names of the files that arrived to
# their size in bytes. Write `missing(parts, files)`: a dictionary from part to the *sorted list* of its files that are
# not there or empty. A part that is complete does not appear.
#
# Put the answer for the supplied mail into `gaps`.

# %%
PARTS = {
    "code": ["features.py", "predict.py"],
    "data": ["weights.json", "encoder.json"],
    "configuration": ["config.json", "schema.json"],
    "dependencies": ["requirements.lock", "environment.json"],
}
mail = {"weights.json": 294_480, "predict.py": 1_911, "schema.json": 0, "environment.json": 301, "notes.txt": 12}


# %% tags=["question:packaging.missing"]
### BEGIN SOLUTION
def missing(parts, files):
    lacking = {part: sorted(name for name in names if not files.get(name)) for part, names in parts.items()}
    return {part: names for part, names in lacking.items() if names}


gaps = missing(PARTS, mail)
### END SOLUTION

# %%
check("packaging.missing")

# %% [markdown]
# ## Question 3 · A guard that refuses (3 points)
#
# Write `guard(frame, features)`. It returns the frame's values as a float32 array when its columns are exactly `features`,
# in that order. Otherwise it raises a `ValueError` whose text *starts with* one word:
#
# - `missing` when a feature is not among the columns,
# - else `unknown` when a column is no feature,
# - else `order` when the names are right and their order is not,
# - and `value` when the columns are right but a value is not a finite number.
#
# It must not sort, and it must not change the frame. The supplied `attempt` calls your guard and shows what came of it.

# %%
import numpy as np
import pandas as pd

rng = np.random.default_rng(seed)
features = ["limit", "months_late", "paid_share"]
clients = pd.DataFrame({"limit": rng.integers(1, 80, 6) * 10_000, "months_late": rng.integers(0, 6, 6)})
clients["paid_share"] = rng.random(6).round(3)


def attempt(frame, names):
    """What `guard` makes of a frame: an array, or the first word of its refusal."""
    try:
        return guard(frame, names)
    except ValueError as refusal:
        return str(refusal).split()[0].strip(":,.") if str(refusal).split() else "no text"


# %% tags=["question:packaging.guard"]
### BEGIN SOLUTION
def guard(frame, features):
    columns = list(frame.columns)
    for name in features:
        if name not in columns:
            raise ValueError(f"missing column {name}")
    for name in columns:
        if name not in features:
            raise ValueError(f"unknown column {name}")
    if columns != list(features):
        raise ValueError(f"order: {columns} where {list(features)} belongs")
    values = frame.to_numpy("float64")
    if not np.isfinite(values).all():
        raise ValueError("value that is no finite number")
    return values.astype("float32")


### END SOLUTION

# %%
check("packaging.guard")

# %% [markdown]
# ## Question 4 · The scaler disappears (3 points)
#
# A logistic regression was fitted behind a scaler: its log-odds are `intercept + sum(w * (x - mean) / scale)`. Write
# `folded(weights, intercept, mean, scale)`, which returns `(new_weights, new_intercept)` such that
# `new_intercept + sum(new_weights * x)` gives the same log-odds for the *raw* x; the new weights as a list.
#
# Then export it: `exported` are the chances of the supplied rows by your folded formula, an array of
# 1 / (1 + exp(-log-odds)). Put the largest absolute difference between `exported` and `original` into `largest`. It
# should be far below 1e-6.

# %%
x = np.column_stack([rng.integers(1, 80, 500) * 10_000, rng.integers(-2, 8, 500), rng.random(500)])
mean, scale = x.mean(axis=0), x.std(axis=0)
weights, intercept = np.array([-0.43, 0.61, -0.28]), -1.35
original = 1 / (1 + np.exp(-(intercept + ((x - mean) / scale) @ weights)))


# %% tags=["question:packaging.formula"]
### BEGIN SOLUTION
def folded(weights, intercept, mean, scale):
    new = np.asarray(weights, dtype=float) / np.asarray(scale, dtype=float)
    return new.tolist(), float(intercept - (new * np.asarray(mean, dtype=float)).sum())


new_weights, new_intercept = folded(weights, intercept, mean, scale)
exported = 1 / (1 + np.exp(-(new_intercept + x @ np.array(new_weights))))
largest = np.abs(exported - original).max()
### END SOLUTION

# %%
check("packaging.formula")

# %% [markdown]
# ## Question 5 · Is the copy the same model? (3 points)
#
# Write `compare(one, other, threshold)`: a dictionary with `largest` (the largest absolute difference of two scores),
# `beyond` (how many rows differ by more than 1e-4) and `flips` (how many rows are flagged by one and not by the other; a
# row is flagged when its score is at least the threshold).
#
# A NaN is no score: where one of the two gives one, `compare` raises a `ValueError`. (The supplied `outcome` shows it.) Put
# the answer for `model_scores` and `copy_scores` at 0.5 into `parity`, and whether the copy passes into `passes`: no flips
# and a largest difference of at most 1e-6.

# %%
model_scores = rng.random(2_000).round(4)
copy_scores = model_scores + rng.normal(0, 2e-8, 2_000)
copy_scores[[3, 700]] = model_scores[[3, 700]] + 0.0004
model_scores[[11, 40, 999]] = [0.5, 0.5, 0.49999999]
copy_scores[[11, 40, 999]] = [0.49999999, 0.50000001, 0.5]


def outcome(one, other, threshold):
    """What `compare` makes of two lists of scores."""
    try:
        return compare(np.array(one, dtype=float), np.array(other, dtype=float), threshold)
    except ValueError:
        return "refused"


# %% tags=["question:packaging.parity"]
### BEGIN SOLUTION
def compare(one, other, threshold):
    if np.isnan(one).any() or np.isnan(other).any():
        raise ValueError("a row has no score")
    gaps = np.abs(one - other)
    flips = (one >= threshold) != (other >= threshold)
    return {"largest": float(gaps.max()), "beyond": int((gaps > 1e-4).sum()), "flips": int(flips.sum())}


parity = compare(model_scores, copy_scores, 0.5)
passes = parity["flips"] == 0 and parity["largest"] <= 1e-6
### END SOLUTION

# %%
check("packaging.parity")

# %% [markdown]
# ## Question 6 · Off the edge (2 points)
#
# A threshold that was chosen among scores stands on a row. Write `cleared(scores, threshold)`: the middle between the
# lowest score that is flagged (at least the threshold) and the highest that is not. Where all rows are flagged, or
# none, it returns the threshold as it is.
#
# Put the cleared threshold for `chosen_on` and `chosen` into `clear`, and the number of rows of `chosen_on` whose decision
# the move changed into `changed`.

# %%
chosen_on = np.sort(rng.random(300).round(3))
chosen = float(chosen_on[180])


# %% tags=["question:packaging.threshold"]
### BEGIN SOLUTION
def cleared(scores, threshold):
    scores = np.asarray(scores, dtype=float)
    flagged, others = scores[scores >= threshold], scores[scores < threshold]
    if len(flagged) == 0 or len(others) == 0:
        return float(threshold)
    return float((flagged.min() + others.max()) / 2)


clear = cleared(chosen_on, chosen)
changed = int(((chosen_on >= clear) != (chosen_on >= chosen)).sum())
### END SOLUTION

# %%
check("packaging.threshold")

# %% [markdown]
# ## Question 7 · Over the edge in float32 (3 points)
#
# A tree behind a scaler splits at `split`: a row goes left when its scaled value is *less than* the split. Python scales in
# float64 and rounds the result to float32. The exported graph rounds x, mean and scale to float32 first, and computes
# `(x - mean) / scale` in float32. `split` is a float32 number.
#
# Write `crossed(x, mean, scale, split)`: how many rows go left one way and right the other. Then put the number of crossed
# rows for `limits` into `rows_crossed`, and the number of *different* values among the crossed rows into `values_crossed`.

# %%
limits = (rng.integers(1, 60, 5_000) * 10_000).astype("float64")
limit_mean, limit_scale = 167_484.3227, 129_747.6616
scaled = ((np.unique(limits) - limit_mean) / limit_scale).astype("float32")
wrong_way = ((np.unique(limits).astype("float32") - np.float32(limit_mean)) / np.float32(limit_scale)) < scaled
split = float(scaled[wrong_way][0])  # a split on a value that occurs, as boosting likes them


# %% tags=["question:packaging.crossed"]
### BEGIN SOLUTION
def sides(x, mean, scale, split):
    x = np.asarray(x, dtype="float64")
    python_way = ((x - mean) / scale).astype("float32")
    graph_way = (x.astype("float32") - np.float32(mean)) / np.float32(scale)
    return python_way < np.float32(split), graph_way < np.float32(split)


def crossed(x, mean, scale, split):
    one, other = sides(x, mean, scale, split)
    return int((one != other).sum())


one, other = sides(limits, limit_mean, limit_scale, split)
rows_crossed = int((one != other).sum())
values_crossed = len(np.unique(limits[one != other]))
### END SOLUTION

# %%
check("packaging.crossed")

# %%
check.progress()
