# %% [markdown]
# # Exercise 16 · A/B testing
#
# Seven questions on [lesson 16](../notebooks/16_ab_testing.ipynb), about 45 minutes. Each starts from inputs that are
# supplied, so you can skip one and come back. Run the `check` cell under a question as often as you like;
# `check.hint("ab_testing.size")` gives a hint, and another one if you ask again.

# %% tags=["parameters"]
seed: int = 16  # random seed of the supplied inputs

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · How many visitors? (4 points)
#
# Write `visitors_per_group(baseline, lift, power, sides)`: how many visitors each of two equal groups needs, for a test
# with `sides` 1 or 2 at alpha 5 %. Use the pooled variance, with the mean of the two rates, and round up.
#
# The click-through rate is 5.0 %, the power 80 %. Put into
#
# - `two_sided` and `one_sided` the visitors in each group for a lift of 0.5 percentage points;
# - `smaller` those for 0.25 points, with two sides;
# - `ratio` how many times as many the half lift takes.

# %% tags=["question:ab_testing.size"]
### BEGIN SOLUTION
from math import ceil

from scipy.stats import norm


def visitors_per_group(baseline, lift, power, sides):
    z = norm.ppf(1 - 0.05 / sides) + norm.ppf(power)
    rate = baseline + lift / 2
    return ceil(2 * z**2 * rate * (1 - rate) / lift**2)


two_sided = visitors_per_group(0.05, 0.005, 0.80, 2)
one_sided = visitors_per_group(0.05, 0.005, 0.80, 1)
smaller = visitors_per_group(0.05, 0.0025, 0.80, 2)
ratio = smaller / two_sided
### END SOLUTION

# %%
check("ab_testing.size")

# %% [markdown]
# ## Question 2 · What do 50,000 buy? (2 points)
#
# "50,000 in each group, for 80 %." Write `power_with(n, baseline, lift)`: the chance that a two-sided test at 5 % with
# `n` visitors in each group finds the lift. Use the same pooled variance; that the test finds it in the *wrong* direction
# does not count. Put the power for 50,000, 5.0 % and a lift of 0.5 points into `bought`.

# %% tags=["question:ab_testing.power"]
### BEGIN SOLUTION
from scipy.stats import norm


def power_with(n, baseline, lift):
    rate = baseline + lift / 2
    deviation = (2 * rate * (1 - rate) / n) ** 0.5
    return norm.cdf(lift / deviation - norm.ppf(0.975))


bought = power_with(50_000, 0.05, 0.005)
### END SOLUTION

# %%
check("ab_testing.power")

# %% [markdown]
# ## Question 3 · A lot that remembers (3 points)
#
# Write `group_of(user, experiment)`: `"A"` or `"B"`, about half of the users each, whatever the names look like.
#
# - The same user gets the same group in the same experiment, always and on every machine. The team of the phone app
#   computes it as well, in another language, so this was agreed: the SHA-256 of experiment, slash, user, as in
#   `ranking/customer-0`, in UTF-8, read as one whole number. Even is `"A"`, odd is `"B"`.
# - In another experiment the halves are drawn anew: of those in B here, about half are in B there.
#
# `hashlib.sha256` has it; `hexdigest()` writes the number with 16 digits. Python's own `hash` gives other numbers in every
# process, and a table of who drew what is known to one machine.

# %%
users = [f"customer-{10 * number}" for number in range(4_000)]


# %% tags=["question:ab_testing.lot"]
### BEGIN SOLUTION
from hashlib import sha256


def group_of(user, experiment):
    number = int(sha256(f"{experiment}/{user}".encode()).hexdigest(), 16)
    return "AB"[number % 2]


### END SOLUTION

# %%
check("ab_testing.lot")

# %% [markdown]
# ## Question 4 · Who is missing? (3 points)
#
# Write `mismatch_p(counts, shares)`: the p-value of Pearson's chi-squared test of the groups' sizes. `counts` is a list
# of users found in each group, `shares` the list of planned shares, which add up to 1. Put the p-value for 50,000 and
# 51,000, planned as halves, into `p_split`.
#
# `experiments` has the sizes of six experiments, with the shares that were planned. Put into `suspects` the names of
# those with p below 0.01, in the order of the dictionary.

# %%
from random import Random

draw = Random(seed)
experiments = {}
for name, shares in (("button", [0.5, 0.5]), ("price", [0.9, 0.1]), ("font", [0.5, 0.5]), ("search", [0.8, 0.2])):
    first = round(60_000 * shares[0]) + draw.randint(-80, 80)
    experiments[name] = {"counts": [first, 60_000 - first], "shares": shares}
experiments["basket"] = {"counts": [54_000, 5_600 - draw.randint(0, 50)], "shares": [0.9, 0.1]}
experiments["login"] = {"counts": [20_000, 20_080, 19_300 - draw.randint(0, 90)], "shares": [1 / 3, 1 / 3, 1 / 3]}
for name, sizes in experiments.items():
    print(name, sizes["counts"], [round(share, 2) for share in sizes["shares"]])

# %% tags=["question:ab_testing.ratio"]
### BEGIN SOLUTION
from scipy.stats import chi2


def mismatch_p(counts, shares):
    expected = [share * sum(counts) for share in shares]
    statistic = sum((count - one) ** 2 / one for count, one in zip(counts, expected, strict=True))
    return chi2.sf(statistic, len(counts) - 1)


p_split = mismatch_p([50_000, 51_000], [0.5, 0.5])
suspects = [name for name, sizes in experiments.items() if mismatch_p(sizes["counts"], sizes["shares"]) < 0.01]
### END SOLUTION

# %%
check("ab_testing.ratio")

# %% [markdown]
# ## Question 5 · Better, and by how much? (3 points)
#
# Write `compared(clicks_a, n_a, clicks_b, n_b)`, which returns a dictionary with `z` (pooled rate), the two-sided `p`, and
# the ends `low` and `high` of the 95 % interval of the difference B minus A, **in percentage points**, with each group's
# own variance.
#
# In week 2, with 50,000 visitors in each group, A had 5.1 % and B 5.7 %. Put `compared` of that into `week_2`. In week 1,
# with as many others, it was 5.0 % and 5.6 %: put `compared` of both weeks together into `both_weeks`.

# %% tags=["question:ab_testing.result"]
### BEGIN SOLUTION
from scipy.stats import norm


def compared(clicks_a, n_a, clicks_b, n_b):
    a, b = clicks_a / n_a, clicks_b / n_b
    rate = (clicks_a + clicks_b) / (n_a + n_b)
    z = (b - a) / (rate * (1 - rate) * (1 / n_a + 1 / n_b)) ** 0.5
    half = norm.ppf(0.975) * (a * (1 - a) / n_a + b * (1 - b) / n_b) ** 0.5
    return {"z": z, "p": 2 * norm.sf(abs(z)), "low": 100 * (b - a - half), "high": 100 * (b - a + half)}


week_2 = compared(2550, 50_000, 2850, 50_000)
both_weeks = compared(5050, 100_000, 5650, 100_000)
### END SOLUTION

# %%
check("ab_testing.result")

# %% [markdown]
# ## Question 6 · What does peeking cost? (4 points)
#
# Two identical models, five looks after equal numbers of visitors. `paths` holds the z of the difference at each look, a
# row a test, 20,000 tests.
#
# - Write `alarms(paths, bound)`: the share of tests in which |z| reaches `bound` at *any* look.
# - Put the share at a bound of 1.96 into `peeking`, and that of a single look, the last, into `single`.
# - Find the bound at which five looks together give false alarms in 5 % of the tests. Put it into `fair_bound`; what
#   holds for the supplied `paths` counts as well as the exact one.
# - `lifted` holds the same for a model that *is* better. Which share of its tests reaches your `fair_bound` upwards at
#   some look? Put it into `found`.

# %%
import numpy as np

rng = np.random.default_rng(seed)
steps = rng.normal(size=(20_000, 5))
paths = steps.cumsum(axis=1) / np.sqrt(np.arange(1, 6))
lifted = (steps[::-1] + 2.8 / 5**0.5).cumsum(axis=1) / np.sqrt(np.arange(1, 6))
print("the first test:", *(f"{z:.2f}" for z in paths[0]))

# %% tags=["question:ab_testing.peeking"]
### BEGIN SOLUTION
import numpy as np


def alarms(paths, bound):
    return float((np.abs(paths) >= bound).any(axis=1).mean())


peeking = alarms(paths, 1.96)
single = alarms(paths[:, -1:], 1.96)
fair_bound = float(np.quantile(np.abs(paths).max(axis=1), 0.95))
found = float((lifted >= fair_bound).any(axis=1).mean())
### END SOLUTION

# %%
check("ab_testing.peeking")

# %% [markdown]
# ## Question 7 · What is to be done? (5 points)
#
# The order was fixed beforehand. Write `decision(seen)`, which returns the first answer that applies:
#
# 1. `"invalid"` when the p-value of the sample ratio, `seen["ratio_p"]`, is below 0.01;
# 2. `"stop"` when a guardrail is harmed: the *low* end of its interval is above its margin;
# 3. `"wait"` when there are fewer users than planned: `seen["users"] < seen["planned"]`;
# 4. `"keep"` when the interval of the metric's gain does not lie above 0 as a whole;
# 5. `"ask"` when some guardrail is not surely safe: the *high* end of its interval is above its margin;
# 6. `"replace"` otherwise.
#
# `seen["gain"]` is a pair (low, high); `seen["guardrails"]` maps a name to a triple (low, high, margin), of how much
# *worse* it got. It may be empty. A number that is not known is NaN, and must never lead to `"replace"`: a ratio or a
# guardrail with NaN in it counts as invalid or as not surely safe, a gain with NaN in it as no gain, an unknown number of
# users as too few.
#
# Put the answers for the supplied experiments into the dictionary `decisions`, by name.

# %%
draw = Random(seed)
good = {"ratio_p": 0.4, "users": 32_000, "planned": 31_235, "gain": (0.002, 0.008), "guardrails": {}}
complaints, errors = (-0.001, 0.0015, 0.002), (0.004, 0.009, draw.choice([0.001, 0.002, 0.003]))
results = {
    "ranking": good | {"guardrails": {"complaints": complaints}},
    "banner": good | {"users": draw.randint(9_000, 30_000), "gain": (0.001, 0.02)},
    "voucher": good | {"guardrails": {"complaints": complaints, "errors": errors}},
    "video": good | {"ratio_p": draw.choice([1e-9, 0.0017, 0.004])},
    "colour": good | {"gain": (-0.0004, draw.choice([0.004, 0.006]))},
    "chat": good | {"guardrails": {"complaints": (-0.002, draw.choice([0.003, 0.005]), 0.002)}},
    "broken": good | {"ratio_p": float("nan")},
}


# %% tags=["question:ab_testing.decision"]
### BEGIN SOLUTION
def decision(seen):
    guardrails = seen["guardrails"].values()
    if not seen["ratio_p"] >= 0.01:
        return "invalid"
    if any(low > margin for low, high, margin in guardrails):
        return "stop"
    if not seen["users"] >= seen["planned"]:
        return "wait"
    if not 0 < seen["gain"][0] <= seen["gain"][1]:
        return "keep"
    if not all(low <= high <= margin for low, high, margin in guardrails):
        return "ask"
    return "replace"


decisions = {name: decision(seen) for name, seen in results.items()}
### END SOLUTION

# %%
check("ab_testing.decision")

# %%
check.progress()
