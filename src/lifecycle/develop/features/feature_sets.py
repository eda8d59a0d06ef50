"""What a model of each use case sees: every feature with its meaning, its sources and its formula, and nothing twice.

Add a feature here and it exists in training, in serving and in the documentation at once. The limits of bins and flags are
fixed by judgement, not learnt from rows, so no row can leak into another through them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lifecycle.develop.features import formulas as f
from lifecycle.develop.features.formulas import Definition, Feature, one_hot, raw, safe_ratio
from lifecycle.develop.sources.churn import CUSTOMERS
from lifecycle.develop.sources.credit import CLIENTS

if TYPE_CHECKING:
    from lifecycle.develop.features.formulas import Columns, Formula, Numbers
    from lifecycle.develop.sources.schema import Table

HIGH_VALUE_USD = 100
ACTIVE_DAYS = 7
DAYS_A_MONTH = 30.4375

_DELAYS = tuple(f"pay_{i}" for i in range(1, 7))
_BILLS = tuple(f"bill_amt{i}" for i in range(1, 7))
_PAID = tuple(f"pay_amt{i}" for i in range(1, 7))
_COMPONENTS = tuple(f"V{i}" for i in range(1, 29))


def _made(name: str, meaning: str, sources: tuple[str, ...], formula: Formula, unit: str = "") -> Definition:
    return Definition(Feature(name, meaning, unit, sources), formula)


def _as_they_are(table: Table, *, without: tuple[str, ...]) -> tuple[Definition, ...]:
    return tuple(raw(c.name, c.meaning, c.unit) for c in table.columns if c.name not in without)


def _paid_of_bills(c: Columns, months: range) -> Numbers:
    """What was paid of the bills of the month before; 1 where nothing was owed, and at most 1."""
    owed = [c[_BILLS[i + 1]].clip(min=0) for i in months]
    paid = [c[_PAID[i]] for i in months]
    share: Numbers = safe_ratio(f.total(paid), f.total(owed), otherwise=1.0).clip(max=1)
    return share


_CREDIT = (
    *_as_they_are(CLIENTS, without=("client_id", "sex", "education", "marriage", "default")),
    *one_hot("sex", {"male": (1,), "female": (2,)}, about="sex")[1:],
    *one_hot(
        "education",
        {"graduate_school": (1,), "university": (2,), "high_school": (3,), "others": (4,), "undocumented": (0, 5, 6)},
        about="education",
    ),
    *one_hot("marriage", {"married": (1,), "single": (2,), "others": (3,), "undocumented": (0,)}, about="marital status"),
    *f.bands("limit_bal", {"low": 50_000, "middle": 200_000}, above="high", about="the limit (TWD)"),
    _made("utilisation", "bill of September over the limit", ("bill_amt1", "limit_bal"),
          lambda c: safe_ratio(c["bill_amt1"], c["limit_bal"])),
    _made("utilisation_mean", "mean of the six bills over the limit", (*_BILLS, "limit_bal"),
          lambda c: safe_ratio(f.total(c[name] for name in _BILLS) / 6, c["limit_bal"])),
    _made("utilisation_change", "bill of September less that of April, over the limit",
          ("bill_amt1", "bill_amt6", "limit_bal"), lambda c: safe_ratio(c["bill_amt1"] - c["bill_amt6"], c["limit_bal"])),
    _made("new_charges", "charged in September: its bill less August's, plus what was paid",
          ("bill_amt1", "bill_amt2", "pay_amt1"), lambda c: c["bill_amt1"] - c["bill_amt2"] + c["pay_amt1"], "TWD"),
    _made("paid_share", "paid in September of August's bill, at most 1; 1 where nothing was owed", ("pay_amt1", "bill_amt2"),
          lambda c: _paid_of_bills(c, range(1))),
    _made("paid_share_mean", "paid from May to September of the bills before, at most 1; 1 where nothing was owed",
          (*_PAID[:5], *_BILLS[1:]), lambda c: _paid_of_bills(c, range(5))),
    _made("paid_over_limit", "mean of the six payments over the limit", (*_PAID, "limit_bal"),
          lambda c: safe_ratio(f.total(c[name] for name in _PAID) / 6, c["limit_bal"])),
    _made("months_without_payment", "months of six in which nothing was paid", _PAID,
          lambda c: f.total(f.indicator(c[name], c[name] == 0) for name in _PAID), "months"),
    _made("months_late", "months of six that were paid late", _DELAYS,
          lambda c: f.total(f.indicator(c[name], c[name] >= 1) for name in _DELAYS), "months"),
    _made("late_now", "1 where September was paid late", ("pay_1",), lambda c: f.indicator(c["pay_1"], c["pay_1"] >= 1)),
    _made("delay_change", "status of September less that of April; above zero it got worse", ("pay_1", "pay_6"),
          lambda c: c["pay_1"] - c["pay_6"], "months"),
)  # fmt: skip


def _hour(c: Columns) -> Numbers:
    return c["Time"] % 86_400 / 3_600


# `Time` itself is no feature: it counts from the first payment of the file and grows without end, so that no payment to
# come lies in the range that a model has seen.
_FRAUD = (
    *(raw(name, f"component {name[1:]}, anonymous") for name in _COMPONENTS),
    raw("Amount", "price paid", "EUR"),
    _made("amount_log", "log(1 + price paid)", ("Amount",), lambda c: f.logarithm(c["Amount"])),
    *f.bands("Amount", {"probe": 5, "everyday": 100, "raised": 500}, above="large", about="the price (EUR)"),
    _made("amount_whole", "1 where the price has no cents", ("Amount",),
          lambda c: f.indicator(c["Amount"], c["Amount"] % 1 == 0)),
    _made("hour", "hour of the day, counted from the first payment", ("Time",), _hour, "h"),
    _made("hour_sin", "sine of the hour on a clock of 24", ("Time",), lambda c: f.on_the_clock(_hour(c))[0]),
    _made("hour_cos", "cosine of the hour on a clock of 24", ("Time",), lambda c: f.on_the_clock(_hour(c))[1]),
    _made("night", "1 in the first six hours of the day", ("Time",), lambda c: f.indicator(c["Time"], _hour(c) < 6)),
    _made("distance", "length of the vector of components", _COMPONENTS,
          lambda c: f.total(c[name] ** 2 for name in _COMPONENTS) ** 0.5),
    _made("extremes", "components beyond 3 either way", _COMPONENTS,
          lambda c: f.total(f.indicator(c[name], abs(c[name]) > 3) for name in _COMPONENTS)),
)  # fmt: skip


def _orders(c: Columns) -> Numbers:
    return c["frequency"] + 1


def _months(c: Columns) -> Numbers:
    """Months as a customer, at least one, so that a first day does not count as a rush."""
    return (c["tenure"] / DAYS_A_MONTH).clip(min=1)


def _mean_gap(c: Columns) -> Numbers:
    gap: Numbers = safe_ratio(c["tenure"] - c["recency"], c["frequency"])
    return gap


_CHURN = (
    *_as_they_are(CUSTOMERS, without=("customer_id", "churned")),
    _made("orders_per_month", "days with a purchase over months as a customer, these at least 1", ("frequency", "tenure"),
          lambda c: _orders(c) / _months(c)),
    _made("spend_per_month", "price paid in all over months as a customer, these at least 1", ("spend", "tenure"),
          lambda c: c["spend"] / _months(c), "USD"),
    _made("price_per_cd", "price paid in all over CDs bought", ("spend", "cds"),
          lambda c: safe_ratio(c["spend"], c["cds"]), "USD"),
    _made("cds_per_order", "CDs bought over days with a purchase", ("cds", "frequency"), lambda c: c["cds"] / _orders(c)),
    _made("mean_gap", "mean days from one purchase to the next; 0 after one purchase", ("tenure", "recency", "frequency"),
          _mean_gap, "days"),
    _made("overdue", "days since the last purchase over the mean gap; 0 after one purchase",
          ("recency", "tenure", "frequency"), lambda c: safe_ratio(c["recency"], _mean_gap(c))),
    _made("recency_share", "days since the last over days since the first purchase; 0 on the first day",
          ("recency", "tenure"), lambda c: safe_ratio(c["recency"], c["tenure"])),
    _made("recent_spend_share", "part of the price paid in all that falls in the last 90 days", ("recent_spend", "spend"),
          lambda c: safe_ratio(c["recent_spend"], c["spend"])),
    _made("recent_order_share", "part of the days with a purchase that falls in the last 90 days",
          ("recent_frequency", "frequency"), lambda c: c["recent_frequency"] / _orders(c)),
    _made("first_spend_share", "part of the price paid in all that was paid on the first day", ("first_spend", "spend"),
          lambda c: safe_ratio(c["first_spend"], c["spend"])),
    _made("spend_log", "log(1 + price paid in all)", ("spend",), lambda c: f.logarithm(c["spend"])),
    _made("one_purchase", "1 where there was one day with a purchase", ("frequency",),
          lambda c: f.indicator(c["frequency"], c["frequency"] == 0)),
    _made("active", "1 where the last purchase is less than 7 days ago", ("recency",),
          lambda c: f.indicator(c["recency"], c["recency"] < ACTIVE_DAYS)),
    _made("high_value", "1 where more than 100 USD were paid in all", ("spend",),
          lambda c: f.indicator(c["spend"], c["spend"] > HIGH_VALUE_USD)),
    *f.bands("recency", {"month": 30, "quarter": 90, "half_year": 180}, above="longer",
             about="the time since the last purchase (days)"),
)  # fmt: skip

FEATURE_SETS: Mapping[str, tuple[Definition, ...]] = {"credit": _CREDIT, "fraud": _FRAUD, "churn": _CHURN}
