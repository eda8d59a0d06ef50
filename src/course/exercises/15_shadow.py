# %% [markdown]
# # Exercise 15 · Champion, challenger and shadow
#
# Six questions on [lesson 15](../notebooks/15_shadow.ipynb), about 45 minutes. Each starts from inputs that are supplied,
# so you can skip one and come back. Run the `check` cell under a question as often as you like;
# `check.hint("shadow.rules")` gives a hint, and another one if you ask again.

# %% tags=["parameters"]
seed: int = 15  # random seed of the supplied inputs

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · The split (2 points)
#
# Two models make yes-or-no decisions about the same cases. They disagree on a share `disagreement` of them, and the new
# one's accuracy is higher by `gain`. Write `split(gain, disagreement)`, which returns two shares as a tuple: the cases
# that only the new model gets right, and those that only the old one gets right. Where such a pair of figures is
# impossible it returns `None`.
#
# Put the two shares for a gain of 2 percentage points and 5 % disagreement into `new_right` and `old_right`.


# %% tags=["question:shadow.split"]
### BEGIN SOLUTION
def split(gain, disagreement):
    if abs(gain) > disagreement:
        return None
    return (disagreement + gain) / 2, (disagreement - gain) / 2


new_right, old_right = split(0.02, 0.05)
### END SOLUTION

# %%
check("shadow.split")

# %% [markdown]
# ## Question 2 · Which of them is better? (3 points)
#
# `truth`, `old` and `new` hold, case by case, what happened and what two models decided. Write
#
# - `discordant(truth, old, new)`: a tuple, how many cases *only the old* model got right, and how many *only the new* one;
# - `exact_p(only_old, only_new)`: the two-sided exact p-value of McNemar's test, 1 when the models never part.
#
# Put the p-value of the supplied cases into `p`.

# %%
import numpy as np

rng = np.random.default_rng(seed)
truth = rng.binomial(1, 0.3, 600)
old = np.where(rng.random(600) < 0.90, truth, 1 - truth)
new = np.where(rng.random(600) < 0.12, np.where(rng.random(600) < 0.65, truth, 1 - truth), old)


# %% tags=["question:shadow.mcnemar"]
### BEGIN SOLUTION
from scipy.stats import binom


def discordant(truth, old, new):
    truth, old, new = (np.asarray(each) for each in (truth, old, new))
    return int(((old == truth) & (new != truth)).sum()), int(((old != truth) & (new == truth)).sum())


def exact_p(only_old, only_new):
    n = only_old + only_new
    return min(1.0, 2 * float(binom.cdf(min(only_old, only_new), n, 0.5)))


p = exact_p(*discordant(truth, old, new))
### END SOLUTION

# %%
check("shadow.mcnemar")

# %% [markdown]
# ## Question 3 · How many cases does a proof take? (4 points)
#
# Write two functions that return whole numbers, rounded up. With $z_\alpha$ the normal quantile of $1 - \alpha/2$ and
# $z_\beta$ that of the power:
#
# - `paired_n(gain, disagreement, alpha, power)`, for McNemar's test on the same cases, with $d$ the disagreement and $g$ the
#   gain: $n = \left(z_\alpha \sqrt{d} + z_\beta \sqrt{d - g^2}\right)^2 / g^2$
# - `per_arm(p1, p2, alpha, power)`, for two separate groups, with the variances of the two rates *added, not pooled*:
#   $n = (z_\alpha + z_\beta)^2 \left(p_1(1-p_1) + p_2(1-p_2)\right) / (p_1 - p_2)^2$
#
# Put both for 92 against 94 % accuracy, at 5 %, with a power of 80 % and 5 % disagreement, into `n_paired` and `n_arm`.
# Put into `saved` how many labelled cases *in all* the paired comparison saves.

# %% tags=["question:shadow.size"]
### BEGIN SOLUTION
from math import ceil, sqrt

from scipy.stats import norm


def paired_n(gain, disagreement, alpha, power):
    reach = norm.ppf(1 - alpha / 2) * sqrt(disagreement) + norm.ppf(power) * sqrt(disagreement - gain**2)
    return ceil((reach / gain) ** 2)


def per_arm(p1, p2, alpha, power):
    z = norm.ppf(1 - alpha / 2) + norm.ppf(power)
    return ceil(z**2 * (p1 * (1 - p1) + p2 * (1 - p2)) / (p1 - p2) ** 2)


n_paired = paired_n(0.02, 0.05, 0.05, 0.80)
n_arm = per_arm(0.92, 0.94, 0.05, 0.80)
saved = 2 * n_arm - n_paired
### END SOLUTION

# %%
check("shadow.size")

# %% [markdown]
# ## Question 4 · Reject, manual, automatic (4 points)
#
# An evidence is a dictionary with `gain` and `fall` of accuracy (0.06 is 6 percentage points, pp), the rise of `latency` and
# the `shift` (0.06 is 6 %), `critical` (a count) and `compliant` (`True` or `False`). Write `decide(evidence)`, which
# returns `"reject"`, `"manual"` or `"automatic"`:
#
# | | automatic | manual | reject |
# |---|---|---|---|
# | gain | > 1 pp | > 5 pp | |
# | fall | < 0.5 pp | > 0.5 pp | > 2 pp |
# | latency | < 10 % | > 10 % | |
# | shift | < 5 % | > 5 % | |
# | critical | is 0 | | > 0 |
# | compliant | yes | | no |
#
# - One rule is enough to reject, and one is enough for manual; *automatic* takes all of its six.
# - Reject goes before manual, manual before automatic. Where nothing applies, the answer is manual.
# - A value may be NaN or `None`, or may be missing: then it is unknown. No rule about it holds.
#
# Put into `rulings` the list of the decisions for the four supplied evidences, in order.

# %%
fine = {"gain": 0.0, "fall": 0.0, "latency": 0.0, "shift": 0.0, "critical": 0, "compliant": True}
evidences = [
    fine | {"gain": 0.06, "latency": 0.05, "shift": 0.02},
    fine | {"gain": 0.005},
    fine | {"fall": 0.03},
    fine | {"gain": 0.02, "shift": 0.03, "latency": 0.04},
]

# %% tags=["question:shadow.rules"]
### BEGIN SOLUTION
from math import isnan, nan


def decide(evidence):
    def value(name):
        given = evidence.get(name)
        return nan if given is None else float(given)

    gain, fall, latency, shift = (value(name) for name in ("gain", "fall", "latency", "shift"))
    critical, compliant = value("critical"), value("compliant")
    if fall > 0.02 or critical > 0 or compliant == 0:
        return "reject"
    if gain > 0.05 or fall > 0.005 or latency > 0.10 or shift > 0.05:
        return "manual"
    if any(isnan(each) for each in (gain, fall, latency, shift, critical, compliant)):
        return "manual"
    automatic = gain > 0.01 and fall < 0.005 and latency < 0.10 and shift < 0.05 and critical == 0 and compliant == 1
    return "automatic" if automatic else "manual"


rulings = [decide(evidence) for evidence in evidences]
### END SOLUTION

# %%
check("shadow.rules")

# %% [markdown]
# ## Question 5 · What a week of shadow says (4 points)
#
# `log` has a line for each request of a shadow's week: `champion` and `challenger` are the two decisions (1 is flagged,
# missing where that model gave none), `label` is the truth, missing as long as nobody knows it. Write `summary(log)`, a
# dictionary with four values:
#
# - `pairs`: the number of requests that *both* models decided;
# - `agreement`: of these, the share decided alike;
# - `overlap`: of those that at least one of the two flags, the share that both flag;
# - `labelled`: of the pairs, the share whose label is known.
#
# A share of nothing is `None`. Put the summary of the supplied log into `week`. Then put into `report` the list of those
# figures that can be reported *today*, when next to no labels are known: choose from `"accuracy"`, `"agreement"`,
# `"recall"`, `"error rate of the service"`.

# %%
import pandas as pd

rng = np.random.default_rng(seed + 1)
first = rng.binomial(1, 0.04, 2000).astype(float)
second = np.where(rng.random(2000) < 0.03, 1 - first, first)
second[rng.random(2000) < 0.05] = np.nan  # dropped when the queue was full
label = np.where(rng.random(2000) < 0.02, rng.binomial(1, 0.04, 2000), np.nan)
log = pd.DataFrame({"champion": first, "challenger": second, "label": label})


# %% tags=["question:shadow.log"]
### BEGIN SOLUTION
def share(part, whole):
    return None if whole == 0 else float(part / whole)


def summary(log):
    both = log.dropna(subset=["champion", "challenger"])
    old_flag, new_flag = both["champion"] == 1, both["challenger"] == 1
    return {
        "pairs": len(both),
        "agreement": share((old_flag == new_flag).sum(), len(both)),
        "overlap": share((old_flag & new_flag).sum(), (old_flag | new_flag).sum()),
        "labelled": share(both["label"].notna().sum(), len(both)),
    }


week = summary(log)
report = ["agreement", "error rate of the service"]
### END SOLUTION

# %%
check("shadow.log")

# %% [markdown]
# ## Question 6 · A mirror that nobody waits for (4 points)
#
# Write the mirror of a shadow without any network. `champion` and `challenger` are functions from a request to an answer.
# Complete the class `Mirror`, so that
#
# - `answer(request)` returns the champion's answer at once and never calls the challenger. It remembers the request, with
#   the champion's answer, unless `limit` of them are waiting already: then it counts one more in `dropped`.
# - `work()` asks the challenger about the request that has waited longest, and appends
#   `(request, champion's answer, challenger's answer)` to the list `pairs`. Where the challenger raises an error, its answer
#   is `None`. With nothing waiting, `work` does nothing.
#
# An error of the *champion* is the caller's business: it comes through, and nothing is remembered.

# %% [markdown]
# `played` lets a mirror of yours live through a day: `"a"` is a request, `"w"` a turn of work. The champion doubles a
# number, the challenger triples it, and both fail at certain requests. It is there for the check, and for you to try:
# `played("aawaw", 2)`.


# %%
def played(day, limit, broken_champion=(), broken_challenger=()):
    asked = []

    def model(factor, broken, name):
        def score(request):
            asked.append(name)
            if request in broken:
                raise ValueError("no answer")
            return factor * request

        return score

    mirror = Mirror(model(2, broken_champion, "champion"), model(3, broken_challenger, "challenger"), limit)
    said = []
    for request, turn in enumerate(day):
        if turn == "w":
            mirror.work()
            continue
        try:
            said.append(mirror.answer(request))
        except ValueError:
            said.append("error")
    return {"said": said, "pairs": list(mirror.pairs), "dropped": mirror.dropped, "asked": asked}


# %% tags=["question:shadow.mirror"]
### BEGIN SOLUTION
from collections import deque


class Mirror:
    def __init__(self, champion, challenger, limit):
        self.champion, self.challenger, self.limit = champion, challenger, limit
        self.waiting, self.pairs, self.dropped = deque(), [], 0

    def answer(self, request):
        said = self.champion(request)
        if len(self.waiting) < self.limit:
            self.waiting.append((request, said))
        else:
            self.dropped += 1
        return said

    def work(self):
        if not self.waiting:
            return
        request, said = self.waiting.popleft()
        try:
            copy = self.challenger(request)
        except Exception:
            copy = None
        self.pairs.append((request, said, copy))


### END SOLUTION

# %%
check("shadow.mirror")

# %%
check.progress()
