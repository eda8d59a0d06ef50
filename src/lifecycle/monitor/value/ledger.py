"""Benefits and costs by name. A return is a quotient: the ledger makes one say what stands below the line."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lifecycle.errors import DataError


@dataclass(frozen=True)
class Ledger:
    """Money over one period, in one currency.

    Attributes
    ----------
    benefits, costs : mapping of str to float
        Amounts by name; costs are 0 or more.

    Raises
    ------
    DataError
        When an amount is not finite, or a cost is negative.
    """

    benefits: Mapping[str, float]
    costs: Mapping[str, float]

    def __post_init__(self) -> None:
        for name, amount in (*self.benefits.items(), *self.costs.items()):
            if not math.isfinite(amount):
                raise DataError(f"`{name}` is {amount}, which is no amount")
        for name, amount in self.costs.items():
            if amount < 0:
                raise DataError(f"`{name}` is a cost of {amount:,.0f}: costs are counted as positive amounts")

    @property
    def benefit(self) -> float:
        """All benefits together."""
        return math.fsum(self.benefits.values())

    @property
    def cost(self) -> float:
        """All costs together."""
        return math.fsum(self.costs.values())

    @property
    def net(self) -> float:
        """Benefit less cost."""
        return self.benefit - self.cost

    def with_costs(self, **costs: float) -> Ledger:
        """The ledger with more costs, or other amounts for those it has."""
        return Ledger(self.benefits, {**self.costs, **costs})

    def roi(self, over: Iterable[str] | None = None) -> float:
        """Return on investment: net over costs.

        Parameters
        ----------
        over : iterable of str, optional
            The costs that count as the investment; all by default. Whatever is left out flatters: net is unchanged while
            what it is divided by shrinks.

        Returns
        -------
        float
            0.5 for 50 %; nan where the investment is 0.

        Raises
        ------
        DataError
            For a cost that the ledger does not have.
        """
        names = list(self.costs) if over is None else list(over)
        unknown = [name for name in names if name not in self.costs]
        if unknown:
            raise DataError(f"no cost `{unknown[0]}`", remedy="costs: " + ", ".join(self.costs))
        base = math.fsum(self.costs[name] for name in names)
        return self.net / base if base else math.nan
