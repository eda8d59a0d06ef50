"""Houses sold in 46 areas of Texas, month by month: a panel of series for one forecaster."""

from __future__ import annotations

from lifecycle.develop.sources.schema import Column, Table

MONTHS = Table(
    columns=(
        Column("city", "str", "the area of a board of estate agents, named by its town"),
        Column("date", "datetime64[us]", "first day of the month"),
        Column("sales", "float64", "houses sold", low=0, missing=True),
        Column("volume", "float64", "worth of all sales", "USD", low=0, missing=True),
        Column("median", "float64", "median price", "USD", low=0, missing=True),
        Column("listings", "float64", "houses on offer", low=0, missing=True),
        Column("inventory", "float64", "time that it would take to sell all on offer", "months", low=0, missing=True),
    )
)
