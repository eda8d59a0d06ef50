"""Hidden questions on exercise 18: what must not be guessed. Never handed out."""

from __future__ import annotations

from datetime import date

from workbench.checks import Mutant, close, equal, question


@question(
    "data_governance.law_elsewhere",
    of="data_governance.law",
    title="Other firms",
    points=1,
    mutants=[
        Mutant("the amount only", replace=('max(LAW["fine_amount"], LAW["fine_share"] * turnover)',
                                              "2e7 if turnover < 6e8 else 4e7")),
        Mutant("two thresholds", replace=('        or firm["selling_share"] >= LAW["selling_share"]\n', "")),
        Mutant("one and a half months", replace=('received + timedelta(days=LAW["answer_days"])',
                                                 "date(received.year + received.month // 12, received.month % 12 + 1, 15)")),
    ],
)  # fmt: skip
def law_elsewhere(answer, key):
    for turnover in (499e6, 501e6, 3e9):
        close(
            answer.call("largest_fine", turnover),
            key.call("largest_fine", turnover),
            "`largest_fine` fails elsewhere",
            rtol=1e-9,
        )
    for numbers in ((5e7, 0, 0.0), (0, 250_000, 0.0), (0, 0, 1.0), (2e7, 90_000, 0.4)):
        firm = dict(zip(("revenue", "consumers", "selling_share"), numbers, strict=True))
        equal(answer.call("reached", firm), key.call("reached", firm), "`reached` fails for firms it was not shown")
    for day in (date(2026, 11, 17), date(2024, 2, 1), date(2025, 12, 31)):
        equal(answer.call("due", day), key.call("due", day), "`due` fails for days it was not shown")


@question(
    "data_governance.crowd_elsewhere",
    of="data_governance.crowd",
    title="Other tables",
    points=1,
    mutants=[
        Mutant(
            "always the known columns",
            replace=("tuple(row[name] for name in columns)", "tuple(row.get(name) for name in known)"),
        ),
        Mutant("always the illness", replace=("{row[secret] for row in group}", '{row.get("illness", 0) for row in group}')),
    ],
)
def crowd_elsewhere(answer, key):
    table = [{"a": n % 3, "b": n % 2, "c": n // 9, "s": n % 5 == 0} for n in range(30)]
    for columns in (["a"], ["a", "b"], ["a", "c"], ["c"], ["s"]):
        equal(
            answer.call("smallest_crowd", table, columns),
            key.call("smallest_crowd", table, columns),
            "`smallest_crowd` fails elsewhere",
        )
        equal(
            answer.call("given_away", table, columns, "s"),
            key.call("given_away", table, columns, "s"),
            "`given_away` fails elsewhere",
        )
    bands = {"a": 2, "c": 3}
    equal(answer.call("in_bands", table, bands), key.call("in_bands", table, bands), "`in_bands` fails elsewhere")


@question(
    "data_governance.retention_elsewhere",
    of="data_governance.retention",
    title="Other contracts",
    points=1,
    mutants=[
        Mutant("always three years", replace=("timedelta(days=days)", "timedelta(days=1_096)")),
        Mutant("one parent", replace=('all_of(model["parent"])', 'set(learnt_from[model["parent"]]["clients"])')),
        Mutant("always the task's holds", replace=('row["client"] not in holds\n', 'row["client"] not in {4, 9}\n')),
    ],
)
def retention_elsewhere(answer, key):
    contracts = [{"client": n % 7, "ended": date(2025, 1 + n % 12, 1 + n) if n % 5 else None} for n in range(28)]
    for today, days, holds in (
        (date(2025, 9, 1), 30, {3}),
        (date(2026, 2, 1), 200, set()),
        (date(2026, 2, 1), 0, {0, 1, 2, 5}),
    ):
        for name in ("due_rows", "forgotten"):
            equal(
                answer.call(name, contracts, today, days, holds),
                key.call(name, contracts, today, days, holds),
                f"`{name}` fails elsewhere",
            )
    models = {f"m{n}": {"clients": {n}, "parent": f"m{n - 1}" if n else None} for n in range(5)}
    for clients in ([0], [2], [4], [7]):
        equal(
            answer.call("to_retrain", clients, models),
            key.call("to_retrain", clients, models),
            "`to_retrain` fails elsewhere",
        )


@question(
    "data_governance.chain_elsewhere",
    of="data_governance.chain",
    title="Other logs",
    points=1,
    mutants=[
        Mutant(
            "the first entry is trusted",
            replace=('if each["previous"] != previous or', 'if place and each["previous"] != previous or'),
        ),
        Mutant("never longer", replace=("(len(log), previous) == tuple(head)", "len(log) >= head[0]")),
    ],
)
def chain_elsewhere(answer, key):
    log = key.call("chained", [f"event {n}" for n in range(9)])
    head = (9, log[-1]["hash"])
    variants = [
        log,
        log[1:],
        log[:1],
        log + log[-1:],
        [log[0] | {"previous": "f" * 64}, *log[1:]],
        [*log[:-1], log[-1] | {"hash": "f" * 64}],
    ]
    for variant in variants:
        equal(
            answer.call("first_bad", variant, head),
            key.call("first_bad", variant, head),
            "`first_bad` fails for logs it was not shown",
        )
    equal(
        answer.call("first_bad", log, (9, "0" * 64)),
        key.call("first_bad", log, (9, "0" * 64)),
        "`first_bad` fails for another head",
    )


@question(
    "data_governance.access_elsewhere",
    of="data_governance.access",
    title="Other grants",
    points=1,
    mutants=[
        Mutant(
            "the first grant that fits", replace=("    if any(column in", "    fitting = fitting[:1]\n    if any(column in")
        ),
        Mutant("names of the task", replace=("for role in roles", 'for role in ["analyst", "auditor", "desk"]')),
    ],
)
def access_elsewhere(answer, key):
    def grant(role, table, columns, masked=(), purposes=()):
        return {"role": role, "table": table, "columns": [*columns], "masked": [*masked], "purposes": [*purposes]}

    grants = [
        grant("x", "t", "a", "b", "p"),
        grant("x", "t", "b", "a", "q"),
        grant("x", "t", "c"),
        grant("y", "u", "a", "c", "pq"),
    ]
    for role in "xyz":
        for table in "tu":
            for column in "abc":
                for purpose in "pqr":
                    request = (role, table, column, purpose)
                    equal(
                        answer.call("decide", grants, *request),
                        key.call("decide", grants, *request),
                        "`decide` fails elsewhere",
                    )
    for secret in ([("t", "a"), ("t", "b")], [("t", "a"), ("t", "c")], [("t", "c")], [("u", "a")]):
        equal(answer.call("leaks", grants, secret), key.call("leaks", grants, secret), "`leaks` fails elsewhere")
