"""Questions to the files of a finished run: the course's own chain, and what spoils it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lifecycle.cases import chain_report
from lifecycle.cases.capstone.dossier import digest
from lifecycle.govern import Sources, verify_run

HOME = Path(__file__).parents[2] / "datasets/artifacts"


@pytest.fixture(scope="module")
def chain():
    return {place.relative_to(HOME).as_posix(): place.read_bytes() for place in sorted(HOME.glob("*/*"))}


def ask(files, model=None):
    model = digest(files["04/model.json"]) if model is None else model
    return chain_report(Sources(files).value, model=model, record=lambda: verify_run(files).faults)


def written(name, content):
    return {name: json.dumps(content).encode()}


def failed(report, gate):
    return [each.name for each in report[gate] if not each.passed]


def test_the_courses_own_chain_is_asked_and_some_of_it_does_not_hold(chain):
    report = ask(chain)
    assert len(report) == 10
    assert all(report.values())
    assert {gate for gate in report if failed(report, gate)} == {"objective", "fairness"}


def test_another_model_or_a_missing_file_is_a_finding_and_no_exception(chain):
    other = ask(chain, model=digest(b"another"))
    about = {"model", "evidence", "governance"}
    assert {gate for gate in about if failed(other, gate)} == about
    less = {name: data for name, data in chain.items() if name not in ("13/value.json", "17/fairness.json")}
    report = ask(less)
    assert not report["value"][-1].passed
    assert "13/value.json" in report["value"][-1].found
    spoilt = chain | {"16/experiment.json": b'{"decision": 3}'}
    assert not ask(spoilt)["iteration"][-1].passed


def test_what_was_promised_and_not_measured_does_not_pass_in_silence(chain):
    metrics, value = (json.loads(chain[name]) for name in ("04/metrics.json", "13/value.json"))
    del metrics["test"]["recall"]
    found = {each.name: each for each in ask(chain | written("04/metrics.json", metrics))["objective"]}
    assert (found["promised recall"].found, found["promised recall"].passed) == ("not measured", False)
    assert "latency" in found["promises that no test row can show"].found
    metrics["test"] = {}
    without = ask(chain | written("04/metrics.json", metrics))
    assert not any(each.passed for each in without["objective"] if each.found == "not measured")
    assert failed(ask(chain | written("13/value.json", {**value, "alarms": []})), "monitoring")


@pytest.mark.parametrize(
    ("gate", "finding", "places"),
    [
        ("data", "one data set in training and record", ["03/features.json#source", "04/recipe.json#source"]),
        ("deployment", "the service runs what was released", ["08/service.json#package", "10/release.json#package"]),
        (
            "iteration",
            "shadow and experiment are of one pair",
            ["15/comparison.json#challenger", "16/experiment.json#packages"],
        ),
    ],
)
def test_two_that_are_missing_are_not_the_same(chain, gate, finding, places):
    spoilt = dict(chain)
    for place in places:
        name, _, key = place.partition("#")
        content = json.loads(spoilt[name])
        old = content[key]
        content[key] = None if key == "source" else dict.fromkeys(old)
        spoilt |= written(name, content)
    assert finding not in failed(ask(chain), gate)
    assert finding in failed(ask(spoilt), gate)


def test_governance_is_asked_of_the_card_its_approvals_and_the_trail(chain):
    card = json.loads(chain["19/card.json"])
    assert failed(ask(chain), "governance") == []
    section = next(iter(card["sections"].values()))
    for name in list(section):
        del section[name]
    changes = {
        "faults of the card": written("19/card.json", card),
        "faults of its approvals": {"19/card.json": chain["19/card.json"].replace(b'"approved"', b'"refused"', 1)},
        "faults of the trail and its head": {"19/trail.jsonl": b"".join(chain["19/trail.jsonl"].splitlines(True)[:-1])},
    }
    for finding, change in changes.items():
        assert finding in failed(ask(chain | change), "governance")
    assert not ask({name: data for name, data in chain.items() if name != "19/card.json"})["governance"][-1].passed


def test_monitoring_is_asked_of_the_alerts_of_the_service(chain):
    silent = {"11/alerts.yml": chain["11/alerts.yml"].replace(b"      action:", b"      motion:", 1)}
    assert failed(ask(chain | silent), "monitoring") == ["alerts that do not say what to do"]
    assert failed(ask(chain | {"11/alerts.yml": b"groups: []"}), "monitoring") == ["alerts of the service"]
