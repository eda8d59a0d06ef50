# %% [markdown]
# # Exercise 02 · Data and exploration
#
# Six questions on [lesson 02](../notebooks/02_data.ipynb), about 40 minutes. Each starts from inputs that are supplied,
# so you can skip one and come back. Run the `check` cell under a question as often as you like;
# `check.hint("data.rarity")` gives a hint, and another one if you ask again.

# %% tags=["parameters"]
seed: int = 2  # random seed of the supplied tables

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · How rare? (2 points)
#
# Two days of card payments hold 284,807 rows, 492 of them fraud. Compute `prevalence` (a fraction), `ratio` (normal
# payments to one fraud) and `idle_accuracy`, the accuracy of calling every payment normal.

# %%
rows, frauds = 284_807, 492

# %% tags=["question:data.rarity"]
### BEGIN SOLUTION
prevalence = frauds / rows
ratio = (rows - frauds) / frauds
idle_accuracy = (rows - frauds) / rows
### END SOLUTION

# %%
check("data.rarity")

# %% [markdown]
# ## Question 2 · May we use it? (3 points)
#
# Four data sets are on offer, all with personal data. Write `decide(source)`, which returns `"stop"`, `"ask"` or
# `"proceed"`:
#
# - **stop** when consent was refused (`False`), or when the data is older than its retention period allows;
# - otherwise **ask** when consent is not recorded (`None`), or when the data crosses a border without safeguards;
# - otherwise **proceed**.
#
# Then collect the four answers in the dictionary `decisions`, by name.

# %%
sources = {
    "loyalty card": {"consent": True, "crosses_border": False, "safeguards": False, "age_days": 300, "retention_days": 730},
    "call centre": {"consent": None, "crosses_border": False, "safeguards": False, "age_days": 90, "retention_days": 365},
    "partner bank": {"consent": True, "crosses_border": True, "safeguards": False, "age_days": 30, "retention_days": 365},
    "2019 backup": {"consent": True, "crosses_border": True, "safeguards": True, "age_days": 2500, "retention_days": 1825},
}


# %% tags=["question:data.gate"]
### BEGIN SOLUTION
def decide(source):
    if source["consent"] is False or source["age_days"] > source["retention_days"]:
        return "stop"
    if source["consent"] is None or (source["crosses_border"] and not source["safeguards"]):
        return "ask"
    return "proceed"


decisions = {name: decide(source) for name, source in sources.items()}
### END SOLUTION

# %%
check("data.gate")

# %% [markdown]
# ## Question 3 · What is wrong with this delivery? (3 points)
#
# The frame `delivery` arrived this morning. Count its `duplicates` (rows that repeat an earlier one) and its `missing`
# values in all columns together, and name the `driver`: the numeric feature whose mean differs most between the classes
# of `bad`, measured in standard deviations of that feature (over all rows).

# %%
import numpy as np
import pandas as pd

rng = np.random.default_rng(seed)
bad = rng.random(400) < 0.2
delivery = pd.DataFrame(
    {
        "income": rng.lognormal(10, 0.6, 400).round(-2) + 400 * bad,
        "late_payments": rng.poisson(1 + 2.5 * bad),
        "age": rng.integers(20, 70, 400) - 3 * bad,
        "bad": bad.astype(int),
    }
)
delivery.loc[rng.choice(400, rng.integers(15, 40), replace=False), "income"] = np.nan
delivery = pd.concat([delivery, delivery.iloc[rng.choice(400, rng.integers(5, 20), replace=False)]], ignore_index=True)

# %% tags=["question:data.faults"]
### BEGIN SOLUTION
duplicates = int(delivery.duplicated().sum())
missing = int(delivery.isna().sum().sum())
features = delivery.drop(columns="bad")
means = features.groupby(delivery["bad"]).mean()
driver = ((means.loc[1] - means.loc[0]).abs() / features.std()).idxmax()
### END SOLUTION

# %%
check("data.faults")

# %% [markdown]
# ## Question 4 · Smaller, by which statistic? (2 points)
#
# Write `compare(amounts, labels)`: it takes two lists of equal length and returns a dictionary with the keys `"mean"` and
# `"median"`; each value says whether the amounts with label 1 are `"smaller"` or `"larger"` than those with label 0 by
# that statistic, or `"equal"`.

# %%
amounts = [12, 25, 31, 40, 58, 77, 1, 2, 9, 900]
labels = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1]


# %% tags=["question:data.amounts"]
### BEGIN SOLUTION
def compare(amounts, labels):
    values, marks = np.asarray(amounts, dtype=float), np.asarray(labels)
    words = {}
    for name, statistic in (("mean", np.mean), ("median", np.median)):
        difference = statistic(values[marks == 1]) - statistic(values[marks == 0])
        words[name] = "equal" if difference == 0 else "smaller" if difference < 0 else "larger"
    return words


### END SOLUTION

# %%
check("data.amounts")

# %% [markdown]
# ## Question 5 · Significant, or important? (2 points)
#
# In `survey`, 50,000 rows a group, every column differs "significantly" between group 0 and group 1. Write `cohens_d(one,
# other)`: the difference of the means (one minus other) over the pooled standard deviation. Then list in `important`, in
# alphabetical order, the columns with an absolute d of 0.2 or more.

# %%
shifts = {"basket": 0.31, "clicks": 0.03, "delay": -0.4, "emails": 0.04, "fees": 0.05}
group = np.repeat([0, 1], 50_000)
survey = pd.DataFrame({name: rng.normal(10, 4, 100_000) + 4 * shift * group for name, shift in shifts.items()})


# %% tags=["question:data.effect"]
### BEGIN SOLUTION
def cohens_d(one, other):
    one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    squares = (len(one) - 1) * one.var(ddof=1) + (len(other) - 1) * other.var(ddof=1)
    return (one.mean() - other.mean()) / np.sqrt(squares / (len(one) + len(other) - 2))


important = sorted(name for name in survey if abs(cohens_d(survey[name][group == 1], survey[name][group == 0])) >= 0.2)
### END SOLUTION

# %%
check("data.effect")

# %% [markdown]
# ## Question 6 · Balance without cheating (4 points)
#
# Write `balanced_folds(labels, folds, seed)`. It splits the row numbers into `folds` stratified test folds and returns a
# list of pairs `(train, test)` of row numbers, one pair a fold. In each `train` the rarer class is drawn again, with
# replacement, until both classes are equally frequent. Each `test` holds its rows once, in the class mix of the data, and
# no row of it may be trained on.

# %%
outcomes = np.array([0] * 180 + [1] * 20)

# %% tags=["question:data.folds"]
### BEGIN SOLUTION
from sklearn.model_selection import StratifiedKFold


def balanced_folds(labels, folds, seed):
    labels, generator, pairs = np.asarray(labels), np.random.default_rng(seed), []
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for train, test in splitter.split(labels, labels):
        zeros, ones = train[labels[train] == 0], train[labels[train] == 1]
        few, many = sorted((zeros, ones), key=len)
        again = generator.choice(few, len(many) - len(few), replace=True)
        pairs.append((np.concatenate([train, again]), test))
    return pairs


### END SOLUTION

# %%
check("data.folds")

# %%
check.progress()
