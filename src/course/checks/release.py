"""Checks of exercise 10: the release pipeline."""

from __future__ import annotations

from itertools import pairwise

from workbench.checks import Mutant, close, equal, mistake, part, question


@question(
    "release.order",
    title="Eight gates in order",
    points=1,
    hints=[
        "First what can be said about the code and where it runs, then about the model, then about what is around it.",
        "The last gate has everything together: end to end, and the way back.",
    ],
    mutants=[
        Mutant("as they came", code="order = list(gates)"),
        Mutant("in alphabetical order", code="order = sorted(gates)"),
        Mutant("governance before explainability", replace=(
            '    "explainability",\n    "governance",\n', '    "governance",\n    "explainability",\n'
        )),
        Mutant("one is missing", replace=('    "data quality",\n', "")),
    ],
)  # fmt: skip
def order(answer, key):
    said, right = answer.read("order"), key.read("order")
    mistake(not isinstance(said, list), "`order` should be a list of names")
    mistake(
        sorted(map(str, said)) != sorted(right), "`order` does not hold each of the eight names once, as they are written"
    )
    first = next(k for k in range(9) if said[:k] != right[:k] or k == 8)
    mistake(
        said != right and first <= 3, "`order` is wrong near its beginning; which gates look at code, without any figures?"
    )
    equal(said, right, "`order` is wrong in its middle or at its end; think of who has to see what before signing")


@question(
    "release.style",
    title="Light or robust?",
    points=2,
    hints=[
        "One reason is enough. `any(...)` says whether there is one.",
        "`project.get(name, False)` also works where the property is missing; what is a missing impact?",
    ],
    mutants=[
        Mutant("all reasons needed", replace=("any(reasons)", "all(reasons)")),
        Mutant("the impact is left out", replace=(' or project.get("impact", "low") != "low"', "")),
        Mutant("only a high impact counts", replace=('!= "low"', '== "high"')),
        Mutant("regulated is left out", replace=(', "regulated")', ")")),
        Mutant("a property that is there counts as true", replace=("project.get(name, False) for", "name in project for")),
    ],
)
def style(answer, key):
    cases = [
        {"name": "a", "regulated": True},
        {"name": "b", "critical": True, "impact": "low"},
        {"name": "c", "customer_facing": True},
        {"name": "d", "impact": "medium"},
        {"name": "e", "impact": "high", "critical": False},
        {"name": "f", "critical": False, "customer_facing": False, "regulated": False, "impact": "low"},
        {"name": "g"},
    ]
    with part(1, "`style` should hold for any project"):
        for case in cases:
            said, right = answer.call("style", case), key.call("style", case)
            mistake(said not in ("robust", "lightweight"), "`style` should return `robust` or `lightweight` as text")
            equal(said, right, f"`style` is wrong for {case}")
    with part(1, "`styles` should map the five names"):
        said, right = answer.read("styles"), key.read("styles")
        mistake(not isinstance(said, dict) or set(said) != set(right), "`styles` should be a dictionary with the five names")
        equal(said, right, "`styles` is wrong for at least one project")


@question(
    "release.version",
    title="The next version",
    points=3,
    hints=[
        "Split the text at its dots and make numbers of the parts; what stands right of the changed part begins again.",
        "As text `1.10.0` comes before `1.9.0`. Compare lists of numbers.",
    ],
    mutants=[
        Mutant("nothing begins again", replace=('f"{major + 1}.0.0"', 'f"{major + 1}.{minor}.{patch}"')),
        Mutant("the patch stays after a minor change", replace=("{minor + 1}.0", "{minor + 1}.{patch}")),
        Mutant("one digit only", replace=("{patch + 1}", "{(patch + 1) % 10}")),
        Mutant("newest as text", replace=(", key=lambda version: [int(part) for part in version.split(\".\")]", "")),
        Mutant("newest by its patch", replace=('[int(part) for part in version.split(".")]', 'int(version.split(".")[2])')),
        Mutant("breaking is minor", replace=('next_version("2.3.1", "major")', 'next_version("2.3.1", "minor")')),
    ],
)  # fmt: skip
def version(answer, key):
    with part(1, "`next_version` should hold for any version"):
        for text, change in (
            ("2.3.1", "major"),
            ("2.3.1", "minor"),
            ("2.3.1", "patch"),
            ("0.9.9", "patch"),
            ("1.19.4", "minor"),
        ):
            said, right = answer.call("next_version", text, change), key.call("next_version", text, change)
            mistake(not isinstance(said, str), "`next_version` should return a text such as `1.4.0`")
            equal(said, right, f"`next_version` is wrong for a {change} change from {text}")
    with part(1, "`newest` compares numbers"):
        for texts in (["1.9.0", "1.10.0", "1.2.30"], ["0.9.9", "0.10.0"], ["3.0.0", "2.99.99"], ["1.0.0"]):
            said, right = answer.call("newest", texts), key.call("newest", texts)
            mistake(said == max(texts) != right, "`newest` compares texts, and as text 10 comes before 9")
            equal(said, right, f"`newest` is wrong for {texts}")
    with part(1, "`after` is the version after a breaking change"):
        mistake(answer.read("after") == "2.4.0", "`after` is a minor version; callers may break")
        equal(answer.read("after"), key.read("after"), "`after` is not what follows 2.3.1 when callers may break")


_ORDER = ["a", "b", "c", "d"]
_STOPS = [
    ({"a": True, "b": True, "c": True, "d": True}, ["a", "b", "c", "d"]),
    ({"a": True, "b": False, "c": False, "d": True}, ["a", "c", "d"]),
    ({"a": True, "b": True, "c": None, "d": False}, ["b", "c", "d"]),
    ({"a": True, "d": True}, ["a", "b"]),
    ({"d": False, "a": False, "b": True, "c": True}, ["d", "a"]),
    ({"a": False, "b": False, "c": False, "d": False}, []),
    ({}, ["d"]),
]


@question(
    "release.stop",
    title="Where does it stop?",
    points=3,
    hints=[
        "Go through `order`, skip what does not block, and ask of the rest whether it is known to have passed.",
        "`results.get(gate)` is `None` where the gate is not in it. Only `True` is a pass.",
    ],
    mutants=[
        Mutant("not run is fine", replace=("results.get(gate) is not True", "results.get(gate) is False")),
        Mutant("never started is fine", replace=("results.get(gate) is not True", "not results.get(gate, True)")),
        Mutant("every gate blocks", replace=("gate in blocking and ", "")),
        Mutant("the order of the results", replace=("for gate in order:", "for gate in results:")),
        Mutant("the last one", replace=("for gate in order:", "for gate in reversed(order):")),
    ],
)
def stop(answer, key):
    groups = {
        "`first_stop` should find a gate that failed, and pass what has passed": _STOPS[:2] + _STOPS[5:6],
        "`first_stop` should stop where nothing is known": _STOPS[2:4] + _STOPS[6:],
    }
    for words, cases in groups.items():
        with part(1, words):
            for results, blocking in cases:
                said = answer.call("first_stop", results, blocking, _ORDER)
                right = key.call("first_stop", results, blocking, _ORDER)
                mistake(
                    said is None and right is not None, f"`first_stop` lets {results} through, of which {blocking} block"
                )
                equal(said, right, f"`first_stop` is wrong for {results}, of which {blocking} block")
    with part(1, "`first_stop` goes by `order`, and `stop` is its answer"):
        results, blocking = _STOPS[4]
        said, right = (who.call("first_stop", results, blocking, _ORDER) for who in (answer, key))
        equal(said, right, "`first_stop` should go by `order`, however the results are sorted")
        equal(answer.read("stop"), key.read("stop"), "`stop` is not the first blocking gate of `results` that is not passed")


@question(
    "release.requests",
    title="How many requests does a step need?",
    points=3,
    hints=[
        "All n go well with probability (1 - rate) to the power of n. That may be at most 1 - chance.",
        "Solve for n by logarithms; their base does not matter. Then round so that the promise is kept.",
    ],
    mutants=[
        Mutant("one error on average", replace=("ceil(log(1 - chance) / log(1 - rate))", "ceil(1 / rate)")),
        Mutant("rounded down", replace=("return ceil(log", "return int(log")),
        Mutant("the chance of none", replace=("log(1 - chance)", "log(chance)")),
        Mutant("the share as the rate", replace=("needed / 0.05", "needed * 0.05")),
        Mutant("one share of the errors", replace=("in_all = ceil(needed / 0.05)", "in_all = needed")),
    ],
)
def requests(answer, key):
    with part(1, "`requests_to_see` should hold for any rate and chance"):
        for rate, chance in ((0.01, 0.95), (0.0001, 0.9), (0.2, 0.5), (0.5, 0.75), (0.03, 0.999)):
            said, right = answer.call("requests_to_see", rate, chance), key.call("requests_to_see", rate, chance)
            mistake(said == right - 1, "`requests_to_see` rounds down, and then the chance is just missed")
            mistake(
                abs(said - 1 / rate) < 1 and said != right,
                "`requests_to_see` gives one error *on average*; that has a chance of 63 % only",
            )
            equal(said, right, f"`requests_to_see` is wrong for a rate of {rate} and a chance of {chance}")
    with part(1, "`needed` is for 0.1 % and 95 %"):
        close(answer.read("needed"), key.read("needed"), "`needed` is not the number for a rate of 0.001", rtol=1e-4)
    with part(1, "`in_all` counts the whole service"):
        said, right = answer.read("in_all"), key.read("in_all")
        mistake(said < right / 5, "`in_all` is smaller than what reaches the new version alone; only 1 in 20 does")
        close(said, right, "`in_all` is not the traffic of which 5 % are `needed`", rtol=1e-4)


def _step(requests, errors, p95):
    return {"requests": requests, "errors": errors, "p95_ms": p95}


_RAMPS = [
    [_step(1000, 2, 50), _step(1000, 30, 50), _step(1000, 90, 50)],
    [_step(1000, 10, 100), _step(1000, 10, 100)],
    [_step(1000, 0, 50), _step(1000, 0, 101)],
    [_step(1000, 9, 50), _step(100_000, 20, 50)],
    [_step(1000, 9, 50), _step(1500, 9, 50), _step(20_000, 201, 50)],
    [],
]
_FEW = [
    [_step(0, 0, 0), _step(10, 1, 40)],
    [_step(999, 50, 400), _step(1000, 5, 40)],
    [_step(50, 2, 50), _step(2000, 4, 50), _step(2000, 90, 50)],
]


@question(
    "release.ramp",
    title="When is it taken back?",
    points=3,
    hints=[
        "One step after the other, each by its own requests. Ask first whether there were enough of them.",
        "“Above” is `>`. Steps are counted from 1, and places in a list from 0.",
    ],
    mutants=[
        Mutant("counted from 0", replace=("start=1", "start=0")),
        Mutant("at the limit already", replace=('rate > limits["error_rate"]', 'rate >= limits["error_rate"]')),
        Mutant("answer times are left out", replace=(' or seen["p95_ms"] > limits["p95_ms"]', "")),
        Mutant("both limits have to break", replace=('limits["error_rate"] or', 'limits["error_rate"] and')),
        Mutant("a count in place of a rate", replace=('seen["errors"] / seen["requests"]', 'seen["errors"] / 1000')),
        Mutant("few requests are proof", replace=('seen["requests"] < limits["least"]', 'seen["requests"] == 0')),
        Mutant("the least number is too few", replace=('seen["requests"] < limits', 'seen["requests"] <= limits')),
        Mutant("a step with few requests stops it", replace=("            continue", "            return number")),
        Mutant("the share of step 3", replace=("plan[2 - 1]", "plan[2]")),
    ],
)
def ramp(answer, key):
    limits = {"error_rate": 0.01, "p95_ms": 100, "least": 1000}
    with part(1, "`rollback_step` should find the first step that breaks a limit"):
        for trace in (_RAMPS[0], _RAMPS[2], _RAMPS[4]):
            said, right = answer.call("rollback_step", trace, limits), key.call("rollback_step", trace, limits)
            mistake(said is not None and right is not None and said == right - 1, "`rollback_step` counts steps from 0")
            equal(said, right, f"`rollback_step` is wrong for {trace}")
    with part(1, "`rollback_step` should leave a step alone that keeps its limits, or saw too little"):
        for trace in _FEW:
            said, right = answer.call("rollback_step", trace, limits), key.call("rollback_step", trace, limits)
            mistake(said == 1 and right != 1, "`rollback_step` takes fewer than the least number of requests for proof")
            equal(said, right, f"`rollback_step` is wrong for {trace}")
        for trace in (_RAMPS[1], _RAMPS[3], _RAMPS[5]):
            said, right = answer.call("rollback_step", trace, limits), key.call("rollback_step", trace, limits)
            mistake(said is not None and right is None, "`rollback_step` stops at a limit that is reached and not broken")
            equal(said, right, f"`rollback_step` is wrong for {trace}")
    with part(1, "`step` and `share`"):
        equal(
            answer.read("step"), key.read("step"), "`step` is not the first step of the supplied trace that breaks a limit"
        )
        mistake(answer.read("share") == 0.5, "`share` is that of step 3; a list counts from 0")
        close(answer.read("share"), key.read("share"), "`share` is not the second share of the plan", rtol=1e-9)


@question(
    "release.canary",
    title="Who meets the new version?",
    points=3,
    hints=[
        "Give each client a fixed number between 0 and 1 that depends on the name alone, and compare it with the share.",
        "The first 12 hexadecimal digits of a digest, as a whole number, divided by 16**12.",
    ],
    mutants=[
        Mutant("the first of the list", code=(
            "def chosen(clients, share):\n    return clients[: round(share * len(clients))]"
        )),
        Mutant("thrown anew", code=(
            "import random\n\n\ndef chosen(clients, share):\n    return [c for c in clients if random.random() < share]"
        )),
        Mutant("by the last digits", code=(
            "def chosen(clients, share):\n    return [each for each in clients if int(each[-2:]) < 100 * share]"
        )),
        Mutant("another draw for each share", replace=("place(client) < share", "place(client + str(share)) < share")),
        Mutant("the other ones", replace=("place(client) < share", "place(client) > share")),
    ],
)  # fmt: skip
def canary(answer, key):
    clients = [f"C{100 * number:07d}" for number in range(1, 2001)]
    with part(1, "`chosen` should depend on the client and on nothing else"):
        whole = answer.call("chosen", clients, 0.25)
        mistake(
            not isinstance(whole, list) or not set(whole) <= set(clients),
            "`chosen` returns a list of clients",
        )
        mistake(whole != answer.call("chosen", clients, 0.25), "`chosen` gives other clients when it is asked again")
        half = answer.call("chosen", clients[1000:][::-1], 0.25)
        mistake(sorted(half) != sorted(set(whole) & set(clients[1000:])), "`chosen` depends on who else is in the list")
    with part(1, "`chosen` should keep whom it has chosen"):
        shares = (0.0, 0.05, 0.25, 0.5, 1.0)
        found = [set(answer.call("chosen", clients, share)) for share in shares]
        mistake(len(found[-1]) < len(clients) or bool(found[0]), "`chosen` should be nobody at a share of 0 and all at 1")
        for small, large in pairwise(found):
            mistake(not small <= large, "`chosen` sends a client back to the old version as the share grows")
    with part(1, "`chosen` should be about the share that was asked for, whatever the names look like"):
        for prefix in ("C", "customer-"):
            names = [f"{prefix}{100 * number:07d}" for number in range(1, 2001)]
            size, right = len(answer.call("chosen", names, 0.25)), len(key.call("chosen", names, 0.25))
            close(
                size / 2000, right / 2000, "`chosen` gives a share of clients far from the one asked for", rtol=0, atol=0.06
            )
