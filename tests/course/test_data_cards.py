"""Each data set has a card with all its parts, and the catalogue says what the files are."""

from __future__ import annotations

import hashlib
import re

import pytest

from lifecycle.artifacts import home
from lifecycle.develop import catalog
from lifecycle.develop.sources import churn, credit, employment, fraud, hiring, housing, lending, recidivism, ridership

FOLDER = home() / "datasets"
PARTS = [
    "Rows", "Columns", "Target", "Protected attributes", "Licence", "Citation", "Source", "Known problems",
]  # fmt: skip
TABLES = {
    "credit": [credit.CLIENTS],
    "churn": [churn.PURCHASES, churn.CUSTOMERS],
    "employment": [employment.PEOPLE],
    "fraud": [fraud.TRANSACTIONS],
    "lending": [lending.APPLICATIONS],
    "hiring": [hiring.CVS],
    "ridership": [ridership.DAYS],
    "stations": [ridership.PANEL],
    "housing": [housing.MONTHS],
    "recidivism": [recidivism.DEFENDANTS],
}
SHIPPED = [name for name, entry in catalog().items() if "file" in entry]


def parts_of(name):
    text = (FOLDER / catalog()[name]["card"]).read_text(encoding="utf-8")
    pieces = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


@pytest.mark.parametrize("name", catalog())
def test_a_card_has_every_part_and_none_is_empty(name):
    parts = parts_of(name)

    assert list(parts) == PARTS
    assert all(len(part.strip()) > 20 for part in parts.values())


@pytest.mark.parametrize("name", catalog())
def test_a_card_lists_the_columns_that_the_loader_validates(name):
    shown = [line for line in parts_of(name)["Columns"].splitlines() if line.startswith("| `")]

    assert shown == [
        "| `{name}` | {type} | {meaning} | {unit} | {values} |".format_map(column)
        for table in TABLES[name]
        for column in table.describe()
    ]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_card_names_source_licence_and_citation_of_the_catalogue(name):
    entry, parts = catalog()[name], {title: " ".join(part.split()) for title, part in parts_of(name).items()}

    assert f"{entry['source_package']} {entry['source_version']}" in parts["Source"]
    assert f"`{entry['source_path']}`" in parts["Source"]
    assert entry["citation"].split(" https")[0].split(", S94")[0][:40] in parts["Citation"]
    assert f"{entry['rows']:,}" in parts["Rows"]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_file_is_the_one_that_the_catalogue_describes(name):
    import pyarrow.parquet as parquet

    entry = catalog()[name]
    data = (FOLDER / entry["file"]).read_bytes()
    shape = parquet.read_metadata(FOLDER / entry["file"])

    assert hashlib.sha256(data).hexdigest() == entry["sha256"]
    assert (len(data), shape.num_rows, shape.num_columns) == (entry["bytes"], entry["rows"], entry["columns"])


@pytest.mark.parametrize("name", catalog())
def test_no_entry_lacks_a_key(name):
    entry = catalog()[name]
    always = {"title", "rows", "columns", "licence", "citation", "card"}
    source = {"source_package", "source_version", "source_path", "source_sha256"}
    kinds = {"file": source | {"file", "sha256", "bytes"}, "generator": {"generator", "local"}, "local": source | {"local"}}

    assert set(entry) == always | kinds[next(kind for kind in kinds if kind in entry)]


def test_the_data_files_keep_to_their_budget():
    sizes = [entry["bytes"] for entry in catalog().values() if "file" in entry]

    assert max(sizes) < 3_000_000
    assert sum(sizes) < 15_000_000


def test_no_data_file_is_left_out_of_the_catalogue():
    known = {entry["file"] for entry in catalog().values() if "file" in entry}

    assert {file.name for file in FOLDER.glob("*.parquet")} == known
