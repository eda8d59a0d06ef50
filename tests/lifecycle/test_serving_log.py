import asyncio
import sqlite3
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import looped
from lifecycle.deploy import LogError, RequestLog, read_log
from lifecycle.deploy.serving.request_log import Entry


def _entry(number, **other):
    return Entry(f"id{number}", 0, 1.7e9 + number, 200, "1.0.0", "f" * 64, **other)


def test_what_was_written_is_read_while_the_log_is_open(tmp_path):
    log = RequestLog(tmp_path / "deep" / "log.sqlite")
    log.write([_entry(1, features=(0.1, 2.0), prediction=1, probability=0.75), _entry(2, error="no")])
    frame = read_log(log.path)
    log.close()
    assert frame["request_id"].tolist() == ["id1", "id2"]
    assert frame["features"].tolist() == [[0.1, 2.0], None]
    assert frame["time"][0].isoformat() == "2023-11-14T22:13:21+00:00"
    assert (frame["probability"][0], frame["error"][1]) == (0.75, "no")


def test_a_log_is_continued(tmp_path):
    for number in range(3):
        log = RequestLog(tmp_path / "log.sqlite", synced=True)
        log.write([_entry(number)])
        log.close()
    log.write([_entry(3)])  # closed, and opened again by itself
    log.close()
    assert read_log(log.path)["request_id"].tolist() == ["id0", "id1", "id2", "id3"]


@settings(max_examples=20, deadline=None)
@given(sizes=st.lists(st.integers(1, 3), min_size=1, max_size=12))
def test_entries_that_arrive_together_share_a_commit_and_keep_their_order(sizes, tmp_path_factory):
    log = RequestLog(tmp_path_factory.mktemp("log") / "log.sqlite")
    committed = []

    async def request(number, size):
        await log.record(*(_entry(10 * number + part) for part in range(size)))
        committed.append(len(read_log(log.path)))

    async def together():
        await asyncio.gather(*(request(number, size) for number, size in enumerate(sizes)))

    looped.run(together())
    log.close()
    assert set(committed) == {sum(sizes)}  # whoever goes on finds everything committed
    expected = [f"id{10 * number + part}" for number, size in enumerate(sizes) for part in range(size)]
    assert read_log(log.path)["request_id"].tolist() == expected


def test_a_client_who_leaves_takes_nobody_elses_entry_along(tmp_path):
    log = RequestLog(tmp_path / "log.sqlite")

    async def leave():
        gone, stays = (asyncio.ensure_future(log.record(_entry(number))) for number in (1, 2))
        await asyncio.sleep(0)
        gone.cancel()
        await stays
        assert gone.cancelled()

    looped.run(leave())
    log.close()
    assert read_log(log.path)["request_id"].tolist() == ["id1", "id2"]


def test_everyone_who_waits_hears_of_a_failure(tmp_path):
    log = RequestLog(tmp_path / "log.sqlite")
    log.write([_entry(0)])
    with sqlite3.connect(log.path) as other:
        other.execute("ALTER TABLE requests RENAME TO old")
    other.close()

    async def both():
        return await asyncio.gather(log.record(_entry(1)), log.record(_entry(2)), return_exceptions=True)

    answers = looped.run(both())
    log.close()
    assert [type(answer) for answer in answers] == [LogError, LogError]


def test_a_file_that_is_no_log_is_named(tmp_path):
    with pytest.raises(LogError, match=r"log\.sqlite: there is no such log"):
        read_log(tmp_path / "log.sqlite")
    place = tmp_path / "text.sqlite"
    place.write_text("not a database, though it is long enough to be taken for one at first sight" * 20)
    with pytest.raises(LogError, match="not a request log"):
        read_log(place)
    with pytest.raises(LogError, match="cannot be written"):
        RequestLog(place).write([_entry(1)])


def test_a_check_leaves_no_trace_and_sees_a_lock_and_another_table(tmp_path):
    log = RequestLog(tmp_path / "log.sqlite")
    log.write([_entry(1)])
    log.check()
    log.write([_entry(2)])
    assert read_log(log.path)["request_id"].tolist() == ["id1", "id2"]
    other = sqlite3.connect(log.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LogError, match="locked"):
        log.check()
    other.execute("ROLLBACK")
    log.check()
    log.close()
    other.execute("DROP TABLE requests")
    other.execute("CREATE TABLE requests (a TEXT)")
    other.close()
    with pytest.raises(LogError, match="cannot be written"):
        log.check()


FULL = """
import resource, sys
from lifecycle.deploy import LogError, RequestLog

log = RequestLog(sys.argv[1])
log.check()
size = log.path.with_name("log.sqlite-wal").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
try:
    log.check()
except LogError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process")
def test_a_check_sees_that_no_byte_can_be_written(tmp_path):
    """A file that may not grow stands for a full disk; both show when a commit writes, and not before."""
    done = subprocess.run([sys.executable, "-c", FULL, tmp_path / "log.sqlite"], capture_output=True, text=True, check=True)
    assert "cannot be written" in done.stdout
