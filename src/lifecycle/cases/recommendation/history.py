"""Who bought what, when: a tenant's table as three arrays, from which baskets of any window are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from lifecycle.cases.errors import CaseError
from lifecycle.cases.recommendation.days import days_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

CELLS = 50_000_000  # of a table of baskets: 400 MB


@dataclass(frozen=True)
class History:
    """Purchases in the order of the table.

    Attributes
    ----------
    customers, products : tuple of str
        In alphabetical order.
    customer, product : ndarray of int
        Position in the two.
    day : ndarray of int
        Days as `datetime.date.toordinal` counts them.
    """

    customers: tuple[str, ...]
    products: tuple[str, ...]
    customer: NDArray[Any]
    product: NDArray[Any]
    day: NDArray[Any]

    @classmethod
    def of(cls, table: pd.DataFrame) -> History:
        """From a table in the universal schema (`map_table`), or any with columns ``customer``, ``product`` and ``day``.

        Raises
        ------
        CaseError
            When one of the three columns is not there, or a value in them is missing or no day.
        """
        import numpy as np
        import pandas as pd

        missing = [name for name in ("customer", "product", "day") if name not in table]
        if missing:
            raise CaseError(f"no column `{missing[0]}`", where="recommendation: History.of",
                            remedy="bring the table into the universal schema first")  # fmt: skip
        days = days_of(table["day"])
        lost = {"customer": table["customer"].isna(), "product": table["product"].isna(), "day": days.isna()}
        for name, rows in lost.items():
            if rows.any():
                raise CaseError(f"`{name}` is missing or unreadable in {rows.sum()} of {len(rows)} rows",
                                where="recommendation: History.of",
                                remedy="leave such rows out, as `map_table` does")  # fmt: skip
        who, customers = pd.factorize(table["customer"].astype(str), sort=True)
        what, products = pd.factorize(table["product"].astype(str), sort=True)
        day = days.to_numpy().astype("datetime64[D]").astype(np.int64) + date(1970, 1, 1).toordinal()
        return cls(tuple(map(str, customers)), tuple(map(str, products)), who, what, day)

    def within(self, begin: date, end: date) -> NDArray[Any]:
        """Whether each purchase is from `begin` or later, and before `end`."""
        return (self.day >= begin.toordinal()) & (self.day < end.toordinal())

    def baskets(self, chosen: NDArray[Any]) -> NDArray[Any]:
        """Customers by products, 1.0 where the customer bought the product in one of the `chosen` purchases.

        Raises
        ------
        CaseError
            When customers times products are more than `CELLS`: firms of this size, and not a retailer, are meant.
        """
        import numpy as np

        shape = (len(self.customers), len(self.products))
        if shape[0] * shape[1] > CELLS:
            said = f"{shape[0]:,} customers by {shape[1]:,} products are too many"
            remedy = "leave out products that hardly anybody buys"
            raise CaseError(said, where="recommendation: baskets", remedy=remedy)
        made = np.zeros(shape)
        made[self.customer[chosen], self.product[chosen]] = 1.0
        return made
