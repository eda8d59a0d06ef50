# %% [markdown]
# # Exercise 17 · Fairness
#
# Six questions on [lesson 17](../notebooks/17_fairness.ipynb), about 50 minutes. Each starts from inputs that are
# supplied, so you can skip one and come back. Run the `check` cell under a question as often as you like;
# `check.hint("fairness.rates")` gives a hint, and another one if you ask again.

# %% tags=["parameters"]
seed: int = 42  # random seed of the supplied inputs

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · Two groups, one table (4 points)
#
# `counts` holds what happened to 1,000 applicants of each group. Positive means approved; true means that the decision
# agrees with what came out.
#
# Write `rates(cells)` for a dictionary like `counts["A"]`: a dictionary with `"base"` (share of people who would have
# repaid), `"approval"` (share approved), `"tpr"`, `"fpr"` and `"ppv"`. A rate with nobody below its line is `None`.
#
# Write `ratios(counts)`: the same five names, each with B's rate over A's; `None` where either of them is missing or A's
# is 0. Put that of the supplied counts into `b_over_a`.
#
# Then write `disparate(approvals)` for a dictionary from group to approval rate, with any number of groups: `True` where
# the four-fifths rule raises its flag, that is, where the lowest rate is below four fifths of the highest. (Where nobody
# at all is approved it does not.)

# %%
counts = {
    "A": {"tp": 510, "fp": 60, "fn": 90, "tn": 340},
    "B": {"tp": 320, "fp": 120, "fn": 80, "tn": 480},
}


# %% tags=["question:fairness.rates"]
### BEGIN SOLUTION
def rates(cells):
    tp, fp, fn, tn = cells["tp"], cells["fp"], cells["fn"], cells["tn"]
    everybody = tp + fp + fn + tn

    def share(part, whole):
        return part / whole if whole else None

    return {
        "base": share(tp + fn, everybody),
        "approval": share(tp + fp, everybody),
        "tpr": share(tp, tp + fn),
        "fpr": share(fp, fp + tn),
        "ppv": share(tp, tp + fp),
    }


def ratios(counts):
    a, b = rates(counts["A"]), rates(counts["B"])
    return {name: b[name] / a[name] if a[name] and b[name] is not None else None for name in a}


def disparate(approvals):
    most = max(approvals.values())
    return most > 0 and min(approvals.values()) / most < 0.8


b_over_a = ratios(counts)
### END SOLUTION

# %%
check("fairness.rates")

# %% [markdown]
# ## Question 2 · Three sentences, recomputed (4 points)
#
# Somebody says each of these in a meeting. Write a function that settles it.
#
# 1. “We made TPR .9 and FPR .3 in both groups, so a yes means the same for both.” Write `ppv(base, tpr, fpr)` and put the
#    values for the base rates .6 and .3, in this order, into the list `worth`.
# 2. “A: accuracy 85 %, FPR 10 %, FNR 20 %. B: accuracy 85 %, FPR 25 %, FNR 5 %. Different base rates do that.” Write
#    `base_rate(accuracy, fpr, fnr)`, `None` where FPR and FNR are equal, and put those of A and B into the list `implied`.
# 3. “85 % for the young and 89 % for the old, of 10,000 each: no disparity.” Write `z(first, second, n)`: z of the
#    difference of two shares with `n` people each, second less first, with the pooled share in the standard error. Put it
#    into `strange`.


# %% tags=["question:fairness.theorem"]
### BEGIN SOLUTION
def ppv(base, tpr, fpr):
    return base * tpr / (base * tpr + (1 - base) * fpr)


def base_rate(accuracy, fpr, fnr):
    if fpr == fnr:
        return None
    return (1 - accuracy - fpr) / (fnr - fpr)


def z(first, second, n):
    pooled = (first + second) / 2
    return (second - first) / (2 * pooled * (1 - pooled) / n) ** 0.5


worth = [ppv(0.6, 0.9, 0.3), ppv(0.3, 0.9, 0.3)]
implied = [base_rate(0.85, 0.10, 0.20), base_rate(0.85, 0.25, 0.05)]
strange = z(0.85, 0.89, 10_000)
### END SOLUTION

# %%
check("fairness.theorem")

# %% [markdown]
# ## Question 3 · The back door (3 points)
#
# A town with two groups: `group` is 1 for members of B and 0 for A; `zip_code` follows the income, and B earns less. A
# model that may not see the group sees the ZIP code. How much does that tell?
#
# Write `auc(values, group)`: the chance that a member of B, drawn at random, has a **smaller** value than a member of A
# drawn at random; a tie counts one half. Put that of the ZIP code into `tells`, and that of the ZIP code rounded to tens
# (`round(value, -1)`) into `coarse`. Does it help to blur the feature? Put what blurring takes away, `tells` less
# `coarse`, into `lost`, and compare it with what `tells` has above one half.

# %%
import numpy as np

draw = np.random.RandomState(seed)
member = draw.choice(["A", "B"], size=1_000, p=[0.7, 0.3])
rich, poor = draw.normal(75_000, 20_000, 1_000), draw.normal(55_000, 18_000, 1_000)
income = np.where(member == "A", rich, poor)
zip_code = (income / 1_000 + draw.normal(0, 10, 1_000)).tolist()
group = (member == "B").astype(int).tolist()
print(f"{sum(group)} of {len(group)} belong to B; correlation {np.corrcoef(group, zip_code)[0, 1]:.3f}")


# %% tags=["question:fairness.proxy"]
### BEGIN SOLUTION
def auc(values, group):
    inside = np.array([value for value, member in zip(values, group, strict=True) if member == 1])
    others = np.array([value for value, member in zip(values, group, strict=True) if member == 0])
    smaller = (inside[:, None] < others).mean()
    return float(smaller + (inside[:, None] == others).mean() / 2)


tells = auc(zip_code, group)
coarse = auc([round(value, -1) for value in zip_code], group)
lost = tells - coarse
### END SOLUTION

# %%
check("fairness.proxy")

# %% [markdown]
# ## Question 4 · Four years of patrols (4 points)
#
# Two districts with exactly the same crime. In a year a district's arrests are proportional to its share of the patrols.
# The planner believes that A has this share of the crime:
#
# belief = (1 - `outside`) × A's share of the arrests + `outside` × 0.5
#
# where `outside` is the weight of a survey of victims, which finds the truth. Next year's patrols of A and B are
# proportional to belief\*\*`pull` and (1 - belief)\*\*`pull`.
#
# Write `patrols(start, years, pull, outside)`: the list of A's shares of the patrols, from `start` on, one more each
# year, `years` + 1 in all. Put A's share after 4 years, from 55 %, with a pull of 1.5 and no survey, into `confirmed`.
#
# Then write `least_weight(pull)`: the smallest weight among 0, 0.05, 0.10, … 1 with which A's share, 55 % at first, is
# nearer to one half after 60 years than it was at the start. Put that for a pull of 1.5 into `enough`.


# %% tags=["question:fairness.loop"]
### BEGIN SOLUTION
def patrols(start, years, pull, outside):
    shares = [start]
    for _ in range(years):
        belief = (1 - outside) * shares[-1] + outside * 0.5
        a, b = belief**pull, (1 - belief) ** pull
        shares.append(a / (a + b))
    return shares


def least_weight(pull):
    for step in range(21):
        last = patrols(0.55, 60, pull, step / 20)[-1]
        if abs(last - 0.5) < 0.05 - 1e-9:
            return step / 20


confirmed = patrols(0.55, 4, 1.5, 0)[-1]
enough = least_weight(1.5)
### END SOLUTION

# %%
check("fairness.loop")

# %% [markdown]
# ## Question 5 · A threshold for each group (5 points)
#
# Each applicant in `applicants` has a `group`, a `score`, and a `label` (1: would have repaid). A score from the
# threshold on is approved. Write
#
# - `threshold_for(rows, tpr)`: the highest score in `rows` which, as a threshold, approves at least the share `tpr` of those
#   with label 1;
# - `equal_opportunity(rows, tpr)`: from each group's name to `[threshold, TPR, FPR]`, each with its own such threshold;
# - `who_pays(rows, common, thresholds)`: from each group's name to `[gained, lost]`: how many people are approved by their
#   group's threshold and were not by the `common` one, and the other way round. `thresholds` goes from group to threshold.
#
# Put `equal_opportunity(applicants, 0.8)` into `policy`, and what it changes against a common threshold of 0.5 into
# `changes`.

# %%
from random import Random

draw = Random(seed)
applicants = []
for _ in range(600):
    who = draw.choice("AAB")
    label = int(draw.random() < (0.6 if who == "A" else 0.4))
    centre = 0.5 + (0.15 if label else -0.15) - (0.08 if who == "B" else 0)
    applicants.append({"group": who, "score": round(min(1, max(0, draw.gauss(centre, 0.15))), 2), "label": label})
print(applicants[0])


# %% tags=["question:fairness.thresholds"]
### BEGIN SOLUTION
def threshold_for(rows, tpr):
    good = [row["score"] for row in rows if row["label"] == 1]
    fitting = [row["score"] for row in rows if sum(score >= row["score"] for score in good) >= tpr * len(good) - 1e-9]
    return max(fitting)


def equal_opportunity(rows, tpr):
    policy = {}
    for name in sorted({row["group"] for row in rows}):
        mine = [row for row in rows if row["group"] == name]
        threshold = threshold_for(mine, tpr)
        share = {}
        for label in (1, 0):
            scores = [row["score"] for row in mine if row["label"] == label]
            share[label] = sum(score >= threshold for score in scores) / len(scores)
        policy[name] = [threshold, share[1], share[0]]
    return policy


def who_pays(rows, common, thresholds):
    changes = {name: [0, 0] for name in thresholds}
    for row in rows:
        now, before = row["score"] >= thresholds[row["group"]], row["score"] >= common
        changes[row["group"]][0] += now and not before
        changes[row["group"]][1] += before and not now
    return changes


policy = equal_opportunity(applicants, 0.8)
changes = who_pays(applicants, 0.5, {name: values[0] for name, values in policy.items()})
### END SOLUTION

# %%
check("fairness.thresholds")

# %% [markdown]
# ## Question 6 · A bed for whom? (5 points)
#
# A hospital has more patients than intensive-care beds. A vendor offers a score of “need”, trained on what patients
# *cost* in the years before, with “85 % accuracy for men and for women”. The board asks you for half a page: eight to
# twelve plain sentences. Who could be harmed, and why may the score be biased? Is it fair with 85 % each? Which criterion
# would you choose, and what do you give up for it? Who decides, who is heard, and what happens after a decision?
#
# A person reads this one. Write your answer into the text cell below.

# %% [markdown] tags=["question:fairness.choice"]
# ### BEGIN SOLUTION
# Patients who are wrongly ranked low may die, so here a missed case weighs more than a bed that was given needlessly.
#
# Cost is a bad stand-in for need. People who had little access to doctors, because of money, language or distance, cost
# little and were not healthier for it; the score would learn that they need less. Their records are thin as well.
#
# "85 % for men and women" does not show fairness. Accuracy mixes two errors: I want to see how often the needy are missed
# in each group, how often a high score is right, how large the groups are, with intervals, and also for poor women and
# old men, not only for one attribute at a time.
#
# I would ask for equal opportunity: whoever needs a bed should be found equally often in every group. If groups need beds
# at different rates, then shares of beds will differ, and a high score will not be worth quite the same everywhere: both
# cannot be had at once, and I give up the latter.
#
# That is not mine to decide. Clinicians, patients' representatives, a lawyer and the ethics board are heard first; the
# board decides, and we record who and why, with a date to look again. The score only advises: the clinician has the last
# word, says why, and a patient's family can get an explanation and appeal. We audit it every quarter against outcomes
# that do not depend on the score, and we switch it off when a group is missed more often.
# ### END SOLUTION

# %%
check("fairness.choice")

# %% [markdown]
# ## How far are you?

# %%
check.progress()
