"""The three use cases that the lifecycle runs on, and what a lesson needs to know of each beside its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lifecycle.develop.sources.churn import CUSTOMERS
from lifecycle.develop.sources.credit import CLIENTS
from lifecycle.develop.sources.fraud import TRANSACTIONS
from lifecycle.develop.sources.schema import Table
from lifecycle.errors import DataError


@dataclass(frozen=True)
class UseCase:
    """One problem with its data.

    Attributes
    ----------
    name, title : str
        As in ``load("credit")``, and as in a heading.
    unit : str
        What a row is: "client", "transaction" or "customer".
    target, positive : str
        The column to predict, 0 or 1, and what 1 means.
    table : Table
        The columns, with meaning, unit and limits.
    identifier, time : str or None
        The columns that tell rows apart and that order them, where there are such.
    protected : tuple of str
        Attributes that law or decency keep out of the decision, or at least under watch. They are among `features`.
    currency : str
        The currency of amounts, and of the two costs.
    cost_false_positive, cost_false_negative : float
        What one mistake of either kind costs. Assumed for teaching, not taken from the data: see `cost_note`.
    codes : mapping
        The meaning of coded values, by column.
    """

    name: str
    title: str
    unit: str
    target: str
    positive: str
    table: Table
    identifier: str | None
    time: str | None
    protected: tuple[str, ...]
    licence: str
    currency: str
    cost_false_positive: float
    cost_false_negative: float
    cost_note: str
    codes: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    @property
    def features(self) -> tuple[str, ...]:
        """What a model may see: all columns but the identifier and the target."""
        return tuple(name for name in self.table.names if name not in (self.identifier, self.target))

    def label(self, column: str) -> str:
        """Name a column for an axis: with its unit, where it has one."""
        unit = next((each.unit for each in self.table.columns if each.name == column), "")
        return f"{column} ({unit})" if unit else column

    def meanings(self) -> dict[str, str]:
        """Say what each column holds."""
        return {column.name: column.meaning for column in self.table.columns}


_CREDIT = UseCase(
    name="credit",
    title="Default of credit card clients",
    unit="client",
    target="default",
    positive="the client did not pay the next month's instalment",
    table=CLIENTS,
    identifier="client_id",
    time=None,
    protected=("sex", "age", "education", "marriage"),
    licence="CC BY 4.0",
    currency="TWD",
    cost_false_positive=8_000,
    cost_false_negative=40_000,
    cost_note="assumed: a good client refused costs a year's margin; a default costs part of the limit. Not from the data.",
    codes={
        "sex": {1: "male", 2: "female"},
        "education": {
            0: "undocumented", 1: "graduate school", 2: "university", 3: "high school", 4: "others",
            5: "undocumented", 6: "undocumented",
        },
        "marriage": {0: "undocumented", 1: "married", 2: "single", 3: "others"},
    },
)  # fmt: skip

_FRAUD = UseCase(
    name="fraud",
    title="Fraudulent card payments",
    unit="transaction",
    target="Class",
    positive="the payment was fraudulent",
    table=TRANSACTIONS,
    identifier=None,
    time="Time",
    protected=(),
    licence="generated: no rights; a creditcard.csv of your own keeps its licence",
    currency="EUR",
    cost_false_positive=5,
    cost_false_negative=122,
    cost_note="assumed: an alert takes an analyst some minutes; a fraud missed costs its mean amount. Not from the data.",
)

_CHURN = UseCase(
    name="churn",
    title="Customers of a CD shop who do not come back",
    unit="customer",
    target="churned",
    positive="the customer bought nothing in the 180 days after the cut-off date",
    table=CUSTOMERS,
    identifier="customer_id",
    time=None,
    protected=(),
    licence="published for research; no explicit licence (see the card)",
    currency="USD",
    cost_false_positive=4,
    cost_false_negative=12,
    cost_note="assumed: a voucher sent for nothing, against the margin of a customer lost. Not from the data.",
)

USE_CASES: Mapping[str, UseCase] = {case.name: case for case in (_CREDIT, _FRAUD, _CHURN)}


def use_case(name: str) -> UseCase:
    """The use case called `name`.

    Raises
    ------
    DataError
        When there is none, with the names there are.
    """
    if name not in USE_CASES:
        raise DataError(f"no use case `{name}`", remedy="use cases: " + ", ".join(USE_CASES))
    return USE_CASES[name]
