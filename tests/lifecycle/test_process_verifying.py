import json
import re
from dataclasses import asdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifecycle.govern import (
    Person,
    ProcessError,
    Review,
    Signers,
    SigningKey,
    Sources,
    Trail,
    alcoa_faults,
    assess,
    build_card,
    card_digest,
    card_fields,
    card_page,
    card_text,
    facts_of,
    frameworks,
    gates,
    head_of,
    most_wanted,
    regions,
    verify_run,
)

FILES = {"04/metrics.json": b'{"recall": 0.5}', "04/model.json": b'{"tree": 1}'}
NAMES = ["Kim", "Lea", "Max", "Bo", "Nia", "Otto"]


def keys(seed=0):
    return {name: SigningKey.teaching(name, seed=seed) for name in [*NAMES, "keeper"]}


def signed(folder, *, seed=0, author="Ana"):
    """A run that holds: its files and who may sign."""
    said = {field: "as agreed" for field, kind in card_fields().items() if kind == "statement"}
    figures = {field: "04/metrics.json#/recall" for field, kind in card_fields().items() if kind == "figure"}
    card = build_card(Sources(FILES), title="t", author=author, figures=figures, statements=said, evidence=FILES)
    people = [Person(name, gate.role, keys(seed)[name].public) for name, gate in zip(NAMES, gates(), strict=True)]
    trail = Trail(folder / "trail.jsonl", keys(seed)["keeper"])
    at = "2026-03-01T09:00+00:00"
    trail.append("Ana", "made", "a model", {"happened": at}, {name: Sources(FILES).digest(name) for name in FILES}, at=at)
    review = Review(card_digest(card), author, people)
    for name, gate in zip(NAMES, gates(), strict=True):
        each = review.approve(name, keys(seed)[name], checks=dict.fromkeys(gate.checks, True), at=at)
        trail.append(name, "approved", "card", {"approval": each.digest, "happened": at}, at=at)
    card["approvals"] = [asdict(each) for each in review.approvals]
    signers = Signers(tuple(people), (trail.public,))
    return FILES | {
        "19/card.json": card_text(card).encode(),
        "19/card.html": card_page(card).encode(),
        "19/signers.json": signers.to_json().encode(),
        "19/trail.jsonl": trail.path.read_bytes(),
        "19/trail.head": head_of(trail.path).read_bytes(),
    }


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return signed(tmp_path_factory.mktemp("run"))


def holds(run):
    try:
        return verify_run(run).holds
    except ProcessError:  # there is no card to speak of
        return False


def with_card(run, change):
    card = json.loads(run["19/card.json"])
    change(card)
    return run | {"19/card.json": card_text(card).encode(), "19/card.html": card_page(card).encode()}


def test_an_untouched_run_holds_and_says_what_was_looked_at(run):
    found = verify_run(run)
    assert found.holds
    assert found.faults == ()
    assert found.checked == {"files": 2, "fields": len(card_fields()), "approvals": 6, "records": 7}


def test_in_a_folder_or_in_its_artifacts(run, tmp_path):
    for name, data in run.items():
        place = tmp_path / "artifacts" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    assert verify_run(tmp_path).holds
    assert verify_run(tmp_path / "artifacts").holds
    (tmp_path / "artifacts/04/model.json").unlink()
    assert verify_run(tmp_path).faults[0].kind == "missing file"


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_byte_of_each_file_counts(run, name):
    for place in range(len(FILES[name])):
        bent = bytearray(FILES[name])
        bent[place] ^= 1
        found = verify_run(run | {name: bytes(bent)}).faults
        assert (found[0].kind, found[0].place) == ("changed file", name)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_changed_byte_of_card_page_trail_and_head_is_found(run, data):
    name = data.draw(st.sampled_from(["19/card.json", "19/card.html", "19/trail.jsonl", "19/trail.head"]))
    bent = bytearray(run[name])
    bent[data.draw(st.integers(0, len(bent) - 1))] ^= data.draw(st.integers(1, 255))
    assert not holds(run | {name: bytes(bent)})


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (lambda card: card.update(title="another"), "approval", "given for"),
        (lambda card: card.update(author="Kim"), "approval", "given for"),
        (lambda card: card["approvals"].pop(3), "approval", "out of order"),
        (lambda card: card["approvals"].pop(), "approval", r"gate 6 \(final sign-off\) has not been passed"),
        (lambda card: card.pop("approvals"), "approval", "gate 1"),
        (lambda card: card["approvals"][0].update(more=1), "approval", "not the fields"),
        (lambda card: card["approvals"][0].update(note="with conditions"), "approval", "changed after it was signed"),
        (lambda card: card["sections"].pop("ethics"), "missing field", "is missing"),
        (lambda card: card["sections"]["details"]["rows"].update(value=0.9), "figure", "says 0.9"),
        (lambda card: card["evidence"].pop("04/model.json"), "approval", "given for"),
    ],
)  # fmt: skip
def test_a_changed_card_is_found(run, change, kind, words):
    faults = verify_run(with_card(run, change)).faults
    assert kind in {fault.kind for fault in faults}
    assert any(re.search(words, fault.what) for fault in faults if fault.kind == kind)


@pytest.mark.parametrize("name", ["19/card.html", "19/trail.jsonl", "19/trail.head"])
def test_page_trail_and_head_have_to_be_there_and_whole(run, name):
    for changed in (run[name][:-2], run[name].replace(b"a", b"b", 1), b""):
        assert not verify_run(run | {name: changed}).holds
    assert not verify_run({other: data for other, data in run.items() if other != name}).holds


def test_a_shorter_trail_that_is_sound_is_found_by_what_the_card_lists(run, tmp_path):
    trail = Trail(tmp_path / "trail.jsonl", keys()["keeper"])
    trail.append("Ana", "made", "nothing", {"a": 1})
    short = {"19/trail.jsonl": trail.path.read_bytes(), "19/trail.head": head_of(trail.path).read_bytes()}
    faults = verify_run(run | short).faults
    assert {fault.kind for fault in faults} == {"trail"}
    assert len(faults) == len(FILES) + 6


def test_a_run_forged_with_other_keys_holds_by_its_own_list_and_not_by_ours(run, tmp_path):
    forged = signed(tmp_path, seed=1)
    assert verify_run(forged).holds
    ours = Signers.from_json(run["19/signers.json"])
    assert {fault.kind for fault in verify_run(forged, signers=ours).faults} == {"approval", "trail"}


@pytest.mark.parametrize("name", ["19/card.json", "19/signers.json"])
@pytest.mark.parametrize("data", [None, b"", b"\xff", b"[]", b"{}", b'{"people": 1, "keepers": []}'])
def test_without_a_card_or_a_list_there_is_nothing_to_verify(run, name, data):
    files = {other: content for other, content in run.items() if other != name} | ({name: data} if data is not None else {})
    with pytest.raises(ProcessError):
        verify_run(files)


def test_the_facts_of_a_case_come_from_its_files_or_from_a_person(run):
    card, sources = json.loads(run["19/card.json"]), Sources(run)
    facts = facts_of(card, sources, said={"redress": "Bo"})
    assert {"limits", "redress"} <= {fact for fact in ("limits", "redress", "trail", "rebuildable") if fact in facts}
    assert "trail" not in facts
    assert "trail" in facts_of(card, sources, trail=True)
    for bad in ({"limits": "Bo"}, {"the moon": "Bo"}, {"redress": " "}):
        with pytest.raises(ProcessError):
            facts_of(card, sources, said=bad)


def test_every_framework_asks_only_for_facts_that_can_be_had(run):
    card, sources = json.loads(run["19/card.json"]), Sources(run)
    nothing = facts_of({"sections": {}}, Sources({}))
    waiting = dict(most_wanted(nothing))
    for framework in frameworks():
        items = assess(framework, nothing)
        assert items
        assert not any(item.complete for item in items)
    assert not any(fact in nothing for fact in waiting)
    some = facts_of(card, sources, trail=True, approvals=True)
    assert sum(dict(most_wanted(some)).values()) < sum(waiting.values())
    with pytest.raises(ProcessError, match="no framework"):
        assess("astrology", nothing)


def test_frameworks_have_the_items_that_are_taught():
    nothing = facts_of({"sections": {}}, Sources({}))
    sizes = {"mrm": 4, "mrm_now": 5, "gxp": 3, "eu_seven": 7, "oecd": 5, "responsible_components": 3, "responsible_six": 6}
    sizes |= {"responsible_five": 5, "eight_steps": 8, "process_steps": 6}
    assert {name: len(assess(name, nothing)) for name in sizes} == sizes
    as_of, table = regions()
    assert as_of.year == 2020
    assert [row["region"] for row in table] == ["OECD", "EU", "Singapore", "US", "UK", "Australia"]


def test_a_record_is_asked_for_alcoa(tmp_path):
    trail = Trail(tmp_path / "trail.jsonl", keys()["keeper"])
    at, digest = "2026-03-02T10:00+00:00", "0" * 64
    good = trail.append("Ana", "made", "x", {"happened": "2026-03-02T09:00+00:00", "files": 1}, {"a": digest}, at=at)
    assert alcoa_faults(good, people=["Ana"]) == []
    words = [each.split(":")[0] for each in alcoa_faults(trail.append("team", "made", "x", at=at), people=["Ana"])]
    assert words == ["attributable", "legible", "contemporaneous", "accurate"]
    late = trail.append("Ana", "made", "x", {"happened": "2026-03-01T09:00+00:00", "files": 1}, at=at)
    assert alcoa_faults(late, people=["Ana"]) == [
        "contemporaneous: written 25 hours later", "accurate: it names files and no digest of them",
    ]  # fmt: skip
    early = trail.append("Ana", "made", "x", {"happened": "2026-03-03T09:00+00:00"}, {"a": digest}, at=at)
    assert alcoa_faults(early, people=["Ana"]) == ["contemporaneous: written before it happened"]
