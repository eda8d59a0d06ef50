"""Checks of exercise 18: data governance."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

from workbench.checks import Mutant, close, equal, manual, mistake, near, part, question

START = "0" * 64
FIRMS = [
    {"revenue": 26_625_000, "consumers": 0, "selling_share": 0.0},
    {"revenue": 26_625_001, "consumers": 0, "selling_share": 0.0},
    {"revenue": 1e6, "consumers": 100_000, "selling_share": 0.1},
    {"revenue": 1e6, "consumers": 99_999, "selling_share": 0.49},
    {"revenue": 1e6, "consumers": 5, "selling_share": 0.5},
    {"revenue": 1e9, "consumers": 500_000, "selling_share": 0.9},
]
WARD = [
    {"age": 31, "town": "A", "illness": "flu"},
    {"age": 38, "town": "A", "illness": "flu"},
    {"age": 42, "town": "A", "illness": "flu"},
    {"age": 42, "town": "B", "illness": "asthma"},
    {"age": 49, "town": "B", "illness": "flu"},
    {"age": 42, "town": "A", "illness": "asthma"},
]
CONTRACTS = [
    {"client": 1, "ended": date(2024, 1, 1)},
    {"client": 1, "ended": None},
    {"client": 2, "ended": date(2024, 1, 2)},
    {"client": 3, "ended": date(2024, 1, 3)},
    {"client": 4, "ended": date(2020, 1, 1)},
    {"client": 2, "ended": date(2023, 5, 5)},
]
MODELS = {
    "a": {"clients": {1, 2}, "parent": None},
    "b": {"clients": {3}, "parent": "a"},
    "c": {"clients": {4}, "parent": "b"},
    "d": {"clients": {4}, "parent": None},
}
GRANTS = [
    {"role": "nurse", "table": "ward", "columns": ["name", "bed"], "masked": ["id"], "purposes": ["care"]},
    {"role": "nurse", "table": "ward", "columns": ["id"], "masked": [], "purposes": ["emergency"]},
    {"role": "clerk", "table": "bill", "columns": ["sum"], "masked": ["id"], "purposes": []},
    {"role": "clerk", "table": "bill", "columns": ["id"], "masked": [], "purposes": ["dunning", "audit"]},
]
SECRETS = [
    [("ward", "name"), ("ward", "bed")],
    [("ward", "name"), ("ward", "id")],
    [("bill", "sum"), ("bill", "id")],
    [("bill", "sum")],
]
ASKED = [
    ("nurse", "ward", "id", "care"),
    ("nurse", "ward", "id", "emergency"),
    ("nurse", "ward", "name", "emergency"),
    ("nurse", "bill", "sum", "care"),
    ("clerk", "bill", "id", "audit"),
    ("clerk", "bill", "id", "gossip"),
    ("nurse", "bill", "name", "care"),
    ("clerk", "ward", "sum", "audit"),
    ("clerk", "bill", "name", "audit"),
    ("porter", "ward", "bed", "care"),
]


@question(
    "data_governance.law",
    title="What the law counts",
    points=4,
    hints=[
        "“Whichever is higher” is a word for one function of Python's.",
        "Read the three thresholds again: one must be passed, two need only be reached, and one of the three is enough.",
        "`timedelta(days=...)` added to a date knows about leap years.",
    ],
    mutants=[
        Mutant("the lower one", replace=("return max(", "return min(")),
        Mutant("always the share", replace=('max(LAW["fine_amount"], LAW["fine_share"] * turnover)',
                                            'LAW["fine_share"] * turnover')),
        Mutant("both added", replace=('max(LAW["fine_amount"], LAW["fine_share"] * turnover)',
                                      'LAW["fine_amount"] + LAW["fine_share"] * turnover')),
        Mutant("all three thresholds", replace=("or firm[\"consumers\"]", "and firm[\"consumers\"]")),
        Mutant("revenue only reached", replace=('firm["revenue"] > ', 'firm["revenue"] >= ')),
        Mutant("consumers passed", replace=('firm["consumers"] >= ', 'firm["consumers"] > ')),
        Mutant("the old thresholds", replace=('LAW["revenue_above"]', "25_000_000")),
        Mutant("a month", replace=('timedelta(days=LAW["answer_days"])', "timedelta(days=30)")),
        Mutant("the day itself counts", replace=('timedelta(days=LAW["answer_days"])',
                                                 'timedelta(days=LAW["answer_days"] - 1)')),
        Mutant("amount times share", replace=('LAW["fine_amount"] / LAW["fine_share"]',
                                              'LAW["fine_amount"] * LAW["fine_share"]')),
    ],
)  # fmt: skip
def what_the_law_counts(answer, key):
    with part(1, "`largest_fine` should hold for any turnover"):
        for turnover in (0, 400e6, 500e6, 1e9, 7.5e10):
            said = answer.call("largest_fine", turnover)
            forgot = near(said, 0.04 * turnover) and turnover < 500e6
            mistake(forgot, "`largest_fine` forgets the fixed amount: the ceiling never falls below it")
            close(said, key.call("largest_fine", turnover), "`largest_fine` is wrong for another turnover", rtol=1e-9)
    with part(1, "`reached` should hold for any firm"):
        for firm in FIRMS:
            said, right = answer.call("reached", firm), key.call("reached", firm)
            mistake(
                said is True and right is False and firm["revenue"] == 26_625_000,
                "the revenue must be *above* the threshold in `reached`",
            )
            mistake(
                said is False and right is True, "one threshold is enough in `reached`, and two of them need only be reached"
            )
            equal(said, right, "`reached` is wrong for another firm")
    with part(1, "`due` should be right on any day"):
        for received in (date(2027, 1, 20), date(2028, 1, 20), date(2026, 12, 1)):
            said = answer.call("due", received)
            mistake((said - received).days in (30, 31), "`due` waits a month; this law gives 45 days") if isinstance(
                said, date
            ) else None
            equal(said, key.call("due", received), "`due` is wrong on another day")
    with part(1, "`equal`, `firms_reached` and `last_day`"):
        close(
            answer.read("equal"),
            key.read("equal"),
            "`equal` is not the turnover at which both give the same fine",
            rtol=1e-9,
        )
        equal(
            answer.read("firms_reached"),
            key.read("firms_reached"),
            "`firms_reached` is not what `reached` should give, as a sorted list",
        )
        equal(answer.read("last_day"), key.read("last_day"), "`last_day` is not 45 days after 20 January 2028")


@question(
    "data_governance.crowd",
    title="Alone in the crowd",
    points=4,
    hints=[
        "Group the rows by the tuple of their values in `columns`; everything here is a question to those groups.",
        "A crowd gives everybody away when the *set* of its secrets has one element, whatever the size of the crowd.",
        "How many whole widths fit into the value? So many widths are the lower end. Make a new mapping for each row.",
    ],
    mutants=[
        Mutant("how many crowds", replace=("return min((len(group) for group in crowds(rows, columns)), default=0)",
                                           "return len(crowds(rows, columns))")),
        Mutant("the largest crowd", replace=("return min((len", "return max((len")),
        Mutant("only the first column", replace=("tuple(row[name] for name in columns)", "row[columns[0]]")),
        Mutant("no table without rows", replace=(", default=0)", ")")),
        Mutant("crowds, not rows", replace=("return sum(len(group) for group", "return sum(1 for group")),
        Mutant("only who stands alone", replace=("if len({row[secret] for row in group}) == 1", "if len(group) == 1")),
        Mutant("only real crowds", replace=("if len({row[secret] for row in group}) == 1",
                                            "if len({row[secret] for row in group}) == 1 < len(group)")),
        Mutant("number of the band", replace=("row[name] // width * width", "row[name] // width")),
        Mutant("rounded", replace=("row[name] // width * width", "round(row[name] / width) * width")),
        Mutant("the given rows are changed", replace=(
            "return [row | {name: row[name] // width * width for name, width in widths.items()} for row in rows]",
            "[row.update({n: row[n] // width * width for n, width in widths.items()}) for row in rows]\n    return rows",
        )),
        Mutant("before the bands", replace=("given_away(coarse,", "given_away(rows,")),
    ],
)  # fmt: skip
def alone_in_the_crowd(answer, key):
    with part(1, "`smallest_crowd` should hold for any table"):
        for rows, columns in ((WARD, ["age", "town"]), (WARD, ["town"]), (WARD[:3], ["town", "illness"]), ([], ["age"])):
            said, right = answer.call("smallest_crowd", rows, columns), key.call("smallest_crowd", rows, columns)
            mistake(said != right and said == len({tuple(row[name] for name in columns) for row in rows}),
                    "`smallest_crowd` counts the crowds; how many rows has the smallest of them?")  # fmt: skip
            equal(said, right, "`smallest_crowd` is wrong for another table")
    with part(1, "`given_away` counts rows whose crowd has one secret"):
        for rows, columns in ((WARD, ["age", "town"]), (WARD, ["town"]), (WARD[:3], ["town"]), ([], ["age"])):
            said, right = (
                answer.call("given_away", rows, columns, "illness"),
                key.call("given_away", rows, columns, "illness"),
            )
            equal(said, right, "`given_away` is wrong for another table: large crowds may share a secret as well")
    with part(1, "`in_bands` tells the lower end of each band, in new rows"):
        for widths in ({"age": 10}, {"age": 25}):
            said, right = answer.call("in_bands", WARD, widths), key.call("in_bands", WARD, widths)
            numbers = [row | {"age": row["age"] // widths["age"]} for row in WARD]
            mistake(said == numbers, "`in_bands` tells the number of the band; its lower end is wanted")
            equal(said, right, "`in_bands` is wrong for other bands")
        equal(answer.read("rows"), key.read("rows"), "`in_bands` has changed the rows that were given; make new ones")
    with part(1, "`k_before`, `k_after` and `still`"):
        for name in ("k_before", "k_after", "still"):
            equal(answer.read(name), key.read(name), f"`{name}` is not what your functions should give")


@question(
    "data_governance.retention",
    title="Due for deletion",
    points=4,
    hints=[
        "On the last day of its period a row is still kept: which comparison says so?",
        "A client is forgotten when none of their rows is left: take away those who have any from all who had one.",
        "A model's clients are its own and those of its parent, whose clients are … A function that calls itself will do.",
    ],
    mutants=[
        Mutant("a day early", replace=('row["ended"] < last', 'row["ended"] <= last')),
        Mutant("holds forgotten", replace=(' and row["client"] not in holds', "")),
        Mutant("what goes on is due", replace=('row["ended"] is not None and row["ended"] < last',
                                               '(row["ended"] or date(2000, 1, 1)) < last')),
        Mutant("clients in place of rows", replace=("        place\n        for place, row",
                                                    '        row["client"]\n        for place, row')),
        Mutant("any row that goes", replace=("return sorted({row[\"client\"] for row in contracts} - left)",
                                             "return sorted({contracts[place][\"client\"] for place in due})")),
        Mutant("no parents", replace=(' | (all_of(model["parent"]) if model["parent"] else set())', "")),
        Mutant("parents only", replace=('(all_of(model["parent"]) if model["parent"] else set())',
                                        '(set(learnt_from[model["parent"]]["clients"]) if model["parent"] else set())')),
        Mutant("the wrong way round", replace=("if all_of(name) & set(clients)", "if not all_of(name) & set(clients)")),
    ],
)  # fmt: skip
def due_for_deletion(answer, key):
    with part(1, "`due_rows` should hold on any day"):
        for today, days, holds in (
            (date(2026, 1, 1), 730, set()),
            (date(2026, 1, 2), 730, {4}),
            (date(2026, 1, 3), 730, {2, 4}),
        ):
            given = (CONTRACTS, today, days, holds)
            said, right = answer.call("due_rows", *given), key.call("due_rows", *given)
            without = key.call("due_rows", CONTRACTS, today, days, set())
            mistake(without == said != right, "`due_rows` takes no notice of the holds")
            equal(
                said, right, "`due_rows` is wrong on another day: positions, in order; on the last day a row is still kept"
            )
    with part(1, "`forgotten` names those of whom nothing is left"):
        for today, holds in ((date(2026, 1, 1), set()), (date(2026, 1, 3), set()), (date(2027, 1, 1), {4})):
            said = answer.call("forgotten", CONTRACTS, today, 730, holds)
            mistake(isinstance(said, list) and 1 in said, "`forgotten` names a client who still has a row")
            equal(said, key.call("forgotten", CONTRACTS, today, 730, holds), "`forgotten` is wrong on another day")
    with part(1, "`to_retrain` follows the parents"):
        for clients in ([1], [3], [4], [9], []):
            said, right = answer.call("to_retrain", clients, MODELS), key.call("to_retrain", clients, MODELS)
            mistake(
                isinstance(said, list) and len(said) < len(right),
                "`to_retrain` misses a model: whose parent learnt from whom?",
            )
            equal(said, right, "`to_retrain` is wrong for other models")
    with part(1, "`gone`, `nobody` and `retrain`"):
        for name in ("gone", "nobody", "retrain"):
            equal(answer.read(name), key.read(name), f"`{name}` is not what your functions should give")


@question(
    "data_governance.chain",
    title="A log that tells on itself",
    points=4,
    hints=[
        "Walk through the log with the hash of the entry before in your hand, beginning with `START`.",
        "Two things can be wrong with an entry. A forger who makes both right is caught one entry later, or by the head.",
    ],
    mutants=[
        Mutant("only the contents", replace=('each["previous"] != previous or ', "")),
        Mutant("only the order", replace=(' or each["hash"] != hash_of(each["previous"], each["text"])', "")),
        Mutant("no head", replace=("return None if (len(log), previous) == tuple(head) else len(log)", "return None")),
        Mutant("only the number", replace=("(len(log), previous) == tuple(head)", "len(log) == head[0]")),
        Mutant("counted from one", replace=("            return place\n", "            return place + 1\n")),
        Mutant("true or false", replace=("            return place\n", "            return False\n")),
        Mutant("every entry from the start", replace=('        previous = log[-1]["hash"]\n', "")),
        Mutant("the hash of the text", replace=('"hash": hash_of(previous, text)', '"hash": hash_of("", text)')),
    ],
)
def a_log_that_tells(answer, key):
    logs = _logs()
    with part(1, "`chained` makes the log of some texts"):
        for texts in (["a", "b", "c"], ["one"], []):
            said, right = answer.call("chained", texts), key.call("chained", texts)
            loose = [{"text": text, "previous": START, "hash": _hash(START, text)} for text in texts]
            mistake(said == loose != right, "`chained` gives every entry the `previous` of the first")
            equal(said, right, "`chained` is wrong for other texts")
    with part(1, "`first_bad` finds an entry that was changed, taken out or moved"):
        for name in ("whole", "changed", "changed with its hash", "removed", "moved"):
            said = answer.call("first_bad", logs[name], logs["head"])
            right = key.call("first_bad", logs[name], logs["head"])
            mistake(isinstance(said, bool), "`first_bad` should return a position, or `None`")
            mistake(right is not None and said == right + 1, "`first_bad` is one too far: positions count from 0")
            equal(said, right, f"`first_bad` is wrong for a log that is {name}")
    with part(1, "`first_bad` notices by the head what no entry shows"):
        for name in ("cut off", "made anew", "longer", "empty"):
            said = answer.call("first_bad", logs[name], logs["head"])
            mistake(said is None, "`first_bad` finds nothing wrong where the head disagrees")
            equal(said, key.call("first_bad", logs[name], logs["head"]), f"`first_bad` is wrong for a log that is {name}")
        equal(
            answer.call("first_bad", [], (0, START)),
            key.call("first_bad", [], (0, START)),
            "an empty log with an empty head is whole",
        )
    with part(1, "`bad` holds the seven results"):
        equal(answer.read("bad"), key.read("bad"), "`bad` is not what `first_bad` should give")


@question(
    "data_governance.access",
    title="Who may read what?",
    points=4,
    hints=[
        "First find the grants that fit role, table and purpose; an empty list of purposes fits any.",
        "No grant that fits: denied. That is the default, and no case of its own.",
        "`leaks` asks purpose by purpose: two purposes that each open one column are no leak.",
    ],
    mutants=[
        Mutant("allowed by default", replace=('else "denied"', 'else "read"')),
        Mutant("the purpose is not asked", replace=(' and (not grant["purposes"] or purpose in grant["purposes"])', "")),
        Mutant("no purpose, no grant", replace=('(not grant["purposes"] or purpose in grant["purposes"])',
                                                'purpose in grant["purposes"]')),
        Mutant("the table is not asked", replace=('(grant["role"], grant["table"]) == (role, table)',
                                                  'grant["role"] == role')),
        Mutant("masked before read", replace=(
            '    if any(column in grant["columns"] for grant in fitting):',
            "    if any(column in grant['masked'] for grant in fitting):\n        return 'masked'\n"
            '    if any(column in grant["columns"] for grant in fitting):',
        )),
        Mutant("any column", replace=("return all(decide(", "return any(decide(")),
        Mutant("over all purposes", replace=(
            "if any(reads_all(role, purpose) for purpose in purposes)",
            'if all(any(decide(grants, role, t, c, purpose) == "read" for purpose in purposes) for t, c in secret)')),
        Mutant("only purposes that are named", replace=(' | {"any other"}', "")),
        Mutant("pseudonyms count", replace=('purpose) == "read" for', 'purpose) != "denied" for')),
    ],
)  # fmt: skip
def who_may_read(answer, key):
    with part(2, "`decide` should hold for any grants"):
        for request in ASKED:
            said, right = answer.call("decide", GRANTS, *request), key.call("decide", GRANTS, *request)
            mistake(said == "read" and right == "denied", "`decide` opens what nobody granted")
            equal(said, right, "`decide` is wrong for other grants")
    with part(1, "`leaks` finds the roles that can join, for one purpose"):
        for secret in SECRETS:
            said, right = answer.call("leaks", GRANTS, secret), key.call("leaks", GRANTS, secret)
            equal(said, right, "`leaks` is wrong for other grants")
        said, right = (who.call("leaks", [GRANTS[2]], [("bill", "sum")]) for who in (answer, key))
        equal(said, right, "`leaks` misses a grant that holds for any purpose")
    with part(1, "`decisions` and `worrying`"):
        equal(answer.read("decisions"), key.read("decisions"), "`decisions` is not what `decide` should give, in order")
        equal(answer.read("worrying"), key.read("worrying"), "`worrying` is not what `leaks` should give")


letter = manual(
    "data_governance.letter",
    title="The letter",
    criteria=[
        ("finds all copies by lineage: raw, features, log, predictions and backup, recipients as well", 1),
        ("says what becomes of the model: retrain, or show that it holds no personal data", 1),
        ("names the claim before the court (kept, restricted, told), and other exceptions only with the law that asks", 1),
        ("keeps to the deadline, makes sure who is asking, answers, and keeps a record of what was done", 1),
    ],
    hints=[
        "In how many places is this person? The lesson's search had a list.",
        "What may you not delete, and what must you be able to show a year from now?",
    ],
)


def _logs() -> dict[str, Any]:
    """A log and what may become of it."""

    def entry(previous: str, text: str) -> dict[str, str]:
        return {"text": text, "previous": previous, "hash": _hash(previous, text)}

    def chain(texts: list[str], previous: str = START) -> list[dict[str, str]]:
        made: list[dict[str, str]] = []
        for text in texts:
            made.append(entry(made[-1]["hash"] if made else previous, text))
        return made

    texts = ["in", "looked", "copied", "out", "in again", "out again"]
    whole = chain(texts)
    return {
        "head": (len(whole), whole[-1]["hash"]),
        "whole": whole,
        "changed": [*whole[:2], whole[2] | {"text": "nothing"}, *whole[3:]],
        "changed with its hash": [*whole[:2], entry(whole[1]["hash"], "nothing"), *whole[3:]],
        "removed": [*whole[:3], *whole[4:]],
        "moved": [whole[0], whole[2], whole[1], *whole[3:]],
        "cut off": whole[:4],
        "made anew": chain([*texts[:2], "nothing", *texts[3:]]),
        "longer": chain([*texts, "one more"]),
        "empty": [],
    }


def _hash(previous: str, text: str) -> str:
    return sha256(f"{previous}|{text}".encode()).hexdigest()
