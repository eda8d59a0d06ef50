"""The figures that lesson 13 teaches, from the functions that it teaches them with."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from lifecycle.develop.objectives.feasibility import largest_fpr, precision
from lifecycle.monitor import (
    Campaign,
    EventLog,
    Ledger,
    breaks_even_at,
    incremental_effect,
    pilot_size,
    reconcile,
    scenario_table,
    tornado,
)

ROOT = Path(__file__).parents[2]
CHURN = Campaign(cases=10_000, recall=0.75, success=0.3, value=500, contact=50, development=100_000, maintenance=20_000)
FRAUD = 492 / 284_807


def net(**changes):
    return CHURN.but(**changes).net


def roi(**changes):
    return round(100 * CHURN.but(**changes).roi)


def test_a_payment_has_three_truths():
    log = EventLog()
    log.predicted("P-1", day=1, decision=1)
    log.learned("P-1", day=7, label=0)
    log.learned("P-1", day=30, label=1)
    seen = [reconcile(log.predictions(), log.outcomes(), as_of=day).standing for day in (1, 7, 30)]
    assert [(each.labelled, each.fp, each.tp) for each in seen] == [(0, 0, 0), (1, 1, 0), (1, 0, 1)]


def test_the_churn_case_returns_127_percent():
    assert CHURN.cases * CHURN.value == 5_000_000
    assert (CHURN.saved, CHURN.ledger.benefit, CHURN.ledger.cost, CHURN.net) == (2_250, 1_125_000, 495_000, 630_000)
    assert pytest.approx(1.273, abs=5e-4) == CHURN.roi


def test_at_a_precision_of_one_half_it_returns_29_percent():
    honest = CHURN.but(precision=0.5)
    assert honest.contacts == 15_000
    assert honest.roi == pytest.approx(0.293, abs=5e-4)


def test_it_breaks_even_at_a_precision_of_373_and_a_success_of_132():
    assert breaks_even_at(net, "precision", low=0.01, high=1) == pytest.approx(0.373, abs=5e-4)
    assert breaks_even_at(net, "success", low=0, high=1) == pytest.approx(0.132, abs=5e-4)


def test_recall_moves_it_little_and_success_much():
    assert [roi(recall=recall) for recall in (0.6, 0.75, 0.9)] == [114, 127, 137]
    assert [roi(success=success) for success in (0.2, 0.3, 0.4)] == [52, 127, 203]
    assert tornado(net, {"recall": (0.6, 0.9), "success": (0.2, 0.4)})["assumption"].iloc[0] == "success"


def test_three_scenarios():
    scenarios = {
        "pessimistic": {"recall": 0.6, "success": 0.2, "value": 400, "development": 150_000},
        "base": {},
        "optimistic": {"recall": 0.9, "success": 0.4, "value": 600, "development": 75_000},
    }
    table = scenario_table({"net": net, "roi": roi}, scenarios)
    assert table["net"].tolist() == pytest.approx([10_000, 630_000, 1_615_000])
    assert table["roi"].tolist() == [2, 127, 296]
    assert net(**scenarios["pessimistic"], precision=0.5) == pytest.approx(-290_000)


def test_one_person_at_a_fifth_of_their_time_costs_nine_points():
    assert [0.15 * CHURN.development, 0.25 * CHURN.development] == [15_000, 25_000]
    assert CHURN.maintenance / CHURN.development == 0.2
    assert roi(maintenance=40_000) == 118


def test_the_board_has_three_returns():
    month = Ledger({"prevented": 200_000}, {"false positives": 4_000, "operation": 20_000})
    assert month.net == 176_000
    assert 12 * month.net == pytest.approx(2.1e6, rel=0.01)
    assert 12 * month.net - 100_000 == pytest.approx(2.0e6, rel=0.01)
    assert 12 * month.benefit == 2_400_000
    with_development = month.with_costs(development=100_000 / 12)
    assert [round(100 * each) for each in (month.roi(["operation"]), month.roi(), with_development.roi())] == [880, 733, 519]


def test_the_rates_of_the_board_imply_a_precision_of_8_percent():
    assert precision(prevalence=FRAUD, tpr=0.92, fpr=0.018) == pytest.approx(0.081, abs=5e-4)
    assert largest_fpr(prevalence=FRAUD, tpr=0.88, precision=0.92) == pytest.approx(0.00013, abs=5e-6)


def test_those_who_would_have_stayed_take_the_return_away():
    effect = incremental_effect(300, 1_000, good_without=170, control=1_000)
    assert effect.estimate == pytest.approx(0.13)
    assert CHURN.but(anyway=0.17).net < 0


def test_two_points_of_recall_do_not_bring_half_a_million():
    ours = CHURN.but(precision=0.5, maintenance=40_000, years=3)
    aged = ours.but(discount=0.08, decay=0.2)
    assert ours.but(recall=0.77).net - ours.net == pytest.approx(30_000)
    assert aged.but(recall=0.77).net - aged.net < 30_000
    assert ours.but(recall=1).net - ours.net < 500_000
    for case, worth_it in ((ours, True), (aged, False)):  # twenty times the customers: the horizon decides
        large = case.but(cases=200_000)
        assert (large.but(recall=0.77).net - large.net > 500_000) is worth_it


def test_a_pilot_among_flags_is_nine_times_as_large_as_one_among_leavers():
    needed = breaks_even_at(lambda p: net(success=p, precision=0.5), "p", low=0.01, high=1)
    assert needed == pytest.approx(0.232)
    flagged, leaving = pilot_size(0.3, at_least=needed, precision=0.5), pilot_size(0.3, at_least=needed)
    assert flagged == pytest.approx(3_300, rel=0.02)
    assert round(flagged / leaving) == 9


@pytest.fixture(scope="module")
def printed():
    """All that the cells of the built lesson print."""
    cells = nbformat.read(ROOT / "notebooks/13_business_value.ipynb", as_version=4).cells
    outputs = [each for cell in cells if cell.cell_type == "code" for each in cell.outputs]
    texts = [each.text if each.output_type == "stream" else each.get("data", {}).get("text/plain", "") for each in outputs]
    return "\n".join(texts)


def test_early_reports_are_too_low_and_the_correction_is_nearer(printed):
    final, first = re.search(r"when all is known: (\S+)%; in the first report: (\S+)%", printed).groups()
    assert float(first) < float(final)
    reported, corrected, truth = (
        float(re.search(rf"^{name}: +([0-9.]+)", printed, re.MULTILINE).group(1))
        for name in ("day 75 as reported", "corrected for delays", "when all is known")
    )
    assert abs(corrected - truth) < abs(reported - truth)


def test_slow_answers_are_seen_by_operations_alone_and_changed_clients_by_neither_speed_nor_scores(printed):
    table = printed[printed.index("days from the incident to the alarm") :]
    seen = {name: re.search(rf"^{name} +(.+)$", table, re.MULTILINE).group(1).split() for name in
            ("a feed falls silent", "answers get slow", "clients change")}  # fmt: skip
    assert seen["a feed falls silent"][0] == "–"
    assert [value != "–" for value in seen["answers get slow"]] == [True, False, False]
    assert seen["clients change"][:2] == ["–", "–"]


def test_an_incident_never_has_a_negative_price(printed):
    lost = re.findall(r"after \d+ day\(s\), (\S+) \S+ lost at our volume", printed)
    assert len(lost) == 2
    assert all(float(each.replace(",", "")) >= 0 for each in lost)


def test_the_memo_uses_none_of_our_words(printed):
    assert "words of ours: 0" in printed
