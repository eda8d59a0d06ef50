import fcntl
import json
import math
import os
import resource
import signal
from concurrent.futures import ThreadPoolExecutor

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifecycle.deploy import Bands, BatchError, PackageError, digest_of_file, rank, run_batch

NIGHT = "2025-11-30"


@pytest.fixture(scope="module")
def table(small_package):
    """200 rows that can be scored, with keys of their own."""
    rows = small_package.golden[list(small_package.features)]
    drawn = rows.iloc[np.random.default_rng(3).integers(0, len(rows), 200)].reset_index(drop=True)
    drawn["amount"] += np.arange(200) / 100
    drawn.insert(0, "entity", np.arange(200)[::-1] + 1000)
    return drawn


def score(package, frame, out, *, name="table.parquet", **options):
    out.mkdir(exist_ok=True)
    place = out / name
    if not place.exists():
        frame.to_parquet(place) if place.suffix == ".parquet" else frame.to_csv(place, index=False)
    return run_batch(package, place, out / "job", **{"date": NIGHT, "chunk": 64, "tolerated": 1, **options})


def read(out, what="scores"):
    return pd.read_parquet(out / f"job/{what}.parquet")


def test_scores_bands_and_ranks_are_those_of_the_package(small_package, small_package_file, table, tmp_path):
    report = score(small_package_file, table, tmp_path)
    found = read(tmp_path).sort_values("row")
    chances = small_package.scores(table[list(small_package.features)])
    assert np.array_equal(found["chance"], chances)
    assert np.array_equal(found["key"], table["entity"])
    assert np.array_equal(found["rank"], rank(chances, table["entity"]))
    assert np.array_equal(found["decision"], small_package.decide(chances))
    assert found["band"].value_counts().to_dict() == {k: v for k, v in report.bands.items() if v}
    assert report.bands == Bands().counts(chances)
    assert report.mean_chance == pytest.approx(chances.mean(), rel=1e-12)
    assert (report.rows, report.scored, report.quarantined, report.chunks, report.flagged) == (
        200, 200, 0, 4, small_package.decide(chances).sum(),
    )  # fmt: skip
    assert set(found["model_version"]) == {"1.2.0"}
    assert found["date"].astype(str).unique().tolist() == [NIGHT]


FAULTS = st.dictionaries(
    st.integers(0, 199), st.tuples(st.integers(0, 5), st.sampled_from([None, 1e12, -1e12, 0.123456789, 5.0])), max_size=12
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(faults=FAULTS, chunk=st.integers(1, 300), threads=st.booleans())
def test_every_row_comes_out_once_and_only_once(
    small_package, small_package_file, table, tmp_path_factory, faults, chunk, threads
):
    tmp_path = tmp_path_factory.mktemp("once")
    frame = table.copy()
    frame["entity"] = frame["entity"].astype("Int64")
    for row, (column, value) in faults.items():
        frame.iloc[row, column] = value if column else (None if value is None else int(frame["entity"][0]))
    if chunk < 10:
        frame = frame.head(30)
    with ThreadPoolExecutor(2) as executor:
        report = score(small_package_file, frame, tmp_path, chunk=chunk, executor=executor if threads else None)
    scored, aside = read(tmp_path), read(tmp_path, "quarantine")
    assert sorted([*scored["row"], *aside["row"]]) == list(range(len(frame)))
    assert report.rows == len(frame) == report.scored + report.quarantined
    assert scored["key"].is_unique
    good = frame.iloc[sorted(scored["row"])]
    chances = small_package.scores(good[list(small_package.features)].astype(float))
    assert np.array_equal(scored.sort_values("row")["chance"], chances)
    assert scored["rank"].tolist() == list(range(1, len(scored) + 1))


def test_the_size_of_the_chunks_does_not_show_in_the_result(small_package_file, table, tmp_path):
    for chunk in (7, 200):
        score(small_package_file, table, tmp_path / str(chunk), chunk=chunk)
    pd.testing.assert_frame_equal(read(tmp_path / "7"), read(tmp_path / "200"))


def test_a_csv_file_gives_the_scores_of_the_parquet_file(small_package_file, table, tmp_path):
    for kind in ("csv", "parquet"):
        score(small_package_file, table, tmp_path / kind, name=f"table.{kind}")
    one, other = (read(tmp_path / kind).sort_values("row") for kind in ("csv", "parquet"))
    assert np.array_equal(one["chance"], other["chance"])
    assert one["key"].tolist() == other["key"].astype(str).tolist()


def test_the_quarantine_says_where_why_and_what(small_package_file, table, tmp_path):
    frame = table.astype({"amount": object, "entity": object})
    frame.loc[5, "amount"], frame.loc[6, "late"], frame.loc[7, "entity"] = "n/a", 99.0, frame["entity"][2]
    report = score(small_package_file, frame, tmp_path, name="table.csv")
    aside = read(tmp_path, "quarantine")
    assert aside["row"].tolist() == [5, 6, 7]
    assert aside["key"].tolist() == ["1194", "1193", "1197"]
    assert aside["reasons"].tolist() == ["amount: not a number", "late: out of range", "entity: repeats row 2"]
    assert json.loads(aside["values"][0])["amount"] == "n/a"
    assert set(report.reasons) > {"amount: not a number", "entity: repeated"}


def test_the_quarantine_holds_the_text_of_a_record_that_cannot_be_split(small_package_file, table, tmp_path):
    lines = table.to_csv(index=False).splitlines()
    lines[4] += ",1"
    (tmp_path / "table.csv").write_text("\n".join(lines) + "\n")
    score(small_package_file, table, tmp_path, name="table.csv")
    aside = read(tmp_path, "quarantine")
    assert aside["reasons"].tolist() == ["record: 7 cells where the header has 6"]
    assert json.loads(aside["values"][0]) == {"line": 5, "text": lines[4]}


def test_a_quote_that_swallows_rows_publishes_nothing(small_package_file, table, tmp_path):
    lines = table.to_csv(index=False).splitlines()
    lines[195] = lines[195].replace(",", ',"', 1)
    (tmp_path / "table.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(BatchError, match="where a record ends"):
        score(small_package_file, table, tmp_path, name="table.csv")
    assert not (tmp_path / "job/scores.parquet").exists()


def test_the_values_of_the_quarantine_are_json_also_where_they_are_no_numbers(small_package_file, table, tmp_path):
    def refuse(name):
        raise AssertionError(f"{name} is not JSON")

    frame = table.assign(amount=table["amount"].where(table.index != 3, math.inf))
    frame.loc[4, "amount"] = -math.inf
    score(small_package_file, frame, tmp_path)
    values = [json.loads(each, parse_constant=refuse) for each in read(tmp_path, "quarantine")["values"]]
    assert [each["amount"] for each in values] == ["inf", "-inf"]


def test_a_folder_may_be_called_like_a_pattern(small_package_file, table, tmp_path):
    (tmp_path / "nights1").mkdir()
    report = score(small_package_file, table, tmp_path / "night[s]*")
    assert (report.scored, len(read(tmp_path / "night[s]*"))) == (200, 200)
    assert rows_in(tmp_path / "night[s]*/job/scores.duckdb") == 200
    score(small_package_file, table, tmp_path / "night?", database=tmp_path / "all.duckdb")
    assert rows_in(tmp_path / "all.duckdb") == len(read(tmp_path / "night?")) == 200


@pytest.mark.parametrize("date", ["20251130", "2025-W48-7"])
def test_a_day_is_the_same_day_however_it_is_written(small_package_file, table, tmp_path, date):
    first = score(small_package_file, table, tmp_path, date=date)
    assert first.job["date"] == NIGHT
    assert score(small_package_file, table, tmp_path) == first
    assert rows_in(tmp_path / "job/scores.duckdb", f"date = '{NIGHT}'") == 200


def test_killed_while_it_claimed_the_folder_the_job_starts_again(small_package_file, table, tmp_path):
    (tmp_path / "job").mkdir()
    left = [tmp_path / "job/.job.json.x1y2", tmp_path / "job/.report.json.x1y2"]
    left[0].write_text('{"table')
    assert score(small_package_file, table, tmp_path).published
    left[1].write_text("{")
    assert score(small_package_file, table, tmp_path).kept == 4
    assert not any(each.exists() for each in left)


@pytest.mark.parametrize("out", ["table.parquet", "table.parquet/job"])
def test_a_folder_that_cannot_be_made_is_said_without_a_traceback(small_package_file, table, tmp_path, out):
    table.to_parquet(tmp_path / "table.parquet")
    with pytest.raises(BatchError, match="could not be written or read"):
        run_batch(small_package_file, tmp_path / "table.parquet", tmp_path / out, date=NIGHT)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ("TABLE scores (mark BIGINT)", "`scores` of another kind"),
        ("TABLE runs (mark BIGINT)", "cannot be opened or written"),
        ("VIEW scores AS SELECT 1 AS mark", "`scores` of another kind"),
    ],
)
def test_a_database_with_tables_of_its_own_is_refused(small_package_file, table, tmp_path, made, message):
    database = tmp_path / "mine.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"CREATE {made}")
        before = connection.execute("SHOW ALL TABLES").fetchall()
    with pytest.raises(BatchError, match=message):
        score(small_package_file, table, tmp_path, database=database)
    with duckdb.connect(str(database)) as connection:
        assert connection.execute("SHOW ALL TABLES").fetchall() == before


def test_a_database_that_this_process_has_open_is_refused(small_package_file, table, tmp_path):
    database = tmp_path / "mine.duckdb"
    with duckdb.connect(str(database)), pytest.raises(BatchError, match="cannot be opened or written"):
        score(small_package_file, table, tmp_path, database=database)
    assert score(small_package_file, table, tmp_path, database=database).kept == 4


def test_a_rerun_changes_nothing(small_package_file, table, tmp_path):
    first = score(small_package_file, table, tmp_path)
    before = digest_of_file(tmp_path / "job/scores.parquet")
    again = score(small_package_file, table, tmp_path)
    assert again == first
    assert (first.kept, again.kept) == (0, 4)
    assert digest_of_file(tmp_path / "job/scores.parquet") == before
    assert rows_in(tmp_path / "job/scores.duckdb") == 200


def rows_in(database, where="true"):
    with duckdb.connect(str(database), read_only=True) as connection:
        assert connection.execute("SELECT count(*) = count(DISTINCT (key, date, model_version)) FROM scores").fetchone()[0]
        return connection.execute(f"SELECT count(*) FROM scores WHERE {where}").fetchone()[0]


def test_a_stopped_job_goes_on_where_it_was_and_ends_the_same(small_package_file, table, tmp_path):
    whole = score(small_package_file, table, tmp_path / "whole")

    def stop(done, total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score(small_package_file, table, tmp_path / "cut", progress=stop)
    assert not (tmp_path / "cut/job/scores.parquet").exists()
    report = score(small_package_file, table, tmp_path / "cut")
    assert (report, report.kept) == (whole, 2)
    assert digest_of_file(tmp_path / "cut/job/scores.parquet") == digest_of_file(tmp_path / "whole/job/scores.parquet")


@pytest.mark.parametrize("harm", ["gone", "cut", "swapped"])
def test_a_finished_chunk_whose_file_is_not_what_was_entered_is_done_again(small_package_file, table, tmp_path, harm):
    first = score(small_package_file, table, tmp_path)
    before = digest_of_file(tmp_path / "job/scores.parquet")
    part, other = (tmp_path / f"job/parts/{number:06d}.scores.parquet" for number in (1, 2))
    if harm == "gone":
        part.unlink()
    else:
        part.write_bytes(part.read_bytes()[:-5] if harm == "cut" else other.read_bytes())
    report = score(small_package_file, table, tmp_path)
    assert (report, report.kept) == (first, 3)
    assert digest_of_file(tmp_path / "job/scores.parquet") == before


def test_one_database_takes_many_days_and_mended_rows(small_package_file, table, tmp_path):
    database = tmp_path / "all.duckdb"
    for name, frame, date in (
        ("a", table.assign(amount=table["amount"].where(table.index != 3)), NIGHT),
        ("b", table, NIGHT),
        ("c", table.head(50).astype({"entity": "uint16"}), "2025-12-01"),
    ):
        score(small_package_file, frame, tmp_path / name, database=database, date=date)
    assert rows_in(database) == 250
    assert rows_in(database, f"date = '{NIGHT}'") == 200


def test_a_row_whose_score_changed_is_replaced(small_package_file, table, tmp_path):
    database = tmp_path / "all.duckdb"
    for name, frame in (("a", table), ("b", table.assign(late=8.0))):
        score(small_package_file, frame, tmp_path / name, database=database)
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute("SELECT key, chance FROM scores ORDER BY key").df()
        assert connection.execute("SELECT count(*) FROM runs").fetchone()[0] == 2
    expected = read(tmp_path / "b").sort_values("key")
    assert np.array_equal(found["chance"], expected["chance"])


def test_keys_of_another_type_do_not_enter_a_database(small_package_file, table, tmp_path):
    database = tmp_path / "all.duckdb"
    score(small_package_file, table, tmp_path / "a", database=database)
    with pytest.raises(BatchError, match="keys of type BIGINT"):
        score(small_package_file, table, tmp_path / "b", database=database, name="table.csv")
    assert rows_in(database) == 200


def test_a_version_that_was_another_model_is_refused_and_writes_nothing(small_package_file, table, tmp_path):
    report = score(small_package_file, table, tmp_path)
    with duckdb.connect(str(tmp_path / "job/scores.duckdb")) as connection:
        connection.execute("UPDATE runs SET model_digest = 'another'")
    with pytest.raises(BatchError, match=r"version 1\.2\.0 is already there"):
        score(small_package_file, table, tmp_path)
    assert rows_in(tmp_path / "job/scores.duckdb") == report.scored


def test_too_much_set_aside_publishes_nothing(small_package_file, table, tmp_path):
    frame = table.assign(amount=table["amount"].where(table.index > 20))
    report = score(small_package_file, frame, tmp_path, tolerated=0.1)
    assert (report.published, report.quarantined) == (False, 21)
    assert not (tmp_path / "job/scores.parquet").exists()
    assert json.loads((tmp_path / "job/report.json").read_text())["published"] is False
    assert "NOT published" in str(report)
    assert score(small_package_file, frame, tmp_path, tolerated=0.2).published


def test_a_table_without_rows_is_a_job_too(small_package_file, table, tmp_path):
    for name in ("table.parquet", "table.csv"):
        out = tmp_path / name
        report = score(small_package_file, table.head(0), out, name=name)
        assert (report.rows, report.scored, report.published) == (0, 0, True)
        assert report.facts()["mean_chance"] is None
        assert len(read(out)) == len(read(out, "quarantine")) == rows_in(out / "job/scores.duckdb") == 0
        assert {"key", "chance", "rank"} < set(read(out).columns)


@pytest.mark.parametrize(
    ("change", "differs"),
    [({"date": "2025-12-01"}, "date"), ({"chunk": 50}, "chunk"), ({"bands": Bands(0.1, 0.2)}, "medium, high")],
)
def test_a_folder_of_another_job_is_refused(small_package_file, table, tmp_path, change, differs):
    score(small_package_file, table, tmp_path)
    with pytest.raises(BatchError, match=f"another job: {differs}"):
        score(small_package_file, table, tmp_path, **change)


def test_a_folder_with_something_else_is_refused(small_package_file, table, tmp_path):
    (tmp_path / "job").mkdir()
    (tmp_path / "job/thesis.txt").touch()
    with pytest.raises(BatchError, match="something else"):
        score(small_package_file, table, tmp_path)


def test_two_at_once_in_one_folder_the_second_is_refused(small_package_file, table, tmp_path):
    (tmp_path / "job").mkdir()
    held = os.open(tmp_path / "job/.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(BatchError, match="another run"):
        score(small_package_file, table, tmp_path)
    os.close(held)
    assert score(small_package_file, table, tmp_path).published


def test_a_table_that_changes_under_the_job_is_noticed(small_package_file, table, tmp_path):
    def rewrite(done, total):
        if done == 1:
            table.assign(late=0.0).to_parquet(tmp_path / "table.parquet")

    with pytest.raises(BatchError, match="changed while it was read"):
        score(small_package_file, table, tmp_path, progress=rewrite)
    assert not (tmp_path / "job/scores.parquet").exists()


def test_a_package_that_is_not_the_approved_one_scores_nothing(small_package_file, table, tmp_path):
    with pytest.raises(PackageError):
        score(small_package_file, table, tmp_path, digest="0" * 64)
    assert not (tmp_path / "job").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"date": "30.11."}, "no date"),
        ({"chunk": 0}, "chunk of 0 rows"),
        ({"tolerated": math.nan}, "tolerated"),
        ({"database": "what?.duckdb"}, "with `[?]`"),
    ],
)
def test_a_request_that_cannot_be_is_refused(small_package_file, table, tmp_path, options, message):
    with pytest.raises(BatchError, match=message):
        score(small_package_file, table, tmp_path, **options)


def test_a_disk_that_cannot_be_written_is_said_without_a_traceback(small_package_file, table, tmp_path):
    def limited(done, total):
        resource.setrlimit(resource.RLIMIT_FSIZE, (50, before[1]))

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit is then an OSError, as on a full disk
    try:
        with pytest.raises(BatchError, match=r"could not be (written or read|read or written)"):
            score(small_package_file, table, tmp_path, progress=limited)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    report = score(small_package_file, table, tmp_path)
    assert (report.published, report.kept) == (True, 1)
    assert not [*(tmp_path / "job/parts").glob(".*")]


def test_no_such_table(small_package_file, tmp_path):
    with pytest.raises(BatchError, match="no such table"):
        run_batch(small_package_file, tmp_path / "none.parquet", tmp_path / "job", date=NIGHT)
