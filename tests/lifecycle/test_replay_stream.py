"""A stream of days: what an incident changes in it, and that it changes nothing else."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from lifecycle.errors import DataError
from lifecycle.monitor import DETAILS, FEED_KINDS, KINDS, Delay, Incident, replay

DAYS, PER_DAY, FROM = 20, 300, 10


def scores(rows):
    return expit(rows["late"] + rows["share"] - 2)


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(5)
    table = pd.DataFrame({
        "entity": np.arange(2000) + 10, "left": 0, "late": random.integers(0, 5, 2000).astype(float),
        "share": random.normal(size=2000), "amount": random.gamma(2, 100, 2000).round(2),
    })  # fmt: skip
    return table.assign(left=(random.random(2000) < scores(table)).astype(int))


def made(rows, kind="none", way="", **options):
    features = () if kind in ("none", "prior", "latency", "log_anomaly") else ("share",)
    incident = Incident(kind, -1 if kind == "none" else FROM, options.pop("strength", 0.8), features, way)
    given = {"days": DAYS, "per_day": PER_DAY, "seed": 3, "scores": scores, **options}
    return replay(rows, target="left", incident=incident, **given)


@pytest.fixture(scope="module")
def quiet(rows):
    return made(rows)


def halves(stream, values):
    before = (stream.requests["day"] < FROM).to_numpy()
    return values[before], values[~before]


def test_a_quiet_stream_is_rows_as_they_are(rows, quiet):
    assert (quiet.requests.groupby("day").size() == PER_DAY).all()
    known = rows.set_index("entity").loc[quiet.requests["entity"]].reset_index(drop=True)
    pd.testing.assert_frame_equal(known[list(quiet.features)], quiet.requests[list(quiet.features)])
    assert (known["left"].to_numpy() == quiet.truth()["label"]).all()
    assert np.allclose(quiet.requests["score"], scores(known))
    assert quiet.requests["request_id"].is_unique
    assert quiet.requests.groupby("day")["minute"].apply(lambda minutes: minutes.is_monotonic_increasing).all()
    assert quiet.requests["minute"].between(0, 1439).all()


@pytest.mark.parametrize(("kind", "way"), [(kind, way) for kind in KINDS[1:] for way in DETAILS[kind]])
def test_nothing_is_different_before_the_incident_and_something_after(rows, quiet, kind, way):
    ill = made(rows, kind, way)
    for name in ("requests", "telemetry", "log"):
        one, other = getattr(quiet, name), getattr(ill, name)
        pd.testing.assert_frame_equal(one[one["day"] < FROM], other[other["day"] < FROM])
    assert (quiet.truth()[: FROM * PER_DAY]).equals(ill.truth()[: FROM * PER_DAY])
    tables = {name: not getattr(quiet, name).equals(getattr(ill, name)) for name in ("requests", "telemetry", "log")}
    places = {"latency": {"telemetry"}, "log_anomaly": {"log"}, "concept": set()}
    assert {name for name, differs in tables.items() if differs} == places.get(kind, {"requests"})


def test_a_covariate_shift_keeps_what_happens_to_a_client_of_a_given_kind(rows):
    for way, sign in (("rise", 1), ("fall", -1)):
        ill = made(rows, "covariate", way)
        before, after = halves(ill, ill.requests["share"])
        assert sign * (after.mean() - before.mean()) > 0.5
        known = rows.set_index("entity").loc[ill.requests["entity"]]
        assert (known["left"].to_numpy() == ill.truth()["label"]).all()


def test_a_prior_shift_keeps_the_clients_of_each_outcome(rows):
    for way, sign in (("rise", 1), ("fall", -1)):
        ill = made(rows, "prior", way)
        label = ill.truth()["label"].to_numpy()
        before, after = halves(ill, label)
        assert sign * (after.mean() - before.mean()) > 0.1
        for outcome in (0, 1):
            then, now = halves(ill, ill.requests["share"].where(label == outcome))
            error = np.sqrt(then.var() / then.count() + now.var() / now.count())
            assert abs(then.mean() - now.mean()) < 4 * error


def test_a_concept_shift_turns_outcomes_and_keeps_inputs_and_their_number(rows, quiet):
    ill = made(rows, "concept")
    assert ill.requests.equals(quiet.requests)
    assert ill.truth()["label"].sum() == quiet.truth()["label"].sum()
    then, now = (roc_auc_score(label, score) for label, score in
                 zip(halves(ill, ill.truth()["label"]), halves(ill, ill.requests["score"]), strict=True))  # fmt: skip
    assert now < then - 0.1


def test_the_faults_of_a_feed_hit_the_share_of_requests_that_is_their_strength(rows, quiet):
    frozen, stale, null = (made(rows, kind, way) for kind, way in
                           (("broken_feed", "frozen"), ("broken_feed", "stale"), ("silent_null", "")))  # fmt: skip
    after = quiet.requests["day"] >= FROM
    assert (null.requests.loc[after, "share"] == 0).mean() == pytest.approx(0.8, abs=0.03)
    assert frozen.requests.loc[after, "share"].value_counts(normalize=True).iloc[0] == pytest.approx(0.8, abs=0.03)
    copied = np.tile(quiet.day(FROM - 1)["share"], DAYS - FROM)
    assert (stale.requests.loc[after, "share"] == copied).mean() == pytest.approx(0.8, abs=0.03)
    big = made(rows, "unit_change", "1000").requests["share"] / quiet.requests["share"]
    assert ((big / 1000).round(6) == 1)[after].mean() == pytest.approx(0.8, abs=0.03)
    for ill in (frozen, stale, null):
        assert ill.requests[["late", "amount", "entity"]].equals(quiet.requests[["late", "amount", "entity"]])
        assert ill.truth().equals(quiet.truth())


def test_a_slow_service_is_slower_and_fails(rows, quiet):
    ill = made(rows, "latency")
    after = ill.telemetry["day"] >= FROM
    ratio = ill.telemetry.loc[after, "latency_ms"] / quiet.telemetry.loc[after, "latency_ms"]
    assert ratio.median() == pytest.approx(1 + 3 * 0.8, rel=0.01)
    assert (ill.telemetry.loc[after, "status"] == 503).mean() > 0.005 > (ill.telemetry.loc[~after, "status"] == 503).mean()


def test_labels_come_late_and_what_is_known_has_no_future(rows):
    stream = made(rows, delay=Delay(median=4, sd=0.5, longest=9, missing=0.1))
    waits = stream.labels["day_known"] - stream.requests["day"]
    never = stream.labels["day_known"] == -1
    assert never.mean() == pytest.approx(0.1, abs=0.02)
    assert (stream.labels["label"][never] == -1).all()
    assert waits[~never].between(1, 9).all()
    assert waits[~never].median() in (4, 5)  # the median of 4 days, rounded up
    known = stream.known(12)
    assert known["day_known"].max() == 12
    assert known.merge(stream.truth(), on="request_id").eval("label_x == label_y").all()
    part = stream.until(12)
    assert part.known(12).equals(known)
    assert (part.labels["day_known"] <= 12).all()
    assert part.requests["day"].max() == part.log["day"].max() == part.telemetry["day"].max() == 12


def test_positives_can_come_later(rows):
    stream = made(rows, delay=Delay(median=5, sd=0.3, longest=60, positive_factor=2))
    waits = (stream.labels["day_known"] - stream.requests["day"]).groupby(stream.labels["label"]).median()
    assert waits[1] == pytest.approx(2 * waits[0], abs=1)


def test_a_column_of_scores_will_do_where_values_stay(rows):
    table = rows.assign(score=scores(rows))
    for kind in ("none", "covariate", "prior", "concept", "latency", "log_anomaly"):
        by_name, by_call = made(table, kind, scores="score"), made(table, kind)
        assert np.allclose(by_name.requests["score"], by_call.requests["score"])
    for kind in FEED_KINDS:
        with pytest.raises(DataError, match="has the scores of the unchanged ones"):
            made(table, kind, scores="score")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: (rows.drop(columns="left"), {}), "`left` is missing"),
        (lambda rows: (rows.assign(left=2), {}), "besides 0 and 1"),
        (lambda rows: (rows.assign(late="many"), {}), "`late` does not hold numbers"),
        (lambda rows: (rows.assign(late=np.nan), {}), "missing or infinite"),
        (lambda rows: (rows.head(0), {}), "there are no rows"),
        (lambda rows: (rows, {"days": 0}), "make no stream"),
        (lambda rows: (rows, {"scores": lambda inputs: 0.5}), "got scores of shape ()"),
        (lambda rows: (rows, {"scores": lambda inputs: inputs["late"] / 0 * 0}), "missing or infinite"),
        (lambda rows: (rows, {"incident": Incident("prior", 99)}), "begins on day 99"),
        (lambda rows: (rows, {"incident": Incident("silent_null", 5, 1.0, ("age",))}), "`age`, which is no feature"),
    ],
)
def test_what_cannot_be_replayed_is_refused(rows, change, words):
    table, options = change(rows)
    with pytest.raises(DataError) as error:
        replay(table, **{"target": "left", "scores": scores, "days": 20, "per_day": 10, **options})
    assert words in str(error.value)


def test_a_day_outside_of_the_stream_is_refused(quiet):
    with pytest.raises(DataError, match="no day 20"):
        quiet.day(20)
    for wrong in ({"median": -1}, {"sd": float("nan")}, {"missing": 2}, {"longest": -1}, {"positive_factor": 0}):
        with pytest.raises(DataError):
            Delay(**wrong)
