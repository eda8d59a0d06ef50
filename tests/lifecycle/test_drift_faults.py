"""What looks like a fault of the feed, and what only looks so by chance."""

import numpy as np
import pandas as pd
import pytest

from lifecycle.errors import DataError
from lifecycle.monitor import drift_report, kind_of_shift

HOURS = pd.Series(pd.date_range("2026-01-01", periods=4_000, freq="h"))
LATER = pd.Series(pd.date_range("2026-07-01", periods=1_000, freq="h"))
DAYS = pd.Series(pd.date_range("2026-01-01", periods=60, freq="D").repeat(20))


def compared(reference, current, **options):
    frames = (pd.DataFrame({"x": values}) for values in (reference, current))
    return drift_report(*frames, threads=1, **options)


def test_a_value_that_is_frequent_by_chance_is_no_default():
    rng = np.random.default_rng(0)
    pairs = [(rng.integers(18, 81, 20_000), rng.integers(18, 81, 200)) for _ in range(60)]
    assert sum(compared(*each).action.kind == "repair" for each in pairs) <= 2  # at a level of 0.01
    ages = rng.integers(18, 81, 200)
    assert compared(rng.integers(18, 81, 20_000), np.where(np.arange(200) < 30, 18, ages)).action.kind == "repair"


def test_values_that_the_reference_did_not_draw_are_no_drift():
    rng = np.random.default_rng(1)
    shares = 1 / np.arange(1, 4_001) ** 1.05
    draws = [[f"z{k}" for k in rng.choice(4_000, 12_000, p=shares / shares.sum())] for _ in range(2)]
    found = compared(*draws)["x"]
    assert (found.kind, found.level) == ("category", "stable")
    assert found.psi < 0.02
    assert found.p_value > 0.001
    assert "was to be expected" in found.measured.notes[0]


def test_new_values_in_place_of_known_ones_are_drift():
    reference = ["a"] * 500 + ["b"] * 500
    assert compared(reference, ["a"] * 300 + ["b"] * 300 + ["c"] * 150)["x"].level == "act"
    scattered = ["a"] * 300 + ["b"] * 300 + [f"new {k}" for k in range(100)] * 2
    assert compared(reference, scattered)["x"].level == "act"


@pytest.mark.parametrize(
    ("current", "words"),
    [
        (LATER.where(LATER.index >= 300, pd.Timestamp("1970-01-01")), "is 1970-01-01 in 30.0 %"),
        (LATER.where(LATER.index % 2 == 0, pd.Timestamp("9999-12-31")), "is 9999-12-31 in 50.0 %"),
        (LATER.where(LATER.index >= 0, LATER[0]).mask(LATER.index >= 0, LATER[5]), "nothing but 2026-07-01 05:00"),
        (LATER.where(LATER.index >= 200, HOURS.head(1_000) - pd.Timedelta(days=400)), "lies before 2026-01-01, the first"),
    ],
)
def test_later_times_do_not_excuse_defaults_among_them(current, words):
    report = compared(HOURS, current)
    assert words in report["x"].faults[0]
    assert (report.level, report.action.kind) == ("act", "repair")


@pytest.mark.parametrize(
    "current", [LATER, DAYS + pd.Timedelta(days=60), pd.Series([pd.Timestamp("2026-03-02")] * 500), DAYS.iloc[400:420]]
)
def test_times_that_go_on_are_no_fault(current):
    reference = HOURS if current is LATER else DAYS
    assert compared(reference, current)["x"].faults == ()


def test_infinite_values_are_compared_as_missing_ones_are():
    x, now = np.random.default_rng(2).normal(size=(2, 5_000))
    one, few, many = (np.where(np.arange(5_000) < n, np.inf, values) for n, values in ((1, x), (100, now), (3_000, now)))
    assert compared(one, many).action.kind == "repair"
    assert "60" not in " ".join(compared(many, many)["x"].faults)
    assert compared(one, few)["x"].faults == ()
    assert "(0.02 % before)" in compared(one, few)["x"].measured.notes[0]


@pytest.mark.parametrize("rows", [1, 40, 400])
def test_identifiers_and_free_text_are_known_by_the_reference(rows):
    numbers, names = np.arange(10_000, 15_000), [f"u{k}@example.org" for k in range(10_000, 15_000)]
    reference = pd.DataFrame({"id": numbers, "mail": names})
    current = pd.DataFrame(
        {"id": numbers[:rows] + 5_000, "mail": [f"u{k}@example.org" for k in range(20_000, 20_000 + rows)]}
    )
    report = drift_report(reference, current)
    assert (report["id"].kind, report["mail"].kind, report.level) == ("identifier", "text", "stable")
    assert drift_report(reference, current.assign(mail="unknown").iloc[[0] * 50])["mail"].level == "act"


def test_whole_numbers_beyond_all_floats_are_infinite():
    report = compared([10**400, -(10**400), 2] * 30, [1, 2, 3] * 30)
    assert report["x"].kind == "number"
    assert "infinite" in compared([1, 2, 3] * 30, [10**400, 1, 2] * 30)["x"].faults[0]


@pytest.mark.parametrize("write", ["{:,.0f}", "{:.2f}", "{:,.2f}"])
def test_numbers_written_as_text_keep_their_size(write):
    rng = np.random.default_rng(3)
    reference, current = rng.uniform(500, 9_000, (2, 400))
    found = compared(reference, [write.format(value) for value in current])["x"]
    assert found.faults == ("held numbers in the reference and holds text now; the text was read as numbers",)
    assert found.psi < 0.1
    assert compared(reference, [f"{value:.2f}".replace(".", ",") for value in current])["x"].psi < 0.1


def test_a_factor_of_a_thousand_is_called_so():
    x = np.random.default_rng(4).normal(100, 10, 500)
    assert "by a factor of about 1,000" in compared(x, x * 1_024)["x"].faults[0]


def test_too_little_for_a_classifier_costs_only_its_part():
    x = np.random.default_rng(5).normal(size=500)
    report = compared(x, x[:40], domain=True)
    assert report.domain is None
    assert "all columns together: not looked at, a classifier wants 50 rows" in " ".join(report.findings)
    identifiers = compared(np.arange(200), np.arange(200), domain=True)
    assert "no column" in " ".join(identifiers.findings)


def test_names_that_are_written_alike_are_refused_and_numbers_are_names():
    frame = pd.DataFrame({1: [1.0, 2.0], "1": [1.0, 2.0]})
    with pytest.raises(DataError, match="two columns are called `1`"):
        drift_report(frame, frame)
    with pytest.raises(DataError, match="`level` is 2"):
        compared([1, 2], [1, 2], level=2)
    rng = np.random.default_rng(6)
    labelled = pd.DataFrame({0: rng.normal(size=400), "y": [0, 1] * 200})
    assert kind_of_shift(labelled, labelled, target="y").kind == "none"


def test_the_rows_needed_count_every_test():
    rng = np.random.default_rng(7)

    def gaps(share):
        return {f"x{i}": np.where(rng.random(150) < share, np.nan, rng.normal(size=150)) for i in range(8)}

    whole, holed = (drift_report(pd.DataFrame(gaps(share)), pd.DataFrame(gaps(share))).action.text for share in (0.0, 0.1))
    needed = [int(text.split("with ")[1].split(" a side")[0]) for text in (whole, holed)]
    assert needed[0] < needed[1]
