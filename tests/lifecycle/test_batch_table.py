import csv
import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifecycle.deploy import BatchError, Field
from lifecycle.deploy.batch.records import FAULT, RECORD, stage_csv
from lifecycle.deploy.batch.table import Piece, find_repeats, read_piece, repeats_in, survey

FIELDS = (Field("x", "number", 0.0, 1e9),)
SLOW = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@SLOW
@given(rows=st.integers(0, 40), group=st.integers(1, 12), chunk=st.integers(1, 50))
def test_the_pieces_are_the_table_whatever_its_row_groups(tmp_path, rows, group, chunk):
    numbers = pa.array(range(rows), pa.int32())
    table = pa.table({"id": numbers, "other": ["x"] * rows, "x": numbers.cast(pa.float32())})
    place = tmp_path / "table.parquet"
    pq.write_table(table, place, row_group_size=group)
    found = survey(place, key="id", fields=FIELDS, chunk=chunk, name="table")
    assert found.rows == rows
    read = [read_piece(place, found.columns, piece) for piece in found.pieces]
    assert all(min(1, rows) <= each.num_rows <= chunk for each in read)
    assert read
    assert [value for each in read for value in each["id"].to_pylist()] == list(range(rows))
    assert all(each.column_names == ["id", "x"] for each in read)


@SLOW
@given(
    keys=st.lists(st.sampled_from([1, 2, 3, None]), max_size=12)
    | st.lists(st.sampled_from(["a", "b'", "", " "]), max_size=12)
)
def test_repeats_are_those_that_pandas_finds(tmp_path, keys):
    text = any(isinstance(key, str) for key in keys)
    place = tmp_path / "table.parquet"
    pq.write_table(pa.table({'k"y': pa.array(keys, pa.string() if text else pa.int64())}), place, row_group_size=3)
    count = find_repeats(place, key='k"y', target=tmp_path / "repeats.parquet")
    series = pd.Series([None if isinstance(key, str) and not key.strip() else key for key in keys], dtype=object)
    expected = series[series.notna() & series.duplicated()].index.tolist()
    assert count == len(expected)
    found = {}
    for start in range(0, len(keys), 5):
        piece = Piece(0, start, start + 5)
        found |= {start + row: first for row, first in repeats_in(tmp_path / "repeats.parquet", piece).items()}
    assert sorted(found) == expected
    assert all(first == keys.index(keys[row]) for row, first in found.items())


def test_a_column_whose_name_differs_in_case_alone_is_another_column(tmp_path):
    place = tmp_path / "table.parquet"
    pq.write_table(pa.table({"Entity": ["x", "x", "y"], "entity": ["a", "b", "a"]}), place)
    assert find_repeats(place, key="entity", target=tmp_path / "repeats.parquet") == 1
    assert repeats_in(tmp_path / "repeats.parquet", Piece(0, 0, 3)) == {2: 0}
    assert {each.name for each in tmp_path.iterdir()} == {"table.parquet", "repeats.parquet"}


def staged(tmp_path, content, **options):
    source = tmp_path / "table.csv"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    stage_csv(source, tmp_path / "staged.parquet", name="table.csv", **options)
    return pq.read_table(tmp_path / "staged.parquet").to_pylist()


def test_a_record_is_a_row_also_when_it_is_broken(tmp_path):
    rows = staged(tmp_path, "id,x\n1,2\n\n3\n4,5,6\n7,\n")
    assert [row["id"] for row in rows] == ["1", None, None, "7"]
    assert [row[FAULT] for row in rows] == [
        None, "record: 1 cells where the header has 2", "record: 3 cells where the header has 2", None,
    ]  # fmt: skip
    notes = [row[RECORD] and json.loads(row[RECORD]) for row in rows]
    assert notes == [None, {"line": 4, "text": "3"}, {"line": 5, "text": "4,5,6"}, None]


def test_quotes_line_ends_and_marks_are_read_as_csv_has_them(tmp_path):
    assert staged(tmp_path, b'\xef\xbb\xbfid,x\r\n"a, b","1\n2"\r\n')[0] == {
        "id": "a, b", "x": "1\n2", FAULT: None, RECORD: None,
    }  # fmt: skip


def test_bytes_that_are_not_utf8_spoil_their_cell_alone(tmp_path):
    rows = staged(tmp_path, b"id,x\n1,\xff5\n2,6\n")
    assert [row["x"] for row in rows] == ["�5", "6"]


NUMBERS = [f"{number},{number}" for number in range(1_000)]


@pytest.mark.parametrize(
    ("planted", "place"),
    [
        ({900: '900,"9'}, "lines 902 to 1001"),
        ({999: '999,"9'}, "line 1001"),
        ({10: '10,"9', 20: '20,"9'}, "lines 12 to 22"),
        ({10: '"10,9', 20: '20,9"'}, "lines 12 to 22"),
        ({10: '10,"9', 20: '20,9"'}, "lines 12 to 22"),
        ({10: "10," + "9" * (csv.field_size_limit() + 1)}, "line 12"),
        ({10: '10,"', 11: "9" * csv.field_size_limit()}, "lines 12 to 13"),
    ],
)
def test_a_quote_that_swallows_rows_is_refused_with_its_lines(tmp_path, planted, place):
    lines = [planted.get(number, line) for number, line in enumerate(NUMBERS)]
    with pytest.raises(BatchError, match="where a record ends") as caught:
        staged(tmp_path, "id,x\n" + "\n".join(lines) + "\n", plain=("id", "x"))
    assert f"table.csv: {place}" == caught.value.where
    assert not (tmp_path / "staged.parquet").exists()


def test_a_quote_that_breaks_its_own_line_costs_that_row_alone(tmp_path):
    rows = staged(tmp_path, 'id,x\n1,2\n"3"y,4\n5,6\n')
    assert [row["id"] for row in rows] == ["1", None, "5"]
    assert rows[1][FAULT].startswith("record: ")
    assert json.loads(rows[1][RECORD]) == {"line": 3, "text": '"3"y,4'}


def test_a_text_beside_the_inputs_may_have_line_breaks(tmp_path):
    rows = staged(tmp_path, 'id,x,note\n1,"2\n","a\n\n""b"""\n3,4,c\n', plain=("id", "x"))
    assert [(row["id"], row["x"].strip(), row["note"], row[FAULT]) for row in rows] == [
        ("1", "2", 'a\n\n"b"', None), ("3", "4", "c", None),
    ]  # fmt: skip


@pytest.mark.parametrize("header", ["x" * (csv.field_size_limit() + 1), 'id,"x'])
def test_a_header_that_cannot_be_read_is_refused(tmp_path, header):
    with pytest.raises(BatchError, match="where a record ends") as caught:
        staged(tmp_path, f"{header}\n1,2\n")
    assert caught.value.where in ("table.csv: line 1", "table.csv: lines 1 to 2")


@pytest.mark.parametrize("content", ["", "\n1,2\n"])
def test_a_file_without_a_header_is_refused(tmp_path, content):
    with pytest.raises(BatchError, match="no header"):
        staged(tmp_path, content)


def test_a_name_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(BatchError, match="`x` twice"):
        staged(tmp_path, "id,x,x\n1,2,3\n")


def test_what_is_no_parquet_file_is_refused(tmp_path):
    place = tmp_path / "table.parquet"
    place.write_bytes(b"PAR1 not really")
    with pytest.raises(BatchError, match="not a Parquet file"):
        survey(place, key="id", fields=FIELDS, chunk=5, name="table.parquet")


@pytest.mark.parametrize(("column", "message"), [("other", "no column `id`"), ("id", "whole number or a text")])
def test_a_key_that_is_missing_or_a_float_is_refused(tmp_path, column, message):
    place = tmp_path / "table.parquet"
    pq.write_table(pa.table({column: [1.0], "x": [1.0]}), place)
    with pytest.raises(BatchError, match=message):
        survey(place, key="id", fields=FIELDS, chunk=5, name="table.parquet")


def test_an_input_of_the_model_is_no_key(tmp_path):
    place = tmp_path / "table.parquet"
    pq.write_table(pa.table({"x": ["1"]}), place)
    with pytest.raises(BatchError, match="an input of the model"):
        survey(place, key="x", fields=FIELDS, chunk=5, name="table.parquet")
