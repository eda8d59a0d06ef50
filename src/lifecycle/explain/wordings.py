"""How the features of the course's use cases are spoken of to the person they are about.

Each wording was written by hand, because a column's name is not a reason. A use case without wordings, or a feature without
one, is spoken of by its meaning; the anonymous components of card payments have nothing better.
"""

from __future__ import annotations

from collections.abc import Mapping

from lifecycle.explain.reasons import Wording

_LATE = "Pay at least the minimum by each due date; only six months count, so old delays fade."
_USE = "Pay the balance down: it weighs less once it stands lower against the limit."
_PAID = "Pay more than the minimum of the next bill."


def _delay(month: str) -> Wording:
    return Wording(f"the {month} bill was paid late", f"the account showed no delay in {month}", "late payments", _LATE)


def _paid(month: str) -> Wording:
    return Wording(f"a high payment in {month}", f"a low payment in {month}", "amounts paid", advice_low=_PAID)


_SINCE = "time since the last purchase"
_MONTHS = ("September", "August", "July", "June", "May", "April")

_CREDIT: Mapping[str, Wording] = {
    "limit_bal": Wording("the credit limit is high", "the credit limit is low", "credit limit"),
    "limit_bal_low": Wording("the credit limit is low", "the credit limit is not low", "credit limit"),
    "limit_bal_middle": Wording("the credit limit is middling", "the credit limit is not middling", "credit limit"),
    "limit_bal_high": Wording("the credit limit is high", "the credit limit is not high", "credit limit"),
    **{f"pay_{i}": _delay(month) for i, month in enumerate(_MONTHS, start=1)},
    "months_late": Wording(
        "bills of the last six months were late", "no bill of six months was late", "late payments", _LATE
    ),
    "late_now": Wording("the September bill was paid late", "the September bill was on time", "late payments", _LATE),
    "delay_change": Wording("delays have grown since April", "delays have not grown since April", "late payments", _LATE),
    **{
        f"bill_amt{i}": Wording(f"a high balance in {month}", f"a low balance in {month}", "use of the limit", _USE)
        for i, month in enumerate(_MONTHS, start=1)
    },
    "utilisation": Wording("the balance is high for the limit", "the limit is hardly used", "use of the limit", _USE),
    "utilisation_mean": Wording(
        "over six months the balance was high for the limit",
        "over six months the limit was hardly used",
        "use of the limit",
        _USE,
    ),
    "utilisation_change": Wording(
        "the balance has grown since April", "the balance has fallen since April", "use of the limit", _USE
    ),
    "new_charges": Wording("high new charges in September", "few new charges in September", "new charges"),
    **{f"pay_amt{i}": _paid(month) for i, month in enumerate(_MONTHS, start=1)},
    "paid_share": Wording(
        "most of the August bill was paid", "little of the August bill was paid", "amounts paid", advice_low=_PAID
    ),
    "paid_share_mean": Wording(
        "most of the last bills was paid", "little of the last bills was paid", "amounts paid", advice_low=_PAID
    ),
    "paid_over_limit": Wording(
        "payments were high, measured by the limit",
        "payments were low, measured by the limit",
        "amounts paid",
        advice_low=_PAID,
    ),
    "months_without_payment": Wording(
        "there were months without a payment", "no month went by without a payment", "amounts paid", _PAID
    ),
}

_CHURN: Mapping[str, Wording] = {
    "recency": Wording("the last purchase is long ago", "the last purchase is recent", _SINCE),
    "overdue": Wording("the usual gap between purchases is long over", "the next purchase is not due yet", _SINCE),
    "recency_share": Wording("most of the time as a customer was without purchases", "purchases until lately", _SINCE),
    "active": Wording("bought within the last week", "nothing bought in the last week", _SINCE),
    "recency_month": Wording("bought within a month", "nothing bought for a month", _SINCE),
    "recency_quarter": Wording(
        "the last purchase is one to three months ago", "no purchase one to three months ago", _SINCE
    ),
    "recency_half_year": Wording(
        "the last purchase is three to six months ago", "no purchase three to six months ago", _SINCE
    ),
    "recency_longer": Wording("nothing bought for half a year", "bought within half a year", _SINCE),
    "frequency": Wording("many purchases", "few purchases", "purchases"),
    "orders_per_month": Wording("many purchases a month", "few purchases a month", "purchases"),
    "one_purchase": Wording("only one purchase so far", "more than one purchase", "purchases"),
    "mean_gap": Wording("long gaps between purchases", "short or no gaps between purchases", "purchases"),
    "recent_frequency": Wording("many purchases in the last 90 days", "few purchases in 90 days", "recent purchases"),
    "recent_spend": Wording("much spent in the last 90 days", "little spent in the last 90 days", "recent purchases"),
    "recent_order_share": Wording("most of the purchases are recent", "few of the purchases are recent", "recent purchases"),
    "recent_spend_share": Wording("most of the spending is recent", "little of the spending is recent", "recent purchases"),
    "tenure": Wording("a customer for long", "a customer for a short time only", "time as a customer"),
}

WORDINGS: Mapping[str, Mapping[str, Wording]] = {"credit": _CREDIT, "churn": _CHURN}


def wordings_for(use_case: str, meanings: Mapping[str, str]) -> dict[str, Wording]:
    """A wording for each feature: the written one, else one made of its meaning.

    Parameters
    ----------
    use_case : str
        As ``"credit"``; one without wordings of its own gets made ones.
    meanings : mapping of feature to meaning
        For the features that are wanted.

    Returns
    -------
    dict of feature to Wording, in the order given
        A made wording has no advice.
    """
    written = WORDINGS.get(use_case, {})
    return {name: written.get(name) or _made(name, meaning) for name, meaning in meanings.items()}


def _made(name: str, meaning: str) -> Wording:
    about = meaning or name
    if about.startswith("1 where "):
        return Wording(f"{about.removeprefix('1 where ')}", f"not so: {about.removeprefix('1 where ')}")
    # Anonymous columns share their meaning up to a number, and a reader may want to look the column up.
    said = about if name.lower() in about.lower() else f"{name} ({about})"
    return Wording(f"{said} is above what is usual", f"{said} is below what is usual")
