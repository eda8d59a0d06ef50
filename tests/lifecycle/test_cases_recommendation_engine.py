"""Which products go together, against scikit-learn's cosine and by hand."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.cases import CaseError, Engine, History, Setting, count_hits, fit_engine

AT = date(2025, 6, 30)
ALL = Setting(neighbours=50)


def table(baskets: dict[str, list[str]], day: str = "2025-06-01") -> pd.DataFrame:
    rows = [(who, what, day) for who, basket in baskets.items() for what in basket]
    return pd.DataFrame(rows, columns=["customer", "product", "day"])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sets(st.sampled_from("abcdefg"), min_size=1), min_size=2, max_size=12))
def test_similarities_are_the_cosines_of_scikit_learn(drawn):
    from sklearn.metrics.pairwise import cosine_similarity

    baskets = {f"c{k}": sorted(basket) for k, basket in enumerate(drawn)}
    engine = fit_engine(History.of(table(baskets)), ALL, at=AT)
    columns = np.array([[p in basket for basket in baskets.values()] for p in engine.products], dtype=float)
    said = np.zeros((len(columns), len(columns)))
    for i, row in enumerate(engine.similar):
        for j, value in row:
            said[i, j] = value
    right = cosine_similarity(columns)
    np.fill_diagonal(right, 0)
    assert said == pytest.approx(right, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sets(st.sampled_from("abcdefg"), min_size=1), min_size=2, max_size=12))
def test_one_basket_and_many_at_once_score_alike(drawn):
    baskets = {f"c{k}": sorted(basket) for k, basket in enumerate(drawn)}
    engine = fit_engine(History.of(table(baskets)), ALL, at=AT)
    given = np.array([[float(p in basket) for p in engine.products] for basket in baskets.values()])
    for scores, basket in zip(engine.scores(given), baskets.values(), strict=True):
        single = dict(engine.suggest(basket, n=len(engine.products)))
        assert {p: s for p, s in zip(engine.products, scores, strict=True) if p not in basket} == single


@pytest.mark.parametrize("pair", [(0.000331, 0.000194), (0.000662, 0.000291), (0.1, 0.2)])
def test_a_mean_between_two_millionths_is_rounded_alike_for_one_and_for_many(pair):
    similar = (((2, pair[0]),), ((2, pair[1]),), ())
    engine = Engine(Setting(1), ("ale", "tea", "gin"), (1, 1, 1), similar)
    assert engine.suggest(["ale", "tea"]) == [("gin", engine.scores(np.array([[1.0, 1.0, 0.0]]))[0, 2])]


def test_an_engine_that_knows_nothing_of_a_customer_suggests_what_is_popular():
    engine = fit_engine(
        History.of(table({"1": ["ale", "tea"], "2": ["ale"], "3": ["ale", "tea"], "4": ["gin"]})), ALL, at=AT
    )
    assert [name for name, _ in engine.suggest([], n=3)] == ["ale", "tea", "gin"]
    assert [name for name, _ in engine.suggest(["unheard of"], n=2)] == ["ale", "tea"]


def test_a_floor_leaves_out_what_scores_less_and_so_perhaps_all():
    engine = fit_engine(History.of(table({"1": ["ale", "tea"], "2": ["ale"], "3": ["gin"]})), ALL, at=AT)
    assert engine.suggest(["ale"], floor=0.5) == [("tea", 0.707107)]
    assert engine.suggest(["ale"], floor=0.8) == []


@pytest.mark.parametrize(("column", "value"), [("customer", None), ("product", None), ("day", None), ("day", "soon")])
def test_a_purchase_without_customer_product_or_day_is_nobodys(column, value):
    rows = table({"1": ["ale", "tea"], "2": ["ale"]}).astype(object)
    rows.loc[1, column] = value
    with pytest.raises(CaseError, match=f"`{column}` is missing"):
        History.of(rows)


def test_shrinkage_halves_what_rests_on_a_single_customer():
    baskets = {"1": ["ale", "tea"]}
    plain, shrunk = (fit_engine(History.of(table(baskets)), Setting(5, shrink), at=AT) for shrink in (0.0, 1.0))
    assert plain.suggest(["ale"]) == [("tea", 1.0)]
    assert shrunk.suggest(["ale"]) == [("tea", 0.5)]


def test_an_engine_reads_back_what_it_wrote_and_refuses_anything_else():
    engine = fit_engine(History.of(table({"1": ["ale", "tea"], "2": ["ale", "gin"]})), Setting(3, 1.0, 90), at=AT)
    assert Engine.from_json(engine.to_json()) == engine
    text = engine.to_json()
    wrong = [
        "[]", "{}", "{", "[" * 100_000,
        text.replace('"ale",', ""),
        text.replace("[[1,", "[[7,", 1),
        text.replace('"buyers":[2,', '"buyers":[Infinity,'),
        text.replace('"gin"', '"ale"'),
        text.replace('"window":90', '"window":"long"'),
        text.replace('"window":90', '"window":0.5'),
    ]  # fmt: skip
    assert len({text, *wrong}) == 11
    for each in wrong:
        with pytest.raises(CaseError):
            Engine.from_json(each)


def test_hits_count_customers_whose_new_purchase_was_suggested():
    past = table({"1": ["ale", "tea"], "2": ["ale", "tea"], "3": ["ale"], "4": ["ale"], "5": ["gin"]})
    later = table({"3": ["tea"], "4": ["ale", "gin"], "5": ["gin"], "6": ["tea"]}, day="2025-07-02")
    history = History.of(pd.concat([past, later]))
    engine = fit_engine(history, ALL, at=AT)
    # 3 buys tea, suggested first; 4 buys gin, suggested second; 5 buys nothing new; 6 is unknown, and ale is popular
    assert (count_hits(engine, history, at=AT, n=1).customers, count_hits(engine, history, at=AT, n=1).hits) == (3, 1)
    assert count_hits(engine, history, at=AT, n=2).hits == 3


def test_hits_agree_with_suggestions_made_one_by_one():
    rng = np.random.default_rng(3)
    days = pd.Timestamp("2025-02-10") + pd.to_timedelta(rng.integers(0, 165, 900), unit="D")
    frame = pd.DataFrame({"customer": rng.integers(0, 40, 900), "product": rng.integers(0, 25, 900), "day": days})
    history = History.of(frame.astype({"customer": str, "product": str}))
    engine = fit_engine(history, Setting(6, 2.0, 60), at=AT)
    since = {days: pd.Timestamp(AT) - timedelta(days=days) for days in (60, 152)}
    hits = customers = 0
    for _, part in frame.astype({"product": str}).groupby("customer"):
        old = part[part["day"] < pd.Timestamp(AT)]
        known = set(old.loc[old["day"] >= since[152], "product"])
        new = set(
            part.loc[(part["day"] >= pd.Timestamp(AT)) & (part["day"] < pd.Timestamp(AT) + timedelta(days=28)), "product"]
        )
        if new - known:
            basket = sorted(set(old.loc[old["day"] >= since[60], "product"]))
            shown = {name for name, _ in engine.suggest(basket, n=5, without=known)}
            customers, hits = customers + 1, hits + bool(shown & (new - known))
    said = count_hits(engine, history, at=AT)
    assert (said.customers, said.hits) == (customers, hits)
    assert 0 < hits < customers


def test_what_cannot_be_is_refused():
    history = History.of(table({"1": ["ale", "tea"]}))
    odd = (Setting(-1), Setting(5, window=0), Setting(1.5), Setting(5, window=1.5), Setting(5, float("nan")), Setting("5"))
    for setting, at in ((Setting(5), date(2020, 1, 1)), *((each, AT) for each in odd)):
        with pytest.raises(CaseError):
            fit_engine(history, setting, at=at)
    with pytest.raises(CaseError, match="lacks products"):
        count_hits(fit_engine(history, ALL, at=AT), History.of(table({"1": ["gin"]})), at=AT)
    with pytest.raises(CaseError, match="no column `day`"):
        History.of(pd.DataFrame({"customer": ["1"], "product": ["ale"]}))
