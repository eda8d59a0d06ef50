"""Hidden questions on exercise 08: the same services, for callers that nobody was shown."""

from __future__ import annotations

import json

import numpy as np

from workbench.checks import Mutant, equal, mistake, question


@question(
    "live_scoring.json_elsewhere",
    of="live_scoring.json",
    title="There and back, for other numbers",
    points=1,
    mutants=[
        Mutant("always the supplied ones", replace=("int(prediction)", "int(decision)")),
        Mutant("always the supplied chance", replace=("float(probability)", "float(chance)")),
        Mutant(
            "quotation marks by hand",
            code="""
def answer_of(request_id, prediction, probability):
    numbers = f'"prediction": {int(prediction)}, "probability": {round(float(probability), 4)}'
    return f'{{"request_id": "{request_id}", {numbers}}}'
came_back = json.loads(answer_of("TX123456", decision, chance))["prediction"]
""",
        ),
    ],
)
def json_elsewhere(answer, key):
    for call in (
        ('say "hi"\\', np.int32(0), np.float32(0.3)),
        ("", np.uint8(1), np.float16(0.5)),
        ("\u2028", np.int64(0), 0.99996),
    ):
        said, right = answer.call("answer_of", *call), key.call("answer_of", *call)
        mistake(not isinstance(said, str), "`answer_of` should return a text")
        try:
            found = json.loads(said)
        except ValueError:
            found = None
        equal(found, json.loads(right), "`answer_of` fails for an answer that it was not shown")


_SOUND = {"id": "A-1", "amount": 12.5, "currency": "EUR", "card_present": True, "hour": 9}


@question(
    "live_scoring.contract_elsewhere",
    of="live_scoring.contract",
    title="Other callers",
    points=1,
    mutants=[
        Mutant("converts what it can", replace=("strict=True, ", "")),
        Mutant("takes any field", replace=(', extra="forbid"', "")),
        Mutant("cents of a cent", replace=("gt=0, le=50_000", "ge=0.01, le=50_000")),
        Mutant("any length", replace=("min_length=1, max_length=40", "min_length=1")),
    ],
)
def contract_elsewhere(answer, key):
    changes = [{}, {"amount": 0.001}, {"amount": "12.5"}, {"hour": "9"}, {"hour": 9.5}, {"note": None}, {"id": "ü" * 41}]
    changes += [{"currency": ["EUR"]}, {"card_present": None}, {"amount": [1]}, {"id": {}}]
    for change in changes:
        body = json.dumps(_SOUND | change)
        said, right = answer.call("ask", body), key.call("ask", body)
        equal(said, right, "`ask` fails for a request that it was not shown")


@question(
    "live_scoring.latency_elsewhere",
    of="live_scoring.latency",
    title="Another log",
    points=1,
    mutants=[
        Mutant(
            "the supplied log",
            replace=("sorted(values)[ceil(share * len(values)) - 1]", "sorted(answered)[int(share * 100)]"),
        ),
        Mutant(
            "interpolated", replace=("sorted(values)[ceil(share * len(values)) - 1]", "float(np.quantile(values, share))")
        ),
        Mutant("rounded", replace=("ceil(share * len(values)) - 1", "max(round(share * len(values)) - 1, 0)")),
    ],
)
def latency_elsewhere(answer, key):
    for values, share in (([9.5, 1.25, 7.75], 0.4), (list(range(41, 0, -1)), 0.93), ([4, 4, 4, 1], 0.25), ([2, 8], 0.51)):
        said, right = answer.call("percentile", values, share), key.call("percentile", values, share)
        equal(said, right, "`percentile` fails for a log that it was not shown")


@question(
    "live_scoring.capacity_elsewhere",
    of="live_scoring.capacity",
    title="Another peak",
    points=1,
    mutants=[
        Mutant("always the peak of the task", replace=("rate / (each", "10_000 / (each")),
        Mutant("rounded to the nearest", replace=("math.ceil(", "round(")),
        Mutant(
            "spare busy too", replace=("math.ceil(rate / (each * busy)) + spare", "math.ceil((rate / each + spare) / busy)")
        ),
    ],
)
def capacity_elsewhere(answer, key):
    for call in ((777, 50, 0.5, 0), (777, 50, 0.5, 2), (8, 4), (9, 4), (2_000, 125, 0.8, 1)):
        equal(answer.call("copies", *call), key.call("copies", *call), "`copies` fails for a plan that it was not shown")


_RAW = [
    b' {"hour": 4, "amount": 1500.0}\n',
    b'{"amount": 1e3, "hour": 12}',
    b'{"amount": 1E-9, "hour": 12}',
    b"{'amount': 1, 'hour': 2}",
    b'{"amount": 1, "hour": 2,}',
    b'{"amount": Infinity, "hour": 2}',
    b'{"amount": 1, "hour": 2, "note": NaN}',
    b'{"amount": -0.0, "hour": 1}',
    b'{"amount": 1' + b"0" * 400 + b', "hour": 1}',
    b'{"amount": 1, "hour": 1e0}',
    b'{"Amount": 1, "hour": 1}',
    b'[{"amount": 1, "hour": 1}]',
    b'{"amount": 1, "hour": ' + b'{"a":' * 15_000,
    b'{"amount": 1, "hour": 1, "\\ud800": 1}',
    b"\x00",
    b'{"amount": ""}',
]


@question(
    "live_scoring.handler_elsewhere",
    of="live_scoring.handler",
    title="Other ugly callers",
    points=2,
    mutants=[
        Mutant("infinity is welcome", replace=("parse_constant=constant", "parse_constant=float")),
        Mutant("depth is not thought of", replace=("(ValueError, RecursionError)", "ValueError")),
        Mutant("1e0 is an hour", replace=("type(hour) is not int or", "hour != int(hour or 0) or")),
        Mutant("small amounts are none", replace=("not 0 < amount <= 50_000", "not 0.001 < amount <= 50_000")),
    ],
)
def handler_elsewhere(answer, key):
    for raw in _RAW:
        said, (status, content) = answer.call("handle", raw), key.call("handle", raw)
        mistake(not isinstance(said, tuple | list) or len(said) != 2, "`handle` should return a status and a dictionary")
        equal(said[0], status, "`handle` gives another status for bytes that it was not shown")
        shown = {name: value for name, value in content.items() if name != "error"}
        mistake(not isinstance(said[1], dict), "`handle` should return a status and a dictionary")
        equal({name: said[1].get(name) for name in shown}, shown, "`handle` answers otherwise for bytes it was not shown")
