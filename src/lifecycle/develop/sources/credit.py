"""Card clients of a bank in Taiwan, 2005: the columns of ``datasets/credit.parquet``. The card has the rest."""

from __future__ import annotations

from lifecycle.develop.sources.schema import Column, Table

_MONTHS = ("September", "August", "July", "June", "May", "April")
_STATUS = (-2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8)

CLIENTS = Table(
    columns=(
        Column("client_id", "int64", "number of the client, 1 to 30,000", low=1),
        Column("limit_bal", "int64", "credit given, to the client and the family", "TWD", low=1),
        Column("sex", "int64", "1 male, 2 female", values=(1, 2)),
        Column(
            "education", "int64", "1 graduate school, 2 university, 3 high school, 4 others; 0, 5, 6 undocumented",
            values=(0, 1, 2, 3, 4, 5, 6),
        ),
        Column("marriage", "int64", "1 married, 2 single, 3 others; 0 undocumented", values=(0, 1, 2, 3)),
        Column("age", "int64", "age", "years", low=18, high=110),
        *(
            Column(
                f"pay_{i}", "int64", f"status in {month} 2005: -1 paid duly, 1 to 8 months late; -2, 0 undocumented",
                "months", values=_STATUS,
            )
            for i, month in enumerate(_MONTHS, start=1)
        ),
        *(
            Column(f"bill_amt{i}", "int64", f"bill of {month} 2005; below zero is a credit balance", "TWD")
            for i, month in enumerate(_MONTHS, start=1)
        ),
        *(
            Column(f"pay_amt{i}", "int64", f"paid in {month} 2005", "TWD", low=0)
            for i, month in enumerate(_MONTHS, start=1)
        ),
        Column("default", "int64", "1 where the payment of October 2005 was missed", values=(0, 1)),
    ),
    key="client_id",
)  # fmt: skip
