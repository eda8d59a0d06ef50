# %% [markdown]
# # Exercise 00 · Start here
#
# Six questions on [lesson 00](../notebooks/00_start_here.ipynb), about 25 minutes. Each starts from inputs that are
# supplied, so you can skip one and come back. Replace `# Your answer here`, run the cell, then run the `check` cell under
# it, as often as you like. `check.hint("start.order")` gives a hint, and another one if you ask again.

# %% tags=["parameters"]
seed: int = 7  # random seed of the supplied model and log

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · The five components (1 point)
#
# Put the five components into the order of the lifecycle, the first one first. Governance runs beside all the others; by
# convention it is named last. Write them into the list `components`, spelled as here:

# %%
shuffled = ["governance", "iteration", "deployment", "development", "monitoring"]

# %% tags=["question:start.order"]
### BEGIN SOLUTION
components = ["development", "deployment", "monitoring", "iteration", "governance"]
### END SOLUTION

# %%
check("start.order")

# %% [markdown]
# ## Question 2 · Whose work is it? (2 points)
#
# Six people tell you what they do all day. Write a dictionary `place` that maps each of the six activities to its
# component.

# %%
activities = [
    "build and test every change automatically (CI/CD)",
    "sign off a model before release",
    "compare today's inputs with the training data",
    "train a successor on recent rows",
    "turn raw columns into features",
    "answer the auditor's questions",
]

# %% tags=["question:start.place"]
### BEGIN SOLUTION
place = {
    activities[0]: "deployment",
    activities[1]: "governance",
    activities[2]: "monitoring",
    activities[3]: "iteration",
    activities[4]: "development",
    activities[5]: "governance",
}
### END SOLUTION

# %%
check("start.place")

# %% [markdown]
# ## Question 3 · What was lost? (2 points)
#
# Accuracy was 92 % in January and 78 % in November. Write `points_lost(before, after)`: it takes two accuracies as
# fractions between 0 and 1 and returns the loss in percentage points. Then compute `loss` for January to November.

# %%
january, november = 0.92, 0.78


# %% tags=["question:start.loss"]
### BEGIN SOLUTION
def points_lost(before, after):
    return 100 * (before - after)


loss = points_lost(january, november)
### END SOLUTION

# %%
check("start.loss")

# %% [markdown]
# ## Question 4 · Is it still the same model? (3 points)
#
# Here is a small trained `model`, and two places for files. Do what a release does:
#
# 1. save `model` to the file `first` (`model.save_model(first)`) and keep the SHA-256 of the file's bytes, as 64 hexadecimal
#    digits, in `saved_hash`;
# 2. load that file into a fresh `XGBClassifier` called `reloaded`;
# 3. save `reloaded` to the file `second`, keep the SHA-256 of that file in `reload_hash`, and whether the two hashes
#    agree in `equal`.
#
# The function `on_disk` tells the check what is really in your two files.

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from lifecycle.deploy import digest_of_file
from xgboost import XGBClassifier

rng = np.random.default_rng(seed)
rows = rng.normal(size=(400, 4))
answers = (rows[:, 0] - rows[:, 1] * rows[:, 2] + rng.normal(size=400) > 0).astype(int)
model = XGBClassifier(n_estimators=20, max_depth=3, n_jobs=1, random_state=seed).fit(rows, answers)

# %%
folder = TemporaryDirectory()
first, second = Path(folder.name) / "first.json", Path(folder.name) / "second.json"


def on_disk():
    return [digest_of_file(file) if file.is_file() else "" for file in (first, second)]


# %% tags=["question:start.reload"]
### BEGIN SOLUTION
from hashlib import sha256

model.save_model(first)
saved_hash = sha256(first.read_bytes()).hexdigest()
reloaded = XGBClassifier()
reloaded.load_model(first)
reloaded.save_model(second)
reload_hash = sha256(second.read_bytes()).hexdigest()
equal = saved_hash == reload_hash
### END SOLUTION

# %%
check("start.reload")

# %% [markdown]
# ## Question 5 · Call somebody (3 points)
#
# A service logs every prediction. The truth arrives later, row by row, and for some rows it has not arrived yet: there
# `truth` is missing. Rows are in no particular order.
#
# Write `first_below(log, threshold)`. It returns the first month, in calendar order, whose accuracy is below the
# threshold, or `None` where there is none. Only rows whose truth is known count, and a month without any known truth is
# passed over. Then keep the accuracy of each month of the supplied `log` in `monthly`, a dictionary from month to a
# fraction, and in `alarm` the first month below 0.85.

# %%
import pandas as pd
from lifecycle import show

rng = np.random.default_rng(seed)
month = rng.integers(1, 12, size=4400)
truth = rng.integers(0, 2, size=4400)
wrong = rng.random(4400) < 0.08 + 0.014 * (month - 1)
log = pd.DataFrame({"month": [f"2024-{m:02d}" for m in month], "predicted": truth ^ wrong, "truth": truth.astype(float)})
log.loc[rng.random(4400) < 0.04 * month, "truth"] = np.nan
show.table(log.head(3))


# %% tags=["question:start.alarm"]
### BEGIN SOLUTION
def accuracies(log):
    known = log.dropna(subset=["truth"])
    right = known["predicted"] == known["truth"]
    return right.groupby(known["month"]).mean().sort_index().to_dict()


def first_below(log, threshold):
    for month, accuracy in accuracies(log).items():
        if accuracy < threshold:
            return month
    return None


monthly = accuracies(log)
alarm = first_below(log, 0.85)
### END SOLUTION

# %%
check("start.alarm")

# %% [markdown]
# ## Question 6 · Drift, harm, both or neither? (3 points)
#
# A dashboard shows the PSI of the most important feature, the accuracy at launch, and the accuracy of last month, which is
# `None` while the truth has not arrived. Write `diagnose(psi, at_launch, last_month)`, which returns one of six texts:
#
# | | lost more than 5 pp | lost 5 pp or less | truth not known |
# |---|---|---|---|
# | PSI above 0.25 | `"drift and harm"` | `"drift, no harm"` | `"drift, harm unknown"` |
# | PSI of 0.25 or less | `"harm, no drift"` | `"healthy"` | `"no drift, harm unknown"` |
#
# Apply it to the four dashboards, and collect the answers in the dictionary `diagnoses`, by name. Then think as the person
# who is called at night: which of the four models loses accuracy although its inputs look as they always did? Put its name
# into `stuck`.

# %%
dashboards = {
    "sales": (0.01, 0.92, 0.78),
    "credit": (3.90, 0.82, 0.80),
    "fraud": (0.31, 0.97, None),
    "churn": (0.02, 0.75, 0.75),
}


# %% tags=["question:start.diagnosis"]
### BEGIN SOLUTION
def diagnose(psi, at_launch, last_month):
    drift = psi > 0.25
    if last_month is None:
        return "drift, harm unknown" if drift else "no drift, harm unknown"
    harm = 100 * (at_launch - last_month) > 5
    if drift:
        return "drift and harm" if harm else "drift, no harm"
    return "harm, no drift" if harm else "healthy"


diagnoses = {name: diagnose(*values) for name, values in dashboards.items()}
stuck = next((name for name, text in diagnoses.items() if text == "harm, no drift"), None)
### END SOLUTION

# %%
check("start.diagnosis")

# %%
check.progress()
