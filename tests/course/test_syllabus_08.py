"""The figures that lesson 08 teaches, from the functions and the cells that it teaches them with."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from lifecycle.deploy import (
    create_app,
    expected_latency,
    in_flight,
    in_process,
    instances,
    light_app,
    open_package,
    percentile,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def package():
    return open_package(ROOT / "datasets/artifacts/07/package.zip")


@pytest.fixture(scope="module")
def row(package):
    return {"features": package.golden[list(package.features)].iloc[0].to_dict()}


@pytest.fixture(scope="module")
def cells():
    return nbformat.read(ROOT / "notebooks/08_live_scoring.ipynb", as_version=4).cells


@pytest.fixture(scope="module")
def worked(cells):
    """What the cells of the worked example define: those from the transaction to the severity, without services."""
    space: dict = {}
    wanted = ("transaction = {", "def facts(t)", "open_cases = [", "latencies = [22")
    for cell in cells:
        if cell.cell_type == "code" and any(text in cell.source for text in wanted):
            exec(compile(cell.source, cell.id, "exec"), space)
    return space


def test_the_worked_transaction_is_fraud_with_confidence_87_and_risk_92(worked):
    decision, chance = worked["predict"](worked["transaction"])
    assert decision[0] == 1
    assert chance[0] == pytest.approx(0.87, abs=0.005)
    assert worked["severity"](chance[0] * worked["transaction"]["amount"]) == 0.92


def test_its_three_factors_are_amount_hour_and_absent_card(worked):
    facts = worked["facts"](worked["transaction"])
    assert sorted(facts, key=facts.get)[-3:] == ["card absent", "hour", "amount"]


def test_the_worked_transaction_is_the_one_of_the_syllabus(worked):
    assert worked["transaction"] == {
        "id": "TX123456", "amount": 1500, "merchant": "online", "card_present": False, "km_from_home": 500, "time": "02:30",
    }  # fmt: skip


def test_p95_of_the_log_is_85_ms_below_100_and_above_50(worked):
    assert percentile(worked["latencies"], 0.95) == 85
    assert np.mean(worked["latencies"]) < 50


def test_500_requests_are_inside_at_10000_a_second_and_50_ms():
    assert in_flight(10_000, 0.050) == pytest.approx(500)


def test_64_copies_take_10000_a_second_at_156_25_each():
    assert instances(10_000, 156.25) == 64


def test_93_copies_are_busy_for_70_percent_with_one_to_spare():
    assert instances(10_000, 156.25, busy=0.7, spare=1) == 93


def test_one_worker_meets_50_ms_at_60_percent_and_misses_at_70_and_the_counted_means_are_those_of_theory(cells):
    said = next(str(cell.outputs[0].text) for cell in cells if "(theory {expected_latency" in cell.source)
    lines = re.findall(r"(\d+)% busy: mean ([\d.]+) ms \(theory ([\d.]+)\), p95 ([\d.]+) ms", said)
    assert [int(share) for share, *_ in lines] == [50, 60, 70, 90, 95]
    for share, mean, theory, _ in lines:
        assert float(theory) == pytest.approx(expected_latency(10, busy=int(share) / 100), abs=0.06)
        assert float(mean) == pytest.approx(float(theory), rel=0.05)
    p95 = {int(share): float(value) for share, _, _, value in lines}
    assert p95[60] < 50 < p95[70]


def test_the_models_own_integer_is_no_json_and_the_mended_services_is(package, row):
    assert in_process(light_app(package, mended=False)).post("/predict", json=row).status_code == 500
    reply = in_process(light_app(package)).post("/predict", json=row)
    assert (reply.status_code, type(json.loads(reply.text)["prediction"])) == (200, int)


def test_the_service_requires_all_fields_of_the_package_and_refuses_by_name(package, row):
    service = in_process(create_app(package))
    for name in package.features:
        less = {other: value for other, value in row["features"].items() if other != name}
        reply = service.post("/score", json={"features": less})
        assert reply.status_code == 422
        assert [each["field"] for each in reply.json()["fields"]] == [f"features.{name}"]


def test_what_is_handed_over_was_refused_and_names_the_package(package):
    promise = json.loads((ROOT / "datasets/artifacts/08/service.json").read_text(encoding="utf-8"))
    assert promise["package"] == {"name": package.name, "version": package.version, "digest": package.digest}
    assert promise["required"] == list(package.features)
    assert set(promise["refused"].values()) == {400, 413, 422}
    assert promise["batch_equals_singles"] is True
