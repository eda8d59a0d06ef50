"""Erasure: after it, nobody finds the person in any file, others are untouched, and what must be trained again is named."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifecycle.govern import ErasureError, GovernanceError, Lineage, Subject, erase, find_traces

PEOPLE = pd.DataFrame(
    {
        "customer_id": [f"C{number:05d}" for number in range(1, 9)],
        "entity": range(1, 9),
        "email": [f"person{number}@example.org" for number in range(1, 9)],
        "spent": [1.5 * number for number in range(1, 9)],
        "note": ["", "see C00003", "", "likes tea", "", "a friend of person3@example.org", "", ""],
    }
)
THIRD = Subject({"customer_id": "C00003", "entity": 3, "email": "person3@example.org"})


def parquet(frame: pd.DataFrame, **options) -> bytes:
    out = io.BytesIO()
    frame.to_parquet(out, **options)
    return out.getvalue()


def database(frame: pd.DataFrame, *more: str) -> bytes:
    """A SQLite file with a table `people`, made in memory."""
    with sqlite3.connect(":memory:") as made:
        frame.to_sql("people", made, index=False)
        for statement in more:
            made.execute(statement)
        made.commit()
        return made.serialize()


def zipped(files: dict[str, bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packed) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


FORMS = {
    "csv": ("people.csv", lambda frame: frame.to_csv(index=False).encode()),
    "csv of elsewhere": (
        "people.csv",
        lambda frame: frame.to_csv(index=False, sep=";", lineterminator="\r\n").encode("utf-16"),
    ),
    "parquet": ("people.parquet", parquet),
    "parquet of categories": (
        "people.parquet",
        lambda frame: parquet(frame.astype({"email": "category", "note": "category"})),
    ),
    "sqlite": ("people.db", database),
    "lines of json": ("people.jsonl", lambda frame: frame.to_json(orient="records", lines=True).encode()),
    "json, rows": ("people.json", lambda frame: frame.to_json(orient="records", indent=1).encode()),
    "json, columns": ("people.json", lambda frame: frame.to_json().encode()),
    "json, lists": ("people.json", lambda frame: json.dumps({"n": 1, "rows": frame.to_dict("list")}).encode()),
    "json, split": ("people.json", lambda frame: frame.to_json(orient="split").encode()),
}
PACKED = {
    "plain": lambda name, data: (name, data),
    "gzip": lambda name, data: (f"{name}.gz", gzip.compress(data)),
    "zip": lambda name, data: ("backup.zip", zipped({f"day/{name}": data, "empty.txt": b""})),
    "stored zip": lambda name, data: ("backup.zip", zipped({name: data}, zipfile.ZIP_STORED)),
    "tar": lambda name, data: ("backup.tar.gz", tarred({name: data})),
    "zip in zip": lambda name, data: ("backup.zip", zipped({"inner.zip": zipped({name: data})})),
}


def unpacked(data: bytes) -> bytes:
    """The one table within archives, by other means than the code under test."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return unpacked(archive.read(archive.namelist()[0]))
    if data[:2] == b"\x1f\x8b":
        return unpacked(gzip.decompress(data))
    if data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            return unpacked(archive.extractfile(archive.getmembers()[0]).read())
    return data


def read(form: str, data: bytes) -> pd.DataFrame:
    data = unpacked(data)
    if form.startswith("csv"):
        text = data.decode("utf-16" if "elsewhere" in form else "utf-8")
        return pd.read_csv(io.StringIO(text), sep=";" if "elsewhere" in form else ",", keep_default_na=False)
    if form.startswith("parquet"):
        return pd.read_parquet(io.BytesIO(data))
    if form == "sqlite":
        with sqlite3.connect(":memory:") as read:
            read.deserialize(data)
            return pd.read_sql("SELECT * FROM people", read)
    if form == "lines of json":
        return pd.read_json(io.BytesIO(data), lines=True)
    if form == "json, lists":
        return pd.DataFrame(json.loads(data)["rows"])
    return pd.read_json(io.BytesIO(data), orient={"json, columns": "columns", "json, split": "split"}.get(form, "records"))


@pytest.mark.parametrize(
    ("form", "packed"),
    [*((form, "plain") for form in FORMS), *(("csv", packed) for packed in PACKED), ("sqlite", "zip"), ("parquet", "tar")],
)
def test_a_person_is_taken_out_and_all_others_stay_as_they_were(tmp_path, form, packed):
    name, write = FORMS[form]
    name, data = PACKED[packed](name, write(PEOPLE))
    (tmp_path / name).write_bytes(data)
    assert find_traces(tmp_path, THIRD)
    done = erase(tmp_path, THIRD)
    assert [(each.file, each.rows, each.mentions) for each in done.files] == [(name, 1, 2)]
    assert find_traces(tmp_path, THIRD) == []
    left = read(form, (tmp_path / name).read_bytes()).reset_index(drop=True)
    others = PEOPLE[PEOPLE["entity"] != 3].reset_index(drop=True)
    assert left.drop(columns="note").astype(str).equals(others.drop(columns="note").astype(str))
    assert list(left["note"]) == ["", "see [erased]", "likes tea", "", "a friend of [erased]", "", ""]
    assert b"C00003" not in unpacked((tmp_path / name).read_bytes())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.lists(
        st.tuples(st.sampled_from([*FORMS]), st.sampled_from([*PACKED]), st.integers(0, 2)), min_size=1, max_size=5
    ),
    who=st.integers(1, 8),
    stopped=st.integers(0, 4),
)
def test_nothing_is_left_even_where_the_erasure_was_stopped(tmp_path_factory, monkeypatch, files, who, stopped):
    folder = tmp_path_factory.mktemp("run")
    for number, (form, packed, depth) in enumerate(files):
        name, data = PACKED[packed](FORMS[form][0], FORMS[form][1](PEOPLE))
        place = folder / "/".join(["a", "b"][:depth]) / f"{number}-{name}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    (folder / "service.log").write_text("".join(f"GET /score?entity={number} 200\n" for number in range(1, 9)))
    subject = Subject({"customer_id": f"C{who:05d}"})
    whole = subject.also([("entity", who), ("email", f"person{who}@example.org")])
    real, left = Path.replace, [stopped]

    def replace(self, target):
        left[0] -= Path(target).parent.name != ".erasure"  # a file of the run takes its new contents
        if left[0] < 0:
            raise KeyboardInterrupt
        return real(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace)
        with suppress(KeyboardInterrupt):
            erase(folder, subject, linked=["entity", "email"])
    if (folder / ".erasure").exists():
        done = erase(folder, subject, linked=["entity", "email"])
        assert len(done.files) == len(files) + 1
    assert not (folder / ".erasure").exists()
    assert find_traces(folder, whole) == []
    for number, (form, packed, depth) in enumerate(files):
        name = PACKED[packed](FORMS[form][0], b"")[0]
        table = read(form, (folder / "/".join(["a", "b"][:depth]) / f"{number}-{name}").read_bytes())
        assert sorted(table["entity"]) == [number for number in range(1, 9) if number != who]
    assert (folder / "service.log").read_text().count("\n") == 7


def test_a_word_of_theirs_is_found_in_every_spelling(tmp_path):
    subject = Subject({"name": "Zoë O'Neill"}, mentions=["zoe&co@example.org"])
    lines = [
        "GET /?who=Zo%C3%AB%20O%27Neill", "GET /?who=Zo%C3%AB+O%27Neill", '{"who": "Zo\\u00eb O\'Neill"}',
        "<b>Zoë O&#x27;Neill</b>", "ZOË O'NEILL", "Zoe\u0308 O'Neill", "mail=zoe%26co%40example.org", "Zoë O'Neillson",
        "xzoe&co@example.org",
    ]  # fmt: skip
    (tmp_path / "web.log").write_text("\n".join(lines), encoding="utf-8")
    erase(tmp_path, subject)
    assert (tmp_path / "web.log").read_text(encoding="utf-8").splitlines() == lines[-2:]


@pytest.mark.parametrize(
    ("line", "about"),
    [
        ("entity=17 scored", True), ('{"entity": 17}', True), ("entity: '17'", True), ("entity=170", False),
        ("entity=17.5", False), ("identity=17", False), ("waited 17 ms", False), ("C00017 called", True),
        ("C000171 called", False), ("XC00017", False),
    ],
)  # fmt: skip
def test_a_number_is_the_person_only_beside_its_name(line, about):
    assert Subject({"entity": 17, "customer_id": "C00017"}).named_in(line) is about


@pytest.mark.parametrize(
    ("own", "value", "same"),
    [
        (17, 17, True), (17, "17", True), (17, 17.0, True), (17, " 17 ", True), ("17", 17, True), (17, "17.5", False),
        ("017", 17, False), ("017", "017", True), (2**53, 2**53 + 1, False), (17, None, False), (17, True, False),
        ("C1", "c1", True), (17, "1_7", False), (17, float("nan"), False),
    ],
)  # fmt: skip
def test_a_number_is_one_number_however_it_is_written(own, value, same):
    assert Subject({"entity": own}).known_as("entity", value) is same


def test_free_text_keeps_its_lines(tmp_path):
    (tmp_path / "report.md").write_text("# Cases\n\nC00003 and entity=3 complained; C00004 did not.\n")
    erase(tmp_path, THIRD)
    assert (tmp_path / "report.md").read_text() == "# Cases\n\n[erased] and entity=[erased] complained; C00004 did not.\n"


def test_other_lines_of_a_csv_file_keep_every_byte(tmp_path):
    text = 'customer_id,spent,note\r\nC00001,"1.50","said ""no"",\nthen yes"\r\nC00003,2,x\r\nC00004, 3 ,\'y\'\r\n'
    (tmp_path / "a.csv").write_bytes(text.encode())
    erase(tmp_path, THIRD)
    assert (tmp_path / "a.csv").read_bytes().decode() == text.replace("C00003,2,x\r\n", "")


def test_a_file_without_the_person_is_not_touched(tmp_path):
    (tmp_path / "b.json").write_text('{"a":1e3,\n "b": [ ]}')
    (tmp_path / "c.bin").write_bytes(bytes(range(256)))
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()}
    done = erase(tmp_path, THIRD)
    assert (done.files, done.unread) == ((), ("c.bin",))
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()} == before


def test_files_and_folders_that_are_called_after_the_person_go(tmp_path):
    (tmp_path / "exports" / "C00003").mkdir(parents=True)
    (tmp_path / "exports" / "C00003" / "all.json").write_text("{}")
    (tmp_path / "exports" / "C00003.txt").write_text("hello")
    (tmp_path / "exports" / "C00004.json").write_text("{}")
    (tmp_path / "b.zip").write_bytes(zipped({"C00003.txt": b"hello", "C00004.txt": b"hello"}))
    done = erase(tmp_path, THIRD)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["C00004.json", "b.zip", "exports"]
    assert zipfile.ZipFile(tmp_path / "b.zip").namelist() == ["C00004.txt"]
    assert "C00003" not in str(done)
    assert [(each.file, each.rows) for each in done.files] == [("(files called after the person)", 2), ("b.zip", 1)]


def test_a_document_about_the_person_goes_as_a_whole(tmp_path):
    (tmp_path / "case.json").write_text('{"customer_id": "C00003", "lines": [1, 2]}')
    cases = {"open": {"C00003": {"n": 1}, "C00004": {"n": 2}}, "last": {"entity": 3}, "entity": {"mean": 3}}
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    done = erase(tmp_path, THIRD)
    assert not (tmp_path / "case.json").exists()
    assert [each.removed for each in done.files] == [True, False]
    assert json.loads((tmp_path / "cases.json").read_text()) == {"open": {"C00004": {"n": 2}}, "entity": {"mean": 3}}


def test_what_a_database_keeps_of_deleted_rows_goes_too(tmp_path):
    """A row that was deleted before stands in a free page, one more in the write-ahead log, one in what a trigger copied."""
    place = tmp_path / "people.db"
    with sqlite3.connect(place) as made:
        PEOPLE.to_sql("people", made, index=False)
        made.execute("CREATE TABLE audit (was TEXT)")
        made.execute("CREATE TRIGGER t AFTER DELETE ON people BEGIN INSERT INTO audit VALUES (old.email || ' left'); END")
        made.execute("CREATE INDEX i ON people (email)")
        made.execute("ANALYZE")
        made.execute("CREATE TABLE once (email TEXT UNIQUE)")
        made.execute("INSERT INTO once VALUES ('person3@example.org'), ('to person3@example.org'), ('person4@example.org')")
        made.execute("CREATE TABLE blobs (raw BLOB)")
        made.execute("INSERT INTO blobs VALUES (CAST('who: C00003' AS BLOB))")
    with sqlite3.connect(place) as made:
        made.execute("PRAGMA secure_delete=OFF")
        made.execute("DELETE FROM people WHERE entity = 3")
    assert b"person3@example.org" in place.read_bytes()
    open_one = sqlite3.connect(place)
    open_one.execute("PRAGMA journal_mode=WAL")
    open_one.execute("INSERT INTO people VALUES ('C00003', 3, 'person3@example.org', 1, '')")
    open_one.commit()
    (tmp_path / "copy.db").write_bytes(place.read_bytes())
    (tmp_path / "copy.db-wal").write_bytes((tmp_path / "people.db-wal").read_bytes())
    open_one.close()
    erase(tmp_path, THIRD)
    assert find_traces(tmp_path, THIRD) == []
    for name in ("people.db", "copy.db"):
        assert b"person3" not in (tmp_path / name).read_bytes()
        with sqlite3.connect(tmp_path / name) as left:
            assert left.execute("SELECT count(*) FROM people").fetchone() == (7,)
            assert left.execute("SELECT email FROM once WHERE email LIKE '%@%'").fetchall() == [("person4@example.org",)]
    assert not list(tmp_path.glob("*-wal"))


def test_what_a_parquet_file_keeps_beside_its_rows_goes_too(tmp_path):
    """Statistics, dictionaries, notes, and a column that is called after the person."""
    table = pa.table(
        {
            "entity": [3, 4],
            "email": pa.array(["person3@example.org", "x"]).dictionary_encode(),
            "C00003": [1, 2],
            "list": [["a"], ["person3@example.org"]],
            "deep": [{"entity": 4}, {"entity": 3}],
        }
    ).replace_schema_metadata({"made for": "C00003", "version": "2"})
    pq.write_table(table, tmp_path / "a.parquet", compression="gzip")
    erase(tmp_path, THIRD)
    left = pq.read_table(tmp_path / "a.parquet")
    assert left.to_pylist() == [{"entity": 4, "email": "x", "list": ["[erased]"], "deep": None}]
    assert left.schema.metadata == {b"version": b"2"}
    assert left["email"].chunk(0).dictionary.to_pylist() == ["x"]
    assert pq.ParquetFile(tmp_path / "a.parquet").metadata.row_group(0).column(0).compression == "GZIP"


def test_a_feature_store_of_duckdb_is_cleared_and_keeps_no_old_blocks(tmp_path):
    import duckdb

    place = tmp_path / "store.duckdb"
    with duckdb.connect(str(place)) as made:
        made.register("people", PEOPLE)
        made.execute("CREATE SCHEMA f; CREATE TABLE f.people AS SELECT * FROM people; CREATE VIEW many AS SELECT 1 AS one")
    script = "import duckdb, os, sys; made = duckdb.connect(sys.argv[1]); made.execute(sys.argv[2]); os._exit(0)"
    insert = "INSERT INTO f.people VALUES ('C00003', 3, 'person3@example.org', 1, '')"
    subprocess.run([sys.executable, "-c", script, place, insert], check=True)
    assert b"person3" in (tmp_path / "store.duckdb.wal").read_bytes()
    (tmp_path / "a.zip").write_bytes(zipped({"store.duckdb": place.read_bytes()}))
    found = {trace.file for trace in find_traces(tmp_path, THIRD)}
    assert found == {"store.duckdb", "store.duckdb.wal", "a.zip: store.duckdb"}
    done = erase(tmp_path, THIRD)
    assert [(each.rows, each.mentions) for each in done.files] == [(1, 2), (2, 2)]
    assert b"person3" not in place.read_bytes()
    with duckdb.connect(str(place)) as left:
        assert left.execute("SELECT count(*) FROM f.people, many").fetchone() == (7,)


def test_linked_columns_lead_on_and_the_models_are_named(tmp_path):
    """Known by a number, the person is found under a pseudonym in the features and by e-mail in a log."""
    (tmp_path / "raw").mkdir()
    PEOPLE.to_csv(tmp_path / "raw" / "people.csv", index=False)
    features = PEOPLE[["entity", "spent"]].assign(pseudonym=[f"p-{number}fe3a" for number in range(1, 9)])
    features.to_parquet(tmp_path / "features.parquet")
    (tmp_path / "served.jsonl").write_text('{"pseudonym": "p-3fe3a", "score": 0.2}\n{"pseudonym": "p-4fe3a"}\n')
    (tmp_path / "mail.log").write_text("sent to person3@example.org\nsent to person4@example.org\n")
    (tmp_path / "model.json").write_text("[0.1, 0.2]")
    (tmp_path / "other.csv").write_text("email\nperson3@example.org\n")
    lineage = Lineage()
    lineage.add("table:features.parquet", made_of=["table:raw/people.csv"])
    lineage.add("model:model.json", made_of=["table:features.parquet"])
    lineage.add("figure:metrics.json", made_of=["model:model.json"])
    lineage.add("model:unrelated.json", made_of=["table:weather.csv"])
    lineage.add("log:served.jsonl", made_of=["model:model.json"])
    lineage.add("log:mail.log")
    done = erase(tmp_path, Subject({"entity": 3}), linked=["customer_id", "email", "pseudonym"], lineage=lineage)
    assert (done.retrain, done.remake, done.unknown) == (("model:model.json",), ("figure:metrics.json",), ("other.csv",))
    assert [each.file for each in done.files] == [
        "features.parquet",
        "mail.log",
        "other.csv",
        "raw/people.csv",
        "served.jsonl",
    ]
    assert (tmp_path / "mail.log").read_text() == "sent to person4@example.org\n"
    assert len(pd.read_parquet(tmp_path / "features.parquet")) == 7
    assert find_traces(tmp_path, THIRD.also([("pseudonym", "p-3fe3a")])) == []


def test_a_value_that_two_people_share_is_refused_before_anything_is_erased(tmp_path):
    (tmp_path / "a.csv").write_text("entity,phone\n3,555-0100-22\n4,555-0100-22\n")
    with pytest.raises(ErasureError, match="linked column `phone` also stands in a row of somebody else"):
        erase(tmp_path, Subject({"entity": 3}), linked=["phone"])
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert erase(tmp_path, Subject({"entity": 3})).files[0].rows == 1


def test_what_cannot_be_cleared_is_said_and_the_same_call_finishes_later(tmp_path):
    PEOPLE.to_csv(tmp_path / "people.csv", index=False)
    (tmp_path / "model.pickle").write_bytes(b"\x80\x04\0\0person3@example.org\0")
    (tmp_path / "torn.zip").write_bytes(zipped({"a.csv": PEOPLE.to_csv().encode()})[:-30])
    with pytest.raises(ErasureError, match="2 files could not be cleared") as caught:
        erase(tmp_path, THIRD)
    assert {trace.file for trace in caught.value.traces} == {"model.pickle", "torn.zip"}
    with pytest.raises(ErasureError, match="somebody else was not finished"):
        erase(tmp_path, Subject({"entity": 4}))
    (tmp_path / "model.pickle").unlink()
    (tmp_path / "torn.zip").unlink()
    assert [each.file for each in erase(tmp_path, THIRD).files] == ["people.csv"]
    assert len(pd.read_csv(tmp_path / "people.csv")) == 7


@pytest.mark.parametrize("share", [0.3, 0.9])
@pytest.mark.parametrize(
    ("form", "packed"), [*((form, "plain") for form in FORMS), ("csv", "gzip"), ("csv", "zip"), ("csv", "tar")]
)
def test_a_file_that_broke_off_is_cleared_or_named_and_stops_nothing(tmp_path, form, packed, share):
    name, data = PACKED[packed](FORMS[form][0], FORMS[form][1](pd.concat([PEOPLE] * 40, ignore_index=True)))
    (tmp_path / name).write_bytes(data[: int(share * len(data))])
    (tmp_path / "z.log").write_text("C00003\n")
    with suppress(ErasureError):
        erase(tmp_path, THIRD)
        assert find_traces(tmp_path, THIRD) == []
    assert (tmp_path / "z.log").read_text() == ""


@pytest.mark.parametrize("end", ["csv", "json", "jsonl", "log", "txt", "parquet", "zip", "db", "gz"])
def test_empty_files_and_odd_ones_stop_nothing(tmp_path, end):
    (tmp_path / f"empty.{end}").write_bytes(b"")
    (tmp_path / f"line.{end}").write_bytes(b"\n")
    (tmp_path / f"ragged.{end}").write_bytes(b"customer_id\nC00004,1,2\n,C00003\n")
    (tmp_path / f"wide.{end}").write_bytes(b"x" * 200_000)
    with suppress(ErasureError):  # a cell of 200,000 characters is more than is read
        erase(tmp_path, THIRD)
    assert b"C00003" not in (tmp_path / f"ragged.{end}").read_bytes()


def test_what_is_said_of_a_person_within_a_message_is_struck_out(tmp_path):
    (tmp_path / "log.jsonl").write_text('{"text": "scored entity=3 in 3 ms"}\n{"text": "scored entity=4"}\n')
    erase(tmp_path, THIRD)
    assert (
        tmp_path / "log.jsonl"
    ).read_text() == '{"text": "scored entity=[erased] in 3 ms"}\n{"text": "scored entity=4"}\n'


def test_what_must_be_kept_is_left_alone_and_named(tmp_path):
    for name in ("people.csv", "ledger.csv"):
        PEOPLE.to_csv(tmp_path / name, index=False)
    (tmp_path / "old.zip").write_bytes(zipped({"a.csv": PEOPLE.to_csv().encode()}))
    keep = {"ledger.csv": "tax law: ten years", "old.zip": "a court's order"}
    done = erase(tmp_path, THIRD, linked=["email"], keep=keep)
    assert [each.file for each in done.files] == ["people.csv"]
    assert done.kept == keep
    assert len(pd.read_csv(tmp_path / "ledger.csv")) == 8
    with pytest.raises(ErasureError, match="to be kept is not there"):
        erase(tmp_path, THIRD, keep={"leger.csv": "a slip"})


@pytest.mark.parametrize("keys", [{}, {"a": ""}, {"a": None}, {"a": True}, {"a": 1.5}])
def test_nobody_in_particular_cannot_be_erased(keys):
    with pytest.raises(GovernanceError):
        Subject(keys)


def test_a_short_word_is_not_looked_for_in_text():
    with pytest.raises(GovernanceError, match="too short"):
        Subject({"id": 1}, mentions=["Li"])
    assert Subject({"name": "Li"}).mentions == ()
