"""Checks of exercise 24."""

from __future__ import annotations

from typing import Any

from workbench.checks import Mutant, close, equal, manual, mistake, part, question

WANTED = {"a": ("at least", 2), "b": ("at most", 0.5), "c": ("at least", 0), "d": ("at most", 0)}
MEASURED: dict[str, dict[str, Any]] = {
    "on its bound": {"a": 2, "b": 0.5, "c": 0, "d": 0},
    "beyond its bound": {"a": 1.9, "b": 0.6, "c": -1, "d": 1},
    "not measured": {"a": 5, "c": None, "d": -1},
    "NaN": {"a": float("nan"), "b": float("nan"), "c": 1, "d": float("nan")},
    "a text": {"a": "2", "b": "", "c": 0, "d": 0},
    "not asked for": {"a": 3, "b": 0, "c": 1, "d": 0, "z": -9},
}
CASE = {
    "cases": 1000,
    "recall": 0.8,
    "precision": 0.4,
    "success": 0.5,
    "value": 300,
    "contact": 20,
    "development": 10_000,
    "maintenance": 5_000,
}
CASES = [CASE, CASE | {"precision": 1.0}, CASE | {"success": 0.0}, CASE | {"contact": 0, "recall": 0.1}]
EDGES = [1.0, 2.0, 3.0]
SAMPLES = [
    ([0, 1, 2, 3, 0.5, 1.5, 2.5, 3.5], [0.5, 1.5, 1.7, 2.5]),
    ([0.1] * 50 + [1.5] * 50, [0.1] * 20 + [3.0] * 80),
    ([1.0, 2.0, 3.0, 0.0], [1.0, 2.0, 3.0, 0.0]),
]
SERIES = [
    ([0.1, 0.3, 0.3, 0.1], 0.25, 2),
    ([0.3, 0.1, 0.3, 0.1], 0.25, 2),
    ([0.3, 0.1, 0.3, 0.4, 0.5], 0.25, 3),
    ([0.5], 0.25, 1),
    ([0.25, 0.25, 0.25], 0.25, 2),
    ([], 0.25, 1),
    ([0.3, 0.3, 0.1, 0.3, 0.3], 0.25, 2),
]
FINE = {"gain": 0.02, "fall": 0.0, "latency": 0.04, "shift": 0.03, "critical": 0, "compliant": True}
CHANGES: dict[str, dict[str, Any]] = {
    "everything is fine": {},
    "the gain is too good": {"gain": 0.06},
    "the gain is small": {"gain": 0.005},
    "accuracy falls a little": {"fall": 0.007},
    "accuracy falls by exactly half a point": {"fall": 0.005},
    "accuracy falls a lot": {"fall": 0.03},
    "there is a critical failure": {"critical": 2},
    "it does not comply": {"compliant": False},
    "a large gain comes with a critical failure": {"gain": 0.08, "critical": 1},
    "it gets slower": {"latency": 0.2},
    "the scores shift": {"shift": 0.08},
    "latency is unknown": {"latency": None},
    "nobody looked for failures": {"critical": None},
    "compliance is unknown": {"compliant": None},
    "compliance is unknown, and accuracy falls a lot": {"compliant": None, "fall": 0.05},
}
FILES = {"m.json": {"a": {"b": 1, "c": [1, 2]}, "d": "x"}, "n.json": {"e": 0}}
CARDS: dict[str, dict[str, Any]] = {
    "all is well": {"x": "text", "y": (1, "m.json#/a/b"), "z": ("x", "m.json#/d")},
    "a field is missing": {"x": "text"},
    "a text is blank": {"x": " \n", "y": (1, "m.json#/a/b"), "z": "t"},
    "a pair is empty": {"x": "t", "y": (None, "m.json#/a/b"), "z": ("", "m.json#/d")},
    "a figure differs": {"x": "t", "y": (2, "m.json#/a/b"), "z": ("x", "m.json#/d"), "w": (1, "n.json#/e")},
    "a reference leads nowhere": {"x": "t", "y": (1, "o.json#/a"), "z": ("x", "m.json#/a/b/c")},
    "the value is 0 or False": {"x": 0, "y": False, "z": (0, "n.json#/e")},
}
RESULTS: list[Any] = [
    {"a": 1, "b": {"c": [1.5, None], "d": "x"}},
    {"b": {"d": "x", "c": [1.5, None]}, "a": 1},
    {"a": True, "b": {"c": [1.5, None], "d": "x"}},
    {"a": "1", "b": {"c": [1.5, None], "d": "x"}},
    {"a": 1, "b": {"c": [None, 1.5], "d": "x"}},
    {"a": 1, "b": {"c": [1.5000001, None], "d": "x"}},
    {"a": 1, "b": {"c": [1.501, None], "d": "x"}},
    {},
    {"a": 123456.78},
    {"a": 123456.78001},
    {"a": 1e-7},
    {"a": 2e-7},
    {"a": {"b": 0.1 + 0.2}},
    {"a": {"b": 0.3}},
]


@question(
    "capstone.gates",
    title="The gate report",
    points=3,
    hints=[
        "`measured.get(gate)` is `None` where nothing was measured.",
        "Ask what has to be true for a gate to pass, not to fail: `nan < 1` and `nan > 1` are both false.",
    ],
    mutants=[
        Mutant(
            "fails where it is broken",
            replace=(
                '(value >= bound if direction == "at least" else value <= bound)',
                'not (value < bound if direction == "at least" else value > bound)',
            ),
        ),
        Mutant("not measured is fine", replace=("isinstance(value, (int, float)) and (", "value is None or (")),
        Mutant("a text is compared", replace=("isinstance(value, (int, float)) and", "value is not None and")),
        Mutant("beyond, not on the bound", replace=("value >= bound if", "value > bound if")),
        Mutant("one direction", replace=('value >= bound if direction == "at least" else value <= bound', "value >= bound")),
        Mutant("any", replace=("all_pass = all(", "all_pass = any(not ")),
        Mutant(
            "the last that fails",
            replace=(
                "next(gate for gate, passed in report(broken, wanted) if not passed)",
                "[gate for gate, passed in report(broken, wanted) if not passed][-1]",
            ),
        ),
    ],
)
def the_gate_report(answer, key):
    with part(2, "`report` for any project"):
        for name, measured in MEASURED.items():
            said = [tuple(row) for row in answer.call("report", measured, WANTED)]
            right = [tuple(row) for row in key.call("report", measured, WANTED)]
            mistake(
                len(said) != len(right),
                "`report` should have a pair for each gate, also where nothing was measured",
            )
            mistake(
                name == "NaN" and said != right, "`report` lets a gate pass, or fail the others, where the measure is NaN"
            )
            equal(said, right, f"`report` is wrong where a measure is {name}")
    with part(1, "the supplied project"):
        equal(
            [tuple(row) for row in answer.read("gates")],
            [tuple(row) for row in key.read("gates")],
            "`gates` should be the report of `measured`",
        )
        equal(answer.read("all_pass"), key.read("all_pass"), "`all_pass` should say whether each gate passed")
        equal(
            answer.read("first_failed"),
            key.read("first_failed"),
            "`first_failed` should be the first gate of `broken` that fails",
        )


@question(
    "capstone.value",
    title="The return, with a range",
    points=3,
    hints=[
        "Contacts are the cases found divided by the precision: the wrong flags are contacted as well.",
        "For `breaks_even`, set benefit and costs equal, and solve for the precision. Everything else stands still.",
        "`{**base, **changes}` is the base case with changes.",
    ],
    mutants=[
        Mutant("no wrong flags", replace=('found / case["precision"] * case["contact"]', 'found * case["contact"]')),
        Mutant("net over benefit", replace=("(benefit - costs) / costs", "(benefit - costs) / benefit")),
        Mutant("running costs only", replace=(' + case["development"] + case["maintenance"]', ' + case["maintenance"]')),
        Mutant("every case found is saved", replace=('found * case["success"] * case["value"]', 'found * case["value"]')),
        Mutant(
            "rounded down",
            replace=('ceil(1000 * found * base["contact"] / left)', 'int(1000 * found * base["contact"] / left)'),
        ),
        Mutant("base for all", replace=("roi({**base, **changes})", "roi({**changes, **base})")),
    ],
)
def the_return(answer, key):
    with part(1, "`roi` for any case"):
        for case in CASES:
            said, right = answer.call("roi", case), key.call("roi", case)
            mistake(abs(said - 100 * right) < 1e-6 and right != 0, "`roi` is in per cent; a fraction is asked for")
            mistake(abs(said - (right + 1)) < 1e-9, "`roi` is benefit over costs: take the costs off the benefit first")
            close(said, right, "`roi` is wrong for a case that you were not shown: which costs are left out?", rtol=1e-6)
    with part(1, "`returns`"):
        said, right = answer.read("returns"), key.read("returns")
        equal(sorted(said), sorted(right), "`returns` should have one return for each scenario, by name")
        for name in right:
            close(said[name], right[name], f"`returns` is wrong for the scenario {name}", rtol=1e-6)
    with part(1, "`breaks_even`"):
        said, right = answer.read("breaks_even"), key.read("breaks_even")
        mistake(abs(said - (right - 0.001)) < 1e-9, "at `breaks_even` the case still loses a little: round up")
        close(said, right, "`breaks_even` is not where benefit and costs are equal", rtol=1e-6)


@question(
    "capstone.drift",
    title="The week of the alarm",
    points=4,
    hints=[
        '`np.searchsorted(edges, values, side="right")` gives the number of the bin of each value.',
        "The index adds (new - old) * log(new / old) over the bins; floor both shares first.",
        "Count how many weeks in a row are above, and start again at each one that is not.",
    ],
    mutants=[
        Mutant("one week is enough", replace=("if in_a_row == running:", "if in_a_row:")),
        Mutant("no need to be in a row", replace=("in_a_row + 1 if value > limit else 0", "in_a_row + (value > limit)")),
        Mutant(
            "the first of the run",
            replace=("            return week\n    return 0", "            return week - running + 1\n    return 0"),
        ),
        Mutant("counted from 0", replace=("enumerate(values, 1)", "enumerate(values)")),
        Mutant("on the limit counts", replace=("if value > limit else", "if value >= limit else")),
        Mutant("half of the index", replace=("((new - old) * np.log(new / old))", "(new * np.log(new / old))")),
        Mutant("no floor", replace=("np.maximum(counts / len(values), 0.0001)", "counts / len(values) + 1e-12")),
        Mutant("edges belong below", replace=('side="right"', 'side="left"')),
    ],
)
def the_week_of_the_alarm(answer, key):
    with part(1, "`psi` for any values"):
        for old, new in SAMPLES:
            said, right = answer.call("psi", old, new, EDGES), key.call("psi", old, new, EDGES)
            close(
                said,
                right,
                "`psi` is wrong: think of empty bins, of values on an edge, and of both terms",
                rtol=1e-6,
                atol=1e-9,
            )
    with part(2, "`alert_week` for any series"):
        for values, limit, running in SERIES:
            said, right = answer.call("alert_week", values, limit, running), key.call("alert_week", values, limit, running)
            mistake(
                right == 0 and said != 0,
                "`alert_week` rings without enough weeks in a row; on the limit is not above it",
            )
            mistake(right != 0 and said == right - 1, "`alert_week` counts from 0, or rings too early")
            equal(said, right, "`alert_week` names another week: it can ring when the last of the weeks in a row is over")
    with part(1, "the supplied weeks"):
        said, right = answer.read("indices"), key.read("indices")
        equal(len(said), len(right), "`indices` should have one value for each week")
        for one, other in zip(said, right, strict=True):
            close(
                one, other, "`indices` are not the PSI of the weeks against `reference`, with `deciles` as edges", rtol=1e-6
            )
        equal(answer.read("alert"), key.read("alert"), "`alert` is another week: two running, above .25")


@question(
    "capstone.champion",
    title="Champion or challenger?",
    points=4,
    hints=[
        "First take out what is `None`: no rule about it holds.",
        "Go down the list, and return at the first that applies. What is left at the end is manual.",
        '`known.get("compliant") is False` is neither true for `True` nor for what is unknown.',
    ],
    mutants=[
        Mutant(
            "the best first",
            replace=(
                '    if above("fall", 0.02)',
                '    if above("gain", 0.01) and len(known) == 6:\n        return "automatic"\n    if above("fall", 0.02)',
            ),
        ),
        Mutant("a large gain is fine", replace=('above("gain", 0.05) or ', "")),
        Mutant(
            "unknown is fine",
            replace=(
                '    if len(known) < len(evidence):\n        return "manual"\n',
                '    known = {"fall": 0, "latency": 0, "shift": 0, "gain": 0} | known\n',
            ),
        ),
        Mutant("unknown is broken", replace=('known.get("compliant") is False', 'not known.get("compliant")')),
        Mutant("reject by default", replace=('else "manual"', 'else "reject"')),
        Mutant("compliance forgotten", replace=(' or known.get("compliant") is False', "")),
        Mutant("exactly half a point is automatic", replace=('known["fall"] < 0.005', 'known["fall"] <= 0.005')),
    ],
)
def champion_or_challenger(answer, key):
    with part(3, "`decide` for any evidence"):
        for name, change in CHANGES.items():
            evidence = FINE | change
            said, right = answer.call("decide", evidence), key.call("decide", evidence)
            mistake(said not in ("reject", "manual", "automatic"), "`decide` should return reject, manual or automatic")
            mistake(
                None in change.values() and said == "automatic", "`decide` replaces by itself although something is unknown"
            )
            equal(said, right, f"`decide` is wrong where {name}")
    with part(1, "`decisions`"):
        equal(
            dict(answer.read("decisions")),
            key.read("decisions"),
            "`decisions` should have each candidate's, by name",
        )


@question(
    "capstone.card",
    title="Is the card complete, and true?",
    points=3,
    hints=[
        "Write one small function each: is this entry blank, and what stands at this reference?",
        '`reference.partition("#/")` gives file and path; go down one key at a time, as long as there is a dictionary.',
        "`not value` is true for 0 and `False` as well. Name what counts as blank.",
    ],
    mutants=[
        Mutant("zero is blank", replace=("value is None or (isinstance(value, str) and not value.strip())", "not value")),
        Mutant("blanks are a text", replace=("and not value.strip())", "and not value)")),
        Mutant("only what is absent", replace=(" or blank(card[field])", "")),
        Mutant(
            "files are believed", replace=("[field for field in pairs if there(card[field][1]) != card[field][0]]", "[]")
        ),
        Mutant(
            "needed fields only",
            replace=("for field in card if isinstance", "for field in needed if field in card and isinstance"),
        ),
        Mutant("both faults", replace=(" and field not in missing]", "]")),
        Mutant("complete when wrong", replace=("complete = not faults", "complete = bool(faults)")),
    ],
)
def complete_and_true(answer, key):
    with part(2, "`card_faults` for any card"):
        for name, card in CARDS.items():
            said = [tuple(each) for each in answer.call("card_faults", card, ["x", "y", "z"], FILES)]
            right = [tuple(each) for each in key.call("card_faults", card, ["x", "y", "z"], FILES)]
            mistake(
                sorted(said) == sorted(right) and said != right,
                "`card_faults`: first what is missing, then what differs",
            )
            mistake(
                len(said) > len({field for field, _ in said}),
                "`card_faults` names a field twice: it is missing or it differs",
            )
            equal(said, right, f"`card_faults` is wrong where {name}")
    with part(1, "the supplied card"):
        said = [tuple(each) for each in answer.read("faults")]
        equal(said, [tuple(each) for each in key.read("faults")], "`faults` are not those of `card`")
        equal(answer.read("complete"), key.read("complete"), "`complete` should say whether the card has no faults")


@question(
    "capstone.reproducible",
    title="One hash for the whole project",
    points=4,
    hints=[
        "`json.dumps(value, sort_keys=True)` writes equal dictionaries equally, at every depth.",
        "Round before you write, at every depth: a function that calls itself for dictionaries and lists.",
        '`round(x, 6)` keeps six decimals, which is nothing of 0.00000002. Six significant digits: `f"{x:.5e}"`.',
    ],
    mutants=[
        Mutant("in the order of writing", replace=(", sort_keys=True", "")),
        Mutant(
            "all digits count",
            replace=('{"fraction": f"{value + 0.0:.5e}"} if isinstance(value, float) else value', "value"),
        ),
        Mutant("six decimals", replace=('{"fraction": f"{value + 0.0:.5e}"}', "round(value, 6)")),
        Mutant(
            "the top level only",
            replace=(
                "return {key: plain(each) for key, each in value.items()}",
                "return {key: plain(each) if isinstance(each, float) else each for key, each in value.items()}",
            ),
        ),
        Mutant(
            "lists in any order",
            replace=("return [plain(each) for each in value]", "return sorted((plain(each) for each in value), key=str)"),
        ),
        Mutant(
            "everything is text",
            replace=(
                "json.dumps(plain(results), sort_keys=True)",
                "json.dumps(plain(results), sort_keys=True).replace(chr(34), '').replace('true', '1')",
            ),
        ),
        Mutant(
            "Python's own hash",
            replace=(
                "hashlib.sha256(json.dumps(plain(results), sort_keys=True).encode()).hexdigest()",
                "str(abs(hash(str(results))))",
            ),
        ),
    ],
)
def one_hash(answer, key):
    with part(3, "`fingerprint` for any results"):
        said = [answer.call("fingerprint", results) for results in RESULTS]
        right = [key.call("fingerprint", results) for results in RESULTS]
        for one in said:
            mistake(
                not isinstance(one, str) or len(one) != 64,
                "`fingerprint` should be SHA-256 in hexadecimal",
            )
        for i in range(len(RESULTS)):
            for j in range(i):
                mistake(
                    right[i] == right[j] and said[i] != said[j],
                    "`fingerprint` differs for equal results: think of order, and of digits",
                )
                mistake(
                    right[i] != right[j] and said[i] == said[j],
                    "`fingerprint` is equal for results that differ: small figures, types, lists",
                )
    with part(1, "the two runs"):
        hashes = list(answer.read("hashes"))
        mistake(len(hashes) != 2, "`hashes` should hold two")
        equal(hashes[0] == hashes[1], True, "`hashes` differ, and the two runs are equal to six digits")
        equal(answer.read("reproducible"), key.read("reproducible"), "`reproducible` should say whether the two are equal")


project = manual(
    "capstone.project",
    title="Present it",
    criteria=[
        ("objective: a business problem, and a figure by which success can be missed", 1),
        ("data: what they are, why they may be used, what is left out", 1),
        ("model: the choice and its rival, and that it can be rebuilt", 2),
        ("evidence: held-out figures with intervals, and where each comes from", 2),
        ("deployment: gates, and a way back", 1),
        ("monitoring: what is watched, who is told, and what an incident taught", 1),
        ("fairness and governance: the criterion, who decided it, and what follows", 1),
        ("value: money with a range, what it hangs on, and a proposal that fits", 1),
    ],
    hints=[
        "Open the dossier of the lesson beside you: each paragraph has a file behind it.",
        "Write the proposal first. Then ask which figures a sceptic would need to agree with it.",
    ],
)
