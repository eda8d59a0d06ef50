"""Tables as people have them: what is read, what is mended with a note, and what is refused with the place named."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.develop.exploration.recognition import recognise
from lifecycle.develop.exploration.tables import encode, read_table, usable
from lifecycle.errors import DataError


@pytest.fixture
def read(tmp_path):
    def reading(content, name="data.csv", **options):
        place = tmp_path / name
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(place, **options)

    return reading


# Reading a file


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_line_ends_and_byte_order_mark_do_not_matter(read, delimiter, newline, mark):
    lines = ["naïve,y", "1,0", "2,1", ""]
    frame = read(mark + newline.join(lines).replace(",", delimiter))
    pd.testing.assert_frame_equal(frame, pd.DataFrame({"naïve": [1, 2], "y": [0, 1]}))


def test_quoted_values_may_hold_newlines_delimiters_and_quotes(read):
    frame = read('text,y\n"two\nlines",0\n"a, b",1\n"say ""so""",1\n')
    assert frame["text"].tolist() == ["two\nlines", "a, b", 'say "so"']


def test_numbers_may_have_a_decimal_comma_where_a_semicolon_separates(read):
    assert read("x;y\n1,5;0\n-2,25;1\n")["x"].tolist() == [1.5, -2.25]
    assert read("x;z;y\n1,5;0.5;0\n2,5;1.5;1\n")["z"].tolist() == [0.5, 1.5]


def test_a_delimiter_can_be_given(read):
    assert read("a:b\n1:2\n", delimiter=":").columns.tolist() == ["a", "b"]
    with pytest.raises(DataError, match="'::' is not one character"):
        read("a::b\n1::2\n", delimiter="::")


@pytest.mark.parametrize("delimiter", ["é", '"', "\n", "\r", "\0"])
def test_a_delimiter_that_cannot_be_one_is_refused(read, delimiter):
    with pytest.raises(DataError, match="cannot separate columns") as raised:
        read("a,b\n1,2\n", delimiter=delimiter)
    assert "one ASCII character" in raised.value.remedy


def test_a_name_may_begin_like_a_database(read):
    assert read("sqlite_version,y\n1,0\n").columns.tolist() == ["sqlite_version", "y"]
    with pytest.raises(DataError, match="looks like a database"):
        read(b"SQLite format 3\x00\x10\x00")


def test_a_column_without_a_name_gets_one_and_blank_lines_are_skipped(read):
    assert read("\n,a\n\n0,x\n1,y\n").to_dict("list") == {"column 1": [0, 1], "a": ["x", "y"]}


def test_names_may_be_html_or_unicode(read):
    assert read("<b>x</b>,Größe\n1,2\n").columns.tolist() == ["<b>x</b>", "Größe"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"data\.csv: the file is empty"),
        (b"\n \n", "the first line holds no names"),
        (b",,\n1,2,3\n", "the first line holds no names"),
        (b"a,y\n", "a header and no rows below it: `a`, `y`"),
        (b"a,b,a,c,a\n1,2,3,4,5\n", "header: 3 columns are called `a`: columns 1, 3 and 5"),
        (b"a, a\n1,2\n", "2 columns are called `a`"),
        (b"a,y\n1,0\n1,2,3\n", r"data\.csv, row 2: 3 values where the header has 2 names"),
        (b"a,y\n1,2,3\n4,5,6\n", "row 1: 3 values where the header has 2 names"),
        (b"a,b,y\n1,0,0\n1\n", "row 2: 1 value where the header has 3 names"),
        (b'a,b,y\n1,"x,0\n2,3,1\n3,3,1\n4,4,5\n', "close the quotation"),
        (b'a,y\n1,0\n2,"x\n2,1\n', "row 2: a quotation that begins here does not end"),
        (b'{"a": [1]}', "looks like JSON"),
        (b"<!DOCTYPE html><p>", "looks like HTML"),
        (b"PK\x03\x04rest", "looks like an Excel file"),
        (b"\x7fELF\x01\x00\x02\x03", "it holds zero bytes"),
        (b"PAR1 and nothing else", "not a parquet file that can be read"),
    ],
)
def test_a_file_that_is_no_table_is_refused(read, content, message):
    with pytest.raises(DataError, match=message):
        read(content)


@pytest.mark.parametrize(
    ("encoding", "guess", "hint"),
    [
        ("cp1252", "cp1252", "line 3 holds the byte 0xE9, which would be `é` in `café,1`"),
        ("utf-16", "utf-16", "begins with the byte order mark"),
        ("utf-16-le", "utf-16-le", "every other byte is zero"),
        ("utf-16-be", "utf-16-be", "every other byte is zero"),
    ],
)
def test_another_encoding_is_named_with_the_way_to_convert_it_and_can_be_given(read, encoding, guess, hint):
    content = "word,y\ntea,0\ncafé,1\n".encode(encoding)
    with pytest.raises(DataError) as raised:
        read(content)
    assert f"looks like {guess}" in raised.value.what
    assert hint in raised.value.tried
    assert f"iconv -f {guess.upper()} -t UTF-8 data.csv > data-utf8.csv" in raised.value.remedy
    assert read(content, encoding=encoding)["word"].tolist() == ["tea", "café"]


def test_an_encoding_that_is_wrong_or_unknown_is_refused(read):
    with pytest.raises(DataError, match="line 2: not ascii"):
        read("word,y\ncafé,1\n", encoding="ascii")
    with pytest.raises(DataError, match="no encoding is called `klingon`"):
        read("a,y\n1,0\n", encoding="klingon")
    with pytest.raises(DataError, match="no encoding is called"):
        read("a,y\n1,0\n", encoding="utf\0")
    for codec in ("hex", "rot13", "zip", "undefined"):
        with pytest.raises(DataError, match=f"`{codec}` is not an encoding of text"):
            read("a,y\n1,0\n", encoding=codec)


def test_a_missing_target_comes_with_the_nearest_name(read):
    with pytest.raises(DataError, match="did you mean `Default`") as raised:
        read("age,Default\n1,0\n", target="default")
    assert "columns: `age`, `Default`" in str(raised.value)
    with pytest.raises(DataError, match="add a line of names"):
        read("1,2.5\n3,4\n", target="y")


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(DataError, match="this is a folder"):
        read_table(tmp_path)


def test_parquet_is_read_by_content_with_its_named_index(tmp_path):
    frame = pd.DataFrame({"y": [0, 1]}, index=pd.Index([7, 8], name="client"))
    frame.to_parquet(tmp_path / "data.bin")
    assert read_table(tmp_path / "data.bin").columns.tolist() == ["client", "y"]


# What a column holds


def column(values):
    return pd.Series(values, name="x")


@pytest.mark.parametrize(
    ("values", "kind", "first", "notes"),
    [
        ([1, 2], "number", 1, []),
        ([1.5, np.inf], "number", 1.5, ["infinite"]),
        (pd.array([1, None], dtype="Int64"), "number", 1, []),
        (["1", "2.5", None], "number", 1, ["numbers as text"]),
        (["7"] * 18 + ["n/a", "-"], "number", 7, ["mixed types"]),
        (["7"] * 17 + ["a", "b", "c"], "category", "7", ["mixed types"]),
        ([1, 2, "three", "four"], "category", "1", ["mixed types"]),
        (["a", "b", None, " "], "category", "a", []),
        ([True, False], "category", True, []),
        ([True, None, False], "category", "True", []),
        (["2024-05-01", "2024-05-02"], "date", pd.Timestamp("2024-05-01"), ["dates as text"]),
        (["2024-05-01T10:00:00Z", None], "date", pd.Timestamp("2024-05-01 10:00"), ["dates as text"]),
        (["31.05.2024 08:30", "01.06.2024 09:00"], "date", pd.Timestamp("2024-05-31 08:30"), ["dates as text"]),
        (["05/31/2024", "06/01/2024"], "date", pd.Timestamp("2024-05-31"), ["dates as text"]),
        (["2024-05-01"] * 19 + ["soon"], "date", pd.Timestamp("2024-05-01"), ["mixed types"]),
        (pd.to_timedelta([36, 12], unit="h"), "number", 1.5, ["durations"]),
        (pd.date_range("2024-05-01", periods=2, tz="Asia/Tokyo"), "date", pd.Timestamp("2024-04-30 15:00"), []),
        (pd.period_range("2024-05", periods=2, freq="M"), "date", pd.Timestamp("2024-05-01"), []),
        (pd.Categorical(["x", "y"]), "category", "x", []),
        ([[1], [2]], "unusable", None, ["not usable"]),
        ([1 + 2j, 3], "unusable", None, ["not usable"]),
        (["2024", "2025"], "number", 2024, ["numbers as text"]),
        (["1-2-3", "4-5-6", "99-99-99"], "category", "1-2-3", []),
    ],
)
def test_a_column_is_recognised(values, kind, first, notes):
    found = recognise(column(values))
    assert (found.kind, [note.name for note in found.notes]) == (kind, notes)
    if kind != "unusable":
        assert found.values.iloc[0] == first


def test_dates_that_can_be_read_in_two_ways_say_so():
    (note,) = recognise(column(["01/02/2024", "03/04/2024"])).notes
    assert "read as day/month/year, though month/day/year is as possible" in note.text


def test_a_note_names_the_row_and_the_value():
    (note,) = recognise(column(["1"] * 10 + ["unknown", "2"])).notes
    found = "mixed types: `x` holds numbers, and 1 value that is none (first: `unknown`, row 11)"
    assert str(note) == f"{found}; read as numbers, the rest counted as missing"


# The table and its target


@pytest.fixture
def frame():
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {"age": rng.normal(40, 9, 60).round(), "city": rng.choice(["Rome", "Oslo"], 60), "y": [0, 1, 0] * 20}
    )


def test_a_clean_table_comes_through_as_it_is(frame):
    ready = usable(frame, "y")
    pd.testing.assert_frame_equal(ready.frame, frame, check_dtype=False)
    assert (ready.notes, ready.left_out, ready.positive) == ((), (), "1")


@pytest.mark.parametrize(
    ("values", "positive", "labels"),
    [
        ([False, True, False], "True", [0, 1, 0]),
        (["no", "YES", "no"], "YES", [0, 1, 0]),
        (["0", "1", "0"], "1", [0, 1, 0]),
        ([0.0, 1.0, 0.0], "1", [0, 1, 0]),
        (["good", "bad", "good"], "bad", [0, 1, 0]),
        ([2, 5, 2], "5", [0, 1, 0]),
        (["stays", "no", "stays"], "stays", [1, 0, 1]),
    ],
)
def test_any_two_values_make_a_target(frame, values, positive, labels):
    ready = usable(frame.assign(y=values * 20), "y")
    assert ready.positive == positive
    assert ready.frame["y"].tolist() == labels * 20
    assert ready.frame["y"].dtype == "int64"


def test_an_index_that_holds_a_value_twice_is_kept(frame):
    twice = frame.set_axis([3] * 60, axis=0)
    pd.testing.assert_frame_equal(usable(twice, "y").frame, usable(frame, "y").frame.set_axis([3] * 60, axis=0))
    assert encode(twice, target="y")[0].index.tolist() == [3] * 60


def test_the_positive_value_can_be_named(frame):
    ready = usable(frame.assign(y=["good", "bad", "good"] * 20), "y", positive="good")
    assert ready.frame["y"].tolist() == [1, 0, 1] * 20
    assert [str(note) for note in ready.notes] == ["target coded: `y` counts `good` as 1 and `bad` as 0"]
    with pytest.raises(DataError, match="no row holds `fair`"):
        usable(frame.assign(y=["good", "bad", "good"] * 20), "y", positive="fair")


def test_a_guess_which_value_is_positive_is_said(frame):
    (note,) = usable(frame.assign(y=["good", "bad", "good"] * 20), "y").notes
    assert "`bad` as 1 and `good` as 0, being rarer" in note.text


def test_rows_without_a_target_are_left_out_and_counted(frame):
    ready = usable(frame.assign(y=["yes", None, "no"] * 20), "y")
    assert ready.frame.index.tolist() == [i for i in range(60) if i % 3 != 1]
    assert "missing in 20 of 60 rows (first: row 2)" in ready.notes[0].text


def test_few_rows_of_a_class_are_said(frame):
    (note,) = usable(frame.assign(y=[1] + [0] * 59), "y").notes
    assert str(note) == "few rows: `y` has only 1 row of `1`: too few to judge a model by"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1] * 60, "one class only: all 60 rows with a value hold `1`"),
        ([None, "yes", "yes"] * 20, "one class only: all 40 rows"),
        ([None] * 60, "every value is missing"),
        (["a", "b", "c"] * 20, r"not binary: it holds 3 different values: `a` \(20 rows\)"),
        (list(range(60)), "not binary: it holds 60 different numbers from 0 to 59"),
    ],
)
def test_a_target_that_is_not_binary_says_what_it_holds(frame, values, message):
    with pytest.raises(DataError, match=message) as raised:
        usable(frame.assign(y=values), "y")
    assert raised.value.where == "target `y`"
    assert raised.value.remedy


def test_columns_that_say_nothing_are_left_out_and_listed(frame):
    odd = frame.assign(
        empty=None,
        nan=np.nan,
        same="x",
        name=[f"client {i}" for i in range(60)],
        number=range(100, 160),
        lists=[[i] for i in range(60)],
        amount=np.linspace(0, 1, 60),
        half=[1.0, None] * 30,
    )
    ready = usable(odd, "y")
    assert ready.left_out == ("empty", "nan", "same", "name", "number", "lists")
    assert [(note.column, note.name) for note in ready.notes] == [
        ("empty", "all missing"), ("nan", "all missing"), ("same", "constant"), ("name", "identifier"),
        ("number", "identifier"), ("lists", "not usable"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.head(0), "the table has no rows"),
        (lambda frame: pd.concat([frame, frame[["age"]]], axis=1), "2 columns are called `age`: columns 1 and 4"),
        (lambda frame: frame[["y"]], "no column is left beside the target"),
        (lambda frame: frame[["y"]].assign(same=1), "no column is left beside the target"),
        (lambda frame: frame.rename(columns={"y": "Y"}), "did you mean `Y`"),
        (lambda frame: frame.to_dict("list"), "a DataFrame is needed, not a dict"),
        (lambda frame: pd.concat({"a": frame}, axis=1), "names of several levels"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(frame, change, message):
    with pytest.raises(DataError, match=message):
        usable(change(frame), "y")


# Numbers for a model


@pytest.fixture
def mixed(frame):
    days = pd.date_range("2024-01-01", periods=60)
    return frame.assign(since=days.strftime("%Y-%m-%d"), vip=[True, False] * 30, paid=["1", "n/a", "3"] + ["2"] * 57)


def test_everything_becomes_numbers(mixed):
    inputs, coding = encode(usable(mixed, "y").frame, target="y")
    assert sorted(inputs.columns) == ["age", "city=Oslo", "city=Rome", "paid", "since", "vip"]
    assert (inputs.dtypes == "float64").all()
    assert inputs["since"].tolist() == [19723.0 + i for i in range(60)]
    assert inputs["vip"].tolist() == [1.0, 0.0] * 30
    assert inputs["city=Oslo"].tolist() == (mixed["city"] == "Oslo").astype(float).tolist()
    assert np.isnan(inputs["paid"][1])
    assert coding == {"age": "number", "city": coding["city"], "since": "date", "vip": "truth", "paid": "number"}


@given(rows=st.lists(st.integers(0, 59), min_size=1, max_size=5))
def test_one_row_is_coded_as_all_were_also_after_a_json_file(rows):
    rng = np.random.default_rng(2)
    table = pd.DataFrame(
        {
            "when": pd.date_range("2024-01-01", periods=60).strftime("%Y-%m-%d"),
            "city": rng.choice(["Rome", "Oslo", None], 60),
            "vip": rng.choice([True, False], 60),
            "amount": rng.normal(size=60).astype(str),
        }
    )
    inputs, coding = encode(table)
    again, _ = encode(table.iloc[rows], categories=json.loads(json.dumps(coding)))
    pd.testing.assert_frame_equal(again, inputs.iloc[rows])


def test_missing_stays_missing_and_an_unknown_value_is_none_of_those_known(mixed):
    mixed = usable(mixed, "y").frame
    _, coding = encode(mixed, target="y")
    later = mixed.head(2).assign(city=["Bern", None], age=[None, 3])
    inputs, _ = encode(later, target="y", categories=coding)
    assert inputs[["city=Oslo", "city=Rome"]].to_numpy()[0].tolist() == [0, 0]
    assert inputs.iloc[1][["city=Oslo", "city=Rome"]].isna().all()
    assert np.isnan(inputs["age"].iloc[0])


def test_a_category_has_thirty_columns_at_most_and_an_identifier_none():
    table = pd.DataFrame({"code": [f"c{i % 40}" for i in range(4000)], "name": [f"n{i}" for i in range(4000)]})
    inputs, coding = encode(table)
    assert inputs.shape == (4000, 30)
    assert coding["name"] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda mixed: mixed.drop(columns="age"), "column `age`: the column is missing"),
        (lambda mixed: mixed.assign(age=pd.Timestamp("2024-01-01")), "column `age`, row 1: .* is not a number"),
        (lambda mixed: mixed.assign(age=[1, [2]] * 30), r"column `age`, row 2: \[2\] is not a number"),
        (lambda mixed: mixed.assign(since=7), "column `since`, row 1: 7 is not a date"),
        (lambda mixed: mixed.assign(vip=["yes"] + ["true"] * 59), "column `vip`, row 1: 'yes' is neither true nor false"),
    ],
)
def test_rows_that_do_not_fit_the_coding_are_refused(mixed, change, message):
    _, coding = encode(mixed, target="y")
    with pytest.raises(DataError, match=message):
        encode(change(mixed), target="y", categories=coding)


@pytest.mark.parametrize("how", ["dates", "date %d", "numbers", ""])
def test_a_coding_that_is_none_is_refused(how):
    with pytest.raises(DataError, match="column `a`: there is no coding"):
        encode(pd.DataFrame({"a": ["x"]}), categories={"a": how})


@pytest.mark.parametrize("seed", range(8))
def test_what_a_column_holds_is_decided_once_and_not_again_for_some_of_its_rows(seed):
    rng = np.random.default_rng(seed)
    values = [*map(str, range(294)), *"abcdef"]
    ready = usable(pd.DataFrame({"x": rng.permutation(values * 2), "y": [0, 1] * 300}), "y")
    few = ready.frame[~ready.frame["x"].isin(list("abcdef"[seed % 6 :]))]  # they look like numbers now
    _, coding = encode(few, target="y", typed=True, forms=ready.forms)
    assert len(coding["x"]) == 30
    inputs, _ = encode(ready.frame, target="y", categories=coding)
    assert (inputs.sum(axis=1) <= 1).all()


def test_types_alone_decide_where_that_is_asked_for():
    table = pd.DataFrame({"text": ["1", "2"], "n": [1, 2], "t": [True, False], "d": pd.to_datetime(["2024-01-01"] * 2)})
    _, coding = encode(table, typed=True, forms={"d": "%d/%m/%Y"})
    assert coding == {"text": ["1", "2"], "n": "number", "t": "truth", "d": "date %d/%m/%Y"}


@pytest.mark.parametrize(
    ("dates", "form"),
    [
        (["12/25/2020", "03/04/2020"], "date %m/%d/%Y"),
        (["25/12/2020", "03/04/2020"], "date %d/%m/%Y"),
        (["25.12.2020 08:30", "03.04.2020 09:00"], "date %d.%m.%Y %H:%M"),
        (["2020-12-25", "2020-04-03"], "date"),
    ],
)
def test_one_date_alone_is_read_as_it_was_among_others(dates, form):
    table = pd.DataFrame({"d": dates})
    inputs, coding = encode(table)
    assert coding == {"d": form}
    again, _ = encode(table.tail(1), categories=json.loads(json.dumps(coding)))
    pd.testing.assert_frame_equal(again, inputs.tail(1))
    read, _ = encode(recognise(table["d"]).values.to_frame(), categories=coding)
    pd.testing.assert_frame_equal(read, inputs)


def test_a_date_of_another_form_and_a_word_among_numbers_are_missing_also_alone():
    table = pd.DataFrame({"d": ["12/25/2020"] * 19 + ["soon"], "n": ["1"] * 19 + ["unknown"]})
    inputs, coding = encode(table)
    assert inputs.iloc[19].isna().all()
    again, _ = encode(table.tail(1), categories=coding)
    pd.testing.assert_frame_equal(again, inputs.tail(1))
    assert encode(pd.DataFrame({"d": ["2020-12-25"], "n": ["inf"]}), categories=coding)[0].isna().all(axis=None)


def test_two_columns_that_would_get_one_name_are_refused():
    with pytest.raises(DataError, match="two columns would be called `a=x`"):
        encode(pd.DataFrame({"a": ["x", "y"], "a=x": [1, 2]}))


cells = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**6), 10**6), st.floats(), st.text(max_size=6), st.dates(), st.datetimes(),
    st.sampled_from(["n/a", "2024-01-01", "01/02/2024", "1,5", "", "yes", "<b>"]),
)  # fmt: skip


@settings(max_examples=150)
@given(st.data())
def test_any_table_is_used_or_refused_and_never_warned_about(data):
    rows = data.draw(st.integers(2, 8))
    columns = {name: data.draw(st.lists(cells, min_size=rows, max_size=rows)) for name in "abc"}
    columns["y"] = [0, 1] * (rows // 2) + [0] * (rows % 2)
    table = pd.DataFrame({name: pd.Series(values, dtype="object") for name, values in columns.items()})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            ready = usable(table, "y")
        except DataError:
            return
        inputs, coding = encode(ready.frame, target="y")
    assert not np.isinf(inputs.to_numpy()).any()
    assert ready.frame["y"].tolist() == table["y"].tolist()
    assert set(coding) == set(ready.frame.columns) - {"y"}
