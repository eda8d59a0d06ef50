"""Eight gates: a sound package passes all, and a wrong one is stopped by the gate that is there for it, and by no other."""

from __future__ import annotations

import json
import math
import os
from dataclasses import replace
from hashlib import sha256
from types import SimpleNamespace

import httpx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score
from xgboost import XGBClassifier

from lifecycle.deploy import (
    GATES,
    Approval,
    Budget,
    Candidate,
    build_package,
    open_package,
    resealed,
    run_gates,
    schema_of,
    shortened,
    wrong_packages,
)
from lifecycle.deploy.packaging.archive import PACKAGES
from lifecycle.deploy.release import running_gates
from lifecycle.deploy.release.clean_process import GIVEN, in_clean_process
from lifecycle.deploy.release.model_gates import stability
from lifecycle.deploy.release.source_checks import objections
from lifecycle.errors import LifecycleError

NAMES = ["limit", "months_late", "share", "paid"]
PEOPLE = {"model owner": "Ada", "risk": "Bo", "legal": "Cleo"}


@pytest.fixture(scope="module")
def rows():
    """Three features that matter, one that hardly does, and a group that has nothing to do with them."""
    draw = np.random.default_rng(7)
    columns = [draw.normal(100, 20, 1500), draw.integers(0, 7, 1500), draw.random(1500), draw.normal(0, 1, 1500)]
    made = pd.DataFrame(dict(zip(NAMES, columns, strict=True))).astype("float64")
    odds = 0.8 * made["months_late"] - 0.02 * made["limit"] + made["share"] - 1.5
    return made.assign(bad=(draw.random(1500) < 1 / (1 + np.exp(-odds))).astype(int), group=draw.choice(["a", "b"], 1500))


@pytest.fixture(scope="module")
def training(rows):
    return rows.iloc[:900].reset_index(drop=True)


@pytest.fixture(scope="module")
def candidate(rows, training, tmp_path_factory):
    model = XGBClassifier(n_estimators=40, max_depth=3, learning_rate=0.1, n_jobs=1, random_state=0)
    model.fit(training[NAMES], training["bad"])
    package = build_package(
        tmp_path_factory.mktemp("release") / "package.zip", name="test-risk", version="1.0.0", model=model,
        fields=schema_of(training[NAMES]), threshold=0.3, calibration=None, metrics={}, rows=training[NAMES],
        settings={"max_depth": 3}, use_case="test",
    )  # fmt: skip
    held_out = rows.iloc[900:].reset_index(drop=True)
    labels, scores = held_out["bad"], package.scores(held_out[NAMES])
    flagged = scores >= 0.3
    found = {
        "roc_auc": roc_auc_score(labels, scores), "average_precision": average_precision_score(labels, scores),
        "brier": ((scores - labels) ** 2).mean(), "precision": labels[flagged].mean(), "recall": flagged[labels == 1].mean(),
        "flag_rate": flagged.mean(),
    }  # fmt: skip
    parts = package.scorer().contributions(package.guard(held_out[NAMES]))
    weight = np.abs(parts[:, :-1]).mean(axis=0).round(3)
    before = shortened(package, version="0.9.0", rows=training[NAMES], share=0.8)
    return Candidate(
        package=package, rows=held_out, target="bad",
        development={"test": {name: {"value": at, "low": at - 0.02, "high": at + 0.02} for name, at in found.items()}},
        explanations={
            "model_sha256": sha256(package.model_bytes).hexdigest(), "base_value": round(float(parts[0, -1]), 3),
            "ranking": [{"feature": name, "mean_abs": float(size)} for name, size in zip(NAMES, weight, strict=True)],
            "reasons": {name: {"high": name} for name in NAMES},
        },
        contract=before.fields, service={"endpoints": ["/score", "/score/batch"]}, groups={"group": held_out["group"]},
        previous=before, budget=Budget(package_mib=1.5, answer_ms=60_000, rows_per_second=1),  # however busy the machine
    ).approved(PEOPLE)  # fmt: skip


@pytest.fixture(scope="module")
def report(candidate):
    return run_gates(candidate)


@pytest.fixture(scope="module")
def wrong(candidate, training):
    return {each.gate: each for each in wrong_packages(candidate, training[[*NAMES, "bad"]])}


def failures(candidate, gate):
    (result,) = [each for each in run_gates(candidate, only=[gate]).results if each.gate == gate]
    return [finding.name for finding in result.failures]


def test_a_sound_package_passes_all_eight(report):
    assert [(each.gate, each.failures) for each in report.results if not each.passed] == []
    assert report.allowed
    assert report.first_failed is None
    assert [each.gate for each in report.results] == list(GATES)


@pytest.mark.parametrize("gate", GATES)
def test_each_fault_is_stopped_by_its_gate_alone(wrong, gate):
    report = run_gates(wrong[gate].candidate)
    assert report.failed == (gate,), [(each.gate, each.failures) for each in report.results if not each.passed]
    assert report.first_failed == gate
    assert not report.allowed


def test_wrong_packages_fit_together_like_any_other(wrong, candidate, tmp_path):
    for number, each in enumerate(wrong.values()):
        package = each.candidate.package
        (tmp_path / f"{number}.zip").write_bytes(PACKAGES.pack(package.files))
        assert open_package(tmp_path / f"{number}.zip", digest=package.digest).version == package.version
        assert package.digest != candidate.package.digest


def test_idle_trees_change_no_score(wrong, candidate):
    padded, rows = wrong["resources"].candidate.package, candidate.inputs()
    np.testing.assert_allclose(
        padded.scorer("xgboost").scores(padded.guard(rows)), candidate.package.scores(rows), atol=1e-6
    )


def test_a_release_stops_at_the_first_blocking_gate_and_can_end_there(wrong):
    report = run_gates(wrong["production-like re-creation"].candidate, stop=True)
    assert [each.gate for each in report.results] == list(GATES[:2])
    assert not report.allowed


def test_the_risk_decides_what_blocks(candidate):
    unsigned = candidate.but(approvals=())
    for risk, allowed in (("low", True), ("high", False)):
        only = ["production-like re-creation", "integration", "governance"] if risk == "low" else None
        report = run_gates(unsigned, risk=risk, only=only)
        assert report.allowed is allowed
        assert "governance" in report.failed


def test_a_blocking_gate_that_is_left_out_has_failed(candidate):
    report = run_gates(candidate, risk="high", only=["governance"])
    assert not report.allowed
    assert report.first_failed == "coding standards"
    for arguments in ({"only": ["luck"]}, {"risk": "none"}):
        with pytest.raises(LifecycleError, match=r"no gate|no risk class"):
            run_gates(candidate, **arguments)


@pytest.mark.parametrize(
    ("gate", "changes"),
    [
        ("revalidation", {"development": {}}),
        ("explainability", {"explanations": {}}),
        ("revalidation", {"rows": pd.DataFrame(columns=[*NAMES, "bad"], dtype="float64")}),
    ],
)
def test_a_gate_that_cannot_run_has_failed(candidate, gate, changes):
    assert failures(candidate.but(**changes), gate) == ["could be run"]


def test_rows_without_a_feature_are_no_candidate(candidate):
    with pytest.raises(LifecycleError, match="no column `share`"):
        candidate.but(rows=candidate.rows.drop(columns="share"))


def test_an_approval_is_for_one_digest_and_one_role(candidate):
    digest = candidate.package.digest
    elsewhere = tuple(Approval(each.role, each.person, "0" * 64) for each in candidate.approvals)
    assert failures(candidate.but(approvals=elsewhere), "governance") == ["approved, this very digest"]
    twice = tuple(Approval(role, "Ada", digest) for role in PEOPLE)
    assert failures(candidate.but(approvals=twice), "governance") == ["nobody approves twice"]


def test_groups_that_are_treated_otherwise_are_found_and_can_be_accepted_for_this_package(candidate):
    flagged = candidate.package.decide(candidate.package.scores(candidate.inputs())) == 1
    unequal = candidate.but(groups={"town": pd.Series(np.where(flagged, "x", "y"))})
    assert failures(unequal, "governance") == ["four fifths by town"]
    accepted = unequal.accepted("four fifths by town", person="Bo", reason="looked into on paper 7")
    assert failures(accepted, "governance") == []
    assert failures(unequal.accepted("four fifths by town", person="Bo", reason=" "), "governance") == [
        "four fifths by town"
    ]
    elsewhere = accepted.but(waivers=tuple(replace(each, digest="0" * 64) for each in accepted.waivers))
    assert failures(elsewhere, "governance") == ["four fifths by town"]


@pytest.mark.parametrize(
    ("files", "finding"),
    [
        ({"model/note.txt": b"password = hunter2-hunter2"}, "no secret"),
        ({"model/key.txt": b"-----BEGIN RSA PRIVATE KEY-----"}, "no secret"),
        ({"model/scaler.bin": b"\x80\x05\x95rest"}, "no file that runs when it is loaded"),
        ({"model/scaler.joblib": b"text"}, "no file that runs when it is loaded"),
    ],
)
def test_what_should_not_travel_is_found_and_nobody_can_accept_it(candidate, files, finding):
    other = candidate.but(package=resealed(candidate.package, files)).approved(PEOPLE)
    assert failures(other.accepted(finding, person="Bo", reason="it is late"), "governance") == [finding]


def test_a_protected_attribute_among_the_inputs_is_found(candidate):
    groups = {"share": candidate.groups["group"]}
    assert failures(candidate.but(groups=groups), "governance") == ["no protected attribute as input"]


def test_data_that_are_missing_or_have_moved_are_found(candidate):
    rows = candidate.rows.copy()
    rows["limit"] += 40
    assert "distribution of the features" in failures(candidate.but(rows=rows), "data quality")
    rows = candidate.rows.copy()
    rows.loc[:20, "share"] = 7.0
    assert "within the schema" in failures(candidate.but(rows=rows), "data quality")
    rows = candidate.rows.copy()
    rows.loc[3, "paid"] = np.nan
    assert {"complete", "could be run"} <= set(failures(candidate.but(rows=rows), "data quality"))


def test_integration_needs_a_way_back_and_the_endpoints_that_were_promised(candidate):
    assert failures(candidate.but(previous=None), "integration") == ["rollback rehearsed"]
    other = candidate.but(service={"endpoints": ["/score", "/predict"]})
    assert failures(other, "integration") == ["endpoints that were promised"]


def test_a_score_that_is_no_number_agrees_with_nothing(candidate):
    scores = candidate.package.golden["score"].tolist()
    last = [*scores[: GIVEN - 1], math.nan]
    code = f"import json, sys\nif not sys.argv[1:]:\n    print('{json.dumps([{'probability': each} for each in last])}')\n"
    other = candidate.but(package=resealed(candidate.package, {"code/score.py": code.encode()}))
    assert failures(other, GATES[1]) == ["rows by standard input"]

    def answers(each):
        return httpx.Response(200, content=json.dumps({"answers": [{"probability": score} for score in each]}))

    assert running_gates._golden(answers(scores), scores)[0]
    assert not running_gates._golden(answers([*scores[:-1], math.nan]), scores)[0]


def test_a_machine_is_busy_where_half_as_many_again_wait_as_can_run_and_never_where_none_tells(monkeypatch):
    processors = os.cpu_count()
    for load, busy in ((1.4 * processors, False), (1.6 * processors, True)):
        monkeypatch.setattr(os, "getloadavg", lambda load=load: (load, 0.0, 0.0), raising=False)
        assert running_gates._busy() is busy

    def refused():
        raise OSError("load average was unobtainable")

    monkeypatch.setattr(os, "getloadavg", refused)
    assert not running_gates._busy()
    monkeypatch.delattr(os, "getloadavg")
    assert not running_gates._busy()


def test_the_answer_time_under_load_is_that_of_95_of_100(monkeypatch):
    asked, clock = [], SimpleNamespace(now=0.0)
    monkeypatch.setattr(running_gates, "time", SimpleNamespace(perf_counter=lambda: clock.now))

    async def app(scope, receive, send):
        asked.append(scope)
        clock.now += 0.2 if len(asked) > 0.95 * running_gates.ASKED else 0.01
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    seconds, failed = running_gates._timed(app, [{}])
    assert len(asked) == running_gates.ASKED
    assert (round(seconds, 9), failed) == (0.01, 0)


def test_a_budget_that_is_too_small_is_exceeded(candidate):
    tight = candidate.but(budget=Budget(package_mib=0.01, memory_mib=1, answer_ms=1e-3, rows_per_second=1e12))
    assert len(failures(tight, "resources")) == 4


def test_a_report_is_the_same_each_time_without_what_was_measured(candidate, report):
    assert run_gates(candidate).to_dict() == report.to_dict()
    made = json.loads(report.to_json())
    assert made["package"]["digest"] == candidate.package.digest
    assert any("measured" in one for each in made["gates"] for one in each["findings"])
    assert "measured" not in json.dumps(report.to_dict())
    assert [row["result"] for row in report.rows()] == ["passed"] * 8


def test_a_clean_process_has_what_the_lock_lists_and_nothing_else(candidate):
    code = b"import numpy, onnxruntime\ntry:\n    import pandas\nexcept ImportError as error:\n    print(error)\n"
    package = resealed(candidate.package, {"code/score.py": code})
    (alone,) = in_clean_process(package, [([], "")]).calls
    assert (alone.status, alone.out) == (0, "No module named 'pandas'\n")
    (here,) = in_clean_process(package, [([], "")], alone=False).calls
    assert (here.status, here.out) == (0, "")


def test_memory_is_that_of_the_process_and_not_of_whoever_started_it(candidate):
    ballast = b"\1" * 300 * 2**20
    small = resealed(candidate.package, {"code/score.py": b"print(1)\n"})
    large = resealed(candidate.package, {"code/score.py": b"held = b'\\1' * 200 * 2**20\n"})
    small_mib, large_mib = (in_clean_process(package, [([], "")]).memory_mib for package in (small, large))
    assert 2 < small_mib < 100 < len(ballast) / 2**20
    assert large_mib - small_mib == pytest.approx(200, abs=20)


def test_what_code_does_is_told_and_a_process_that_does_not_end_is_ended(candidate):
    code = b"import sys\nprint(sys.stdin.read(), *sys.argv[1:])\nif sys.argv[1:]:\n    raise ValueError('no')\nsys.exit(3)\n"
    package = resealed(candidate.package, {"code/score.py": code})
    run = in_clean_process(package, [([], "in"), (["a"], "")], trace=True)
    assert [(call.status, call.out) for call in run.calls] == [(3, "in\n"), (70, " a\n")]
    assert run.calls[1].err == "ValueError: no"
    assert run.covered == 1.0
    endless = resealed(candidate.package, {"code/score.py": b"while True:\n    pass\n"})
    with pytest.raises(LifecycleError, match="did not end"):
        in_clean_process(endless, [([], "")], timeout=2)


GOOD = '"""A module."""\n\n\ndef double(value: int) -> int:\n    """Twice the value."""\n    return 2 * value\n'


def test_code_in_order_has_no_objections():
    assert objections("a.py", GOOD.encode()) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"""A module."""\n', "", "module says nothing"),
        ('    """Twice the value."""\n', "", "`double` says nothing"),
        ("value: int", "value", "no types"),
        (" -> int", "", "no types"),
        ("return 2 * value", "try:\n        return 2 * value\n    except:\n        return 0", "swallowed"),
        (
            "return 2 * value",
            "try:\n        return 2 * value\n    except Exception:\n        pass\n    return 0",
            "swallowed",
        ),
        ("return 2 * value", "return eval('2 * value')", "runs text"),
        ("value: int", "value: list = []", "shares a default"),
        ("return 2 * value", "return 2 * value" + "  # " + "x" * 130, "characters"),
        ("return 2 * value", "return 2 * value  ", "blanks"),
        ("return 2 * value", "x = 0\n" + "    x += 1\n" * 60 + "    return x", "longer than"),
        ("def double", "def (", "not Python"),
    ],
)
def test_each_fault_in_code_is_named(old, new, words):
    assert old in GOOD
    assert any(words in each for each in objections("a.py", GOOD.replace(old, new, 1).encode()))


@given(st.lists(st.floats(0, 1), min_size=30, max_size=80))
def test_the_same_scores_are_stable_and_others_are_not(scores):
    values = np.array(scores)
    quantiles = np.quantile(values, np.linspace(0, 1, 101))
    assert stability(quantiles, np.repeat(values, 20)) < 0.2
    assert stability(quantiles, values) >= 0


def test_the_stability_index_is_that_of_its_formula():
    draw = np.random.default_rng(0)
    before, now = draw.beta(2, 5, 20_000), draw.beta(3, 4, 20_000)
    edges = np.quantile(before, np.linspace(0, 1, 11))
    expected = np.full(10, 0.1)
    seen = np.histogram(np.clip(now, edges[0], edges[-1]), edges)[0] / len(now)
    right = float(((seen - expected) * np.log(seen / expected)).sum())
    assert stability(np.quantile(before, np.linspace(0, 1, 101)), now) == pytest.approx(right, rel=0.1)
