# %% [markdown]
# # Exercise 05 · Reproducibility
#
# Seven questions on [lesson 05](../notebooks/05_reproducibility.ipynb), about 40 minutes. Each starts from inputs that are
# supplied, so you can skip one and come back. Run the `check` cell under a question as often as you like;
# `check.hint("reproducibility.seed")` gives a hint, and another one if you ask again.

# %% tags=["parameters"]
seed: int = 5  # random seed of the supplied tables

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · Same seed, same model? (2 points)
#
# `train(draw)` stands for a training that draws random numbers: it calls `draw()` twenty times and returns twenty weights.
# Write `model_hash(seed)`: it makes a `random.Random` of its own from the seed, trains with that generator's `random`
# method, and returns the SHA-256 of the weights as 64 hexadecimal digits. What is hashed is `json.dumps(weights)`, in
# UTF-8.
#
# Then say with two truth values what you saw: `same_seed` (is the hash for seed 42 equal to the hash for seed 42, computed
# again?) and `new_seed` (is it equal to the hash for seed 43?).

# %%
import json
import random
from hashlib import sha256


def train(draw):
    return [2 * draw() - 1 for _ in range(20)]


# %% tags=["question:reproducibility.seed"]
### BEGIN SOLUTION
def model_hash(seed):
    weights = train(random.Random(seed).random)
    return sha256(json.dumps(weights).encode("utf-8")).hexdigest()


same_seed = model_hash(42) == model_hash(42)
new_seed = model_hash(42) == model_hash(43)
### END SOLUTION

# %%
check("reproducibility.seed")

# %% [markdown]
# ## Question 2 · How large was the leak? (3 points)
#
# In the story, 98 % became 89 % once duplicates were dropped before the split. Give that drop as `story`, in percentage
# points.
#
# Now the same on the supplied rows. `halves(rows)` splits a table in two at random, `accuracy(train, test)` trains a
# tree and scores it. Compute the accuracy `after` (duplicates are dropped in each half by itself, after the split), the
# accuracy `before` (they are dropped before the split), and `leak`, the difference in percentage points.

# %%
import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier

rng = np.random.default_rng(seed)
signal = rng.normal(size=(600, 3)).round(2)
events = pd.DataFrame(signal, columns=["a", "b", "c"])
events["label"] = (signal.sum(axis=1) + rng.normal(0, 0.7, 600) > 0).astype(int)
delivered = events.iloc[rng.permutation(np.repeat(np.arange(600), 3))].reset_index(drop=True)


def halves(rows):
    order = np.random.default_rng(1).permutation(len(rows))
    return rows.iloc[order[: len(rows) // 2]], rows.iloc[order[len(rows) // 2 :]]


def accuracy(train, test):
    tree = DecisionTreeClassifier(random_state=0).fit(train[["a", "b", "c"]], train["label"])
    return tree.score(test[["a", "b", "c"]], test["label"])


# %% tags=["question:reproducibility.leak"]
### BEGIN SOLUTION
story = 98 - 89
one, other = halves(delivered)
after = accuracy(one.drop_duplicates(), other.drop_duplicates())
before = accuracy(*halves(delivered.drop_duplicates()))
leak = 100 * (after - before)
### END SOLUTION

# %%
check("reproducibility.leak")

# %% [markdown]
# ## Question 3 · What changed? (2 points)
#
# Two manifests: `lab` stood beside a model with 92 %, `laptop` beside one with 87 %. Write `changed(old, new)`, which
# returns the names of all items that differ, in alphabetical order. An item inside another has a name with a dot, as in
# `"packages.numpy"`. An item that only one of the two has differs as well. Items are nested at most once.
#
# Then put the answer for `lab` and `laptop` into `suspects`.

# %%
lab = {
    "python": "3.8.18",
    "packages": {"numpy": "1.21.6", "scikit-learn": "0.24.1", "joblib": "1.1.0"},
    "data": {"train.csv": "c1f0a2", "test.csv": "77d3e9"},
    "seeds": {"split": 42, "model": 42},
}
laptop = {
    "python": "3.9.18",
    "packages": {"numpy": "1.21.6", "scikit-learn": "0.23.0"},
    "data": {"train.csv": "c1f0a2", "test.csv": "77d3e9"},
    "seeds": {"split": 42, "model": 42},
    "note": "",
}


# %% tags=["question:reproducibility.manifest"]
### BEGIN SOLUTION
def changed(old, new):
    def flat(manifest):
        items = {}
        for name, value in manifest.items():
            inner = value if isinstance(value, dict) else None
            items |= {name: value} if inner is None else {f"{name}.{key}": each for key, each in inner.items()}
        return items

    first, second = flat(old), flat(new)
    absent = object()
    return sorted(name for name in first | second if first.get(name, absent) != second.get(name, absent))


suspects = changed(lab, laptop)
### END SOLUTION

# %%
check("reproducibility.manifest")

# %% [markdown]
# ## Question 4 · How much is luck? (2 points)
#
# Write `sd_of_accuracy(p, n)`: the standard deviation of an accuracy `p` (a fraction) over test sets of `n` rows. Put its
# value for 90 % on 1,000 rows into `sd`. Then write `rows_needed(p, sd)`: the smallest whole number of test rows for
# which the standard deviation is at most `sd`.

# %% tags=["question:reproducibility.noise"]
### BEGIN SOLUTION
from math import ceil, sqrt


def sd_of_accuracy(p, n):
    return sqrt(p * (1 - p) / n)


def rows_needed(p, sd):
    return ceil(p * (1 - p) / sd**2)


sd = sd_of_accuracy(0.9, 1000)
### END SOLUTION

# %%
check("reproducibility.noise")

# %% [markdown]
# ## Question 5 · Which rows are on both sides? (2 points)
#
# Somebody split the supplied table by cutting it in two. Write `count_shared(train, test)`: the number of rows of `test`
# that also stand in `train`, equal in *every* column. A row that stands twice in `test` counts twice. Put the count for
# the supplied split into `shared`.

# %%
rng = np.random.default_rng(seed + 1)
table = pd.DataFrame(
    {"client": rng.integers(1, 40, 120), "amount": rng.integers(1, 5, 120) * 10, "bad": rng.integers(0, 2, 120)}
)
train_rows, test_rows = table.iloc[:80], table.iloc[80:]


# %% tags=["question:reproducibility.shared"]
### BEGIN SOLUTION
def count_shared(train, test):
    known = set(train.itertuples(index=False, name=None))
    return sum(row in known for row in test.itertuples(index=False, name=None))


shared = count_shared(train_rows, test_rows)
### END SOLUTION

# %%
check("reproducibility.shared")

# %% [markdown]
# ## Question 6 · A digest you can rely on (3 points)
#
# Write `table_digest(rows)`: a SHA-256 (64 hexadecimal digits) of a table, given as a list of dictionaries from column to
# value. All values are texts.
#
# - The same rows with their *columns* in another order have the same digest: the order in a dictionary or set is chance.
# - Rows in another *order* have another digest: training sees them in another order.
# - Tables with different content have different digests, also where the same letters are only divided up in
#   another way between columns or between names and values.

# %%
example = [{"name": "Ada", "town": "Rome"}, {"name": "Bo", "town": "Oslo"}]


# %% tags=["question:reproducibility.digest"]
### BEGIN SOLUTION
def table_digest(rows):
    text = json.dumps(rows, sort_keys=True)
    return sha256(text.encode("utf-8")).hexdigest()


### END SOLUTION

# %%
check("reproducibility.digest")

# %% [markdown]
# ## Question 7 · Has anybody touched the bundle? (3 points)
#
# A bundle came by mail. `recorded` maps each file's name to its SHA-256, and reached you by another way; `files` maps
# names to the bytes that arrived. Write `faults(recorded, files)`: a dictionary from the name of each file that is not as
# recorded to `"changed"`, `"missing"` or `"added"`. A bundle that is in order gives an empty dictionary.

# %%
files = {"model.json": b'{"trees": 100}', "config.json": b'{"seed": 5}', "notes.txt": b""}
recorded = {name: sha256(content).hexdigest() for name, content in files.items()}


# %% tags=["question:reproducibility.verify"]
### BEGIN SOLUTION
def faults(recorded, files):
    found = {name: "missing" for name in recorded if name not in files}
    for name, content in files.items():
        if name not in recorded:
            found[name] = "added"
        elif sha256(content).hexdigest() != recorded[name]:
            found[name] = "changed"
    return found


### END SOLUTION

# %%
check("reproducibility.verify")

# %%
check.progress()
