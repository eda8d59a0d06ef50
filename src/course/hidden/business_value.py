"""Hidden questions on exercise 13: the same functions, for campaigns, logs and rows that nobody was shown."""

from __future__ import annotations

from workbench.checks import Mutant, close, equal, question

OTHER = {"cases": 900, "recall": 0.4, "success": 0.5, "value": 80, "contact": 3, "development": 2_000, "maintenance": 1_000}


@question(
    "business_value.roi_elsewhere",
    of="business_value.roi",
    title="Another campaign",
    points=1,
    mutants=[
        Mutant("always half the flags are right", replace=('campaign.get("precision", 1)', "1")),
        Mutant("the price of the task", replace=('return found * campaign["contact"] / left', "return found * 50 / left")),
        Mutant("precision counts twice", replace=(" / left", ' / left / campaign.get("precision", 1)')),
    ],
)  # fmt: skip
def roi_elsewhere(answer, key):
    for precision in (0.3, 0.95):
        campaign = OTHER | {"precision": precision}
        close(answer.call("roi", campaign), key.call("roi", campaign), "`roi` fails for another campaign", rtol=1e-6)
        said, right = answer.call("break_even_precision", campaign), key.call("break_even_precision", campaign)
        close(said, right, "`break_even_precision` fails for another campaign", rtol=1e-6)


@question(
    "business_value.as_of_elsewhere",
    of="business_value.as_of",
    title="Another log",
    points=1,
    mutants=[
        Mutant("the day of the task", replace=('if event["day"] <= day', 'if event["day"] <= min(day, 14)')),
        Mutant("in the order of the log", replace=(', key=lambda event: event["day"])', ", key=lambda event: 0)")),
    ],
)
def as_of_elsewhere(answer, key):
    events = [
        {"kind": "outcome", "id": "b", "day": 19, "label": 1},
        {"kind": "prediction", "id": "a", "day": 15, "flag": 1},
        {"kind": "outcome", "id": "a", "day": 18, "label": 0},
        {"kind": "outcome", "id": "a", "day": 17, "label": 1},
        {"kind": "prediction", "id": "b", "day": 16, "flag": 1},
        {"kind": "prediction", "id": "c", "day": 19, "flag": 0},
    ]
    for day in (16, 17, 18, 19):
        said, right = answer.call("as_of", events, day), key.call("as_of", events, day)
        for name in ("predictions", "labelled", "precision"):
            equal(said[name], right[name], f"`as_of` fails for a log that it was not shown: `{name}`")


@question(
    "business_value.missing_elsewhere",
    of="business_value.missing",
    title="Other rows, other delays",
    points=1,
    mutants=[
        Mutant("the list of the task", replace=('known_by[row["label"]]', "globals()['known_by'][row['label']]")),
        Mutant("the day of the task", replace=("today - row[\"made\"]", "40 - row[\"made\"]")),
    ],
)  # fmt: skip
def missing_elsewhere(answer, key):
    rows = [{"made": made, "flag": 1, "label": label} for made, label in ((90, 1), (95, 0), (97, 1), (98, 0), (99, None))]
    shares = {0: [0.4, 0.9, 0.95], 1: [0.05, 0.1, 0.2, 0.4, 0.5, 0.7, 0.9]}
    close(answer.call("corrected", rows, 100, shares), key.call("corrected", rows, 100, shares),
          "`corrected` fails for delays that it was not shown", rtol=1e-9)  # fmt: skip
    close(answer.call("bounds", rows), key.call("bounds", rows), "`bounds` fails for rows that it was not shown", rtol=1e-9)
