# %% [markdown]
# # Exercise 09 · Batch scoring
#
# Seven questions on [lesson 09](../notebooks/09_batch_scoring.ipynb), about 40 minutes, from a warm-up to some that need
# thought. Each starts from inputs that are supplied, so you can skip one and come back. Run the `check` cell under a
# question as often as you like; `check.hint("batch_scoring.night")` gives a hint, and another one if you ask again.
#
# Plain Python is enough for all of them. Whoever has written these few functions once reads a batch job with other eyes.

# %% tags=["parameters"]
seed: int = 9  # random seed of the supplied tables

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · Live or batch? (2 points)
#
# Six uses of a model. Fill `modes`, a dictionary that has `"live"` or `"batch"` for each of the names in `uses`: batch
# wherever an answer that was made beforehand would be there in time, and still be right.
#
# Then the price: a service needs one machine around the clock, a job needs it `minutes_a_day` minutes a day. Put into
# `ratio` how many times as many hours the service pays for.

# %%
uses = {
    "card payment": "stop a fraudulent payment while the card is in the terminal",
    "churn list": "every morning, the customers whom the retention team should call",
    "sales forecast": "each Monday, next week's sales of every shop",
    "loan counter": "tell an applicant at the counter whether an offer is possible; the form was filled a minute ago",
    "newsletter": "tonight, choose for each subscriber the article at the top of tomorrow's e-mail",
    "keyboard": "suggest the next word on a telephone, also without a network",
}
minutes_a_day = 15

# %% tags=["question:batch_scoring.modes"]
### BEGIN SOLUTION
modes = {
    "card payment": "live",
    "churn list": "batch",
    "sales forecast": "batch",
    "loan counter": "live",
    "newsletter": "batch",
    "keyboard": "live",
}
ratio = 24 * 60 / minutes_a_day
### END SOLUTION

# %%
check("batch_scoring.modes")

# %% [markdown]
# ## Question 2 · The night in numbers (3 points)
#
# At 02:00 a job scores all customers in `minutes` minutes; `customers` says how many of them end in which band. Compute
# `shares`, a dictionary from band to its share of all customers (a fraction), and `rate`, the rows a second.
#
# Write `minutes_for(rows, rate)`, the minutes that so many rows take, and put into `four_million` what 4,000,000 rows
# take at `rate`. Last, write `latest_start(rows, rate, deadline, tries)`: the latest minute after midnight at which the
# job may start, if all its `tries` tries, one after the other and each of full length, are to be over by minute
# `deadline`.

# %%
customers = {"high": 50_000, "medium": 200_000, "low": 750_000}
minutes = 15


# %% tags=["question:batch_scoring.night"]
### BEGIN SOLUTION
def minutes_for(rows, rate):
    return rows / rate / 60


def latest_start(rows, rate, deadline, tries):
    return deadline - tries * minutes_for(rows, rate)


total = sum(customers.values())
shares = {band: count / total for band, count in customers.items()}
rate = total / (minutes * 60)
four_million = minutes_for(4_000_000, rate)
### END SOLUTION

# %%
check("batch_scoring.night")

# %% [markdown]
# ## Question 3 · Where does 0.7 belong? (3 points)
#
# The rule: *high* is above 0.7, *low* is below 0.4, and both edges are *medium*. Write `band(chance)`, which returns
# `"high"`, `"medium"` or `"low"`, and `None` for what is no probability: `None` itself, NaN, and numbers below 0 or above
# 1.
#
# Then write `counts(chances)`, a dictionary with all three bands, also those that are empty; what is no probability
# counts nowhere. Store the counts of the supplied `chances` in `tonight`.

# %%
import random

rng = random.Random(seed)
chances = [round(rng.betavariate(0.9, 2.0), 1) for _ in range(200)]
chances += [0.1 + 0.2 + 0.4, float("nan"), None, 1.2, -0.1]


# %% tags=["question:batch_scoring.band"]
### BEGIN SOLUTION
def band(chance):
    if chance is None or not 0 <= chance <= 1:
        return None
    if chance > 0.7:
        return "high"
    return "medium" if chance >= 0.4 else "low"


def counts(chances):
    found = {"high": 0, "medium": 0, "low": 0}
    for chance in chances:
        name = band(chance)
        if name is not None:
            found[name] += 1
    return found


tonight = counts(chances)
### END SOLUTION

# %%
check("batch_scoring.band")

# %% [markdown]
# ## Question 4 · Twice is once (3 points)
#
# A result is known by customer, date and model version. Write `upsert(table, rows)`: both are lists of dictionaries with
# the keys `"customer"`, `"date"`, `"version"` and `"chance"`. It returns a *new* list in which each combination of
# customer, date and version stands once: a row of `rows` replaces the one that is there, or is added; among several rows
# for the same combination, the last one counts. The order of the result does not matter, and `table` stays as it is.
#
# The schedule starts the night's job, and then a nervous person starts it again. Put into `after_rerun` how many rows
# there are when `night` was brought into `history` twice, and into `after_release` how many there are when the same
# customers are then also scored by version 2.0.0, as in `released`.

# %%
import random

rng = random.Random(seed)
names = rng.sample(range(1_000, 9_999), 60)


def scores_of(customers, date, version):
    return [{"customer": c, "date": date, "version": version, "chance": round(rng.random(), 3)} for c in customers]


history = scores_of(names[:50], "2025-11-29", "1.0.0") + scores_of(names[:5], "2025-11-30", "1.0.0")
night = scores_of(names[: 40 + rng.randrange(20)], "2025-11-30", "1.0.0")
released = [{**row, "version": "2.0.0"} for row in night]


# %% tags=["question:batch_scoring.upsert"]
### BEGIN SOLUTION
def upsert(table, rows):
    known = {(row["customer"], row["date"], row["version"]): row for row in [*table, *rows]}
    return list(known.values())


once = upsert(history, night)
after_rerun = len(upsert(once, night))
after_release = len(upsert(once, released))
### END SOLUTION

# %%
check("batch_scoring.upsert")

# %% [markdown]
# ## Question 5 · Scored or set aside (4 points)
#
# `feed` is a list of rows as they come out of a text file: pairs of texts `(customer, amount)`. Write `sort_out(rows)`,
# which returns a pair `(good, bad)`. In `good` stands `(position, customer, amount)` for each row that can be scored, the
# amount as a float; in `bad` stands `(position, reason)` for every other one. Positions count from 0, both lists are in
# the order of the rows, and each row is in one of them, once.
#
# A row has one reason, the first of these that holds:
#
# | reason | holds when |
# |---|---|
# | `"no customer"` | the customer is blank |
# | `"repeated"` | the customer stood in an earlier row, good or bad |
# | `"missing"` | the amount is blank |
# | `"not a number"` | `float` cannot read it |
# | `"not finite"` | it is NaN or infinite |
# | `"out of range"` | it is below 0 or above 1,000,000 |
#
# Blank means: nothing, or only spaces. Store the result for `feed` in `good` and `bad`.

# %%
import random

rng = random.Random(seed)
feed = [(f"C{number}", f"{rng.uniform(0, 5_000):.2f}") for number in rng.sample(range(100, 999), 40)]
for place, amount in zip(rng.sample(range(40), 7), ["", "  ", "n/a", "nan", "-inf", "-0.01", "2e6"], strict=True):
    feed[place] = (feed[place][0], amount)
feed += [(" ", "12"), (feed[3][0], "77.5"), ("C99", "1000000"), ("C99", "oops")]


# %% tags=["question:batch_scoring.sort_out"]
### BEGIN SOLUTION
from math import isfinite


def fault(customer, amount, seen):
    if not customer.strip():
        return "no customer"
    if customer in seen:
        return "repeated"
    if not amount.strip():
        return "missing"
    try:
        value = float(amount)
    except ValueError:
        return "not a number"
    if not isfinite(value):
        return "not finite"
    return None if 0 <= value <= 1_000_000 else "out of range"


def sort_out(rows):
    good, bad, seen = [], [], set()
    for position, (customer, amount) in enumerate(rows):
        reason = fault(customer, amount, seen)
        seen.add(customer)
        if reason is None:
            good.append((position, customer, float(amount)))
        else:
            bad.append((position, reason))
    return good, bad


good, bad = sort_out(feed)
### END SOLUTION

# %%
check("batch_scoring.sort_out")

# %% [markdown]
# ## Question 6 · After the power cut (4 points)
#
# A job with chunks 0 to `n - 1` was killed. It left a journal: a text with a line for each chunk that was finished, as in
# `{"chunk": 3, "sha256": "9f86d0…"}`, in the order in which they ended. The last line may be torn in two, and lines may
# be damaged. It also left the files of the chunks: `files[k]` holds the bytes of chunk `k`, or `None` where there is no
# file.
#
# Write `left_to_do(n, journal, files)`, the sorted list of the chunks that have to be scored (again): all but those that
# the journal names *and* whose file has the digest that stands there. Where several lines name a chunk, the last one
# counts. A line that cannot be read, or has no `chunk` or `sha256`, is as if it were not there. Store the answer for the
# supplied job in `todo`.

# %%
import json
import random
from hashlib import sha256

rng = random.Random(seed)
chunks = 12
files = [rng.randbytes(40) for _ in range(chunks)]
order = rng.sample(range(chunks), 10)
entries = [json.dumps({"chunk": k, "sha256": sha256(files[k]).hexdigest()}) for k in order]
files[order[0]] = None  # entered, but its file is gone
files[order[1]] = files[order[1]][:-1]  # entered, but its file is not what was written
journal = "\n".join([*entries[:5], "#####", *entries[5:-1], entries[-1][:-30]])


# %% tags=["question:batch_scoring.resume"]
### BEGIN SOLUTION
def left_to_do(n, journal, files):
    known = {}
    for line in journal.splitlines():
        try:
            entry = json.loads(line)
            known[entry["chunk"]] = entry["sha256"]
        except (ValueError, KeyError, TypeError):
            continue
    stands = {k for k in range(n) if files[k] is not None and known.get(k) == sha256(files[k]).hexdigest()}
    return [k for k in range(n) if k not in stands]


todo = left_to_do(chunks, journal, files)
### END SOLUTION

# %%
check("batch_scoring.resume")

# %% [markdown]
# ## Question 7 · The best, chunk by chunk (3 points)
#
# The retention team makes `calls` calls. `night_chunks` holds the scores as they come from the workers: a list of chunks,
# each a list of pairs `(customer, chance)`, in no order. Write `best(chunks, k)`, which returns the `k` customers with
# the highest chances, best first; equal chances are ordered by customer, the smaller number first. The list must not
# depend on the order in which the chunks came. (In earnest there are a thousand chunks: never hold more than one of them
# and `k` rows.)
#
# Store the list in `to_call`, and in `expected` how many of them one has to expect to be positive, the chances being
# calibrated.

# %%
import random

rng = random.Random(seed)
calls = 15
everybody = [(customer, round(rng.betavariate(1, 3), 1)) for customer in rng.sample(range(1_000, 9_999), 120)]
night_chunks = [everybody[start : start + 30] for start in range(0, 120, 30)]


# %% tags=["question:batch_scoring.best"]
### BEGIN SOLUTION
def best_rows(chunks, k):
    kept = []
    for chunk in chunks:
        kept = sorted([*kept, *chunk], key=lambda row: (-row[1], row[0]))[:k]
    return kept


def best(chunks, k):
    return [customer for customer, _ in best_rows(chunks, k)]


to_call = best(night_chunks, calls)
expected = sum(chance for _, chance in best_rows(night_chunks, calls))
### END SOLUTION

# %%
check("batch_scoring.best")

# %% [markdown]
# ## How far are you?

# %%
check.progress()
