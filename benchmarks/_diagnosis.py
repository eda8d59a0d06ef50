"""Whether the diagnosis finds out what happened to streams with incidents that nobody has chosen; part of `monitoring`."""

from __future__ import annotations

import secrets
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from _measure import Figure

from lifecycle.monitor.replay.incident import KINDS

_DAYS, _EVERY = 60, 5


@dataclass(frozen=True)
class _Case:
    """What was in a stream since when, and what was said of it."""

    truth: str
    said: str
    day: int
    since: int


def diagnosis(quick: bool) -> list[Figure]:
    """Diagnose streams of the credit use case, 200 with incidents drawn at run time (quick: 40), and as many quiet ones.

    Each stream is looked at on its last day. Quiet streams are looked at every fifth day from day 9 on: one word on any of
    these is a false alarm of this stream. The seeds are printed, so that a run can be repeated; they are not chosen.
    """
    first = secrets.randbelow(2**31)
    count = 40 if quick else 200
    print(f"diagnosis: seeds {first} to {first + count - 1}", file=sys.stderr)
    with ProcessPoolExecutor(2) as pool:
        cases = list(pool.map(_drawn, range(first, first + count), chunksize=10))
        quiet = list(pool.map(_quiet, range(first, first + count), chunksize=10))
    _print_confusion(cases)
    alarms = sum(case.said != "none" for case in quiet)
    healthy = [case for case in cases if case.truth == "none"]
    print(f"quiet streams: {alarms} of {count} called ill on some day; in the table "
          f"{sum(case.said != 'none' for case in healthy)} of {len(healthy)}", file=sys.stderr)  # fmt: skip
    return [
        Figure("diagnosis_macro_f1", _macro_f1(cases), "share", ">=", 0.85),
        Figure("diagnosis_false_alarms", alarms / count, "share", "<=", 0.05),
    ]


def _macro_f1(cases: list[_Case]) -> float:
    """Mean of the kinds' F1, of kinds that occur; counted here, so that no library decides what an absent kind is worth."""
    scores = []
    for kind in sorted({case.truth for case in cases}):
        right = sum(case.truth == case.said == kind for case in cases)
        named = sum(case.said == kind for case in cases)
        there = sum(case.truth == kind for case in cases)
        scores.append(2 * right / (named + there))
    return sum(scores) / len(scores)


def _print_confusion(cases: list[_Case]) -> None:
    wide = max(len(kind) for kind in KINDS)
    print(" " * wide + "".join(f"{kind[:9]:>10}" for kind in KINDS) + "  rows: truth", file=sys.stderr)
    for truth in KINDS:
        counts = [sum(case.truth == truth and case.said == said for case in cases) for said in KINDS]
        print(f"{truth:>{wide}}" + "".join(f"{count:>10}" for count in counts), file=sys.stderr)
    off = [abs(case.since - case.day) for case in cases if case.truth == case.said != "none"]
    near = sum(days <= 2 for days in off)
    print(f"first day named within two days in {near} of {len(off)} right diagnoses", file=sys.stderr)


_made: list[object] = []


def _material():
    """Package, production rows and reference, read once a process."""
    if not _made:
        from lifecycle import artifacts
        from lifecycle.deploy import open_package
        from lifecycle.monitor import reference_of

        package = open_package(artifacts.path("07/package.zip"))
        scorer, features = package.scorer(), list(package.features)
        before = artifacts.read_frame("03/features.parquet")
        before = before[before["split"] != "train"]
        before = before.assign(score=scorer.scores(package.guard(before[features])))
        _made.extend([package, scorer, artifacts.read_frame("11/production.parquet"),
                      reference_of(before, target="default", features=features)])  # fmt: skip
    return _made


def _drawn(seed: int) -> _Case:
    from lifecycle.monitor import diagnose, draw_incident, replay

    package, scorer, rows, reference = _material()
    incident = draw_incident(seed, features=package.features, days=_DAYS)
    stream = replay(rows, target="default", scores=lambda inputs: scorer.scores(package.guard(inputs)), days=_DAYS,
                    incident=incident, seed=seed)  # fmt: skip
    found = diagnose(stream, reference)
    return _Case(incident.kind, found.kind, incident.day, found.since)


def _quiet(seed: int) -> _Case:
    from lifecycle.monitor import diagnose, replay

    package, scorer, rows, reference = _material()
    stream = replay(
        rows, target="default", scores=lambda inputs: scorer.scores(package.guard(inputs)), days=_DAYS, seed=seed
    )
    said = [diagnose(stream, reference, day=day).kind for day in range(9, _DAYS, _EVERY)]
    named = [kind for kind in said if kind != "none"]
    return _Case("none", named[0] if named else "none", -1, -1)
