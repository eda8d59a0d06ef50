"""The part of the codec that knows numpy and pandas; imported only when such a value is met."""

from __future__ import annotations

import datetime as dt
import io
import json
import math
import struct
import warnings
from typing import Any

from workbench.errors import CodecError

BINARY = {"npy", "frame"}
MIXED = {"objects": False, "series": True, "index": True, "column": True, "timestamp": False, "timedelta64": False}
"""Tags of two parts, and whether the second is binary."""

_KINDS = "biufMmSU"  # numpy's kinds that hold no objects
_MAX_DIMENSIONS = 32
_MAX_ROWS = 5_000_000
_MAX_COLUMNS = 10_000
_EXTENSIONS = ("pandas.period", "pandas.interval")
_MAX_NESTED = 8  # lists and records within a column
_DICTIONARY_BATCH, _RECORD_BATCH = 2, 3  # kinds of message in Arrow's stream format


def take_apart(value: Any, where: str) -> tuple[str, Any]:
    """The tag of `value` and its content: bytes, a list of parts, or for the tag ``plain`` a value for the codec itself."""
    import numpy

    if issubclass(type(value), numpy.generic):
        return "plain", _scalar(value, where)
    if issubclass(type(value), numpy.ma.MaskedArray):
        raise CodecError("a masked array cannot be checked", where=where, remedy="give .filled(...) of it")
    if issubclass(type(value), numpy.ndarray):
        return _array(numpy.ndarray.view(value, numpy.ndarray), where)
    return _pandas(value, where)


def put_together(tag: str, parts: list[Any], where: str) -> Any:
    """The value of a tag, from parts that are already decoded."""
    if tag == "npy":
        return _read_array(parts[0], where)
    if tag == "objects":
        return _read_objects(*parts)
    import pandas

    if tag == "timestamp":
        text, zone = parts
        if text == "NaT":
            return pandas.NaT
        return pandas.Timestamp(text, tz=zone) if zone is None else pandas.Timestamp(text, tz="UTC").tz_convert(zone)
    if tag == "timedelta64":
        return pandas.Timedelta(int(parts[0]), unit="ns").as_unit(str(parts[1]))
    frame = _read_frame(parts[-1], where)
    if tag == "frame":
        return frame
    if tag == "series":
        return frame.iloc[:, 0].rename(parts[0])
    if tag == "column":
        return frame.iloc[:, 0].array
    names = parts[0]
    if len(names) == 1:
        return pandas.Index(frame.iloc[:, 0]).rename(names[0])
    return pandas.MultiIndex.from_frame(frame, names=names)


def _scalar(value: Any, where: str) -> Any:
    import numpy

    if isinstance(value, numpy.datetime64 | numpy.timedelta64):
        unit = "us" if isinstance(value, numpy.datetime64) else "timedelta64[us]"
        plain = value.astype(f"datetime64[{unit}]" if unit == "us" else unit).item()
        if not isinstance(plain, dt.datetime | dt.timedelta):
            raise CodecError("a date that is missing or out of range", where=where, remedy="give None")
        return plain
    plain = value.item()
    if isinstance(plain, numpy.generic | complex | tuple):  # long double, complex, a record
        what = f"a value of type `{type(value).__name__}` cannot be checked"
        raise CodecError(what, where=where, remedy="give float(...) of it")
    return plain


def _array(value: Any, where: str) -> tuple[str, Any]:
    import numpy

    if value.ndim == 0 and value.dtype.kind not in "OT":
        return "plain", _scalar(value[()], where)
    if value.dtype.kind in "OT":
        return "objects", [list(value.shape), value.astype(object).ravel().tolist()]
    if value.dtype.kind not in _KINDS:
        raise CodecError(
            f"an array of `{value.dtype}` cannot be checked", where=where, remedy="give an array of numbers or text"
        )
    stream = io.BytesIO()
    native = numpy.ascontiguousarray(value).reshape(value.shape).astype(value.dtype.newbyteorder("<"), copy=False)
    numpy.lib.format.write_array(stream, native, version=(1, 0), allow_pickle=False)
    return "npy", stream.getvalue()


def _read_array(data: bytes, where: str) -> Any:
    import numpy

    stream = io.BytesIO(data)
    if numpy.lib.format.read_magic(stream) != (1, 0):
        raise CodecError("not an array of a known version", where=where)
    shape, fortran, dtype = numpy.lib.format.read_array_header_1_0(stream)
    body = data[stream.tell() :]
    # Checked before anything of that size is made: the header is the sender's word.
    if dtype.kind not in _KINDS or fortran or math.prod(shape) * dtype.itemsize != len(body) or min(shape, default=0) < 0:
        raise CodecError("an array whose header does not fit its content", where=where)
    return numpy.frombuffer(body, dtype=dtype).reshape(shape).astype(dtype.newbyteorder("="))


def _read_objects(shape: Any, items: Any) -> Any:
    import numpy

    lengths = [int(length) for length in shape]
    if len(lengths) > _MAX_DIMENSIONS or min(lengths, default=0) < 0 or math.prod(lengths) != len(items):
        raise ValueError("shape and elements differ")
    flat = numpy.empty(len(items), dtype=object)
    for i, item in enumerate(items):
        flat[i] = item
    return flat.reshape(lengths)


def _pandas(value: Any, where: str) -> tuple[str, Any]:
    import pandas

    if value is pandas.NaT:
        return "timestamp", ["NaT", None]
    if isinstance(value, pandas.Timestamp):
        zone = None if value.tz is None else str(value.tz)
        naive = value if zone is None else value.tz_convert("UTC").tz_localize(None)
        return "timestamp", [naive.isoformat(), zone]
    if isinstance(value, pandas.Timedelta):
        return "timedelta64", [value.as_unit("ns").value, value.unit]
    if isinstance(value, pandas.DataFrame):
        return "frame", _write_frame(pandas.DataFrame(value), where)
    if isinstance(value, pandas.Series):
        return "series", [value.name, _write_frame(pandas.Series(value, name="values").to_frame(), where)]
    if isinstance(value, pandas.Index):
        names = [str(i) for i in range(value.nlevels)]
        frame = value.to_frame(index=False, name=names if len(names) > 1 else names[0])
        return "index", [list(value.names), _write_frame(frame, where)]
    if isinstance(value, pandas.api.extensions.ExtensionArray):
        return "column", [None, _write_frame(pandas.Series(value, name="values").to_frame(), where)]
    name = type(value).__name__
    remedy = {"NAType": "give None", "DataFrameGroupBy": "give the table it leads to"}.get(name, "give a table or a list")
    raise CodecError(f"a value of type `{name}` cannot be checked", where=where, remedy=remedy)


def _write_frame(frame: Any, where: str) -> bytes:
    import pyarrow

    plain = frame.copy(deep=False)
    plain.attrs = {}
    if not plain.columns.is_unique:
        raise CodecError("two columns of the table have the same name", where=where, remedy="give each its own")
    try:
        table = _table_of(plain)
    except (pyarrow.ArrowException, ValueError, TypeError, OverflowError, NotImplementedError) as error:
        column = _odd_column(plain)
        raise CodecError(
            "a column of mixed or unknown types cannot be checked" if column else "this table cannot be checked",
            where=f"{where}[{column!r}]" if column else where,
            tried=str(error),
            remedy="give a column of one type: .astype(str) or .astype(float)",
        ) from error
    _refuse_unknown(table.schema, where)
    stream = io.BytesIO()
    with pyarrow.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return stream.getvalue()


def _table_of(frame: Any) -> Any:
    """`frame` as an Arrow table, without the versions of the libraries that made it: a key is read by other versions too."""
    import pyarrow

    with warnings.catch_warnings():
        # pyarrow 25, which mlflow 3 holds us at, takes the values of columns with a time zone in a way pandas 3.1 warns of.
        warnings.filterwarnings("ignore", r"Series\.values returning an ndarray that drops timezone")
        table = pyarrow.Table.from_pandas(frame)
    written = json.loads(table.schema.metadata[b"pandas"])
    kept = {key: value for key, value in written.items() if key not in ("creator", "pandas_version")}
    return table.replace_schema_metadata({b"pandas": json.dumps(kept, sort_keys=True).encode("utf-8")})


def _odd_column(frame: Any) -> Any:
    import pyarrow

    for name in frame.columns:
        try:
            pyarrow.array(frame[name], from_pandas=True)
        except (pyarrow.ArrowException, ValueError, TypeError, OverflowError, NotImplementedError):
            return name
    return None


def _read_frame(data: bytes, where: str) -> Any:
    import pyarrow

    _refuse_compressed(data, where)
    with pyarrow.ipc.open_stream(data) as reader:
        _refuse_unknown(reader.schema, where)
        table = reader.read_all()
    if table.num_rows > _MAX_ROWS or table.num_columns > _MAX_COLUMNS:  # a column of gaps alone takes no bytes
        raise CodecError("a table of too many rows or columns", where=where)
    table.validate(full=True)
    return table.to_pandas()


def _refuse_unknown(schema: Any, where: str) -> None:
    """Refuse columns of types that pandas has no use for: for some of them, Arrow's reader ends the process on odd bytes."""
    for field in schema:
        if not _is_known(field.type, _MAX_NESTED):
            raise CodecError(
                f"a column of type `{field.type!s:.60}` cannot be checked", where=where, remedy="give numbers, text or lists"
            )


def _is_known(kind: Any, depth: int) -> bool:
    from pyarrow import BaseExtensionType, types

    if isinstance(kind, BaseExtensionType):
        return kind.extension_name in _EXTENSIONS and _is_known(kind.storage_type, depth)
    if types.is_dictionary(kind):
        kind = kind.value_type
    if types.is_list(kind) or types.is_large_list(kind):
        return depth > 0 and _is_known(kind.value_type, depth - 1)
    if types.is_struct(kind):
        return depth > 0 and all(_is_known(field.type, depth - 1) for field in kind)
    plain = types.is_primitive, types.is_null, types.is_decimal, types.is_string, types.is_large_string
    return any(test(kind) for test in (*plain, types.is_binary, types.is_large_binary))


def _refuse_compressed(data: bytes, where: str) -> None:
    """Refuse batches with compressed buffers: the limit on bytes would say nothing about what they grow to."""
    import pyarrow

    stream = pyarrow.BufferReader(data)
    while True:
        try:
            message = pyarrow.ipc.read_message(stream)
        except EOFError:
            return
        table, kind = _flat_table(message.metadata.to_pybytes())
        batch = table(2)
        if kind == _DICTIONARY_BATCH:
            batch = batch and batch(1)
        if kind in (_DICTIONARY_BATCH, _RECORD_BATCH) and (batch is None or batch(3)):
            raise CodecError("a table with compressed content", where=where)


def _flat_table(data: bytes) -> tuple[Any, int]:
    """The root of a FlatBuffers message as a function from a field's number to the table there, and its header's kind.

    The layout is that of Arrow's ``Message.fbs``: field 1 of the root is the header's kind, field 2 the header.
    """

    def number(form: str, at: int) -> int:
        return int(struct.unpack_from(form, data, at)[0])

    def field(table: int, index: int) -> int:
        """Where a field's content is, or 0 where the table does not have it."""
        fields = table - number("<i", table)
        place = number("<H", fields + 4 + 2 * index) if 4 + 2 * index < number("<H", fields) else 0
        return table + place if place else 0

    def table_at(start: int) -> Any:
        def child(index: int) -> Any:
            at = field(start, index)
            return table_at(at + number("<I", at)) if at else None

        return child

    root = number("<I", 0)
    kind = field(root, 1)
    return table_at(root), number("<B", kind) if kind else 0
