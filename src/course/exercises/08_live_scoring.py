# %% [markdown]
# # Exercise 08 · Live scoring
#
# Six questions on [lesson 08](../notebooks/08_live_scoring.ipynb), about 45 minutes. Each starts from inputs that are
# supplied, so you can skip one and come back. Nothing here opens a port: services are asked in process. Run the
# `check` cell under a question as often as you like; `check.hint("live_scoring.json")` gives a hint, and another one if
# you ask again.

# %% tags=["parameters"]
seed: int = 8  # random seed of the supplied log and cases

# %%
from workbench import check

# %% [markdown]
# ## Question 1 · There and back (2 points)
#
# `decision` and `chance` are what a model returned for one transaction. Write
# `answer_of(request_id, prediction, probability)`, which returns the answer as a *text* of JSON: an object with
# `request_id`, `prediction` (a whole number, 0 or 1) and `probability` (a number, rounded to four decimals). The two
# numbers come from some library: as int64, as float32, as a truth value of numpy.
#
# Then make the round trip for transaction `"TX123456"`: put what a caller reads as the prediction into `came_back`.

# %%
import json

import numpy as np

decision = (np.array([0.31, 0.8699]) >= 0.5).astype("int64")[1]
chance = np.array([0.31, 0.8699], dtype="float32")[1]


# %% tags=["question:live_scoring.json"]
### BEGIN SOLUTION
def answer_of(request_id, prediction, probability):
    numbers = {"prediction": int(prediction), "probability": round(float(probability), 4)}
    return json.dumps({"request_id": request_id} | numbers)


came_back = json.loads(answer_of("TX123456", decision, chance))["prediction"]
### END SOLUTION

# %%
check("live_scoring.json")

# %% [markdown]
# ## Question 2 · A contract for transactions (4 points)
#
# Write a pydantic model `Transaction` with five fields, all of them required:
#
# | field | holds |
# |---|---|
# | `id` | text of 1 to 40 characters |
# | `amount` | a number above 0, at most 50,000 |
# | `currency` | `"USD"` or `"EUR"` |
# | `card_present` | true or false |
# | `hour` | a whole number from 0 to 23 |
#
# Any other field is refused, and so is a value of another type: `"1500"` is no number, `1` is no truth value. Then make
# the service with `ask = service_of(Transaction)`. `ask(body)` sends a text and returns the status and the fields that
# were refused; try it. Last, put the required fields into the list `required`, in alphabetical order, read from the
# description of your model and not typed.

# %%
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from lifecycle.deploy import in_process


async def refuse(request, error):
    return JSONResponse(sorted({str(each["loc"][-1]) for each in error.errors()}), status_code=422)


def service_of(model):
    app = FastAPI(exception_handlers={RequestValidationError: refuse})

    @app.post("/score")
    async def score(transaction: model):
        return []

    def ask(body):
        reply = in_process(app).post("/score", content=body, headers={"content-type": "application/json"})
        return {"status": reply.status_code, "refused": reply.json() if reply.status_code < 500 else None}

    return ask


# %% tags=["question:live_scoring.contract"]
### BEGIN SOLUTION
from typing import Literal

from pydantic import ConfigDict, Field


class Transaction(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    id: str = Field(min_length=1, max_length=40)
    amount: float = Field(gt=0, le=50_000)
    currency: Literal["USD", "EUR"]
    card_present: bool
    hour: int = Field(ge=0, le=23)


ask = service_of(Transaction)
required = sorted(Transaction.model_json_schema()["required"])
### END SOLUTION

# %%
check("live_scoring.contract")

# %% [markdown]
# ## Question 3 · The end of the line (3 points)
#
# `log` is the log of an hour: path, status, and latency in milliseconds. The specification says: *of the requests to
# `/score` that were answered (status 200), 95 % take less than 50 ms*. Health checks are in the log as well, and
# refusals, and both are quick.
#
# Write `percentile(values, share)` by nearest rank: the smallest of the values that at least `share` of them do not
# exceed; always one of the values. Then put the 50th and the 95th percentile of the requests that count into `p50` and
# `p95`, and two truth values into `under_100` and `under_50`: is that p95 below 100 ms, and below 50?

# %%
rng = np.random.default_rng(seed)
usual, slow, stuck = rng.uniform(12, 40, 180), rng.uniform(60, 95, 16), rng.uniform(150, 300, 4)
log = [("/score", 200, round(float(ms), 1)) for ms in [*usual, *slow, *stuck]]
log += [("/health", 200, round(float(ms), 1)) for ms in rng.uniform(0.4, 1.5, 80)]
log += [("/score", 422, round(float(ms), 1)) for ms in rng.uniform(0.8, 3, 20)]
log = [log[place] for place in rng.permutation(len(log))]

# %% tags=["question:live_scoring.latency"]
### BEGIN SOLUTION
from math import ceil


def percentile(values, share):
    return sorted(values)[ceil(share * len(values)) - 1]


answered = [ms for path, status, ms in log if path == "/score" and status == 200]
p50, p95 = percentile(answered, 0.50), percentile(answered, 0.95)
under_100, under_50 = p95 < 100, p95 < 50
### END SOLUTION

# %%
check("live_scoring.latency")

# %% [markdown]
# ## Question 4 · How many copies? (3 points)
#
# At the peak 10,000 requests a second arrive, each takes 50 ms, and one copy sustains 156.25 requests a second.
#
# - `concurrency`: how many requests are inside the service at one time?
# - `copies(rate, each, busy=1.0, spare=0)`: how many copies does a rate take, if one sustains `each` requests a second
#   and is planned to be busy for the share `busy` of its time, and `spare` copies more may fail?
# - `full`: the copies for the peak if each is busy all of the time; `safe`: at 70 %, with one to spare.

# %% tags=["question:live_scoring.capacity"]
### BEGIN SOLUTION
import math

concurrency = 10_000 * 0.050


def copies(rate, each, busy=1.0, spare=0):
    return math.ceil(rate / (each * busy)) + spare


full = copies(10_000, 156.25)
safe = copies(10_000, 156.25, busy=0.7, spare=1)
### END SOLUTION

# %%
check("live_scoring.capacity")

# %% [markdown]
# ## Question 5 · Which number is which? (2 points)
#
# `cases` are open cases of fraud, each with a calibrated probability and an amount. Write `severity(loss, losses)`: the
# share of `losses` that are *smaller* than `loss`. Then answer two questions of two departments with the `id` of a case
# each: `surest` (which case is most likely to be fraud?) and `first_call` (where is most to be lost on average, so that
# it is looked at first?), and put the severity of `first_call` among the expected losses of *all* cases into `top`.

# %%
rng = np.random.default_rng(seed + 1)
cases = [
    {"id": f"TX{100 + k}", "probability": round(float(p), 3), "amount": round(float(a), 2)}
    for k, (p, a) in enumerate(zip(rng.beta(1, 3, 30), rng.lognormal(4, 1.2, 30), strict=True))
]
cases[7] = {"id": "TX107", "probability": 0.97, "amount": 12.0}
cases[21] = {"id": "TX121", "probability": 0.55, "amount": 9_000.0}
cases[26] = {"id": "TX126", "probability": 0.02, "amount": 20_000.0}


# %% tags=["question:live_scoring.scores"]
### BEGIN SOLUTION
def severity(loss, losses):
    return sum(other < loss for other in losses) / len(losses)


expected = {case["id"]: case["probability"] * case["amount"] for case in cases}
surest = max(cases, key=lambda case: case["probability"])["id"]
first_call = max(expected, key=expected.get)
top = severity(expected[first_call], list(expected.values()))
### END SOLUTION

# %%
check("live_scoring.scores")

# %% [markdown]
# ## Question 6 · Never a 500 (4 points)
#
# A service in one function, without any framework: `handle(raw)` gets the bytes that a caller sent and returns a status
# and a dictionary. It must never raise, whatever it gets.
#
# | status | when | dictionary |
# |---|---|---|
# | 413 | more than 100,000 bytes | `{"error": ...}` |
# | 400 | not JSON; NaN and Infinity are no JSON either | `{"error": ...}` |
# | 422 | JSON that breaks the contract | `{"field": name of the first field at fault}` |
# | 200 | everything else | `{"probability": rounded to four decimals, "prediction": 1 from 0.5 on, else 0}` |
#
# The contract: an object (else the field at fault is `"body"`) with `amount`, a number above 0 and up to 50,000, and
# `hour`, a whole number from 0 to 23. A truth value is no number, `3.0` is no whole number. Nothing else is allowed. The
# order of the faults: `amount`, `hour`, then names that nobody knows, in alphabetical order. `chance_of(amount, hour)` is
# the model.


# %%
def chance_of(amount, hour):
    log_odds = np.float64(amount) / 1000 + 1.4 * (hour < 5) - 1.5
    return 1 / (1 + np.exp(-log_odds))


# %% tags=["question:live_scoring.handler"]
### BEGIN SOLUTION
def constant(name):
    raise ValueError(f"{name} is not JSON")


def fault_in(content):
    if not isinstance(content, dict):
        return "body"
    amount, hour = content.get("amount"), content.get("hour")
    if type(amount) not in (int, float) or not 0 < amount <= 50_000:
        return "amount"
    if type(hour) is not int or not 0 <= hour <= 23:
        return "hour"
    return min(set(content) - {"amount", "hour"}, default=None)


def handle(raw):
    if len(raw) > 100_000:
        return 413, {"error": "too large"}
    try:
        content = json.loads(raw, parse_constant=constant)
    except (ValueError, RecursionError):
        return 400, {"error": "not JSON"}
    field = fault_in(content)
    if field is not None:
        return 422, {"field": field}
    p = float(chance_of(**content))
    return 200, {"probability": round(p, 4), "prediction": int(p >= 0.5)}


### END SOLUTION

# %%
check("live_scoring.handler")

# %%
check.progress()
