"""The survey of a table and its page: right facts, escaped text, whatever the table holds."""

import json
import re
import warnings
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from lifecycle.develop.exploration.drawing import percent, shape_of
from lifecycle.develop.exploration.profile_report import findings, page, report
from lifecycle.develop.exploration.survey import survey
from lifecycle.errors import DataError

EVIL = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(7)
    n = 400
    bad = rng.random(n) < 0.15
    made = pd.DataFrame(
        {
            "age": np.where(rng.random(n) < 0.1, np.nan, rng.normal(40, 10, n) + 6 * bad),
            "income": rng.lognormal(8, 1, n),
            EVIL: rng.choice(["a", "b & c", "<i>d</i>"], n),
            "joined": pd.date_range("2024-01-01", periods=n).strftime("%Y-%m-%d"),
            "reason": np.where(bad, rng.choice(["price", "moved"], n), None),
            "fee": np.where(bad, 0, rng.gamma(2, 3, n) + 1),
            "country": "PL",
            "bad": np.where(bad, "yes", "no"),
        }
    )
    made["income_eur"] = made["income"] * 0.2 + rng.normal(0, 1, n)
    return pd.concat([made, made.head(6)], ignore_index=True)


@pytest.fixture(scope="module")
def found(frame):
    return survey(frame, target="bad", source="clients")


@pytest.fixture(scope="module")
def html(found):
    return page(found)


def test_size_and_balance(found, frame):
    assert (found.rows, found.columns, found.positive) == (406, 9, "yes")
    assert found.positives == (frame["bad"] == "yes").sum()
    assert found.positives + found.negatives == 406
    assert found.prevalence == pytest.approx((frame["bad"] == "yes").mean())


def test_facts_are_those_of_pandas(found, frame):
    facts = found.facts.set_index("column")
    assert facts.loc["age", ["kind", "missing", "distinct"]].tolist() == [
        "number", frame["age"].isna().sum(), frame["age"].nunique(),
    ]  # fmt: skip
    assert facts.loc["age", ["mean", "median", "sd"]].tolist() == pytest.approx(
        [frame["age"].mean(), frame["age"].median(), frame["age"].std()]
    )
    assert facts.loc["joined", "kind"] == "time"
    assert facts.loc["country", "most_frequent"] == "PL (100.0 %)"
    assert found.share_missing == pytest.approx(frame.drop(columns="bad").isna().mean().mean())


def test_numbers_are_tested_as_by_scipy_and_scikit_learn(found, frame):
    row = found.association.set_index("column").loc["age"]
    known = frame["age"].notna()
    labels = frame["bad"] == "yes"
    one, zero = frame["age"][known & labels], frame["age"][known & ~labels]
    assert row["p_value"] == pytest.approx(stats.ttest_ind(one, zero, equal_var=False).pvalue)
    pooled = np.sqrt(((len(one) - 1) * one.var() + (len(zero) - 1) * zero.var()) / (len(one) + len(zero) - 2))
    assert row["effect"] == pytest.approx((one.mean() - zero.mean()) / pooled)
    assert row["separation"] == pytest.approx(roc_auc_score(labels[known], frame["age"][known]))
    assert (row["mean_0"], row["mean_1"]) == pytest.approx((zero.mean(), one.mean()))


def test_categories_are_tested_as_by_scipy(found, frame):
    row = found.association.set_index("column").loc[EVIL]
    table = pd.crosstab(frame[EVIL], frame["bad"])
    assert row["effect"] == pytest.approx(stats.contingency.association(table, method="cramer"))
    assert row["p_value"] == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)


def test_dates_have_a_mean_that_is_a_date(found, frame):
    row = found.association.set_index("column").loc["joined"]
    mean = pd.to_datetime(frame["joined"])[frame["bad"] == "yes"].mean()
    assert row["mean_1"] == mean.strftime("%Y-%m-%d")


def test_leaks_are_found_also_where_only_the_gaps_tell(found):
    assert {suspect.column for suspect in found.suspects} == {"reason", "reason is missing", "fee"}
    first = findings(found)[0]
    assert (first.weight, first.section) == ("stop", "leakage")
    assert "“reason”" in first.text


def test_repeated_rows_and_pairs_and_idle_columns_are_found(found):
    assert found.duplicates == 6
    assert found.contradictions == 0
    assert found.pairs[["one", "other"]].to_numpy().tolist() == [["income", "income_eur"]]
    assert found.left_out == ("country",)
    assert {note.name for note in found.notes} == {"target coded", "dates as text", "constant"}


def test_the_index_of_the_table_does_not_matter(frame, found):
    twice = frame.set_axis([7] * len(frame), axis=0)
    assert survey(twice, target="bad", source="clients").to_dict() == found.to_dict()


def test_rows_that_contradict_each_other_are_counted():
    frame = pd.DataFrame({"a": [1, 1, 2, 2, 3, None, None], "b": list("xxyyzww"), "y": [0, 1, 1, 1, 0, 0, 1]})
    found = survey(frame, target="y")
    assert (found.duplicates, found.contradictions) == (1, 4)
    assert any("4 rows equal a row of the other class" in finding.text for finding in findings(found))


def test_a_rare_class_warns_of_accuracy():
    frame = pd.DataFrame({"a": np.arange(200) % 7, "y": [1] * 4 + [0] * 196})
    assert any("always saying the other is right in 98.0 %" in one.text for one in findings(survey(frame, target="y")))


def test_an_even_clean_table_has_no_findings():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=100), "b": rng.normal(size=100), "y": [0, 1] * 50})
    assert [finding.weight for finding in findings(survey(frame, target="y"))] == ["fine"]


def test_the_findings_as_json_are_complete_and_strict(found):
    again = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert again["target"]["rows"] == {"0": found.negatives, "1": found.positives}
    assert (again["target"]["name"], again["target"]["positive"]) == ("bad", "yes")
    assert [fact["column"] for fact in again["facts"]] == found.facts["column"].tolist()
    assert again["notes"][0]["name"] == "target coded"
    assert again["correlated"][0]["r"] > 0.99


class Reader(HTMLParser):
    """Which elements stand open, which ids and links there are, and the text."""

    def __init__(self):
        super().__init__()
        self.open, self.names, self.ids, self.links, self.text = [], set(), set(), [], []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.names.add(tag)
        if tag not in ("meta",):
            self.open.append(tag)
        self.ids.add(attributes.get("id"))
        self.links += [value for name, value in attributes.items() if name in ("href", "src")]

    def handle_startendtag(self, tag, attributes):
        self.names.add(tag)  # nothing stays open

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def read(html):
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def test_the_page_is_well_formed_needs_nothing_beside_it_and_its_links_lead_somewhere(read):
    assert read.open == []
    assert all(link.startswith("#") and link[1:] in read.ids for link in read.links)


def test_names_and_values_of_the_table_are_escaped(read, html):
    assert "script" not in read.names
    assert "<i>d</i>" not in html
    assert EVIL in "".join(read.text)
    assert "alert('x')</script>" not in html


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 400])
def test_a_browser_shows_the_page_without_running_or_fetching_anything(browser, html, width):
    view = browser.new_page(viewport={"width": width, "height": 800})
    try:
        said, asked = [], []
        view.on("console", lambda message: said.append(message.text))
        view.on("dialog", lambda dialog: said.append(dialog.message))
        view.on("request", lambda request: asked.append(request.url))
        view.set_content(html)
        assert view.evaluate("document.documentElement.scrollWidth") <= width
        assert view.locator("figure svg").count() == 6
        assert (said, asked) == ([], [])
    finally:
        view.close()


def test_the_page_tells_what_was_found(read):
    text = re.sub(r"\s+", " ", " ".join(read.text))
    for part in (
        "Profile of clients",
        "406",
        "Leakage suspects",
        "reason is missing",
        "6 rows repeat an earlier one",
        "left out",
    ):
        assert part in text
    assert "nan" not in re.findall(r"\w+", text)


def test_the_page_is_the_same_each_time(frame, html):
    assert page(survey(frame, target="bad", source="clients")) == html


def test_a_frame_or_a_file_is_reported_in_one_call(frame, tmp_path):
    frame.to_csv(tmp_path / "clients.csv", index=False)
    of_file = report(tmp_path / "clients.csv", target="bad", out=tmp_path / "deep" / "report.html")
    of_frame = report(frame, target="bad", out=tmp_path / "frame.html", title="clients.csv")
    assert of_file.to_dict() == of_frame.to_dict()
    assert (tmp_path / "deep" / "report.html").read_text() == (tmp_path / "frame.html").read_text()


def test_a_page_that_cannot_be_written_is_an_error(frame, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="the report cannot be written"):
        report(frame, target="bad", out=tmp_path / "file" / "report.html")
    with pytest.raises(DataError, match="there is no column `Bad`"):
        report(frame, target="Bad", out=tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_a_wide_and_a_long_table_say_what_was_sampled():
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.normal(size=(60, 160)), columns=[f"c{i}" for i in range(160)]).assign(y=[0, 1] * 30)
    assert "wide table" in {note.name for note in survey(wide, target="y").notes}
    long = pd.DataFrame({"a": rng.normal(size=100_500), "y": rng.random(100_500) < 0.5})
    found = survey(long, target="y")
    assert "sampled" in {note.name for note in found.notes}
    assert found.negatives + found.positives == 100_500


def test_shapes_are_shares_of_each_class():
    values, labels = pd.Series([0, 0, 1, 1, 1, 2]), pd.Series([False, True, False, False, True, True])
    shape = shape_of(values, labels)
    assert shape.labels == ("0", "1", "2")
    assert shape.negative == pytest.approx((1 / 3, 2 / 3, 0))
    assert shape.positive == pytest.approx((1 / 3, 1 / 3, 1 / 3))


@given(st.lists(st.tuples(st.one_of(st.none(), st.floats(-1e9, 1e9)), st.booleans()), min_size=2))
def test_shares_of_a_shape_add_up(rows):
    values = pd.Series([value for value, _ in rows], dtype="float64")
    labels = pd.Series([label for _, label in rows])
    if values.isna().all():
        return
    shape = shape_of(values, labels)
    for share, chosen in ((shape.negative, ~labels), (shape.positive, labels)):
        assert sum(share) == pytest.approx(1.0 if values[chosen].notna().any() else 0.0)


@pytest.mark.parametrize(("share", "text"), [(0, "0 %"), (0.0004, "< 0.1 %"), (0.2137, "21.4 %"), (float("nan"), "–")])
def test_shares_as_a_person_writes_them(share, text):
    assert percent(share) == text


cells = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**6), 10**6), st.floats(), st.text(max_size=6), st.dates(),
    st.sampled_from(["n/a", "2024-01-01", "01/02/2024", "<b>", "`"]),
)  # fmt: skip


@settings(max_examples=40)
@given(st.data())
def test_any_table_has_a_page_or_a_clear_refusal(data):
    rows = data.draw(st.integers(2, 8))
    columns = {name: data.draw(st.lists(cells, min_size=rows, max_size=rows)) for name in ("a", "<b>", "`")}
    columns["y"] = data.draw(st.lists(st.sampled_from(["good", "<bad>", None]), min_size=rows, max_size=rows))
    table = pd.DataFrame({name: pd.Series(values, dtype="object") for name, values in columns.items()})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = survey(table, target="y")
        except DataError:
            return
        reader = Reader()
        reader.feed(page(found))
    assert reader.open == []
    assert "bad" not in reader.names
    json.dumps(found.to_dict(), allow_nan=False)


def test_a_rare_class_of_a_large_table_is_not_lost_in_the_sample():
    n = 200_000
    rare = np.zeros(n, dtype=int)
    rare[[7, n // 2]] = 1
    found = survey(pd.DataFrame({"x": np.arange(n) % 97, "y": rare}), target="y")
    assert (found.positives, found.negatives) == (2, n - 2)
    assert any(note.name == "sampled" for note in found.notes)
    assert list(found.association["column"]) == ["x"]
