"""The business case of a model that finds cases worth acting on: churners to keep, failures to prevent, frauds to stop."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from lifecycle.errors import DataError
from lifecycle.monitor.value.ledger import Ledger

if TYPE_CHECKING:
    import pandas as pd

_SHARES = ("recall", "precision", "success", "anyway", "discount", "decay")


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """What acting on a model's flags brings and costs, over one year or several.

    Attributes
    ----------
    cases : float
        Cases a year that are really positive (customers who would leave), 0 or more.
    recall : float
        Share of them that the model flags, in [0, 1].
    success : float
        Share of the flagged positive cases that end well after the action, in [0, 1].
    value : float
        What one case that ends well is worth, in money, 0 or more.
    contact : float
        What acting on one flag costs, right or wrong, 0 or more.
    development : float
        Paid once, at the start.
    maintenance : float
        Paid each year.
    precision : float
        Share of the flags that are right, in (0, 1]. At 1, the default, nobody is ever contacted for nothing: say so, or
        put in what was measured.
    anyway : float
        Share of the flagged positive cases that would have ended well without the action, in [0, 1]; see
        `incremental_effect`, which here has to be measured *among positive cases* (customers who have given notice and may
        take it back). Of an effect measured over all flags, wrong ones too, the `precision` is a part already. And where a
        positive case is by definition one that ends badly unless somebody acts, this is 0: whoever stays anyway is then a
        wrong flag, and must not be counted twice.
    years : int
        Horizon, 1 or more.
    false_alarm : float
        What a wrong flag costs on top of `contact`, 0 or more: a good client refused, a voucher for one who stays anyway.
    discount : float
        Yearly rate at which later money counts less, in [0, 1]; the first year's counts in full.
    decay : float
        Share of the recall lost each year without retraining, in [0, 1).

    Raises
    ------
    DataError
        When one of them is outside its range, naming it.
    """

    cases: float
    recall: float
    success: float
    value: float
    contact: float
    development: float = 0.0
    maintenance: float = 0.0
    precision: float = 1.0
    anyway: float = 0.0
    false_alarm: float = 0.0
    years: int = 1
    discount: float = 0.0
    decay: float = 0.0

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self)):
            amount = getattr(self, name)
            if name in _SHARES and not 0 <= amount <= 1:
                raise DataError(f"`{name}` is {amount:g}, which is not between 0 and 1", remedy="75 % is written 0.75")
            if not 0 <= amount < float("inf"):
                raise DataError(f"`{name}` is {amount:g}: an amount of 0 or more is wanted")
        if self.precision == 0:
            raise DataError("`precision` is 0: no flag is ever right, and nothing to count is left")
        if self.years < 1 or self.years != int(self.years):
            raise DataError(f"`years` is {self.years:g}: a whole number from 1 on is wanted")
        if self.decay == 1:
            raise DataError("`decay` is 1: nothing is left to act on after the first year")

    def but(self, **changes: float) -> Campaign:
        """The same case under other assumptions.

        Raises
        ------
        DataError
            For an assumption that a case does not have.
        """
        known = [field.name for field in fields(self)]
        unknown = [name for name in changes if name not in known]
        if unknown:
            raise DataError(f"no assumption `{unknown[0]}`", remedy="assumptions: " + ", ".join(known))
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def contacts(self) -> float:
        """Flags in the first year, right and wrong ones."""
        return self.cases * self.recall / self.precision

    @property
    def saved(self) -> float:
        """Cases in the first year that end well because of the action; below 0 where the action does harm."""
        return self.cases * self.recall * (self.success - self.anyway)

    def year(self, number: int) -> Ledger:
        """What year `number` (1, 2, ...) brings and costs, in money of the start; development belongs to the first."""
        kept = (1 - self.decay) ** (number - 1)
        worth = (1 + self.discount) ** (1 - number)
        return Ledger(
            {"saved": self.saved * self.value * kept * worth},
            {
                "development": self.development if number == 1 else 0.0,
                "maintenance": self.maintenance * worth,
                "contacts": self.contacts * self.contact * kept * worth,
                "false alarms": self.contacts * (1 - self.precision) * self.false_alarm * kept * worth,
            },
        )

    @property
    def ledger(self) -> Ledger:
        """All years of the horizon together."""
        every = [self.year(number) for number in range(1, int(self.years) + 1)]
        costs = {name: sum(each.costs[name] for each in every) for name in every[0].costs}
        return Ledger({"saved": sum(each.benefit for each in every)}, costs)

    @property
    def net(self) -> float:
        """Benefit less cost over the horizon."""
        return self.ledger.net

    @property
    def roi(self) -> float:
        """Net over all costs; nan without any cost."""
        return self.ledger.roi()

    def by_year(self) -> pd.DataFrame:
        """One row a year of the horizon: ``year``, ``benefit``, ``cost``, ``net``, ``cumulative``."""
        import pandas as pd

        every = [(number, self.year(number)) for number in range(1, int(self.years) + 1)]
        table = pd.DataFrame(
            [{"year": number, "benefit": one.benefit, "cost": one.cost, "net": one.net} for number, one in every]
        )
        table["cumulative"] = table["net"].cumsum()
        return table
