import math
from datetime import date

import pytest
from statsmodels.stats.proportion import proportion_confint

from lifecycle.govern import Inventory, InventoryEntry, ProcessError, governance_kpis, leaderboard, portfolio

DAY = date(2026, 3, 1)


def model(*, card=True, tries=1, days=10, team="red"):
    signed = None if days is None else date.fromordinal(DAY.toordinal() + days)
    return {"card": card, "tries": tries, "submitted": DAY, "signed": signed, "due": date(2026, 3, 22), "team": team}


def test_the_board_counts_doing_and_results():
    models = [model(), model(tries=2, days=30), model(card=False, days=None), model(days=20)]
    incidents = [
        {"opened": DAY, "closed": date(2026, 3, 4), "due": date(2026, 3, 15)},
        {"opened": DAY, "closed": None, "due": date(2026, 3, 15)},
    ]
    kpis = {kpi.name: kpi for kpi in governance_kpis(models, incidents)}
    assert {name: (kpi.value, kpi.count) for name, kpi in kpis.items()} == {
        "models with a card": (0.75, 4),
        "passed at the first try": (pytest.approx(2 / 3), 3),
        "signed in time": (pytest.approx(2 / 3), 3),
        "time to sign-off": (20, 3),
        "incidents closed": (0.5, 2),
        "incidents closed in time": (1, 1),
        "time to close an incident": (3, 1),
    }
    card = kpis["models with a card"]
    assert (card.low, card.high) == pytest.approx(proportion_confint(3, 4, method="wilson"))
    assert [kpi.kind for kpi in kpis.values()].count("results") == 3


def test_nothing_to_count_is_not_a_number():
    assert all(math.isnan(kpi.value) and kpi.count == 0 for kpi in governance_kpis([], []))


def test_three_of_three_do_not_beat_nineteen_of_twenty_and_small_teams_have_no_place():
    models = [model(team="few")] * 3 + [model(team="many")] * 19 + [model(team="many", tries=2)]
    assert [(row["team"], row["place"]) for row in leaderboard(models, least=1)] == [("many", 1), ("few", 2)]
    assert [(row["team"], row["place"]) for row in leaderboard(models, least=5)] == [("many", 1), ("few", None)]


def test_a_rewarded_figure_rises_and_incidents_with_it():
    calm, hurried = (portfolio(2000, seed=1, hurry=hurry) for hurry in (0, 1))
    assert governance_kpis(*hurried)[1].value == 1 > governance_kpis(*calm)[1].value
    assert len(hurried[1]) > 1.5 * len(calm[1])
    assert portfolio(50, seed=3) == portfolio(50, seed=3) != portfolio(50, seed=4)


def test_the_inventory_lets_nothing_live_without_owner_class_and_card():
    inventory = Inventory()
    for bad in (
        {"owner": " ", "level": "light"},
        {"owner": "Ana", "level": "high"},
        {"owner": "Ana", "level": "light", "live": True},
    ):
        with pytest.raises(ProcessError):
            inventory.add(InventoryEntry("m", "1", **bad))
    inventory.add(InventoryEntry("m", "1", "Ana", "strong", card="c" * 64, live=True, reviewed=date(2026, 1, 1)))
    inventory.add(InventoryEntry("never", "1", "Bo", "light", card="c" * 64, live=True))
    inventory.add(InventoryEntry("draft", "1", "Bo", "light"))
    assert inventory.overdue(date(2026, 7, 2)) == ["never"]
    assert inventory.overdue(date(2026, 7, 3)) == ["m", "never"]
    assert inventory.unknown(["m", "shadow"]) == ["shadow"]
    assert inventory.of("Bo") == ["never", "draft"]
