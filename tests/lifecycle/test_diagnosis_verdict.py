"""What happened to a stream, told from what its team sees."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from lifecycle.errors import DataError
from lifecycle.monitor import (
    DETAILS,
    FEED_KINDS,
    KINDS,
    NO_INCIDENT,
    Incident,
    Seen,
    diagnose,
    reference_of,
    replay,
    seen_by,
)

DAYS, FROM = 40, 22
FEATURES = ("late", "share", "amount", "online")


def scores(rows):
    return expit(0.8 * rows["late"] + rows["share"] - 3 + rows["online"])


def drawn(random, count):
    wealth = random.normal(size=count)
    online = 1.0 * (random.random(count) < 0.4)
    table = pd.DataFrame({
        "late": random.poisson(np.exp(-0.5 * wealth)).astype(float), "share": 0.6 * wealth + random.normal(size=count),
        "amount": np.exp(5 + wealth + 0.4 * random.normal(size=count)).round(2), "online": online,
    })  # fmt: skip
    return table.assign(left=(random.random(count) < scores(table)).astype(int), score=scores(table))


@pytest.fixture(scope="module")
def rows():
    return drawn(np.random.default_rng(8), 4000)


@pytest.fixture(scope="module")
def reference():
    return reference_of(drawn(np.random.default_rng(9), 3000), target="left", features=FEATURES)


def made(rows, kind, way="", *, feature="share", strength=0.7, seed=1):
    features = (feature,) if kind in ("covariate", "concept", *FEED_KINDS) else ()
    incident = NO_INCIDENT if kind == "none" else Incident(kind, FROM, strength, features, way)
    return replay(
        rows, target="left", scores=scores, features=FEATURES, days=DAYS, per_day=150, incident=incident, seed=seed
    )


@pytest.fixture(scope="module")
def slow(rows):
    return made(rows, "latency")


@pytest.mark.parametrize(("kind", "way"), [(kind, way) for kind in KINDS for way in DETAILS[kind]])
def test_the_kind_and_its_first_day_are_found(rows, reference, kind, way):
    found = diagnose(made(rows, kind, way), reference)
    assert found.kind == kind
    if kind == "none":
        assert (found.since, found.features) == (-1, ())
        return
    assert abs(found.since - FROM) <= (6 if kind == "concept" else 2)  # outcomes come late, and fewer
    assert f"day {found.since}" in found.words
    if kind in FEED_KINDS:
        assert found.features == ("share",)
        assert "Do not retrain" in found.action
    if kind == "covariate":
        assert found.features[0] == "share"


@pytest.mark.parametrize("feature", ["late", "amount", "online"])
@pytest.mark.parametrize("kind", FEED_KINDS)
def test_faults_of_other_kinds_of_columns_are_found(rows, reference, kind, feature):
    found = diagnose(made(rows, kind, "", feature=feature, strength=0.9), reference)
    assert (found.kind, found.features) == (kind, (feature,))


def test_the_truth_and_the_future_make_no_difference(rows, reference, slow):
    honest = diagnose(slow, reference, day=30)
    assert honest.kind == "latency"
    assert diagnose(replace(slow, incident=Incident("prior", 3), _outcomes=1 - slow._outcomes), reference, day=30) == honest
    assert diagnose(slow.until(30), reference) == honest
    assert diagnose(seen_by(slow, 30), reference) == honest


def test_before_the_incident_nothing_is_said(reference, slow):
    assert [diagnose(slow, reference, day=day).kind for day in (0, 1, 6, 21)] == ["none"] * 4


def test_quiet_streams_are_left_in_peace(rows, reference):
    assert {
        diagnose(made(rows, "none", seed=seed), reference, day=day).kind for seed in range(5, 13) for day in (14, 39)
    } == {"none"}


def test_while_outcomes_are_few_the_direction_of_the_inputs_decides(rows, reference):
    kinds = [diagnose(made(rows, kind, way), reference, day=FROM + 3).kind
             for kind, way in (("prior", "rise"), ("covariate", "rise"))]  # fmt: skip
    assert kinds == ["prior", "covariate"]


def test_a_diagnosis_comes_with_its_evidence(rows, reference):
    found = diagnose(made(rows, "prior"), reference)
    table = found.table()
    stayed = table.set_index("what")["size"]
    given_inputs, given_outcome = (stayed[[what.startswith(name) for what in stayed.index]].iloc[0]
                                   for name in ("outcomes given inputs", "inputs given outcome"))  # fmt: skip
    assert given_outcome < 3 < given_inputs
    assert 0.5 < found.confidence < 1
    assert json.loads(found.to_json())["kind"] == "prior"


def test_evidence_that_does_not_fit_is_refused(reference, slow):
    seen = seen_by(slow, 30)
    parts = {"requests": seen.requests, "labels": seen.labels, "telemetry": seen.telemetry, "log": seen.log}
    for change, words in (
        ({"requests": seen.requests.drop(columns="score")}, "`score` is missing"),
        ({"requests": seen.requests.head(0)}, "nothing has been asked"),
        ({"requests": seen.requests[::-1]}, "not in the order of time"),
        ({"labels": slow.labels}, "there is something of day"),
        ({"log": slow.log}, "there is something of day 39"),
    ):
        with pytest.raises(DataError) as error:
            Seen(**{**parts, **change}, features=FEATURES, day=30)
        assert words in str(error.value)
    with pytest.raises(DataError, match="ends on day 30, not 12"):
        diagnose(seen, reference, day=12)
    with pytest.raises(DataError, match="there is no day 40"):
        diagnose(slow, reference, day=DAYS)
    stray = replace(seen, labels=seen.labels.assign(request_id="x"))
    with pytest.raises(DataError, match="no request `x` has been seen"):
        diagnose(stray, reference)
    fewer = replace(seen, requests=seen.requests.drop(columns="late"), features=FEATURES[1:])
    with pytest.raises(DataError, match="`late` of the reference is missing"):
        diagnose(fewer, reference)


def test_a_reference_that_cannot_be_one_is_refused(rows):
    for table, words in (
        (rows.drop(columns="late"), "`late` is missing"), (rows.head(50), "100 rows or more"),
        (rows.assign(left=0), "both outcomes"), (rows.assign(late=np.inf), "finite numbers"),
    ):  # fmt: skip
        with pytest.raises(DataError) as error:
            reference_of(table, target="left", features=FEATURES)
        assert words in str(error.value)


def test_columns_that_never_differ_say_nothing(rows):
    same = rows.assign(online=0.0, late=1.0)
    same["score"] = scores(same)
    same["left"] = (np.random.default_rng(3).random(len(same)) < same["score"]).astype(int)
    reference = reference_of(same.head(2000), target="left", features=FEATURES)
    assert diagnose(made(same.tail(2000), "none"), reference).kind == "none"
    assert diagnose(made(same.tail(2000), "broken_feed"), reference).kind == "broken_feed"
