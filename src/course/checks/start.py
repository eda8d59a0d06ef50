"""Checks of exercise 00: the lifecycle, and one release of a model."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from workbench.checks import Mutant, close, equal, is_number, mistake, part, question

_COMPONENTS = {"development", "deployment", "monitoring", "iteration", "governance"}


@question(
    "start.order",
    title="The five components",
    points=1,
    hints=[
        "Their initials are D-D-M-I-G.",
        "You cannot watch what does not run, and you do not replace what you have not watched.",
    ],
    mutants=[
        Mutant("monitoring before deployment", replace=('"deployment", "monitoring"', '"monitoring", "deployment"')),
        Mutant("left as supplied", code="components = shuffled"),
        Mutant("one forgotten", replace=(', "governance"]', "]")),
        Mutant("a word, not a list", code='components = "development"'),
    ],
)
def order_of_the_components(answer, key):
    components = answer.read("components")
    if isinstance(components, list | tuple) and all(isinstance(name, str) for name in components):
        mistake(_COMPONENTS - set(components), "`components` lacks at least one of the five, or spells it another way")
        mistake(components[-1] != "governance", "`components` should end with governance, which runs beside the others")
        mistake(
            components.index("monitoring") < components.index("deployment"),
            "`components` has monitoring before deployment: what does not run yet cannot be watched",
        )
    equal(components, key.read("components"), "`components` is not in the order of the lifecycle")


@question(
    "start.place",
    title="Whose work is it?",
    points=2,
    hints=[
        "The second table of the lesson lists the activities of each component.",
        "Two of the six belong to one and the same component, and one component comes with CI/CD.",
    ],
    mutants=[
        Mutant("sign-off is deployment", replace=('activities[1]: "governance"', 'activities[1]: "deployment"')),
        Mutant("drift is iteration", replace=('activities[2]: "monitoring"', 'activities[2]: "iteration"')),
        Mutant("CI/CD is development", replace=('activities[0]: "deployment"', 'activities[0]: "development"')),
        Mutant("the other way round", code="place = {'governance': activities[1]}"),
    ],
)
def whose_work(answer, key):
    place, activities = answer.read("place"), key.read("activities")
    if isinstance(place, dict):
        mistake(not set(place) & set(activities), "`place` should have the six activities as its keys, spelled as supplied")
        for activity in activities:
            mistake(activity not in place, f"`place` says nothing about: {activity}")
            mistake(place.get(activity) not in _COMPONENTS, f"`place` maps this to no component: {activity}")
        mistake(
            place[activities[0]] == "development",
            "`place`: CI/CD brings changes into production, which is more than to develop them",
        )
        mistake(
            place[activities[1]] == "deployment",
            "`place`: a sign-off comes before a release, but the person who signs is not the one who releases",
        )
        mistake(place[activities[2]] == "iteration", "`place`: to notice a change is one thing, to act on it is the next")
    equal(place, key.read("place"), "`place` puts at least one activity into the wrong component")


@question(
    "start.loss",
    title="What was lost?",
    points=2,
    hints=[
        "Percentage points are a plain difference, nothing is divided.",
        "The inputs are fractions. How many points lie between 0 and 1?",
    ],
    mutants=[
        Mutant("relative loss", replace=("100 * (before - after)", "100 * (before - after) / before")),
        Mutant("a fraction", replace=("100 * (before - after)", "before - after")),
        Mutant("a gain counted as a loss", replace=("100 * (before - after)", "100 * abs(before - after)")),
        Mutant("the wrong way round", replace=("points_lost(january, november)", "points_lost(november, january)")),
        Mutant("only the number", code="loss = 14.0"),
    ],
)
def points_that_were_lost(answer, key):
    with part(1, "`loss` is the plain difference, in percentage points"):
        loss = answer.read("loss")
        if is_number(loss):
            mistake(0 < loss < 1, "`loss` is a fraction; in percentage points it is a hundred times as large")
            mistake(15 < loss < 16, "`loss` is relative to January; percentage points are the plain difference")
            mistake(loss < 0, "`loss` is negative; a loss counts from the earlier value down to the later one")
        close(loss, key.read("loss"), "`loss` is the difference between the two months, in percentage points", rtol=1e-6)
    with part(1, "`points_lost` works for any two accuracies"):
        for before, after in ((0.9, 0.7), (0.655, 0.6), (0.5, 0.0)):
            close(
                answer.call("points_lost", before, after),
                key.call("points_lost", before, after),
                "`points_lost` is the plain difference, in percentage points",
                rtol=1e-6,
            )
        close(
            answer.call("points_lost", 0.6, 0.7),
            key.call("points_lost", 0.6, 0.7),
            "`points_lost` should be negative when accuracy rose",
            rtol=1e-6,
        )


_PROBE = np.round(np.random.default_rng(0).normal(size=(40, 4)), 3)


@question(
    "start.reload",
    title="Is it still the same model?",
    points=3,
    hints=[
        "`hashlib.sha256(...)` takes bytes; `first.read_bytes()` has them; `.hexdigest()` gives the 64 digits.",
        "Load with `reloaded = XGBClassifier()` and `reloaded.load_model(first)`, then save it to `second`.",
    ],
    mutants=[
        Mutant("hash of the file's name", replace=("sha256(first.read_bytes())", "sha256(str(first).encode())")),
        Mutant("md5", replace=("from hashlib import sha256", "from hashlib import md5 as sha256")),
        Mutant(
            "never saved again",
            replace=("reloaded.save_model(second)\nreload_hash = sha256(second", "reload_hash = sha256(first"),
        ),
        Mutant("another model reloaded", replace=("reloaded.load_model(first)", "reloaded.fit(rows[:200], answers[:200])")),
        Mutant("equal as text", replace=("equal = saved_hash == reload_hash", 'equal = "True"')),
    ],
)
def the_same_model(answer, key):
    with part(1, "`saved_hash` is the SHA-256 of the file `first`"):
        saved = answer.read("saved_hash")
        _hexadecimal(saved, "saved_hash")
        first, _ = answer.call("on_disk")
        mistake(first == "", "the file `first` does not exist: save `model` there")
        equal(saved, first, "`saved_hash` is not the SHA-256 of what is in the file `first`")
    with part(1, "`reloaded` is the saved model"):
        mine = answer.call("reloaded.predict_proba", _PROBE)
        close(mine, answer.call("model.predict_proba", _PROBE), "`reloaded` does not give the scores of `model`", rtol=1e-5)
    with part(1, "`reload_hash` is the SHA-256 of the file `second`, and `equal` compares the two"):
        again = answer.read("reload_hash")
        _hexadecimal(again, "reload_hash")
        _, second = answer.call("on_disk")
        mistake(second == "", "the file `second` does not exist: save `reloaded` there, do not hash `first` twice")
        equal(again, second, "`reload_hash` is not the SHA-256 of what is in the file `second`")
        equal(answer.read("equal"), key.read("equal"), "`equal` says whether the two hashes agree")


def _hexadecimal(value, name):
    mistake(isinstance(value, bytes), f"`{name}` is made of bytes; ask for the hexadecimal digits")
    if isinstance(value, str):
        mistake(len(value) == 32, f"`{name}` has 32 digits, as of another, older hash")
        mistake(len(value) != 64, f"`{name}` should have 64 hexadecimal digits")


def _log(*entries):
    month, predicted, truth = zip(*entries, strict=True)
    return pd.DataFrame({"month": list(month), "predicted": list(predicted), "truth": [float(value) for value in truth]})


_NONE = float("nan")
_UNORDERED = _log(
    ("2024-03", 1, 0), ("2024-01", 1, 1), ("2024-02", 0, 1), ("2024-01", 0, 0), ("2024-02", 1, 0), ("2024-03", 1, 0)
)
_WAITING = _log(("2024-01", 1, _NONE), ("2024-01", 1, 1), ("2024-02", 1, 1), ("2024-02", 0, 0), ("2024-03", 1, 0))
_EMPTY_MONTH = _log(("2024-01", 1, _NONE), ("2024-01", 0, _NONE), ("2024-02", 1, 0), ("2024-03", 1, 1))


@question(
    "start.alarm",
    title="Call somebody",
    points=3,
    hints=[
        '`log.dropna(subset=["truth"])` keeps the rows whose truth is known.',
        "The mean of `predicted == truth` is an accuracy; `groupby` gives one for each month, sorted by month.",
        "Go through the months in order and return the first one below; after the loop return `None`.",
    ],
    mutants=[
        Mutant("missing truth counts as wrong", replace=('log.dropna(subset=["truth"])', "log")),
        Mutant("missing truth counts as 0", replace=('log.dropna(subset=["truth"])', "log.fillna({'truth': 0})")),
        Mutant(
            "the worst month",
            replace=("in accuracies(log).items()", "in sorted(accuracies(log).items(), key=lambda item: item[1])"),
        ),
        Mutant(
            "in order of appearance", replace=('known["month"]).mean().sort_index()', 'known["month"], sort=False).mean()')
        ),
        Mutant("the last month below", replace=("in accuracies(log).items()", "in reversed(accuracies(log).items())")),
        Mutant("in percent", replace=("right.groupby", "(100 * right).groupby")),
        Mutant("the threshold itself raises the alarm", replace=("accuracy < threshold", "accuracy <= threshold")),
    ],
)
def the_first_month_below(answer, key):
    with part(1, "`monthly` is the accuracy of each month, over the rows whose truth is known"):
        monthly = answer.read("monthly")
        if isinstance(monthly, dict) and all(is_number(value) for value in monthly.values()):
            mistake(any(value > 1 for value in monthly.values()), "`monthly` should hold fractions between 0 and 1")
            expected = key.read("monthly")
            low = [month for month in expected if month in monthly and monthly[month] < expected[month] - 0.01]
            mistake(
                len(low) > len(expected) / 2,
                "`monthly` is too low: a row whose truth has not arrived is neither right nor wrong",
            )
        close(monthly, key.read("monthly"), "`monthly` is the share of right predictions among known truths", rtol=1e-6)
    with part(1, "`first_below` finds the first month below, and `alarm` is its result"):
        equal(answer.read("alarm"), key.read("alarm"), "`alarm` is the first month of `log` below 0.85")
        equal(
            answer.call("first_below", _UNORDERED, 0.9),
            key.call("first_below", _UNORDERED, 0.9),
            "`first_below` goes by the calendar, not by the order of rows and not by the size of the dip",
        )
        equal(
            answer.call("first_below", _UNORDERED, 0.0),
            key.call("first_below", _UNORDERED, 0.0),
            "`first_below` returns `None` where no month is below the threshold (the threshold itself is not below)",
        )
    with part(1, "`first_below` leaves out what is not known"):
        for log, threshold in product((_WAITING, _EMPTY_MONTH), (0.6, 0.95)):
            equal(
                answer.call("first_below", log, threshold),
                key.call("first_below", log, threshold),
                "`first_below` counts only rows whose truth is known, and passes over months without any",
            )


@question(
    "start.diagnosis",
    title="Drift, harm, both or neither?",
    points=3,
    hints=[
        "Ask about the unknown truth first: `last_month is None`.",
        "Drift and harm are two separate questions; answer each with a truth value, then combine them.",
    ],
    mutants=[
        Mutant("drift taken for harm", replace=("harm = 100 * (at_launch - last_month) > 5", "harm = drift")),
        Mutant("zero taken for unknown", replace=("if last_month is None", "if not last_month")),
        Mutant("fraction against points", replace=("100 * (at_launch - last_month) > 5", "at_launch - last_month > 5")),
        Mutant("relative loss", replace=("100 * (at_launch - last_month)", "100 * (at_launch - last_month) / at_launch")),
        Mutant("PSI of 0.25 alarms", replace=("psi > 0.25", "psi >= 0.25")),
        Mutant("watch taken for act", replace=("psi > 0.25", "psi > 0.10")),
        Mutant("the drifting one", replace=('text == "harm, no drift"', 'text == "drift, no harm"')),
    ],
)
def drift_or_harm(answer, key):
    with part(2, "`diagnose` answers for any dashboard"):
        for psi, last_month in product((0.0, 0.17, 0.25, 0.6), (None, 0.0, 0.5, 0.66, 0.69)):
            equal(
                answer.call("diagnose", psi, 0.7, last_month),
                key.call("diagnose", psi, 0.7, last_month),
                "`diagnose` does not follow the table",
            )
    with part(1, "`diagnoses` and `stuck`"):
        equal(answer.read("diagnoses"), key.read("diagnoses"), "`diagnoses` maps each of the four names to its text")
        mistake(
            answer.read("stuck") == "credit",
            "`stuck` names a model whose inputs did change; look for the one whose inputs did not",
        )
        equal(answer.read("stuck"), key.read("stuck"), "`stuck` is the name of one dashboard")
