"""Features: what they are made of, that a row is enough, and that nothing is learnt from other rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.develop import churn_history, churn_labels, engineer, engineered, entity, load, purchases, safe_ratio, split
from lifecycle.develop import use_case as case_of
from lifecycle.develop.features.feature_sets import FEATURE_SETS
from lifecycle.develop.sources.churn import customers
from lifecycle.errors import DataError

USE_CASES = ("credit", "fraud", "churn")


@pytest.fixture(scope="module")
def raw() -> dict[str, pd.DataFrame]:
    return {name: load(name, n_rows=400, seed=1) for name in USE_CASES}


@pytest.mark.parametrize("name", USE_CASES)
class TestEngineer:
    def test_columns_are_those_announced_without_target_and_identifier(self, name, raw):
        case = case_of(name)
        made = engineer(raw[name], use_case=name)
        assert list(made.columns) == [feature.name for feature in engineered(name)]
        assert made.columns.is_unique
        assert not {case.target, case.identifier} & set(made.columns)
        assert made.index.equals(raw[name].index)
        assert set(made.dtypes) == {np.dtype("float64")}

    def test_a_row_alone_gives_what_it_gives_among_others(self, name, raw):
        made = engineer(raw[name], use_case=name)
        alone = pd.concat([engineer(raw[name].iloc[[i]], use_case=name) for i in range(0, 400, 13)])
        pd.testing.assert_frame_equal(alone, made.iloc[::13], check_exact=True)

    def test_the_order_of_rows_and_the_index_change_nothing(self, name, raw):
        made = engineer(raw[name], use_case=name)
        shuffled = raw[name].sample(frac=1, random_state=0)
        pd.testing.assert_frame_equal(engineer(shuffled, use_case=name).sort_index(), made, check_exact=True)

    def test_reads_neither_target_nor_identifier_nor_other_columns(self, name, raw):
        case = case_of(name)
        sources = {source for feature in engineered(name) for source in feature.sources}
        assert sources <= set(case.features)
        bare = raw[name][sorted(sources)].assign(note="anything")
        pd.testing.assert_frame_equal(engineer(bare, use_case=name), engineer(raw[name], use_case=name))

    def test_real_rows_give_finite_numbers(self, name, raw):
        assert np.isfinite(engineer(raw[name], use_case=name).to_numpy()).all()

    def test_each_formula_reads_exactly_its_sources(self, name, raw):
        class Recording(dict):
            def __getitem__(self, key):
                read.add(key)
                return super().__getitem__(key)

        columns = Recording({column: raw[name][column].to_numpy(dtype="float64") for column in case_of(name).features})
        for definition in FEATURE_SETS[name]:
            read: set[str] = set()
            definition.formula(columns)
            assert read == set(definition.feature.sources), definition.feature.name

    def test_an_unknown_value_stays_unknown_in_all_that_is_made_of_it(self, name, raw):
        for column in {source for feature in engineered(name) for source in feature.sources}:
            holed = raw[name].astype("float64").head(3)
            holed.loc[1, column] = np.nan
            made = engineer(holed, use_case=name)
            unknown = {feature.name for feature in engineered(name) if column in feature.sources}
            assert set(made.columns[made.loc[1].isna()]) == unknown
            assert made.loc[[0, 2]].notna().all(axis=None)

    def test_the_frame_given_is_not_changed(self, name, raw):
        before = raw[name].copy()
        made = engineer(raw[name], use_case=name)
        made.iloc[:, :] = -1
        pd.testing.assert_frame_equal(raw[name], before)

    def test_no_rows_give_no_rows(self, name, raw):
        assert engineer(raw[name].head(0), use_case=name).shape == (0, len(engineered(name)))


def _client(**changed: float) -> pd.DataFrame:
    client = dict.fromkeys(case_of("credit").features, 0)
    return pd.DataFrame([client | {"limit_bal": 100_000, "sex": 1, "education": 1, "marriage": 1, "age": 30} | changed])


@pytest.mark.parametrize(
    ("changed", "feature", "value"),
    [
        ({"bill_amt1": 25_000}, "utilisation", 0.25),
        ({"bill_amt1": 60_000, "bill_amt2": 60_000}, "utilisation_mean", 0.2),
        ({"bill_amt1": 60_000, "bill_amt6": 80_000}, "utilisation_change", -0.2),
        ({"bill_amt1": 900, "bill_amt2": 1_000, "pay_amt1": 400}, "new_charges", 300),
        ({"bill_amt2": 1_000, "pay_amt1": 400}, "paid_share", 0.4),
        ({"bill_amt2": 1_000, "pay_amt1": 4_000}, "paid_share", 1),
        ({"bill_amt2": 0, "pay_amt1": 0}, "paid_share", 1),
        ({"bill_amt2": -500, "pay_amt1": 0}, "paid_share", 1),
        ({"pay_amt1": 7, "pay_amt4": 7}, "months_without_payment", 4),
        ({"pay_1": 2, "pay_3": 1, "pay_4": -1}, "months_late", 2),
        ({"pay_1": 1}, "late_now", 1),
        ({"pay_1": 2, "pay_6": -1}, "delay_change", 3),
        ({"sex": 2}, "sex_female", 1),
        ({"education": 6}, "education_undocumented", 1),
        ({"limit_bal": 50_000}, "limit_bal_low", 1),
        ({"limit_bal": 50_001}, "limit_bal_middle", 1),
    ],
)
def test_credit_features_by_hand(changed, feature, value):
    assert engineer(_client(**changed), use_case="credit")[feature].item() == pytest.approx(value)


def test_categories_and_bins_are_one_of_several(raw):
    made = engineer(raw["credit"], use_case="credit")
    for prefix in ("education_", "marriage_", "limit_bal_"):
        assert (made.filter(regex=f"^{prefix}").sum(axis=1) == 1).all()


def test_churn_features_match_their_words_written_with_pandas(raw):
    rows = raw["churn"]
    made = engineer(rows, use_case="churn")
    orders = rows["frequency"] + 1
    pd.testing.assert_series_equal(made["price_per_cd"], rows["spend"] / rows["cds"], check_names=False)
    pd.testing.assert_series_equal(made["recent_order_share"], rows["recent_frequency"] / orders, check_names=False)
    gap = (rows["tenure"] - rows["recency"]).div(rows["frequency"]).fillna(0)
    pd.testing.assert_series_equal(made["mean_gap"], gap, check_names=False)
    assert (made["active"] == (rows["recency"] < 7)).all()
    assert (made["high_value"] == (rows["spend"] > 100)).all()
    assert (made["orders_per_month"] <= orders).all()


def test_fraud_hour_is_the_hour_of_the_clock(raw):
    rows = raw["fraud"]
    made = engineer(rows, use_case="fraud")
    clock = pd.Timestamp("2013-09-01") + pd.to_timedelta(rows["Time"], unit="s")
    assert (made["hour"].astype(int) == clock.dt.hour).all()
    assert (made["night"] == (clock.dt.hour < 6)).all()
    np.testing.assert_allclose(made["hour_sin"] ** 2 + made["hour_cos"] ** 2, 1, atol=1e-5)
    np.testing.assert_allclose(made["distance"], np.linalg.norm(rows.filter(regex="^V"), axis=1))
    assert "Time" not in made


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: f.drop(columns="pay_3"), "`pay_3` is missing"),
        (lambda f: pd.concat([f, f[["age"]]], axis=1), "`age` stands twice"),
        (lambda f: f.assign(age="old"), "`age` holds str, not numbers"),
        (lambda f: f.assign(education=9), "9 is no known code"),
    ],
)
def test_rows_that_cannot_be_engineered_are_refused(spoil, message, raw):
    with pytest.raises(DataError, match=message):
        engineer(spoil(raw["credit"]), use_case="credit")


def test_unknown_use_case_is_refused():
    with pytest.raises(DataError, match="no use case `loans`"):
        engineered("loans")


class TestSafeRatio:
    def test_zero_below_gives_the_value_chosen(self):
        assert safe_ratio(5, 0) == 0
        assert safe_ratio(5, 0, otherwise=-1) == -1
        assert safe_ratio(0, 0, otherwise=7) == 7

    def test_series_keep_their_index(self):
        made = safe_ratio(pd.Series([1, 2], index=["a", "b"]), pd.Series([0, 4], index=["a", "b"]))
        assert made.to_dict() == {"a": 0.0, "b": 0.5}

    def test_unknown_stays_unknown(self):
        assert np.isnan(safe_ratio(np.array([np.nan, 1, np.nan]), np.array([1, np.nan, 0]))).all()
        assert safe_ratio(pd.Series([None, 4], dtype="Int64"), 2).fillna(-1).tolist() == [-1, 2]

    def test_other_rows_are_refused(self):
        with pytest.raises(DataError, match="same rows"):
            safe_ratio(pd.Series([1, 2]), pd.Series([1, 2], index=[1, 0]))
        with pytest.raises(DataError, match="same rows"):
            safe_ratio([1, 2, 3], [1, 2])
        with pytest.raises(DataError, match="only numbers"):
            safe_ratio(["many"], [1])

    @given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1))
    def test_equals_plain_division_wherever_that_works(self, pairs):
        made = safe_ratio([a for a, _ in pairs], [b for _, b in pairs], otherwise=0.25)
        assert made.tolist() == [a / b if b else 0.25 for a, b in pairs]


class TestEntity:
    def test_is_the_identifier_where_there_is_one(self, raw):
        assert entity(raw["credit"], use_case="credit").tolist() == raw["credit"]["client_id"].tolist()

    def test_is_the_number_of_the_row_and_stays_with_it(self, raw):
        some = raw["fraud"].iloc[[7, 3]]
        found = entity(some, use_case="fraud")
        assert found.tolist() == [7, 3]
        assert found.dtype == "int64"

    @pytest.mark.parametrize(
        ("name", "spoil", "message"),
        [
            ("credit", lambda f: f.drop(columns="client_id"), "`client_id` is missing"),
            ("credit", lambda f: f.assign(client_id=1), "holds 1 twice"),
            ("credit", lambda f: f.assign(client_id=f["client_id"] + 0.5), "whole numbers"),
            ("fraud", lambda f: pd.concat([f, f]), "the index holds 0 twice"),
        ],
    )
    def test_rows_that_cannot_be_told_apart_are_refused(self, name, spoil, message, raw):
        with pytest.raises(DataError, match=message):
            entity(spoil(raw[name]), use_case=name)


class TestSplit:
    @given(st.integers(5, 60), st.integers(5, 60), st.integers(0, 3))
    def test_each_class_keeps_the_shares_to_within_a_row(self, zeros, ones, seed):
        labels = pd.Series([0] * zeros + [1] * ones, index=range(100, 100 + zeros + ones))
        parts = split(labels, seed=seed)
        assert parts.index.equals(labels.index)
        for value, n in ((0, zeros), (1, ones)):
            counts = parts[labels == value].value_counts()
            assert counts.sum() == n
            for part, share in (("train", 0.6), ("validation", 0.2), ("test", 0.2)):
                assert abs(counts[part] - share * n) <= 1

    def test_a_seed_decides_and_another_differs(self):
        labels = pd.Series([0, 1] * 50)
        assert split(labels, seed=3).equals(split(labels, seed=3))
        assert not split(labels, seed=3).equals(split(labels, seed=4))

    def test_a_share_of_zero_gets_no_row(self):
        assert set(split(pd.Series([0, 1] * 10), shares=(0.8, 0.0, 0.2))) == {"train", "test"}

    @pytest.mark.parametrize("shares", [(0.6, 0.2, 0.3), (1.2, -0.1, -0.1), (0.5, 0.5)])
    def test_shares_that_are_none_are_refused(self, shares):
        with pytest.raises(DataError, match="three shares"):
            split(pd.Series([0, 1] * 10), shares=shares)

    def test_a_class_too_small_for_all_parts_is_refused(self):
        with pytest.raises(DataError, match="class 1 has 2 rows"):
            split(pd.Series([0] * 50 + [1, 1]))

    def test_a_missing_label_is_refused(self):
        with pytest.raises(DataError, match="label is missing"):
            split(pd.Series([0, 1, None] * 10))


class TestChurnHistory:
    DATES = ("1997-06-30", "1997-03-31")

    def test_each_date_is_the_table_seen_from_that_date(self):
        bought = purchases()
        history = churn_history(bought, dates=self.DATES)
        labels = churn_labels(bought, dates=self.DATES)
        for date in self.DATES:
            seen = customers(bought, cut_off=date)
            known = history["event_time"] == pd.Timestamp(date) + pd.Timedelta(days=1)
            mine = history[known].drop(columns="event_time").rename(columns={"entity": "customer_id"})
            pd.testing.assert_frame_equal(mine.reset_index(drop=True), seen.drop(columns="churned"))
            assert labels.loc[known, "churned"].tolist() == seen["churned"].tolist()
        assert labels[["entity", "event_time"]].equals(history[["entity", "event_time"]])

    def test_later_purchases_change_nothing(self):
        bought = purchases()
        early = bought[bought["date"] <= "1997-07-15"]
        pd.testing.assert_frame_equal(churn_history(early, dates=self.DATES), churn_history(bought, dates=self.DATES))

    @pytest.mark.parametrize("dates", ["1997-06-30", [], ["1997-06-30", "1997-06-30"]])
    def test_dates_must_be_a_list_of_different_days(self, dates):
        with pytest.raises(DataError, match="one date or more"):
            churn_history(purchases(), dates=dates)

    def test_a_date_after_the_last_purchase_is_refused(self):
        with pytest.raises(DataError, match="1998-12-31"):
            churn_history(purchases(), dates=["1998-12-31"])
