# %% [markdown]
# # Exercise 13 · Ground truth and business value
#
# Six questions on [lesson 13](../notebooks/13_business_value.ipynb), about 45 minutes. Each starts from inputs that are
# supplied, so you can skip one and come back. Run the `check` cell under a question as often as you like;
# `check.hint("business_value.roi")` gives a hint, and another one if you ask again.

# %% tags=["parameters"]
seed: int = 13  # random seed of the supplied inputs

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · Is it a good deal? (4 points)
#
# A campaign is a dictionary like `campaign` below. `recall` is the share of the leaving customers (`cases`) that the
# model flags, `success` the share of *these* who stay when they are called, `value` what a customer who stays is worth,
# and `contact` what a call costs. Everybody who is flagged is called: `precision`, the share of flags that are right, may
# be missing, and then counts as 1.
#
# Write `roi(campaign)`: net value over all costs (calls, development, maintenance), as a fraction. Put the value for the
# supplied campaign into `told`, and that for a precision of 50 % into `honest`.
#
# Then write `break_even_precision(campaign)`: the precision at which the net value is 0, whatever precision the
# dictionary holds; `None` where no precision up to 1 is good enough. Put that of the supplied campaign into `even`.

# %%
campaign = {
    "cases": 10_000,
    "recall": 0.75,
    "success": 0.30,
    "value": 500,
    "contact": 50,
    "development": 100_000,
    "maintenance": 20_000,
}


# %% tags=["question:business_value.roi"]
### BEGIN SOLUTION
def roi(campaign):
    found = campaign["cases"] * campaign["recall"]
    benefit = found * campaign["success"] * campaign["value"]
    calls = found / campaign.get("precision", 1)
    cost = campaign["development"] + campaign["maintenance"] + calls * campaign["contact"]
    return (benefit - cost) / cost


def break_even_precision(campaign):
    found = campaign["cases"] * campaign["recall"]
    left = found * campaign["success"] * campaign["value"] - campaign["development"] - campaign["maintenance"]
    if left < found * campaign["contact"]:
        return None
    return found * campaign["contact"] / left


told = roi(campaign)
honest = roi(campaign | {"precision": 0.5})
even = break_even_precision(campaign)
### END SOLUTION

# %%
check("business_value.roi")

# %% [markdown]
# ## Question 2 · The green board (3 points)
#
# A fraud team's month: losses prevented, cost of false positives, cost of operation. Development was paid once and is
# spread over `months`. Write `returns(prevented, false_positives, operation, development, months)`, a list of three
# returns as fractions:
#
# 1. what is left after false positives and operation, over operation alone;
# 2. the same amount, over operation and false positives;
# 3. what is left after *all* costs of the month, a month's share of the development among them, over these costs.
#
# Put those of the supplied month into `three`. Then put into `precision` the precision that a detection rate of 92 % and
# a false-positive rate of 1.8 % imply when 492 of 284,807 payments are fraud.

# %%
month = {"prevented": 200_000, "false_positives": 4_000, "operation": 20_000, "development": 100_000, "months": 12}


# %% tags=["question:business_value.board"]
### BEGIN SOLUTION
def returns(prevented, false_positives, operation, development, months):
    left = prevented - false_positives - operation
    share = development / months
    running = operation + false_positives
    return [left / operation, left / running, (left - share) / (running + share)]


three = returns(**month)
prevalence = 492 / 284_807
hits, false_alarms = prevalence * 0.92, (1 - prevalence) * 0.018
precision = hits / (hits + false_alarms)
### END SOLUTION

# %%
check("business_value.board")

# %% [markdown]
# ## Question 3 · Scenarios and worlds (4 points)
#
# `net` is supplied: the net value of a campaign under changed assumptions, as in `net(recall=0.6)`. Write
# `table(scenarios)` for scenarios as below: a dictionary from name to `[net value, difference to the base case]`, where
# the base case is `net()` without any change. Put the one for `scenarios` into `told_table`.
#
# Then write `largest(ranges)`: the name of the assumption that moves the net value most when it alone goes from the low
# to the high end of its range, and put that of `ranges` into `driver`.
#
# Three scenarios are no probability. `worlds` holds 2,000 sets of assumptions that were drawn at random. Put into
# `chance` the share of them in which the net value is above zero.

# %%
from random import Random


def net(recall=0.75, success=0.30, value=500, development=100_000, precision=1.0):
    flagged = 10_000 * recall
    return flagged * success * value - flagged / precision * 50 - development - 20_000


scenarios = {
    "pessimistic": {"recall": 0.6, "success": 0.2, "value": 400, "development": 150_000},
    "base": {},
    "optimistic": {"recall": 0.9, "success": 0.4, "value": 600, "development": 75_000},
}
ranges = {"recall": (0.6, 0.9), "development": (75_000, 150_000), "success": (0.2, 0.4), "value": (400, 600)}
draw = Random(seed)
worlds = [
    {
        "recall": draw.triangular(0.6, 0.9, 0.75),
        "success": draw.triangular(0.1, 0.4, 0.25),
        "precision": draw.triangular(0.35, 0.8, 0.5),
    }
    for _ in range(2_000)
]


# %% tags=["question:business_value.scenarios"]
### BEGIN SOLUTION
def table(scenarios):
    base = net()
    return {name: [net(**changes), net(**changes) - base] for name, changes in scenarios.items()}


def largest(ranges):
    return max(ranges, key=lambda name: abs(net(**{name: ranges[name][1]}) - net(**{name: ranges[name][0]})))


told_table = table(scenarios)
driver = largest(ranges)
chance = sum(net(**world) > 0 for world in worlds) / len(worlds)
### END SOLUTION

# %%
check("business_value.scenarios")

# %% [markdown]
# ## Question 4 · What was known on day 14? (4 points)
#
# `events` is a log, in no particular order. A prediction has an `id`, the `day` it was made and a `flag` (1 or 0); an
# outcome has the `id` of its prediction, the `day` on which it became known, and a `label` (1 or 0).
#
# - Nothing that happened after the day counts.
# - An outcome may be corrected: the latest one known by the day counts. No two of one id have the same day.
# - Some outcomes have ids that nobody predicted. They are left out.
#
# Write `as_of(events, day)`: a dictionary with `predictions` (how many had been made), `labelled` (how many of them had
# an outcome), and `precision` (share of the labelled flags that were right, `None` without any). Put the dictionary of
# day 14 of the supplied events into `known`.

# %%
draw = Random(seed)
events = []
for number in range(1, 161):
    made, positive = draw.randint(1, 20), draw.random() < 0.4
    flag = int(draw.random() < (0.8 if positive else 0.3))
    events.append({"kind": "prediction", "id": f"P-{number:03d}", "day": made, "flag": flag})
    wait = draw.randint(4, 12) if positive else draw.randint(1, 6)
    if positive and draw.random() < 0.3:  # believed to be genuine at first
        events.append({"kind": "outcome", "id": f"P-{number:03d}", "day": made + 1, "label": 0})
    if draw.random() < 0.9:
        events.append({"kind": "outcome", "id": f"P-{number:03d}", "day": made + wait, "label": int(positive)})
events += [{"kind": "outcome", "id": f"X-{number:03d}", "day": 3 + number, "label": 1} for number in range(12)]
draw.shuffle(events)
print(f"{len(events)} events, the first: {events[0]}")


# %% tags=["question:business_value.as_of"]
### BEGIN SOLUTION
def as_of(events, day):
    seen = sorted((event for event in events if event["day"] <= day), key=lambda event: event["day"])
    flags = {event["id"]: event["flag"] for event in seen if event["kind"] == "prediction"}
    labels = {event["id"]: event["label"] for event in seen if event["kind"] == "outcome" and event["id"] in flags}
    judged = [labels[each] for each in labels if flags.get(each) == 1]
    return {
        "predictions": len(flags),
        "labelled": len(labels),
        "precision": sum(judged) / len(judged) if judged else None,
    }


known = as_of(events, 14)
### END SOLUTION

# %%
check("business_value.as_of")

# %% [markdown]
# ## Question 5 · Honest about what is missing (4 points)
#
# On day `today` each row of `rows` is a decision with the day it was `made`, its `flag`, and its `label`: 1, 0, or `None`
# where nobody knows yet. A 1 takes longer to be known than a 0. Write three functions of the rows:
#
# - `bounds(rows)`: least and largest precision that *all* flags together can turn out to have, as a list, if the missing
#   labels are all 0, and if they are all 1;
# - `old_precision(rows, today, age)`: precision of the labelled flags that were made at least `age` days ago;
# - `corrected(rows, today, known_by)`: precision of the labelled flags, in which each label stands for as many as it has to:
#   `known_by[label][age]` is the share of the flags with this label whose label is known at that age. Where a
#   share is 0, a label that is known all the same stands for none: leave it out. After the end of the list all are known.
#
# Each returns `None` (`bounds`: `[None, None]`) where there is nothing to divide by. Put the three for the supplied rows,
# with an age of 20, into the list `answers`, as `[bounds, old precision, corrected]`.

# %%
today = 40
known_by = {
    0: [0, 0.15, 0.35, 0.55, 0.7, 0.8, 0.88, 0.94, 0.97, 1.0],
    1: [0, 0, 0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.58, 0.66, 0.73, 0.8, 0.85, 0.9, 0.94, 0.97, 0.99, 1.0],
}
draw = Random(seed)
rows = []
for _ in range(1_500):
    made, positive = draw.randint(15, today), draw.random() < 0.4
    shares = known_by[int(positive)]
    arrived = draw.random() < (shares[today - made] if today - made < len(shares) else 1)
    rows.append({"made": made, "flag": int(draw.random() < 0.5), "label": int(positive) if arrived else None})


# %% tags=["question:business_value.missing"]
### BEGIN SOLUTION
def bounds(rows):
    labels = [row["label"] for row in rows if row["flag"]]
    if not labels:
        return [None, None]
    return [labels.count(1) / len(labels), (labels.count(1) + labels.count(None)) / len(labels)]


def old_precision(rows, today, age):
    labels = [row["label"] for row in rows if row["flag"] and row["label"] is not None and row["made"] <= today - age]
    return sum(labels) / len(labels) if labels else None


def corrected(rows, today, known_by):
    stands_for = {0: 0.0, 1: 0.0}
    for row in rows:
        if row["flag"] and row["label"] is not None:
            shares, age = known_by[row["label"]], today - row["made"]
            share = shares[age] if age < len(shares) else 1
            stands_for[row["label"]] += 1 / share if share else 0
    whole = sum(stands_for.values())
    return stands_for[1] / whole if whole else None


answers = [bounds(rows), old_precision(rows, today, 20), corrected(rows, today, known_by)]
### END SOLUTION

# %%
check("business_value.missing")

# %% [markdown]
# ## Question 6 · What you would tell finance (4 points)
#
# The finance director has read “ROI 127 %” on the slide of question 1 and wants to announce it. Write five to eight plain
# sentences to her: what the number takes for granted, between which values it may really lie (use what you computed),
# where it may differ between customers or fail, and what you propose to do next. No word that one has to study statistics
# for.
#
# A person reads this one. Write your answer into the text cell below.

# %% [markdown] tags=["question:business_value.limits"]
# ### BEGIN SOLUTION
# The 127 % assume that we never call a customer who wanted to stay anyway. If every second call goes to one of those, 29
# % are left of it, and if fewer than about four in ten calls reach a customer who is leaving, we lose money.
#
# Most depends on something that nobody has measured: how many of those whom we call stay *because* of the call. We assume
# three in ten. At two in ten the return on the slide falls to 52 %, at four in ten it rises to 203 %. Some would have
# stayed without a call; they must not be counted.
#
# It will not be the same for everybody: customers who pay little are not worth a call of 50 dollars, and those who are
# new look like nobody that the model has seen. When the market moves, it will be wrong until somebody notices.
#
# So please do not announce the number. Give us 6,600 flagged customers and half a year: we call half of them, drawn by lot,
# leave the other half alone, and come back with a figure and its range, and with what the upkeep costs each year.
# ### END SOLUTION

# %%
check("business_value.limits")

# %% [markdown]
# ## How far are you?

# %%
check.progress()
