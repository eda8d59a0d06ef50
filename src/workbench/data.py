"""The data files of a course: what its catalogue promises of each, and whether the files are those."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench import files
from workbench.course import Course
from workbench.errors import DataError


@dataclass(frozen=True)
class DataSet:
    """One data set of ``datasets/catalog.toml``.

    Attributes
    ----------
    name : str
        Its key in the catalogue.
    file : Path or None
        Where the shipped file is; none where the data are generated.
    sha256 : str
        Digest that the file must have, 64 hexadecimal digits; empty without a file.
    bytes, rows, columns : int
        Sizes as the catalogue gives them; 0 where it gives none.
    """

    name: str
    title: str = ""
    file: Path | None = None
    sha256: str = ""
    bytes: int = 0
    rows: int = 0
    columns: int = 0
    licence: str = ""
    source: str = ""
    card: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The data set as JSON has it, the file by its name."""
        return {**vars(self), "file": self.file.name if self.file else None}


@dataclass(frozen=True)
class Verdict:
    """What `verify` found of one data set: `problem` is empty where the file is the right one or none is shipped."""

    name: str
    file: str
    problem: str = ""

    @property
    def ok(self) -> bool:
        """Whether the file is the one the catalogue describes."""
        return not self.problem


def data_sets(course: Course) -> tuple[DataSet, ...]:
    """The data sets of `course` in the order of its catalogue; none where it has no data catalogue.

    Raises
    ------
    DataError
        When the catalogue is not TOML, or an entry with a file has no digest to tell it by.
    """
    catalog = course.datasets / "catalog.toml"
    if not catalog.is_file():
        return ()
    where = course.relative(catalog)
    try:
        table = tomllib.loads(catalog.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"not valid TOML: {error}", where=where) from error
    return tuple(
        _entry(course, name, entry, f"{where}: datasets.{name}") for name, entry in table.get("datasets", {}).items()
    )


def verify(course: Course, names: Iterable[str] = ()) -> tuple[Verdict, ...]:
    """Compare each data file with the digest in the catalogue; all of them where none is named.

    Raises
    ------
    DataError
        For a name that the catalogue does not have.
    """
    known = {data_set.name: data_set for data_set in data_sets(course)}
    wanted = list(names) or list(known)
    for name in wanted:
        if name not in known:
            raise DataError(
                f"no data set `{name}`",
                where=course.relative(course.datasets / "catalog.toml"),
                remedy="data sets: " + ", ".join(known),
            )
    return tuple(_verdict(course, known[name]) for name in wanted)


def _entry(course: Course, name: str, entry: dict[str, Any], where: str) -> DataSet:
    digest = str(entry.get("sha256", ""))
    if "file" in entry and not (len(digest) == 64 and set(digest) <= set("0123456789abcdef")):
        raise DataError("`sha256` is not 64 hexadecimal digits", where=f"{where}.sha256")
    package = " ".join(str(entry[key]) for key in ("source_package", "source_version") if key in entry)
    return DataSet(
        name=name,
        title=str(entry.get("title", "")),
        file=course.datasets / entry["file"] if "file" in entry else None,
        sha256=digest,
        bytes=int(entry.get("bytes", 0)),
        rows=int(entry.get("rows", 0)),
        columns=int(entry.get("columns", 0)),
        licence=str(entry.get("licence", "")),
        source=package or ("generated" if "generator" in entry else str(entry.get("source", ""))),
        card=str(entry.get("card", "")),
    )


def _verdict(course: Course, data_set: DataSet) -> Verdict:
    if data_set.file is None:
        return Verdict(data_set.name, "")
    file = course.relative(data_set.file)
    if not data_set.file.is_file():
        return Verdict(data_set.name, file, "the file is missing")
    size = data_set.file.stat().st_size
    if data_set.bytes and size != data_set.bytes:
        return Verdict(data_set.name, file, f"the file has {size:,} bytes, the catalogue says {data_set.bytes:,}")
    digest = files.digest_file(data_set.file)
    if digest != data_set.sha256:
        return Verdict(
            data_set.name, file, f"the file's sha256 is {digest[:12]}…, the catalogue says {data_set.sha256[:12]}…"
        )
    return Verdict(data_set.name, file)
