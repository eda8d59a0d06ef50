"""Values cross as exact built-in types, equal to what was sent, and nothing else crosses."""

from __future__ import annotations

import base64
import datetime as dt
import enum
import io
import math
import re
from collections import Counter, OrderedDict, defaultdict, namedtuple
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from workbench import codec
from workbench.errors import CodecError

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats()
    | st.text()
    | st.text(st.characters(categories=["Cs", "Ll"]))
    | st.binary()
    | st.datetimes()
    | st.datetimes(timezones=st.just(dt.timezone(dt.timedelta(hours=-3, minutes=-30))))
    | st.dates()
    | st.times()
    | st.timedeltas()
)
KEYS = st.none() | st.booleans() | st.integers() | st.text() | st.tuples(st.integers(), st.text())
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(KEYS, inner)
        | st.sets(KEYS)
        | st.frozensets(st.integers() | st.text())
    ),
    max_leaves=20,
)


def crossed(value):
    """What arrives on the other side, by way of JSON text."""
    return codec.decode(codec.loads(codec.dumps(codec.encode(value))))


def same(one, other) -> bool:
    """Equal in value and exact type, NaN equal to itself and -0.0 unlike 0.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return repr(one) == repr(other)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    return one == other


@settings(deadline=None)
@given(VALUES)
def test_built_in_values_arrive_as_they_were(value):
    assert same(crossed(value), value)


@settings(deadline=None)
@given(arrays.arrays(arrays.boolean_dtypes() | arrays.integer_dtypes() | arrays.floating_dtypes(sizes=(32, 64)),
                     arrays.array_shapes(min_dims=1, max_dims=4, min_side=0)))  # fmt: skip
def test_arrays_arrive_with_shape_type_and_content(value):
    arrived = crossed(value)
    assert arrived.dtype == value.dtype.newbyteorder("=")
    np.testing.assert_array_equal(arrived, value)


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1, 2], "b": ["x", None]}),
        pd.DataFrame({"t": pd.date_range("2024-01-01", periods=3, tz="Europe/Paris"), "c": pd.Categorical(["u", "v", "u"])}),
        pd.DataFrame({1: [0.5, math.nan], 2: [True, False]}, index=pd.Index(["i", "j"], name="id")),
        pd.DataFrame({"v": [1, 2]}, index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["x", "y"])),
        pd.DataFrame({"n": pd.array([1, None], dtype="Int64")}),
        pd.DataFrame({"empty": pd.Series([], dtype="float64")}),
        pd.DataFrame(index=[3, 4]),
    ],
    ids=["mixed", "time and category", "number names", "two levels", "gaps", "no rows", "no columns"],
)
def test_tables_arrive_with_index_and_types(frame):
    pd.testing.assert_frame_equal(crossed(frame), frame, check_freq=False, check_column_type=False)


@pytest.mark.parametrize(
    "series",
    [
        pd.Series([1.5, math.nan], name="x"),
        pd.Series([1, 2], index=["a", "b"], name=("two", "names")),
        pd.Series(["a", None]),
        pd.Series([], dtype="int64"),
    ],
    ids=["gap", "tuple name", "text", "empty"],
)
def test_series_arrive_with_name_and_index(series):
    pd.testing.assert_series_equal(crossed(series), series)


@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(3),
        pd.Index(["a", "b"], name="letters"),
        pd.DatetimeIndex(["2024-01-01", "2024-03-01"]),
        pd.MultiIndex.from_product([[1, 2], ["a"]]),
    ],
    ids=["range", "named", "dates", "levels"],
)
def test_indexes_arrive(index):
    pd.testing.assert_index_equal(crossed(index), index, exact="equiv")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32(1.5), 1.5),
        (np.int8(-3), -3),
        (np.bool_(True), True),
        (np.str_("x"), "x"),
        (np.array(2.5), 2.5),
        (np.datetime64("2024-05-06"), dt.datetime(2024, 5, 6)),
        (np.timedelta64(90, "s"), dt.timedelta(seconds=90)),
        (bytearray(b"ab"), b"ab"),
    ],
)
def test_numpy_scalars_and_the_like_become_python_s_own(value, expected):
    assert same(crossed(value), expected)


@pytest.mark.parametrize(
    "value",
    [pd.Timestamp("2024-01-01T00:00:00.000000001"), pd.Timestamp("2024-07-01", tz="Asia/Tokyo"), pd.Timedelta("3D")],
)
def test_pandas_times_keep_their_zone_and_nanoseconds(value):
    arrived = crossed(value)
    assert (arrived, str(getattr(arrived, "tz", None))) == (value, str(getattr(value, "tz", None)))


def test_a_missing_time_stays_missing():
    assert crossed(pd.NaT) is pd.NaT


def test_text_arrays_and_their_gaps_arrive():
    np.testing.assert_array_equal(crossed(np.array([["a", None]], dtype=object)), np.array([["a", None]], dtype=object))
    assert list(crossed(pd.Series(["b", "a", "b"]).unique())) == ["b", "a"]


class Colour(enum.IntEnum):
    RED = 3


Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Colour.RED, 3),
        (Point(1, 2), (1, 2)),
        (OrderedDict(a=1), {"a": 1}),
        (defaultdict(list, a=[1]), {"a": [1]}),
        (Counter("aab"), {"a": 2, "b": 1}),
    ],
)
def test_subclasses_arrive_as_their_base(value, expected):
    assert same(crossed(value), expected)


class LyingInt(int):
    def __eq__(self, other):
        return True

    def __index__(self):
        return 99

    def __repr__(self):
        return "99"

    __hash__ = int.__hash__


class LyingList(list):
    def __iter__(self):
        return iter([42])

    def __len__(self):
        return 1

    def __eq__(self, other):
        return True

    __hash__ = None


class LyingDict(dict):
    def items(self):
        return [("answer", 42)]

    def __getitem__(self, key):
        return 42


class LyingText(str):
    def __str__(self):
        return "right"

    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


class LyingFloat(float):
    def __float__(self):
        return 42.0


class LyingBytes(bytes):
    def __getitem__(self, key):
        return b"right"


class PretendsToBeAList:
    @property
    def __class__(self):
        return list

    def __iter__(self):
        return iter([42])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (LyingInt(3), 3),
        (LyingList([1, 2]), [1, 2]),
        (LyingDict(answer=1), {"answer": 1}),
        (LyingText("wrong"), "wrong"),
        (LyingFloat(1.0), 1.0),
        (LyingBytes(b"no"), b"no"),
        ([LyingInt(1), {"k": LyingText("v")}], [1, {"k": "v"}]),
    ],
)
def test_an_object_that_lies_about_itself_arrives_as_what_it_is(value, expected):
    assert same(crossed(value), expected)


def test_an_object_that_pretends_to_be_a_list_is_refused():
    with pytest.raises(CodecError, match="PretendsToBeAList"):
        codec.encode(PretendsToBeAList())


@settings(deadline=None)
@given(st.sets(st.integers() | st.text(max_size=3)))
def test_sets_are_written_in_one_order(values):
    again = set()
    for value in sorted(values, key=repr, reverse=True):
        again.add(value)
    assert codec.dumps(codec.encode(values)) == codec.dumps(codec.encode(again))


@pytest.mark.parametrize(
    ("value", "place", "advice"),
    [
        ({"model": [object()]}, r"answer['model'][0]", "numbers, text"),
        ([1, (2, range(3))], "answer[1][1]", "list(...)"),
        (len, "answer", "the value it returns"),
        ({1, 2, 3j}, "answer (an element)", "real and imaginary"),
        (Path("x"), "answer", "str(...)"),
        (pd.NA, "answer", "None"),
        (np.ma.array([1]), "answer", "filled"),
        (pd.DataFrame({"good": [1, 2], "bad": [1, "a"]}), "answer['bad']", "one type"),
        (2**5000, "answer", "logarithm"),
    ],
    ids=["object", "range", "function", "complex", "path", "NA", "masked", "mixed column", "huge int"],
)
def test_anything_else_is_refused_with_its_place_and_a_way_out(value, place, advice):
    with pytest.raises(CodecError) as error:
        codec.encode(value, where="answer")
    assert error.value.where == place
    assert advice in error.value.remedy


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(CodecError, match="same name"):
        codec.encode(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_a_list_that_contains_itself_is_refused():
    value: list[object] = []
    value.append(value)
    with pytest.raises(CodecError, match="deep"):
        codec.encode(value)


@pytest.mark.parametrize(
    ("value", "words"),
    [([0] * (codec.MAX_NODES + 1), "more than"), ("x" * (codec.MAX_BYTES + 1), "larger"), (np.zeros(5_000_000), "larger")],
    ids=["elements", "text", "array"],
)
def test_sizes_are_limited_when_writing(value, words):
    with pytest.raises(CodecError, match=words):
        codec.encode(value)


@pytest.mark.parametrize(
    "tree",
    [
        [0] * (codec.MAX_NODES + 1),
        "x" * (codec.MAX_BYTES + 1),
        {"bytes": "AAAA" * (codec.MAX_BYTES // 3 + 1)},
        {"int": "f" * 9_999},
    ],
    ids=["elements", "text", "bytes", "int"],
)
def test_sizes_are_limited_when_reading(tree):
    with pytest.raises(CodecError):
        codec.decode(tree)


@settings(deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5), lambda inner: (
    st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["int", "float", "npy", "frame", "series", "dict", "set", "objects", "date", "x"]),
                      inner, max_size=2)), max_leaves=8))  # fmt: skip
def test_a_strange_tree_is_a_value_or_a_codec_error(tree):
    try:
        value = codec.decode(tree)
    except CodecError:
        return
    codec.encode(value)  # what was accepted is of the types that cross


def npy(array: np.ndarray, **options) -> dict[str, str]:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=(1, 0), **options)
    return {"npy": base64.b64encode(stream.getvalue()).decode()}


def test_a_pickle_in_an_array_is_refused():
    with pytest.raises(CodecError, match="header"):
        codec.decode(npy(np.array([{}], dtype=object), allow_pickle=True))


def test_an_array_header_that_promises_more_than_there_is_is_refused():
    data = base64.b64decode(npy(np.zeros(3))["npy"]).replace(b"(3,)", b"(9,)")
    with pytest.raises(CodecError, match="header"):
        codec.decode({"npy": base64.b64encode(data).decode()})


@pytest.mark.parametrize("method", ["zstd", "lz4"])
def test_a_compressed_table_is_refused(method):
    import pyarrow

    table = pyarrow.table({"zeros": [0] * 10_000})
    stream = io.BytesIO()
    with pyarrow.ipc.new_stream(stream, table.schema, options=pyarrow.ipc.IpcWriteOptions(compression=method)) as writer:
        writer.write_table(table)
    with pytest.raises(CodecError, match="compressed"):
        codec.decode({"frame": base64.b64encode(stream.getvalue()).decode()})


def test_a_table_of_nothing_but_gaps_is_limited_in_rows():
    import pyarrow

    table = pyarrow.table({"gaps": pyarrow.nulls(6_000_000)})
    stream = io.BytesIO()
    with pyarrow.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    with pytest.raises(CodecError, match="too many rows"):
        codec.decode({"frame": base64.b64encode(stream.getvalue()).decode()})


@pytest.mark.parametrize("text", ["", "{", "NaN", "Infinity", "[" * 100_000], ids=["empty", "open", "nan", "inf", "deep"])
def test_text_that_is_not_a_tree_is_refused(text):
    with pytest.raises(CodecError, match="not JSON"):
        codec.loads(text)


def test_a_table_s_bytes_do_not_say_which_versions_wrote_it():
    """A key recorded with one release of pandas or pyarrow is asked for by another, argument by argument."""
    text = codec.dumps(codec.encode(pd.DataFrame({"n": [1, 2]}, index=["a", "b"])))
    (frame,) = re.findall(r'"frame":\s*"([^"]+)"', text)
    written = base64.b64decode(frame)
    assert b"index_columns" in written
    assert not any(version.encode() in written for version in (pd.__version__, pyarrow.__version__))


def stream(schema: pyarrow.Schema) -> str:
    """Arrow's stream of a table with these columns and not a single batch."""
    sink = io.BytesIO()
    pyarrow.ipc.new_stream(sink, schema).close()
    return base64.b64encode(sink.getvalue()).decode("ascii")


@pytest.mark.parametrize(
    "kind",
    [
        pyarrow.list_view(pyarrow.int8()),  # the reader ends the process on such a table without rows
        pyarrow.string_view(),
        pyarrow.map_(pyarrow.string(), pyarrow.int8()),
        pyarrow.run_end_encoded(pyarrow.int32(), pyarrow.string()),
        pyarrow.list_(pyarrow.list_view(pyarrow.int8())),
    ],
    ids=str,
)
def test_columns_that_pandas_has_no_use_for_are_refused_before_they_are_read(kind):
    with pytest.raises(CodecError, match="a column of type"):
        codec.decode({"frame": stream(pyarrow.schema([("x", kind)]))})


@pytest.mark.parametrize("tag", ["set", "frozenset", "dict"])
def test_elements_that_were_made_to_have_one_hash_are_refused(tag):
    alike = [{"int": hex(number * (2**61 - 1))} for number in range(10_000)]
    with pytest.raises(CodecError, match="too much alike"):
        codec.decode({tag: [[one, 0] for one in alike] if tag == "dict" else alike})


def test_a_number_that_json_reads_as_infinite_is_no_value():
    with pytest.raises(CodecError, match="not an encoded value"):
        codec.decode(codec.loads("[1e999]"))
