from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.develop import purchases
from lifecycle.develop.sources.churn import CUSTOMERS, customers
from lifecycle.errors import DataError

CUT_OFF = pd.Timestamp("1997-03-31")
LAST = CUT_OFF + pd.Timedelta(days=60)


def made_of(rows):
    """Purchases from (customer, days before or after the cut-off, cds, usd), and a last one that keeps the window inside."""
    frame = pd.DataFrame([*rows, (999, 60, 1, 5.0)], columns=["customer_id", "day", "cds", "usd"])
    frame.insert(1, "date", (CUT_OFF + pd.to_timedelta(frame.pop("day"), unit="D")).astype("datetime64[us]"))
    return frame


def build(frame):
    return customers(frame, cut_off="1997-03-31", window_days=30)


def test_features_of_one_customer_by_hand():
    made = build(made_of([(1, -100, 2, 30.0), (1, -100, 1, 10.0), (1, -20, 1, 15.5), (1, -5, 3, 60.25), (1, 10, 1, 9.0)]))

    assert made.to_dict("records") == [
        {
            "customer_id": 1, "recency": 5, "tenure": 100, "frequency": 2, "cds": 7, "spend": 115.75, "monetary": 38.58,
            "largest": 60.25, "first_spend": 40.0, "recent_frequency": 2, "recent_spend": 75.75, "churned": 0,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(("day", "churned"), [(1, 0), (30, 0), (31, 1)])
def test_the_window_opens_after_the_cut_off_and_closes_on_its_last_day(day, churned):
    assert build(made_of([(1, -3, 1, 5.0), (1, day, 1, 5.0)]))["churned"].tolist() == [churned]


def test_a_purchase_on_the_cut_off_day_is_a_feature_and_does_not_keep_the_customer():
    made = build(made_of([(1, 0, 1, 5.0)]))

    assert made[["recency", "churned"]].to_numpy().tolist() == [[0, 1]]


def test_a_customer_who_comes_after_the_cut_off_is_not_in_the_frame():
    assert build(made_of([(1, -3, 1, 5.0), (2, 4, 1, 5.0)]))["customer_id"].tolist() == [1]


row = st.tuples(
    st.integers(1, 6), st.integers(-120, 60), st.integers(1, 9), st.integers(0, 20_000).map(lambda cents: cents / 100)
)


@settings(max_examples=60, deadline=None)
@given(before=st.lists(row, min_size=1, max_size=25), later=st.lists(row, max_size=25))
def test_features_do_not_change_when_later_purchases_do(before, later):
    past = [(who, -abs(day), cds, usd) for who, day, cds, usd in before]
    future = [(who, abs(day) + 1, cds, usd) for who, day, cds, usd in later]

    plain, altered = build(made_of(past)), build(made_of([*past, *[r for r in future if r[1] <= 60]]))
    pd.testing.assert_frame_equal(plain.drop(columns="churned"), altered.drop(columns="churned"))


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(row, min_size=2, max_size=25).filter(lambda rows: any(r[1] <= 0 for r in rows)), seed=st.integers(0, 99)
)
def test_the_order_of_purchases_does_not_matter(rows, seed):
    frame = made_of(rows)

    pd.testing.assert_frame_equal(build(frame), build(frame.sample(frac=1, random_state=seed)))


def test_features_of_the_real_purchases_do_not_change_when_the_future_is_thrown_away():
    known = purchases()
    past = known[known["date"] <= "1997-09-30"]
    stub = known.tail(1).assign(customer_id=1_000_000, date=known["date"].max())

    full, blind = customers(known), customers(pd.concat([past, stub]))
    pd.testing.assert_frame_equal(full.drop(columns="churned"), blind.drop(columns="churned"))
    assert blind["churned"].all()


def test_the_label_of_the_real_customers_agrees_with_counting_each():
    known = purchases()
    label = customers(known).set_index("customer_id")["churned"]

    by_customer = {who: group["date"] for who, group in known.groupby("customer_id")}
    for who in label.index[::500]:
        days = (by_customer[who] - pd.Timestamp("1997-09-30")).dt.days
        assert label[who] == int(not ((days >= 1) & (days <= 180)).any())


def test_the_real_customers_are_as_the_card_says():
    made = customers(purchases())

    assert list(made.columns) == list(CUSTOMERS.names)
    assert (len(made), made["churned"].sum()) == (23_570, 17_510)


@pytest.mark.parametrize(("cut_off", "window"), [("1998-06-01", 180), ("1997-09-30", 0), ("1997-09-30", -5)])
def test_a_window_that_is_empty_or_reaches_beyond_the_data_is_refused(cut_off, window):
    with pytest.raises(DataError, match="does not lie within"):
        customers(purchases(), cut_off=cut_off, window_days=window)


def test_a_cut_off_before_the_first_purchase_is_refused():
    with pytest.raises(DataError, match="nobody bought anything up to 1996-01-01"):
        customers(purchases(), cut_off="1996-01-01")
