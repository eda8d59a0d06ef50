# %% [markdown]
# # Exercise 04 · Training and evaluation
#
# Eight questions on [lesson 04](../notebooks/04_training.ipynb), about 45 minutes, from a warm-up to some that need
# thought. Each starts from inputs that are supplied, so you can skip one and come back. Run the `check` cell under a
# question as often as you like; `check.hint("training.f1")` gives a hint, and another one if you ask again.
#
# Write every rate as a fraction between 0 and 1. Libraries are allowed, but the functions are short, and whoever has
# written them once reads the numbers of a tracker with other eyes.

# %% tags=["parameters"]
seed: int = 4  # random seed of the supplied scores, runs and campaigns

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · One number from two (2 points)
#
# Write `f1(precision, recall)`, their harmonic mean, and 0 where both are 0. Then compute `four`, the list of F1 for the
# four fraud iterations; `from_rounded`, F1 of 0.71 and 0.625; and `from_exact`, F1 of 5/7 and 0.625.

# %%
precisions = [0.05, 0.15, 0.85, 0.92]
recalls = [0.60, 0.85, 0.80, 0.88]


# %% tags=["question:training.f1"]
### BEGIN SOLUTION
def f1(precision, recall):
    if precision + recall == 0:
        return 0.0
    return 2 * precision * recall / (precision + recall)


four = [f1(p, r) for p, r in zip(precisions, recalls, strict=True)]
from_rounded = f1(0.71, 0.625)
from_exact = f1(5 / 7, 0.625)
### END SOLUTION

# %%
check("training.f1")

# %% [markdown]
# ## Question 2 · What the table implies (4 points)
#
# A report states precision and recall; the prevalence is known. Everything else follows. Write `implied(prevalence,
# precision, recall)`, which returns a dictionary with the keys `"accuracy"`, `"flag_rate"` (the share of all rows that
# raise an alarm) and `"fpr"` (the share of the negative rows that raise one).
#
# Then compute, for the four iterations on 284,807 payments with 492 frauds: `accuracies`, the list of implied accuracies;
# `flag_rate`, that of iteration 1; `false_alarms`, the expected number of false alarms of iteration 4; and `beaten`, the
# list of the iterations (numbers 1 to 4) whose *claimed* accuracy is below that of a model that calls every payment
# normal.

# %%
payments, frauds = 284_807, 492
stated_precision = [0.05, 0.15, 0.85, 0.92]
stated_recall = [0.60, 0.85, 0.80, 0.88]
claimed_accuracy = [0.9985, 0.97, 0.995, 0.997]


# %% tags=["question:training.implied"]
### BEGIN SOLUTION
def implied(prevalence, precision, recall):
    caught = prevalence * recall
    flagged = caught / precision
    false_alarms = flagged - caught
    missed = prevalence - caught
    return {"accuracy": 1 - false_alarms - missed, "flag_rate": flagged, "fpr": false_alarms / (1 - prevalence)}


share = frauds / payments
rates = [implied(share, p, r) for p, r in zip(stated_precision, stated_recall, strict=True)]
accuracies = [rate["accuracy"] for rate in rates]
flag_rate = rates[0]["flag_rate"]
false_alarms = rates[3]["fpr"] * (payments - frauds)
beaten = [number for number, claim in enumerate(claimed_accuracy, start=1) if claim < 1 - share]
### END SOLUTION

# %%
check("training.implied")

# %% [markdown]
# ## Question 3 · Mend the logger (3 points)
#
# A colleague's accuracy logger stopped with `TypeError: 'bool' object is not iterable`:
#
# ```text
# def log_entry(labels, decisions):
#     correct = labels == decisions
#     return {"accuracy": sum(correct) / len(labels)}
# ```
#
# Write `log_entry(labels, decisions)` so that it works for lists as well as for arrays, and returns what a reader of the
# log needs: a dictionary with `"accuracy"`, `"n"` (the number of rows), and `"low"` and `"high"`, the ends of Wilson's 95
# % interval. With $z = 1.96$ and accuracy $p$ they are
#
# $$\frac{p + \frac{z^2}{2n} \pm z\sqrt{\frac{p(1-p)}{n} + \frac{z^2}{4n^2}}}{1 + \frac{z^2}{n}}$$
#
# Store the entry of the five rows below in `entry`.

# %%
truth = [1, 0, 1, 0, 1]
said = [1, 0, 0, 0, 1]

# %% tags=["question:training.logger"]
### BEGIN SOLUTION
import numpy as np


def log_entry(labels, decisions):
    right = np.asarray(labels) == np.asarray(decisions)
    n, p, z = len(right), float(right.mean()), 1.96
    middle = p + z**2 / (2 * n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    return {"accuracy": p, "n": n, "low": float((middle - half) / scale), "high": float((middle + half) / scale)}


entry = log_entry(truth, said)
### END SOLUTION

# %%
check("training.logger")

# %% [markdown]
# ## Question 4 · How wrong is a forecast? (2 points)
#
# Write `errors(actual, forecast)`, which returns a dictionary with the keys `"mae"`, `"rmse"`, `"r2"` and `"mape"`. The
# last is a fraction of the actual value, and `None` when an actual value is 0. Store the errors of the deliveries in
# `delivery`.

# %%
minutes = [20, 25, 30, 40, 45, 60]
promised = [22, 24, 33, 38, 45, 90]

# %% tags=["question:training.regression"]
### BEGIN SOLUTION
import numpy as np


def errors(actual, forecast):
    actual, forecast = np.asarray(actual, dtype=float), np.asarray(forecast, dtype=float)
    residuals = actual - forecast
    spread = ((actual - actual.mean()) ** 2).sum()
    return {
        "mae": float(np.abs(residuals).mean()),
        "rmse": float(np.sqrt((residuals**2).mean())),
        "r2": float(1 - (residuals**2).sum() / spread),
        "mape": None if (actual == 0).any() else float(np.abs(residuals / actual).mean()),
    }


delivery = errors(minutes, promised)
### END SOLUTION

# %%
check("training.regression")

# %% [markdown]
# ## Question 5 · The cheapest threshold (3 points)
#
# A payment is flagged when its score is *at least* the threshold. A missed fraud costs `missed` dollars, a false alarm
# `false_alarm` dollars. Write `cheapest(labels, scores, missed, false_alarm)`, which returns the pair `(threshold, cost)`
# with the lowest total cost of all thresholds. Scores may be tied, and to flag nobody is allowed (a threshold above every
# score). Where several thresholds are equally cheap, any of them will do.
#
# Store the answer for the supplied scores, with \$500 for a missed fraud and \$5 for a false alarm, in `threshold` and
# `cost`.

# %%
import numpy as np

rng = np.random.default_rng(seed)
labels = (rng.random(800) < 0.04).astype(int)
scores = (1 / (1 + np.exp(3.2 - 2.6 * labels - rng.normal(0, 1.1, 800)))).round(2)


# %% tags=["question:training.threshold"]
### BEGIN SOLUTION
def cheapest(labels, scores, missed, false_alarm):
    labels, scores = np.asarray(labels), np.asarray(scores)
    best = None
    for threshold in [*np.unique(scores), scores.max() + 1]:
        flagged = scores >= threshold
        cost = missed * np.sum(~flagged & (labels == 1)) + false_alarm * np.sum(flagged & (labels == 0))
        if best is None or cost < best[1]:
            best = (float(threshold), float(cost))
    return best


threshold, cost = cheapest(labels, scores, 500, 5)
### END SOLUTION

# %%
check("training.threshold")

# %% [markdown]
# ## Question 6 · A chance to believe (3 points)
#
# A model was trained with a weight of `weight` on each positive row: as if each stood there so many times. Its scores are
# too high by just that factor *in the odds*. Write `honest(score, weight)`, which turns such a score into a chance on the
# rows as they are. It should take a single score or a list, array or Series of them, and give a number or an array.
# Scores of exactly 0 and 1 occur, and stay what they are.
#
# A false alarm costs \$40, a missed case \$160, so one should act from an honest chance of 0.2. Compute `cut`, the
# threshold on the *score* that does this, for `weight` 9.

# %%
act_from = 40 / (40 + 160)

# %% tags=["question:training.calibration"]
### BEGIN SOLUTION
import numpy as np


def honest(score, weight):
    score = np.asarray(score, dtype=float)
    chance = score / (score + weight * (1 - score))
    return float(chance) if chance.ndim == 0 else chance


cut = 9 * act_from / (9 * act_from + (1 - act_from))
### END SOLUTION

# %%
check("training.calibration")

# %% [markdown]
# ## Question 7 · Ask the tracker (3 points)
#
# Below are two tables as a tracker keeps them: `runs`, one row a run, and `metrics`, one row a value, in no order. A
# metric that is logged while a model trains has several values, one a `step`; the value of the run is that of the last
# step.
#
# Write `best_run(runs, metrics, metric)`, which returns the `run_id` of the best run by that metric (larger is better).
# Only runs with the status `FINISHED` count. Store the best run by validation F1 in `best`.

# %%
import numpy as np
import pandas as pd

rng = np.random.default_rng(seed)
ids = [f"run-{number:02d}" for number in rng.permutation(np.arange(1, 41))]
status = np.array(["FINISHED"] * 34 + ["FAILED"] * 4 + ["RUNNING"] * 2)
runs = pd.DataFrame({"run_id": ids, "name": [f"trial {k}" for k in rng.permutation(40)], "status": status})
final = {"validation_f1": rng.uniform(0.40, 0.70, 40).round(4), "train_f1": rng.uniform(0.75, 0.95, 40).round(4)}
final["validation_f1"][35] = 0.93  # a run that crashed later
rises = np.array([0.0, 0.05, 0.03])[:, None] * np.ones(40)
rises[0] -= rng.uniform(0, 0.1, 40)
rises[1, :34] += rng.uniform(0, 0.2, 34)  # some were better half-way than at the end
parts = [
    pd.DataFrame({"run_id": ids, "key": key, "step": step, "value": (values - 0.03 + rises[step]).round(4)})
    for key, values in final.items()
    for step in range(3)
]
metrics = pd.concat(parts).sample(frac=1, random_state=seed, ignore_index=True)


# %% tags=["question:training.tracker"]
### BEGIN SOLUTION
def best_run(runs, metrics, metric):
    finished = runs.loc[runs["status"] == "FINISHED", "run_id"]
    values = metrics[(metrics["key"] == metric) & metrics["run_id"].isin(finished)]
    last = values.sort_values("step").groupby("run_id")["value"].last()
    return last.idxmax()


best = best_run(runs, metrics, "validation_f1")
### END SOLUTION

# %%
check("training.tracker")

# %% [markdown]
# ## Question 8 · The luckiest of forty (3 points)
#
# In each of 200 campaigns somebody trained 40 models, looked at all of them on the same test set, and reported the best
# accuracy. All models are in truth equally good. `on_test` holds the accuracies that were seen, one row a campaign and
# one column a model; `on_fresh` holds the accuracies of the same models on rows that nobody had looked at.
#
# Write `optimism(on_test, on_fresh)`: by how much, on average over the campaigns, the *reported* accuracy exceeds what
# the *same* model reaches on fresh rows. Store it for the supplied campaigns in `boast`, and store in `unchosen` the same
# average for a team that trains a single model (take the first column). Where several models share the best accuracy of a
# campaign, take the first of them (the lowest column).

# %%
import numpy as np

rng = np.random.default_rng(seed)
on_test = rng.binomial(500, 0.8, size=(200, 40)) / 500
on_fresh = rng.binomial(500, 0.8, size=(200, 40)) / 500


# %% tags=["question:training.forty"]
### BEGIN SOLUTION
def optimism(on_test, on_fresh):
    on_test, on_fresh = np.asarray(on_test), np.asarray(on_fresh)
    campaigns = np.arange(len(on_test))
    winners = on_test.argmax(axis=1)
    return float((on_test[campaigns, winners] - on_fresh[campaigns, winners]).mean())


boast = optimism(on_test, on_fresh)
unchosen = optimism(on_test[:, :1], on_fresh[:, :1])
### END SOLUTION

# %%
check("training.forty")

# %% [markdown]
# ## How far are you?

# %%
check.progress()
