"""The figures that lesson 10 teaches, from the functions that it teaches them with."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from lifecycle.deploy import (
    GATES,
    Candidate,
    Cloud,
    Hybrid,
    Observed,
    OnPremises,
    Project,
    RampLimits,
    RampPlan,
    Version,
    break_even_load,
    chance_to_see_one,
    ci_workflow,
    deployment_style,
    dockerfile,
    judge,
    lint_dockerfile,
    lint_workflow,
    open_package,
    requests_to_see_one,
    run_gates,
    shortened,
    walk_ramp,
)

ROOT = Path(__file__).parents[2]
HANDED_OVER = ROOT / "datasets/artifacts"


def handed_over(name):
    return json.loads((HANDED_OVER / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def printed():
    """All that the cells of the built lesson print."""
    cells = nbformat.read(ROOT / "notebooks/10_release.ipynb", as_version=4).cells
    outputs = [each for cell in cells if cell.cell_type == "code" for each in cell.outputs]
    return "\n".join(each.text for each in outputs if each.output_type == "stream")


def test_each_wrong_package_is_stopped_by_its_own_gate_alone_as_the_lesson_says(printed):
    assert re.findall(r"package (\d) fails: (.+)", printed) == [(str(n), gate) for n, gate in enumerate(GATES, start=1)]
    assert "caught by exactly one gate: 8 of 8; by their own: 8 of 8" in printed


def test_a_secret_is_left_when_all_was_accepted_and_a_harmless_note_is_not(printed):
    assert re.findall(r"left: (.+)", printed) == ["nothing", "no secret"]


def test_what_the_exercise_calls_too_few_proves_nothing_and_what_it_calls_broken_is():
    limits = RampLimits(error_rate=0.01)
    assert {judge(Observed(400, errors), limits).action for errors in range(5, 10)} == {"hold"}
    assert {judge(Observed(10_000, errors), limits).action for errors in (150, 400)} == {"roll back"}


def test_the_eight_gates_stand_in_their_order():
    assert GATES == (
        "coding standards", "production-like re-creation", "revalidation", "explainability",
        "governance", "data quality", "resources", "integration",
    )  # fmt: skip


def test_2995_requests_show_an_error_of_a_thousandth_and_50_hardly_ever():
    assert requests_to_see_one(0.001, chance=0.95) == 2995
    assert chance_to_see_one(0.001, requests=2995) >= 0.95 > chance_to_see_one(0.001, requests=2994)
    assert chance_to_see_one(0.001, requests=round(0.05 * 1000)) == pytest.approx(0.049, abs=5e-4)


def test_a_breaking_change_after_231_gives_300():
    assert str(Version.parse("2.3.1").bump("major")) == "3.0.0"


def test_the_second_step_of_the_plan_has_a_quarter():
    assert RampPlan((0.05, 0.25, 0.5, 1.0)).share_at(2) == 0.25


def test_the_recorded_ramp_is_taken_back_at_its_third_step():
    trace = [Observed(3000, 4), Observed(15_000, 21), Observed(30_000, 960)]
    walked = walk_ramp(RampPlan(), trace, limits=RampLimits(error_rate=0.01))
    assert (walked.rolled_back_at, walked.reached) == (3, 0.0)


def test_two_errors_in_fifty_prove_nothing_and_five_do():
    limits = RampLimits(error_rate=0.01)
    assert [judge(Observed(50, errors), limits).action for errors in (0, 2, 5)] == ["hold", "hold", "roll back"]
    assert judge(Observed(1000, 0), limits).action == "go on"


def test_five_projects_and_their_styles():
    light = [Project("dashboard")]
    robust = [
        Project("photo tags", customer_facing=True),
        Project("spare parts", impact="medium"),
        Project("fraud", critical=True),
        Project("credit", regulated=True),
    ]
    assert {deployment_style(each) for each in light} == {"lightweight"}
    assert {deployment_style(each) for each in robust} == {"robust"}


def test_a_base_of_39_is_past_its_end_and_the_generated_files_are_in_order():
    day = date(2026, 11, 1)
    assert [each.rule for each in lint_dockerfile(dockerfile(python="3.9"), today=day)] == ["end-of-life"]
    assert lint_dockerfile(dockerfile(python="3.13"), today=day) == ()
    assert lint_workflow(ci_workflow(name="credit-risk")) == ()


def test_which_is_cheaper_depends_on_the_form_of_the_load():
    own = OnPremises(price=9_000, months=36, upkeep=150, staff=3_000, rps=1_250, spare=1)
    rented = Cloud(hourly=0.20, staff=1_600, rps=156.25)
    rush = [0.5] * 20 + [3.5] * 4
    steady, daily = [1.0] * 24, [0.2] * 8 + [1.6] * 12 + [0.8] * 4
    assert break_even_load(own, rented, shape=steady) < break_even_load(own, rented, shape=daily)
    assert break_even_load(own, rented, shape=rush) is None
    load = [25_000 * each for each in rush]
    assert Hybrid(own, rented, base=min(load)).monthly(load) < rented.monthly(load) < own.monthly(load)


def test_the_committed_package_is_stopped_for_want_of_signatures_and_passes_the_other_gates():
    rows = pd.read_parquet(HANDED_OVER / "03/features.parquet")
    package = open_package(HANDED_OVER / "07/package.zip")
    before = shortened(package, version="0.9.0", rows=rows.loc[rows["split"] == "train", list(package.features)])
    candidate = Candidate(
        package=package, rows=rows[rows["split"] == "test"].reset_index(drop=True), target="default",
        development=handed_over("04/metrics.json"), explanations=handed_over("06/explanations.json"),
        service=handed_over("08/service.json"), contract=before.fields, previous=before,
    )  # fmt: skip
    report = run_gates(candidate)
    assert report.failed == ("governance",)
    assert report.first_failed == "governance"
    people = {"model owner": "Ada", "risk": "Bo", "legal": "Cleo"}
    assert run_gates(candidate.approved(people)).allowed


def test_the_committed_record_is_of_the_committed_package():
    record, package = handed_over("10/release.json"), open_package(HANDED_OVER / "07/package.zip")
    assert record["package"] == {"name": package.name, "version": package.version, "digest": package.digest}
    assert record["allowed"] is True
    assert [gate["gate"] for gate in record["gates"]] == list(GATES)
    assert record["rollback_to"] == "0.9.0"
