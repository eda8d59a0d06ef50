"""Checks of exercise 22."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from workbench.checks import Incorrect, Mutant, as_list, close, equal, is_number, manual, mistake, near, part, question

OFFICES = {
    "A": ["fibre", "router", "wi-fi"],
    "B": ["fibre", "router", "wi-fi"],
    "C": ["fibre", "wi-fi"],
    "D": ["fibre", "phone"],
    "E": ["alarm", "router", "wi-fi"],
    "F": ["phone", "tv"],
    "G": ["fibre", "phone", "tv"],
    "H": ["tv"],
    "I": [],
    "J": ["safe"],
    "K": ["lamp"],
    "L": ["apron", "lamp", "mug"],  # apron and mug are as similar to the lamp, and the mug has more buyers
    "M": ["lamp", "mug"],
    "N": ["mug"],
    "O": ["mug"],
}


@question(
    "recommendation.top",
    title="What would this customer like?",
    points=4,
    hints=[
        "Collect for each product the set of customers who have it; `&` of two sets is what they have in common.",
        "Divide the number of common customers by the root of the product of both numbers.",
        "Sort tuples: minus the score, minus the number of buyers, the name. Then leave out what scores 0 and cut to `n`.",
    ],
    mutants=[
        Mutant("the share of common customers", replace=("/ (len(a) * len(b)) ** 0.5", "/ len(a | b)")),
        Mutant("no root", replace=(") ** 0.5", ")")),
        Mutant("popularity", replace=("ranked.append((-round(score, 9), ", "ranked.append((-1, ")),
        Mutant("owned products again", replace=(" - set(owned)", "")),
        Mutant("what has nothing to do with it", replace=(" if score < 0]", "]")),
        Mutant("ties by name alone", replace=("-len(buyers(baskets, product)), product", "0, product")),
        Mutant("rare ones first", replace=("-len(buyers(baskets, product))", "len(buyers(baskets, product))")),
        Mutant("always three", replace=("[:n]", "[:3]")),
        Mutant("the best of all", replace=("sum(similarity(baskets, product, mine) for mine in owned) / max(1, len(owned))",
                                           "max([similarity(baskets, product, mine) for mine in owned], default=0)")),
    ],
)  # fmt: skip
def what_this_customer_likes(answer, key):
    with part(1, "`similarity` is the cosine of two columns of customers"):
        for one, other in (("fibre", "wi-fi"), ("phone", "tv"), ("alarm", "tv"), ("fibre", "fax")):
            said, right = (who.call("similarity", OFFICES, one, other) for who in (answer, key))
            common = sum(one in b and other in b for b in OFFICES.values())
            mistake(
                common > 0 and said == common, "`similarity` counts common customers; divide by the root of both numbers"
            )
            close(said, right, f"`similarity` is wrong for {one} and {other}", rtol=1e-6, atol=1e-9)
    with part(2, "`top` ranks what the customer does not have"):
        for customer, n in (("C", 3), ("D", 2), ("E", 5), ("H", 4), ("I", 3), ("J", 3), ("K", 2)):
            said, right = as_list(answer.call("top", OFFICES, customer, n)), key.call("top", OFFICES, customer, n)
            mistake(not isinstance(said, list), "`top` should return a list of names")
            mistake(bool({*said} & {*OFFICES[customer]}), "`top` suggests what the customer has already")
            mistake(len(said) > n, "`top` gives more than `n` products")
            mistake(
                len(said) > len(right) and said[: len(right)] == right,
                "`top` fills its list up with products that have nothing to do with the customer's",
            )
            mistake(
                said != right and sorted(said) == sorted(right),
                f"`top` has the right products of {customer}, in another order",
            )
            equal(said, right, f"`top` is wrong for customer {customer} and n = {n}")
    with part(1, "`shown` holds the three best for c07"):
        equal(as_list(answer.read("shown")), key.read("shown"))


MAPPING = {"customer": "k", "product": "p", "day": "d", "amount": "a", "region": "r", "channel": "via"}
REQUIRED = ("customer", "product", "day", "amount")
ROWS = [
    {"k": "C1", "p": "ale", "d": "2025-03-01", "a": 1250, "r": "north", "moon": "full"},
    {"k": "C2", "p": "stout", "d": "2025-03-02", "a": 0, "r": None, "moon": "new"},
]


@question(
    "recommendation.schema",
    title="One schema",
    points=4,
    hints=[
        "Two ways to be missing: the field is not in the mapping, or its column is not in the export.",
        "Go through `REQUIRED`: that is the schema's order. `mapping.get(field)` is `None` where a field is not mapped.",
        "Ask `missing` about each row before you build its dictionary; `dict.get` gives `None` for what is not there.",
    ],
    mutants=[
        Mutant("only what is not mapped", replace=("mapping.get(field) not in columns", "field not in mapping")),
        Mutant("the mapping's order", replace=("for field in REQUIRED if mapping",
                                               "for field in sorted(REQUIRED) if mapping")),
        Mutant("optional fields too", replace=("for field in REQUIRED if", "for field in REQUIRED + OPTIONAL if")),
        Mutant("the firm's names", replace=("[field for field in REQUIRED", "[mapping.get(field) for field in REQUIRED")),
        Mutant("cents stay cents", replace=('line["amount"] * factor', 'line["amount"]')),
        Mutant("no error", replace=("        if lacking:\n            raise ValueError(f\"no column for {lacking[0]}\")\n"
                                    "        line", "        line")),
        Mutant("an error that lists all", replace=("no column for {lacking[0]}", "no column for one of {REQUIRED}")),
        Mutant("looks for the amount alone", replace=(
            "lacking = missing(list(row), mapping)", "lacking = [] if mapping['amount'] in row else ['amount']")),
        Mutant("all columns are kept", replace=("        line = {", "        line = row | {")),
        Mutant("optional fields are left out", replace=("for field in REQUIRED + OPTIONAL}",
                                                        "for field in REQUIRED + OPTIONAL if mapping.get(field) in row}")),
    ],
)  # fmt: skip
def one_schema(answer, key):
    with part(1, "`missing` names required fields that cannot be filled"):
        for columns, mapping in (
            (["k", "p", "d", "a"], MAPPING),
            (["k", "d"], MAPPING),
            (["k", "p", "d", "a"], {"amount": "a", "day": "date"}),
            ([], {}),
        ):
            said, right = as_list(answer.call("missing", columns, mapping)), key.call("missing", columns, mapping)
            mistake(
                isinstance(said, list) and set(said) == set(right) and said != right,
                "`missing` names the right fields, in another order than `REQUIRED`",
            )
            mistake(
                isinstance(said, list) and bool({*map(str, said)} & {"quantity", "region", "channel"}),
                "`missing` names optional fields, which nobody requires",
            )
            equal(said, right, f"`missing` is wrong for {columns} and {mapping}")
    with part(2, "`universal` gives rows in the schema, or an error that names the field"):
        said, right = answer.call("universal", ROWS, MAPPING, 0.01), key.call("universal", ROWS, MAPPING, 0.01)
        mistake(
            not isinstance(said, list) or len(said) != 2, "`universal` should return a list with a dictionary for each row"
        )
        mistake(any("moon" in row for row in said if isinstance(row, dict)), "`universal` keeps a column that is no field")
        for mine, theirs in zip(said, right, strict=True):
            mistake(
                not isinstance(mine, dict) or set(mine) != set(theirs), "a row of `universal` should have all seven fields"
            )
            for name, value in theirs.items():
                if name == "amount":
                    close(mine[name], value, "`amount` should be multiplied with `factor`", rtol=1e-9)
                else:
                    equal(mine[name], value, f"`{name}` is wrong in a row of `universal`")
        for name in ("amount", "customer", "day", "product"):
            _refused(answer, name)
    with part(1, "`gaps` holds what is missing for each firm"):
        equal(answer.read("gaps"), key.read("gaps"))


@question(
    "recommendation.alarms",
    title="Four thousand alarms",
    points=4,
    hints=[
        "Each engine alarms falsely with chance `level`; expectations add up.",
        "With k tests at `level / k` each, the chances of false alarms add up to `level` at most.",
        "Benjamini-Hochberg looks for the *largest* rank that keeps its bound: smaller ones need not keep theirs.",
    ],
    mutants=[
        Mutant("the chance of any", replace=("return tests * level", "return 1 - (1 - level) ** tests")),
        Mutant("Bonferroni the other way", replace=("return level / tests", "return level * tests")),
        Mutant("no adjustment", replace=("p <= level * rank / k]", "p <= level]")),
        Mutant("Bonferroni for all", replace=("p <= level * rank / k]", "p <= level / k]")),
        Mutant("stops at the first that fails", replace=(
            "    good = [p for rank, p in enumerate(ordered, 1) if p <= level * rank / k]",
            "    good = []\n    for rank, p in enumerate(ordered, 1):\n        if p > level * rank / k:\n            break\n"
            "        good.append(p)")),
        Mutant("only those that keep their own bound", replace=("if good and p <= good[-1]", "if p in good")),
        Mutant("ranks from 0", replace=("enumerate(ordered, 1)", "enumerate(ordered)")),
        Mutant("in the order of the p-values", replace=(
            "sorted(name for name, p in p_values.items() if good and p <= good[-1])",
            "[n for n in sorted(p_values, key=p_values.get) if good and p_values[n] <= good[-1]]")),
    ],
)  # fmt: skip
def four_thousand_alarms(answer, key):
    with part(1, "`false_alarms` and `wolves` count what to expect"):
        for tests, level in ((4_000, 0.01), (300, 0.05), (1, 0.2)):
            said, right = answer.call("false_alarms", tests, level), key.call("false_alarms", tests, level)
            mistake(
                is_number(said) and tests > 1 and said <= 1, "`false_alarms` is a chance; a number of alarms is asked for"
            )
            close(said, right, "`false_alarms` is wrong for other numbers of tests", rtol=1e-6)
        close(answer.read("wolves"), key.read("wolves"), rtol=1e-6)
    with part(1, "`each_level` and `strict` keep the chance of any false alarm"):
        for tests, level in ((4_000, 0.01), (20, 0.05)):
            said, right = answer.call("each_level", tests, level), key.call("each_level", tests, level)
            mistake(
                is_number(said) and said > level, "`each_level` is larger than the level for one test; it must be smaller"
            )
            close(said, right, "`each_level` is wrong for other numbers of tests", rtol=1e-6)
        close(answer.read("strict"), key.read("strict"), rtol=1e-6)
    with part(1, "`discoveries` follows the rule"):
        for values in (
            [0.001, 0.9, 0.8],
            [0.04, 0.045, 0.03, 0.02],
            [0.2, 0.3, 0.9],
            [0.01, 0.04, 0.045, 0.9, 0.05],
            [0.0] * 3,
        ):
            given = {f"{'zyxwv'[k]}": p for k, p in enumerate(values)}
            said, right = as_list(answer.call("discoveries", given, 0.05)), key.call("discoveries", given, 0.05)
            mistake(
                isinstance(said, list) and sorted(said) == right and said != right,
                "`discoveries` finds the right tenants; give them in alphabetical order",
            )
            equal(said, right, f"`discoveries` is wrong for the p-values {values} at 0.05")
    with part(1, "`look_at` holds the tenants of the supplied p-values"):
        said, right = as_list(answer.read("look_at")), key.read("look_at")
        mistake(isinstance(said, list) and len(said) > len(right), "`look_at` holds too many tenants for 60 tests")
        equal(said, right)


@question(
    "recommendation.switch",
    title="The switch",
    points=4,
    hints=[
        "Ask first whether the tenant is off; `switches.get(tenant, \"on\")` knows those who are not named.",
        "The reason follows from two questions: is it off, and is anything left?",
        "`[*log, entry]` is a new list; `log.append` would change the one that was passed in.",
    ],
    mutants=[
        Mutant("shown in spite of the switch", replace=("[] if off else [name", "[name")),
        Mutant("not logged when off", replace=("[*log, {", "log if off else [*log, {")),
        Mutant("off unless on", replace=('.get(tenant, "on") == "off"', '.get(tenant) != "on"')),
        Mutant("no floor", replace=(" if score >= floor]", "]")),
        Mutant("above the floor only", replace=("score >= floor", "score > floor")),
        Mutant("one reason for all that is empty", replace=('"nothing worth showing"', '"switched off"')),
        Mutant("with scores", replace=("[name for name, score in items if", "[(name, score) for name, score in items if")),
        Mutant("appends to the list that it is given", replace=(
            '[*log, {"tenant": tenant, "customer": customer, "items": products, "reason": reason}]',
            'log.append({"tenant": tenant, "customer": customer, "items": products, "reason": reason}) or log')),
        Mutant("the log of the last answer", replace=("[*log, {", "[{")),
        Mutant("what would have been shown", replace=('"items": products', '"items": [name for name, _ in items]')),
    ],
)  # fmt: skip
def the_switch(answer, key):
    old = [{"tenant": "a", "customer": "x", "items": [], "reason": "switched off"}]
    cases = [
        ({"a": "off"}, [], "a", [["ale", 0.9]], 0.2),
        ({"a": "off"}, old, "b", [["ale", 0.9], ["stout", 0.2], ["cider", 0.1]], 0.2),
        ({"a": "on"}, old, "a", [["ale", 0.1]], 0.2),
        ({}, old, "a", [], 0.0),
    ]
    with part(2, "`respond` shows what may be shown, and nothing when it is switched off"):
        for switches, log, tenant, items, floor in cases:
            said, right = _both(answer, key, switches, log, tenant, items, floor)
            mistake(switches.get(tenant) == "off" and bool(said[0]), "`respond` shows something although the tenant is off")
            mistake(
                tenant not in switches and not said[0] and bool(right[0]),
                "`respond` shows nothing to a tenant without a switch",
            )
            equal(
                said[0],
                list(right[0]),
                f"the products are wrong for the switches {switches}, {items} and a floor of {floor}",
            )
    with part(1, "every answer is logged, with its reason"):
        for switches, log, tenant, items, floor in cases:
            said, right = _both(answer, key, switches, log, tenant, items, floor)
            mistake(len(said[1]) == len(log), "an answer is missing in the log: empty ones belong there too")
            mistake(len(said[1]) < len(log), "earlier entries of the log are gone")
            equal(said[1], right[1], f"the log is wrong for the switches {switches}, {items} and a floor of {floor}")
        mistake(
            len(answer.call("log_after_an_answer", old)) > len(old),
            "`respond` changes the list that was passed in: give back a new one",
        )
    with part(1, "`record` is the log of all requests"):
        said, right = as_list(answer.read("record")), key.read("record")
        mistake(isinstance(said, list) and len(said) != len(right), "`record` should have an entry for each of the requests")
        equal(said, right)


@question(
    "recommendation.money",
    title="Clicks, dollars and groups",
    points=4,
    hints=[
        "Go through the products of both weeks; what was not sold counts 0.",
        "The variance of a difference of two means is proportional to 1 / n1 + 1 / n2; with halves of n, that is 4 / n.",
        "`people.groupby(\"strategy\")[\"revenue\"].mean()` has a number for each strategy.",
    ],
    mutants=[
        Mutant("units", replace=(" * price[name]", "")),
        Mutant("a loss counts as a gain", replace=("(after.get(name, 0) - before.get(name, 0))",
                                                  "abs(after.get(name, 0) - before.get(name, 0))")),
        Mutant("only what was sold before", replace=("{*before, *after}", "before")),
        Mutant("the smaller group alone", replace=("(1 / share + 1 / (1 - share)) / 4", "0.5 / share")),
        Mutant("not beside halves", replace=("(1 / share + 1 / (1 - share)) / 4", "1 / share + 1 / (1 - share)")),
        Mutant("the standard error", replace=("(1 / share + 1 / (1 - share)) / 4",
                                              "((1 / share + 1 / (1 - share)) / 4) ** 0.5")),
        Mutant("most clicks", replace=('["revenue"].mean()', '["clicked"].mean()')),
        Mutant("the largest sum", replace=('["revenue"].mean()', '["revenue"].sum()')),
    ],
)  # fmt: skip
def clicks_and_dollars(answer, key):
    cases = [
        ({"a": 10, "b": 5}, {"a": 20, "b": 1}, {"a": 3, "b": 50}),
        ({"a": 10}, {"c": 4}, {"a": 3, "c": 2.5}),
        ({}, {"a": 2}, {"a": 7}),
    ]
    with part(2, "`change` and `dollars` add up all products"):
        for case in cases:
            said, right = answer.call("change", *case), key.call("change", *case)
            mistake(is_number(said) and said == -right != 0, "`change` has the wrong sign: after minus before")
            close(said, right, "`change` is wrong for other weeks", rtol=1e-6)
        close(answer.read("dollars"), key.read("dollars"), rtol=1e-6)
    with part(1, "`variance_ratio` and `ratio` compare with two equal groups"):
        for share in (0.5, 0.2, 0.9, 0.01):
            said, right = answer.call("variance_ratio", share), key.call("variance_ratio", share)
            mistake(near(said, 4 * right), "`variance_ratio` is not 1 for two equal groups; divide by what halves give")
            close(said, right, f"`variance_ratio` is wrong for a share of {share}", rtol=1e-6)
        close(answer.read("ratio"), key.read("ratio"), rtol=1e-3)
    with part(1, "`best` and `winner` go by revenue a customer"):
        few = pd.DataFrame({"strategy": ["a", "a", "b", "b", "b", "c"], "clicked": [1, 1, 0, 0, 0, 0],
                            "revenue": [10.0, 12.0, 9.0, 8.0, 9.0, 15.0]})  # fmt: skip
        said, right = answer.call("best", few), key.call("best", few)
        mistake(said == "a", "`best` goes by clicks; revenue a customer is asked for")
        mistake(said == "b", "`best` goes by the sum; groups differ in size, so take the mean")
        equal(said, right, "`best` is wrong for other customers")
        equal(answer.read("winner"), key.read("winner"))


hide = manual(
    "recommendation.hide",
    title="“Hide the switch”",
    criteria=[
        ("says what an offline hit rate cannot show, and how an experiment with a control group would", 1),
        ("gives reasons of its own for the switch and for an empty answer", 1),
        ("says what to do about the clients who switched off", 1),
    ],
    hints=[
        "When were the purchases made that the 40 % are counted on, and what was shown to those customers?",
        "Who knows something that is not in the data? Who answers for what a seller says?",
    ],
)


def _refused(answer: Any, name: str) -> None:
    """A row without a field is an error that names this field and no other."""
    row = {column: value for column, value in ROWS[0].items() if column != MAPPING[name]}
    said = ""
    try:
        answer.call("universal", [ROWS[0], row], MAPPING, 1.0)
    except Incorrect as error:
        said = str(error).partition(" raised ")[2]
    mistake(not said, "`universal` says nothing about a row that lacks a required field")
    named = {field for field in REQUIRED if re.search(rf"\b{field}\b", said)}
    mistake(
        "ValueError" not in said or name not in named, "`universal` should raise a ValueError that names the missing field"
    )
    mistake(len(named) > 1, "the error of `universal` names fields that are not missing")


def _both(answer: Any, key: Any, switches: Any, log: Any, tenant: str, items: Any, floor: float) -> tuple[Any, Any]:
    arguments = (switches, log, tenant, "c1", items, floor)
    said, right = answer.call("respond", *arguments), key.call("respond", *arguments)
    mistake(not isinstance(said, list | tuple) or len(said) != 2, "`respond` should return two things: products and log")
    shown, lines = as_list(said[0]), as_list(said[1])
    mistake(not isinstance(shown, list) or not isinstance(lines, list), "`respond` should return two lists")
    mistake(any(not isinstance(name, str) for name in shown), "`respond` should give names of products, without scores")
    return (shown, lines), (list(right[0]), list(right[1]))
