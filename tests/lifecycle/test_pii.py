"""Personal data: what is found, what is not taken for it, and how often that is right on a table whose truth is known."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.govern import (
    PII_KINDS,
    GovernanceError,
    find_pii,
    personal_table,
    pii_cells,
    pii_in_text,
    redact,
    score_pii,
)
from lifecycle.govern.data.pii_checks import is_address, is_card, is_iban, is_social_security, luhn


def kinds(text: str) -> list[tuple[str, str]]:
    return [(match.kind, match.text) for match in pii_in_text(text)]


@given(st.text("0123456789", min_size=1, max_size=18))
def test_one_digit_makes_a_number_pass_luhn_and_a_slip_breaks_it(body):
    right = [digit for digit in "0123456789" if luhn(body + digit)]
    assert len(right) == 1
    number = body + right[0]
    by_hand = sum(sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(number[::-1]))
    assert by_hand % 10 == 0
    place = random.Random(body).randrange(len(number))
    assert not luhn(number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :])


@pytest.mark.parametrize(
    "text", ["GB82WEST12345698765432", "DE89370400440532013000", "FR1420041010050500013M02606", "NL91ABNA0417164300"]
)
def test_examples_of_account_numbers_pass_and_no_slip_does(text):
    assert is_iban(text)
    for place in range(4, len(text)):
        if text[place].isdigit():
            assert not is_iban(text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :])
        if place + 1 < len(text) and text[place] != text[place + 1]:
            assert not is_iban(text[:place] + text[place + 1] + text[place] + text[place + 2 :])
    assert not is_iban(text[:-1])


@pytest.mark.parametrize(
    ("digits", "fine"),
    [
        ("4111111111111111", True), ("378282246310005", True), ("6011111111111117", True), ("4111111111111112", False),
        ("9111111111111111", False), ("41111111", False),
    ],
)  # fmt: skip
def test_a_card_has_a_beginning_a_length_and_a_check_digit(digits, fine):
    assert is_card(digits) is fine


def test_numbers_that_were_never_given_out_are_nobodys():
    assert is_social_security("123456789")
    assert not any(
        map(is_social_security, ["000456789", "666456789", "900456789", "123006789", "123450000", "12345678", "12345678x"])
    )
    assert all(map(is_address, ["203.0.113.7", "2001:db8::1"]))
    assert not any(map(is_address, ["127.0.0.1", "0.0.0.0", "255.255.255.255", "256.1.1.1", "::1", "1.2.3"]))


@pytest.mark.parametrize(
    ("text", "kind", "piece"),
    [
        ("Write to ana.li+x@mail.example.org.", "email", "ana.li+x@mail.example.org"),
        ("call +49 30 1234567 now", "phone", "+49 30 1234567"),
        ("(212) 555-0123", "phone", "(212) 555-0123"),
        ("to DE89 3704 0044 0532 0130 00, please", "iban", "DE89 3704 0044 0532 0130 00"),
        ("card 4111-1111-1111-1111 failed", "card number", "4111-1111-1111-1111"),
        ("SSN 123-45-6789", "national id", "123-45-6789"),
        ("from 203.0.113.7", "ip address", "203.0.113.7"),
        ("was born 12.03.1980 there", "birth date", "12.03.1980"),
        ("London SW1A 2AA", "postal code", "SW1A 2AA"),
        ("Dear Maria Garcia-Lopez,", "name", "Maria Garcia-Lopez"),
        ("at 221 Baker Street today", "street address", "221 Baker Street"),
        ("wohnt Lindenallee 7b", "street address", "Lindenallee 7b"),
        ("as @ana_li in public", "handle", "@ana_li"),
        ("at 52.52000, 13.40495.", "position", "52.52000, 13.40495"),
    ],
)
def test_each_kind_is_found_within_text(text, kind, piece):
    assert kinds(text) == [(kind, piece)]


@pytest.mark.parametrize(
    "text",
    ["order 4111111111111111", "invoice no. 123-45-6789", "version 10.2.3.4", "logo@2x.png", "@property", "127.0.0.1",
     "2024-01-31", "978-3-16-148410-0", "5 @ 3", "Florence Lamp", "April June", "12.5, 3.25", "DE89370400440532013001",
     "10:30-11:45", "",
     "part 9 of 12", "https://shop.example/item/42", "Wall Street 2024 report"],
)  # fmt: skip
def test_what_only_looks_like_it_is_not_taken_for_it(text):
    assert kinds(text) == []


def test_a_redacted_text_says_what_was_there():
    assert redact("Maria Garcia, ana@example.org, called 3 times") == "[name], [email], called 3 times"
    assert redact("nothing to see") == "nothing to see"


@settings(max_examples=60)
@given(st.text(max_size=80))
def test_what_is_found_lies_within_the_text_in_order_and_apart(text):
    matches = pii_in_text(text)
    assert all(text[match.start : match.end] == match.text for match in matches)
    assert all(one.end <= two.start for one, two in pairwise(matches))
    assert pii_in_text(redact(text)) == [] or len(pii_in_text(redact(text))) <= len(matches)


def test_numbers_in_a_column_are_what_its_name_says():
    frame = pd.DataFrame({"zip": [10115, 80331, 50667], "amount": [10115, 80331, 50667],
                          "phone": [2125550123, 2125550124, 2125550199], "latitude": [52.5200, 48.1371, 50.9375],
                          "latency": [52.5201, 48.1371, 50.9375],
                          "dob": pd.to_datetime(["1980-01-31", "1955-05-05", None])})  # fmt: skip
    found = find_pii(frame)
    assert list(zip(found["column"], found["kind"], strict=True)) == [
        ("zip", "postal code"), ("phone", "phone"), ("latitude", "position"), ("dob", "birth date")]  # fmt: skip
    assert set(found["certainty"]) == {"high"}
    assert list(pii_cells(frame[["dob"]])["row"]) == [0, 1]


def test_a_whole_number_column_with_gaps_is_still_read_as_whole_numbers():
    assert list(pii_cells(pd.DataFrame({"zip": [10115.0, None, 80331.0]}))["text"]) == ["10115", "80331"]


def test_a_column_of_order_numbers_is_no_column_of_cards_and_one_of_cards_is():
    rng = np.random.default_rng(5)
    orders = ["4" + "".join(map(str, rng.integers(0, 10, 15))) for _ in range(300)]
    assert any(map(is_card, orders))
    assert find_pii(pd.DataFrame({"x": orders})).empty
    cards = [number for number in orders if is_card(number)]
    assert find_pii(pd.DataFrame({"x": cards})).loc[0, ["kind", "certainty"]].tolist() == ["card number", "high"]


def test_a_name_alone_is_said_with_little_certainty():
    found = find_pii(pd.DataFrame({"email": ["f3a9", "07bc", "99d1"]}))
    assert found.to_dict("records") == [
        {"column": "email", "kind": "email", "share": 0.0, "evidence": "name", "certainty": "low"}
    ]


def test_dates_that_spread_as_births_do_are_suspected_and_recent_ones_are_not():
    years = [1940, 1951, 1963, 1972, 1980, 1990, 1999, 2004]
    frame = pd.DataFrame({"a": [f"{year}-05-01" for year in years], "b": [f"2024-0{month}-01" for month in range(1, 9)]})
    assert find_pii(frame)[["column", "certainty"]].to_numpy().tolist() == [["a", "low"]]


def test_an_empty_table_and_flags_hold_nothing_and_two_columns_of_one_name_are_an_error():
    assert find_pii(pd.DataFrame({"email": [True, False], "phone": [None, None]})).empty
    assert find_pii(pd.DataFrame()).empty
    with pytest.raises(GovernanceError, match="two columns have one name"):
        find_pii(pd.DataFrame([[1, 2]], columns=["a", "a"]))


@pytest.mark.parametrize("seed", [0, 1])
def test_most_of_what_is_there_is_found_and_little_else(seed):
    table = personal_table(250, seed=seed)
    by_cell = score_pii(pii_cells(table.frame), table.cells).set_index("kind")
    assert set(by_cell.index) == {*PII_KINDS, "all"}
    assert by_cell.loc["all", "precision"] > 0.97
    assert by_cell.loc["all", "recall"] > 0.97
    assert by_cell.loc[list(PII_KINDS), "recall"].min() > 0.9
    found = find_pii(table.frame)
    assert not set(table.decoys) & set(found["column"])
    assert score_pii(found, table.columns).set_index("kind").loc["all", "recall"] == 1


def test_the_score_counts_places_and_kinds():
    truth = pd.DataFrame({"row": [0, 1, 2], "column": "a", "kind": ["email", "email", "name"]})
    found = pd.DataFrame({"row": [0, 0, 2, 3], "column": "a", "kind": ["email", "email", "email", "email"]})
    table = score_pii(found, truth).set_index("kind")
    assert table.loc["email"].tolist() == [2, 3, 1, 1 / 3, 1 / 2]
    assert table.loc["name", "found"] == 0
    assert np.isnan(table.loc["name", "precision"])
    assert table.loc["all"].tolist() == [3, 3, 1, 1 / 3, 1 / 3]


def test_an_invented_table_follows_from_its_seed_and_says_what_is_true_of_it():
    one, two, other = personal_table(60, seed=4), personal_table(60, seed=4), personal_table(60, seed=5)
    pd.testing.assert_frame_equal(one.frame, two.frame)
    assert not one.frame.equals(other.frame)
    assert set(one.cells["kind"]) == set(PII_KINDS)
    known = one.frame.notna()
    assert all(known.loc[row, column] for row, column in zip(one.cells["row"], one.cells["column"], strict=True))
    assert not set(one.cells["column"]) & set(one.decoys)
    with pytest.raises(GovernanceError, match="nobody to invent"):
        personal_table(0)
