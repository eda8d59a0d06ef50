import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.deploy import BANDS, Bands, minutes_for, rank, rows_a_second, rows_in_window
from lifecycle.errors import DataError

CHANCES = st.floats(0, 1) | st.sampled_from([0.4, 0.7, 0.1 + 0.2 + 0.4, math.nextafter(0.4, 0), math.nextafter(0.7, 1)])


@pytest.mark.parametrize(
    ("chance", "band"),
    [(0.7, "medium"), (0.4, "medium"), (0.1 + 0.2 + 0.4, "high"), (math.nextafter(0.4, 0), "low"), (0, "low"), (1, "high")],
)
def test_both_edges_are_medium(chance, band):
    assert Bands().of(chance) == band


@given(st.lists(CHANCES, max_size=30), CHANCES, CHANCES)
def test_many_at_once_are_banded_as_one_by_one(chances, one, other):
    medium, high = sorted([one, other])
    names = ["high" if each > high else "low" if each < medium else "medium" for each in chances]
    bands = Bands(medium, high)
    assert [BANDS[code] for code in bands.codes(chances)] == names
    assert bands.counts(chances) == {name: names.count(name) for name in BANDS}


@pytest.mark.parametrize("edges", [(0.7, 0.4), (-0.1, 0.5), (0.5, 1.1), (math.nan, 0.7)])
def test_edges_that_are_no_bands_are_refused(edges):
    with pytest.raises(DataError, match="no bands"):
        Bands(*edges)


@pytest.mark.parametrize("chance", [math.nan, -0.01, 1.01, math.inf])
def test_what_is_no_probability_has_no_band(chance):
    with pytest.raises(DataError, match="between 0 and 1"):
        Bands().of(chance)


@given(st.dictionaries(st.integers(-50, 50), st.sampled_from([0.1, 0.5, 0.9]), max_size=20), st.randoms())
def test_ranks_do_not_depend_on_the_order_of_the_rows(chances, random):
    keys = list(chances)
    random.shuffle(keys)
    places = dict(zip(keys, rank([chances[key] for key in keys], keys).tolist(), strict=True))
    expected = sorted(chances, key=lambda key: (-chances[key], key))
    assert places == {key: place for place, key in enumerate(expected, start=1)}


def test_pace():
    assert rows_a_second(600, minutes=2) == 5
    assert minutes_for(600, rate=5) == 2
    assert rows_in_window(minutes=240, rate=10, tries=3) == 48_000
    for wrong in (0, -1, math.nan, math.inf):
        with pytest.raises(DataError):
            minutes_for(10, rate=wrong)
    with pytest.raises(DataError, match="tries"):
        rows_in_window(minutes=1, rate=1, tries=0)


def test_codes_keep_the_shape():
    assert Bands().codes(np.array([0.2, 0.8])).tolist() == [0, 2]
