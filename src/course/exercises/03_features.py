# %% [markdown]
# # Exercise 03 · Features
#
# Seven questions on [lesson 03](../notebooks/03_features.ipynb), about 45 minutes. Each starts from inputs that are
# supplied, so you can skip one and come back. Run the `check` cell under a question as often as you like;
# `check.hint("features.fewer")` gives a hint, and another one if you ask again.

# %% tags=["parameters"]
seed: int = 3  # random seed of the supplied tables

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · Fewer, by how much? (2 points)
#
# A team reduces its table from 400 columns to 50, and its storage from 400 MB to 60 MB. Write `saved(before, after)`,
# the share that is gone, as a fraction. Then compute `columns_saved` and `storage_saved`.

# %%
columns_before, columns_after = 400, 50
megabytes_before, megabytes_after = 400, 60


# %% tags=["question:features.fewer"]
### BEGIN SOLUTION
def saved(before, after):
    return 1 - after / before


columns_saved = saved(columns_before, columns_after)
storage_saved = saved(megabytes_before, megabytes_after)
### END SOLUTION

# %%
check("features.fewer")

# %% [markdown]
# ## Question 2 · How large is the table? (2 points)
#
# Write `megabytes(rows, columns, bytes_each)`: the size of a dense table in MB (1 MB is a million bytes). Then compute
# `wide`, for 100,000 rows and 400 columns of float64, and `narrow`, for 50 columns.

# %%
n_rows = 100_000


# %% tags=["question:features.bytes"]
### BEGIN SOLUTION
def megabytes(rows, columns, bytes_each):
    return rows * columns * bytes_each / 1e6


wide = megabytes(n_rows, 400, 8)
narrow = megabytes(n_rows, 50, 8)
### END SOLUTION

# %%
check("features.bytes")

# %% [markdown]
# ## Question 3 · Faster and better: said precisely (3 points)
#
# The same team reports: training took 2 hours and now takes 20 minutes; one answer took 100 ms and now takes 15 ms;
# accuracy rose from 82 % to 87 %. Compute the speed-ups `training_faster` and `inference_faster` (how many times as
# fast), and the gain in accuracy twice: `gain_points`, in percentage points, and `gain_relative`, as a fraction of what
# there was.

# %%
training_hours, training_minutes_now = 2, 20
answer_ms, answer_ms_now = 100, 15
accuracy_before, accuracy_after = 0.82, 0.87

# %% tags=["question:features.speed"]
### BEGIN SOLUTION
training_faster = 60 * training_hours / training_minutes_now
inference_faster = answer_ms / answer_ms_now
gain_points = 100 * (accuracy_after - accuracy_before)
gain_relative = (accuracy_after - accuracy_before) / accuracy_before
### END SOLUTION

# %%
check("features.speed")

# %% [markdown]
# ## Question 4 · A ratio that survives zero (3 points)
#
# Write `ratio(numerator, denominator, otherwise)` for two lists of equal length. It returns a list: the quotient, or
# `otherwise` where the denominator is zero, so that the result is always a finite number. Then make two features for the
# customers of `orders`: the list `average_order` (spend per order) and the list `tickets_per_order`, with 0 for customers
# who never ordered.

# %%
import numpy as np

rng = np.random.default_rng(seed)
orders = [0, *rng.integers(1, 30, 6).tolist(), 0]
spend = [round(float(count * price), 2) for count, price in zip(orders, rng.uniform(10, 90, 8), strict=True)]
tickets = [*rng.integers(1, 5, 7).tolist(), 0]


# %% tags=["question:features.ratio"]
### BEGIN SOLUTION
def ratio(numerator, denominator, otherwise):
    return [otherwise if under == 0 else over / under for over, under in zip(numerator, denominator, strict=True)]


average_order = ratio(spend, orders, 0.0)
tickets_per_order = ratio(tickets, orders, 0.0)
### END SOLUTION

# %%
check("features.ratio")

# %% [markdown]
# ## Question 5 · Prune (4 points)
#
# `matrix` holds the correlations between six columns, `tie` how strongly each is tied to the target. Write
# `prune(matrix, tie, threshold)`. It visits the columns from the most to the least tied and keeps a column unless its
# *absolute* correlation with one that is kept already is above the threshold. It returns the kept names as a set.
# Then compute `kept`, at .80.

# %%
import pandas as pd

names = ["age", "account_years", "orders", "spend", "discount", "tickets"]
jitter = float(rng.uniform(-0.02, 0.02))
upper = {
    ("age", "account_years"): 0.75,
    ("orders", "spend"): 0.92 + jitter,
    ("orders", "discount"): -0.87 - jitter,
    ("spend", "discount"): -0.71,
    ("account_years", "orders"): 0.40 + jitter,
    ("tickets", "discount"): 0.15,
}
matrix = pd.DataFrame(np.eye(6), index=names, columns=names)
for (one, other), value in upper.items():
    matrix.loc[one, other] = matrix.loc[other, one] = value
tie = {"age": 0.21, "account_years": 0.34, "orders": 0.41, "spend": 0.45, "discount": 0.38, "tickets": 0.12}


# %% tags=["question:features.prune"]
### BEGIN SOLUTION
def prune(matrix, tie, threshold):
    kept = []
    for name in sorted(tie, key=tie.get, reverse=True):
        if all(abs(matrix.loc[name, other]) <= threshold for other in kept):
            kept.append(name)
    return set(kept)


kept = prune(matrix, tie, 0.80)
### END SOLUTION

# %%
check("features.prune")

# %% [markdown]
# ## Question 6 · As it was known (4 points)
#
# `history` says what was known of a customer, and from which day on (days are whole numbers, rows in no particular
# order). Write `as_of(history, customer, day)`: the latest `value` known on that day, counting a row of the very same day,
# and never a later one; `None` where nothing was known yet. Then list in `then` the value for each pair of `labels`, in
# order.

# %%
history = pd.DataFrame(
    {
        "customer": np.repeat([1, 2, 3], 5),
        "day": np.concatenate([rng.choice(np.arange(10, 100), 5, replace=False) for _ in range(3)]),
        "value": rng.integers(100, 1000, 15),
    }
).sample(frac=1, random_state=seed, ignore_index=True)
labels = [(1, 55), (2, 5), (3, 200), (2, int(history.loc[history["customer"] == 2, "day"].median())), (1, 100)]


# %% tags=["question:features.asof"]
### BEGIN SOLUTION
def as_of(history, customer, day):
    known = history[(history["customer"] == customer) & (history["day"] <= day)]
    return None if known.empty else int(known.sort_values("day")["value"].iloc[-1])


then = [as_of(history, customer, day) for customer, day in labels]
### END SOLUTION

# %%
check("features.asof")

# %% [markdown]
# ## Question 7 · Select without cheating (4 points)
#
# `table` has 120 people and 300 columns of noise; `outcome` is a coin flip. Write `columns_of(table, outcome, rows, keep)`.
# It returns the names of the `keep` columns with the largest absolute correlation with the outcome, strongest first,
# *computed on the row numbers `rows` alone*. Then use it twice for `keep = 10`: `cheating` has the columns chosen on all
# rows, `honest` those chosen on the row numbers `train`. Last, `flattery`: the mean absolute correlation of the
# `cheating` columns with the outcome on the *test* rows (all row numbers that are not in `train`), minus that of the
# `honest` ones.

# %%
table = pd.DataFrame(rng.normal(size=(120, 300)), columns=[f"noise{i:03d}" for i in range(300)])
outcome = pd.Series(rng.permutation(np.repeat([0, 1], 60)))
train = sorted(rng.choice(120, 60, replace=False).tolist())


# %% tags=["question:features.honest"]
### BEGIN SOLUTION
def columns_of(table, outcome, rows, keep):
    tied = table.iloc[rows].corrwith(outcome.iloc[rows]).abs()
    return list(tied.sort_values(ascending=False).index[:keep])


test = [row for row in range(len(table)) if row not in train]
cheating = columns_of(table, outcome, list(range(len(table))), 10)
honest = columns_of(table, outcome, train, 10)


def tied_on_test(names):
    return float(table.iloc[test][names].corrwith(outcome.iloc[test]).abs().mean())


flattery = tied_on_test(cheating) - tied_on_test(honest)
### END SOLUTION

# %%
check("features.honest")

# %%
check.progress()
