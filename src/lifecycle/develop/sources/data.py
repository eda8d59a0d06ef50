"""Loading the course's data: verified against the catalogue, validated by a schema, sampled by a seed."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle import artifacts
from lifecycle.develop.sources import churn, fraud
from lifecycle.develop.sources import recidivism as _recidivism
from lifecycle.develop.sources import ridership as _ridership
from lifecycle.develop.sources.credit import CLIENTS
from lifecycle.develop.sources.employment import PEOPLE
from lifecycle.develop.sources.hiring import CVS
from lifecycle.develop.sources.housing import MONTHS
from lifecycle.develop.sources.lending import APPLICATIONS
from lifecycle.develop.sources.schema import Table, validate
from lifecycle.develop.sources.use_cases import use_case as _use_case
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

LOCAL_FRAUD = "datasets/local/creditcard.csv"


def load(use_case: str, *, n_rows: int | None = None, seed: int = 0) -> pd.DataFrame:
    """Load the data of a use case: every column typed and within its limits, no missing values.

    Parameters
    ----------
    use_case : str
        ``"credit"``, ``"fraud"`` or ``"churn"``; `use_case` tells what each column means.
    n_rows : int, optional
        At most so many rows, drawn without replacement within each class of the target, so that its prevalence stays
        what it is to within a row; all of them where there are no more. Rows keep their order.
        Fraud is too rare for that in a small sample: `lifecycle.develop.sources.fraud.frauds_in` says how many it holds.
    seed : int
        Which rows are drawn; which payments are generated.

    Returns
    -------
    DataFrame
        One row a client, transaction or customer, with a fresh index.

    Raises
    ------
    DataError
        For an unknown use case, fewer than 10 rows (100 for fraud), a missing or damaged file.
    """
    case = _use_case(use_case)
    if n_rows is not None and n_rows < 10:
        raise DataError(
            f"`n_rows` is {n_rows:,}: too few to hold both classes", where=use_case, remedy="ask for at least 10"
        )
    if case.name == "fraud":
        return _fraud(n_rows, seed)
    frame = clients() if case.name == "credit" else validate(churn.customers(purchases()), case.table, where="churn")
    positives = round(n_rows * float(frame[case.target].mean())) if n_rows is not None else 0
    return _sample(frame, case.target, n_rows, positives, seed)


def clients() -> pd.DataFrame:
    """All 30,000 card clients; see `load` for errors."""
    return _shipped("credit", CLIENTS)


def purchases() -> pd.DataFrame:
    """All 69,659 purchases of CDs, from which `lifecycle.develop.sources.churn.customers` makes one row a customer."""
    return _shipped("churn", churn.PURCHASES)


def employment() -> pd.DataFrame:
    """All 277,677 people asked in Massachusetts from 2015 to 2018, in the order of the years; see `load` for errors."""
    return _shipped("employment", PEOPLE)


def lending() -> pd.DataFrame:
    """All 1,989 applications for a mortgage in Boston, 1990; see `load` for errors."""
    return _shipped("lending", APPLICATIONS)


def hiring() -> pd.DataFrame:
    """All 4,870 made-up CVs sent to employers in Boston and Chicago, 2001-02; see `load` for errors."""
    return _shipped("hiring", CVS)


def ridership() -> pd.DataFrame:
    """The 5,698 days of one railway station in Chicago, 2001 to 2016, without a gap; see `load` for errors."""
    return _shipped("ridership", _ridership.DAYS)


def stations() -> pd.DataFrame:
    """The 5,698 days of twenty railway stations in Chicago, 2001 to 2016, without a gap; see `load` for errors."""
    return _shipped("stations", _ridership.PANEL)


def housing() -> pd.DataFrame:
    """187 months of 46 areas in Texas, 2000 to 2015; what was not reported is NaN. See `load` for errors."""
    return _shipped("housing", MONTHS)


def recidivism() -> pd.DataFrame:
    """The 6,167 defendants of the COMPAS study, from a copy of the reader's own: it is not shipped.

    Raises
    ------
    DataError
        When there is no copy (says how to get one), or it is not the file that the catalogue describes.
    """
    place = _recidivism.place()
    _verify(place, catalog()["recidivism"]["source_sha256"], place.name)
    return validate(_recidivism.defendants(_read(place, place.name)), _recidivism.DEFENDANTS, where=place.name)


def load_file(path: Path | str, table: Table, *, sha256: str | None = None) -> pd.DataFrame:
    """Read a ``.parquet``, ``.csv`` or ``.csv.gz`` file and hold it against `table`.

    Parameters
    ----------
    path : Path or str
        The file.
    table : Table
        Its columns, as `lifecycle.develop.sources.credit.CLIENTS`.
    sha256 : str, optional
        The digest that the file must have, 64 hexadecimal digits.

    Raises
    ------
    DataError
        When the file is missing, has another digest or cannot be read (names the file); when a column is missing (file
        and column); when a value has the wrong type or is outside its limits (file, column and row).
    """
    place = Path(path)
    inside = place.resolve().is_relative_to(artifacts.home())
    where = artifacts.relative(place.resolve()) if inside else place.name
    if not place.is_file():
        raise DataError("there is no such file", where=where, remedy="`git restore` it if it belongs to the course")
    if sha256 is not None:
        _verify(place, sha256, where)
    return validate(_read(place, where), table, where=where)


def catalog() -> dict[str, dict[str, Any]]:
    """The entries of ``datasets/catalog.toml``, by the name of the data set."""
    file = artifacts.home() / "datasets" / "catalog.toml"
    entries: dict[str, dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8"))["datasets"]
    return entries


def _shipped(name: str, table: Table) -> pd.DataFrame:
    entry = catalog()[name]
    return load_file(artifacts.home() / "datasets" / entry["file"], table, sha256=entry["sha256"])


def _fraud(n_rows: int | None, seed: int) -> pd.DataFrame:
    table = fraud.TRANSACTIONS
    local = artifacts.home() / LOCAL_FRAUD
    if not local.is_file():
        return validate(fraud.transactions(n_rows or fraud.ROWS, seed=seed), table, where="generated fraud data")
    frame = load_file(local, table)
    return _sample(frame, "Class", n_rows, fraud.frauds_in(n_rows or len(frame)), seed)


def _sample(frame: pd.DataFrame, target: str, n_rows: int | None, positives: int, seed: int) -> pd.DataFrame:
    """Draw `positives` rows with target 1 and the rest with target 0, keeping the order of rows."""
    import numpy as np

    if n_rows is None or n_rows >= len(frame):
        return frame
    rng = np.random.default_rng(seed)
    ones, zeros = (np.flatnonzero(frame[target] == value) for value in (1, 0))
    positives = min(max(positives, 1), len(ones), n_rows)
    drawn = [rng.choice(ones, positives, replace=False), rng.choice(zeros, n_rows - positives, replace=False)]
    return frame.iloc[np.sort(np.concatenate(drawn))].reset_index(drop=True)


def _verify(place: Path, sha256: str, where: str) -> None:
    with place.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != sha256:
        raise DataError(
            "the file is not the one that the catalogue describes",
            where=where,
            tried=f"its sha256 is {found[:12]}…, and should be {sha256[:12]}…",
            remedy=f"restore it: git restore {where}",
        )


def _read(place: Path, where: str) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa

    try:
        if place.suffix == ".parquet":
            return pd.read_parquet(place)
        return pd.read_csv(place, low_memory=False)
    except (pa.ArrowInvalid, pd.errors.ParserError, pd.errors.EmptyDataError, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"cannot be read: {reason}", where=where, remedy="restore or replace the file") from error
