"""Checks of exercise 13: ground truth and business value."""

from __future__ import annotations

from typing import Any

from workbench.checks import Mutant, close, equal, is_number, manual, mistake, near, part, question

BASE = {
    "cases": 10_000,
    "recall": 0.75,
    "success": 0.30,
    "value": 500,
    "contact": 50,
    "development": 100_000,
    "maintenance": 20_000,
}
CAMPAIGNS = [
    BASE,
    BASE | {"precision": 0.5},
    BASE | {"precision": 0.8, "recall": 0.6, "maintenance": 40_000},
    {"cases": 400, "recall": 0.5, "success": 0.1, "value": 90, "contact": 20, "development": 1_000, "maintenance": 500},
]
DEAR = BASE | {"contact": 120}
HOPELESS = BASE | {"value": 40}


@question(
    "business_value.roi",
    title="Is it a good deal?",
    points=4,
    hints=[
        "How many calls does it take to reach 7,500 leavers when only every second call is right?",
        "At the break-even precision calls × price of a call is what the benefit leaves after the fixed costs.",
        "The fixed costs may eat the benefit. And a precision above 1 does not exist.",
    ],
    mutants=[
        Mutant("precision forgotten", replace=('found / campaign.get("precision", 1)', "found")),
        Mutant("calls times precision", replace=("found / campaign.get(", "found * campaign.get(")),
        Mutant("benefit over cost", replace=("return (benefit - cost) / cost", "return benefit / cost")),
        Mutant("a percentage", replace=("return (benefit - cost) / cost", "return 100 * (benefit - cost) / cost")),
        Mutant("maintenance left out", replace=(' + campaign["maintenance"] +', " +")),
        Mutant("fixed costs left out", replace=(' - campaign["development"] - campaign["maintenance"]\n', "\n")),
        Mutant("never none", replace=("    if left < found * campaign[\"contact\"]:\n        return None\n", "")),
        Mutant("wrong flags help too", replace=("benefit = found *", 'benefit = found / campaign.get("precision", 1) *')),
        Mutant("the honest one is the told one", replace=('campaign | {"precision": 0.5}', "campaign")),
    ],
)  # fmt: skip
def good_deal(answer, key):
    with part(1, "`roi` should hold for any campaign"):
        for campaign in CAMPAIGNS:
            said, right = answer.call("roi", campaign), key.call("roi", campaign)
            mistake(near(said, 100 * right), "`roi` gives percentages; a fraction of 1.27 is 127 %")
            mistake(near(said, right + 1), "`roi` divides the benefit, not what is left of it")
            if "precision" in campaign:
                mistake(
                    near(said, key.call("roi", {k: v for k, v in campaign.items() if k != "precision"})),
                    "`roi` takes no notice of the precision: who pays for the calls to the wrong customers?",
                )
            close(said, right, "`roi` is wrong for another campaign", rtol=1e-6)
    with part(1, "`break_even_precision` should leave nothing"):
        for campaign in (BASE, BASE | {"precision": 0.9}, BASE | {"recall": 0.5, "value": 700}):
            said, right = answer.call("break_even_precision", campaign), key.call("break_even_precision", campaign)
            mistake(near(said, BASE["contact"] / (campaign["success"] * campaign["value"])), "`break_even_precision` "
                    "leaves out what is paid whether anybody is called or not")  # fmt: skip
            close(said, right, "`break_even_precision` does not leave a net value of 0", rtol=1e-6)
    with part(1, "`break_even_precision` should be `None` where no precision is good enough"):
        for campaign in (DEAR | {"success": 0.2}, HOPELESS, CAMPAIGNS[3]):
            said = answer.call("break_even_precision", campaign)
            mistake(is_number(said) and said > 1, "`break_even_precision` is above 1: no such precision exists")
            mistake(is_number(said) and said < 0, "`break_even_precision` is below 0: the fixed costs eat the whole benefit")
            equal(said, key.call("break_even_precision", campaign), "`break_even_precision` should be `None` there")
    with part(1, "`told`, `honest` and `even`"):
        for name in ("told", "honest", "even"):
            close(answer.read(name), key.read(name), f"`{name}` is not what your functions should give", rtol=1e-4)


@question(
    "business_value.board",
    title="The green board",
    points=3,
    hints=[
        "Three times money over money. Write down first what is left, then below the line what is counted as invested.",
        "Of a million payments, how many are fraud, how many of these are flagged, and how many honest ones are?",
    ],
    mutants=[
        Mutant("operation alone leaves more", replace=("[left / operation,", "[(prevented - operation) / operation,")),
        Mutant("development at once", replace=("share = development / months", "share = development")),
        Mutant("development only below the line", replace=("(left - share) /", "left /")),
        Mutant("development only above the line", replace=("/ (running + share)", "/ running")),
        Mutant("the detection rate", replace=("precision = hits / (hits + false_alarms)", "precision = 0.92")),
        Mutant("classes of one size", replace=("prevalence = 492 / 284_807", "prevalence = 0.5")),
        Mutant("percent", replace=("return [left / operation,", "return [100 * left / operation,")),
    ],
)  # fmt: skip
def green_board(answer, key):
    months = [(200_000, 4_000, 20_000, 100_000, 12), (50_000, 10_000, 5_000, 240_000, 24), (9_000, 2_000, 8_000, 0, 6)]
    names = ("over operation alone", "over operation and false positives", "over all costs")
    with part(1, "`returns` should give three returns for any month"):
        for month in months:
            said, right = answer.call("returns", *month), key.call("returns", *month)
            mistake(not isinstance(said, list | tuple) or len(said) != 3, "`returns` should give a list of three")
            mistake(near(said[0], 100 * right[0]), "`returns` gives percentages; fractions are wanted")
            at_once = (month[0] - sum(month[1:4])) / sum(month[1:4])
            mistake(month[3] > 0 and near(said[2], at_once), "`returns` charges the whole development to one month")
            for name, one, other in zip(names, said, right, strict=True):
                close(one, other, f"`returns` is wrong for the return {name}", rtol=1e-6)
    with part(1, "`three` are those of the supplied month"):
        close(answer.read("three"), key.read("three"), "`three` is not what `returns` should give for `month`", rtol=1e-4)
    with part(1, "`precision` follows from the rates and the prevalence"):
        said = answer.read("precision")
        mistake(near(said, 0.92), "`precision` is the detection rate: that is a share of the frauds, not of the alerts")
        mistake(near(said, 0.92 / 0.938), "`precision` takes frauds and honest payments to be equally many")
        close(said, key.read("precision"), "`precision` is not the share of the alerts that are fraud", rtol=0.005)


@question(
    "business_value.scenarios",
    title="Scenarios and worlds",
    points=4,
    hints=[
        "`net(**changes)` calls a function with the keys of a dictionary as names.",
        "One assumption alone: `net(**{name: low})`. A swing has no sign.",
        "Count the worlds in which the net value is above zero.",
    ],
    mutants=[
        Mutant("difference the other way", replace=("net(**changes) - base]", "base - net(**changes)]")),
        Mutant("no difference", replace=("net(**changes) - base]", "net(**changes)]")),
        Mutant("widest range", replace=(
            "abs(net(**{name: ranges[name][1]}) - net(**{name: ranges[name][0]}))", "ranges[name][1] - ranges[name][0]"
        )),
        Mutant("with its sign", replace=("key=lambda name: abs(", "key=lambda name: (")),
        Mutant("the best single value", replace=(
            "abs(net(**{name: ranges[name][1]}) - net(**{name: ranges[name][0]}))", "net(**{name: ranges[name][1]})"
        )),
        Mutant("the share that loses", replace=("net(**world) > 0", "net(**world) < 0")),
        Mutant("precision of 1", replace=("net(**world) > 0", "net(recall=world['recall'], success=world['success']) > 0")),
        Mutant("a count", replace=(" / len(worlds)", "")),
    ],
)  # fmt: skip
def scenarios_and_worlds(answer, key):
    with part(1, "`table` should hold net value and difference for each scenario"):
        for changes in ({"a": {"value": 300}, "b": {}}, {"c": {"recall": 0.5, "precision": 0.4}}):
            one, other = answer.call("table", changes), key.call("table", changes)
            mistake(not isinstance(one, dict) or set(one) != set(other), "`table` should be a dictionary with the names")
            for name, values in other.items():
                close(list(one[name]), values, "`table` is wrong for other scenarios", rtol=1e-6, atol=1e-6)
        said, right = answer.read("told_table"), key.read("told_table")
        mistake(not isinstance(said, dict) or set(said) != set(right), "`told_table` should have the three names")
        for name, values in right.items():
            mistake(not isinstance(said[name], list | tuple) or len(said[name]) != 2, "`told_table` should hold pairs")
            mistake(
                values[1] != 0 and near(said[name][1], -values[1]), "`told_table` has its differences the wrong way round"
            )
            close(list(said[name]), values, f"`told_table` is wrong for the {name} scenario", rtol=1e-6, atol=1e-6)
    with part(1, "`driver` is what moves the net value most"):
        said = answer.read("driver")
        mistake(said == "development", "`driver` has the widest range, which is not the same as the largest effect")
        equal(said, key.read("driver"), "`driver` is not the assumption with the largest swing")
    with part(1, "`largest` should hold for other ranges"):
        for ranges in (
            {"recall": [0.74, 0.76], "development": [0, 900_000], "success": [0.29, 0.31]},
            {"value": [500, 520], "precision": [0.2, 1.0], "recall": [0.7, 0.8]},
        ):
            said, right = answer.call("largest", ranges), key.call("largest", ranges)
            mistake(right == "development" and said != right, "`largest` overlooks an assumption that lowers the net value")
            equal(said, right, "`largest` fails for other ranges")
    with part(1, "`chance` is the share of worlds above zero"):
        said, right = answer.read("chance"), key.read("chance")
        mistake(is_number(said) and said > 1, "`chance` is a count or a percentage; a share is wanted")
        mistake(near(said, 1 - right), "`chance` is the share of worlds that lose")
        close(said, right, "`chance` is not the share of `worlds` with a net value above zero", rtol=0, atol=1e-9)


def _event(kind: str, number: int, day: int, value: int) -> dict[str, Any]:
    return {"kind": kind, "id": f"P-{number}", "day": day, "flag" if kind == "prediction" else "label": value}


_P, _O = "prediction", "outcome"
STORIES = [
    ([_event(_P, 1, 1, 1), _event(_O, 1, 7, 0), _event(_O, 1, 30, 1)], (1, 7, 29, 30)),
    ([_event(_O, 1, 9, 1), _event(_P, 2, 3, 0), _event(_O, 2, 5, 1), _event(_P, 1, 2, 1), _event(_O, 1, 4, 0)], (4, 8, 9)),
    ([_event(_P, 1, 5, 1), _event(_O, 9, 6, 1), _event(_O, 1, 8, 1), _event(_O, 8, 6, 0)], (3, 6, 8)),
    ([_event(_P, 1, 5, 0), _event(_O, 1, 6, 1), _event(_P, 2, 12, 1), _event(_O, 2, 13, 1)], (6, 12, 20)),
]


@question(
    "business_value.as_of",
    title="What was known on day 14?",
    points=4,
    hints=[
        "Drop what lies in the future first, then everything else gets simple.",
        "Put outcomes into a dictionary in the order of their days: the last one written stays.",
        "A label without a flag, or a flag without a label, belongs to no precision.",
    ],
    mutants=[
        Mutant("the future counts", replace=('if event["day"] <= day', 'if event["day"] <= 10_000')),
        Mutant("the day itself does not count", replace=('event["day"] <= day', 'event["day"] < day')),
        Mutant("in the order of the log", replace=(', key=lambda event: event["day"])', ", key=lambda event: 0)")),
        Mutant("the first outcome stays", replace=('key=lambda event: event["day"]', 'key=lambda event: -event["day"]')),
        Mutant("outcomes of nobody", replace=(' and event["id"] in flags}', "}")),
        Mutant("precision of all labels", replace=("if flags.get(each) == 1]", "if each in flags]")),
        Mutant("over all flags", replace=("sum(judged) / len(judged)", "sum(judged) / sum(flags.values())")),
        Mutant("zero without any", replace=("if judged else None", "if judged else 0.0")),
    ],
)  # fmt: skip
def known_on_a_day(answer, key):
    with part(2, "`as_of` should hold for any log and day"):
        for events, days in STORIES:
            for day in days:
                said, right = answer.call("as_of", events, day), key.call("as_of", events, day)
                _same(said, right, f"for a short log on day {day}", later=key.call("as_of", events, 10_000))
    with part(1, "`as_of` does not depend on the order of the log"):
        for events, days in STORIES[:2]:
            turned = events[::-1]
            for day in days:
                _same(answer.call("as_of", turned, day), key.call("as_of", turned, day), "when the log is turned round")
    with part(1, "`known` is what was known on day 14"):
        _same(answer.read("known"), key.read("known"), "for the supplied events")


def _same(said: Any, right: dict[str, Any], where: str, later: dict[str, Any] | None = None) -> None:
    mistake(not isinstance(said, dict) or set(said) != set(right), "`as_of` should give a dictionary with the three names")
    mistake(later is not None and said == later != right, "`as_of` counts events of later days")
    mistake(said["labelled"] > said["predictions"], "`as_of` counts outcomes that belong to no prediction")
    equal(said["predictions"], right["predictions"], f"`predictions` is wrong {where}")
    equal(said["labelled"], right["labelled"], f"`labelled` is wrong {where}")
    if right["precision"] is None:
        equal(said["precision"], None, f"`precision` should be `None` {where}: no labelled flag")
    else:
        close(said["precision"], right["precision"], f"`precision` is wrong {where}", rtol=1e-9)


def _row(made: int, flag: int, label: int | None) -> dict[str, Any]:
    return {"made": made, "flag": flag, "label": label}


ROWS = [
    [_row(1, 1, 1), _row(1, 1, 0), _row(8, 1, 0), _row(9, 1, None), _row(9, 1, None), _row(2, 0, 1), _row(3, 0, None)],
    [_row(6, 1, 1), _row(7, 1, 0), _row(10, 1, 0), _row(4, 1, None), _row(5, 1, 1)],
    [_row(10, 1, 1), _row(8, 1, 1), _row(9, 1, 0)],  # the first: a label that is known at a share of 0
    [_row(10, 1, 1)],
    [_row(9, 0, 1), _row(3, 0, 0)],
    [_row(9, 1, None)],
]
SHARES = {0: [0.2, 0.8, 1.0], 1: [0.0, 0.1, 0.25, 0.5, 0.8, 1.0]}


@question(
    "business_value.missing",
    title="Honest about what is missing",
    points=4,
    hints=[
        "A missing label is 0 for the least precision and 1 for the largest. Both bounds have all flags below the line.",
        "Where a quarter of a kind is known at an age, each known one stands for four.",
        "Weigh zeros and ones by their own list each, and divide at the end.",
    ],
    mutants=[
        Mutant("bounds over labelled flags", replace=(
            "labels.count(1) / len(labels),", "labels.count(1) / max(1, len(labels) - labels.count(None)),"
        )),
        Mutant("missing labels are 0 twice", replace=("(labels.count(1) + labels.count(None))", "labels.count(1)")),
        Mutant("all rows, flagged or not", replace=('for row in rows if row["flag"]]', "for row in rows]")),
        Mutant("younger in place of older", replace=('row["made"] <= today - age', 'row["made"] >= today - age')),
        Mutant("older than, not at least", replace=('row["made"] <= today - age', 'row["made"] < today - age')),
        Mutant("weights turned round", replace=("1 / share if share else 0", "share")),
        Mutant("one list for both", replace=('known_by[row["label"]], today', "known_by[0], today")),
        Mutant("no correction", replace=("1 / share if share else 0", "1")),
        Mutant("divided by a share of 0", replace=("1 / share if share else 0", "1 / share")),
        Mutant("a share of 0 taken for 1", replace=("1 / share if share else 0", "1 / share if share else 1")),
        Mutant("nothing to divide by", replace=("[1] / whole if whole else None", "[1] / max(whole, 1)")),
    ],
)  # fmt: skip
def missing_labels(answer, key):
    with part(1, "`bounds` should hold all flags below the line"):
        for rows in ROWS:
            said, right = answer.call("bounds", rows), key.call("bounds", rows)
            mistake(not isinstance(said, list | tuple) or len(said) != 2, "`bounds` should give two values")
            if right[0] is None:
                equal(list(said), right, "`bounds` should be `[None, None]` without any flag")
                continue
            mistake(None not in said and said[0] > said[1], "`bounds` has its larger value first")
            mistake(said[0] == said[1] != right[1], "`bounds` takes missing labels for 0 in both cases")
            close(list(said), right, "`bounds` should judge all flags, labelled or not", rtol=1e-9)
    with part(1, "`old_precision` should judge labelled flags of that age"):
        for rows in ROWS:
            for age in (1, 3, 4, 9):
                said, right = answer.call("old_precision", rows, 10, age), key.call("old_precision", rows, 10, age)
                _close_or_none(said, right, "`old_precision` is wrong; who is old enough, flagged and labelled?")
    with part(1, "`corrected` should let each label stand for as many as it has to"):
        for rows in ROWS:
            said = answer.call("corrected", rows, 10, SHARES)
            right = key.call("corrected", rows, 10, SHARES)
            plain = key.call("corrected", rows, 10, {0: [1.0], 1: [1.0]})
            mistake(right is not None and plain != right and said == plain, "`corrected` is no other than what was reported")
            _close_or_none(said, right, "`corrected` is wrong; one list for each label, each by its age")
    with part(1, "`answers` holds the three for the supplied rows"):
        said, right = answer.read("answers"), key.read("answers")
        mistake(not isinstance(said, list | tuple) or len(said) != 3, "`answers` should hold three things")
        close(list(said[0]), right[0], "the bounds in `answers` are wrong", rtol=1e-6)
        close(said[1], right[1], "the old precision in `answers` is wrong; which age was asked for?", rtol=1e-6)
        close(said[2], right[2], "the corrected precision in `answers` is wrong", rtol=1e-6)


limits = manual(
    "business_value.limits",
    title="What you would tell finance",
    criteria=[
        ("says what the 127 % take for granted, and gives a range from computed figures", 1),
        ("names the assumption that decides, and that part of the success may come by itself", 1),
        ("says where it varies or fails, in words without statistics", 1),
        ("proposes a next step that would change the answer, and mentions upkeep or its cost", 1),
    ],
    hints=[
        "Which three figures of questions 1 and 3 would change the mind of somebody who wants to announce 127 %?",
        "What could be measured before anything is announced, and on whom?",
    ],
)


def _close_or_none(said: Any, right: Any, message: str) -> None:
    if right is None:
        equal(said, None, message + " (`None` where there is nothing to divide by)")
    else:
        close(said, right, message, rtol=1e-9)
