# %% [markdown]
# # Exercise 14 · Retraining
#
# Seven questions on [lesson 14](../notebooks/14_retraining.ipynb), about 40 minutes. Each starts from inputs that are
# supplied, so you can skip one and come back. Run the `check` cell under a question as often as you like;
# `check.hint("retraining.window")` gives a hint, and another one if you ask again.

# %% tags=["parameters"]
seed: int = 14  # random seed of the supplied inputs

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · How fresh is fresh? (2 points)
#
# Write `hours(start, end)` for two times of the day as texts like `"22:30"`: the hours from `start` to the next time that
# the clock shows `end`. An `end` that is not later than `start` is on the next day.
#
# The shop of the lesson collects at 00:00, and the model that comes of it is live at 07:00, every day. Put the hours from
# collecting to live into `lead`. Put into `oldest` how old the newest rows in the model are just before the next model
# goes live.


# %% tags=["question:retraining.lead"]
### BEGIN SOLUTION
def hours(start, end):
    minutes = [60 * int(time[:2]) + int(time[3:]) for time in (start, end)]
    later = (minutes[1] - minutes[0] - 1) % 1440 + 1
    return later / 60


lead = hours("00:00", "07:00")
oldest = lead + 24
### END SOLUTION

# %%
check("retraining.lead")

# %% [markdown]
# ## Question 2 · May a machine put it live? (2 points)
#
# Put into `levels`, a dictionary from each of the four kinds of change below, how far it may be automated: `"fully"`,
# `"partly"` or `"no"`.
#
# Then write `level(changes)` for a list of such changes that go live together. Whatever is not one of the four kinds is
# not automated, and neither is a release of which nobody has said what changes.

# %%
kinds = ["new features", "new data", "business logic", "algorithm"]

# %% tags=["question:retraining.automate"]
### BEGIN SOLUTION
levels = {"new data": "fully", "new features": "partly", "algorithm": "no", "business logic": "no"}


def level(changes):
    order = ["fully", "partly", "no"]
    if not changes:
        return "no"
    return max((levels.get(change, "no") for change in changes), key=order.index)


### END SOLUTION

# %%
check("retraining.automate")

# %% [markdown]
# ## Question 3 · Which triggers fire? (3 points)
#
# `weeks` holds what a team knew at the end of each week: the week's number, accuracy (or `None`), the number of labels
# that it stands on, KS, and whether somebody asked for a retraining. The team's rules:
#
# - `"scheduled"` fires in each week whose number can be divided by 4.
# - `"performance"` fires when the accuracy is *below* 0.85, on at least 200 labels.
# - `"drift"` fires when KS is *above* 0.2. After it has fired it stays silent for the next 3 weeks.
# - `"manual"` fires when somebody asked.
#
# Write `triggers(weeks)`: a list of pairs (week, name), by week, and in one week in the order above. Put those of the
# supplied weeks into `calls`.

# %%
from random import Random

draw = Random(seed)
weeks = []
for number in range(1, 17):
    drifted = number >= 6
    labels = draw.choice([0, 40, 250, 400])
    accuracy = round(draw.uniform(0.79, 0.87) if drifted else draw.uniform(0.84, 0.92), 2)
    weeks.append({
        "week": number,
        "accuracy": accuracy if labels else None,
        "labels": labels,
        "ks": round(draw.uniform(0.17, 0.27) if drifted else draw.uniform(0.03, 0.12), 2),
        "asked": draw.random() < 0.15,
    })  # fmt: skip


# %% tags=["question:retraining.triggers"]
### BEGIN SOLUTION
def triggers(weeks):
    found, last_drift = [], None
    for week in weeks:
        number = week["week"]
        if number % 4 == 0:
            found.append((number, "scheduled"))
        if week["accuracy"] is not None and week["labels"] >= 200 and week["accuracy"] < 0.85:
            found.append((number, "performance"))
        if week["ks"] > 0.2 and (last_drift is None or number - last_drift > 3):
            found.append((number, "drift"))
            last_drift = number
        if week["asked"]:
            found.append((number, "manual"))
    return found


calls = triggers(weeks)
### END SOLUTION

# %%
check("retraining.triggers")

# %% [markdown]
# ## Question 4 · Which window is best? (3 points)
#
# A shop forecasts next week's sales by the mean of the last `window` weeks. Write `errors(series, windows)`: a dictionary
# from each window to the mean absolute error of its forecasts. All windows must be judged on the *same* weeks: those that
# the longest of them can forecast.
#
# Put the window with the smallest error on the supplied `sales` into `best`.

# %%
windows = [1, 2, 4, 8, 16]
sales, trend = [], 100.0
for week in range(80):
    trend += 25 if week in (10, 45) else -0.4
    sales.append(round(trend + draw.gauss(0, 6), 1))


# %% tags=["question:retraining.window"]
### BEGIN SOLUTION
def errors(series, windows):
    start = max(windows)
    found = {}
    for window in windows:
        missed = [abs(series[t] - sum(series[t - window : t]) / window) for t in range(start, len(series))]
        found[window] = sum(missed) / len(missed)
    return found


found = errors(sales, windows)
best = min(found, key=found.get)
### END SOLUTION

# %%
check("retraining.window")

# %% [markdown]
# ## Question 5 · May it take over? (3 points)
#
# A candidate may replace the champion when it reaches the gate *and* is at most `most_loss` points worse than the
# champion. All are in percent, measured on the same rows. What was not measured is `float("nan")`, and nothing that was not
# measured is accepted.
#
# Write `decide(candidate, champion, gate, most_loss)`, which returns `"accept"` or `"reject"`. The champion has 92, the
# candidate 91, the gate is 90, and no loss is allowed: put the answer into `decision`. Put into `fixed` what a pipeline
# answers that knows nothing but the gate.


# %% tags=["question:retraining.gate"]
### BEGIN SOLUTION
def decide(candidate, champion, gate, most_loss):
    good = candidate >= gate and candidate >= champion - most_loss
    return "accept" if good else "reject"


decision = decide(91, 92, 90, 0)
fixed = "accept"
### END SOLUTION

# %%
check("retraining.gate")

# %% [markdown]
# ## Question 6 · Where is a bad batch stopped? (3 points)
#
# A nightly pipeline has five steps. Two of them can refuse:
#
# - `"data validation"` refuses a batch with fewer than `rules["least_rows"]` rows, a batch with a label that is missing,
#   and a batch in which, for any column of `rules["limits"]`, more than `rules["most_outside"]` of the rows are missing or
#   lie outside the limits (both ends are inside).
# - `"evaluation"` refuses a candidate that is less accurate than the champion, or was not measured (`float("nan")`).
#
# Write `stopped_at(batch, accuracy, rules, champion)` for a frame, the accuracy of the candidate that was trained on it,
# the rules, and the champion's accuracy. It returns the name of the *first* step that refuses, or `None`. Put into `stops`
# what it says to each of the four supplied batches, a dictionary from name to step.

# %%
import numpy as np
import pandas as pd

rng = np.random.default_rng(seed)
rules = {"least_rows": 200, "limits": {"amount": (0, 500), "age": (18, 110)}, "most_outside": 0.02}


def batch_of(n, unit=1):
    amount = (unit * rng.uniform(10, 450, n)).round(2)
    return pd.DataFrame({"amount": amount, "age": rng.integers(18, 90, n).astype(float), "label": rng.integers(0, 2, n)})


batches = {
    "monday": (batch_of(300), 0.93),
    "tuesday, in cents": (batch_of(300, unit=100), 0.71),
    "wednesday, half a file": (batch_of(120), 0.93),
    "thursday, labels of another day": (batch_of(300), 0.52),
}


# %% tags=["question:retraining.batch"]
### BEGIN SOLUTION
def stopped_at(batch, accuracy, rules, champion):
    outside = [(~batch[name].between(low, high)).mean() for name, (low, high) in rules["limits"].items()]
    if len(batch) < rules["least_rows"] or batch["label"].isna().any() or max(outside) > rules["most_outside"]:
        return "data validation"
    if not accuracy >= champion:
        return "evaluation"
    return None


stops = {name: stopped_at(rows, accuracy, rules, 0.92) for name, (rows, accuracy) in batches.items()}
### END SOLUTION

# %%
check("retraining.batch")

# %% [markdown]
# ## Question 7 · How much fraud is there? (3 points)
#
# A bank's model wants to block some payments (`to_block`). One in ten of them, chosen at random, is let through all the
# same. `fraud` is 1 or 0 for all payments that were let through, and missing for those that were blocked.
#
# Put into `naive` the share of fraud among the payments with a label: what a report on the labels that came in would say.
#
# Then write `fraud_rate(log)`: an estimate of the share of fraud among *all* payments, in which those that were let through
# stand for all payments that the model wanted to block. Where payments were to be blocked and none of them was let
# through, nobody can know: return `float("nan")`. Put the estimate for the supplied log into `estimate`.

# %%
score = rng.random(5000)
fraud = (rng.random(5000) < np.where(score > 0.95, 0.55, 0.01)).astype(float)
to_block = score > 0.95
blocked = to_block & (rng.random(5000) >= 0.1)
log = pd.DataFrame({"to_block": to_block, "fraud": np.where(blocked, np.nan, fraud)})


# %% tags=["question:retraining.loop"]
### BEGIN SOLUTION
def fraud_rate(log):
    rest, suspects = log.loc[~log["to_block"], "fraud"], log.loc[log["to_block"], "fraud"]
    expected = suspects.mean() * len(suspects) if len(suspects) else 0.0
    share = (rest.sum() + expected) / len(log)
    return float(share)


naive = float(log["fraud"].mean())
estimate = fraud_rate(log)
### END SOLUTION

# %%
check("retraining.loop")

# %%
check.progress()
