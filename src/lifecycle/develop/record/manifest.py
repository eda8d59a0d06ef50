"""The record of how a model was made: digests of everything in it, and what changed between two of them.

A digest answers one question, "is it the same?", for a file, a table or a setting, however large. A manifest is a list of
such answers. Two manifests side by side say which ingredient differs, which no score can.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from lifecycle.errors import DataError, LifecycleError

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
DEEPEST = 32
"""Objects and lists within each other, in a file that is read: no record comes near it."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


class BundleError(LifecycleError):
    """A bundle that cannot be made, is not what its manifest says, or cannot be rebuilt."""


def digest_of_frame(frame: pd.DataFrame) -> str:
    """SHA-256 of a table: names, types and values of its columns, 64 hexadecimal digits.

    The order of rows and of columns counts, because a seeded split depends on it. The index does not count, nor how a
    column lies in memory: text is text, whichever type holds it, and every missing value of a column is the same one.

    Parameters
    ----------
    frame : DataFrame
        Columns of numbers, truth values, text, times, categories; or of single Python values of those kinds.

    Raises
    ------
    DataError
        When two columns have one name, or a value is of another kind (a list, an object).
    """
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        raise DataError("two columns have the same name", where="frame", remedy="give each column a name of its own")
    whole = sha256(f"{len(frame)} rows\n".encode())
    for position, name in enumerate(names):
        whole.update(_digest_of_column(frame.iloc[:, position], name))
    return whole.hexdigest()


def digest_of_bytes(data: bytes) -> str:
    """SHA-256 of `data`, 64 hexadecimal digits."""
    return sha256(data).hexdigest()


def as_json(value: Any) -> str:
    """`value` as indented JSON with sorted keys and a final newline: equal values give equal text.

    Raises
    ------
    BundleError
        For what JSON has no notation for, such as a NaN or an array, and for text that UTF-8 cannot hold.
    """
    try:
        text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
        text.encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise BundleError(f"cannot be written as JSON: {error}", remedy="use numbers, text, lists and mappings") from error
    return text


def parsed_json(text: str | bytes, *, pairs: Callable[[list[tuple[str, Any]]], Any] | None = None) -> Any:
    """Read JSON that came from elsewhere, refusing what would fail later: deep nesting, and half of a surrogate pair.

    Parameters
    ----------
    text : str or bytes
    pairs : callable, optional
        Makes an object of its names and values.

    Raises
    ------
    ValueError
        When it is not JSON, is nested more than `DEEPEST` deep, or holds text that UTF-8 cannot.
    """
    try:
        content = json.loads(text, object_pairs_hook=pairs)
    except RecursionError as error:
        raise ValueError(f"nested more than {DEEPEST} deep") from error
    level = [*_nested([content])]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _nested(each)]
    if level:
        raise ValueError(f"nested more than {DEEPEST} deep")
    json.dumps(content, ensure_ascii=False).encode("utf-8")
    return content


@dataclass(frozen=True)
class Manifest:
    """What a model was made of.

    Attributes
    ----------
    files : mapping of name to SHA-256
        Each file of the bundle but the manifest itself.
    model : mapping
        Its file, digest and algorithm.
    data : mapping
        Where the rows come from, with their digests.
    environment : mapping
        Python, packages, and what `lifecycle.develop.environment` found.
    seeds : mapping
        Whatever fixes a draw or an order: seeds, threads, the salt of Python's hashes.
    settings : mapping
        The recipe.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    model: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    seeds: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 of `to_json`: covers every file, because each file's digest is in it."""
        return digest_of_bytes(self.to_json().encode("utf-8"))

    def to_dict(self) -> dict[str, Any]:
        """The manifest as what JSON can hold."""
        return {"format": FORMAT, **{each.name: dict(getattr(self, each.name)) for each in fields(self)}}

    def to_json(self) -> str:
        """The manifest as indented JSON with sorted keys, the digest of the rest as ``seal``: equal ones, equal text."""
        content = self.to_dict()
        return as_json({**content, "seal": digest_of_bytes(as_json(content).encode("utf-8"))})

    @classmethod
    def from_json(cls, text: str, *, where: str = "manifest.json") -> Manifest:
        """Read what `to_json` wrote.

        Raises
        ------
        BundleError
            When it is not JSON, of another format version, has a field too many or too few, a digest that is none, or a
            character other than when it was sealed.
        """
        try:
            content = parsed_json(text, pairs=_unique)
        except ValueError as error:
            raise BundleError(f"not a manifest: {error}", where=where) from error
        if not isinstance(content, dict) or "format" not in content:
            raise BundleError("not a manifest: it has no `format`", where=where)
        if type(content["format"]) is not int or content["format"] != FORMAT:
            raise BundleError(f"format {content['format']!r}; this version reads {FORMAT}", where=where,
                              remedy="open it with the version of the course that wrote it")  # fmt: skip
        odd = sorted({"format", "seal", *(each.name for each in fields(cls))} ^ set(content))
        if odd:
            raise BundleError(f"`{odd[0]}` is {'no field' if odd[0] in content else 'missing'}", where=where)
        for each in fields(cls):
            if not isinstance(content[each.name], dict):
                raise BundleError(f"`{each.name}` must be an object", where=where)
        for name, digest in content["files"].items():
            if not (isinstance(digest, str) and _DIGEST.fullmatch(digest)):
                raise BundleError("not a SHA-256 of 64 hexadecimal digits", where=f"{where}: files[{name!r}]")
        made = cls(**{each.name: content[each.name] for each in fields(cls)})
        if made.to_json() != text:  # one way to write it, so that nothing hides in spaces or order either
            raise BundleError("was changed after it was sealed", where=where)
        return made


class Change(NamedTuple):
    """One difference of two manifests; `before` or `after` is None where the item was added or removed."""

    item: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.item}: {_short(self.before)} → {_short(self.after)}"


def compare_manifests(a: Manifest | Mapping[str, Any], b: Manifest | Mapping[str, Any]) -> list[Change]:
    """List what differs between two manifests, or any two nested mappings.

    Parameters
    ----------
    a, b : Manifest or mapping
        Before and after.

    Returns
    -------
    list of Change
        By dotted name, as ``environment.packages.numpy``, in alphabetical order; empty where they are equal. Lists are
        compared as a whole.
    """
    before, after = (dict(_flat(each.to_dict() if isinstance(each, Manifest) else each)) for each in (a, b))
    return [
        Change(name, before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if (name in before) != (name in after) or before[name] != after[name]
    ]


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, each in value.items():
        if isinstance(each, Mapping) and each:
            yield from _flat(each, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", each


def _nested(outer: dict[str, Any] | list[Any]) -> Iterator[dict[str, Any] | list[Any]]:
    """The objects and lists directly in another."""
    values = outer.values() if isinstance(outer, dict) else outer
    return (each for each in values if isinstance(each, dict | list))


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return f"{text[:12]}…" if _DIGEST.fullmatch(text) else text


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object none of whose keys stands in it twice: two readers could take different ones."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return made


def _digest_of_column(column: pd.Series, name: str) -> bytes:
    import pandas as pd
    from pandas.api import types

    kind, values = str(column.dtype), column
    missing = column.isna().to_numpy()
    if isinstance(column.dtype, pd.CategoricalDtype):
        kind = "category"
    elif types.is_object_dtype(column.dtype) or types.is_string_dtype(column.dtype):
        kind = "text"  # what an object is says its tag
    made = sha256(f"{len(name)}:{name}:".encode())
    if kind in ("category", "text"):
        made.update(f"{kind}\n".encode())
        for value, absent in zip(values.astype("object"), missing, strict=True):
            made.update(b"-" if absent else _tagged(value, name))
    else:
        made.update(f"{kind.lower()}\n".encode())
        made.update(missing.tobytes())
        made.update(_fixed_width(values, missing))
    return made.digest()


def _fixed_width(values: pd.Series, missing: Any) -> bytes:
    """The bits of numbers and times, little-endian, with zeros where a value is missing."""
    import numpy as np
    from pandas.api import types

    if types.is_datetime64_any_dtype(values.dtype) or types.is_timedelta64_dtype(values.dtype):
        plain = values.astype("int64").to_numpy(copy=True)
    elif types.is_extension_array_dtype(values.dtype) and hasattr(values.dtype, "numpy_dtype"):
        plain = values.fillna(values.dtype.type(0)).to_numpy(dtype=values.dtype.numpy_dtype, copy=True)
    else:
        plain = np.array(values, copy=True)
    if plain.dtype.kind not in "biufcmM":
        raise DataError(f"values of type {values.dtype} have no digest", where=f"column `{values.name}`")
    plain[missing] = 0
    return bytes(plain.astype(plain.dtype.newbyteorder("<")).tobytes())


def _tagged(value: Any, name: str) -> bytes:
    """One value with its kind and length, so that no two rows can be told apart from their neighbours only."""
    import datetime as dt
    import decimal

    import numpy as np

    plain = value.item() if isinstance(value, np.generic) else value
    if not isinstance(plain, str | bool | int | float | bytes | dt.date | dt.time | dt.timedelta | decimal.Decimal):
        raise DataError(f"a value of type {type(plain).__name__} has no digest", where=f"column `{name}`",
                        remedy="hold text, numbers, truth values or times in it")  # fmt: skip
    data = plain if isinstance(plain, bytes) else str(plain).encode("utf-8", "surrogatepass")
    return f"{type(plain).__name__}:{len(data)}:".encode() + data
