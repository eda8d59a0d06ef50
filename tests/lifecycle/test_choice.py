import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.errors import DataError
from lifecycle.iterate import champion_or_challenger

SCORES = st.floats(0, 1)


@pytest.mark.parametrize(
    ("champion", "challenger", "outcome"),
    [(0.70, 0.75, "replace"), (0.70, 0.72, "replace"), (0.70, 0.719, "keep"), (0.70, 0.70, "keep"), (0.75, 0.60, "keep")],
)
def test_the_margin_decides_and_is_itself_enough(champion, challenger, outcome):
    assert champion_or_challenger(champion, challenger, margin=0.02).outcome == outcome


@given(SCORES, SCORES, st.floats(1e-6, 1))
def test_two_models_are_never_both_worth_replacing(first, second, margin):
    there, back = (champion_or_challenger(*pair, margin=margin).outcome for pair in ((first, second), (second, first)))
    assert "keep" in (there, back)


def test_the_reason_has_the_gain_and_the_margin():
    assert (
        champion_or_challenger(0.70, 0.75, margin=0.02).reason
        == "the challenger's gain of +0.050 is at least the margin of 0.02"
    )


@pytest.mark.parametrize(
    ("champion", "challenger", "margin"), [(float("nan"), 0.7, 0), (0.7, float("inf"), 0), (0.7, 0.7, -0.1)]
)
def test_nonsense_is_refused(champion, challenger, margin):
    with pytest.raises(DataError):
        champion_or_challenger(champion, challenger, margin=margin)
