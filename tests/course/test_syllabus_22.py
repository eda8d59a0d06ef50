"""The figures that lesson 22 teaches, from the functions that it teaches them with."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lifecycle.cases import (
    LIVE,
    CaseError,
    Column,
    Desk,
    History,
    Setting,
    bonferroni_level,
    draw_tenants,
    expected_false_alarms,
    fit_engine,
    margin_change,
    missing_fields,
    variance_ratio,
)

COMMITTED = Path(__file__).parents[2] / "datasets/artifacts/22/tenants.json"
OFFICES = {"A": ["fibre", "wi-fi", "router"], "B": ["fibre", "wi-fi", "router"], "C": ["fibre", "wi-fi"],
           "D": ["fibre", "phone"], "E": ["wi-fi", "router", "alarm"], "F": ["phone", "tv"], "G": ["fibre", "phone", "tv"],
           "H": ["tv"]}  # fmt: skip


@pytest.fixture(scope="module")
def telecom():
    rows = [(who, what, "2025-06-01") for who, basket in OFFICES.items() for what in basket]
    return fit_engine(History.of(pd.DataFrame(rows, columns=["customer", "product", "day"])), Setting(5), at=LIVE)


def test_4000_tests_cry_wolf_200_times_at_5_per_cent_and_40_times_at_1():
    assert expected_false_alarms(4_000, level=0.05) == 200
    assert expected_false_alarms(4_000, level=0.01) == 40


def test_bonferroni_asks_for_0_0000125():
    assert bonferroni_level(4_000, level=0.05) == pytest.approx(1.25e-5)


def test_ten_to_ninety_has_2_78_times_the_variance_of_halves():
    assert variance_ratio(0.1) == pytest.approx(2.78, abs=0.005)
    assert variance_ratio(0.5) == 1


def test_more_units_and_500_dollars_less():
    assert (
        margin_change({"basic": 100, "premium": 40}, {"basic": 150, "premium": 20}, {"basic": 10, "premium": 50})["total"]
        == -500
    )


def test_a_mapping_without_an_amount_is_noticed():
    mapping = {"customer": Column("Kunde"), "product": Column("Artikel"), "day": Column("Datum")}
    assert missing_fields(["Kunde", "Artikel", "Datum", "Betrag_ct"], mapping) == ["amount"]


def test_a_client_with_a_hundred_columns_keeps_six():
    wide = next(firm for firm in draw_tenants(60, seed=22, broken=0) if firm.dialect == 4)
    assert (wide.read().shape[1], len(wide.mapping)) == (100, 6)


def test_fibre_and_wifi_go_with_a_router(telecom):
    assert dict(telecom.suggest(["fibre", "wi-fi"], n=4)) == pytest.approx(
        {"router": 0.691, "phone": 0.258, "alarm": 0.25, "tv": 0.129}, abs=5e-4
    )


def test_switched_off_the_answer_is_empty_and_logged(telecom):
    desk = Desk({"telecom": telecom})
    desk.switch.turn("telecom", "off", who="sales manager", why="range changes")
    assert desk.answer("telecom", ["fibre"]).items == ()
    assert desk.answers[-1]["reason"] == "switched off"
    with pytest.raises(CaseError):
        desk.switch.turn("telecom", "on", who="", why="works again")


def test_sizes_have_a_median_of_2000():
    assert np.median([firm.interactions for firm in draw_tenants(1_000, seed=3)]) == pytest.approx(2_000, rel=0.08)


def test_what_is_handed_on_says_who_was_trained_who_not_and_what_came_of_alarms():
    handed = json.loads(COMMITTED.read_text(encoding="utf-8"))
    assert handed["tenants"] == len(handed["trained"]) + len(handed["quarantined"])
    assert all(handed["quarantined"].values())
    assert {name for month in handed["months"] for name in month["replaced"]} <= set(handed["trained"])
    assert [entry["position"] for entry in handed["switch"]] == ["off", "on"]
