# %% [markdown]
# # 08 · Live scoring
#
# **You will be able to** put a model behind an address that answers one request at a time, write a contract that refuses
# nonsense by name, find out why a service fails for some callers only, read a latency log, and say how many copies a peak
# takes. **You need** [lesson 07](07_packaging.ipynb). **Time** 50 minutes. **Next** [exercise
# 08](../exercises/08_live_scoring.ipynb).

# %% tags=["parameters"]
use_case: str = "credit"  # credit, fraud or churn
rate: int = 100  # requests a second in the load test
seed: int = 8  # random seed of the simulated traffic

# %% [markdown]
# ## Who is waiting?
#
# A customer holds a card against a terminal. Somewhere a model has to say "fraud" or "fine", and until it has, nobody in
# the queue moves. That is **live scoring**, also called *model as a service*: a program asks over the network, usually by
# REST, and waits for the answer (*synchronously*), typically for less than 100 ms.
#
# | somebody waits | one request is |
# |---|---|
# | fraud check | a card transaction |
# | recommendation | a page that is opened |
# | image recognition | an upload |
# | chatbot | a message |
# | search ranking | a query |
#
# If nobody waits, do not build this. A live service needs several copies (*instances*) so that one may fail, a *load
# balancer* that shares the requests out among them, *autoscaling* for the peaks, and *health checks* that tell which
# copies are alive. It is always on, and that is what makes it dearer than a job in the night:

# %%
live, batch = 3 * 24 * 30, 0.25 * 30
print(f"three copies, always on:         {live:,} machine hours a month")
print(f"a quarter of an hour, each night: {batch} machine hours a month")
print(f"times as many: {live / batch:.0f}; for one copy: {live / 3 / batch:.0f}")

# %% [markdown]
# 2,160 hours against 7.5, or 288 times as many. A single copy would be 96 times, but nobody would answer while it is
# being replaced. Pay for that when an answer is worth more now than tomorrow; [lesson 09](09_batch_scoring.ipynb) is
# about the other case.
#
# Between the notebook and the service stand five questions. They are the plan of this lesson:
#
# | question | what we will build |
# |---|---|
# | How is it called? | an endpoint, and a contract for what it takes |
# | What happens on errors? | refusals that name the field; never a crash |
# | How much must it take? | percentiles, a load test, the number of copies |
# | How is it updated? | a package with a digest; each answer says which model gave it |
# | How is it watched? | health, metrics, a log of requests |
#
# ## How light can it be?
#
# For an internal tool, a demonstration or anything short-lived, a **lightweight** service will do: about a hundred lines
# in one file that load the model, open an endpoint, parse the request, predict and return JSON. One server, or none of
# your own (*serverless*); a smoke test; a log of errors; shipped within hours. *Flask* is common and simple. *FastAPI*,
# which we use, takes the same few lines, knows types, and documents itself.
#
# Here is a request to a fraud service. What would you look at?

# %%
transaction = {
    "id": "TX123456",
    "amount": 1500,
    "merchant": "online",
    "card_present": False,
    "km_from_home": 500,
    "time": "02:30",
}

# %% [markdown]
# A model small enough to read stands in for the real one: a scorecard, in which each fact adds something to the log-odds
# of fraud. Like any model, it returns arrays.

# %%
import numpy as np


def facts(t):
    return {
        "amount": 0.001 * t["amount"],
        "hour": 1.4 * (int(t["time"][:2]) < 5),
        "card absent": 1.2 * (not t["card_present"]),
        "distance": 0.001 * t["km_from_home"],
        "online": 0.4 * (t["merchant"] == "online"),
    }


def predict(t):
    log_odds = np.array([sum(facts(t).values())]) - 3.1
    chance = 1 / (1 + np.exp(-log_odds))
    return (chance >= 0.5).astype("int64"), chance


# %%
decision, chance = predict(transaction)
top = sorted(facts(transaction).items(), key=lambda fact: -fact[1])[:3]
print(f"fraud: {decision[0]}, chance {chance[0]:.2f}")
print("because of", ", ".join(f"{name} (+{added:.1f})" for name, added in top))

# %% [markdown]
# Fraud, with a chance of .87, and three reasons: the amount, the hour, the absent card. Online shops and distance add
# less. Now the service around it, in one file:

# %%
from fastapi import FastAPI, Request

light = FastAPI()


@light.post("/predict")
async def answer(request: Request):
    decision, chance = predict(await request.json())
    return {"prediction": decision[0], "confidence": chance[0]}


# %% [markdown]
# Load, endpoint, parse, predict, return. The smoke test is one request. `serving` starts a real server on this machine;
# `httpx` is a caller.

# %%
import httpx

from lifecycle.deploy import serving

with serving(light) as service:
    reply = httpx.post(f"{service.url}/predict", json=transaction)
print(reply.status_code, reply.text)
print(service.log[-1].strip().splitlines()[-1])

# %% [markdown]
# Status 500, on the very first request, of a model that worked a minute ago. And the message is of little help: it speaks
# of iterating and of `vars`. The line before was right, the model was right. What is left is the return.
#
# ## A number that is no number
#
# JSON has one kind of number; Python has a handful, and `json` writes its own only. Guess which of these pass:

# %%
import json


def outcome(value):
    try:
        return json.dumps(value)
    except TypeError as error:
        return f"{type(error).__name__}: {error}"


values = [1, np.int64(1), 0.87, np.float32(0.87), np.float64(0.87), np.bool_(True), np.float64("nan")]
show_types = [{"type": f"{type(v).__module__}.{type(v).__name__}", "becomes": outcome(v)} for v in values]

# %%
from lifecycle import show

show.table(show_types)

# %% [markdown]
# `model.predict` returns int64, and many models return float32: neither can be written. `float64` can, because it happens
# to be a subclass of Python's `float`, so a service that returned the chance alone would have worked, and one more field
# breaks it. And the last line is worse than an error: `NaN` is *written*, though JSON has no such word. Who reads that?

# %%
from pydantic_core import from_json

print("Python's own reader takes it:", json.loads("NaN"))
with show.error(lines=1):
    from_json("NaN", allow_inf_nan=False)

# %% [markdown]
# Python takes it back, so a test written in Python sees nothing. A reader that keeps to the standard, such as that of
# every browser, refuses the whole answer. The mend for the types is two short words, at the edge where numbers leave
# Python:

# %%
mended = FastAPI()


@mended.post("/predict")
async def answer_in_json(request: Request):
    decision, chance = predict(await request.json())
    return {"prediction": int(decision[0]), "confidence": float(chance[0])}


# %%
from lifecycle.deploy import in_process

caller = in_process(mended)
reply = caller.post("/predict", json=transaction)
back = reply.json()
print(reply.status_code, {name: round(value, 2) for name, value in back.items()})
print("prediction came back as", type(back["prediction"]).__name__)

# %% [markdown]
# (`in_process` asks an application without a network in between: same requests, same answers, no port.) A test of the
# *round trip*, into JSON and back, would have found it before any customer did.
#
# ## Two scores, and what they mean
#
# The product team wants two numbers in the answer: `confidence` .87 and `risk` .92. Of what is .92 the share? If nobody
# can say, every reader will guess, and two departments will guess differently. So define each, in the documentation of
# the answer:
#
# - **probability**: of a hundred transactions with this value, about that many are fraud. It must be *calibrated*, or it
#   is no probability ([lesson 04](04_training.ipynb)).
# - **severity**: how much is at stake, compared with other cases. Here: the share of the open cases that have a smaller
#   expected loss. Expected loss is probability times amount.

# %%
open_cases = [12, 18, 25, 31, 44, 52, 60, 75, 90, 105, 130, 150, 180]
open_cases += [210, 240, 290, 350, 420, 510, 640, 800, 990, 1240, 1650, 2400]  # expected losses


def severity(loss):
    return sum(other < loss for other in open_cases) / len(open_cases)


# %%
for name, amount in (("our transaction", 1500), ("the same chance, a smaller amount", 15)):
    loss = float(chance[0]) * amount
    print(f"{name}: probability {chance[0]:.2f}, expected loss {loss:,.0f}, severity {severity(loss):.2f}")

# %% [markdown]
# Same probability, .87; severity .92 in one case and .04 in the other. One number says how sure the model is, the other
# in which order people should look. Under one name they are a trap; under two they are useful.
#
# ## What does it answer to nonsense?
#
# The smoke test passes now. It asked once, politely. Callers are not polite: a form leaves a field empty, a program sends
# text for numbers, a feed says `onlnie`. Before you run the next cell, decide for each what the service *should* do.

# %%
nonsense = {
    "amount is missing": {"amount": ...},
    "amount is text": {"amount": "1500"},
    "amount is minus 1500": {"amount": -1500},
    "a category nobody knows": {"merchant": "onlnie"},
    "text for a truth value": {"card_present": "false"},
    "an hour that does not exist": {"time": "25:99"},
    "a field nobody knows": {"ammount": 9999},
    "nothing at all": dict.fromkeys(transaction, ...),
}


def spoilt(change):
    return {name: value for name, value in (transaction | change).items() if value is not ...}


# %%
def asked(caller, path="/predict"):
    rows = []
    for what, change in nonsense.items():
        reply = caller.post(path, json=spoilt(change))
        said = reply.json() if reply.status_code < 500 else {}
        rows.append({"request": what, "status": reply.status_code, "chance": said.get("confidence")})
    return rows


show.table(asked(caller))

# %% [markdown]
# Three answers of 500, which at least is loud. (Though "the server is at fault" is a lie: the request is.) Look at the
# five answers of 200. A typing error in the merchant, and the chance *falls*. The text "false" is true to Python, so the
# card counts as present. The 25th hour is not at night. A negative amount makes a fraud unlikely. These four are confident
# numbers about transactions that do not exist. The fifth, with the field nobody knows, is the chance of before: what the
# caller meant by it was dropped without a word. And no log will ever show an error.
#
# A tempting half-measure is a type that says nothing. Many examples on the web have this one:

# %%
from pydantic import BaseModel


class Loose(BaseModel):
    features: list


accepted = 0
for features in ([1500, 500], [500, 1500], ["drop table"], [None, [[]], {}], []):
    accepted += isinstance(Loose(features=features), Loose)
print(f"{accepted} of 5 accepted")

# %% [markdown]
# An untyped `features: list` validates nothing, order least of all: amount and distance swapped look the same.
#
# ## A contract
#
# What is wanted is a **contract**: each field by name, with type, range and meaning; all of them required; nothing else
# allowed. Two words matter more than they seem. `strict` refuses `"1500"` and `true` where a number belongs, which
# pydantic would otherwise convert in silence. `extra="forbid"` refuses the misspelt field.

# %%
from typing import Literal

from pydantic import ConfigDict, Field


class Transaction(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    id: str = Field(min_length=1, max_length=40)
    amount: float = Field(gt=0, le=50_000, description="in dollars")
    merchant: Literal["online", "shop", "cash machine"]
    card_present: bool
    km_from_home: float = Field(ge=0, le=21_000)
    time: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")


# %%
typed = FastAPI(title="Fraud check", version="1.0.0")


@typed.post("/predict")
async def answer_by_contract(transaction: Transaction):
    decision, chance = predict(transaction.model_dump())
    return {"prediction": int(decision[0]), "confidence": float(chance[0])}


# %%
strict = in_process(typed)
rows = []
for what, change in nonsense.items():
    fault = strict.post("/predict", json=spoilt(change))
    first = fault.json()["detail"][0]
    rows.append({"request": what, "status": fault.status_code, "field": first["loc"][-1], "why": first["msg"]})
show.table(rows)

# %% [markdown]
# Eight of eight refused with status 422, "I understood you, and I will not do it", and each refusal names the field. The
# caller can mend it without calling you. The contract also *is* the documentation: FastAPI writes it into
# `/openapi.json`, where a program can read what it must send.

# %%
described = strict.get("/openapi.json").json()["components"]["schemas"]["Transaction"]
print("required:", ", ".join(described["required"]))
print("anything else allowed:", described["additionalProperties"])

# %% [markdown]
# All six, and nothing else. The test that keeps it so is one line: compare the *set* of required fields with the set that
# you promised. A field that becomes optional by accident is a field that is soon missing.
#
# ## Find the failure
#
# The typed service goes live. Next morning, its log has this, and the support desk has three angry callers. Something
# still gets through. What do the three have in common?

# %%
FORM = '{"id": "%s", "amount": %s, "merchant": "shop", "card_present": true, "km_from_home": %s, "time": "11:05"}'
JSON = {"content-type": "application/json"}
sent = {"A1": ("80", "2"), "A2": ("NaN", "2"), "A3": ("1e9", "2")}
sent |= {"A4": ("80", "Infinity"), "A5": ('"80"', "2"), "A6": ("1e999", "2")}

# %%
from pandas import DataFrame


def log_of(caller):
    rows = []
    for name, (amount, km) in sent.items():
        reply = caller.post("/predict", content=FORM % (name, amount, km), headers=JSON)
        rows.append({"request": name, "amount": amount, "km from home": km, "status": reply.status_code})
    return DataFrame(rows)


show.table(log_of(strict))

# %% [markdown]
# A2, A4 and A6 get 500. NaN, Infinity, and 1e999, which is infinity once it has been read. But the contract *does* refuse
# them: all three lie outside of their ranges. So who crashed? Ask the contract alone:

# %%
with show.error(lines=3):
    Transaction.model_validate_json(FORM % ("A2", "NaN", "2"))

# %% [markdown]
# A proper refusal. Look at its last words: `input_value=nan`. The refusal *quotes the value*, FastAPI sends that
# quotation back as JSON, and JSON has no NaN: the answer that says "your request is broken" is itself broken. Never echo
# what you were sent: not only for this, but because a refusal that repeats its input also repeats whatever somebody wants
# your logs and pages to show. The mend is a handler of our own:

# %%
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse


async def refuse(request, error):
    found = [{"field": str(each["loc"][-1]), "problem": each["msg"]} for each in error.errors()]
    return JSONResponse({"fields": found}, status_code=422)


guarded = FastAPI(exception_handlers={RequestValidationError: refuse})
guarded.include_router(typed.router)
show.table(log_of(in_process(guarded)))

# %% [markdown]
# One answer, five refusals, no crash. Why did none of our eight requests find it? None of the eight held a NaN or an
# infinity, and our client, which keeps to the standard, would not have let us send one:

# %%
with show.error():
    strict.post("/predict", json=transaction | {"amount": float("nan")})

# %% [markdown]
# It refuses to write NaN at all. A service is not only called by polite clients, so a contract is tested by callers that
# break it on purpose, with bytes and not with objects.
#
# ## The real service
#
# Now the same for the package of lesson 07. Its schema is the contract, so nobody types one: `create_app` makes the
# service from the package alone.

# %%
from lifecycle import artifacts
from lifecycle.deploy import create_app, open_package

package = open_package(artifacts.path("07/package.zip", use_case=use_case))
app = create_app(package)

# %%
rows = artifacts.read_frame("03/features.parquet", use_case=use_case)
test = rows.loc[rows["split"] == "test", list(package.features)]
requests = [{"features": row} for row in test.to_dict("records")]
fields = [{"field": f.name, "kind": f.kind, "from": f.low, "to": f.high, "meaning": f.meaning} for f in package.fields]
show.table(fields)

# %% [markdown]
# The service takes **model inputs**, not raw rows: what the feature store of [lesson 03](03_features.ipynb) holds ready
# under a customer's number. Making them here, with pandas, from a single row, would take longer than scoring it, as
# [lesson 07](07_packaging.ipynb) measured. So the caller (or a small program in front) looks up the inputs, and this
# service does one thing.
#
# A first request, and all that comes back:

# %%
live = in_process(app)
answer = live.post("/score", json=requests[0] | {"request_id": "first"}).json()
for name in ("request_id", "prediction", "probability", "risk_score"):
    print(f"{name}: {answer[name] if name == 'request_id' else show.number(answer[name])}")
show.table(answer["reasons"])

# %% [markdown]
# Prediction, probability, reasons, and the id that the caller gave, so that both sides can talk about the same request.
# And `risk_score`? After what we saw above you should not believe a name. Its definition stands where the caller reads
# it:

# %%
described = live.get("/openapi.json").json()
print(described["components"]["schemas"]["Score"]["properties"]["risk_score"]["description"])

# %% [markdown]
# A percentile: how many of the training rows had a smaller probability. Not severity, and not another probability: where
# one class is rare, a tiny probability can stand high on this scale, because nearly all others are tinier still. One more
# part belongs to every answer, because next month somebody will ask which model gave it:

# %%
model = answer["model"]
print(model["name"], model["version"], f"({len(model['digest'])} digits of digest)")
print("the package that was released:", model["digest"] == package.digest)
print("and what `/version` says:", live.get("/version").json() == model)

# %% [markdown]
# That is the answer to "how is it updated": a new package, a new digest, and each answer names its own. Two questions
# that a load balancer asks are kept apart, since they have different consequences:

# %%
for path in ("/health", "/ready"):
    reply = live.get(path)
    print(path, reply.status_code, reply.json())

# %% [markdown]
# `/health` asks whether the process is alive; a copy that does not answer is *restarted*. `/ready` asks whether it should
# get work; a copy that says no is left alone until it says yes. Behind "ready" stands more than "the file was found":
# before it starts, the service scores the 64 golden rows that came in the package, and must get the recorded scores.
#
# To keep such a service running outside of a notebook, until Ctrl-C, there is a command:
#
# ```sh
# workbench serve datasets/artifacts/07/package.zip --port 8000 --log requests.sqlite
# ```
#
# It stops in good order: what was asked before is answered first.
#
# ### Breaking it on purpose
#
# The same sort of nonsense, now for the running case, and in bytes where Python would be too polite:

# %%
name, row = package.features[0], requests[0]["features"]
odd = {
    "a missing field": {key: value for key, value in row.items() if key != name},
    "a field nobody knows": row | {"colour": 1},
    "text": row | {name: "many"},
    "a truth value": row | {name: True},
    "NaN": row | {name: float("nan")},
    "out of range": row | {name: 1e12},
    "a list": list(row.values()),
}

# %%
bodies = {what: json.dumps({"features": features}) for what, features in odd.items()}
bodies["1e999"] = bodies["text"].replace('"many"', "1e999")
bodies["a body cut short"] = bodies["text"][:-2]
bodies["60,000 brackets"] = "[" * 60_000
bodies["a very long body"] = " " * 100_000

# %%
refusals = []
for what, body in bodies.items():
    reply = live.post("/score", content=body, headers=JSON)
    said = reply.json()
    why = "; ".join(f"{each['field']} {each['problem']}" for each in said["fields"]) or said["error"]
    refusals.append({"request": what, "status": reply.status_code, "answer": why})
show.table(refusals)

# %% [markdown]
# Every refusal says what is wrong and where, none repeats what was sent, and the status says whose fault it is: 400, this
# is not JSON; 413, too large; 422, JSON that breaks the contract. A list in place of names is refused as well: that was
# `features: list`, and here is what it would have done with the values in another order.

# %%
scorer = package.scorer()
right = package.guard(test)
chances, turned = scorer.scores(right), scorer.scores(right[:, ::-1].copy())
changed = (package.decide(chances) != package.decide(turned)).mean()
print(f"columns turned round: no error, and {changed:.0%} of the decisions are others")
with show.error(lines=1):
    package.guard(test[test.columns[::-1]].head(1))

# %% [markdown]
# The model does not mind: numbers are numbers. Only names can tell.
#
# For comparison, the light service around the same package. What does `decide`, the package's own `predict`, return? You
# know what comes of it:

# %%
from lifecycle.deploy import light_app

print("the decision inside is of type", type(package.decide(chances)[0]).__name__)
for mended in (False, True):
    reply = in_process(light_app(package, mended=mended)).post("/predict", json=requests[0])
    print(f"mended: {mended}, status {reply.status_code}")

# %% [markdown]
# ### Many at once, and what stays behind
#
# `/score/batch` takes up to a thousand rows in one request. It must give what single requests give, or one of the two is
# wrong:

# %%
batch = live.post("/score/batch", json={"rows": [r["features"] for r in requests[:50]]}).json()["results"]
singles = [live.post("/score", json=r).json() for r in requests[:50]]
same = all(abs(a["probability"] - b["probability"]) < 1e-6 for a, b in zip(batch, singles, strict=True))
print("50 rows, in one request and in fifty: equal probabilities:", same)

# %% [markdown]
# Monitoring will live on what the service keeps. Two things are kept: *metrics*, numbers that Prometheus fetches every
# few seconds, and the *request log*, a line a row, on disk before the answer leaves. Here with a log:

# %%
import tempfile
from pathlib import Path

folder = tempfile.TemporaryDirectory()
log = Path(folder.name) / "requests.sqlite"
logged = in_process(create_app(package, log=log))
for request in requests[:40]:
    logged.post("/score", json=request)
for body in bodies.values():
    logged.post("/score", content=body, headers=JSON)

# %%
from lifecycle.deploy import read_log

kept = read_log(log)
show.table(kept.groupby("status").size().rename("requests"))
for line in logged.get("/metrics").text.splitlines():
    if line.startswith("scoring_requests_total"):
        print(line)

# %% [markdown]
# Each of the 51 requests is there, refusals too. A service in which only successes are counted looks healthy while half
# of its callers are turned away.
#
# ## How long do people wait?
#
# The specification of the fraud check says: under 50 ms. Here are forty latencies from the log of its first hour, in
# milliseconds. Is it met?

# %%
latencies = [22, 18, 25, 31, 19, 14, 27, 240, 21, 16, 29, 23, 58, 20, 17, 24, 33, 26, 12, 19]
latencies += [85, 21, 28, 15, 44, 22, 30, 18, 26, 96, 20, 23, 39, 17, 25, 34, 13, 24, 41, 21]
print(f"mean {np.mean(latencies):.1f} ms")

# %% [markdown]
# A mean of 33.4 ms. Met? Nobody waits for the mean. Sort the forty and look at the end of the line: **p95** is the
# latency that 95 % of the requests do not exceed.

# %%
from lifecycle.deploy import percentile

for share in (0.50, 0.95, 0.99):
    print(f"p{100 * share:.0f}: {percentile(latencies, share):.0f} ms")
slow = percentile(latencies, 0.95)
print(f"p95 below 100 ms: {slow < 100}; p95 below 50 ms: {slow < 50}")
print(f"p99 of {len(latencies)} values is their maximum: {percentile(latencies, 0.99) == max(latencies)}")

# %% [markdown]
# p95 is 85 ms. The marketing slide says "under 100 ms" and is right; the specification says under 50 and is missed. The
# same measurement, two verdicts: a target without a number and a percentile is no target. (Do not lean on the p99 here.
# One in a hundred cannot be seen in forty: it is simply the slowest of them.)

# %%
figure, axes = show.figure(height=2.8)
axes.hist(latencies, bins=range(0, 250, 10), color=show.COLOURS["sky"])
axes.set(xlabel="latency in ms", ylabel="requests", ylim=(0, 24), title="Forty requests of the fraud check")
marks = [("mean", np.mean(latencies), "green", "right"), ("target", 50, "black", "left"), ("p95", slow, "vermilion", "left")]
for text, at, colour, side in marks:
    axes.axvline(at, color=show.COLOURS[colour], ls="--", lw=1.5)
    axes.text(at + (2 if side == "left" else -2), 21, f"{text} {at:.0f}", color=show.COLOURS[colour], ha=side)

# %%
print(f"over 50 ms: {sum(x > 50 for x in latencies)} of {len(latencies)} requests")

# %% [markdown]
# Four in forty. One more warning, for the day on which there are several copies: percentiles cannot be averaged. Copy A
# answers 900 requests quickly, copy B 100 requests slowly:

# %%
a, b = [10 + k % 10 for k in range(900)], [100 + k for k in range(100)]
each = [percentile(a, 0.95), percentile(b, 0.95)]
print(f"p95 of A {each[0]:.0f} ms, of B {each[1]:.0f} ms; their mean {np.mean(each):.1f} ms")
print(f"p95 of all requests: {percentile(a + b, 0.95):.0f} ms")

# %% [markdown]
# Keep the values (or histograms), and take the percentile last.
#
# ## How many are inside?
#
# At the peak 10,000 requests arrive each second, and each takes 50 ms. How many are inside the service at one moment?
# **Little's law**: the number inside is the rate times the time inside. It needs no assumption about who comes when, only
# that the line does not grow for ever.

# %%
from lifecycle.deploy import in_flight, instances

print(f"inside at one time: {in_flight(10_000, 0.050):.0f}")

# %% [markdown]
# 500 at once. A server that does one thing at a time would be 499 short. A law that assumes so little can be checked
# anywhere, so here is a line of customers, computed and not waited for: random arrivals, random work, three workers. We
# count the people inside at ten thousand moments, and compare.

# %%
from lifecycle.deploy import waiting_line

rng = np.random.default_rng(seed)
arrivals = np.cumsum(rng.exponential(1 / 200, 20_000))
visits = waiting_line(arrivals.tolist(), rng.exponential(0.010, 20_000).tolist(), workers=3)
came, left = (np.sort([getattr(v, what) for v in visits]) for what in ("arrived", "finished"))
moments = rng.uniform(came[0], came[-1], 10_000)
inside = np.searchsorted(came, moments, "right") - np.searchsorted(left, moments, "right")

# %%
a_second, time_inside = len(visits) / came[-1], np.mean([v.latency for v in visits])
print(f"counted: {inside.mean():.2f} inside; rate times time: {in_flight(a_second, time_inside):.2f}")

# %% [markdown]
# The two agree to within the luck of counting. Now the number of copies. A load test says that one copy sustains 156.25
# requests a second:

# %%
print(f"copies for 10,000 a second: {instances(10_000, 156.25)}")
print(f"inside each: {500 / instances(10_000, 156.25):.2f}")

# %% [markdown]
# 64 copies. Would you order 64? That plan has every copy busy all of the time. See what happens to the wait as copies get
# busier: the same line, one worker, work of 10 ms, and arrivals closer and closer. Luck lasts long in a full line, so we
# let 200,000 requests come, and set beside their mean what theory expects of it (`expected_latency`, the formula of
# Pollaczek and Khinchine).

# %%
from lifecycle.deploy import expected_latency

gaps = np.random.default_rng(2).exponential(1, 200_000).cumsum()  # always the same draw, since we talk about it
work = [10.0] * len(gaps)


def line_of(workers, share):
    visits = waiting_line((gaps * 10 / share / workers).tolist(), work, workers=workers)
    latencies = [visit.latency for visit in visits]
    return np.mean(latencies), percentile(latencies, 0.95)


one = {share: line_of(1, share) for share in (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)}

# %%
figure, axes = show.figure(height=3)
finely = np.linspace(0.3, 0.95, 66)
axes.plot(finely, [expected_latency(10, busy=share) for share in finely], label="mean, by theory")
axes.plot(list(one), [mean for mean, _ in one.values()], "o", label="mean, counted")
axes.plot(list(one), [p95 for _, p95 in one.values()], "s--", label="p95, counted")
axes.axhline(50, color=show.COLOURS["black"], ls=":", lw=1)
axes.text(0.3, 53, "target 50 ms")
axes.set(xlabel="share of time that the worker is busy", ylabel="latency in ms (log scale)", yscale="log")
axes.set_yticks([10, 20, 50, 100, 200], labels=["10", "20", "50", "100", "200"])
axes.minorticks_off()
legend = axes.legend(title="work of 10 ms, random arrivals")

# %%
for share in (0.5, 0.6, 0.7, 0.9, 0.95):
    mean, p95 = one[share]
    print(f"{share:.0%} busy: mean {mean:.1f} ms (theory {expected_latency(10, busy=share):.1f}), p95 {p95:.1f} ms")

# %% [markdown]
# The work takes 10 ms throughout. What grows is the line, slowly at first and then steeply, and count and theory agree.
# Hold the p95 against the target of 50 ms: at 60 % busy this worker meets it, at 70 % it just misses. And that was the
# kindest case, since requests do not all take the same.
#
# Must our copies then idle for 40 % of their time? They differ from this worker: each has about eight requests inside at
# a time. Let eight workers take from *one* line:

# %%
for share in (0.7, 0.9):
    alone, together = one[share][1] / 10, line_of(8, share)[1] / 10
    print(f"{share:.0%} busy, p95 in times the work: one worker {alone:.1f}, eight {together:.1f}")
for share in (1, 0.7, 0.6):
    print(f"copies at {share:.0%} busy, one to spare: {instances(10_000, 156.25, busy=share, spare=1)}")

# %% [markdown]
# Where one worker is taken, another is likely to be free: eight together wait far less at the same load. This is why
# capacity is planned at 60 to 70 % and not at 100: nearer to 60 for workers on their own, 70 where several share a line
# and can really work at the same time. Say that ours can, and that one copy may fail at the worst moment: 93. (A line
# knows no units, so the factors hold for work of 50 ms as well. Only a p95 of 50 ms is then out of reach, for 93 copies
# and for 930: the work alone takes all of it, and it is the work that has to become faster.)
#
# ### One slow caller
#
# Random arrivals are not the only way to a line. A request comes every 10 ms, each takes 8, and one, the fiftieth, takes
# 300 (a cold cache, a large body). Who notices?

# %%
work = [8.0] * 400
work[49] = 300.0
slow = {}
for workers in (1, 2):
    line = waiting_line([10.0 * k for k in range(400)], work, workers=workers)
    slow[workers] = sum(visit.latency > 50 for visit in line)
    print(f"{workers} at a time: {slow[workers]} of 400 requests over 50 ms")

# %% [markdown]
# With one worker that single request spoils the target for over a hundred others, who did nothing wrong. With two, only
# for itself. A development server that works one at a time *is* that first line.
#
# ### A load test
#
# Arithmetic plans; only a measurement convinces. `load_test` sends requests at a steady rate over real HTTP, whether or
# not the earlier ones have been answered. That matters: a test that waits for each answer slows down together with the
# service, and never sees the line that real callers would stand in.

# %%
from lifecycle.deploy import load_test

traffic = [json.dumps(request).encode() for request in requests]
with serving(create_app(package, log=log)) as service:
    report = load_test(service.url, traffic, seconds=2, rate=rate)
print("errors:", report.errors)
print("a line in the log for each:", len(read_log(log)) - len(kept) == report.requests)

# %% [markdown]
# No errors, nothing lost. And the time? This is of your machine and of this moment, and the callers run on it too:

# %% tags=["nbval-ignore-output"]
# Not compared: latency differs from machine to machine and from run to run.
show.table([report.row()])

# %% [markdown]
# Put the p95 beside the 50 ms of the specification. Two seconds are a demonstration, not a proof: `benchmarks/serving.py`
# does it for a minute, as fast as the service can answer. To see where yours gives up, raise `rate` at the top of this
# page.
#
# ## Where deployments fail
#
# **The port.** It is the classic, and no code is wrong. The container publishes one port, the service listens on another,
# the health check asks a third. The process runs, the log is clean, and the platform restarts it again and again:

# %%
import socket

with socket.create_server(("127.0.0.1", 0)) as nobody:
    unused = nobody.getsockname()[1]
with serving(app) as service:
    print("the port it listens on: ", httpx.get(f"{service.url}/health").status_code)
    with show.error():
        httpx.get(f"http://127.0.0.1:{unused}/health")

# %% [markdown]
# The cure is to write the number down once and to compare: what the service listens on, what the container publishes,
# what the health check asks.

# %%
ports = {"service": 8000, "container": 5000, "health check": 8000}
for name, port in ports.items():
    print(f"{name:>12}: {port}", "" if port == ports["service"] else " does not lead to the service")

# %% [markdown]
# **The address.** `127.0.0.1` is this machine talking to itself. `0.0.0.0` is no address of anybody: it means *every*
# network that this machine is on.

# %%
from ipaddress import ip_address

for address in ("127.0.0.1", "0.0.0.0"):
    found = ip_address(address)
    print(f"{address:>9}: this machine only: {found.is_loopback}, everywhere: {found.is_unspecified}")

# %% [markdown]
# In a container a service must listen on `0.0.0.0`, or the published port leads nowhere. On a laptop, with a development
# server and no check of who is asking, the same line invites the whole café. (`workbench serve` stays on this machine
# unless told otherwise.) Who may ask is usually settled by a gateway in front. The least that it does:

# %%
from hmac import compare_digest

TOKEN = b"Bearer from-the-vault-not-from-the-code"
closed = FastAPI()


@closed.middleware("http")
async def only_known(request, call_next):
    shown = request.headers.get("authorization", "").encode()
    known = compare_digest(shown, TOKEN)
    return await call_next(request) if known else JSONResponse({"error": "who is asking?"}, status_code=401)


closed.include_router(typed.router)

# %%
for headers in ({}, {"authorization": "Bearer guess"}, {"authorization": TOKEN.decode()}):
    print(in_process(closed).post("/predict", json=transaction, headers=headers).status_code)

# %% [markdown]
# 401, 401, 200. (`compare_digest` takes as long for a guess that is nearly right as for a wild one; `==` stops at the
# first wrong letter, and that can be measured.)
#
# ## Claims to distrust
#
# | you will read | what is true | seen in |
# |---|---|---|
# | "`return model.predict(x)[0]`" | int64, float32: not JSON; `int()` and `float()` at the edge | the first request |
# | "confidence .87, risk .92" | two names without a definition; say what each is a share of | two scores |
# | "p95 85 ms, so we are below 100" | true, and above the 50 that were promised | forty latencies |
# | "the mean latency is fine" | nobody waits for the mean | forty latencies |
# | "it runs: `app.run(host='0.0.0.0')`" | a development server, open to all, asking no name | one slow caller; the token |
# | "validated: `features: list`" | anything is a list | 5 of 5 accepted |
# | "it works in the container" | if the three ports agree | the port |
#
# ## Hand over
#
# Lesson 10 decides about the release and wants to know what this service promises. We write down what was *checked* here,
# and nothing that was not.

# %%
contract = live.get("/openapi.json").json()
promise = {
    "package": answer["model"],
    "endpoints": sorted(contract["paths"]),
    "required": list(package.features),
    "refused": {row["request"]: row["status"] for row in refusals},
    "batch_equals_singles": same,
    "logged": len(kept),
    "target": {"p95_ms": 50, "error_share": 0.001},
}
artifacts.write_json("08/service.json", promise, use_case=use_case)
print("written:", ", ".join(promise))

# %% [markdown]
# ## What you did
#
# - You put a model behind an address, and saw that a right prediction is not yet an answer: JSON, status, definition.
# - You wrote a contract that refuses by name, and found the callers for whom the refusal itself broke.
# - You served a sealed package, whose answers say which model gave them, and kept a line of each request.
# - You read a latency log from its end, and computed how many requests are inside, and how many copies that takes.
# - You met the ports, addresses and missing tokens at which deployments fail.

# %%
from workbench import quiz

quiz("08_live_scoring")

# %% [markdown]
# Now try it yourself: [exercise 08](../exercises/08_live_scoring.ipynb).
