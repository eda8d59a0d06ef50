"""One schema for every export: what is converted, set aside, refused, or shown to a person."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lifecycle.cases import LIVE, CaseError, Column, History, TableSource, map_table, missing_fields, propose_mapping

FIELDS = {name: Column(name) for name in ("customer", "product", "day", "amount")}


def test_refunds_infinite_amounts_and_columns_of_one_name_are_named():
    rows = pd.DataFrame({"customer": ["a", "b"] * 10, "product": ["x", "y"] * 10, "amount": [float(k) for k in range(20)]})
    rows["day"] = "2025-06-01"
    mapping = {name: Column(name) for name in rows}
    with pytest.raises(CaseError, match="15% of the rows have a negative amount"):
        map_table(rows.assign(amount=[-1.0] * 3 + [2.0] * 17), mapping, repeated=1)
    with pytest.raises(CaseError, match="15% of the rows cannot be read, most for `amount`"):
        map_table(rows.assign(amount=[np.inf] * 3 + [2.0] * 17), mapping, repeated=1)
    with pytest.raises(CaseError, match="several columns are called `amount`"):
        map_table(pd.concat([rows, rows[["amount"]]], axis=1), mapping)


def test_a_schema_fills_converts_and_gives_up():
    frame = pd.DataFrame(
        {"who": ["a", "b"], "what": ["x", "y"], "when": ["03.02.2025", "04.02.2025"], "ct": [1250, 99], "z": 0}
    )
    mapping = {
        "customer": Column("who"),
        "product": Column("what"),
        "day": Column("when", "%d.%m.%Y"),
        "amount": Column("ct", factor=0.01),
    }
    mapped = map_table(frame, mapping)
    assert mapped.table["amount"].tolist() == pytest.approx([12.5, 0.99])
    assert mapped.table["day"].dt.strftime("%m-%d").tolist() == ["02-03", "02-04"]
    assert (mapped.unused, mapped.absent, mapped.set_aside) == (("z",), ("quantity", "region", "channel"), 0)
    assert missing_fields(["who", "when"], mapping) == ["product", "amount"]
    assert missing_fields(frame.columns, {"day": Column("when")}) == ["customer", "product", "amount"]


def test_a_few_unreadable_rows_are_set_aside_and_counted():
    frame = pd.DataFrame(
        {"customer": [f"c{k}" for k in range(40)], "product": ["x", "y"] * 20, "day": "2025-01-02", "amount": 1.0}
    )
    mapping = {name: Column(name) for name in frame}
    frame.loc[3, "amount"] = -5
    assert map_table(frame, mapping).set_aside == 1
    frame.loc[[4, 5], "product"] = None
    with pytest.raises(CaseError, match="8% of the rows"):
        map_table(frame, mapping)


def test_a_mapping_is_proposed_only_where_one_name_fits():
    sure, unsure = propose_mapping(["Client-ID", "SKU", "order_date", "closed_on", "Betrag"])
    assert {field: column.name for field, column in sure.items()} == {
        "customer": "Client-ID",
        "product": "SKU",
        "amount": "Betrag",
    }
    assert unsure["day"] == ["order_date", "closed_on"]
    assert unsure["region"] == []


def written(days: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"customer": "a", "product": ["x", "y"] * (len(days) // 2), "day": days, "amount": 1.0})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2025-03-01T23:30:00Z", "2025-07-01T00:30:00Z"),
        ("2025-03-01T23:30:00+01:00", "2025-07-01T00:30:00+02:00"),
        ("2025-03-01 23:30:00.5+0100", "2025-07-01 00:30:00"),
        ("2025-03-01T23:30-05", "2025-07-01T00:30Z"),
    ],
)
def test_days_with_a_time_zone_are_those_of_the_firms_own_calendar(tmp_path, first, second):
    rows = written([first, second])
    assert map_table(rows, FIELDS).table["day"].dt.strftime("%m-%d").tolist() == ["03-01", "07-01"]
    rows.to_csv(tmp_path / "export.csv", index=False)
    source = TableSource("pub", str(tmp_path / "export.csv"), FIELDS)
    assert len(source.read(LIVE)) == 1  # 1 July is not before 30 June


@pytest.mark.parametrize("zones", [("Z", "Z"), ("+01:00", "+02:00")])
def test_a_history_keeps_the_days_of_such_a_calendar_too(zones):
    rows = written([f"2025-03-01T23:30:00{zones[0]}", f"2025-07-01T00:30:00{zones[1]}"])
    assert np.diff(History.of(rows).day).tolist() == [122]


def test_days_of_a_format_with_a_zone_are_read_where_the_zone_is_one():
    mapping = FIELDS | {"day": Column("day", "%d.%m.%Y %H:%M %z")}
    mapped = map_table(written(["01.03.2025 23:30 +0100"] * 2), mapping, repeated=1)
    assert mapped.table["day"].dt.strftime("%m-%d").tolist() == ["03-01"] * 2
    with pytest.raises(CaseError, match="one time zone"):
        map_table(written(["01.03.2025 23:30 +0100", "01.07.2025 23:30 +0200"]), mapping)


def test_a_format_that_is_none_is_said_to_be():
    with pytest.raises(CaseError, match=r"one way(.|\n)*directive"):
        map_table(written(["1", "2"]), FIELDS | {"day": Column("day", "%Q")})
