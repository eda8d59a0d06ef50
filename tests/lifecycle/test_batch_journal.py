from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifecycle.deploy import Journal

ENTRIES = [{"number": number, "rows": 10 * number, "name": "größe"} for number in range(4)]
FAST = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def written(place):
    with Journal(place) as journal:
        for entry in ENTRIES:
            journal.add(entry)
    return place.read_bytes()


@FAST
@given(cut=st.integers(0, 400))
def test_cut_anywhere_it_knows_what_was_whole_and_takes_more(tmp_path, cut):
    place = tmp_path / "journal.jsonl"
    place.unlink(missing_ok=True)
    data = written(place)
    kept = data[: min(cut, len(data))]
    place.write_bytes(kept)
    whole = [
        entry for number, entry in enumerate(ENTRIES) if len(kept) >= len(b"".join(data.splitlines(True)[: number + 1])) - 1
    ]
    with Journal(place) as journal:
        assert list(journal.entries.values()) == whole
        journal.add({"number": 9})
    with Journal(place) as journal:
        assert list(journal.entries.values()) == [*whole, {"number": 9}]


@FAST
@given(position=st.integers(0, 10_000), value=st.integers(0, 255))
def test_a_byte_that_changed_costs_at_most_one_line_and_never_lies(tmp_path, position, value):
    place = tmp_path / "journal.jsonl"
    place.unlink(missing_ok=True)
    data = bytearray(written(place))
    data[position % len(data)] = value
    place.write_bytes(data)
    with Journal(place) as journal:
        found = list(journal.entries.values())
    assert len(found) >= len(ENTRIES) - 2  # a line end that changed joins two lines
    assert all(entry in ENTRIES for entry in found)


def test_the_last_entry_of_a_chunk_counts(tmp_path):
    with Journal(tmp_path / "journal.jsonl") as journal:
        journal.add({"number": 1, "rows": 5})
        journal.add({"number": 1, "rows": 6})
        journal.forget(0)
    with Journal(tmp_path / "journal.jsonl") as journal:
        assert journal.entries == {1: {"number": 1, "rows": 6}}
        journal.forget(1)
        assert journal.entries == {}
