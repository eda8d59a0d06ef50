"""Hidden questions on exercise 22: what must not be guessed. Never handed out."""

from __future__ import annotations

from workbench.checks import Mutant, close, equal, question

SHOPS = {
    "s1": ["ink", "pens"],
    "s2": ["ink", "pens", "tape"],
    "s3": ["ink", "paper"],
    "s4": ["paper", "tape"],
    "s5": ["paper", "pens", "clips"],
    "s6": ["clips"],
    "s7": ["safe"],
}


@question(
    "recommendation.top_elsewhere",
    of="recommendation.top",
    title="Other customers",
    points=1,
    mutants=[
        Mutant("always the supplied baskets", replace=("in baskets.items() if product",
                                                       "in globals()['baskets'].items() if product")),
        Mutant("the first product counts", replace=("for mine in owned)", "for mine in owned[:1])")),
    ],
)  # fmt: skip
def top_elsewhere(answer, key):
    for customer in SHOPS:
        for n in (1, 4):
            said, right = answer.call("top", SHOPS, customer, n), key.call("top", SHOPS, customer, n)
            equal(list(said) if isinstance(said, tuple) else said, right, "`top` fails for customers it was not shown")


@question(
    "recommendation.schema_elsewhere",
    of="recommendation.schema",
    title="Another firm",
    points=1,
    mutants=[
        Mutant("always cents", replace=('line["amount"] * factor', 'line["amount"] * 0.01')),
        Mutant("what is missing at these three", replace=(
            "return [field for field in REQUIRED if mapping.get(field) not in columns]",
            "return [f for f in REQUIRED if mapping.get(f) not in columns and f != 'customer']")),
    ],
)  # fmt: skip
def schema_elsewhere(answer, key):
    mapping = {"amount": "eur_k", "customer": "firm", "day": "when", "product": "what", "quantity": "n"}
    for columns in (["what", "n"], ["firm", "eur_k", "when", "what"], ["eur_k", "firm"]):
        said, right = answer.call("missing", columns, mapping), key.call("missing", columns, mapping)
        equal(list(said) if isinstance(said, tuple) else said, right, "`missing` fails for a firm it was not shown")
    rows = [{"firm": "F", "what": "bolts", "when": "2025-01-05", "eur_k": 1.5, "n": 40, "note": ""}]
    said, right = answer.call("universal", rows, mapping, 1000.0), key.call("universal", rows, mapping, 1000.0)
    close(said[0]["amount"], right[0]["amount"], "`universal` fails for a firm it was not shown", rtol=1e-9)
    equal(said[0]["quantity"], right[0]["quantity"], "`universal` fails for a firm it was not shown")


@question(
    "recommendation.alarms_elsewhere",
    of="recommendation.alarms",
    title="Other months",
    points=1,
    mutants=[
        Mutant("always 60 tests", replace=("k = len(ordered)", "k = 60")),
        Mutant("always at 5 %", replace=("p <= level * rank / k]", "p <= 0.05 * rank / k]")),
    ],
)
def alarms_elsewhere(answer, key):
    months = [[0.011, 0.02, 0.09, 0.6], [0.001 * k for k in range(1, 90)], [0.5], [0.03, 0.06, 0.06, 0.07, 0.08]]
    for values in months:
        given = {f"m{k}": p for k, p in enumerate(values)}
        for level in (0.01, 0.1):
            said, right = answer.call("discoveries", given, level), key.call("discoveries", given, level)
            said = list(said) if isinstance(said, tuple) else said
            equal(said, right, "`discoveries` fails for p-values it was not shown")
