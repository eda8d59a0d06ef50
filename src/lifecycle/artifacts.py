"""What one lesson hands to the next: files called ``NN/name``, ``NN`` being the number of the lesson that writes them.

Where they are depends on who asks, never on the working directory.

- Within a run (``WORKBENCH_RUN`` names its folder) they are in ``<run>/artifacts/``. What the run did not make is read from
  the committed copy, which exists for the default use case.
- In an open notebook they are written to ``runs/interactive/<use case>/``. Reading prefers what this very process
  wrote, then the committed copy, then what an earlier session wrote: a lesson opened alone always starts from
  the same hand-over, and still reads back its own results.

A lesson that the engine runs may touch only what the catalogue declares (``WORKBENCH_INPUTS``, ``WORKBENCH_OUTPUTS``).
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle.errors import ArtifactError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "DEFAULT_USE_CASE", "home", "path", "read_bytes", "read_frame", "read_json", "read_text", "relative",
    "replace_file", "write_bytes", "write_frame", "write_json", "write_text",
]  # fmt: skip

DEFAULT_USE_CASE = "credit"
_NAME = re.compile(r"[0-9]{2}/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_USE_CASE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_written_here: set[Path] = set()


def home() -> Path:
    """The course's folder: ``WORKBENCH_COURSE``, else the one this package is in, else the one around the working directory.

    Raises
    ------
    ArtifactError
        When none of them has a ``datasets/catalog.toml``.
    """
    named = os.environ.get("WORKBENCH_COURSE")
    starts = [Path(named)] if named else [Path(__file__), Path.cwd()]
    for start in starts:
        for folder in (start.resolve(), *start.resolve().parents):
            if (folder / "datasets" / "catalog.toml").is_file():
                return folder
    raise ArtifactError(
        "the course's folder was not found",
        tried="looking for datasets/catalog.toml in " + " and ".join(str(start) for start in starts) + " and above",
        remedy="set WORKBENCH_COURSE to the folder that holds datasets/",
    )


def relative(place: Path) -> str:
    """`place` as written in messages: relative to the course where it is inside, with forward slashes."""
    root = home()
    return place.relative_to(root).as_posix() if place.is_relative_to(root) else place.as_posix()


def path(name: str, *, use_case: str = DEFAULT_USE_CASE) -> Path:
    """Where the artefact `name` is to be read from.

    Parameters
    ----------
    name : str
        ``NN/file``, as the catalogue declares it.
    use_case : str
        ``"credit"``, ``"fraud"`` or ``"churn"``.

    Raises
    ------
    ArtifactError
        For a name that is none, an artefact that the lesson does not declare, or one that nobody has made yet; the message
        has the command that makes it.
    """
    _check(name, use_case)
    _declared(name, "read", "WORKBENCH_INPUTS", "WORKBENCH_OUTPUTS")
    places = _places(name, use_case)
    for place in places:
        if place.is_file():
            return place
    lesson = os.environ.get("WORKBENCH_LESSON") or name[:2]
    raise ArtifactError(
        f"`{name}` has not been made for use case `{use_case}`",
        tried=", ".join(relative(place) for place in places),
        remedy=f"run `workbench run {lesson} --use-case {use_case}`, which runs the lessons before it too; "
        f'or open lesson {name[:2]}, set use_case = "{use_case}" and run all its cells',
    )


def read_bytes(name: str, *, use_case: str = DEFAULT_USE_CASE) -> bytes:
    """Read the artefact's bytes; errors as in `path`."""
    return path(name, use_case=use_case).read_bytes()


def read_text(name: str, *, use_case: str = DEFAULT_USE_CASE) -> str:
    """Read the artefact as UTF-8; errors as in `path`, and where it is not UTF-8."""
    data = read_bytes(name, use_case=use_case)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ArtifactError(f"not UTF-8 text: {error.reason} at byte {error.start}", where=f"`{name}`") from error


def read_json(name: str, *, use_case: str = DEFAULT_USE_CASE) -> Any:
    """Read the artefact as JSON; errors as in `path`, and where it is not JSON."""
    text = read_text(name, use_case=use_case)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ArtifactError(f"not JSON: {error.msg}", where=f"`{name}`: line {error.lineno}") from error


def read_frame(name: str, *, use_case: str = DEFAULT_USE_CASE) -> pd.DataFrame:
    """Read the artefact as a table kept in Parquet; errors as in `path`, and where it is not Parquet."""
    import pandas as pd
    import pyarrow as pa

    place = path(name, use_case=use_case)
    try:
        return pd.read_parquet(place)
    except pa.ArrowInvalid as error:
        raise ArtifactError("not a Parquet file", where=f"`{name}`") from error


def write_bytes(name: str, data: bytes, *, use_case: str = DEFAULT_USE_CASE) -> Path:
    """Write `data` as the artefact `name`: a reader sees the old file or the new one, never half of either.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    ArtifactError
        For a name that is none, or an artefact that the lesson does not declare as an output.
    """
    _check(name, use_case)
    _declared(name, "written", "WORKBENCH_OUTPUTS")
    run = os.environ.get("WORKBENCH_RUN")
    place = Path(run) / "artifacts" / name if run else _interactive(name, use_case)
    replace_file(place, data)
    _written_here.add(place)
    return place


def write_text(name: str, text: str, *, use_case: str = DEFAULT_USE_CASE) -> Path:
    """Write `text` as UTF-8, newlines as they are; see `write_bytes`."""
    return write_bytes(name, text.encode("utf-8"), use_case=use_case)


def write_json(name: str, value: Any, *, use_case: str = DEFAULT_USE_CASE) -> Path:
    """Write `value` as indented JSON with sorted keys and a final newline; see `write_bytes`.

    Raises
    ------
    ArtifactError
        Also where `value` holds what JSON has no notation for, such as a NaN or a numpy array.
    """
    try:
        text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise ArtifactError(f"cannot be written as JSON: {error}", where=f"`{name}`") from error
    return write_text(name, text, use_case=use_case)


def write_frame(name: str, frame: pd.DataFrame, *, use_case: str = DEFAULT_USE_CASE) -> Path:
    """Write `frame` as Parquet without its index: equal frames give equal bytes; see `write_bytes`."""
    from io import BytesIO

    buffer = BytesIO()
    frame.to_parquet(buffer, engine="pyarrow", compression="zstd", index=False)
    return write_bytes(name, buffer.getvalue(), use_case=use_case)


def replace_file(place: Path, data: bytes) -> None:
    """Write `data` under a temporary name beside `place`, sync it, and rename it into place; missing folders are made."""
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(place)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _check(name: str, use_case: str) -> None:
    if not _NAME.fullmatch(name):
        raise ArtifactError(
            f"`{name}` is not the name of an artefact",
            remedy="use two digits, a slash and a file name of letters, digits, `_`, `-` and `.`, as in `01/charter.yaml`",
        )
    if not _USE_CASE.fullmatch(use_case):
        raise ArtifactError(f"`{use_case}` is not the name of a use case", remedy="use credit, fraud or churn")


def _declared(name: str, verb: str, *variables: str) -> None:
    """Within a run, refuse an artefact that none of the variables lists."""
    lists = [os.environ[variable] for variable in variables if variable in os.environ]
    if not lists:
        return
    allowed = sorted({entry for text in lists for entry in json.loads(text)})
    if name not in allowed:
        lesson = os.environ.get("WORKBENCH_LESSON", "this lesson")
        raise ArtifactError(
            f"`{name}` is {verb}, but the catalogue does not declare it",
            where=lesson,
            tried="declared: " + (", ".join(allowed) or "nothing"),
            remedy=f"add it to the {'outputs' if verb == 'written' else 'inputs'} of {lesson} in catalog.toml",
        )


def _interactive(name: str, use_case: str) -> Path:
    return home() / "runs" / "interactive" / use_case / name


def _places(name: str, use_case: str) -> list[Path]:
    committed = [home() / "datasets" / "artifacts" / name] if use_case == DEFAULT_USE_CASE else []
    run = os.environ.get("WORKBENCH_RUN")
    if run:
        return [Path(run) / "artifacts" / name, *committed]
    own = _interactive(name, use_case)
    return [own, *committed] if own in _written_here else [*committed, own]
