# %% [markdown]
# # Exercise 22 · Recommendation engines at scale
#
# Six questions on [lesson 22](../notebooks/22_recommendation.ipynb), about 40 minutes. Each starts from inputs that are
# supplied, so you can skip one and come back. Run the `check` cell under a question as often as you like;
# `check.hint("recommendation.top")` gives a hint, and another one if you ask again.

# %% tags=["parameters"]
seed: int = 22  # random seed of the supplied customers, firms and p-values

# %%
import numpy as np
import pandas as pd

from workbench import check

# %% [markdown]
# ## Question 1 · What would this customer like? (4 points)
#
# `baskets` says who has what. Write
#
# - `similarity(baskets, one, other)`: the cosine of two products, from the customers who have them; 0 if nobody has one
#   of the two;
# - `top(baskets, customer, n)`: the `n` products that go best with what the customer has, the best first. A product's score
#   is its mean similarity to the customer's products. What the customer has already is left out, and so is whatever
#   scores 0: a list may be shorter than `n`, or empty. Between equal scores, the product with more buyers comes first, and
#   between equals the name that comes first in the alphabet. (Round scores to 9 decimals before you compare them.)
#
# Who has nothing yet gets an empty list. Put the three best products for `"c07"` into `shown`.

# %%
rng = np.random.default_rng(seed)
names = ["alarm", "cable", "fibre", "phone", "router", "server", "tv", "wi-fi"]
baskets = {f"c{k:02d}": sorted(rng.choice(names, size=rng.integers(1, 5), replace=False).tolist()) for k in range(30)}
baskets["c07"] = ["fibre", "wi-fi"]


# %% tags=["question:recommendation.top"]
### BEGIN SOLUTION
def buyers(baskets, product):
    return {customer for customer, basket in baskets.items() if product in basket}


def similarity(baskets, one, other):
    a, b = buyers(baskets, one), buyers(baskets, other)
    return len(a & b) / (len(a) * len(b)) ** 0.5 if a and b else 0.0


def top(baskets, customer, n):
    owned = baskets[customer]
    others = {p for basket in baskets.values() for p in basket} - set(owned)
    ranked = []
    for product in others:
        score = sum(similarity(baskets, product, mine) for mine in owned) / max(1, len(owned))
        ranked.append((-round(score, 9), -len(buyers(baskets, product)), product))
    return [product for score, _, product in sorted(ranked) if score < 0][:n]


shown = top(baskets, "c07", 3)
### END SOLUTION

# %%
check("recommendation.top")

# %% [markdown]
# ## Question 2 · One schema (4 points)
#
# The universal schema has the fields `REQUIRED` and `OPTIONAL`. A mapping is a dictionary: field → the firm's column.
# Write
#
# - `missing(columns, mapping)`: the required fields that cannot be filled, in the order of `REQUIRED`: those that are not
#   in the mapping, and those whose column is not among `columns`;
# - `universal(rows, mapping, factor)`: the firm's rows (a list of dictionaries) as a list of dictionaries that all have the
#   seven fields and no others. Optional fields that cannot be filled are `None`; `amount` is multiplied with
#   `factor`. If a row lacks a required field, raise a `ValueError` that names the first such field, and no
#   other.
#
# Put what `missing` says about each firm of `exports` into `gaps`: a dictionary, firm → list.

# %%
REQUIRED = ["customer", "product", "day", "amount"]
OPTIONAL = ["quantity", "region", "channel"]
exports = {
    "brewery": (["Kunde", "Artikel", "Datum", "Betrag_ct", "Gebiet", "Fass"],
                {"customer": "Kunde", "product": "Artikel", "day": "Datum", "amount": "Betrag_ct", "region": "Gebiet"}),
    "telecom": (["acct", "item_v2", "ts", "value"], {"customer": "acct", "product": "item", "day": "ts", "amount": "value"}),
    "packaging": (["client", "offer", "closed_on", "revenue"], {"product": "offer", "customer": "client", "channel": "via"}),
}  # fmt: skip


# %% tags=["question:recommendation.schema"]
### BEGIN SOLUTION
def missing(columns, mapping):
    return [field for field in REQUIRED if mapping.get(field) not in columns]


def universal(rows, mapping, factor):
    made = []
    for row in rows:
        lacking = missing(list(row), mapping)
        if lacking:
            raise ValueError(f"no column for {lacking[0]}")
        line = {field: row.get(mapping.get(field)) for field in REQUIRED + OPTIONAL}
        made.append(line | {"amount": line["amount"] * factor})
    return made


gaps = {firm: missing(columns, mapping) for firm, (columns, mapping) in exports.items()}
### END SOLUTION

# %%
check("recommendation.schema")

# %% [markdown]
# ## Question 3 · Four thousand alarms (4 points)
#
# Each month, each of `tests` engines is tested for a decline. Write
#
# - `false_alarms(tests, level)`: how many alarms to expect if nothing is wrong anywhere;
# - `each_level(tests, level)`: Bonferroni's level for each test, so that the chance of *any* false alarm is at most `level`;
# - `discoveries(p_values, level)`: the tenants to look at, in alphabetical order, so that the expected *share* of false ones
#   among them is at most `level` (Benjamini-Hochberg: sort the k p-values; find the largest rank r whose p-value is at
#   most `level * r / k`; all up to that rank are alarms). `p_values` is a dictionary, tenant → p-value.
#
# For 4,000 engines at 5 % put the first two into `wolves` and `strict`, and the tenants of the supplied `p_values` at 5 %
# into `look_at`.

# %%
rng = np.random.default_rng(seed)
drawn = np.concatenate([rng.uniform(0, 0.004, 8), rng.uniform(0, 1, 52)])
p_values = {f"t{k:02d}": round(float(p), 6) for k, p in enumerate(rng.permutation(drawn))}


# %% tags=["question:recommendation.alarms"]
### BEGIN SOLUTION
def false_alarms(tests, level):
    return tests * level


def each_level(tests, level):
    return level / tests


def discoveries(p_values, level):
    ordered = sorted(p_values.values())
    k = len(ordered)
    good = [p for rank, p in enumerate(ordered, 1) if p <= level * rank / k]
    return sorted(name for name, p in p_values.items() if good and p <= good[-1])


wolves = false_alarms(4_000, 0.05)
strict = each_level(4_000, 0.05)
look_at = discoveries(p_values, 0.05)
### END SOLUTION

# %%
check("recommendation.alarms")

# %% [markdown]
# ## Question 4 · The switch (4 points)
#
# Write `respond(switches, log, tenant, customer, items, floor)`. `items` is what the engine would show, a list of
# `(product, score)`, the best first. `switches` is a dictionary, tenant → `"on"` or `"off"`; a tenant that is not in it
# was never switched off. Return two things:
#
# - the list of *products* to show: none if the tenant is switched off, otherwise those that score `floor` or more;
# - the log with one more entry at its end, a dictionary with `tenant`, `customer`, `items` (the products that were shown)
#   and `reason`: `"switched off"`, `"nothing worth showing"` or `"shown"`. Every answer is logged, empty ones too. The list
#   that was passed in stays as it was: `log_after_an_answer(log)`, supplied, shows what became of it.
#
# Answer the supplied `requests` in their order, and put the last log into `record`.

# %%
switches = {"brewery": "on", "telecom": "off"}
requests = [
    ("brewery", "bar 1", [("stout", 0.61), ("ale", 0.20), ("cider", 0.12)]),
    ("telecom", "office 7", [("router", 0.69)]),
    ("packaging", "shop 3", [("tape", 0.11)]),
    ("packaging", "shop 4", [("boxes", 0.35), ("tape", 0.31)]),
]
FLOOR = 0.2


def log_after_an_answer(log):
    """The list that is passed to `respond`, as it is afterwards."""
    respond({}, log, "brewery", "bar 1", [("stout", 0.61)], FLOOR)
    return log


# %% tags=["question:recommendation.switch"]
### BEGIN SOLUTION
def respond(switches, log, tenant, customer, items, floor):
    off = switches.get(tenant, "on") == "off"
    products = [] if off else [name for name, score in items if score >= floor]
    reason = "switched off" if off else "shown" if products else "nothing worth showing"
    return products, [*log, {"tenant": tenant, "customer": customer, "items": products, "reason": reason}]


record = []
for tenant, customer, items in requests:
    _, record = respond(switches, record, tenant, customer, items, FLOOR)
### END SOLUTION

# %%
check("recommendation.switch")

# %% [markdown]
# ## Question 5 · Clicks, dollars and groups (4 points)
#
# A banner for the *basic* plan went up. Units sold in a week, before and after, and revenue a unit are supplied. Write
#
# - `change(before, after, price)`: what the change of sales brings in all, in dollars. A product that is missing in one of
#   the two weeks was not sold then;
# - `variance_ratio(share)`: the variance of the difference of two means with `share` of all people in one group, over that
#   of two equal groups of as many people in all;
# - `best(people)`: the strategy with the highest mean revenue a customer (not the most clicks); `people` has the columns
#   `strategy`, `clicked` and `revenue`.
#
# Put the change of the supplied weeks into `dollars`, the ratio for a split of 10 to 90 into `ratio`, and the best
# strategy of the supplied customers into `winner`.

# %%
before, after = {"basic": 100, "premium": 40}, {"basic": 150, "premium": 20, "trial": 30}
price = {"basic": 20, "premium": 90, "trial": 1}
rng = np.random.default_rng(seed)
strategy = rng.permutation(np.repeat(["nothing", "banner", "fitting"], 3_000))
chances = {"nothing": (0.0, 0.06), "banner": (0.2, 0.03), "fitting": (0.08, 0.09)}
people = pd.DataFrame({
    "strategy": strategy,
    "clicked": [int(rng.random() < chances[name][0]) for name in strategy],
    "revenue": [90.0 * (rng.random() < chances[name][1]) for name in strategy],
})  # fmt: skip


# %% tags=["question:recommendation.money"]
### BEGIN SOLUTION
def change(before, after, price):
    return sum((after.get(name, 0) - before.get(name, 0)) * price[name] for name in {*before, *after})


def variance_ratio(share):
    return (1 / share + 1 / (1 - share)) / 4


def best(people):
    return str(people.groupby("strategy")["revenue"].mean().idxmax())


dollars = change(before, after, price)
ratio = variance_ratio(0.1)
winner = best(people)
### END SOLUTION

# %%
check("recommendation.money")

# %% [markdown]
# ## Question 6 · “Hide the switch” (3 points)
#
# The product manager writes: *“Our engine hits in 40 % of the cases offline, so it sells. But four clients have switched
# it off. Let us hide the switch, and stop answering with nothing: an empty box looks broken.”* Answer in four to seven
# sentences of your own: what does the 40 % show, and what not? How would you find out what the engine brings? Why do the
# switch and the empty answer stay, and what would you do about the four clients?
#
# A person reads this one. Write your answer into the text cell below.

# %% [markdown] tags=["question:recommendation.hide"]
# ### BEGIN SOLUTION
# The 40 % say: of the customers who bought something new to them, four in ten bought one of five suggestions, in a time
# in which nothing was shown. Customers who bought nothing new are not counted at all. And it is what they bought anyway;
# it does not say that a suggestion made anybody buy.
#
# To find out, I would draw lots among the customers who call, show nothing to a control group, and compare revenue (or
# margin) within two weeks; first in two equal, small groups, then with a small control group that stays.
#
# The switch stays because the clients know what their data do not: a range that changes, a customer to whom an offer
# would do harm. They answer for what their sellers say, and who can switch off dares to switch on. An empty answer is
# right where rules forbid what scores well or where nothing scores: showing something then costs trust.
#
# I would ask the four what went wrong, look at their hit rates and their logged reasons, retrain or mend the mapping, and
# offer to switch on for a small group first.
# ### END SOLUTION

# %%
check("recommendation.hide")

# %% [markdown]
# ## How far are you?

# %%
check.progress()
