"""What somebody with keys, patience and a text editor may try, and what bad input is told."""

import json
from dataclasses import asdict, replace
from datetime import date

import pytest

from lifecycle.errors import LifecycleError
from lifecycle.govern import (
    CardError,
    GateError,
    Inventory,
    InventoryEntry,
    Person,
    ProcessError,
    Raci,
    Review,
    Signers,
    SigningKey,
    Sources,
    Trail,
    alcoa_faults,
    approval_faults,
    build_card,
    card_digest,
    card_faults,
    card_fields,
    card_page,
    card_text,
    classify,
    facts_of,
    gates,
    governance_kpis,
    head_of,
    leaderboard,
    measures,
    missing_fields,
    portfolio,
    questionnaire,
    raci,
    unknown_laws,
    verify_run,
    verify_trail,
)

FILES = {"04/metrics.json": b'{"recall": 0.5, "nothing": null}', "04/model.json": b'{"tree": 1}'}
NAMES = ["Kim", "Lea", "Max", "Bo", "Nia", "Otto"]
KEYS = {name: SigningKey.teaching(name) for name in [*NAMES, "keeper"]}
PEOPLE = [Person(name, gate.role, KEYS[name].public) for name, gate in zip(NAMES, gates(), strict=True)]
AT = "2026-03-01T09:00+00:00"
SAID = {field: "as agreed" for field, kind in card_fields().items() if kind == "statement"}
FIGURES = {field: "04/metrics.json#/recall" for field, kind in card_fields().items() if kind == "figure"}


def card(files=FILES, *, figures=None, evidence=None, **said):
    given = {"figures": FIGURES | (figures or {}), "statements": SAID | said}
    return build_card(Sources(files), title="t", author="Ana", evidence=files if evidence is None else evidence, **given)


def signed(folder, made, *, files=FILES, refused_by=None, later="2026-03-01T10:00+00:00"):
    """A run in which six people signed this card, whatever it says."""
    trail = Trail(folder / "trail.jsonl", KEYS["keeper"])
    trail.append("Ana", "made", "a model", {"happened": AT}, {name: Sources(files).digest(name) for name in files}, at=AT)
    subject = card_digest(made)
    if refused_by:
        detail = {"outcome": "refused", "subject": subject, "happened": AT}
        trail.append(refused_by, "judged", f"card {subject[:12]}", detail, at=AT)
    review = Review(subject, "Ana", PEOPLE)
    for name, gate in zip(NAMES, gates(), strict=True):
        each = review.approve(name, KEYS[name], checks=dict.fromkeys(gate.checks, True), at=AT)
        trail.append(name, "judged", f"card {subject[:12]}", {"approval": each.digest, "happened": AT}, at=later)
    made = made | {"approvals": [asdict(each) for each in review.approvals]}
    return files | {
        "19/card.json": card_text(made).encode(),
        "19/card.html": card_page(made).encode(),
        "19/signers.json": Signers(tuple(PEOPLE), (trail.public,)).to_json().encode(),
        "19/trail.jsonl": trail.path.read_bytes(),
        "19/trail.head": head_of(trail.path).read_bytes(),
    }


def whats(found):
    return " | ".join(f"{fault.kind}: {fault}" for fault in found.faults)


# --- a card that was written by hand and signed by six real keys


@pytest.mark.parametrize(
    ("section", "name", "entry", "words"),
    [
        (
            "performance",
            "metrics",
            {"template": "recall {04/metrics.json#/recall}", "text": "recall 0.5"},
            "has to be a figure",
        ),
        ("performance", "limits", {"template": "at best 99 %", "text": "at best 99 %"}, "typed by hand"),
        ("performance", "limits", {"value": 0.5, "from": "04/metrics.json#/recall"}, "has to be a statement"),
        ("performance", "99 % sure", {"template": "x", "text": "x"}, "no such field"),
        ("extra", "limits", {"template": "x", "text": "x"}, "no such field"),
        ("ethics", "harms", {"template": "   ", "text": "   "}, "is missing"),
        ("details", "rows", {"of 2000 rows": {"value": 0.5, "from": "04/metrics.json#/recall"}}, "typed by hand"),
    ],
)
def test_six_signatures_do_not_make_a_typed_card_hold(tmp_path, section, name, entry, words):
    made = card()
    made["sections"].setdefault(section, {})[name] = entry
    found = verify_run(signed(tmp_path, made))
    assert not found.holds
    assert words in whats(found)


# --- a refused card


def refusal(made):
    bad = dict.fromkeys(made.next.checks, True)
    return made.refuse("Kim", KEYS["Kim"], checks=bad, at=AT, reason="no appeals")


def test_what_was_refused_comes_back_only_as_another_version():
    made = Review("a" * 64, "Ana", PEOPLE)
    refusal(made)
    checks = dict.fromkeys(gates()[0].checks, True)
    with pytest.raises(GateError, match="this version was refused"):
        made.approve("Kim", KEYS["Kim"], checks=checks, at=AT)
    with pytest.raises(GateError, match="this version was refused"):
        refusal(made)
    for bad in ("a" * 64, "a", None):
        with pytest.raises(GateError):
            made.resubmit(bad)
    made.resubmit("b" * 64)
    made.approve("Kim", KEYS["Kim"], checks=checks, at=AT)
    with pytest.raises(GateError, match="this version was refused"):
        made.resubmit("a" * 64)


def test_a_card_that_was_refused_on_record_does_not_hold_whoever_signs_it(tmp_path):
    found = verify_run(signed(tmp_path, card(), refused_by="Bo"))
    assert "Bo refused this card" in whats(found)


# --- an older set put back


def test_an_older_set_put_back_is_noticed_by_a_head_kept_elsewhere(tmp_path):
    old = signed(tmp_path, card())
    trail = Trail(tmp_path / "trail.jsonl", KEYS["keeper"])
    kept_early = verify_trail(trail.path, trail.public).head
    trail.append("Ana", "made", "another model", {"happened": AT}, at="2026-03-02T09:00+00:00")
    kept = head_of(trail.path).read_bytes()
    assert verify_run(old).holds
    assert verify_run(old, anchor=kept_early).holds
    found = verify_run(old, anchor=kept)
    assert [fault.kind for fault in found.faults] == ["trail"]
    assert "older trail" in whats(found)


@pytest.mark.parametrize("anchor", [b"", b"{}", b"\xff", 5])
def test_what_is_no_head_is_an_error(tmp_path, anchor):
    with pytest.raises(ProcessError, match="not the head of a trail"):
        verify_run(signed(tmp_path, card()), anchor=anchor)


# --- times


@pytest.mark.parametrize(
    ("place", "at", "words"),
    [
        (0, "not a date at all", "is no time"),
        (2, "2026-03-01", "no time zone"),
        (3, "2026-02-01T09:00+00:00", "before the approval"),
    ],
)
def test_approvals_have_times_that_go_forward(place, at, words):
    review = Review("a" * 64, "Ana", PEOPLE)
    for k, (name, gate) in enumerate(zip(NAMES, gates(), strict=True)):
        checks = dict.fromkeys(gate.checks, True)
        if k == place:
            with pytest.raises(GateError, match=words):
                review.approve(name, KEYS[name], checks=checks, at=at)
        review.approve(name, KEYS[name], checks=checks, at=AT)
    bent = replace(review.approvals[place], at=at, signature="")
    bent = replace(bent, signature=KEYS[bent.person].sign(bent.message(), purpose="stage gate"))
    rest = [*review.approvals[:place], bent, *review.approvals[place + 1 :]]
    assert any(words in text for text in approval_faults(rest, PEOPLE, subject="a" * 64, author="Ana"))


def test_a_trail_that_goes_back_in_time_does_not_hold(tmp_path):
    found = verify_run(signed(tmp_path, card(), later="1999-01-01T00:00+00:00"))
    assert "dated before the record before it" in whats(found)


# --- references


@pytest.mark.parametrize("pointer", ["#/-1", "#/01", "#0", "#/1 ", "#/\u0661", "#a", "#/~2"])
def test_a_pointer_is_read_as_rfc_6901_has_it(pointer):
    with pytest.raises(CardError):
        Sources({"a.json": b"[1, 2]"}).value("a.json" + pointer)
    assert Sources({"a.json": b"[1, 2]"}).value("a.json#/1") == 2


@pytest.mark.parametrize(
    "data", [b"[" * 20_000, b"a: &a [1]\nb: [*a, *a]\n", b"a: 2026-99-99", b"a: !!bool x", b"? [1]\n: 2"]
)
def test_yaml_that_cannot_be_read_is_an_error_and_no_traceback(data):
    with pytest.raises(CardError, match="not YAML"):
        Sources({"a.yaml": data}).value("a.yaml#/a")


# --- the page


def test_no_part_of_a_page_is_live():
    each = dict.fromkeys(("role", "person", "at", "outcome", "note"), "<script>") | {"gate": "<script>"}
    made = card() | {"approvals": [each], "title": "<script>"}
    assert "<script>" not in card_page(made)


# --- what is empty, and what is typed


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "  ",
        {"text": " \t"},
        {"value": None, "from": "x#"},
        {"recall": {"value": None, "from": "x#"}},
        {"recall": {"value": None}},
        {"value": {"a": [], "b": " "}, "from": "x#"},
    ],
)
def test_blanks_and_nothing_are_missing(entry):
    assert "performance.metrics" in missing_fields({"sections": {"performance": {"metrics": entry}}})


@pytest.mark.parametrize("entry", [{"text": "no"}, {"value": 0, "from": "x#"}, {"value": False, "from": "x#"}])
def test_zero_and_false_are_answers(entry):
    assert "performance.metrics" not in missing_fields({"sections": {"performance": {"metrics": entry}}})


@pytest.mark.parametrize(
    "text",
    [
        "Of 2000 cases, 1999 found",
        "GDPR-90%, recall=x-99",
        "ninety per cent",
        "nine percent",
        "recall99",
        "½ of all",
        "in 2000 cases",
        "a thousand people",
    ],
)
def test_figures_in_disguise_are_typed_too(text):
    with pytest.raises(CardError, match="typed by hand"):
        card(**{"performance.limits": text})


@pytest.mark.parametrize(
    "text",
    ["Since 2024.", "p95 of v2, one region only", "{04/metrics.json#/recall} per cent", "reviewed in 2025, as agreed"],
)
def test_names_dates_and_references_stay_free(text):
    assert card_faults(card(**{"performance.limits": text}), Sources(FILES)) == []


# --- files that speak of different packages


def test_files_that_speak_of_different_packages_make_no_card_that_holds(tmp_path):
    files = FILES | {
        "10/release.json": b'{"package": {"digest": "1"}}',
        "12/drift.json": b'{"package": {"digest": "2"}}',
        "17/fairness.json": b'{"rows": 3}',
    }
    found = verify_run(signed(tmp_path, card(files), files=files))
    assert [(fault.kind, fault.place) for fault in found.faults] == [("another model", "12/drift.json")]
    files["12/drift.json"] = files["10/release.json"]
    (tmp_path / "same").mkdir()
    assert verify_run(signed(tmp_path / "same", card(files), files=files)).holds


# --- records


def test_a_record_of_what_was_made_or_tested_needs_digests(tmp_path):
    trail = Trail(tmp_path / "trail.jsonl", KEYS["keeper"])
    tested = trail.append("Ana", "tested", "1.0.0", {"happened": AT}, at=AT)
    assert alcoa_faults(tested, people=["Ana"]) == ["accurate: it says that something was tested and has no digest of it"]
    for bad in ({"people": "Ana"}, {"happened": "last week"}, {"happened": "2026-03-01"}):
        with pytest.raises(ProcessError):
            alcoa_faults(tested, **{"people": ["Ana"]} | bad)


# --- bad input says what was wrong

GOOD = {row["key"]: row["answers"][0] for row in questionnaire()}
SIX = dict.fromkeys(gates()[0].checks, True)
MODEL = {
    "card": True,
    "tries": 1,
    "submitted": date(2026, 3, 1),
    "signed": date(2026, 3, 2),
    "due": date(2026, 3, 9),
    "team": "red",
}
BAD = {
    "classify": lambda: classify(None),
    "an answer of two": lambda: classify(GOOD | {"regulation": ["none"]}),
    "an odd key": lambda: classify(GOOD | {3: "x"}),
    "measures": lambda: measures([]),
    "a cell that is none": lambda: Raci({"T": {"X": None}}, {"X": "x"}).faults(),
    "a letter of a role": lambda: raci().tasks_of("RA", "x"),
    "a letter": lambda: raci().who("Monitoring", "a"),
    "no checks": lambda: Review("a" * 64, "Ana", PEOPLE).approve("Kim", KEYS["Kim"], checks=None, at=AT),
    "nan of a check": lambda: Review("a" * 64, "Ana", PEOPLE).approve(
        "Kim", KEYS["Kim"], checks=SIX | {"metrics": float("nan")}, at=AT
    ),
    "a date": lambda: Review("a" * 64, "Ana", PEOPLE).approve("Kim", KEYS["Kim"], checks=SIX, at=date(2026, 3, 1)),
    "no key": lambda: Review("a" * 64, "Ana", PEOPLE).approve("Kim", None, checks=SIX, at=AT),
    "no figures": lambda: build_card(Sources(FILES), title="t", author="a", figures=None, statements={}),
    "a part named from": lambda: card(figures={"performance.metrics": {"from": "04/metrics.json#/recall"}}),
    "no figure": lambda: card(figures={"performance.metrics": None}),
    "sections of no kind": lambda: card_faults({"sections": {"details": 5}}, Sources({})),
    "evidence of no kind": lambda: card_faults({"sections": {}, "evidence": []}, Sources({})),
    "no card to miss in": lambda: missing_fields([]),
    "no card for a page": lambda: card_page({}),
    "a bare model": lambda: governance_kpis([{}], []),
    "due none": lambda: governance_kpis([MODEL | {"due": None}], []),
    "signed before it was submitted": lambda: governance_kpis([MODEL | {"signed": date(2026, 2, 1)}], []),
    "a card that is nan": lambda: governance_kpis([MODEL | {"card": float("nan")}], []),
    "a leaderboard without teams": lambda: leaderboard([{name: MODEL[name] for name in MODEL if name != "team"}]),
    "a negative seed": lambda: portfolio(3, seed=-1),
    "a hurry of seven": lambda: portfolio(3, seed=1, hurry=7),
    "fewer than none": lambda: portfolio(-1, seed=1),
    "nobody vouches": lambda: facts_of({"sections": {}}, Sources({}), said={"redress": None}),
    "letters for laws": lambda: unknown_laws("GDPR"),
    "a card that is no digest": lambda: Inventory().add(
        InventoryEntry("m", "1", "Ana", "light", card="not a digest", live=True)
    ),
    "a model without a name": lambda: Inventory().add(InventoryEntry(" ", "1", "Ana", "light")),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_input_is_told_what_is_wrong(name):
    with pytest.raises(LifecycleError):
        BAD[name]()


def test_a_trail_in_a_folders_place_and_a_time_of_no_kind_are_errors(tmp_path):
    with pytest.raises(LifecycleError):
        Trail(tmp_path, KEYS["keeper"]).append("Ana", "made", "x")
    with pytest.raises(LifecycleError):
        Trail(tmp_path / "trail.jsonl", KEYS["keeper"]).append("Ana", "made", "x", at=5)


def test_no_tasks_are_a_fault_and_a_letter_is_no_law():
    assert Raci({}, {}).faults() == ["the table has no tasks"]
    assert unknown_laws(["G", "E", "GDPR"]) == ["G", "E"]


def test_a_figure_that_cannot_be_json_is_a_fault(tmp_path):
    made = card()
    files = FILES | {"04/metrics.json": b'{"recall": NaN}'}
    made["evidence"]["04/metrics.json"] = Sources(files).digest("04/metrics.json")
    assert {fault.kind for fault in card_faults(json.loads(card_text(made)), Sources(files))} == {"figure"}
