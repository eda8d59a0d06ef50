"""What an incident is, and how an unknown one is drawn."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.errors import DataError
from lifecycle.monitor import DETAILS, KINDS, NO_INCIDENT, Incident, draw_incident

FEATURES = ("age", "limit", "late")


@given(seed=st.integers(0, 2**32), days=st.integers(6, 400))
@settings(max_examples=60)
def test_a_drawn_incident_leaves_time_before_and_after_and_survives_json(seed, days):
    drawn = draw_incident(seed, features=FEATURES, days=days)
    assert Incident.from_json(drawn.to_json()) == drawn == draw_incident(seed, features=FEATURES, days=days)
    assert {*drawn.features} <= {*FEATURES}
    assert drawn == NO_INCIDENT or days // 3 <= drawn.day < days - days // 3
    assert 0.4 <= drawn.strength <= 1


def test_every_kind_and_every_way_is_drawn():
    each = [draw_incident(seed, features=FEATURES, days=60) for seed in range(900)]
    drawn = Counter((one.kind, one.way) for one in each)
    assert {*drawn} == {(kind, way) for kind in KINDS for way in DETAILS[kind]}
    assert all(70 <= sum(drawn[kind, way] for way in DETAILS[kind]) <= 135 for kind in KINDS)  # 100 expected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("flood", 3), "there is no incident of kind `flood`"),
        (("prior", -1), "day -1 does not go with kind `prior`"),
        (("none", 4), "day 4 does not go"),
        (("prior", 3, 0.0), "`strength` is 0"),
        (("prior", 3, 1.5), "`strength` is 1.5"),
        (("concept", 3, 1.0), "does not go with 0 features"),
        (("silent_null", 3, 1.0, ("age", "late")), "does not go with 2 features"),
        (("latency", 3, 1.0, ("age",)), "does not go with 1 features"),
        (("unit_change", 3, 1.0, ("age",), "7"), "`7` is no way"),
    ],
)
def test_parts_that_do_not_belong_together_are_refused(arguments, words):
    with pytest.raises(DataError) as error:
        Incident(*arguments)
    assert words in str(error.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": "prior", "day": "x", "strength": 1, "features": []}'])
def test_text_that_is_no_record_is_refused(text):
    with pytest.raises(DataError, match="not the record of an incident"):
        Incident.from_json(text)


def test_what_cannot_be_drawn_is_refused():
    for changed in ({"features": ()}, {"days": 5}, {"kinds": ("flood",)}, {"kinds": ()}):
        with pytest.raises(DataError):
            draw_incident(1, **{"features": FEATURES, "days": 60, **changed})
