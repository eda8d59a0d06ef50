"""The newest part of a log goes to its main file beside the service: nobody waits, nothing is lost, the file stays small."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing

from lifecycle.deploy import RequestLog, read_log
from lifecycle.deploy.serving.checkpoints import Checkpoints
from lifecycle.deploy.serving.request_log import Entry


def log_of(path, *, commits):
    log = RequestLog(path)
    log._checkpoints = Checkpoints(path, commits=commits)
    return log


def write(log, count):
    for number in range(count):
        log.write([Entry(f"r{number}", 0, 0.0, 200, "1.0.0", "0" * 64, (1.0, 2.0), 0, 0.5)])


def newest(path):
    return path.with_name(path.name + "-wal").stat().st_size


def test_the_log_begins_anew_after_a_copy_and_holds_everything(tmp_path):
    without, often = log_of(tmp_path / "without.sqlite", commits=10**6), log_of(tmp_path / "often.sqlite", commits=50)
    for _ in range(10):
        write(without, 50)
        write(often, 50)
        often._checkpoints.close()  # the copy has been made

    assert newest(often.path) < newest(without.path) / 2
    often.close()
    without.close()
    assert list(read_log(often.path)["request_id"]) == 10 * [f"r{number}" for number in range(50)]


def test_a_reader_sees_the_same_before_and_after_a_copy(tmp_path):
    log = log_of(tmp_path / "log.sqlite", commits=10)
    with closing(sqlite3.connect(log.path)) as reader:
        write(log, 9)
        before = reader.execute("SELECT count(*) FROM requests").fetchone()
        write(log, 1)
        log.close()
        after = reader.execute("SELECT count(*) FROM requests").fetchone()
    assert (before, after) == ((9,), (10,))


def test_it_goes_on_after_the_log_was_closed(tmp_path):
    log = log_of(tmp_path / "log.sqlite", commits=2)
    for _ in range(3):
        write(log, 3)
        log.close()
    assert len(read_log(log.path)) == 9


def test_a_copy_that_fails_is_said_and_loses_nothing(tmp_path, caplog):
    (tmp_path / "text.sqlite").write_text("this is no database, and long enough to be taken for one" * 40)
    checkpoints = Checkpoints(tmp_path / "text.sqlite", commits=1)
    with caplog.at_level(logging.WARNING):
        checkpoints.committed()
        checkpoints.close()
    assert "could not be copied" in caplog.text
