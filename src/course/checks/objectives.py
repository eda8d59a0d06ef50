"""Checks of exercise 01: objectives."""

from __future__ import annotations

from typing import Any

from workbench.checks import Mutant, close, equal, is_number, manual, mistake, near, part, question

FRAUD = 492 / 284_807
CALM = {
    "prevalence": 0.3,
    "recall": 0.8,
    "precision": 0.7,
    "fpr": 0.1,
    "per_second": 2,
    "unit_cost": 0.001,
    "budget": 6_000,
    "availability": 0.98,
    "parts": [0.995, 0.99],
    "latency_ms": 100,
    "steps_ms": [40, 35, 20],
    "accuracy": 0.75,
}
# One change each that makes two fields quarrel, and two that only come near it.
TROUBLES = [
    {"fpr": 0.2},
    {"unit_cost": 0.0013},
    {"availability": 0.989},
    {"latency_ms": 94},
    {"accuracy": 0.65},
    {"prevalence": 0.8, "accuracy": 0.79},
    {"fpr": 0.14},
    {"unit_cost": 0.0011},
]
ONLY_ABSENT = """
def missing(draft):
    return [element for element in elements if element not in draft]


gaps = missing(draft)
"""
STRANGE_KEYS = """
def missing(draft):
    return sorted(set(draft) - set(elements))


gaps = missing(draft)
"""
ONLY_SUPPLIED = """
names = [("precision", "fpr"), ("unit_cost", "budget"), ("availability", "parts"), ("latency_ms", "steps_ms")]
quarrels = [[*names, ("accuracy", "prevalence")][i] for i in sorted(broken)]


def conflicts(charter):
    return quarrels
"""


@question(
    "objectives.precision",
    title="How many alerts are right?",
    points=2,
    hints=[
        "Imagine a million payments. How many of the frauds raise an alert, and how many of the honest payments?",
        "Precision divides the right alerts by all alerts: prevalence·recall, and (1 − prevalence)·fpr.",
    ],
    mutants=[
        Mutant("recall returned as precision", replace=("return hits / (hits + false_alarms)", "return recall")),
        Mutant("prevalence ignored", replace=("hits / (hits + false_alarms)", "recall / (recall + fpr)")),
        Mutant("in percent", replace=("return hits", "return 100 * hits")),
        Mutant("the false share", replace=("return hits /", "return false_alarms /")),
        Mutant(
            "arguments swapped",
            replace=("def precision_at(prevalence, recall, fpr)", "def precision_at(fpr, recall, prevalence)"),
        ),
        Mutant("negatives not weighted", replace=("(1 - prevalence) * fpr", "fpr * prevalence")),
    ],
)
def alerts_that_are_right(answer, key):
    with part(1, "`precision_at` should hold for any prevalence, recall and false-positive rate"):
        for arguments in [(0.5, 0.9, 0.1), (0.01, 0.8, 0.05), (0.2212, 0.6, 0.25)]:
            said = answer.call("precision_at", *arguments)
            _fraction(said, "`precision_at`")
            close(said, key.call("precision_at", *arguments), "`precision_at` is the right alerts among all alerts")
    with part(1, "`case_a` is one number, a fraction"):
        said = answer.read("case_a")
        _fraction(said, "`case_a`")
        mistake(near(said, 0.95), "`case_a` is the recall: the share of frauds found, not of alerts that are right")
        mistake(near(said, 0.95 / 0.97), "`case_a` forgets that honest payments are far more common than fraud")
        close(said, key.read("case_a"), "`case_a` should weigh both kinds of payment by how common they are")


@question(
    "objectives.needed_fpr",
    title="The other way round",
    points=2,
    hints=[
        "Write down the formula for precision and solve it for the false-positive rate.",
        "The false alarms may be (1/precision − 1) for each right alert. Spread them over the honest payments.",
    ],
    mutants=[
        Mutant(
            "share instead of odds", replace=("recall * odds * (1 / precision - 1)", "recall * prevalence * (1 - precision)")
        ),
        Mutant("not spread over the honest", replace=("recall * odds *", "recall * (1 - prevalence) *")),
        Mutant(
            "precision and recall swapped", replace=("(prevalence, recall, precision)", "(prevalence, precision, recall)")
        ),
        Mutant("recall forgotten", replace=("return recall * odds", "return odds")),
        Mutant("in percent", replace=("return recall * odds", "return 100 * recall * odds")),
    ],
)
def needed_false_positive_rate(answer, key):
    with part(1, "`fpr_for` should hold for any prevalence, recall and precision"):
        for arguments in [(0.3, 0.8, 0.5), (0.5, 0.6, 0.9), (0.01, 0.95, 0.25)]:
            said = answer.call("fpr_for", *arguments)
            _fraction(said, "`fpr_for`")
            close(said, key.call("fpr_for", *arguments), "`fpr_for` should give back the precision that it was asked for")
    with part(1, "`needed_fpr` is a very small fraction"):
        said = answer.read("needed_fpr")
        mistake(near(said, 0.95 * FRAUD / (1 - FRAUD) * (1 / 0.90 - 1)), "`needed_fpr` has precision and recall swapped")
        close(said, key.read("needed_fpr"), "`needed_fpr` should leave one false alert for 19 right ones")


@question(
    "objectives.bill",
    title="The monthly bill",
    points=2,
    hints=["How many seconds does a day have?", "Requests in the month times dollars a request; the rate is steady."],
    mutants=[
        Mutant("a day only", replace=(" * days", "")),
        Mutant("minutes, not seconds", replace=("60 * 60 * 24", "60 * 24")),
        Mutant("a twelfth of a year", replace=("24 * days", "24 * 365 / 12")),
        Mutant("in cents", replace=("return unit_cost", "return 100 * unit_cost")),
        Mutant("bill of a day", replace=("bill = monthly_cost(cent, 10_000, 30)", "bill = monthly_cost(cent, 10_000, 1)")),
    ],
)
def monthly_bill(answer, key):
    with part(1, "`monthly_cost` should hold for any price, rate and number of days"):
        for arguments in [(0.5, 1, 30), (0.002, 700, 28), (0.01, 12, 31)]:
            said, right = answer.call("monthly_cost", *arguments), key.call("monthly_cost", *arguments)
            mistake(near(said, right / 60), "`monthly_cost` counts minutes; the rate is per second")
            mistake(near(said, right / arguments[2]), "`monthly_cost` is the cost of one day")
            close(said, right, "`monthly_cost` is the price times the requests of the month", rtol=1e-3)
    with part(1, "`bill` is in dollars"):
        said, right = answer.read("bill"), key.read("bill")
        mistake(near(said, right * 365 / 360), "`bill` takes a twelfth of a year; the question says 30 days")
        close(said, right, "`bill` is for 30 days at full rate")


@question(
    "objectives.downtime",
    title="Minutes of silence",
    points=2,
    hints=["What share of the time may the service be down?", "30 days have 30 × 24 × 60 minutes."],
    mutants=[
        Mutant("time up", replace=("(1 - availability)", "availability")),
        Mutant("in hours", replace=(" * 24 * 60", " * 24")),
        Mutant("in seconds", replace=(" * 24 * 60", " * 24 * 60 * 60")),
        Mutant("percent as it stands", replace=("(1 - availability)", "(100 - 100 * availability)")),
        Mutant("a twelfth of a year", replace=("promise / 100, 30", "promise / 100, 365 / 12")),
    ],
)
def minutes_of_silence(answer, key):
    with part(1, "`downtime` takes a fraction and gives minutes"):
        for arguments in [(0.99, 30), (0.999, 7), (0.95, 365)]:
            said, right = answer.call("downtime", *arguments), key.call("downtime", *arguments)
            mistake(near(said, right / 60), "`downtime` is in hours; minutes were asked for")
            close(said, right, "`downtime` is the share of time *not* promised, in minutes", rtol=1e-3)
    with part(1, "`allowed` is in minutes"):
        close(answer.read("allowed"), key.read("allowed"), "`allowed` is for 99.99 % of exactly 30 days")


@question(
    "objectives.year_one",
    title="Year one",
    points=2,
    hints=[
        "Which amounts return each month, and how often in a year?",
        "Set-up once, plus twelve times the sum of the list.",
    ],
    mutants=[
        Mutant("set-up forgotten", replace=("once + 12 * sum(monthly)", "12 * sum(monthly)")),
        Mutant("set-up every month", replace=("once + 12 * sum(monthly)", "12 * (once + sum(monthly))")),
        Mutant("training forgotten", replace=("sum(monthly)", "monthly[0]")),
        Mutant("one month only", replace=("12 * sum(monthly)", "sum(monthly)")),
    ],
)
def first_year(answer, key):
    with part(1, "`year_one` should hold for any list of monthly amounts"):
        for once, monthly in [(0, [10]), (500, [1, 2, 3]), (70_000, [0, 2_500])]:
            said, right = answer.call("year_one", once, monthly), key.call("year_one", once, monthly)
            mistake(said == right - once != right, "`year_one` forgets what is paid once")
            close(said, right, "`year_one` adds what is paid once and twelve months of the list", rtol=1e-6)
    with part(1, "`spend` is for case A"):
        said, right = answer.read("spend"), key.read("spend")
        mistake(said == 12 * 125_000, "`spend` pays for development each month")
        mistake(said == 100_000 + 12 * 20_000, "`spend` leaves the training compute out")
        close(said, right, "`spend` is one development and twelve months of both running costs", rtol=1e-6)


@question(
    "objectives.missing",
    title="What is missing?",
    points=2,
    hints=[
        "Go through the elements in order, not through the draft.",
        "`draft.get(element)` gives `None` for what is not there. What does `strip` do to a text of spaces?",
    ],
    mutants=[
        Mutant("only absent keys", code=ONLY_ABSENT),
        Mutant("spaces count as filled", replace=("value = value.strip()", "pass")),
        Mutant("alphabetical", replace=("return gaps", "return sorted(gaps)")),
        Mutant("lists what is there", replace=("if not value:", "if value:")),
        Mutant("the strange keys", code=STRANGE_KEYS),
    ],
)
def what_is_missing(answer, key):
    drafts = [
        {},
        {"business goal": "g", "performance target": "p", "technical need": "t", "cost limit": "c", "KPI": ["k"]},
        {"cost limit": None, "KPI": ["latency"], "business goal": "", "technical need": "REST"},
        {"business goal": "g", "performance target": " \n", "owner": "me", "KPI": []},
    ]
    with part(1, "`missing` should hold for any draft"):
        for draft in drafts:
            said, right = answer.call("missing", draft), key.call("missing", draft)
            shuffled = isinstance(said, list) and said != right and sorted(map(str, said)) == sorted(right)
            mistake(shuffled, "`missing` is not in the order of the elements")
            equal(said, right, "`missing` lists each element that is absent, `None` or empty, and no other")
    with part(1, "`gaps` are those of the supplied draft"):
        equal(answer.read("gaps"), key.read("gaps"), "`gaps` should list every element without content")


@question(
    "objectives.rate",
    title="What does the budget carry?",
    points=2,
    hints=[
        "What is left after the machines are paid, and how many requests does that buy?",
        "Divide by the seconds of 30 days and round down: one request more a second would not be paid for.",
    ],
    mutants=[
        Mutant("fixed cost forgotten", replace=("budget - fixed)", "budget)")),
        Mutant("not whole", replace=("int(left / unit_cost // (86_400 * 30))", "left / unit_cost / (86_400 * 30)")),
        Mutant(
            "rounded up", replace=("int(left / unit_cost // (86_400 * 30))", "int(left / unit_cost // (86_400 * 30)) + 1")
        ),
        Mutant("per minute", replace=("86_400", "1_440")),
        Mutant("negative rate", replace=("max(0, budget - fixed)", "budget - fixed")),
        Mutant("one day", replace=("86_400 * 30", "86_400")),
    ],
)
def what_the_budget_carries(answer, key):
    with part(1, "`largest_rate` is a whole number of requests a second"):
        for arguments in [(10_000, 1_000, 0.0001), (500, 499, 0.000_000_07), (2_000, 2_500, 0.01), (90_000, 0, 0.002)]:
            said, right = answer.call("largest_rate", *arguments), key.call("largest_rate", *arguments)
            mistake(is_number(said) and said < 0, "`largest_rate` is below 0 where the fixed cost eats the budget")
            mistake(said == right + 1, "`largest_rate` is one too many: at that rate the month costs more than is left")
            mistake(is_number(said) and said % 1 != 0, "`largest_rate` should be whole, rounded down")
            equal(said, right, "`largest_rate` spends what the fixed cost leaves, over the seconds of 30 days")
    with part(1, "`sustained` is for the supplied budget"):
        equal(answer.read("sustained"), key.read("sustained"), "`sustained` should use the supplied figures")


@question(
    "objectives.conflicts",
    title="Which targets quarrel?",
    points=4,
    hints=[
        "Treat the five rows of the table one at a time; each is one comparison.",
        "A service that needs all of its parts is up only when each of them is: what is the chance of that?",
        "The constant answer is right for the commoner class, which need not be the negative one.",
    ],
    mutants=[
        Mutant("weakest part only", replace=("prod(charter", "min(charter")),
        Mutant("slowest step only", replace=("sum(charter", "max(charter")),
        Mutant("positive is always rare", replace=("max(prevalence, 1 - prevalence)", "1 - prevalence")),
        Mutant("prevalence forgotten", replace=('prevalence * charter["recall"], (1 - prevalence)', 'charter["recall"], 1')),
        Mutant("a day's bill", replace=("86_400 * 30", "86_400")),
        Mutant("pairs turned round", replace=("return [pair for", "return [pair[::-1] for")),
        Mutant("only the supplied charter", code=ONLY_SUPPLIED),
    ],
)
def targets_that_quarrel(answer, key):
    with part(1, "`conflicts` should find nothing where all holds together"):
        equal(answer.call("conflicts", CALM), key.call("conflicts", CALM), "`conflicts` sees a quarrel in a calm charter")
    with part(2, "`conflicts` should find each of the five kinds"):
        for change in TROUBLES:
            charter = {**CALM, **change}
            said, right = answer.call("conflicts", charter), key.call("conflicts", charter)
            changed = " and ".join(f"`{name}`" for name in change)
            turned = isinstance(said, list) and right and said == [pair[::-1] for pair in right]
            mistake(turned, "`conflicts` has its pairs the wrong way round")
            equal(said, right, f"`conflicts` is wrong for a charter that differs from a calm one in {changed}")
    with part(1, "`quarrels` are those of the supplied charter"):
        said = answer.read("quarrels")
        mistake(isinstance(said, list) and len(said) != 3, "`quarrels` should hold three pairs")
        equal(said, key.read("quarrels"), "`quarrels` should be the pairs in conflict, in the order of the table")


send_back = manual(
    "objectives.send_back",
    title="A target to send back",
    criteria=[
        ("shows with the given counts how the accuracy target is met without any use", 1),
        ("replaces it by a target that staying silent, or alarming always, cannot meet", 1),
        ("asks what would turn “real time” into a number", 1),
    ],
    hints=[
        "Imagine a detector that never raises an alert. How often is it right?",
        "Which two rates does Question 1 tie together? What does a false alarm cost the bank?",
    ],
)


def _fraction(value: Any, name: str) -> None:
    mistake(is_number(value) and value > 1, f"{name} is above 1; write a fraction, not a percentage")
