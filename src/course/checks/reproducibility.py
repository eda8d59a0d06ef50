"""Checks of exercise 05: reproducibility."""

from __future__ import annotations

from hashlib import sha256

from workbench.checks import Mutant, close, equal, mistake, part, question


@question(
    "reproducibility.seed",
    title="Same seed, same model?",
    points=2,
    hints=[
        "`random.Random(seed)` is a generator of its own; its method `random` is what `train` wants to call.",
        "Hash bytes, not text: `json.dumps(weights).encode()`. Then `hexdigest()`.",
    ],
    mutants=[
        Mutant("no seed", replace=("random.Random(seed).random", "random.random")),
        Mutant("the same seed whatever was asked", replace=("random.Random(seed)", "random.Random(42)")),
        Mutant("raw digest", replace=(".hexdigest()", ".digest().hex()[:32]")),
        Mutant("the comparisons swapped", replace=("new_seed = model_hash(42) == model_hash(43)", "new_seed = True")),
        Mutant("hash of the seed alone", replace=("json.dumps(weights)", "json.dumps(seed)")),
    ],
)
def seed(answer, key):
    with part(1, "`model_hash` should depend on the seed and on nothing else"):
        first, again = answer.call("model_hash", 7), answer.call("model_hash", 7)
        mistake(first != again, "`model_hash` differs between two calls with the same seed; what else does it draw from?")
        mistake(first == answer.call("model_hash", 8), "`model_hash` gives the same for seeds 7 and 8; is the seed used?")
        for number in (7, 42, 2**31):
            equal(
                answer.call("model_hash", number),
                key.call("model_hash", number),
                "`model_hash` is stable, but hashes something other than `json.dumps(weights)`, or in another form",
            )
    with part(1, "`same_seed` and `new_seed` are truth values"):
        one, again, other = (answer.call("model_hash", number) for number in (42, 42, 43))
        mistake(answer.read("same_seed") != (one == again), "`same_seed` is not what `model_hash` gives for seed 42, twice")
        mistake(answer.read("new_seed") != (one == other), "`new_seed` is not what `model_hash` gives for seeds 42 and 43")
        equal(answer.read("same_seed"), key.read("same_seed"), "`same_seed` compares the hashes of seed 42 and seed 42")
        equal(answer.read("new_seed"), key.read("new_seed"), "`new_seed` compares the hashes of seed 42 and seed 43")


@question(
    "reproducibility.leak",
    title="How large was the leak?",
    points=3,
    hints=[
        "pandas drops repeated rows with `drop_duplicates()`. The question is only when you call it.",
        "After: split first, then call it on each half. Before: call it once, then split.",
        "A difference of two accuracies is a fraction; a percentage point is a hundredth.",
    ],
    mutants=[
        Mutant("never dropped", replace=("one.drop_duplicates(), other.drop_duplicates()", "one, other")),
        Mutant(
            "only the training half",
            replace=("one.drop_duplicates(), other.drop_duplicates()", "one.drop_duplicates(), other"),
        ),
        Mutant("still after", replace=("halves(delivered.drop_duplicates())", "halves(delivered)")),
        Mutant("a fraction", replace=("100 * (after - before)", "after - before")),
        Mutant("the sign", replace=("100 * (after - before)", "100 * (before - after)")),
        Mutant("relative", replace=("story = 98 - 89", "story = 100 * (98 - 89) / 98")),
    ],
)
def leak(answer, key):
    with part(1, "`story` is a difference in percentage points"):
        mistake(abs(answer.read("story") - 100 * 9 / 98) < 0.1, "`story` is relative to 98 %; points are a plain difference")
        close(answer.read("story"), key.read("story"), "`story` is the drop from 98 % to 89 %")
    with part(1, "`after` and `before`"):
        after, before = answer.read("after"), answer.read("before")
        mistake(after == before, "`after` and `before` are equal; did both drop the duplicates at the same moment?")
        mistake(after > 1 or before > 1, "`after` and `before` are accuracies, fractions between 0 and 1")
        close(
            after,
            key.read("after"),
            "`after` drops the duplicates of each half by itself, in both halves, after the split",
            rtol=1e-6,
        )
        close(before, key.read("before"), "`before` drops the duplicates of the whole table, and then splits", rtol=1e-6)
    with part(1, "`leak` is `after` minus `before` in percentage points"):
        points, right = answer.read("leak"), key.read("leak")
        mistake(points < 0, "`leak` is negative; the leak is what the wrong order adds")
        mistake(abs(100 * points - right) < 0.01 * right, "`leak` is a fraction; percentage points are hundred times that")
        close(points, right, "`leak` is not the difference of the two accuracies", rtol=1e-6)


@question(
    "reproducibility.manifest",
    title="What changed?",
    points=2,
    hints=[
        "Make both manifests flat first: one dictionary from dotted name to value.",
        "Look at the names of both. An item that is absent is not the same as one that is None or empty.",
    ],
    mutants=[
        Mutant("only the names of the old one", replace=("for name in first | second", "for name in first")),
        Mutant("only items that both have", replace=("for name in first | second", "for name in first if name in second")),
        Mutant("absent is None", replace=("absent = object()", "absent = None")),
        Mutant(
            "groups, not items", replace=("first, second = flat(old), flat(new)", "first, second = dict(old), dict(new)")
        ),
        Mutant("in the order of the old manifest", replace=("return sorted(name for", "return list(name for")),
    ],
)
def manifest(answer, key):
    cases = [
        ({"python": "3.11", "packages": {"a": "1", "b": "2"}}, {"python": "3.11", "packages": {"a": "1", "b": "3"}}),
        ({"python": "3.11"}, {"python": "3.11"}),
        ({"os": "linux", "seeds": {"z": 1, "m": 2}}, {"os": "linux", "seeds": {"m": 2}}),
        ({"seeds": {"model": None}}, {"seeds": {}}),
        ({"b": {"y": 1, "x": 1}, "a": "1"}, {"b": {"y": 2, "x": 2}, "a": "2", "c": {"new": 0}}),
    ]
    with part(1, "`changed` should hold for any two manifests"):
        for old, new in cases:
            said, right = answer.call("changed", old, new), key.call("changed", old, new)
            mistake(
                any(name in old or name in new for name in said) and not set(said) & set(right) and bool(right),
                f"`changed` names a whole group for {old} and {new}; name the items inside, with a dot",
            )
            mistake(sorted(said) == right != list(said), "`changed` has the right names in another order")
            equal(list(said), right, f"`changed` is wrong for {old} and {new}; look at the names of both")
    with part(1, "`suspects` is the answer for `lab` and `laptop`"):
        equal(list(answer.read("suspects")), key.read("suspects"), "`suspects` misses an item or has one too many")


@question(
    "reproducibility.noise",
    title="How much is luck?",
    points=2,
    hints=[
        "The number of right answers is binomial: its variance is n p (1 - p). An accuracy is that number over n.",
        "Solve the formula for n, and round so that the promise still holds.",
    ],
    mutants=[
        Mutant("root forgotten", replace=("return sqrt(p * (1 - p) / n)", "return p * (1 - p) / n")),
        Mutant("sd of the count", replace=("sqrt(p * (1 - p) / n)", "sqrt(n * p * (1 - p))")),
        Mutant("rounded down", replace=("ceil(p * (1 - p) / sd**2)", "int(p * (1 - p) / sd**2)")),
        Mutant("sd not squared", replace=("/ sd**2", "/ sd")),
        Mutant("in points", replace=("sd = sd_of_accuracy(0.9, 1000)", "sd = 100 * sd_of_accuracy(0.9, 1000)")),
    ],
)
def noise(answer, key):
    with part(1, "`sd_of_accuracy` and `sd`"):
        for p, n in ((0.9, 500), (0.5, 10), (0.99, 12_345), (1.0, 8)):
            said, right = answer.call("sd_of_accuracy", p, n), key.call("sd_of_accuracy", p, n)
            mistake(right > 0 and abs(said - right**2) < 1e-9, "`sd_of_accuracy` gives the variance; the root is missing")
            mistake(
                right > 0 and abs(said / n - right) < 1e-6,
                "`sd_of_accuracy` is that of the number of right answers, not the share",
            )
            close(said, right, f"`sd_of_accuracy` is wrong for p={p}, n={n}", rtol=1e-6)
        close(answer.read("sd"), key.read("sd"), "`sd` is a fraction, for 90 % on 1,000 rows", rtol=0.01)
    with part(1, "`rows_needed` should keep the promise with as few rows as possible"):
        for p, sd in ((0.92, 0.006), (0.5, 0.013), (0.87, 0.0017)):
            said, right = answer.call("rows_needed", p, sd), key.call("rows_needed", p, sd)
            mistake(said == right - 1, "`rows_needed` rounds down, and then the sd is just above the limit")
            equal(said, right, f"`rows_needed` is wrong for p={p}, sd={sd}")


@question(
    "reproducibility.shared",
    title="Which rows are on both sides?",
    points=2,
    hints=[
        "A row as a tuple can be put into a set. `itertuples(index=False, name=None)` gives such tuples.",
        "Count over the rows of `test`; ask for each whether it is known.",
    ],
    mutants=[
        Mutant("different rows counted once", replace=("in test.itertuples(", "in test.drop_duplicates().itertuples(")),
        Mutant("the first column only", replace=("row in known for row", "row[0] in {r[0] for r in known} for row")),
        Mutant(
            "counted in the training rows",
            code="def count_shared(train, test):\n"
            "    known = set(test.itertuples(index=False, name=None))\n"
            "    return sum(row in known for row in train.itertuples(index=False, name=None))\n\n\n"
            "shared = count_shared(train_rows, test_rows)",
        ),
        Mutant("repetitions inside the test rows", code=(
            "def count_shared(train, test):\n    return int(test.duplicated().sum())\n\n\n"
            "shared = count_shared(train_rows, test_rows)"
        )),
    ],
)  # fmt: skip
def shared(answer, key):
    import pandas as pd

    columns = ["client", "amount", "bad"]
    cases = [
        ([(1, 10, 0), (2, 20, 1)], [(1, 10, 0), (1, 10, 1), (2, 20, 1), (2, 20, 1)]),
        ([(1, 10, 0), (1, 10, 0), (3, 30, 1)], [(1, 10, 0), (4, 40, 0)]),
        ([(1, 10, 0)], [(5, 50, 1), (5, 50, 1), (10, 1, 0)]),
    ]
    with part(1, "`count_shared` should hold for any split"):
        for train, test in cases:
            frames = [pd.DataFrame(rows, columns=columns) for rows in (train, test)]
            said, right = answer.call("count_shared", *frames), key.call("count_shared", *frames)
            mistake(
                said == len(set(train) & set(test)) != right,
                "`count_shared` counts different rows; a row that stands twice in `test` counts twice",
            )
            equal(said, right, f"`count_shared` is wrong for training rows {train} and test rows {test}")
    with part(1, "`shared` counts the rows of the supplied split"):
        equal(answer.read("shared"), key.read("shared"), "`shared` is not the number of test rows that stand in both")


def _is_digest(value):
    return isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")


def _told_apart(who, one, other):
    """Whether `who` gives two tables different digests."""
    return who.call("table_digest", one) != who.call("table_digest", other)


@question(
    "reproducibility.digest",
    title="A digest you can rely on",
    points=3,
    hints=[
        "What is hashed must say where a name ends and a value begins. A format does that for you.",
        "`json.dumps` has an argument that puts the keys in order.",
    ],
    mutants=[
        Mutant("columns as they come", replace=(", sort_keys=True", "")),
        Mutant("rows sorted too", replace=("json.dumps(rows,", "json.dumps(sorted(rows, key=str),")),
        Mutant(
            "glued together",
            replace=(
                "json.dumps(rows, sort_keys=True)",
                '"".join(name + row[name] for row in rows for name in sorted(row))',
            ),
        ),
        Mutant(
            "values without their columns",
            replace=("json.dumps(rows, sort_keys=True)", "json.dumps([[row[key] for key in sorted(row)] for row in rows])"),
        ),
        Mutant("Python's own hash", replace=("return sha256(text.encode(\"utf-8\")).hexdigest()", "return hash(text)")),
    ],
)  # fmt: skip
def digest(answer, key):
    base = [{"name": "Ada", "town": "Rome"}, {"name": "Bo", "town": "Oslo"}]
    turned = [{"town": "Rome", "name": "Ada"}, {"name": "Bo", "town": "Oslo"}]
    shape = "`table_digest` should return 64 hexadecimal digits as text"
    same = "`table_digest` stays the same when"
    with part(1, "`table_digest` should not depend on the order of columns"):
        mistake(not _is_digest(answer.call("table_digest", base)), shape)
        mistake(_told_apart(answer, base, base), "`table_digest` differs between two calls with the same rows")
        equal(
            _told_apart(answer, base, turned),
            _told_apart(key, base, turned),
            "`table_digest` changes when the columns of a row come in another order",
        )
    with part(1, "`table_digest` should notice the order of rows and a changed value"):
        mistake(not _is_digest(answer.call("table_digest", base)), shape)
        for other, what in [
            (base[::-1], "the rows come in another order"),
            ([base[0], {"name": "Bo", "town": "Oslø"}], "a value changes"),
            (base[:1], "a row is left out"),
        ]:
            equal(_told_apart(answer, base, other), _told_apart(key, base, other), f"{same} {what}")
    with part(1, "`table_digest` should tell apart tables that use the same letters"):
        mistake(not _is_digest(answer.call("table_digest", base)), shape)
        for one, other, what in [
            ([{"a": "xy", "b": "z"}], [{"a": "x", "b": "yz"}], "the letters are divided up in another way between values"),
            ([{"a": "x"}], [{"ax": ""}], "a letter moves from a value into the column's name"),
            ([{"a": "x"}], [{"b": "x"}], "a value stands in another column"),
            ([{"a": "x", "b": "y"}], [{"a": "x"}, {"b": "y"}], "one row becomes two"),
        ]:
            equal(
                _told_apart(answer, one, other),
                _told_apart(key, one, other),
                f"{same} {what}: {one} and {other}",
            )


@question(
    "reproducibility.verify",
    title="Has anybody touched the bundle?",
    points=3,
    hints=[
        "Three loops in thought: names only in `recorded`, names only in `files`, names in both.",
        "For names in both, hash the bytes that arrived and compare with the record. Never the other way round.",
    ],
    mutants=[
        Mutant("additions pass", replace=('found[name] = "added"', "continue")),
        Mutant("absences pass", replace=('{name: "missing" for name in recorded if name not in files}', "{}")),
        Mutant("only whether the names agree", replace=("sha256(content).hexdigest() != recorded[name]", "False")),
        Mutant("empty files are taken for missing", replace=("if name not in files}", "if not files.get(name)}")),
        Mutant("names, not reasons", replace=("return found", "return sorted(found)")),
    ],
)
def verify(answer, key):
    intact = {"model.json": b'{"trees": 100}', "config.json": b'{"seed": 5}', "notes.txt": b""}
    record = {name: sha256(content).hexdigest() for name, content in intact.items()}
    with part(1, "`faults` should pass a bundle that is in order"):
        said = answer.call("faults", record, intact)
        mistake(not isinstance(said, dict), "`faults` should return a dictionary from name to fault")
        equal(
            said,
            key.call("faults", record, intact),
            "`faults` finds something in a bundle that is in order; empty files are files",
        )
    with part(1, "`faults` should find a changed file"):
        for name in ("model.json", "notes.txt"):
            touched = intact | {name: intact[name] + b" "}
            equal(
                answer.call("faults", record, touched),
                key.call("faults", record, touched),
                f"`faults` is wrong when `{name}` was changed by one blank",
            )
    with part(1, "`faults` should find what is missing and what was added"):
        less = {name: content for name, content in intact.items() if name != "config.json"}
        for what, arrived in {
            "a file is missing": less,
            "a file was added": intact | {"run_me.sh": b"echo"},
            "a file was renamed": less | {"config.yaml": intact["config.json"]},
            "nothing arrived": {},
        }.items():
            equal(
                answer.call("faults", record, arrived),
                key.call("faults", record, arrived),
                f"`faults` is wrong when {what}",
            )
