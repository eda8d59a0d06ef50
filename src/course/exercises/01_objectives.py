# %% [markdown]
# # Exercise 01 · Objectives
#
# Nine questions on [lesson 01](../notebooks/01_objectives.ipynb), about 40 minutes, from a warm-up to one that needs
# thought, and one that is answered in words. Each starts from inputs that are supplied, so you can skip one and come back. Run the `check` cell under a
# question as often as you like; `check.hint("objectives.precision")` gives a hint, and another one if you ask again.
#
# Write every rate as a fraction between 0 and 1. You may use `lifecycle`, but the arithmetic is short, and worth doing
# once by hand.

# %% tags=["parameters"]
seed: int = 1  # random seed of the supplied budget and draft

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · How many alerts are right? (2 points)
#
# Write `precision_at(prevalence, recall, fpr)`: the share of alerts that are right. Then compute `case_a`, the
# precision at recall 95 % and false-positive rate 2 %, when 492 of 284,807 payments are fraud.

# %%
payments, frauds = 284_807, 492


# %% tags=["question:objectives.precision"]
### BEGIN SOLUTION
def precision_at(prevalence, recall, fpr):
    hits = prevalence * recall
    false_alarms = (1 - prevalence) * fpr
    return hits / (hits + false_alarms)


case_a = precision_at(frauds / payments, 0.95, 0.02)
### END SOLUTION

# %%
check("objectives.precision")

# %% [markdown]
# ## Question 2 · The other way round (2 points)
#
# The bank wants precision 95 % at recall 90 %. Write `fpr_for(prevalence, recall, precision)`, the largest
# false-positive rate that allows it, and compute `needed_fpr` for the bank's payments.

# %%
share_of_fraud = 492 / 284_807


# %% tags=["question:objectives.needed_fpr"]
### BEGIN SOLUTION
def fpr_for(prevalence, recall, precision):
    odds = prevalence / (1 - prevalence)
    return recall * odds * (1 / precision - 1)


needed_fpr = fpr_for(share_of_fraud, 0.90, 0.95)
### END SOLUTION

# %%
check("objectives.needed_fpr")

# %% [markdown]
# ## Question 3 · The monthly bill (2 points)
#
# Write `monthly_cost(unit_cost, per_second, days)`: what requests cost in a month of so many days when they arrive at a
# steady rate. Then compute `bill`, in dollars, for one cent each, 10,000 a second, 30 days.

# %%
cent = 0.01


# %% tags=["question:objectives.bill"]
### BEGIN SOLUTION
def monthly_cost(unit_cost, per_second, days):
    requests = per_second * 60 * 60 * 24 * days
    return unit_cost * requests


bill = monthly_cost(cent, 10_000, 30)
### END SOLUTION

# %%
check("objectives.bill")

# %% [markdown]
# ## Question 4 · Minutes of silence (2 points)
#
# Write `downtime(availability, days)`, the minutes that a service may be down, and compute `allowed` for 99.99 % over
# 30 days.

# %%
promise = 99.99  # percent, as the contract states it


# %% tags=["question:objectives.downtime"]
### BEGIN SOLUTION
def downtime(availability, days):
    return (1 - availability) * days * 24 * 60


allowed = downtime(promise / 100, 30)
### END SOLUTION

# %%
check("objectives.downtime")

# %% [markdown]
# ## Question 5 · Year one (2 points)
#
# Write `year_one(once, monthly)`: what the first year costs, given an amount that is paid once and a list of amounts
# paid each month. Compute `spend` for case A.

# %%
development = 100_000  # dollars, once
each_month = [20_000, 5_000]  # dollars: operations, training compute


# %% tags=["question:objectives.year_one"]
### BEGIN SOLUTION
def year_one(once, monthly):
    return once + 12 * sum(monthly)


spend = year_one(development, each_month)
### END SOLUTION

# %%
check("objectives.year_one")

# %% [markdown]
# ## Question 6 · What is missing? (2 points)
#
# An objective has the five elements below. Write `missing(draft)`, the list of elements that a draft lacks, in this
# order. An element counts as missing when it is not there, is `None`, or is an empty text or list; spaces alone are an
# empty text. Store the answer for the supplied draft in `gaps`.

# %%
elements = ["business goal", "performance target", "technical need", "cost limit", "KPI"]
draft = {
    "KPI": [],
    "business goal": "Fewer parcels arrive late",
    "cost limit": "  ",
    "technical need": "an answer within 300 ms",
    "motto": "data first",
}


# %% tags=["question:objectives.missing"]
### BEGIN SOLUTION
def missing(draft):
    gaps = []
    for element in elements:
        value = draft.get(element)
        if isinstance(value, str):
            value = value.strip()
        if not value:
            gaps.append(element)
    return gaps


gaps = missing(draft)
### END SOLUTION

# %%
check("objectives.missing")

# %% [markdown]
# ## Question 7 · What does the budget carry? (2 points)
#
# A budget of `budget` dollars a month first pays `fixed` dollars for machines that run in any case. What is left pays
# `unit_cost` dollars for each request. Write `largest_rate(budget, fixed, unit_cost)`: the largest *whole* number of
# requests a second that can be sustained for 30 days, and 0 where nothing is left. Compute `sustained` for the supplied
# figures.

# %%
from random import Random

budget = Random(seed).randrange(15_000, 30_000, 250)
fixed, unit_cost = 4_000, 0.00004


# %% tags=["question:objectives.rate"]
### BEGIN SOLUTION
def largest_rate(budget, fixed, unit_cost):
    left = max(0, budget - fixed)
    return int(left / unit_cost // (86_400 * 30))


sustained = largest_rate(budget, fixed, unit_cost)
### END SOLUTION

# %%
check("objectives.rate")

# %% [markdown]
# ## Question 8 · Which targets quarrel? (4 points)
#
# Below is a charter in numbers. Write `conflicts(charter)`: the list of pairs of fields that cannot be relied on
# together, in the order of this table. A pair is in conflict when the first field asks for something that the second
# does not allow.
#
# | Pair | Question to ask |
# |---|---|
# | `("precision", "fpr")` | do recall and false-positive rate, just met, give the precision? |
# | `("unit_cost", "budget")` | does a month of 30 days at full rate, at this unit cost, stay within the budget? |
# | `("availability", "parts")` | can a service that needs *all* of its parts be up so often? (They fail independently.) |
# | `("latency_ms", "steps_ms")` | are the steps, taken one after the other, fast enough? |
# | `("accuracy", "prevalence")` | does the target ask for more than always giving the commoner answer? |
#
# Meeting a bound exactly is fine, except in the last row: there the target must be *above* what the constant answer
# reaches. Store the conflicts of the supplied charter, which has three, in `quarrels`.

# %%
from random import Random

broken = Random(seed).sample(range(5), 3)
charter = {"prevalence": 0.02, "recall": 0.9, "precision": 0.8, "per_second": 40, "budget": 50_000}
charter |= {"parts": [0.9995, 0.9999, 0.9996], "steps_ms": [25, 30, 12]}
charter["fpr"] = 0.05 if 0 in broken else 0.0005
charter["unit_cost"] = 0.001 if 1 in broken else 0.0001
charter["availability"] = 0.9995 if 2 in broken else 0.998
charter["latency_ms"] = 60 if 3 in broken else 90
charter["accuracy"] = 0.97 if 4 in broken else 0.99


# %% tags=["question:objectives.conflicts"]
### BEGIN SOLUTION
from math import prod


def conflicts(charter):
    prevalence = charter["prevalence"]
    hits, false_alarms = prevalence * charter["recall"], (1 - prevalence) * charter["fpr"]
    bill = charter["unit_cost"] * charter["per_second"] * 86_400 * 30
    found = {
        ("precision", "fpr"): hits < charter["precision"] * (hits + false_alarms),
        ("unit_cost", "budget"): bill > charter["budget"],
        ("availability", "parts"): charter["availability"] > prod(charter["parts"]),
        ("latency_ms", "steps_ms"): sum(charter["steps_ms"]) > charter["latency_ms"],
        ("accuracy", "prevalence"): charter["accuracy"] <= max(prevalence, 1 - prevalence),
    }
    return [pair for pair, quarrel in found.items() if quarrel]


quarrels = conflicts(charter)
### END SOLUTION

# %%
check("objectives.conflicts")

# %% [markdown]
# ## Question 9 · A target to send back (3 points)
#
# A colleague writes into the charter of a fraud detector: *“at least 99.5 % accurate, and in real time”*. Of the bank's
# 284,807 payments, 492 are fraud. Answer in four to six sentences of your own: why can a detector that is of no use meet
# the first target? What would you write in its place? What do you have to ask before you can agree to the second?
#
# A person reads this one. Write your answer into the text cell below.

# %% [markdown] tags=["question:objectives.send_back"]
# ### BEGIN SOLUTION
# A detector that never raises an alert is right for every honest payment. Only 492 of 284,807 payments are fraud, which is
# 0.17 %, so it is 99.83 % accurate, above the target, and finds nothing.
#
# I would ask for what the bank wants from it: say, find 80 % of the frauds, and be right in at least half of the alerts,
# because every alert costs an analyst's time. Neither bound can be met by staying silent or by alarming always, and
# together they say how many false alarms are allowed.
#
# “In real time” is no number yet. I would ask who waits for the answer and what happens meanwhile (is the payment held?),
# how many milliseconds that leaves, for which share of the requests, and at how many requests a second.
# ### END SOLUTION

# %%
check("objectives.send_back")

# %% [markdown]
# ## How far are you?

# %%
check.progress()
