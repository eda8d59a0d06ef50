# %% [markdown]
# # Exercise 18 · Data governance
#
# Six questions on [lesson 18](../notebooks/18_data_governance.ipynb), about 45 minutes. Each starts from inputs that are
# supplied, so you can skip one and come back. Run the `check` cell under a question as often as you like;
# `check.hint("data_governance.law")` gives a hint, and another one if you ask again.

# %% tags=["parameters"]
seed: int = 18  # random seed of the supplied tables

# %%
from datetime import date, timedelta
from hashlib import sha256
from random import Random

from workbench import check

# %% [markdown]
# ## Question 1 · What the law counts (4 points)
#
# The figures that you need are in `LAW`; use them from there, so that next year only `LAW` has to change. Write
#
# - `largest_fine(turnover)`: the fixed amount or the share of the turnover, whichever is higher;
# - `reached(firm)`: whether California's law reaches a firm, a mapping with `revenue`, `consumers` and `selling_share`.
#   One of three thresholds is enough: a revenue *above* the first, *at least* so many consumers, or *at least* that
#   share of revenue from selling or sharing data;
# - `due(received)`: the last day for an answer, `answer_days` calendar days after the request.
#
# Put the turnover at which amount and share are equal into `equal`, the names of the firms that are reached, in
# alphabetical order, into `firms_reached`, and the day on which an answer to a request of 20 January 2028 is due into
# `last_day`.

# %%
LAW = {
    "fine_amount": 20_000_000,
    "fine_share": 0.04,
    "revenue_above": 26_625_000,
    "consumers": 100_000,
    "selling_share": 0.5,
    "answer_days": 45,
}
firms = {
    "orchard": {"revenue": 26_625_000, "consumers": 40_000, "selling_share": 0.1},
    "beacon": {"revenue": 3_000_000, "consumers": 100_000, "selling_share": 0.0},
    "harbour": {"revenue": 900_000, "consumers": 8_000, "selling_share": 0.5},
    "meadow": {"revenue": 25_500_000, "consumers": 60_000, "selling_share": 0.3},
}


# %% tags=["question:data_governance.law"]
### BEGIN SOLUTION
def largest_fine(turnover):
    return max(LAW["fine_amount"], LAW["fine_share"] * turnover)


def reached(firm):
    return (
        firm["revenue"] > LAW["revenue_above"]
        or firm["consumers"] >= LAW["consumers"]
        or firm["selling_share"] >= LAW["selling_share"]
    )


def due(received):
    return received + timedelta(days=LAW["answer_days"])


equal = LAW["fine_amount"] / LAW["fine_share"]
firms_reached = sorted(name for name, firm in firms.items() if reached(firm))
last_day = due(date(2028, 1, 20))
### END SOLUTION

# %%
check("data_governance.law")

# %% [markdown]
# ## Question 2 · Alone in the crowd (4 points)
#
# `rows` is a table without names: a list of mappings. Write
#
# - `smallest_crowd(rows, columns)`: the k of the table, that is, the size of the smallest group of rows which agree in
#   all of `columns`; 0 for a table without rows;
# - `given_away(rows, columns, secret)`: how many rows are in a crowd in which everybody has the same value of `secret`,
#   however large the crowd is (who stands alone is such a crowd as well);
# - `in_bands(rows, widths)`: new rows in which each column of `widths` holds the lower end of its band, a multiple of
#   the width: 37 becomes 30 when the width is 10. The rows that were given stay as they are.
#
# `known` are the columns that an acquaintance knows. Put k of the table as it is into `k_before`, and k with ages in
# bands of 20 and districts in bands of 100 into `k_after`. Put into `still` how many rows give their `illness` away after
# that.

# %%
draw = Random(seed)
known = ["age", "district"]
rows = [
    {"age": draw.randint(20, 59), "district": draw.choice([101, 104, 110, 205, 212]), "illness": draw.choice("AABC")}
    for _ in range(40)
]
rows += [{"age": 60 + i, "district": 304, "illness": "C"} for i in range(3)]


# %% tags=["question:data_governance.crowd"]
### BEGIN SOLUTION
def crowds(rows, columns):
    groups = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in columns), []).append(row)
    return list(groups.values())


def smallest_crowd(rows, columns):
    return min((len(group) for group in crowds(rows, columns)), default=0)


def given_away(rows, columns, secret):
    return sum(len(group) for group in crowds(rows, columns) if len({row[secret] for row in group}) == 1)


def in_bands(rows, widths):
    return [row | {name: row[name] // width * width for name, width in widths.items()} for row in rows]


coarse = in_bands(rows, {"age": 20, "district": 100})
k_before, k_after = smallest_crowd(rows, known), smallest_crowd(coarse, known)
still = given_away(coarse, known, "illness")
### END SOLUTION

# %%
check("data_governance.crowd")

# %% [markdown]
# ## Question 3 · Due for deletion (4 points)
#
# `contracts` is a list of mappings with `client` and `ended`, a date, or `None` where the contract goes on. A row is kept
# for `days` days after the end, and due from the day after. A client in `holds` keeps all rows. A client who has a
# contract that goes on, or any other row that is not due, is not forgotten: only rows go.
#
# - `due_rows(contracts, today, days, holds)`: the positions (from 0) of the rows that are due, in order;
# - `forgotten(contracts, today, days, holds)`: the clients of whom no row is left after that, sorted;
# - `to_retrain(clients, learnt_from)`: the names of the models that learnt from at least one of `clients`, sorted. A
#   model that was made from another (`"parent"`) learnt from whatever its parent learnt from, and so on.
#
# With `today`, 1,096 days and the supplied `holds`, put the three results into `gone`, `nobody` and `retrain`.

# %%
today = date(2026, 4, 1)
holds = {4, 9}
ends = [None, *(date(2022, 1, 1) + timedelta(days=d) for d in (0, 300, 454, 455, 456, 900))]
contracts = [{"client": draw.randint(1, 12), "ended": draw.choice(ends)} for _ in range(24)]
learnt_from = {
    "alpha": {"clients": {1, 2, 3}, "parent": None},
    "beta": {"clients": {7}, "parent": "alpha"},
    "gamma": {"clients": {5, 8, 10}, "parent": None},
    "delta": {"clients": set(), "parent": "beta"},
}


# %% tags=["question:data_governance.retention"]
### BEGIN SOLUTION
def due_rows(contracts, today, days, holds):
    last = today - timedelta(days=days)
    return [
        place
        for place, row in enumerate(contracts)
        if row["ended"] is not None and row["ended"] < last and row["client"] not in holds
    ]


def forgotten(contracts, today, days, holds):
    due = set(due_rows(contracts, today, days, holds))
    left = {row["client"] for place, row in enumerate(contracts) if place not in due}
    return sorted({row["client"] for row in contracts} - left)


def to_retrain(clients, learnt_from):
    def all_of(name):
        model = learnt_from[name]
        return set(model["clients"]) | (all_of(model["parent"]) if model["parent"] else set())

    return sorted(name for name in learnt_from if all_of(name) & set(clients))


gone = due_rows(contracts, today, 1_096, holds)
nobody = forgotten(contracts, today, 1_096, holds)
retrain = to_retrain(nobody, learnt_from)
### END SOLUTION

# %%
check("data_governance.retention")

# %% [markdown]
# ## Question 4 · A log that tells on itself (4 points)
#
# Each entry of a log holds `text`, `previous` (the hash of the entry before it, `START` for the first) and `hash`. The
# hash is `hash_of(previous, text)`. Somebody outside the firm keeps the *head*: the number of entries and the last hash.
#
# - `chained(texts)`: the log of some texts, a list of mappings;
# - `first_bad(log, head)`: the position (from 0) of the first entry that does not fit: its hash is not that of its
#   contents, or its `previous` is not the hash of the entry before. When all fit, but the number of entries or the last
#   hash is not that of the `head`, the number of entries; when all is well, `None`. An empty log has the last hash
#   `START`.
#
# `logs` holds seven copies of one log whose head is `head`. Put the result for each into the list `bad`.

# %%
START = "0" * 64


def hash_of(previous, text):
    return sha256(f"{previous}|{text}".encode()).hexdigest()


def entry(previous, text):
    return {"text": text, "previous": previous, "hash": hash_of(previous, text)}


# %%
texts = [f"{draw.choice(['Ana', 'Bo', 'Cem'])} read {draw.choice(['clients', 'calls'])} #{i}" for i in range(12)]
whole, previous = [], START
for text in texts:
    whole.append(entry(previous, text))
    previous = whole[-1]["hash"]
head = (len(whole), previous)
i = draw.randint(2, 7)
forged = whole[:i]
for text in ["nothing happened", *texts[i + 1 :]]:  # the forger makes the whole rest of the chain anew
    forged.append(entry(forged[-1]["hash"], text))
logs = [
    whole,
    [*whole[:i], {**whole[i], "text": "nothing happened"}, *whole[i + 1 :]],  # changed
    [*whole[:i], entry(whole[i]["previous"], "nothing happened"), *whole[i + 1 :]],  # changed, with a hash that fits
    [*whole[:i], *whole[i + 1 :]],  # removed
    [*whole[:i], whole[i + 1], whole[i], *whole[i + 2 :]],  # in another order
    whole[:-2],  # the end is cut off
    forged,
]


# %% tags=["question:data_governance.chain"]
### BEGIN SOLUTION
def chained(texts):
    log, previous = [], START
    for text in texts:
        log.append({"text": text, "previous": previous, "hash": hash_of(previous, text)})
        previous = log[-1]["hash"]
    return log


def first_bad(log, head):
    previous = START
    for place, each in enumerate(log):
        if each["previous"] != previous or each["hash"] != hash_of(each["previous"], each["text"]):
            return place
        previous = each["hash"]
    return None if (len(log), previous) == tuple(head) else len(log)


bad = [first_bad(log, head) for log in logs]
### END SOLUTION

# %%
check("data_governance.chain")

# %% [markdown]
# ## Question 5 · Who may read what? (4 points)
#
# `grants` is a list of mappings: a `role` may read `columns` of a `table` as they are, and `masked` as pseudonyms, for
# any of `purposes` (an empty list: for any purpose). Write `decide(grants, role, table, column, purpose)`, which returns
# `"read"`, `"masked"` or `"denied"`. What nobody grants is denied; where several grants fit, the most open one counts.
#
# Then write `leaks(grants, secret)`: the roles that can read *all* of the columns in the list `secret` of one table as
# they are, for one and the same purpose; sorted. `secret` is a list of `(table, column)`. (A purpose that no grant names
# counts as well: grants for any purpose hold for it.)
#
# Put the decisions on `requests` into the list `decisions`, in order, and into `worrying` the roles that can join names
# with balances.

# %%
grants = [
    {"role": "analyst", "table": "client", "columns": ["region", "balance"], "masked": ["client"], "purposes": []},
    {"role": "analyst", "table": "client", "columns": ["client"], "masked": [], "purposes": ["incident"]},
    {"role": "desk", "table": "client", "columns": ["name", "phone"], "masked": ["iban"], "purposes": ["service"]},
    {"role": "desk", "table": "client", "columns": ["balance"], "masked": [], "purposes": ["dunning"]},
    {"role": "auditor", "table": "client", "columns": ["name"], "masked": [], "purposes": []},
    {"role": "auditor", "table": "client", "columns": ["balance", "iban"], "masked": [], "purposes": ["audit"]},
    {"role": "engineer", "table": "log", "columns": ["line"], "masked": [], "purposes": []},
]
requests = [
    ("analyst", "client", "balance", "report"),
    ("analyst", "client", "client", "report"),
    ("analyst", "client", "client", "incident"),
    ("analyst", "client", "name", "incident"),
    ("desk", "client", "name", "service"),
    ("desk", "client", "name", "curiosity"),
    ("desk", "client", "iban", "service"),
    ("engineer", "client", "region", "debugging"),
    ("engineer", "log", "line", "debugging"),
    ("intern", "client", "region", "report"),
]
worry = [("client", "name"), ("client", "balance")]


# %% tags=["question:data_governance.access"]
### BEGIN SOLUTION
def decide(grants, role, table, column, purpose):
    fitting = [
        grant
        for grant in grants
        if (grant["role"], grant["table"]) == (role, table) and (not grant["purposes"] or purpose in grant["purposes"])
    ]
    if any(column in grant["columns"] for grant in fitting):
        return "read"
    return "masked" if any(column in grant["masked"] for grant in fitting) else "denied"


def leaks(grants, secret):
    purposes = {purpose for grant in grants for purpose in grant["purposes"]} | {"any other"}

    def reads_all(role, purpose):
        return all(decide(grants, role, table, column, purpose) == "read" for table, column in secret)

    roles = {grant["role"] for grant in grants}
    return sorted(role for role in roles if any(reads_all(role, purpose) for purpose in purposes))


decisions = [decide(grants, *request) for request in requests]
worrying = leaks(grants, worry)
### END SOLUTION

# %%
check("data_governance.access")

# %% [markdown]
# ## Question 6 · The letter (4 points)
#
# A customer writes: *delete everything that you have on me.* They were a client for three years; their rows are in the
# database, in the features, in the service's log, in last night's backup, and among the rows that model 1.1 learnt from.
# A claim between them and the firm is before a court.
#
# Write to your manager, in six to ten sentences: what you do, in which order and by when, what you do *not* delete and
# why, what happens with the model, and what you keep as a record of it all.
#
# A person reads this one. Write your answer into the text cell below.

# %% [markdown] tags=["question:data_governance.letter"]
# ### BEGIN SOLUTION
# First I make sure that it is them who is writing, note the day on which the letter came, and confirm it. We have a month
# to answer under the GDPR (45 days in California); if we need longer, we must say so, with reasons, within that time.
#
# By the lineage I list where rows of theirs are: raw tables, features, logs, predictions, backups, and which models
# By the lineage I list where rows of theirs are: raw tables, features, logs, predictions, backups, and which models
# learnt from them. Whatever the court case needs stays under a legal hold, restricted so that nobody uses it for anything
# else; so do invoices, for as long as tax law orders. We tell them that, and why. Everything else goes: from the tables, the
# features derived from them and the log. From our own backup we cut it out; for backups outside, where nobody can, we
# destroy the key or let them run out on their date, and a restore applies the list of erasures first. Recipients are told
# to do the same.
#
# Model 1.1 learnt from their rows. Either we retrain without them, or we show that the model holds no personal data (our
# boosted trees keep thresholds and sums over many rows, no row itself); until then they are marked for the next training,
# and 1.0 is not affected.
#
# Then we search all files for what they were called, and answer them: what was erased, what was kept and on which ground.
# We keep a record of the request, the dates and what was done, under a pseudonym, since we have to be able to show it.
# ### END SOLUTION

# %%
check("data_governance.letter")

# %% [markdown]
# ## How far are you?

# %%
check.progress()
