"""Checks of exercise 09: batch scoring."""

from __future__ import annotations

import json
from hashlib import sha256

from workbench.checks import Mutant, close, equal, mistake, part, question


@question(
    "batch_scoring.modes",
    title="Live or batch?",
    points=2,
    hints=[
        "Ask of each: did what the answer depends on exist last night, and does it still hold in the morning?",
        "*Where* the model runs is another question than *when*: the telephone carries its model with it.",
        "A day has 24 times 60 minutes, and the service pays for all of them.",
    ],
    mutants=[
        Mutant("embedded means batch", replace=('"keyboard": "live"', '"keyboard": "batch"')),
        Mutant("the form was there in the night", replace=('"loan counter": "live"', '"loan counter": "batch"')),
        Mutant("e-mail is live", replace=('"newsletter": "batch"', '"newsletter": "live"')),
        Mutant("the ratio upside down", replace=("24 * 60 / minutes_a_day", "minutes_a_day / (24 * 60)")),
        Mutant("minutes of an hour", replace=("24 * 60 / minutes_a_day", "60 / minutes_a_day")),
    ],
)
def live_or_batch(answer, key):
    with part(1, "`modes` has live or batch for each of the six"):
        said, right = answer.read("modes"), key.read("modes")
        mistake(not isinstance(said, dict) or set(said) != set(right), "`modes` should have exactly the names in `uses`")
        mistake(set(said.values()) - {"live", "batch"}, '`modes` should hold "live" or "batch", in lower case')
        mistake(
            said["keyboard"] != right["keyboard"],
            "`modes` mixes up where a model runs with when it runs; look at the one that is embedded",
        )
        wrong = sum(said[name] != right[name] for name in right)
        mistake(wrong, f"`modes` is wrong for {wrong} of the six; would last night's answer be there, and right?")
    with part(1, "`ratio` compares the hours"):
        ratio, right = answer.read("ratio"), key.read("ratio")
        mistake(abs(ratio * right - 1) < 1e-6, "`ratio` is upside down: the service pays for more hours, not for fewer")
        close(ratio, right, "`ratio` is all minutes of a day over those of the job", rtol=1e-6)


@question(
    "batch_scoring.night",
    title="The night in numbers",
    points=3,
    hints=[
        "A share is a part of the whole; the whole is the sum over the bands.",
        "A rate of rows a second needs seconds: 15 minutes are 900 of them.",
        "Each try takes as long as the job: take all of them off the deadline.",
    ],
    mutants=[
        Mutant("percent", replace=("count / total for", "100 * count / total for")),
        Mutant("rows a minute", replace=("total / (minutes * 60)", "total / minutes")),
        Mutant("seconds, not minutes", replace=("return rows / rate / 60", "return rows / rate")),
        Mutant("only one try", replace=("deadline - tries * minutes_for", "deadline - minutes_for")),
        Mutant("the fifteen minutes of the story", replace=("return rows / rate / 60", "return 15 * rows / 1_000_000")),
    ],
)
def night_in_numbers(answer, key):
    with part(1, "`shares` and `rate`"):
        shares, right = answer.read("shares"), key.read("shares")
        mistake(not isinstance(shares, dict) or set(shares) != set(right), "`shares` should have the three bands")
        mistake(sum(shares.values()) > 1.5, "`shares` are percentages or counts; a share is a fraction of 1")
        for band in right:
            close(shares[band], right[band], f"`shares` is wrong for {band}", rtol=1e-6)
        rate = answer.read("rate")
        mistake(abs(rate / 60 - key.read("rate")) < 1, "`rate` counts the rows of a minute; a second is asked for")
        close(rate, key.read("rate"), "`rate` is all customers over all seconds", rtol=1e-6)
    with part(1, "`minutes_for` and `four_million`"):
        for rows, rate in ((1_000_000, 1000), (90, 0.5), (12_345, 678)):
            said, right = answer.call("minutes_for", rows, rate), key.call("minutes_for", rows, rate)
            mistake(abs(said / 60 - right) < 1e-6, "`minutes_for` gives seconds")
            close(said, right, "`minutes_for` is wrong for other rows and rates", rtol=1e-6)
        close(answer.read("four_million"), key.read("four_million"), "`four_million` is wrong", rtol=1e-6)
    with part(1, "`latest_start` leaves room for all tries"):
        for arguments in ((1_000_000, 1000, 360, 2), (600, 1, 300, 1), (600, 1, 300, 3)):
            said, right = answer.call("latest_start", *arguments), key.call("latest_start", *arguments)
            close(said, right, f"`latest_start` is wrong for {arguments[3]} tries that end by {arguments[2]}", rtol=1e-6)


@question(
    "batch_scoring.band",
    title="Where does 0.7 belong?",
    points=3,
    hints=[
        "`>` and `>=` differ at one number only, and that is the one that is asked for.",
        "NaN compares as false with everything: `not 0 <= x <= 1` is true for it, `x < 0 or x > 1` is not.",
        "Do not round: the sum 0.1 + 0.2 + 0.4 is a little more than 0.7.",
    ],
    mutants=[
        Mutant("0.7 is high", replace=("chance > 0.7", "chance >= 0.7")),
        Mutant("0.4 is low", replace=("chance >= 0.4", "chance > 0.4")),
        Mutant("NaN is low", replace=("not 0 <= chance <= 1", "chance < 0 or chance > 1")),
        Mutant("rounded first", replace=("if chance > 0.7", "if round(chance, 2) > 0.7")),
        Mutant("only bands that occur", replace=("return found", "return {k: v for k, v in found.items() if v}")),
    ],
)
def where_the_edges_belong(answer, key):
    with part(1, "`band` gives the edges to medium"):
        for chance in (0.7, 0.4, 0.0, 1.0, 0.55):
            equal(answer.call("band", chance), key.call("band", chance), f"`band` is wrong for {chance}")
        for chance in (0.1 + 0.2 + 0.4, 0.7000001, 0.3999999):
            message = f"`band` is wrong for {chance!r}; is it compared as it is, without rounding?"
            equal(answer.call("band", chance), key.call("band", chance), message)
    with part(1, "`band` knows what is no probability"):
        for chance in (None, float("nan"), -0.01, 1.01, float("inf")):
            equal(answer.call("band", chance), key.call("band", chance), f"`band` of {chance} should be None")
    with part(1, "`counts` names all three bands"):
        for chances in ([], [0.9], [0.7, 0.4, 0.1, None, float("nan")]):
            said, right = answer.call("counts", chances), key.call("counts", chances)
            mistake(isinstance(said, dict) and set(said) < set(right), "`counts` leaves out bands in which there is nobody")
            equal(said, right, f"`counts` is wrong for {chances}")
        equal(answer.read("tonight"), key.read("tonight"), "`tonight` should be the counts of the supplied chances")


def _plain(rows):
    """Rows in an order of ours; an answer of another form stays as it is and differs."""
    names = ("customer", "date", "version", "chance")
    if not isinstance(rows, list) or not all(isinstance(row, dict) and set(row) == set(names) for row in rows):
        return rows
    return sorted([str(row[name]) for name in names] for row in rows)


def _row(customer, date="2025-11-30", version="1.0.0", chance=0.5):
    return {"customer": customer, "date": date, "version": version, "chance": chance}


@question(
    "batch_scoring.upsert",
    title="Twice is once",
    points=3,
    hints=[
        "A dictionary has each key once. Which key?",
        "The key is a tuple of three things. With fewer, other nights or other models are overwritten.",
        "Later rows win if they are put into the dictionary later.",
    ],
    mutants=[
        Mutant("appended", replace=("    return list(known.values())", "    return [*table, *rows]")),
        Mutant("the date is forgotten", replace=('row["date"], ', "")),
        Mutant("the version is forgotten", replace=(', row["version"]', "")),
        Mutant("the first one wins", replace=("[*table, *rows]", "[*reversed(rows), *reversed(table)]")),
        Mutant("what is there is left alone", replace=("[*table, *rows]", "[*rows, *table]")),
        Mutant(
            "the table itself is changed",
            replace=("    return list(known.values())", "    table[:] = known.values()\n    return table"),
        ),
    ],
)
def twice_is_once(answer, key):
    table = [_row(1, chance=0.1), _row(2), _row(1, date="2025-11-29")]
    cases = {
        "the same rows come again": (table, table),
        "a chance changes": (table, [_row(1, chance=0.9)]),
        "another day is scored": (table, [_row(1, date="2025-12-01", chance=0.9)]),
        "another version scores": (table, [_row(1, version="2.0.0", chance=0.9)]),
        "a combination stands in `rows` twice": ([], [_row(7, chance=0.1), _row(7, chance=0.2)]),
        "nothing is there": ([], table),
        "nothing comes": (table, []),
    }
    with part(2, "`upsert` should replace or add, by customer, date and version"):
        for what, arguments in cases.items():
            said, right = answer.call("upsert", *arguments), key.call("upsert", *arguments)
            mistake(
                isinstance(said, list) and len(said) > len(right),
                f"`upsert` has too many rows when {what}; what is the key?",
            )
            mistake(
                isinstance(said, list) and len(said) < len(right), f"`upsert` has lost rows when {what}; what is the key?"
            )
            equal(_plain(said), _plain(right), f"`upsert` has the wrong values when {what}; which row counts?")
    with part(1, "`after_rerun` and `after_release` are numbers of rows"):
        said, right = answer.read("after_rerun"), key.read("after_rerun")
        mistake(isinstance(said, list), "`after_rerun` is a number, not the rows")
        mistake(said > right, "`after_rerun` is too large: a rerun leaves the number of rows unchanged")
        equal(said, right, "`after_rerun` is too small: are rows of another day or version overwritten?")
        equal(
            answer.read("after_release"),
            key.read("after_release"),
            "`after_release` should have a row of each version for tonight's customers, and the history",
        )
        equal(
            len(answer.read("history")), len(key.read("history")), "`history` was changed; `upsert` should make a new list"
        )


def _pairs(rows):
    return [list(row) for row in rows] if isinstance(rows, list | tuple) else rows


_FEED = [
    ["A", "1"], ["B", ""], ["C", "  "], ["", "5"], ["  ", "x"], ["A", "2"], ["B", "3"], ["D", "n/a"], ["E", "nan"],
    ["F", "inf"], ["G", "-1"], ["H", "1000000.01"], ["I", "0"], ["J", "1000000"], ["K", " 2.5 "], ["D", ""],
]  # fmt: skip


@question(
    "batch_scoring.sort_out",
    title="Scored or set aside",
    points=4,
    hints=[
        "Write a function that gives the one reason of a row, or None, and test in the order of the table.",
        "`seen` has to learn of a customer also when the row is bad.",
        "`float` reads more than you expect, `nan` and `-inf` among it: `math.isfinite` finds them.",
    ],
    mutants=[
        Mutant("bad rows are not remembered", replace=("seen.add(customer)", "reason is None and seen.add(customer)")),
        Mutant("infinite is fine", replace=("if not isfinite(value)", "if value != value")),
        Mutant("spaces are a value", replace=("if not amount.strip()", "if not amount")),
        Mutant("blank customers are customers", replace=("if not customer.strip()", "if not customer")),
        Mutant("the upper end is out", replace=("value <= 1_000_000", "value < 1_000_000")),
        Mutant("bad rows vanish", replace=("            bad.append((position, reason))", "            pass")),
        Mutant("missing before repeated", replace=("if customer in seen:", "if amount.strip() and customer in seen:")),
        Mutant("text stays text", replace=("customer, float(amount)", "customer, amount")),
    ],
)
def scored_or_set_aside(answer, key):
    with part(1, "`sort_out` loses no row and doubles none"):
        said = answer.call("sort_out", _FEED)
        mistake(
            not isinstance(said, list | tuple) or len(said) != 2,
            "`sort_out` should return two lists: good rows and bad rows",
        )
        positions = sorted(row[0] for side in said for row in side)
        mistake(len(positions) < len(_FEED), "`sort_out` loses rows: each should be in one of the two lists")
        equal(positions, list(range(len(_FEED))), "`sort_out` should have each position once, counted from 0")
    with part(2, "`sort_out` gives the right reasons"):
        said = answer.call("sort_out", _FEED)
        reasons = dict(said[1])
        right = dict(key.call("sort_out", _FEED)[1])
        for position, row in enumerate(_FEED):
            one, other = reasons.get(position, "good"), right.get(position, "good")
            equal(one, other, f"`sort_out` is wrong about {tuple(row)}, row {position} of a feed of {len(_FEED)} rows")
        equal(_pairs(said[1]), _pairs(key.call("sort_out", _FEED)[1]), "`sort_out` should keep the order of the rows")
    with part(1, "`good` and `bad` are those of the supplied feed"):
        mistake(any(isinstance(row[2], str) for row in answer.read("good")), "`good` should hold amounts as floats")
        equal(_pairs(answer.read("bad")), _pairs(key.read("bad")), "`bad` is wrong")
        equal(_pairs(answer.read("good")), _pairs(key.read("good")), "`good` is wrong")
        said = answer.call("sort_out", _FEED)
        equal(_pairs(said[0]), _pairs(key.call("sort_out", _FEED)[0]), "`sort_out` has the wrong good rows")


def _entry(chunk, content):
    return json.dumps({"chunk": chunk, "sha256": sha256(content).hexdigest()})


def _left_by_a_kill():
    """Cases of `left_to_do`, by what is odd about them."""
    files = [b"zero", b"one", b"", b"three"]
    lines = [_entry(number, content) for number, content in enumerate(files)]
    return {
        "nothing was finished": (4, "", [None] * 4),
        "all was finished": (4, "\n".join(lines) + "\n", files),
        "the last line is torn": (4, "\n".join(lines)[:-20], files),
        "a line in the middle is damaged": (4, "\n".join([lines[0], "\x00\x00", *lines[2:]]), files),
        "a line is JSON of another kind": (4, "\n".join([lines[0], "17", '{"chunk": 1}', *lines[2:]]), files),
        "the file of an entry is gone": (4, "\n".join(lines), [b"zero", None, b"", b"three"]),
        "a file was changed": (4, "\n".join(lines), [b"zero", b"one", b"", b"thre3"]),
        "a file is there that was not entered": (4, "\n".join(lines[:3]), files),
        "a chunk was entered twice": (4, "\n".join([_entry(1, b"old"), *lines]), files),
        "the later entry is the wrong one": (4, "\n".join([*lines, _entry(1, b"old")]), files),
        "the chunks ended in another order": (4, "\n".join(reversed(lines)), files),
    }


@question(
    "batch_scoring.resume",
    title="After the power cut",
    points=4,
    hints=[
        "Read line by line, and let a line that `json.loads` refuses be as if it were not there.",
        "An entry alone proves nothing: compare the digest of the file with the one in the entry.",
        "A file alone proves nothing either: it may have been written without being entered.",
    ],
    mutants=[
        Mutant(
            "the journal is believed",
            replace=("if files[k] is not None and known.get(k) == sha256(files[k]).hexdigest()", "if k in known"),
        ),
        Mutant("files are believed", replace=("and known.get(k) == sha256(files[k]).hexdigest()", "")),
        Mutant("everything after a damaged line is lost", replace=("continue", "break")),
        Mutant("lines are counted", replace=("[k for k in range(n) if k not in stands]", "[*range(len(known), n)]")),
        Mutant(
            "the first entry counts",
            replace=('known[entry["chunk"]] = entry["sha256"]', 'known.setdefault(entry["chunk"], entry["sha256"])'),
        ),
        Mutant("an empty file is none", replace=("files[k] is not None", "files[k]")),
    ],
)
def after_the_power_cut(answer, key):
    with part(3, "`left_to_do` should hold for whatever a kill leaves behind"):
        for what, arguments in _left_by_a_kill().items():
            said, right = answer.call("left_to_do", *arguments), key.call("left_to_do", *arguments)
            mistake(
                isinstance(said, list) and set(right) - set(said),
                f"`left_to_do` leaves out a chunk that is not safe, when {what}: its rows would be lost",
            )
            mistake(
                isinstance(said, list) and set(said) - set(right),
                f"`left_to_do` does a chunk again that is safe, when {what}",
            )
            equal(said, right, f"`left_to_do` should be a sorted list of numbers, when {what}")
    with part(1, "`todo` is what is left of the supplied job"):
        equal(answer.read("todo"), key.read("todo"), "`todo` is wrong; which entries can be believed?")


@question(
    "batch_scoring.best",
    title="The best, chunk by chunk",
    points=3,
    hints=[
        "Keep the best `k` so far; with each chunk, put both together, sort, and cut.",
        "A sort key may be a tuple: minus the chance first, then the customer.",
        "The expected number of positives is a sum of chances.",
    ],
    mutants=[
        Mutant("ties as they come", replace=("key=lambda row: (-row[1], row[0])", "key=lambda row: -row[1]")),
        Mutant("ties the other way", replace=("key=lambda row: (-row[1], row[0])", "key=lambda row: (-row[1], -row[0])")),
        Mutant("the best of the last chunk", replace=("[*kept, *chunk]", "chunk")),
        Mutant("the first chunk is enough", replace=("for chunk in chunks:", "for chunk in chunks[:1]:")),
        Mutant("worst first", replace=("(-row[1], row[0])", "(row[1], row[0])")),
        Mutant("a mean, not a sum", replace=("expected = sum(", "expected = 1 / calls * sum(")),
    ],
)
def the_best(answer, key):
    ties = [[(5, 0.5), (3, 0.5)], [(4, 0.5), (9, 0.9)], [], [(1, 0.1)]]
    with part(2, "`best` should hold for chunks in any order"):
        for chunks in (ties, ties[::-1]):
            for k in (1, 3, 4, 9):
                said, right = answer.call("best", chunks, k), key.call("best", chunks, k)
                mistake(
                    isinstance(said, list) and sorted(said) == sorted(right) and said != right,
                    f"`best` has the right customers in another order for k = {k}; how are equal chances ordered?",
                )
                equal(said, right, f"`best` is wrong for k = {k} and {chunks}")
    with part(1, "`to_call` and `expected`"):
        equal(answer.read("to_call"), key.read("to_call"), "`to_call` should be the best of all chunks together")
        said, right = answer.read("expected"), key.read("expected")
        mistake(abs(said * 15 - right) < 1e-6, "`expected` is a mean chance; a number of customers is asked for")
        close(said, right, "`expected` should be the sum of the chances of those who are called", rtol=1e-6)
