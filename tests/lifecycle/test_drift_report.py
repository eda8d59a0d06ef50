import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lifecycle.errors import DataError
from lifecycle.monitor import adjust, drift_report, population_stability_index, wasserstein

MARCH = pd.Timestamp("2026-03-01")


def clients(n, seed=0, *, richer=0.0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "client": np.arange(n) + 1_000 * seed,
            "income": rng.gamma(3, 1_000, n) * (1 + richer),
            "age": rng.integers(18, 90, n),
            "children": rng.poisson(1, n),
            "city": rng.choice(["Lyon", "Oslo", "Porto"], n, p=[0.5, 0.3, 0.2]),
            "online": rng.random(n) < 0.4,
            "opened": MARCH - pd.to_timedelta(rng.integers(0, 1_000, n), unit="D"),
            "remark": [f"called about {number}" for number in rng.integers(0, 10**12, n)],
            "debt": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
        }
    )


@pytest.fixture(scope="module")
def reference():
    return clients(1_500, seed=1)


@pytest.fixture
def current():
    return clients(1_200, seed=2)


def test_two_samples_of_one_world_are_stable(reference, current):
    report = drift_report(reference, current)
    assert report.level == "stable"
    assert report.action.kind == "nothing"
    assert report.at("stable") == tuple(each.column for each in report)
    kinds = {each.column: each.kind for each in report}
    assert kinds == {
        "client": "identifier", "income": "number", "age": "number", "children": "number", "city": "category",
        "online": "truth", "opened": "time", "remark": "text", "debt": "number",
    }  # fmt: skip


def test_its_numbers_are_those_of_the_statistics(reference):
    report = drift_report(reference, clients(1_200, seed=2, richer=0.22), columns=["income", "city", "debt"])
    income, then, now = report["income"], reference["income"], clients(1_200, seed=2, richer=0.22)["income"]
    test = stats.ks_2samp(then, now, method="asymp")
    assert income.ks == pytest.approx(test.statistic, rel=1e-12)
    assert income.p_value == pytest.approx(test.pvalue, rel=1e-9)
    assert income.psi == population_stability_index(then, now)
    assert income.wasserstein == pytest.approx(wasserstein(then, now, normed=True), rel=1e-12)
    assert (income.level, report.level, report.action.kind) == ("watch", "watch", "watch")
    raw = [report[name].p_value for name in ("income", "city", "debt")]
    missing = [int(frame["debt"].isna().sum()) for frame in (reference, clients(1_200, seed=2))]
    gone = stats.chi2_contingency([[missing[0], 1_500 - missing[0]], [missing[1], 1_200 - missing[1]]], correction=False)
    bins = [report[name].measured.bins_p for name in ("income", "debt")]
    adjusted = adjust([*raw, *bins, gone.pvalue])
    found = [report[name].p_adjusted for name in ("income", "city", "debt")]
    smaller = [min(adjusted[0], adjusted[3]), adjusted[1], min(adjusted[2], adjusted[4])]
    assert found == pytest.approx(smaller, rel=1e-9)


def test_a_large_move_calls_for_a_look_at_outcomes(reference, current):
    current["age"] = current["age"] + 25
    report = drift_report(reference, current)
    assert report.at("act") == ("age",)
    assert report.action.kind == "investigate"
    assert "`age`" in report.action.text
    assert report.findings[0].startswith("`age` has moved: PSI ")


def test_with_many_rows_significance_alone_changes_no_level():
    rng = np.random.default_rng(5)
    frames = [pd.DataFrame({"x": rng.normal(mean, 1, 40_000)}) for mean in (0, 0.05)]
    report = drift_report(*frames)
    assert report["x"].p_adjusted < 1e-3
    assert (report["x"].level, report.action.kind) == ("stable", "nothing")
    assert "too small to matter" in " ".join(report.findings)


def test_with_few_rows_a_large_index_changes_no_level_either():
    rng = np.random.default_rng(6)
    frames = [pd.DataFrame({"x": rng.normal(size=25)}) for _ in range(2)]
    report = drift_report(*frames)
    assert report["x"].psi > 0.1
    assert report["x"].level == "stable"
    assert "no test rules out chance" in " ".join(report["x"].reasons)
    assert "stable may mean unknown" in " ".join(report.findings)
    assert report.action.kind == "wait"
    assert "Too few rows to tell" in report.to_html()


def test_flags_and_codes_are_tested_by_their_shares():
    rare, more = np.r_[np.ones(10), np.zeros(990)], np.r_[np.ones(40), np.zeros(960)]
    report = drift_report(pd.DataFrame({"flag": rare}), pd.DataFrame({"flag": more}))
    expected = stats.chi2_contingency([[10, 990], [40, 960]], correction=False)
    assert report["flag"].p_value == pytest.approx(expected.pvalue)
    assert report["flag"].measured.test.test == "chi-squared"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (lambda frame: frame.assign(income=frame["income"] * 1_000), "larger by a factor of about 1,000"),
        (lambda frame: frame.assign(income=frame["income"] / 100), "smaller by a factor of about 100"),
        (lambda frame: frame.assign(income=1_234.5), "nothing but 1,23"),
        (lambda frame: frame.assign(income=frame["income"].where(frame.index % 5 > 0, 0.0)), "is 0 in 20.0 %"),
        (lambda frame: frame.assign(income=frame["income"].where(frame.index % 50 > 0, np.inf)), "infinite values"),
        (lambda frame: frame.assign(income=np.inf), "no finite value left"),
        (lambda frame: frame.assign(income=np.nan), "is missing in 100.0 %"),
        (lambda frame: frame.assign(debt=frame["debt"].where(frame.index % 2 > 0)), "is missing in"),
        (lambda frame: frame.assign(debt=frame["debt"].fillna(-999)), "is missing in 0.0 %"),
        (lambda frame: frame.assign(age=frame["age"].astype(str)), "held numbers in the reference and holds text now"),
        (lambda frame: frame.assign(age="unknown"), "not comparable"),
        (lambda frame: frame.assign(opened=frame["opened"].dt.strftime("%Y-%m-%d")), "the text was read as dates"),
        (lambda frame: frame.assign(city=frame["city"].str.upper()), "writes `Lyon` as `LYON`"),
    ],
)
def test_a_broken_feed_is_named_and_calls_for_a_repair(reference, current, fault, words):
    report = drift_report(reference, fault(current))
    assert words in " ".join(report.findings)
    assert (report.level, report.action.kind) == ("act", "repair")
    assert [each.column for each in report if each.broken] == [report.columns[0].column]


def test_what_befalls_a_few_rows_is_told_and_no_fault(reference, current):
    current.loc[3, "city"], current.loc[4, "income"] = "OSLO", np.inf
    report = drift_report(reference, current)
    assert report.level == "stable"
    assert "`OSLO`" in report["city"].measured.notes[0]
    assert "infinite values, left out here, in 1 of 1,200 rows" in report["income"].measured.notes[0]
    assert drift_report(reference, current.assign(debt=np.nan).head(1))["debt"].level == "stable"


def test_flags_with_gaps_are_the_flags_they_were(reference, current):
    current["online"] = current["online"].astype(object)
    current.loc[current.index % 40 == 0, "online"] = None
    found = drift_report(reference, current)["online"]
    assert (found.kind, found.level) == ("truth", "stable")
    assert set(found.measured.shares.labels) == {"True", "False"}


def test_dates_written_as_text_are_dates(reference, current):
    as_text = [frame.assign(opened=frame["opened"].dt.strftime("%Y-%m-%d")) for frame in (reference, current)]
    found = drift_report(*as_text)["opened"]
    assert (found.kind, found.level) == ("time", "stable")
    assert found.psi == drift_report(reference, current)["opened"].psi
    assert found.measured.notes == ("dates written as text",)


def test_one_word_far_down_a_column_of_numbers_is_found():
    reference = pd.DataFrame({"x": np.arange(5_000) % 97})
    current = pd.DataFrame({"x": [*(np.arange(4_000) % 97), "none"]}, dtype=object)
    assert "the text was read as numbers" in drift_report(reference, current)["x"].faults[0]


def test_later_times_are_no_drift(reference, current):
    current["opened"] = current["opened"] + pd.Timedelta(days=2_000)
    report = drift_report(reference, current)
    assert report["opened"].level == "stable"
    assert "time moves on" in " ".join(report["opened"].reasons)
    assert report["opened"].measured.summary["first"] == ("2023-06-06", "2028-11-26")
    current["opened"] = current["opened"] - pd.Timedelta(days=2_500)
    assert drift_report(reference, current)["opened"].level == "act"


def test_columns_that_come_and_go_are_told(reference, current):
    report = drift_report(reference, current.drop(columns="debt").assign(rate=1.0))
    assert (report.gone, report.new, report.level) == (("debt",), ("rate",), "watch")
    assert "`debt`" in report.findings[0]


def test_new_categories_are_told_and_rare_ones_are_one():
    rng = np.random.default_rng(0)
    many = pd.DataFrame({"shop": rng.zipf(1.3, 4_000) % 400}).astype(str).add_prefix("")
    report = drift_report(many, pd.concat([many.iloc[:2_000], pd.DataFrame({"shop": ["new one"] * 30})]))
    once = (many["shop"].value_counts() == 1).sum() / 40
    said = f"never had, in 1.5 % of the rows ({once:.2g} % was to be expected): `new one`"
    assert said in " ".join(report["shop"].measured.notes)
    labels = report["shop"].measured.shares.labels
    assert len(labels) == 51
    assert {"(other)", "new one"} <= set(labels)  # it is frequent enough for a name


def test_the_same_with_any_number_of_threads_and_any_order_of_columns(reference, current):
    one = drift_report(reference, current, threads=1)
    other = drift_report(reference, current[current.columns[::-1]], threads=3)
    assert one.to_json() == other.to_json()


def test_what_two_tables_cannot_be_compared_for_is_said(reference):
    with pytest.raises(DataError, match="no column in common"):
        drift_report(pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]}))
    with pytest.raises(DataError, match="letter case"):
        drift_report(pd.DataFrame({"Age": [1]}), pd.DataFrame({"age ": [1]}))
    with pytest.raises(DataError, match="current: the table has no rows"):
        drift_report(reference, reference.iloc[:0])
    with pytest.raises(DataError, match="two columns are called `age`"):
        drift_report(reference, pd.concat([reference[["age"]], reference[["age"]]], axis=1))
    with pytest.raises(DataError, match="is a list, not a table"):
        drift_report([1, 2], reference)
    with pytest.raises(DataError, match="did you mean `income`"):
        drift_report(reference, reference, columns=["incom"])
    with pytest.raises(DataError, match="no column is named"):
        drift_report(reference, reference, columns=[])
    with pytest.raises(DataError, match="`bins` is 1"):
        drift_report(reference, reference, bins=1)


ODD = {
    "missing": [None] * 4,
    "infinite": [np.inf, -np.inf, np.nan, np.inf],
    "huge": [1e308, -1e308, 1e308, 0.0],
    "constant": [5] * 4,
    "lists": [[1], [2], [], [1]],
    "mixed": [1, "one", None, 2.5],
    "complex": [1j, 2, 3, 4],
    "boolean": pd.array([True, None, False, True], dtype="boolean"),
    "whole": pd.array([1, None, 3, 4], dtype="Int64"),
    "dates": [MARCH.date()] * 4,
    "zoned": pd.date_range("2026-01-01", periods=4, tz="Asia/Tokyo"),
    "periods": pd.period_range("2026-01", periods=4, freq="M"),
    "spans": pd.to_timedelta([1, 2, 3, None], unit="h"),
    "levels": pd.Categorical(["low", "high", None, "low"], categories=["low", "high", "never"]),
    "codes": pd.Categorical([3, 1, 1, 3]),
    "bytes": [b"a", b"b", b"a", None],
    "plain": [1, 2, 3, 4],
    "text": ["a", "b", "c", "1"],
}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(ODD)), st.sampled_from(sorted(ODD)), st.integers(1, 4), st.integers(1, 4))
def test_any_two_columns_give_a_report(one, other, n, m):
    reference, current = pd.DataFrame({"x": ODD[one]}).head(n), pd.DataFrame({"x": ODD[other]}).head(m)
    report = drift_report(reference, current, threads=1)
    assert json.loads(report.to_json())["columns"][0]["column"] == "x"
    assert "<svg" in report.to_html() or report["x"].measured.picture is None


def test_a_combination_that_moved_is_seen_by_the_classifier_alone():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, 800))
    reference, current = pd.DataFrame({"x": x, "y": x + 0.5 * y}), pd.DataFrame({"x": x, "y": -x + 0.5 * y})
    report = drift_report(reference, current, domain=True)
    assert (report["x"].level, report["y"].level) == ("stable", "stable")
    assert report.domain.low > 0.7
    assert (report.level, report.action.kind) == ("act", "investigate")
    assert "Columns moved together" in report.action.text
    again = drift_report(reference, current, domain=True)
    assert again.to_json() == report.to_json()


def test_an_unknown_column_of_the_report_is_an_error(reference, current):
    with pytest.raises(DataError, match="no column `wealth`"):
        drift_report(reference, current)["wealth"]


def test_the_table_has_a_row_for_each_column_the_gravest_first(reference):
    table = drift_report(reference, clients(1_200, seed=2, richer=3)).table()
    assert table["column"].iloc[0] == "income"
    assert set(table["column"]) == set(reference.columns)
    assert table.loc[table["column"] == "city", "KS"].isna().all()
