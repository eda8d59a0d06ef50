"""The trail: what is appended stays, whatever is done to it is noticed, and the first bad record is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.govern import SigningKey, Trail, TrailError, digest_of_file, head_of, verify_trail, verify_trail_bytes

KEY = SigningKey.teaching("keeper")
OTHER = SigningKey.teaching("somebody else")
AT = "2026-01-31T09:30:00+00:00"
COUNT = 7


def grown(place: Path, count: int = COUNT, key: SigningKey = KEY, *, start: int = 1) -> Path:
    trail = Trail(place, key)
    for number in range(start, start + count):
        trail.append("Ana", "trained", f"model {number}", {"auc": 0.5 + number / 100, "né": [None, True]}, at=AT)
    return place


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> tuple[bytes, bytes]:
    place = grown(tmp_path_factory.mktemp("trail") / "trail.jsonl")
    return place.read_bytes(), head_of(place).read_bytes()


def fault(records: bytes, head: bytes, public=KEY.public, **more) -> tuple[str, int | None]:
    with pytest.raises(TrailError) as caught:
        verify_trail_bytes(records, head, public, **more)
    return caught.value.fault, caught.value.record


def test_what_was_appended_is_read_back(tmp_path):
    place = tmp_path / "new" / "trail.jsonl"
    (tmp_path / "model.json").write_text("{}")
    digest = digest_of_file(tmp_path / "model.json")
    when = datetime(2026, 1, 31, 10, 30, tzinfo=UTC)
    Trail(place, KEY).append(
        "Ana", "approved", "credit 1.2", {"gate": 2, "notes": ("a", "b")}, {"04/model.json": digest}, at=when
    )
    Trail(place, KEY).append("Ben", "deployed", "credit 1.2")
    first, second = verify_trail(place, KEY.public).records
    assert (first.number, first.actor, first.action, first.subject, first.at) == (
        1,
        "Ana",
        "approved",
        "credit 1.2",
        when.isoformat(),
    )
    assert first.detail == {"gate": 2, "notes": ["a", "b"]}
    assert first.digests == {"04/model.json": digest}
    assert (second.number, second.previous, second.detail) == (2, first.hash, {})
    assert datetime.fromisoformat(second.at) > when


def test_rows_are_for_a_table(tmp_path):
    rows = verify_trail(grown(tmp_path / "trail.jsonl", 2), KEY.public).rows()
    assert rows[1] == {"number": 2, "at": AT, "actor": "Ana", "action": "trained", "subject": "model 2"}


@settings(max_examples=150, deadline=None)
@given(place=st.integers(0, 10**9), byte=st.integers(0, 255))
def test_any_byte_that_is_changed_is_noticed_and_its_record_named(whole, place, byte):
    records, head = whole
    place %= len(records)
    changed = records[:place] + bytes([byte]) + records[place + 1 :]
    if changed == records:
        return
    kind, record = fault(changed, head)
    assert kind in ("altered", "signature", "truncated")
    assert record == records[:place].count(b"\n") + 1


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 10**9), byte=st.integers(0, 255))
def test_any_byte_of_the_head_that_is_changed_is_noticed(whole, place, byte):
    records, head = whole
    place %= len(head)
    changed = head[:place] + bytes([byte]) + head[place + 1 :]
    if changed != head:
        assert fault(records, changed) == ("head", None)


@settings(max_examples=40, deadline=None)
@given(order=st.permutations(range(COUNT)))
def test_records_in_another_order_are_noticed(whole, order):
    lines = whole[0].splitlines(keepends=True)
    if order != sorted(order):
        first = next(place for place, number in enumerate(order) if place != number)
        assert fault(b"".join(lines[number] for number in order), whole[1]) == ("reordered", first + 1)


@settings(max_examples=40, deadline=None)
@given(gone=st.sets(st.integers(0, COUNT - 1), min_size=1))
def test_records_that_are_taken_out_are_noticed(whole, gone):
    lines = whole[0].splitlines(keepends=True)
    kept = b"".join(line for place, line in enumerate(lines) if place not in gone)
    at_the_end = gone == set(range(min(gone), COUNT))
    assert fault(kept, whole[1]) == ("truncated" if at_the_end else "removed", min(gone) + 1)


@settings(max_examples=40, deadline=None)
@given(
    where=st.integers(0, COUNT),
    line=st.one_of(st.binary(max_size=20).filter(lambda raw: b"\n" not in raw), st.integers(0, COUNT - 1)),
)
def test_lines_that_are_put_in_are_noticed(whole, where, line):
    lines = whole[0].splitlines(keepends=True)
    added = lines[line] if isinstance(line, int) else line + b"\n"
    kind, record = fault(b"".join([*lines[:where], added, *lines[where:]]), whole[1])
    if isinstance(line, int) and line > where:  # the copy stands before its original: as if that had been moved
        assert (kind, record) == ("reordered", where + 1)
    elif isinstance(line, int) and line == where:  # two of the same: the second is one too many
        assert (kind, record) == ("inserted", where + 2)
    else:
        assert (kind, record) == ("inserted", where + 1)


@settings(max_examples=40, deadline=None)
@given(size=st.integers(0, 10**9))
def test_an_end_that_is_cut_off_is_noticed(whole, size):
    size %= len(whole[0])
    kind, record = fault(whole[0][:size], whole[1])
    assert kind == "truncated"
    assert record == whole[0][:size].count(b"\n") + 1


def test_a_record_made_anew_without_the_key_is_noticed(tmp_path, whole):
    """Somebody changes a record, and computes all hashes and signatures after it anew, with a key of their own."""
    forged = grown(tmp_path / "forged.jsonl", COUNT - 3, OTHER).read_bytes().splitlines(keepends=True)
    lines = whole[0].splitlines(keepends=True)
    assert fault(b"".join([*lines[:3], *forged]), whole[1]) == ("signature", 4)
    with pytest.raises(TrailError, match=OTHER.public[:16]):
        verify_trail_bytes(b"".join([*lines[:3], *forged]), whole[1], KEY.public)


def test_a_record_of_another_trail_with_the_same_key_is_noticed(tmp_path, whole):
    other = grown(tmp_path / "other.jsonl", COUNT, start=2).read_bytes().splitlines(keepends=True)
    lines = whole[0].splitlines(keepends=True)
    assert fault(b"".join([*lines[:3], other[3], *lines[4:]]), whole[1]) == ("foreign", 4)


def test_an_older_trail_put_back_is_noticed_by_who_kept_the_head(tmp_path):
    place = grown(tmp_path / "trail.jsonl", 3)
    older = place.read_bytes(), head_of(place).read_bytes()
    grown(place, 2, start=4)
    kept = verify_trail(place, KEY.public).head
    assert len(verify_trail_bytes(*older, KEY.public).records) == 3  # nothing within the files can tell
    assert fault(*older, anchor=kept) == ("truncated", 4)
    grown(place, 1, start=6)
    assert len(verify_trail(place, KEY.public, anchor=kept).records) == 6


def test_an_older_head_put_back_is_noticed(tmp_path):
    place = grown(tmp_path / "trail.jsonl", 3)
    older = head_of(place).read_bytes()
    grown(place, 2, start=4)
    assert fault(place.read_bytes(), older) == ("head", None)


def test_a_trail_without_its_head_is_not_believed(tmp_path):
    place = grown(tmp_path / "trail.jsonl", 2)
    head_of(place).unlink()
    with pytest.raises(TrailError, match="the head is missing"):
        verify_trail(place, KEY.public)
    with pytest.raises(TrailError, match="no such trail"):
        verify_trail(tmp_path / "none.jsonl", KEY.public)


@pytest.mark.parametrize("bytes_left", [1, 40, 400])
def test_a_line_that_broke_off_is_cut_off_and_that_is_recorded(tmp_path, bytes_left):
    place = grown(tmp_path / "trail.jsonl", 3)
    whole = place.read_bytes()
    extra = grown(tmp_path / "longer.jsonl", 4).read_bytes()[len(whole) :][:bytes_left]
    place.write_bytes(whole + extra)
    assert fault(place.read_bytes(), head_of(place).read_bytes()) == ("unfinished", 4)
    Trail(place, KEY).append("Ben", "went on", "model 4", at=AT)
    records = verify_trail(place, KEY.public).records
    assert [record.actor for record in records] == ["Ana", "Ana", "Ana", "trail", "Ben"]
    assert records[3].detail["bytes"] == bytes_left


def test_a_record_that_was_not_sealed_yet_is_kept(tmp_path):
    place = grown(tmp_path / "trail.jsonl", 3)
    before = head_of(place).read_bytes()
    grown(place, 1, start=4)
    head_of(place).write_bytes(before)
    assert verify_trail(place, KEY.public).unsealed == 1
    Trail(place, KEY).append("Ben", "went on", "model 5", at=AT)
    after = verify_trail(place, KEY.public)
    assert (len(after.records), after.unsealed) == (5, 0)


def test_a_killed_writer_leaves_a_trail_that_holds_all_it_said_it_had_written(tmp_path):
    place = tmp_path / "trail.jsonl"
    script = (
        "import sys; from lifecycle.govern import SigningKey, Trail\n"
        "trail = Trail(sys.argv[1], SigningKey.teaching('keeper'))\n"
        "while True: print(trail.append('Ana', 'counted', 'x' * 5000).number, flush=True)"
    )
    writer = subprocess.Popen([sys.executable, "-c", script, place], stdout=subprocess.PIPE, text=True)
    said = 0
    until = time.monotonic() + 120
    while said < 20 and time.monotonic() < until:
        said = int(writer.stdout.readline())
    os.kill(writer.pid, 9)
    rest = writer.communicate()[0].split()
    said = max([said, *(int(text) for text in rest[:-1])])
    Trail(place, KEY).append("Ben", "went on", "after the kill")
    assert said >= 20
    assert len(verify_trail(place, KEY.public).records) > said


def test_writers_take_turns(tmp_path):
    place = tmp_path / "trail.jsonl"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: Trail(place, KEY).append("Ana", "wrote", str(number)), range(24)))
    assert {record.subject for record in verify_trail(place, KEY.public).records} == {str(number) for number in range(24)}


def test_a_trail_with_a_later_key_is_verified_with_both(tmp_path):
    place = grown(tmp_path / "trail.jsonl", 2)
    Trail(place, OTHER, earlier=[KEY.public]).append("Ben", "took over", "the trail", at=AT)
    assert len(verify_trail(place, [KEY.public, OTHER.public]).records) == 3
    assert fault(place.read_bytes(), head_of(place).read_bytes()) == ("signature", 3)


@pytest.mark.parametrize("change", [lambda data: data[:-9], lambda data: data + b"{}\n", lambda data: data + b"{}\n{"])
def test_a_trail_that_was_tampered_with_at_its_end_is_not_continued(tmp_path, change):
    place = grown(tmp_path / "trail.jsonl", 2)
    place.write_bytes(change(place.read_bytes()))
    before = place.read_bytes()
    with pytest.raises(TrailError):
        Trail(place, KEY).append("Ben", "went on", "model 3")
    assert place.read_bytes() == before


def test_the_first_record_of_a_trail_whose_head_is_gone_is_not_taken_for_a_beginning(tmp_path):
    place = grown(tmp_path / "trail.jsonl", 3)
    place.write_bytes(place.read_bytes().splitlines(keepends=True)[0])
    head_of(place).unlink()
    with pytest.raises(TrailError, match="no head that says how many"):
        Trail(place, KEY).append("Ben", "went on", "model 2")


@pytest.mark.parametrize("syncs", [1, 2, 3])
def test_a_first_record_that_was_stopped_anywhere_is_no_hindrance(tmp_path, syncs):
    place = tmp_path / "trail.jsonl"
    real, left = os.fsync, [syncs]

    def stop(descriptor):
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        real(descriptor)

    with pytest.MonkeyPatch.context() as stopped:
        stopped.setattr(os, "fsync", stop)
        with pytest.raises(KeyboardInterrupt):
            Trail(place, KEY).append("Ana", "began", "model 1")
    Trail(place, KEY).append("Ana", "went on", "model 1")
    assert [record.action for record in verify_trail(place, KEY.public).records][-1] == "went on"


def test_a_trail_of_another_key_is_not_continued(tmp_path):
    place = grown(tmp_path / "trail.jsonl", 2)
    with pytest.raises(TrailError, match="another key keeps this trail"):
        Trail(place, OTHER).append("Ben", "went on", "model 3")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"actor": " "}, "`actor` is empty"),
        ({"subject": 3}, "`subject` is empty"),
        ({"detail": {"auc": float("nan")}}, "JSON cannot hold the detail"),
        ({"detail": {"model": object()}}, "JSON cannot hold the detail"),
        ({"detail": {"half": "\ud800"}}, "JSON cannot hold the detail"),
        ({"digests": {"a": "ABC"}}, "no SHA-256"),
        ({"at": "yesterday"}, "no time"),
        ({"at": datetime(2026, 1, 1)}, "no time zone"),
    ],
)
def test_what_cannot_be_a_record_is_refused_before_anything_is_written(tmp_path, said, why):
    with pytest.raises(TrailError, match=why) as caught:
        Trail(tmp_path / "trail.jsonl", KEY).append(**({"actor": "Ana", "action": "did", "subject": "it"} | said))
    assert caught.value.fault == "input"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "line",
    ["[" * 5000, '{"number": 1}', "1" * 5000, '{"number":true,"key":["a"]}', "\ud800".encode("utf-8", "surrogatepass")],
)
def test_no_line_breaks_the_verification(whole, line):
    raw = line if isinstance(line, bytes) else line.encode()
    assert fault(raw + b"\n" + whole[0], whole[1]) == ("inserted", 1)
    assert fault(whole[0], raw) == ("head", None)


def test_a_line_with_the_right_names_and_odd_values_is_no_record(whole):
    content = json.loads(whole[0].splitlines()[0])
    odd = json.dumps(content | {"key": [1], "signature": None}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert fault(odd.encode() + b"\n" + whole[0], whole[1]) == ("inserted", 1)


def test_a_trail_cannot_be_called_like_its_head(tmp_path):
    with pytest.raises(TrailError, match=r"cannot end in \.head"):
        Trail(tmp_path / "trail.head", KEY)
