"""One chunk, from the table to files of its own: what a worker does.

An order and its receipt are JSON text, so that any executor can carry them, on this machine or another. A worker needs the
package, the table and the job's folder under the same paths; a shared folder will do.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle.artifacts import replace_file
from lifecycle.deploy.batch.bands import BANDS, Bands
from lifecycle.deploy.batch.records import FAULT, RECORD
from lifecycle.deploy.batch.rows import Faults, check_rows, without_text
from lifecycle.deploy.batch.table import Piece, read_piece, repeats_in

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from lifecycle.deploy.packaging.package import Package


@dataclass(frozen=True)
class Order:
    """A chunk to be scored.

    Attributes
    ----------
    piece : Piece
        Which rows.
    table, repeats : str
        Paths of the table and of the list of rows that repeat a key.
    folder : str
        Where the files of the chunk go.
    key : str
        Column that names a row.
    columns : tuple of str
        What is read.
    package, digest : str
        Path of the package, and the digest it must have.
    medium, high : float
        Edges of the bands.
    """

    piece: Piece
    table: str
    repeats: str
    folder: str
    key: str
    columns: tuple[str, ...]
    package: str
    digest: str
    medium: float
    high: float

    def to_json(self) -> str:
        """The order as text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Order:
        """The order that `to_json` wrote."""
        values = json.loads(text)
        return cls(**{**values, "piece": Piece(**values["piece"]), "columns": tuple(values["columns"])})


def score_chunk(text: str) -> str:
    """Carry out an order; return its receipt: counts, and the digest of each file that was written.

    Done twice, it writes the same bytes under the same names.
    """
    order = Order.from_json(text)
    package, scorer = _ready(order.package, order.digest)
    table = read_piece(Path(order.table), order.columns, order.piece)
    faults = Faults(table.num_rows)
    _check_records(table, order, faults)
    values = check_rows(table, package.fields, faults)
    good = faults.good()
    chances = scorer.scores(values) if len(values) else values[:, 0].astype("float64")
    scored, flagged = _scored(table, good, chances, package, order)
    files = {
        "scores": _write(scored, order, "scores"),
        "quarantine": _write(_quarantined(table, faults, order), order, "quarantine"),
    }
    receipt = {
        "number": order.piece.number,
        "rows": table.num_rows,
        "scored": scored.num_rows,
        "flagged": flagged,
        "bands": Bands(order.medium, order.high).counts(chances),
        "sum": float(chances.sum()),
        "reasons": dict(sorted(faults.counts.items())),
        "files": files,
    }
    return json.dumps(receipt, sort_keys=True)


def file_of(folder: Path, number: int, what: str) -> Path:
    """Where a chunk's ``"scores"`` or ``"quarantine"`` are."""
    return folder / "parts" / f"{number:06d}.{what}.parquet"


def stands(folder: Path, receipt: dict[str, Any]) -> bool:
    """Whether the files of a receipt are there, with the bytes that it speaks of."""
    for what, digest in receipt["files"].items():
        place = file_of(folder, int(receipt["number"]), what)
        if not place.is_file() or hashlib.sha256(place.read_bytes()).hexdigest() != digest:
            return False
    return True


@lru_cache(maxsize=2)
def _ready(path: str, digest: str) -> tuple[Package, Any]:
    """The package, verified and loaded once a process; the digest is part of what is asked for."""
    from lifecycle.deploy.packaging.package import open_package

    package = open_package(path, digest=digest)
    return package, package.scorer()


def _check_records(table: pa.Table, order: Order, faults: Faults) -> None:
    """Find broken records of a staged file, and rows without a key of their own."""
    import numpy as np

    if FAULT in order.columns:
        for row, fault in enumerate(table.column(FAULT).to_pylist()):
            if fault is not None:
                faults.add(np.arange(table.num_rows) == row, fault)
                faults.broken.add(row)
    keys = table.column(order.key).combine_chunks()
    faults.add(without_text(keys), f"{order.key}: missing")
    repeats = repeats_in(Path(order.repeats), order.piece)
    mask = np.zeros(table.num_rows, dtype=bool)
    mask[list(repeats)] = True
    faults.add(mask, f"{order.key}: repeated", detail=[f"{order.key}: repeats row {first}" for first in repeats.values()])


def _scored(
    table: pa.Table, good: np.ndarray[Any, Any], chances: np.ndarray[Any, Any], package: Package, order: Order
) -> tuple[pa.Table, int]:
    import numpy as np
    import pyarrow as pa

    codes = Bands(order.medium, order.high).codes(chances)
    decisions = np.asarray(package.decide(chances), dtype=np.int8)
    made = pa.table(
        {
            "key": _plain(table.column(order.key).filter(pa.array(good))),
            "row": order.piece.start + np.flatnonzero(good),
            "chance": chances,
            "band": pa.array(np.asarray(BANDS, dtype=object)[codes], pa.string()),
            "decision": decisions,
        }
    )
    return made, int(decisions.sum())


def _plain(keys: Any) -> Any:
    """Whole numbers as int64, so that a table of another width has the same keys; what would not fit stays as it is."""
    import pyarrow as pa

    narrow = pa.types.is_integer(keys.type) and keys.type != pa.uint64()
    return keys.cast(pa.int64()) if narrow else keys


def _quarantined(table: pa.Table, faults: Faults, order: Order) -> pa.Table:
    """The rows that have a fault: where they stood, why they are here, and what they held, as JSON.

    Of a record that cannot be split into the columns, that is its line in the file and its text.
    """
    import pyarrow as pa

    rows = sorted(faults.reasons)
    held = table.take(pa.array(rows, pa.int64()))
    names = [name for name in order.columns if name not in (order.key, FAULT, RECORD)]
    records = held.column(RECORD).to_pylist() if RECORD in order.columns else [None] * len(rows)
    cells = held.select(names).to_pylist()
    values = [record or _as_json(each) for record, each in zip(records, cells, strict=True)]
    return pa.table(
        {
            "row": pa.array([order.piece.start + row for row in rows], pa.int64()),
            "key": held.column(order.key).cast(pa.string()),
            "reasons": pa.array(["; ".join(faults.reasons[row]) for row in rows], pa.string()),
            "values": pa.array(values, pa.string()),
        }
    )


def _as_json(values: dict[str, Any]) -> str:
    """JSON, which knows neither NaN nor infinity: they become text."""
    plain = {
        name: str(each) if isinstance(each, float) and not math.isfinite(each) else each for name, each in values.items()
    }
    return json.dumps(plain, default=str, allow_nan=False)


def _write(table: pa.Table, order: Order, what: str) -> str:
    """Write a table under its name, whole or not at all; return the digest of its bytes."""
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd")
    data = stream.getvalue()
    replace_file(file_of(Path(order.folder), order.piece.number, what), data)
    return hashlib.sha256(data).hexdigest()
