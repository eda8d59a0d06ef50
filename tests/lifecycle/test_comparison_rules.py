"""Rules of replacement: one answer for every evidence, over the whole space."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.iterate import REPLACEMENT, RuleError, cells, coverage, read_rules

BOOK = read_rules(REPLACEMENT)
OUTCOMES = ("reject", "manual", "automatic")
FINE = {"gain": 0.02, "accuracy_fall": 0, "latency_rise": 0, "shift": 0, "critical_failures": 0, "compliant": True}
EDGES = [-math.inf, -1.0, 0.0, 0.005, 0.01, 0.02, 0.05, 0.1, math.inf, math.nan]
EDGES += [math.nextafter(edge, to) for edge in (0.005, 0.01, 0.02, 0.05, 0.1) for to in (0, 1)]
NUMBERS = st.one_of(st.sampled_from(EDGES), st.floats(allow_nan=True, allow_infinity=True), st.none())
EVIDENCE = st.fixed_dictionaries(
    {}, optional={**dict.fromkeys(("gain", "accuracy_fall", "latency_rise", "shift"), NUMBERS),
                  "critical_failures": NUMBERS | st.integers(0, 3), "compliant": st.sampled_from([True, False, None])}
)  # fmt: skip


def put(value, bounds=(0.005, 0.01, 0.02, 0.05, 0.1)):
    """The bound that a value is on but for its last bits; or the value."""
    number = math.nan if value is None else float(value)
    return next((bound for bound in (0, 1, *bounds) if abs(number - bound) <= 1e-9), number)


def written_out(evidence):
    """The table of the lesson, a second time and by hand."""
    v = {name: put(evidence.get(name)) for name in FINE}
    if v["accuracy_fall"] > 0.02 or v["critical_failures"] > 0 or v["compliant"] == 0:
        return "reject"
    if v["gain"] > 0.05 or v["accuracy_fall"] > 0.005 or v["latency_rise"] > 0.10 or v["shift"] > 0.05:
        return "manual"
    good = v["gain"] > 0.01 and v["accuracy_fall"] < 0.005 and v["latency_rise"] < 0.10 and v["shift"] < 0.05
    return "automatic" if good and v["critical_failures"] == 0 and v["compliant"] == 1 else "manual"


@settings(max_examples=250)
@given(EVIDENCE)
def test_every_evidence_has_one_answer_and_it_is_the_tables(evidence):
    ruling = BOOK.decide(evidence)
    assert ruling.outcome == written_out(evidence)
    assert ruling.reasons
    assert ruling == BOOK.decide(dict(reversed(evidence.items())))


def test_every_cell_of_the_whole_space_has_one_answer():
    everything = list(cells(BOOK))
    assert len(everything) == 6 * 6 * 4 * 4 * 4 * 3
    assert all(BOOK.decide(cell).outcome == written_out(cell) for cell in everything)


@settings(max_examples=120)
@given(EVIDENCE)
def test_the_cells_stand_for_all_values(evidence):
    """What the rules see of any evidence, they see of one of the cells."""

    def seen(values):
        rules = [rule for outcome in OUTCOMES for rule in BOOK.rules[outcome]]
        sides = []
        for rule in rules:
            value = put(values.get(rule.measure))
            sides.append((value < rule.bound, value == rule.bound, value > rule.bound))
        return tuple(sides)

    known = seen_cells()
    assert seen(evidence) in known


_SEEN: set[tuple[tuple[bool, bool, bool], ...]] = set()


def seen_cells():
    if not _SEEN:
        rules = [rule for outcome in OUTCOMES for rule in BOOK.rules[outcome]]
        for cell in cells(BOOK):
            _SEEN.add(tuple(
                (cell[rule.measure] < rule.bound, cell[rule.measure] == rule.bound, cell[rule.measure] > rule.bound)
                for rule in rules
            ))  # fmt: skip
    return _SEEN


def test_no_precedence_no_default_leaves_gaps_and_overlaps():
    found = coverage(BOOK)
    assert sum(found.answers.values()) == sum(found.outcomes.values()) == len(list(cells(BOOK)))
    assert found.answers[0] > 0
    assert found.answers[2] > 0
    assert BOOK.applying(found.gap) == ()
    assert "automatic" in BOOK.applying(found.overlap)
    assert len(BOOK.applying(found.overlap)) == 2


def occurs(evidence):
    return not (evidence["gain"] > 0 and evidence["accuracy_fall"] > 0) and not evidence["critical_failures"] < 0


def test_what_cannot_occur_is_left_out_and_examples_are_of_what_can():
    found = coverage(BOOK, possible=occurs)
    every = [cell for cell in cells(BOOK) if occurs(cell)]
    assert sum(found.answers.values()) == sum(found.outcomes.values()) == len(every) < len(list(cells(BOOK)))
    assert occurs(found.gap)
    assert occurs(found.overlap)
    falls = {cell["accuracy_fall"] for cell in every if cell["gain"] == 0}
    assert {0, 0.005, 0.02} < falls  # a fall goes with no gain, and no rule can tell that from a small one
    assert found.outcomes["automatic"] == 2


@pytest.mark.parametrize(("new", "old"), [(0.95, 0.90), (0.93, 0.88), (0.55, 0.50), (0.97, 0.92)])
def test_a_gain_of_five_points_is_on_the_bound_whatever_it_was_computed_from(new, old):
    assert BOOK.decide(FINE | {"gain": new - old}).outcome == "automatic"
    assert BOOK.decide(FINE | {"gain": new - old + 1e-6}).outcome == "manual"


@pytest.mark.parametrize("text", [REPLACEMENT + "reject:\n- shift > 50 %\n", REPLACEMENT + "default: manual\n"])
def test_a_part_that_is_there_twice_is_refused_and_not_half_forgotten(text):
    with pytest.raises(RuleError, match=r"there twice: (reject|default)"):
        read_rules(text)


def test_rules_without_holes_are_said_to_have_none():
    text = REPLACEMENT
    for old, new in (("- gain > 5 pp\n", "- gain <= 1 pp\n"), ("accuracy_fall > 0.5 pp", "accuracy_fall >= 0.5 pp"),
                     ("latency_rise > 10 %", "latency_rise >= 10 %"), ("shift > 5 %", "shift >= 5 %")):  # fmt: skip
        text = text.replace(old, new)
    whole = coverage(read_rules(text), possible=occurs)
    assert (whole.gap, whole.overlap) == (None, None)


@pytest.mark.parametrize("name", FINE)
@pytest.mark.parametrize("value", [math.nan, None])
def test_nothing_unknown_is_automatic(name, value):
    assert BOOK.decide(FINE).outcome == "automatic"
    ruling = BOOK.decide(FINE | {name: value})
    assert ruling.outcome == "manual"
    assert f"unknown: {name}" in ruling.reasons[0]


def test_reasons_name_the_rules_that_held_or_were_missed():
    assert BOOK.decide(FINE | {"accuracy_fall": 0.03, "compliant": False}).reasons == (
        "accuracy_fall > 2 pp", "compliant == no"
    )  # fmt: skip
    assert BOOK.decide(FINE | {"gain": 0.005}).reasons == ("nothing else applies (missed: gain > 1 pp)",)


def test_a_misspelt_measure_is_no_unknown_one():
    with pytest.raises(RuleError, match="no rule knows the measure `latancy_rise`"):
        BOOK.decide(FINE | {"latancy_rise": 0.5})


def test_another_precedence_gives_other_answers():
    hasty = read_rules(REPLACEMENT.replace("[reject, manual, automatic]", "[automatic, manual, reject]"))
    assert hasty.decide(FINE | {"gain": 0.06}).outcome == "automatic"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("gain > 1 pp", "gain > 0.01", "no unit"),
        ("accuracy_fall > 2 pp", "accuracy_fall > 2 %", "measured in"),
        ("default: manual\n", "", "default"),
        ("default: manual", "default: approve", "no outcome"),
        ("default: manual", "default: [manual]", "no outcome"),
        ("[reject, manual, automatic]", "[reject, manual]", "each outcome once"),
        ("[reject, manual, automatic]", "[reject, manual, manual]", "each outcome once"),
        ("[reject, manual, automatic]", "reject", "no list"),
        ("- gain > 1 pp", "- gain over 1 pp", "no rule"),
        ("- gain > 1 pp", "- gain > one pp", "no number"),
        ("- gain > 1 pp", "- gain > nan pp", "no number"),
        ("compliant == no", "compliant < yes", "no order"),
        ("- gain > 1 pp", "- 7", "no list of texts"),
        ("manual:\n", "manually:\n", "manually"),
    ],
)
def test_rules_that_leave_something_to_the_reader_are_refused(old, new, message):
    assert old in REPLACEMENT
    with pytest.raises(RuleError, match=message):
        read_rules(REPLACEMENT.replace(old, new))


def test_what_is_no_yaml_or_no_mapping_is_refused():
    for text in ("a: [", "- reject", "", "1"):
        with pytest.raises(RuleError):
            read_rules(text)
    empty = REPLACEMENT[: REPLACEMENT.index("automatic:\n")] + "automatic: []\n"
    with pytest.raises(RuleError, match="nothing is asked"):
        read_rules(empty)
