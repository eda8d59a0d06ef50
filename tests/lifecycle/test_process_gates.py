from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.govern import Approval, GateError, Person, Review, SigningKey, approval_faults, gates

SUBJECT, OTHER = "a" * 64, "b" * 64
NAMES = ["Kim", "Lea", "Max", "Bo", "Nia", "Otto"]
KEYS = {name: SigningKey.teaching(name) for name in [*NAMES, "Ana"]}
PEOPLE = [Person(name, gate.role, KEYS[name].public) for name, gate in zip(NAMES, gates(), strict=True)]


def all_checks(gate):
    return dict.fromkeys(gate.checks, True)


def review(*, upto=0, author="Ana", people=PEOPLE):
    made = Review(SUBJECT, author, people)
    for name, gate in list(zip(NAMES, gates(), strict=True))[:upto]:
        made.approve(name, KEYS[name], checks=all_checks(gate), at="2026-03-01T09:00+00:00")
    return made


def faults(approvals, **options):
    return approval_faults(approvals, PEOPLE, subject=SUBJECT, author="Ana", **options)


def test_there_are_six_gates_with_their_approvers():
    assert [gate.role for gate in gates()] == [
        "tech lead", "ML engineer", "product manager", "model risk manager", "DevOps lead", "chief data officer",
    ]  # fmt: skip


def test_six_signatures_in_order_pass():
    made = review(upto=6)
    assert made.passed
    assert faults(made.approvals) == []
    with pytest.raises(GateError, match="all gates are passed"):
        made.approve("Kim", KEYS["Kim"], checks={}, at="2026-03-01T09:00+00:00")


@pytest.mark.parametrize(
    ("upto", "name", "change", "words"),
    [
        (0, "Otto", {"gate": 6}, "out of order, the next gate is development complete"),
        (1, "Kim", {"gate": 1}, "out of order"),
        (0, "Ana", {}, "not on the list"),
        (0, "Lea", {}, "Lea is ML engineer; this gate is the tech lead's"),
        (0, "Kim", {"key": KEYS["Lea"]}, "not signed by Kim"),
        (0, "Kim", {"checks": {"submission": True, "documents": False, "metrics": True}}, "not shown: documents"),
        (0, "Kim", {"checks": {"submission": True}}, "not shown: documents, metrics"),
        (0, "Kim", {"checks": all_checks(gates()[0]) | {"weather": True}}, "`weather` is no check"),
        (0, "Kim", {"gate": 9}, "there is no gate 9"),
    ],
)
def test_a_move_against_the_rules_is_refused_and_changes_nothing(upto, name, change, words):
    made = review(upto=upto)
    wanted = {"key": KEYS[name], "checks": all_checks(made.next), "at": "2026-03-02T09:00+00:00"} | change
    with pytest.raises(GateError, match=words):
        made.approve(name, wanted.pop("key"), **wanted)
    assert len(made.approvals) == len(made.history) == upto


def test_the_author_may_not_approve_however_the_name_is_written():
    people = [Person("Ana", gates()[0].role, KEYS["Ana"].public), *PEOPLE[1:]]
    made = Review(SUBJECT, " ana", people)
    with pytest.raises(GateError, match="made it and may not approve it"):
        made.approve("Ana", KEYS["Ana"], checks=all_checks(gates()[0]), at="2026-03-01T09:00+00:00")


def test_one_key_under_two_names_does_not_count_twice():
    people = [*PEOPLE[:1], Person("Lea", gates()[1].role, KEYS["Kim"].public), *PEOPLE[2:]]
    made = review(upto=1, people=people)
    with pytest.raises(GateError, match="approved another gate already"):
        made.approve("Lea", KEYS["Kim"], checks=all_checks(gates()[1]), at="2026-03-01T09:00+00:00")


def test_a_refusal_sends_back_and_needs_a_reason_and_the_right_person():
    made = review(upto=3)
    no = all_checks(gates()[3]) | {"fairness": False}
    with pytest.raises(GateError, match="without a reason"):
        made.refuse("Bo", KEYS["Bo"], checks=no, at="2026-03-02T09:00+00:00", reason=" ")
    with pytest.raises(GateError, match="this gate is the model risk manager's"):
        made.refuse("Nia", KEYS["Nia"], checks=no, at="2026-03-02T09:00+00:00", reason="no appeals")
    assert len(made.approvals) == 3
    made.refuse("Bo", KEYS["Bo"], checks=no, at="2026-03-02T09:00+00:00", reason="no appeals")
    assert (len(made.approvals), len(made.history), made.next.number) == (0, 4, 1)


def test_another_version_starts_anew_and_an_old_signature_does_not_count_for_it():
    made = review(upto=2)
    old = made.approvals[0]
    made.resubmit(OTHER)
    assert made.next.number == 1
    found = approval_faults([old], PEOPLE, subject=OTHER, author="Ana", complete=False)
    assert len(found) == 1
    assert "given for aaaaaaaaaaaa" in found[0]


@pytest.mark.parametrize("out", range(6))
def test_an_approval_that_is_taken_out_is_missed(out):
    approvals = review(upto=6).approvals
    found = faults(approvals[:out] + approvals[out + 1 :])
    assert gates()[out].name in found[0]


FULL = review(upto=6).approvals
TEXTS = ["person", "role", "note", "at", "previous", "subject", "outcome"]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 5),
    st.sampled_from(TEXTS),
    st.text(max_size=6),
)
def test_any_changed_text_of_an_approval_is_found(place, field, text):
    changed = replace(FULL[place], **{field: text})
    found = faults([*FULL[:place], changed, *FULL[place + 1 :]])
    assert bool(found) == (changed != FULL[place])
    assert not found or found[0].startswith(f"approval {place + 1} ")


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(6)))
def test_only_the_given_order_passes(order):
    assert (faults([FULL[k] for k in order]) == []) == (list(order) == list(range(6)))


def test_an_approval_comes_back_from_its_dictionary_and_nothing_else_does():
    assert Approval.from_dict(asdict(FULL[0])) == FULL[0]
    for bad in (None, {}, asdict(FULL[0]) | {"more": 1}, asdict(FULL[0]) | {"checks": "all"}, asdict(FULL[0]) | {"note": 3}):
        with pytest.raises(GateError):
            Approval.from_dict(bad)
