"""Assigning users, serving them, ending it, and reading the result: with real applications and real requests."""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, chi2_contingency

from lifecycle.deploy import in_process, serving
from lifecycle.errors import DataError
from lifecycle.iterate import (
    ExperimentFront,
    ExperimentPlan,
    Guardrail,
    KillLimit,
    KillSwitch,
    SequentialTest,
    Splitter,
    analyse_experiment,
    judge_guardrail,
    place,
    reactions,
    visitors,
)

NAMES = [f"user-{number}" for number in range(6000)]


def test_a_place_is_the_same_on_every_machine():
    assert place("anna", "ranking") == int(sha256(b"ranking\x1fanna").hexdigest()[:14], 16) / 16**14


def test_a_ramp_lets_more_in_moves_nobody_and_keeps_the_ratio():
    groups = [Splitter("x", {"a": 0.8, "b": 0.2}).ramped(share).groups(NAMES) for share in (0.0, 0.1, 0.5, 1.0)]
    assert set(groups[0]) == {None}
    assert None not in groups[3]
    for small, large in pairwise(groups):
        assert all(one is None or one == two for one, two in zip(small, large, strict=True))
    for taking_part, share in ((groups[1], 0.1), (groups[2], 0.5)):
        counted = [group for group in taking_part if group]
        assert len(counted) / len(NAMES) == pytest.approx(share, abs=0.03)
        assert counted.count("b") / len(counted) == pytest.approx(0.2, abs=0.06)


def test_two_salts_know_nothing_of_each_other():
    table = pd.crosstab(np.array(Splitter("x").groups(NAMES)), np.array(Splitter("y").groups(NAMES)))
    assert chi2_contingency(table).pvalue > 1e-4
    assert Splitter("x").groups(NAMES) == Splitter("x").groups(NAMES)


@settings(max_examples=30)
@given(st.text(max_size=20), st.text(min_size=1, max_size=20))
def test_any_name_has_a_place(name, salt):
    assert 0 <= place(name, salt) < 1
    assert Splitter(salt).group(name) in ("champion", "challenger")


def test_who_is_left_out_takes_no_part():
    assert Splitter("x", left_out=frozenset({"bot"})).groups(["bot", "anna"])[0] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"salt": ""}, {"shares": {"a": 1.0}}, {"shares": {"a": 0.6, "b": 0.6}}, {"exposure": 1.5},
        {"shares": {"a": 0.5, "b": float("nan")}}, {"shares": {"a": float("nan"), "b": 0.5}}, {"exposure": float("nan")},
    ],
)  # fmt: skip
def test_splits_that_split_nothing_are_refused(wrong):
    with pytest.raises(DataError):
        Splitter(**{"salt": "x"} | wrong)


@pytest.mark.parametrize(
    ("a", "b", "worse", "state"),
    [
        ((110, 5500), (121, 5500), "higher", "unknown"),
        ((1212, 60_590), (1215, 60_590), "higher", "safe"),
        ((1212, 60_590), (1460, 60_590), "higher", "harmed"),
        ((1460, 60_590), (1212, 60_590), "higher", "safe"),
        ((1460, 60_590), (1212, 60_590), "lower", "harmed"),
        ((1212, 60_590), (1320, 60_590), "higher", "unknown"),
        ((0, 50), (0, 50), "higher", "unknown"),
        ((0, 50_000), (0, 50_000), "higher", "safe"),
    ],
)
def test_a_guardrail_is_safe_only_where_harm_is_excluded(a, b, worse, state):
    assert judge_guardrail(Guardrail("complaints", 0.002, worse=worse), a, b).state == state


def test_a_guardrail_without_margin_is_refused():
    for margin in (0.0, -0.1, 1.0):
        with pytest.raises(DataError):
            Guardrail("x", margin)


def switch(**options):
    limits = [KillLimit("errors", 0.01), KillLimit("revenue", 0.9, kind="value", worse="lower")]
    return KillSwitch(limits, owner="Ada", **{"least": 100} | options)


def test_a_switch_waits_for_data_and_then_believes_them():
    one = switch()
    assert one.look({"errors": 50, "revenue": 0.1}, n=99) == "wait"
    assert one.look({"errors": 3, "revenue": 1.0}, n=100) == "go on"
    assert one.look({"errors": 30, "revenue": 1.0}, n=200, when="day 2") == "stop"
    assert one.pulled
    assert one.look({"errors": 0, "revenue": 1.0}, n=10_000) == "stop"
    assert [(entry.when, entry.by) for entry in one.log] == [("day 2", "switch")]


@settings(max_examples=30)
@given(st.integers(100, 5000), st.data())
def test_a_rate_ends_it_where_so_many_events_are_rarer_than_the_level_allows(n, data):
    errors = data.draw(st.integers(0, min(n, 120)))
    acted = switch().look({"errors": errors, "revenue": 1.0}, n=n)
    chance = sum(binom.pmf(k, n, 0.01) for k in range(errors, n + 1) if k < errors + 200)
    assert acted == ("stop" if chance < 0.001 else "go on")


def test_a_value_has_to_be_beyond_its_limit_twice_in_a_row():
    one = switch()
    assert [one.look({"errors": 0, "revenue": value}, n=500) for value in (0.8, 0.95, 0.8, 0.7)] == ["go on"] * 3 + ["stop"]
    assert switch(in_a_row=1).look({"errors": 0, "revenue": 0.8}, n=500) == "stop"


def test_what_nobody_measures_is_not_safe():
    for seen in ({"errors": 0}, {"errors": float("nan"), "revenue": 1.0}, {"errors": 0, "revenue": float("nan")}):
        one = switch()
        assert one.look(seen, n=500) == "stop"
        assert "nothing is known of" in one.log[0].reason


def test_two_limits_on_one_figure_each_keep_their_own_count():
    limits = [KillLimit("p95_ms", worst, kind="value") for worst in (500, 100)]
    one = KillSwitch([*limits, KillLimit("p95_ms", 5, kind="value", worse="lower")], owner="Ada", least=1)
    assert [one.look({"p95_ms": ms}, n=500) for ms in (200, 200)] == ["go on", "stop"]
    assert "above 100" in one.log[0].reason


def test_a_look_may_be_at_one_kind_of_limit():
    one = switch()
    assert [one.look({"errors": 0}, n=500, kinds=("rate",)) for _ in range(2)] == ["go on"] * 2
    assert one.look({"revenue": 0.1}, n=500, kinds=("value",)) == "go on"
    assert one.look({"errors": 90}, n=500, kinds=("rate",)) == "stop"


def test_only_the_owner_puts_it_back_and_with_a_reason():
    one = switch()
    one.pull("a caller complains", by="Bo", when="noon")
    for by, reason in (("Bo", "looks fine"), ("Ada", " ")):
        with pytest.raises(DataError):
            one.put_back(reason, by=by)
    one.put_back("mended in 1.1.1", by="Ada")
    assert not one.pulled
    assert [entry["action"] for entry in one.to_json()["log"]] == ["stop", "put back"]


def test_switches_that_stop_nothing_are_refused():
    for wrong in (
        lambda: KillSwitch([], owner="Ada"),
        lambda: KillSwitch([KillLimit("errors", 0.01)], owner=" "),
        lambda: KillSwitch([KillLimit("errors", 0.01)], owner="Ada", level=1.0),
        lambda: KillSwitch([KillLimit("errors", 0.01)], owner="Ada", least=float("nan")),
        lambda: KillLimit("errors", 1.5),
        lambda: KillLimit("revenue", float("nan"), kind="value"),
        lambda: KillLimit("errors", 0.1, kind="other"),
        lambda: switch().look({"errors": 600, "revenue": 1}, n=500),
    ):
        with pytest.raises(DataError):
            wrong()


def version(name, *, fails_every=0):
    app, seen = FastAPI(), []

    @app.post("/score")
    async def score(body: dict):
        seen.append(body)
        if fails_every and len(seen) % fails_every == 0:
            raise MemoryError("out of memory")
        return {"version": name, "echo": body["x"]}

    app.state.seen = seen
    return app


def asked(caller, users):
    return [caller.post("/score?y=1", json={"x": k}, headers={"x-user-id": user}) for k, user in enumerate(users)]


def test_each_user_is_answered_by_the_version_of_their_group():
    splitter = Splitter("x", exposure=0.8, left_out=frozenset({"user-3"}))
    front = ExperimentFront({"champion": version("old"), "challenger": version("new")}, splitter)
    with in_process(front) as caller:
        answers = asked(caller, NAMES[:30] + NAMES[:30])
        nameless = caller.post("/score", json={"x": 1})
    wanted = ["new" if group == "challenger" else "old" for group in splitter.groups(NAMES[:30])] * 2
    assert [answer.json()["version"] for answer in answers] == wanted
    assert nameless.headers["x-served-by"] == "champion"
    log = front.frame()
    assert log["group"].notna().sum() == 2 * sum(group is not None for group in splitter.groups(NAMES[:30]))
    assert log.iloc[-1]["user"] == ""


def test_a_failure_is_stood_in_for_counted_and_ends_the_experiment():
    old, new = version("old"), version("new", fails_every=5)
    one = KillSwitch([KillLimit("errors", 0.01), KillLimit("p95_ms", 60_000, kind="value")], owner="Ada", least=20)
    with serving(old) as a, serving(new) as b:
        front = ExperimentFront({"champion": a.url, "challenger": b.url}, Splitter("x"), kill_switch=one)
        import httpx

        with serving(front) as door, httpx.Client(base_url=door.url) as caller:
            answers = asked(caller, NAMES[:80])
    assert {answer.status_code for answer in answers} == {200}
    assert [answer.json()["echo"] for answer in answers] == list(range(80))
    assert one.pulled
    assert len(new.state.seen) == 20
    log = front.frame()
    assert (log["status"] == 500).sum() == 4
    assert (log.loc[log["status"] == 500, "served"] == "champion").all()
    assert log["group"].tolist() == Splitter("x").groups(NAMES[:80])


def test_a_challenger_that_is_gone_hurts_nobody_and_a_champion_that_is_gone_is_said():
    gone = "http://127.0.0.1:9"
    with in_process(ExperimentFront({"champion": version("old"), "challenger": gone}, Splitter("x"))) as caller:
        assert {answer.json()["version"] for answer in asked(caller, NAMES[:6])} == {"old"}
    with in_process(ExperimentFront({"champion": gone, "challenger": version("new")}, Splitter("x"))) as caller:
        assert {answer.status_code for answer in asked(caller, NAMES[:12])} == {200, 502}


def test_large_requests_and_ramps():
    front = ExperimentFront({"champion": version("old"), "challenger": version("new")}, Splitter("x"), largest=50)
    front.ramp_to(0.0)
    with in_process(front) as caller:
        assert caller.post("/score", content=b"x" * 51).status_code == 413
        assert asked(caller, NAMES[:8])[-1].json()["version"] == "old"
    assert front.frame()["group"].isna().all()


def test_fronts_that_cannot_work_are_refused():
    for services, options in (
        ({"champion": "u"}, {}),
        ({"champion": "u", "challenger": "v"}, {"kill_switch": switch()}),
    ):
        with pytest.raises(DataError):
            ExperimentFront(services, Splitter("x"), **options)


PLAN = ExperimentPlan("losses per user", 0.2, -0.05)


def outcome(rate_b=0.15, *, n=4000, seed=1, harm=0.0):
    rng = np.random.default_rng(seed)
    group = np.array(Splitter("x").groups(NAMES[:n]))
    rate = np.where(group == "challenger", rate_b, 0.2)
    angry = np.where(group == "challenger", 0.02 + harm, 0.02)
    columns = {"event": rng.random(n) < rate, "complaint": rng.random(n) < angry}
    return pd.DataFrame({"user": NAMES[:n], "group": group, **{name: each.astype(int) for name, each in columns.items()}})


def analysed(frame, **options):
    return analyse_experiment(frame, PLAN, outcome="event", **{"guardrails": [Guardrail("complaint", 0.02)]} | options)


def test_a_report_decides_in_the_order_of_the_plan():
    assert analysed(outcome()).decision == "replace"
    assert analysed(outcome(0.2, seed=3)).decision == "keep"
    assert analysed(outcome(0.26)).decision == "keep"
    assert analysed(outcome(n=500)).decision == "wait"
    assert analysed(outcome(harm=0.06)).decision == "stop"
    assert analysed(outcome(), guardrails=[Guardrail("complaint", 0.001)]).decision == "a person decides"
    lost = outcome()
    assert analysed(lost.drop(lost.index[(lost["group"] == "challenger") & (lost.index % 5 == 0)])).decision == "invalid"
    twice = pd.concat(
        [
            outcome(),
            outcome().head(3).assign(group=lambda f: f["group"].map({"champion": "challenger", "challenger": "champion"})),
        ]
    )
    assert analysed(twice).decision == "invalid"


def test_a_sequential_test_takes_the_place_of_the_fixed_one():
    frame = outcome()
    counts = frame.groupby("group")["event"].agg(["sum", "count"])
    look = SequentialTest(8_000).look(*counts.loc["champion"], *counts.loc["challenger"])
    found = analysed(frame, look=look)
    assert found.decision == ("wait" if look.outcome == "go on" else "replace")
    assert (found.result.low, found.result.high) == (look.low, look.high)
    assert "bound" in found.rows()[-1]["found"]


def test_a_report_can_be_read_by_people_and_programs():
    import json

    found = analyse_experiment(outcome(), ExperimentPlan("<clicks>", 0.2, -0.05), outcome="event")
    assert json.loads(json.dumps(found.to_json()))["decision"] == "replace"
    assert "&lt;clicks&gt;" in found.to_html()
    assert "<clicks>" not in found.to_html()


def test_a_test_that_ended_too_early_says_how_few_it_had():
    frame = outcome(0.2, n=300, seed=3)
    counts = frame.groupby("group")["event"].agg(["sum", "count"])
    look = SequentialTest(8_000).look(*counts.loc["champion"], *counts.loc["challenger"], final=True)
    found = analysed(frame, look=look, guardrails=[])
    assert found.decision == "keep"
    assert f"300 users of {PLAN.total:,}" in found.reason


def test_a_look_at_other_users_is_refused():
    frame = outcome()
    counts = frame.groupby("group")["event"].agg(["sum", "count"])
    look = SequentialTest(8_000).look(*counts.loc["champion"], *counts.loc["challenger"])
    assert analysed(frame, look=look).look == look
    for others in (frame.iloc[:-200], outcome(seed=9), frame.assign(event=1 - frame["event"])):
        with pytest.raises(DataError, match="the look saw a difference"):
            analysed(others, look=look)


def test_as_many_users_as_planned_are_enough_however_the_lot_halved_them():
    plan = ExperimentPlan("losses per user", 0.2, -0.05)
    names = [f"someone-{number}" for number in range(plan.total)]
    groups = Splitter("x").groups(names)
    assert len({groups.count(name) for name in ("champion", "challenger")}) == 2
    frame = pd.DataFrame({"user": names, "group": groups, "event": 0})
    frame.loc[::5, "event"] = 1
    assert analyse_experiment(frame, plan, outcome="event").decision == "keep"
    short = analyse_experiment(frame.iloc[1:], plan, outcome="event")
    assert (short.decision, short.rows()[1]["answer"]) == ("wait", "no")


def test_users_without_a_group_are_not_counted():
    frame = outcome()
    more = pd.DataFrame({"user": ["n1"], "group": [None], "event": [1], "complaint": [1]})
    assert analysed(pd.concat([frame, more])).result == analysed(frame).result


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda f: f.drop(columns="event"), "no column `event`"),
        (lambda f: f.assign(group="champion"), "empty"),
        (lambda f: f.assign(group="c"), "neither champion nor challenger"),
        (lambda f: f.assign(event=0.5), "neither 0 nor 1"),
        (lambda f: f.assign(complaint=float("nan")), "neither 0 nor 1"),
        (lambda f: pd.concat([f, f]), "more than once"),
        (lambda f: f.head(0), "nobody"),
    ],
)
def test_logs_that_cannot_be_analysed_are_refused_by_name(spoil, words):
    with pytest.raises(DataError, match=words):
        analysed(spoil(outcome()))


def test_simulated_people_react_to_what_was_done():
    people = visitors(50, days=3, per_day=2000, seed=2)
    assert people["user"].is_unique
    assert people.groupby("day").size().tolist() == [2000] * 3
    label = people["row"] % 2
    nothing, everything = (reactions(label, np.full(6000, acted), works=0.5, annoyed=0.1) for acted in (0, 1))
    assert (nothing["event"] == label).all()
    assert nothing["complaint"].sum() == 0
    assert everything.loc[label == 1, "event"].mean() == pytest.approx(0.5, abs=0.04)
    assert everything.loc[label == 0, "complaint"].mean() == pytest.approx(0.1, abs=0.03)
    assert everything.loc[label == 1, "complaint"].sum() == 0
    assert (everything["event"] <= nothing["event"]).all()


def test_people_who_cannot_be_are_refused():
    for wrong in (
        lambda: visitors(0, days=1, per_day=1),
        lambda: reactions([1, 0], [1]),
        lambda: reactions([1], [1], works=2),
    ):
        with pytest.raises(DataError):
            wrong()
