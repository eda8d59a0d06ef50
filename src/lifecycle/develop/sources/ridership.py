"""Entries at the stations of Chicago's elevated railway, day by day, with weather and home games."""

from __future__ import annotations

from lifecycle.develop.sources.schema import Column, Table

_FLAG = (0, 1)
STATIONS = (
    "austin", "quincy_wells", "belmont", "archer_35th", "oak_park", "western", "clark_lake", "clinton", "merchandise_mart",
    "irving_park", "washington_wells", "harlem", "monroe", "polk", "ashland", "kedzie", "addison", "jefferson_park",
    "montrose", "california",
)  # fmt: skip

DAYS = Table(
    columns=(
        Column("date", "datetime64[us]", "day"),
        Column("entries", "float64", "people who entered the station Clark/Lake", "1,000 a day", low=0),
        Column("temperature", "float64", "temperature of the day", "°F"),
        Column("rain", "float64", "share of the day's weather reports with rain", low=0, high=1),
        Column("snow", "float64", "share of the day's weather reports with snow", low=0, high=1),
        Column("precipitation", "float64", "precipitation of the day", "inches", low=0),
        Column("wind", "float64", "wind of the day", "miles an hour", low=0),
        Column("blackhawks", "int64", "1 home game, ice hockey", values=_FLAG),
        Column("bulls", "int64", "1 home game, basketball", values=_FLAG),
        Column("bears", "int64", "1 home game, football", values=_FLAG),
        Column("white_sox", "int64", "1 home game, baseball", values=_FLAG),
        Column("cubs", "int64", "1 home game, baseball", values=_FLAG),
    ),
    key="date",
)
PANEL = Table(
    columns=(
        Column("date", "datetime64[us]", "day"),
        *(Column(name, "float64", "people who entered this station", "1,000 a day", low=0) for name in STATIONS),
    ),
    key="date",
)
