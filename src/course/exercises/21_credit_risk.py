# %% [markdown]
# # Exercise 21 · Consumer credit risk
#
# Six questions on [lesson 21](../notebooks/21_credit_risk.ipynb), about 45 minutes. Each starts from inputs that are
# supplied, so you can skip one and come back. Run the `check` cell under a question as often as you like;
# `check.hint("credit_risk.points")` gives a hint, and another one if you ask again.

# %% tags=["parameters"]
seed: int = 21  # random seed of the supplied clients

# %%
import numpy as np
import pandas as pd

from workbench import check

# %% [markdown]
# ## Question 1 · How far apart? (3 points)
#
# `good_scores` and `bad_scores` are scores of clients who turned out good and bad; the higher, the better. Write
#
# - `gini_of(auc)`: the Gini that belongs to an AUC;
# - `ks_of(good, bad)`: the largest distance between the two cumulative curves, a number from 0 to 1. Scores repeat, and
#   the lists differ in length.
#
# Put the Gini for an AUC of .92 into `gini`, and the KS of the supplied scores into `ks`.

# %%
rng = np.random.default_rng(seed)
good_scores = rng.normal(620, 40, 900).round(-1)
bad_scores = rng.normal(560, 50, 140).round(-1)


# %% tags=["question:credit_risk.apart"]
### BEGIN SOLUTION
def gini_of(auc):
    return 2 * auc - 1


def ks_of(good, bad):
    good, bad = np.sort(good), np.sort(bad)
    at = np.concatenate([good, bad])
    share_good = np.searchsorted(good, at, side="right") / len(good)
    share_bad = np.searchsorted(bad, at, side="right") / len(bad)
    return float(np.abs(share_good - share_bad).max())


gini = gini_of(0.92)
ks = ks_of(good_scores, bad_scores)
### END SOLUTION

# %%
check("credit_risk.apart")

# %% [markdown]
# ## Question 2 · Who has come? (4 points)
#
# - `stability(then, now)`: the stability index of two lists of shares. Raise shares below 0.0001 to 0.0001 first, in both.
# - `index`: that of the shares in `score_then` and `score_now`.
# - `characteristic_stability(then, now)`: two tables with the same columns, one row a client, hold the **number of the bin**
#   that each client is in, from 0. Return a dictionary: column to index. A bin that is empty in one table counts there with
#   a share of 0 (so raise it); the number of bins of a column is the largest number in either table, plus 1.
# - `moved`: the list of the columns of `clients_then` and `clients_now` whose index is .1 or more, largest first.

# %%
score_then, score_now = [0.1, 0.2, 0.4, 0.2, 0.1], [0.2, 0.25, 0.35, 0.15, 0.05]
rng = np.random.default_rng(seed + 1)
mixes = {
    "status": ([0.3, 0.5, 0.2], [0.29, 0.5, 0.21]),
    "limit": ([0.25, 0.25, 0.25, 0.25], [0.55, 0.25, 0.15, 0.05]),
    "repaid": ([0.2, 0.3, 0.5], [0.36, 0.3, 0.34]),
    "channel": ([0.6, 0.4, 0.0], [0.55, 0.4, 0.05]),
}
clients_then, clients_now = (
    pd.DataFrame({name: rng.choice(len(pair[k]), size=4_000, p=pair[k]) for name, pair in mixes.items()}) for k in (0, 1)
)


# %% tags=["question:credit_risk.came"]
### BEGIN SOLUTION
def stability(then, now):
    then, now = (np.maximum(np.asarray(shares, float), 1e-4) for shares in (then, now))
    return float(((now - then) * np.log(now / then)).sum())


def characteristic_stability(then, now):
    found = {}
    for name in then.columns:
        bins = int(max(then[name].max(), now[name].max())) + 1
        shares = [np.bincount(table[name], minlength=bins) / len(table) for table in (then, now)]
        found[name] = stability(*shares)
    return found


index = stability(score_then, score_now)
found = characteristic_stability(clients_then, clients_now)
moved = [name for name in sorted(found, key=found.get, reverse=True) if found[name] >= 0.1]
### END SOLUTION

# %%
check("credit_risk.came")

# %% [markdown]
# ## Question 3 · Points (5 points)
#
# - `evidence(goods, bads)`: the weight of evidence of each bin from two lists of counts, as a list. Positive is good news.
#   No count is 0.
# - `points_of(slope, woe, pdo)`: points of a bin, rounded to a whole number. `slope` is the coefficient of a logistic
#   regression **of being bad** on the weight of evidence; `pdo` points double the odds of being good.
# - `score(card, client)`: the score by a card like the one below, for a dictionary of values. A line holds
#   `from <= value < below` (`None` is open); the last line of each characteristic is for a value that is missing: `None`, or
#   not in the dictionary at all.
# - `scores`: the list of the scores of the supplied `people`.

# %%
card = {
    "base": 560,
    "characteristics": [
        {"feature": "status", "lines": [
            {"from": None, "below": 0, "points": 31},
            {"from": 0, "below": 2, "points": 12},
            {"from": 2, "below": None, "points": -70},
            {"missing": True, "points": -4},
        ]},
        {"feature": "limit", "lines": [
            {"from": None, "below": 50, "points": -15},
            {"from": 50, "below": 140, "points": -3},
            {"from": 140, "below": None, "points": 14},
            {"missing": True, "points": 0},
        ]},
    ],
}  # fmt: skip
rng = np.random.default_rng(seed + 2)
people = [
    {"status": int(status), "limit": float(limit)}
    for status, limit in zip(rng.integers(-2, 4, 8), rng.choice([20, 50, 80, 139.9, 140, 500], 8), strict=True)
]
people += [{"status": None, "limit": 140.0}, {"status": 2}]


# %% tags=["question:credit_risk.points"]
### BEGIN SOLUTION
def evidence(goods, bads):
    goods, bads = np.array(goods, float), np.array(bads, float)
    return [float(x) for x in np.log((goods / goods.sum()) / (bads / bads.sum()))]


def points_of(slope, woe, pdo):
    return round(-slope * woe * pdo / np.log(2))


def score(card, client):
    total = card["base"]
    for each in card["characteristics"]:
        value = client.get(each["feature"])
        for line in each["lines"]:
            if line.get("missing"):
                hit = value is None
            else:
                low, high = line["from"], line["below"]
                hit = value is not None and (low is None or value >= low) and (high is None or value < high)
            if hit:
                total += line["points"]
                break
    return total


scores = [score(card, client) for client in people]
### END SOLUTION

# %%
check("credit_risk.points")

# %% [markdown]
# ## Question 4 · Whom we never saw (3 points)
#
# `applicants` has a row an applicant: `bad` (1, 0; missing where nobody knows), `accepted_by` (`"policy"`, `"lot"` or
# `"nobody"`). The policy accepts whom it likes; of the others, one in `ONE_IN` was accepted all the same, drawn by lot.
# `truth` holds the outcome of everybody: a bank does not have it.
#
# - `gap`: the rate of bad among all applicants, by `truth`, less the rate among those whom the **policy** accepted. As a
#   fraction.
# - `estimated_rate(table, one_in)`: what a bank can say about the rate of bad among **all** applicants, from such a table
#   alone: the accepted by policy stand for themselves, each of the lot for `one_in` of the refused. Divide by the sum of the
#   weights.
# - `estimate`: that rate for `applicants`.

# %%
ONE_IN = 8
rng = np.random.default_rng(seed + 3)
risk = rng.beta(1.5, 5, 12_000)
truth = pd.Series((rng.random(12_000) < risk).astype(int))
liked = risk + rng.normal(0, 0.08, 12_000) < 0.28
drawn = rng.random(12_000) < 1 / ONE_IN
accepted_by = np.where(liked, "policy", np.where(drawn, "lot", "nobody"))
applicants = pd.DataFrame({"bad": truth.where(accepted_by != "nobody"), "accepted_by": accepted_by})


# %% tags=["question:credit_risk.unseen"]
### BEGIN SOLUTION
def estimated_rate(table, one_in):
    weight = table["accepted_by"].map({"policy": 1.0, "lot": float(one_in), "nobody": 0.0})
    return float((weight * table["bad"].fillna(0)).sum() / weight.sum())


by_policy = applicants.loc[applicants["accepted_by"] == "policy", "bad"]
gap = float(truth.mean() - by_policy.mean())
estimate = estimated_rate(applicants, ONE_IN)
### END SOLUTION

# %%
check("credit_risk.unseen")

# %% [markdown]
# ## Question 5 · Does the chance come true? (5 points)
#
# - `calibration_error(labels, chances)`: in ten bins of width .1 (the k-th holds chances from k/10 up to, not including,
#   (k + 1)/10; the last also 1), the distance between the mean chance and the share of bad, averaged over the bins with the
#   number of rows as the weight. Empty bins do not count.
# - `undo(chance, trained, actual)`: the chance that a score learned at the prevalence `trained` means where the
#   prevalence is `actual`.
# - `fraud`: that of a score of .9, learned on as many frauds as other payments, where .17275 % are fraud.
# - `before`, `after`: the calibration error of `chances` on the **second half** of the supplied rows (from row `HALF` on),
#   as they are, and after a monotone calibration (scikit-learn's `IsotonicRegression(out_of_bounds="clip")`) learned on the
#   first half.

# %%
from sklearn.isotonic import IsotonicRegression

HALF = 4_000
rng = np.random.default_rng(seed + 4)
real = rng.beta(1.2, 6, 2 * HALF)
labels = (rng.random(2 * HALF) < real).astype(int)
chances = 5 * real / (1 + 4 * real)  # learned on reweighted rows


# %% tags=["question:credit_risk.promise"]
### BEGIN SOLUTION
def calibration_error(labels, chances):
    labels, chances = np.asarray(labels, float), np.asarray(chances, float)
    bins = np.minimum((chances * 10).astype(int), 9)
    gaps = [abs(chances[bins == k].mean() - labels[bins == k].mean()) * (bins == k).sum() for k in np.unique(bins)]
    return float(sum(gaps) / len(labels))


def undo(chance, trained, actual):
    bad, good = chance * actual / trained, (1 - chance) * (1 - actual) / (1 - trained)
    return bad / (bad + good)


fraud = undo(0.9, 0.5, 0.0017275)
mend = IsotonicRegression(out_of_bounds="clip").fit(chances[:HALF], labels[:HALF])
before = calibration_error(labels[HALF:], chances[HALF:])
after = calibration_error(labels[HALF:], mend.predict(chances[HALF:]))
### END SOLUTION

# %%
check("credit_risk.promise")

# %% [markdown]
# ## Question 6 · What the validator writes (4 points)
#
# You belong to the independent team. This is what you found on a card that the business wants to use from next week on:
#
# | month | bad | promised | Gini | PSI |
# |---|---|---|---|---|
# | July (development) | 13.8 % | 13.4 % | .71 | .001 |
# | August | 14.7 % | 14.8 % | .72 | .006 |
# | September | 22.5 % | 15.5 % | .46 | .015 |
#
# Bad means one month late or more. The code for one month, 1, stood at 28 of 30,000 clients in August and at 3,688 in
# September: 1,672 of them had been two months late, 1,221 had come from -2, 612 from -1. Of the clients with -2, 32 %
# were bad in September, after 2 % in August; of those who turned bad, 95 % had owed nothing. The document does not say
# what -2 means. The rebuild from the document differs from production for all clients with -2.
#
# Write five to eight sentences to the head of lending: what you conclude, on which evidence, what is not known, and what
# has to happen before the card is used, by whom. A person reads this one. Write your answer into the text cell below.

# %% [markdown] tags=["question:credit_risk.memo"]
# ### BEGIN SOLUTION
# We do not release the card: in September its Gini fell from .72 to .46, and it promised 15.5 % bad where 22.5 % came.
# The stability index stayed silent (.015) because it compares who comes and knows nothing of outcomes. What changed sits
# in one code: 1 was given to 28 clients in August and to 3,688 in September, who come from -2, from -1 and from two
# months late at once; of those from -2, 95 % had owed nothing.
#
# We believe that the coding changed, and with it our definition of bad, but we do not know it; the owner of the status
# column has to tell us what 1 and -2 mean, and since when. Until then nobody retrains on September, which would teach the
# card an artefact. The development team then defines bad so that it does not hang on that code, develops again, and
# writes production's rule for -2, in which our rebuild differs, into the document, or takes it out. We validate again on
# a later month, by segment, with the Gini and with the promise; until then the present card stays.
# ### END SOLUTION

# %%
check("credit_risk.memo")

# %% [markdown]
# ## How far are you?

# %%
check.progress()
