"""How a value crosses between an answer and a check: as tagged JSON of exact built-in types, and nothing else.

Only data crosses, never behaviour. A subclass of a built-in type arrives as the built-in: its content is read with the
base class's own methods, so that an object with an ``__eq__`` or ``__iter__`` of its own can change nothing. Reading builds
values from data alone: nothing is unpickled, no name is looked up, and both directions are limited in size and depth.

====================================================  =========================================================
None, bool, str, int, float                           themselves; tagged text where JSON has no such number
list; tuple, set, frozenset, dict; bytes              an array; tagged arrays, sets sorted; base64
datetime, date, time, timedelta                       ISO text, microseconds
numpy scalars; arrays                                 as Python's scalars; ``.npy``, or elements where it holds objects
pandas DataFrame, Series, Index, arrays, Timestamp    Arrow's stream format in base64; ISO text
====================================================  =========================================================
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import math
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workbench.errors import CodecError

Tree = Any  # what json.loads returns

MAX_BYTES = 32 * 1024 * 1024
MAX_NODES = 500_000
MAX_DEPTH = 40
MAX_BITS = 4096
MAX_ALIKE = 100
_SAFE_INT = 2**53

_ADVICE = {
    "function": "give the value it returns",
    "builtin_function_or_method": "give the value it returns",
    "method": "call it: give the value it returns",
    "type": "give a value, not a class",
    "module": "give a value, not a module",
    "generator": "give list(...) of it",
    "range": "give list(...) of it",
    "map": "give list(...) of it",
    "filter": "give list(...) of it",
    "zip": "give list(...) of it",
    "dict_keys": "give list(...) of it",
    "dict_values": "give list(...) of it",
    "dict_items": "give dict(...) of it",
    "complex": "give its real and imaginary part",
    "Decimal": "give float(...) of it",
    "Fraction": "give float(...) of it",
    "PosixPath": "give str(...) of it",
    "WindowsPath": "give str(...) of it",
    "NAType": "give None",
    "csr_matrix": "give .toarray() of it",
    "MaskedArray": "give .filled(...) of it",
}


@dataclass
class _Budget:
    """What is left of the limits while one value is written or read."""

    bytes: int = MAX_BYTES
    nodes: int = MAX_NODES

    def spend(self, where: str, size: int = 0) -> None:
        self.nodes -= 1
        self.bytes -= size
        if self.nodes < 0:
            raise CodecError(f"more than {MAX_NODES:,} values", where=where, remedy="give a table, an array or a summary")
        if self.bytes < 0:
            raise CodecError(
                f"larger than {MAX_BYTES // 2**20} MB", where=where, remedy="give fewer rows, or a summary of them"
            )


def encode(value: Any, *, where: str = "value") -> Tree:
    """Write `value` as a tree of JSON types.

    Parameters
    ----------
    value : any
        Of the types in the module's table, nested up to 40 deep, at most 32 MB and 500,000 values.
    where : str
        What the value is called, for errors: ``answer["model"][0]``.

    Raises
    ------
    CodecError
        For anything else, with the path to the part and what to give instead.
    """
    return _encode(value, where, 0, _Budget())


def decode(tree: Tree, *, where: str = "value") -> Any:
    """Read what `encode` wrote; the tree may come from anywhere.

    Raises
    ------
    CodecError
        When the tree is not one that `encode` writes, or exceeds the limits.
    """
    try:
        return _decode(tree, where, 0, _Budget())
    except CodecError:
        raise
    except Exception as error:  # the tree is a stranger's: whatever it does to a library, it is only not a value
        raise CodecError(f"not an encoded value: {type(error).__name__}: {error}", where=where) from error


def dumps(tree: Tree) -> str:
    """Canonical JSON of a tree: one text for equal trees."""
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def loads(text: str | bytes, *, where: str = "value") -> Tree:
    """Read JSON into a tree, refusing what is too large or too deep before it is turned into values.

    Raises
    ------
    CodecError
        When it is not JSON or exceeds the limits.
    """
    if len(text) > 2 * MAX_BYTES:
        raise CodecError(f"larger than {2 * MAX_BYTES // 2**20} MB of JSON", where=where)
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise CodecError(f"not JSON: {type(error).__name__}", where=where) from error


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _encode(value: Any, where: str, depth: int, budget: _Budget) -> Tree:
    if depth > MAX_DEPTH:
        raise CodecError(f"nested more than {MAX_DEPTH} deep", where=where, remedy="does it contain itself?")
    budget.spend(where)
    kind = type(value)
    if value is None or kind is bool:
        return value
    if issubclass(kind, str):
        return _encode_text(str.__str__(value), where, budget)
    if issubclass(kind, int):
        return _encode_int(int.__index__(value), where)
    if issubclass(kind, float):
        return _encode_float(float.__float__(value))
    if issubclass(kind, bytes | bytearray):
        base = bytes if issubclass(kind, bytes) else bytearray
        return {"bytes": _base64(bytes(base.__getitem__(value, slice(None))), where, budget)}
    if issubclass(kind, list):
        return _encode_items(list.__iter__(value), where, depth, budget)
    if issubclass(kind, tuple):
        return {"tuple": _encode_items(tuple.__iter__(value), where, depth, budget)}
    if issubclass(kind, dict):
        return {"dict": _encode_pairs(list(dict.items(value)), where, depth, budget)}
    if issubclass(kind, set | frozenset):
        base_set: Any = set if issubclass(kind, set) else frozenset
        items = [_encode(item, f"{where} (an element)", depth + 1, budget) for item in base_set.__iter__(value)]
        return {base_set.__name__: sorted(items, key=dumps)}
    library = kind.__module__.partition(".")[0] if isinstance(kind.__module__, str) else ""
    if issubclass(kind, dt.date | dt.time | dt.timedelta) and library != "pandas":
        return _encode_time(value, where)
    if library in ("numpy", "pandas") or _is_array(value):
        return _encode_foreign(value, where, depth, budget)
    raise _refused(kind, where)


def _refused(kind: type, where: str) -> CodecError:
    name = type.__dict__["__name__"].__get__(kind)
    remedy = _ADVICE.get(name, "give numbers, text, lists, dictionaries, arrays or tables made from it")
    return CodecError(f"a value of type `{name}` cannot be checked", where=where, remedy=remedy)


def _encode_text(text: str, where: str, budget: _Budget) -> Tree:
    try:
        budget.spend(where, len(text.encode("utf-8")))
    except UnicodeEncodeError:  # lone surrogates, which no file could hold
        return {"str": _base64(text.encode("utf-8", "surrogatepass"), where, budget)}
    return text


def _encode_int(number: int, where: str) -> Tree:
    if number.bit_length() > MAX_BITS:
        raise CodecError(
            f"a whole number of more than {MAX_BITS} bits", where=where, remedy="give float(...) or a logarithm"
        )
    return number if -_SAFE_INT <= number <= _SAFE_INT else {"int": hex(number)}


def _encode_float(number: float) -> Tree:
    return number if math.isfinite(number) else {"float": repr(number)}


def _encode_items(items: Iterable[Any], where: str, depth: int, budget: _Budget) -> list[Tree]:
    return [_encode(item, f"{where}[{i}]", depth + 1, budget) for i, item in enumerate(items)]


def _encode_pairs(pairs: list[tuple[Any, Any]], where: str, depth: int, budget: _Budget) -> list[list[Tree]]:
    encoded = []
    for key, item in pairs:
        tree = _encode(key, f"{where} (a key)", depth + 1, budget)
        place = f"{where}[{tree!r:.60}]" if isinstance(tree, str | int | float) else f"{where}[...]"
        encoded.append([tree, _encode(item, place, depth + 1, budget)])
    return encoded


def _encode_time(value: Any, where: str) -> Tree:
    if issubclass(type(value), dt.timedelta):
        whole = dt.timedelta.__add__(value, dt.timedelta(0))
        return {"timedelta": [whole.days, whole.seconds, whole.microseconds]}
    for base in (dt.datetime, dt.date, dt.time):
        if issubclass(type(value), base):
            text = base.isoformat(value)
            try:  # a time zone of one's own may say anything; what is read back must be what was said
                base.fromisoformat(text)
            except ValueError as error:
                raise CodecError("a date that cannot be written down", where=where) from error
            return {base.__name__: text}
    raise _refused(type(value), where)


def _is_array(value: Any) -> bool:
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    kinds = ((numpy.ndarray, numpy.generic) if numpy else ()) + ((pandas.DataFrame, pandas.Series) if pandas else ())
    return issubclass(type(value), kinds) if kinds else False


def _encode_foreign(value: Any, where: str, depth: int, budget: _Budget) -> Tree:
    from workbench import codec_arrays

    tag, content = codec_arrays.take_apart(value, where)
    if tag == "plain":
        return _encode(content, where, depth + 1, budget)
    if isinstance(content, bytes):
        return {tag: _base64(content, where, budget)}
    first, second = content
    last = _base64(second, where, budget) if codec_arrays.MIXED[tag] else _encode(second, where, depth + 1, budget)
    return {tag: [_encode(first, where, depth + 1, budget), last]}


def _base64(data: bytes, where: str, budget: _Budget) -> str:
    budget.spend(where, len(data))
    return base64.b64encode(data).decode("ascii")


def _decode(tree: Tree, where: str, depth: int, budget: _Budget) -> Any:
    if depth > MAX_DEPTH:
        raise CodecError(f"nested more than {MAX_DEPTH} deep", where=where)
    budget.spend(where, len(tree) if isinstance(tree, str) else 0)
    if tree is None or isinstance(tree, bool | int | float | str):
        if isinstance(tree, int) and tree.bit_length() > MAX_BITS:
            raise CodecError("a whole number too large", where=where)
        if isinstance(tree, float) and not math.isfinite(tree):  # JSON's 1e999
            raise CodecError("not an encoded value", where=where)
        return tree
    if isinstance(tree, list):
        return [_decode(item, where, depth + 1, budget) for item in tree]
    if not isinstance(tree, dict) or len(tree) != 1:
        raise CodecError("not an encoded value", where=where)
    ((tag, content),) = tree.items()
    if tag in ("tuple", "set", "frozenset"):
        items = [_decode(item, where, depth + 1, budget) for item in _list(content)]
        if tag != "tuple":
            _refuse_alike(items, where)
        return {"tuple": tuple, "set": set, "frozenset": frozenset}[tag](items)
    if tag == "dict":
        pairs = [_list(pair, length=2) for pair in _list(content)]
        keys = [_decode(key, where, depth + 1, budget) for key, _ in pairs]
        _refuse_alike(keys, where)
        return {key: _decode(item, where, depth + 1, budget) for key, (_, item) in zip(keys, pairs, strict=True)}
    if tag == "bytes":
        return _bytes(content, where, budget)
    if tag == "str":
        return _bytes(content, where, budget).decode("utf-8", "surrogatepass")
    if tag == "int":
        if not isinstance(content, str) or len(content) > MAX_BITS // 4 + 4:
            raise CodecError("a whole number too large", where=where)
        return int(content, 16)
    if tag == "float":
        return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[content]
    if tag == "timedelta":
        days, seconds, microseconds = (int(number) for number in _list(content, length=3))
        return dt.timedelta(days, seconds, microseconds)
    if tag in ("datetime", "date", "time"):
        kinds: dict[str, Any] = {"datetime": dt.datetime, "date": dt.date, "time": dt.time}
        return kinds[tag].fromisoformat(content)
    return _decode_foreign(tag, content, where, depth, budget)


def _refuse_alike(items: list[Any], where: str) -> None:
    """Refuse elements that were made to have one hash: to put n of them into a set takes n * n comparisons."""
    if len(items) > MAX_ALIKE and max(Counter(map(hash, items)).values()) > MAX_ALIKE:
        raise CodecError("a set or dictionary of elements that are too much alike", where=where)


def _decode_foreign(tag: str, content: Tree, where: str, depth: int, budget: _Budget) -> Any:
    from workbench import codec_arrays

    if tag in codec_arrays.BINARY:
        return codec_arrays.put_together(tag, [_bytes(content, where, budget)], where)
    if tag in codec_arrays.MIXED:
        parts = _list(content, length=2)
        binary = codec_arrays.MIXED[tag]
        second = _bytes(parts[1], where, budget) if binary else _decode(parts[1], where, depth + 1, budget)
        return codec_arrays.put_together(tag, [_decode(parts[0], where, depth + 1, budget), second], where)
    raise CodecError(f"unknown tag {tag!r:.40}", where=where)


def _bytes(content: Tree, where: str, budget: _Budget) -> bytes:
    if not isinstance(content, str):
        raise CodecError("base64 text expected", where=where)
    budget.spend(where, len(content) * 3 // 4)
    return base64.b64decode(content, validate=True)


def _list(content: Tree, *, length: int | None = None) -> list[Tree]:
    if not isinstance(content, list) or (length is not None and len(content) != length):
        raise ValueError("a list was expected")
    return content
