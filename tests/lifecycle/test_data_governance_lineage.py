"""Where things came from and went to; what a person is told, corrected and promised."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle import show
from lifecycle.govern import (
    DataSet,
    GovernanceError,
    Lineage,
    Register,
    compare_lineage,
    compare_treatment,
    data_quality,
    draw_lineage,
    observed_lineage,
    portable_copy,
    rectify,
    solely_automated,
    subject_access,
)


def chain():
    lineage = Lineage()
    lineage.add("feature:ratio", made_of=["raw:debt", "raw:income"], how="divide")
    lineage.add("feature:age", made_of=["raw:age"])
    lineage.add("model:a 1", made_of=["feature:ratio", "feature:age"])
    lineage.add("model:b 1", made_of=["feature:age"])
    lineage.add("output:score", made_of=["model:a 1"])
    return lineage


def test_upstream_downstream_and_models():
    lineage = chain()
    assert set(lineage.upstream("model:b 1")) == {"feature:age", "raw:age"}
    assert set(lineage.downstream("raw:debt")) == {"feature:ratio", "model:a 1", "output:score"}
    assert lineage.models("raw:age") == ("model:a 1", "model:b 1")
    assert lineage.layers == ("raw", "feature", "model", "output")
    assert ("raw:debt", "feature:ratio", "divide") in lineage.edges
    assert Lineage.from_json(lineage.to_json()).to_json() == lineage.to_json()


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=15))
def test_nothing_is_made_of_itself_and_both_directions_agree(steps):
    lineage = Lineage()
    for low, high in steps:
        if low < high:
            lineage.add(f"x:{high}", made_of=[f"x:{low}"])
        elif (
            f"x:{low}" in lineage
            and f"x:{high}" in lineage
            and (low == high or f"x:{high}" in lineage.downstream(f"x:{low}"))
        ):
            with pytest.raises(GovernanceError, match="of itself"):
                lineage.add(f"x:{low}", made_of=[f"x:{high}"])
    for thing in lineage.things:
        assert all(thing in lineage.upstream(other) for other in lineage.downstream(thing))
        assert thing not in lineage.upstream(thing)


def test_names_have_a_layer_and_unknown_ones_are_helped():
    with pytest.raises(GovernanceError, match="no layer"):
        Lineage().add("age")
    with pytest.raises(GovernanceError, match="`raw:age`"):
        chain().downstream("feat:age")
    with pytest.raises(GovernanceError, match="not a lineage"):
        Lineage.from_json("[]")


def features(frame):
    return pd.DataFrame({"ratio": frame["debt"] / frame["income"], "old": (frame["age"] > 50) * 1.0, "one": 1.0})


@pytest.fixture
def people():
    rng = np.random.default_rng(0)
    return pd.DataFrame({"debt": rng.random(80), "income": 1 + rng.random(80), "age": rng.integers(20, 80, 80)})


def test_what_moves_depends(people):
    seen = observed_lineage(features, people)
    assert seen == {"ratio": ("debt", "income"), "old": ("age",), "one": ()}
    declared = {"ratio": ["debt"], "old": ["age", "income"], "one": []}
    assert compare_lineage(declared, seen) == [
        {"output": "ratio", "input": "income", "finding": "not declared"},
        {"output": "old", "input": "income", "finding": "not seen"},
    ]


def test_what_cannot_be_seen_is_said(people):
    with pytest.raises(GovernanceError, match="`age` never changes"):
        observed_lineage(features, people.assign(age=30))
    rng = np.random.default_rng(1)
    with pytest.raises(GovernanceError, match="another answer"):
        observed_lineage(lambda frame: frame + rng.random(frame.shape), people)


def test_the_drawing_names_every_thing_once():
    figure, axes = show.figure()
    draw_lineage(chain(), axes, highlight="raw:debt")
    texts = [text.get_text() for text in axes.texts]
    assert sorted(texts) == sorted([*(thing.partition(":")[2] for thing in chain().things), *chain().layers])
    figure.clear()


def register():
    common = {"owner": "Dana", "classification": "confidential", "retention_days": 10}
    service, security = {"service": "contract"}, {"security": "legitimate interest"}
    columns = ("id", "name", "clerk")
    return Register(
        [
            DataSet("clients", "Clients", purposes=service, columns=columns, personal={"id": "number"}, **common),
            DataSet("log", "Log", purposes=security, columns=("who",), personal={"who": "pseudonym"}, **common),
            DataSet("rates", "Rates", purposes={"pricing": "public task"}, owner="Eve", classification="public"),
        ]
    )


CLIENTS = pd.DataFrame({"id": [1, 2], "name": ["Ana", "Bo"], "clerk": ["X", "Y"]})
LOG = pd.DataFrame({"who": ["p2", "p1", "p1"], "at": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03"])})
CALLED = {"clients": ("id", 1), "log": ("who", "p1")}


def test_an_answer_has_every_row_of_the_person_and_of_nobody_else():
    withheld = {"clients": {"clerk": "another person"}}
    answer = subject_access(
        {"clients": CLIENTS, "log": LOG}, register(), identities=CALLED, withheld=withheld, on=date(2026, 2, 1)
    )
    clients, log = answer["held"]
    assert clients["rows"] == [{"id": 1, "name": "Ana"}]
    assert clients["withheld"] == withheld["clients"]
    assert len(log["rows"]) == 2
    assert "Bo" not in json.dumps(answer)
    assert json.loads(portable_copy(answer, provided={"clients": ["name"], "log": ["at"]})) == {"clients": [{"name": "Ana"}]}


def test_an_answer_that_would_not_be_complete_is_none():
    both = {"clients": CLIENTS, "log": LOG}
    for tables, called, message in (
        ({"clients": CLIENTS}, CALLED, "`log` holds people"),
        (both, {"clients": ("id", 1)}, "called in `log`"),
        (both, CALLED | {"log": ("name", 1)}, "no column `name`"),
        (both | {"extra": LOG}, CALLED | {"extra": ("who", "p1")}, "`extra` is not in the register"),
    ):
        with pytest.raises(GovernanceError, match=message):
            subject_access(tables, register(), identities=called, on=date(2026, 2, 1))


def test_a_correction_keeps_what_was_there():
    asked = {"table": "clients", "subject": "id", "person": 1, "column": "name", "value": "Anna"}
    after, record = rectify({"clients": CLIENTS}, **asked, reason="letter", by="desk", stale=["feature:name"])
    assert after["clients"]["name"].tolist() == ["Anna", "Bo"]
    assert CLIENTS["name"].tolist() == ["Ana", "Bo"]
    assert [(each.before, each.after, each.stale) for each in record] == [("Ana", "Anna", ("feature:name",))]
    for changes in ({"person": 9}, {"column": "x"}, {"reason": ""}):
        with pytest.raises(GovernanceError):
            rectify({"clients": CLIENTS}, **({"reason": "r", "by": "desk"} | asked | changes))


def test_quality_in_shares():
    frame = pd.DataFrame(
        {"id": [1, 1, 2, 3], "x": [1.0, None, 3.0, -4.0], "at": pd.to_datetime(["2026-01-01"] * 3 + ["2025-01-01"])}
    )
    found = data_quality(frame, key=["id"], broken=[(3, "x")], time="at", on=date(2026, 1, 2))
    assert found == pytest.approx({"completeness": 11 / 12, "validity": 11 / 12, "uniqueness": 3 / 4, "freshness": 3 / 4})
    with pytest.raises(GovernanceError):
        data_quality(frame.head(0))


def test_grave_decisions_without_a_person_are_found():
    log = pd.DataFrame({"by": ["m", "Dana", None, "m"], "grave": [True, True, True, False]})
    assert solely_automated(log, approved_by="by", grave="grave", machines=["m"]).tolist() == [True, False, True, False]
    with pytest.raises(GovernanceError, match="`who`"):
        solely_automated(log, approved_by="who", grave="grave", machines=[])


def test_treatment_agrees_with_scipy_and_needs_two_groups():
    from scipy.stats import ttest_ind

    rng = np.random.default_rng(3)
    change, used = pd.Series(rng.normal(size=200)), pd.Series(np.arange(200) < 60)
    for extra in (0.0, 0.35):
        shifted = change + extra * used
        found = compare_treatment(shifted, used, rounds=3_000)
        assert found.difference == pytest.approx(shifted[used].mean() - shifted[~used].mean())
        assert found.p_value == pytest.approx(ttest_ind(shifted[used], shifted[~used]).pvalue, abs=0.03)
    with pytest.raises(GovernanceError, match="nobody to compare"):
        compare_treatment(change, used & False)
