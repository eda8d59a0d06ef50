"""The figures that lesson 12 teaches, from the functions that it teaches them with."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from lifecycle.monitor import (
    SHIFT_KINDS,
    accuracy_loss,
    family_false_alarm,
    ks_level,
    ks_of_normals,
    ks_p_value,
    least_n_for_ks,
    psi_of_normals,
    stability_level,
    stability_of_shares,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def cells():
    return nbformat.read(ROOT / "notebooks/12_drift.ipynb", as_version=4).cells


@pytest.fixture(scope="module")
def worked(cells):
    """What the cells of the small worked examples define: shares by hand, and who is flagged."""
    space: dict = {}
    for cell in cells:
        if cell.cell_type == "code" and any(
            text in cell.source for text in ("def parts(", "inside, outside =", "doubled =")
        ):
            exec(compile(cell.source, cell.id, "exec"), space)
    flagged = next(cell.source for cell in cells if "def flagged(" in cell.source)
    exec(compile(flagged.split("\n\n\n")[0], "flagged", "exec"), space)
    return space


@pytest.fixture(scope="module")
def handed():
    return json.loads((ROOT / "datasets/artifacts/12/drift.json").read_text(encoding="utf-8"))


def test_age_moved_by_a_gap_of_259_and_a_psi_of_400():
    assert ks_of_normals(35, 10, 42, 12) == pytest.approx(0.259, abs=5e-4)
    assert psi_of_normals(35, 10, 42, 12) == pytest.approx(0.400, abs=5e-4)


def test_a_gap_of_8_hundredths_is_significant_from_828_rows_a_side_and_p_is_1e_14_at_5000():
    assert least_n_for_ks(0.08, level=0.01) == 828
    assert 1e-14 <= ks_p_value(0.08, 5_000, 5_000) < 1e-13


def test_thirty_features_at_one_per_cent_cry_wolf_in_26_of_100():
    assert family_false_alarm(30, level=0.01) == pytest.approx(0.260, abs=5e-4)


def test_flagged_34_and_46_per_cent_at_a_churn_of_30_and_45(worked):
    assert worked["flagged"](0.30, 0.9, 0.1) == pytest.approx(0.34)
    assert worked["flagged"](0.45, 0.9, 0.1) == pytest.approx(0.46)


def test_the_three_stories_end_at_the_same_share(cells, worked):
    told = next(cell.source for cell in cells if cell.source.startswith("stories = ["))
    exec(compile(told, "stories", "exec"), worked)
    assert {round(worked["flagged"](*rates), 2) for _, *rates in worked["stories"]} == {0.46}


def test_psi_of_30_to_45_is_097_just_under_the_band():
    index = stability_of_shares([0.30, 0.70], [0.45, 0.55])
    assert index == pytest.approx(0.097, abs=5e-4)
    assert stability_level(index) == "stable"


def test_the_dashboard_has_the_bands_ok_warn_drift_ok():
    assert [ks_level(gap) for gap in (0.08, 0.15, 0.25, 0.06)] == ["stable", "watch", "act", "stable"]


def test_accuracy_fell_by_14_points_in_a_year_and_by_7_in_two_weeks():
    assert accuracy_loss(0.92, 0.78).points == pytest.approx(14)
    assert accuracy_loss(0.92, 0.85).points == pytest.approx(7)


def test_each_kind_has_its_fingerprint_in_the_small_table(worked):
    import numpy as np

    base = worked["parts"](worked["mix"], worked["chance"])
    moved = {
        kind: [part for part, value in world.items() if not np.allclose(value, base[part])]
        for kind, world in worked["worlds"].items()
    }
    assert moved["covariate"] == ["P(X)", "P(y)", "P(X | y)"]
    assert moved["prior"] == ["P(X)", "P(y)", "P(y | X)"]  # the inputs are not left alone
    assert moved["concept"] == ["P(y | X)", "P(X | y)"]
    assert len(moved["both"]) == 4


@pytest.mark.parametrize("seed", [3, 20, 61, 84, 142, 244, 273, 379])  # once odd by chance alone, in weeks before the turn
def test_the_first_surprising_week_of_the_exercise_is_that_of_the_turn(seed):
    space = exercise("THRESHOLD = 0.3", "question:drift.before_labels", seed=seed)
    assert space["blind_from"] == space["turns"] >= 7


@pytest.mark.parametrize("seed", range(5))
def test_the_six_sets_of_the_exercise_are_of_the_kind_that_they_were_made_of(seed):
    space = exercise("TURNED, WORSE =", "question:drift.kind", seed=seed)
    assert sorted(space["kinds"].values()) == ["both", "concept", "concept", "covariate", "none", "prior"]
    made_worse = next(place for place, (_, chance) in enumerate(space["worlds"]) if chance is space["WORSE"])
    assert space["kinds"]["ABCDEF"[made_worse]] == "concept"


def exercise(*cells: str, seed: int) -> dict:
    """What the cells of the exercise with these texts define, solved by its author."""
    import numpy as np
    import pandas as pd

    space: dict = {"np": np, "pd": pd, "seed": seed}
    master = (ROOT / "src/course/exercises/12_drift.py").read_text(encoding="utf-8").split("# %%")
    for text in cells:
        code = next(cell for cell in master if text in cell).partition("\n")[2]
        exec(compile(code, text, "exec"), space)
    return space


def test_what_is_handed_over_is_concept_drift_that_inputs_and_estimate_do_not_see(handed):
    assert handed["kind"] in SHIFT_KINDS
    assert handed["kind"] == handed["stream"]["incident"]["kind"] == "concept"
    assert handed["report"]["level"] == "stable"
    estimated, measured = (handed["accuracy"][name] for name in ("estimated", "measured"))
    assert max(estimated) - min(estimated) < 0.03
    assert min(measured[:4]) > max(measured[4:])


def test_massachusetts_drifts_beyond_chance_and_below_every_band_and_a_fresh_model_gains_nothing(cells):
    said = [str(cell.outputs) for cell in cells if cell.cell_type == "code"]
    whole = next(text for text in said if "2018 beside 2015, everybody" in text)
    assert "e-104" in whole
    assert "watch" not in whole
    assert "act " not in whole
    gained = next(text for text in said if "a model of 2017 instead" in text)
    low, high = gained.split("95 %: ")[1].split(")")[0].split(" to ")
    assert float(low) < 0.005
    assert float(high) < 0.01
