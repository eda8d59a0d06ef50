"""Checks of exercise 08: live scoring."""

from __future__ import annotations

import json

import numpy as np

from workbench.checks import Mutant, close, equal, mistake, part, question


def _no_constant(name):
    raise ValueError(name)


def parsed(text):
    """What a standard reader makes of `text`; None where it cannot."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, TypeError):
        return None


_ROUGH = """
def answer_of(request_id, prediction, probability):
    return json.dumps(dict(request_id=request_id, prediction={}, probability={}))
came_back = 1
"""


@question(
    "live_scoring.json",
    title="There and back",
    points=2,
    hints=[
        "`json.dumps` writes Python's own numbers only. Which type has `decision`, and which has `chance`?",
        "`int(...)` and `float(...)` at the edge, where numbers leave Python. Round after that.",
        "The round trip is `json.loads(answer_of(...))`; then take the prediction out of it.",
    ],
    mutants=[
        Mutant("as the model returned it", code=_ROUGH.format("prediction", "round(float(probability), 4)")),
        Mutant("a text", replace=("int(prediction)", "str(prediction)")),
        Mutant("a truth value", replace=("int(prediction)", "bool(prediction)")),
        Mutant("a float", replace=("int(prediction)", "float(prediction)")),
        Mutant("float32 as it is", code=_ROUGH.format("int(prediction)", "probability")),
        Mutant("not rounded", replace=("round(float(probability), 4)", "float(probability)")),
        Mutant("a dictionary", code=_ROUGH.format("int(prediction)", "float(probability)").replace("json.dumps", "dict")),
        Mutant(
            "whatever cannot be written becomes text",
            code="""
def answer_of(request_id, prediction, probability):
    numbers = {"prediction": prediction, "probability": round(float(probability), 4)}
    return json.dumps({"request_id": request_id} | numbers, default=str)
came_back = 1
""",
        ),
        Mutant(
            "the text, not the prediction",
            replace=(
                'json.loads(answer_of("TX123456", decision, chance))["prediction"]',
                'answer_of("TX123456", decision, chance)',
            ),
        ),
    ],
)
def there_and_back(answer, key):
    with part(1, "`answer_of` should return JSON that anybody can read"):
        for call in (("TX1", np.int64(1), np.float32(0.87)), ("TX2", np.bool_(False), np.float64(0.123456)), ("ü", 0, 1)):
            text, right = answer.call("answer_of", *call), json.loads(key.call("answer_of", *call))
            mistake(not isinstance(text, str), "`answer_of` should return a text of JSON, ready to be sent")
            said = parsed(text)
            mistake(not isinstance(said, dict), "`answer_of` returns a text that is no JSON object")
            number = said.get("prediction")
            mistake(isinstance(number, str), "`answer_of` writes the prediction as a text; callers compare it with a number")
            mistake(type(number) is not int, "`answer_of` writes a prediction that is no whole number once it is read")
            mistake(type(said.get("probability")) not in (int, float), "`answer_of` writes a probability that is no number")
            mistake(
                abs(said["probability"] - right["probability"]) > 1e-9
                and abs(said["probability"] - right["probability"]) < 1e-3,
                "`answer_of` should round the probability to four decimals, after it has become a float",
            )
            equal(said, right, "`answer_of` has other names or values than were asked for")
    with part(1, "`came_back` is what the caller reads"):
        value = answer.read("came_back")
        mistake(isinstance(value, str), "`came_back` is a text; read the JSON, and take the prediction out of it")
        mistake(type(value) is not int, "`came_back` should be a whole number of Python's own")
        equal(value, key.read("came_back"))


GOOD = [
    {"id": "TX1", "amount": 1500, "currency": "USD", "card_present": False, "hour": 2},
    {"id": "x" * 40, "amount": 0.01, "currency": "EUR", "card_present": True, "hour": 0},
    {"id": "7", "amount": 50_000.0, "currency": "EUR", "card_present": True, "hour": 23},
]
SPOILT = [
    ("is above its limit", {"amount": 50_000.01}),
    ("is zero", {"amount": 0}),
    ("is a number written as text", {"amount": "1500"}),
    ("is true", {"amount": True}),
    ("is empty", {"id": ""}),
    ("is a number", {"id": 7}),
    ("is too long", {"id": "x" * 41}),
    ("is a currency nobody knows", {"currency": "usd"}),
    ("is 1 in place of true", {"card_present": 1}),
    ("is a text", {"card_present": "false"}),
    ("is 24", {"hour": 24}),
    ("is negative", {"hour": -1}),
    ("is no whole number", {"hour": 2.5}),
    ("is null", {"hour": None}),
]


@question(
    "live_scoring.contract",
    title="A contract for transactions",
    points=4,
    hints=[
        "`ConfigDict(strict=True, extra='forbid')` says how the model treats what does not fit.",
        "Limits go into `Field(gt=..., ge=..., le=..., min_length=..., max_length=...)`; a choice is a `Literal`.",
        "A field without a default is required. `Transaction.model_json_schema()` describes the model as a dictionary.",
    ],
    mutants=[
        Mutant("converts what it can", replace=("strict=True, ", "")),
        Mutant("takes any field", replace=(', extra="forbid"', "")),
        Mutant("any currency", replace=('Literal["USD", "EUR"]', "str")),
        Mutant("zero is an amount", replace=("Field(gt=0, le=50_000)", "Field(ge=0, le=50_000)")),
        Mutant("no largest amount", replace=("Field(gt=0, le=50_000)", "Field(gt=0)")),
        Mutant("24 o'clock", replace=("ge=0, le=23", "ge=0, le=24")),
        Mutant("any hour", replace=("hour: int = Field(ge=0, le=23)", "hour: int")),
        Mutant("an optional field", replace=("card_present: bool", "card_present: bool = True")),
        Mutant(
            "untyped",
            code="""
class Transaction(BaseModel):
    id: str
    features: list
ask = service_of(Transaction)
required = sorted(Transaction.model_json_schema()["required"])
""",
        ),
        Mutant("all properties of nothing", replace=('["required"]', '["title"]')),
    ],
)
def contract(answer, key):
    with part(1, "`ask` should answer what keeps to the contract"):
        for body in GOOD:
            said = answer.call("ask", json.dumps(body))
            mistake(said["status"] == 500, "`ask`: the service itself failed; look at the types in `Transaction`")
            mistake(said["status"] == 422, f"`Transaction` refuses {', '.join(said['refused'] or ['?'])} in a sound request")
            equal(said, key.call("ask", json.dumps(body)), "`ask` does not answer a sound request")
    with part(1, "`Transaction` should refuse values of the wrong type, and out of range"):
        for what, change in SPOILT:
            (name,) = change
            body = json.dumps(GOOD[0] | change)
            said, right = answer.call("ask", body), key.call("ask", body)
            mistake(said["status"] == 200, f"`Transaction` takes a request in which `{name}` {what}")
            equal(said, right, f"`Transaction` should refuse `{name}`, and only that, when it {what}")
    with part(1, "`Transaction` should want all five fields, and nothing else"):
        for name in GOOD[0]:
            body = json.dumps({other: value for other, value in GOOD[0].items() if other != name})
            said, right = answer.call("ask", body), key.call("ask", body)
            mistake(said["status"] == 200, f"`Transaction` does without `{name}`; a field with a default is not required")
            equal(said, right, f"`Transaction` should refuse a request without `{name}`, and name it")
        for body in (json.dumps(GOOD[0] | {"ammount": 1}), "[]", "null", "{", ""):
            said, right = answer.call("ask", body), key.call("ask", body)
            mistake(said["status"] == 200, "`Transaction` takes a field that nobody knows, or no object at all")
            equal(said["status"], right["status"], "`ask` should refuse what is no transaction")
    with part(1, "`required` is read from the model"):
        names = answer.read("required")
        mistake(sorted(names) != list(names), "`required` should be in alphabetical order")
        equal(list(names), key.read("required"), "`required` should list the five required fields")


@question(
    "live_scoring.latency",
    title="The end of the line",
    points=3,
    hints=[
        "First keep what the specification speaks of: path `/score` and status 200.",
        "Sort. Of n values, the one at place ceil(share · n), counted from 1, is the percentile.",
        "Python counts from 0. `numpy.quantile` interpolates by default, and its value is none that anybody waited for.",
    ],
    mutants=[
        Mutant("everything in the log", replace=('if path == "/score" and status == 200', "")),
        Mutant("refusals too", replace=(" and status == 200", "")),
        Mutant("health checks too", replace=('path == "/score" and ', "")),
        Mutant("off by one", replace=("ceil(share * len(values)) - 1", "min(ceil(share * len(values)), len(values) - 1)")),
        Mutant("rounded down", replace=("ceil(share * len(values)) - 1", "int(share * len(values)) - 1")),
        Mutant("not sorted", replace=("sorted(values)", "list(values)")),
        Mutant(
            "interpolated", replace=("sorted(values)[ceil(share * len(values)) - 1]", "float(np.quantile(values, share))")
        ),
        Mutant("the mean", replace=("percentile(answered, 0.95)", "sum(answered) / len(answered)")),
        Mutant("both the same", replace=("p95 < 100, p95 < 50", "p95 < 100, p95 < 100")),
    ],
)
def latency(answer, key):
    with part(1, "`percentile` is a value of the list, by nearest rank"):
        for values, share in (
            ([20, 10, 40, 30], 0.5),
            ([20, 10, 40, 30], 0.75),
            ([3, 1, 2], 0.34),
            ([7], 0.01),
            ([5, 1, 9, 4, 4], 1.0),
        ):
            said, right = answer.call("percentile", values, share), key.call("percentile", values, share)
            mistake(said not in values, "`percentile` gives a number that is not in the list; nothing is interpolated here")
            equal(said, right, f"`percentile` is wrong for {values} and {share}")
    with part(1, "`p50` and `p95`"):
        everything = sorted(ms for _, _, ms in answer.read("log"))
        p95 = answer.read("p95")
        mistake(
            p95 == everything[int(np.ceil(0.95 * len(everything))) - 1],
            "`p95` is that of the whole log; health checks and refusals flatter it",
        )
        close(answer.read("p50"), key.read("p50"), "`p50` is the median of the answered requests to `/score`", rtol=1e-6)
        close(p95, key.read("p95"), "`p95` is that of the answered requests to `/score`, and only of those", rtol=1e-6)
    with part(1, "`under_100` and `under_50` are truth values"):
        p95 = answer.read("p95")
        for name, limit in (("under_100", 100), ("under_50", 50)):
            said = answer.read(name)
            mistake(said != (p95 < limit), f"`{name}` is not what your `p95` says")
            equal(said, key.read(name), f"`{name}` compares p95 with {limit} ms")


@question(
    "live_scoring.capacity",
    title="How many copies?",
    points=3,
    hints=[
        "Little's law: inside = rate × time inside. Mind the unit of the time.",
        "A copy that is busy for 70 % of its time takes 70 % of what it sustains.",
        "A part of a copy serves nobody, so round up; then add those that may fail.",
    ],
    mutants=[
        Mutant("milliseconds", replace=("10_000 * 0.050", "10_000 * 50")),
        Mutant("a rate over a time", replace=("10_000 * 0.050", "10_000 / 0.050")),
        Mutant("rounded down", replace=("math.ceil(", "math.floor(")),
        Mutant("rounded to the nearest", replace=("math.ceil(", "round(")),
        Mutant("the share the wrong way", replace=("rate / (each * busy)", "rate * busy / each")),
        Mutant("spare forgotten", replace=(") + spare", ")")),
        Mutant(
            "the spare one shares the work",
            replace=("math.ceil(rate / (each * busy)) + spare", "math.ceil(rate / (each * busy) - spare)"),
        ),
        Mutant("safe at full load", replace=("busy=0.7, spare=1", "spare=1")),
        Mutant("no spare", replace=("busy=0.7, spare=1", "busy=0.7")),
    ],
)
def capacity(answer, key):
    with part(1, "`concurrency` by Little's law"):
        said, right = answer.read("concurrency"), key.read("concurrency")
        mistake(abs(said - 1000 * right) < 1, "`concurrency` is a thousand times too large; the rate is a second's")
        close(said, right, "`concurrency` is the rate times the time that one request is inside", rtol=1e-6)
    with part(1, "`copies` should hold for any plan"):
        for call, named in (
            ((10_000, 156.25), {}),
            ((100, 30), {}),
            ((1, 30), {}),
            ((90, 30), {"spare": 2}),
            ((1000, 64), {"busy": 0.5}),
            ((1000, 64), {"busy": 0.25, "spare": 1}),
            ((321, 8), {"busy": 0.75}),
        ):
            said, right = answer.call("copies", *call, **named), key.call("copies", *call, **named)
            mistake(said == right - 1, "`copies` is one short somewhere; which way is a part of a copy rounded?")
            equal(said, right, f"`copies` is wrong for rate {call[0]}, each {call[1]}, {named}")
    with part(1, "`full` and `safe`"):
        equal(answer.read("full"), key.read("full"), "`full` keeps every copy busy all of the time")
        equal(answer.read("safe"), key.read("safe"), "`safe` plans 70 % busy, and one copy more")


@question(
    "live_scoring.scores",
    title="Which number is which?",
    points=2,
    hints=[
        "Expected loss is probability times amount. One of the questions needs it, the other one does not.",
        "The share of losses that are smaller: count, then divide by how many there are. Equal is not smaller.",
    ],
    mutants=[
        Mutant("equal counts as smaller", replace=("other < loss", "other <= loss")),
        Mutant("the larger ones", replace=("other < loss", "other > loss")),
        Mutant("a percentage", replace=("/ len(losses)", "/ len(losses) * 100")),
        Mutant(
            "by amount",
            replace=(
                "first_call = max(expected, key=expected.get)",
                'first_call = max(cases, key=lambda case: case["amount"])["id"]',
            ),
        ),
        Mutant("by probability", replace=("first_call = max(expected, key=expected.get)", "first_call = surest")),
        Mutant(
            "the surest by loss",
            replace=(
                'surest = max(cases, key=lambda case: case["probability"])["id"]',
                "surest = max(expected, key=expected.get)",
            ),
        ),
        Mutant(
            "the probability for severity",
            replace=("top = severity(expected[first_call], list(expected.values()))", "top = 0.55"),
        ),
    ],
)
def scores(answer, key):
    with part(1, "`severity` is a share of the losses"):
        for loss, losses in ((5, [1, 5, 9]), (0, [1, 2]), (3.5, [1, 2, 3, 3.5, 3.5, 8]), (10, [10]), (2, [1])):
            said, right = answer.call("severity", loss, losses), key.call("severity", loss, losses)
            mistake(right > 0 and abs(said - 100 * right) < 1e-9, "`severity` is a percentage; a share lies between 0 and 1")
            close(said, right, f"`severity` is wrong for {loss} among {losses}; equal is not smaller", atol=1e-9)
    with part(1, "`surest`, `first_call` and `top`"):
        mistake(
            answer.read("surest") == answer.read("first_call") and key.read("surest") != key.read("first_call"),
            "`surest` and `first_call` answer different questions",
        )
        equal(answer.read("surest"), key.read("surest"), "`surest` is the case with the largest probability")
        mistake(
            answer.read("first_call") == max(answer.read("cases"), key=lambda case: case["amount"])["id"],
            "`first_call` has the largest amount; but how likely is it to be lost?",
        )
        equal(answer.read("first_call"), key.read("first_call"), "`first_call` is where most is lost on average")
        close(answer.read("top"), key.read("top"), "`top` is the severity of `first_call` among all cases", rtol=1e-6)


SOUND = [
    {"amount": 1500, "hour": 2},
    {"amount": 0.5, "hour": 0},
    {"amount": 50_000, "hour": 23},
    {"hour": 5, "amount": 1499.9},
]
NO_JSON = [
    b"",
    b"hello",
    b'{"amount": 1, "hour": ',
    b"\xff\xfe\x00",
    b'{"amount": NaN, "hour": 2}',
    b'{"amount": -Infinity, "hour": 2}',
    b"[" * 50_000,
    b'{"amount": 1, "hour": 2} and more',
]
BROKEN = [
    b"[]",
    b"null",
    b'"text"',
    b"17",
    b"true",
    b"{}",
    b'{"amount": 1500}',
    b'{"hour": 2}',
    b'{"amount": "1500", "hour": 2}',
    b'{"amount": true, "hour": 2}',
    b'{"amount": 0, "hour": 2}',
    b'{"amount": 50001, "hour": 2}',
    b'{"amount": 1e999, "hour": 2}',
    b'{"amount": null, "hour": 99}',
    b'{"amount": [1500], "hour": 2}',
    b'{"amount": {}, "hour": 2}',
    b'{"amount": 5, "hour": 24}',
    b'{"amount": 5, "hour": -1}',
    b'{"amount": 5, "hour": 3.0}',
    b'{"amount": 5, "hour": false}',
    b'{"amount": 5, "hour": "2"}',
    b'{"amount": 5, "hour": 2, "z": 1, "b": 2}',
    b'{"amount": 5, "hour": 2, "": 1}',
    b'{"amount": 5, "hour": 25, "a": 1}',
]


def replied(answer, key, raw):
    """Status and content of the answer and of the solution; names what is no reply at all."""
    said, (status, content) = answer.call("handle", raw), key.call("handle", raw)
    sound = isinstance(said, tuple | list) and len(said) == 2 and isinstance(said[1], dict)
    mistake(not sound, "`handle` should return a status and a dictionary")
    return said[0], said[1], status, content


@question(
    "live_scoring.handler",
    title="Never a 500",
    points=4,
    hints=[
        "In this order: how long is it, is it JSON, does it keep to the contract, and only then the model.",
        "`json.loads` takes NaN and Infinity unless `parse_constant` is a function that raises.",
        "Fifty thousand open brackets raise no ValueError. And `isinstance(True, int)` is true; `type(True) is int` is not.",
    ],
    mutants=[
        Mutant("any length", replace=("len(raw) > 100_000", "False")),
        Mutant("exactly the limit is too long", replace=("len(raw) > 100_000", "len(raw) >= 100_000")),
        Mutant("NaN is welcome", replace=("json.loads(raw, parse_constant=constant)", "json.loads(raw)")),
        Mutant("depth is not thought of", replace=("(ValueError, RecursionError)", "ValueError")),
        Mutant(
            "bad text is not thought of", replace=("(ValueError, RecursionError)", "(json.JSONDecodeError, RecursionError)")
        ),
        Mutant("any JSON is an object", replace=("if not isinstance(content, dict):", "if content is None:")),
        Mutant(
            "a truth value is a number", replace=("type(amount) not in (int, float)", "not isinstance(amount, (int, float))")
        ),
        Mutant("a truth value is an hour", replace=("type(hour) is not int", "not isinstance(hour, int)")),
        Mutant("3.0 is an hour", replace=("type(hour) is not int", "type(hour) not in (int, float)")),
        Mutant("no largest amount", replace=("not 0 < amount <= 50_000", "not 0 < amount")),
        Mutant("unknown fields are welcome", replace=('min(set(content) - {"amount", "hour"}, default=None)', "None")),
        Mutant("an empty name is no name", replace=("if field is not None:", "if field:")),
        Mutant("not what JSON can hold", replace=("round(p, 4)", "str(round(p, 4))")),
        Mutant("a truth value for the prediction", replace=("int(p >= 0.5)", "p >= 0.5")),
        Mutant("always the same answer", replace=("int(p >= 0.5)", "1")),
        Mutant("400 for everything", replace=("return 422, ", "return 400, ")),
    ],
)
def handler(answer, key):
    with part(1, "`handle` should answer sound requests"):
        for body in SOUND:
            status, content, right, wanted = replied(answer, key, json.dumps(body).encode())
            mistake(status != right, f"`handle` refuses a sound request: {body}")
            mistake(type(content.get("prediction")) is not int, "`handle` should give the prediction as a whole number")
            mistake(type(content.get("probability")) is not float, "`handle` should give the probability as a float")
            equal(content["prediction"], wanted["prediction"], f"`handle` decides wrongly for {body}")
            close(content["probability"], wanted["probability"], "`handle` gives another probability", atol=1e-9)
    with part(1, "`handle` should refuse what is too long or no JSON"):
        edge = json.dumps(SOUND[0]).encode().ljust(100_000)
        for raw in (edge, edge + b" ", b"[" * 200_000):
            status, _, right, _ = replied(answer, key, raw)
            equal(status, right, f"`handle` gives another status for {len(raw):,} bytes than the table")
        for raw in NO_JSON:
            status, _, right, _ = replied(answer, key, raw)
            equal(status, right, f"`handle` gives another status than the table for {raw[:40]!r}")
    with part(2, "`handle` should name the first field at fault"):
        for raw in BROKEN:
            status, content, right, wanted = replied(answer, key, raw)
            mistake(status == 200, f"`handle` answers {raw.decode()}")
            equal(status, right, f"`handle` gives another status than the table for {raw.decode()}")
            equal(content.get("field"), wanted["field"], f"`handle` names another field for {raw.decode()}")
