"""Governance: personal data found, tampering noticed, fairness counted, people forgotten; all against a known truth.

Seeds are drawn at run time and printed.

figure pii-precision, pii-recall     cells of a table of 10,000 invented people: 12 kinds of personal data in 21 columns, one
                                     of which is notes, 5 in 100 mistyped, beside 12 columns that only look like it
figure pii-notes-precision, -recall  the same within free text alone, where one note in ten has a number or a name in it that
                                     nobody could tell from personal data by its form
figure pii-lowest-recall             of the kind that is found least
figure pii-false-columns             columns that hold none, and were taken to
figure tampering-noticed             share of 10,000 trails that do not verify, of those with one to three random changes (a
                                     byte, a line taken out, put in, moved, copied, forged with another key, the end cut
                                     off, the head)
figure tampering-named               share of those in which the first bad record is named, by comparison of the lines
figure fairness-from-fairlearn       largest difference of a rate, gap or ratio from fairlearn and scikit-learn
figure erasure-traces                words and numbers of erased people in the run's files afterwards, which are read by
                                     other means than ours: pandas, zipfile, tarfile, sqlite3
figure erasure-others                share of everybody else's rows that are still there, with their values
"""

from __future__ import annotations

import gzip
import io
import sqlite3
import sys
import tarfile
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from _measure import Figure, main, seconds

from lifecycle.govern import (
    SigningKey,
    Subject,
    Trail,
    TrailError,
    erase,
    find_pii,
    group_report,
    head_of,
    personal_table,
    pii_cells,
    score_pii,
    verify_trail_bytes,
)


def measure(quick: bool) -> list[Figure]:
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    print(f"seed {seed}", file=sys.stderr)
    return [
        *personal(seed, people=1_000 if quick else 10_000),
        *tampering(np.random.default_rng([seed, 1]), times=500 if quick else 10_000),
        *fairness(np.random.default_rng([seed, 2]), times=30 if quick else 300),
        *erasure(np.random.default_rng([seed, 3]), runs=2 if quick else 12),
    ]


def personal(seed: int, *, people: int) -> list[Figure]:
    """How much of the personal data in a table is found, and how much else."""
    table = personal_table(people, seed=seed)
    found: list[pd.DataFrame] = []
    took = seconds(lambda: found.extend([pii_cells(table.frame), find_pii(table.frame)]))
    cells, columns = found
    scores = score_pii(cells, table.cells).set_index("kind")
    print(scores.round(4).to_string(), f"twice over {people:,} rows in {took:.1f} s", sep="\n", file=sys.stderr)
    notes = score_pii(cells.query("column == 'notes'"), table.cells.query("column == 'notes'")).set_index("kind")
    print("notes alone", notes.round(4).to_string(), sep="\n", file=sys.stderr)
    said = set(zip(columns["column"], columns["kind"], strict=True))
    false = said - set(table.columns.itertuples(index=False, name=None))
    return [
        Figure("pii-precision", scores.loc["all", "precision"], "", ">=", 0.99),
        Figure("pii-recall", scores.loc["all", "recall"], "", ">=", 0.98),
        Figure("pii-notes-precision", notes.loc["all", "precision"], "", ">=", 0.8),
        Figure("pii-notes-recall", notes.loc["all", "recall"], "", ">=", 0.85),
        Figure("pii-lowest-recall", scores.drop("all")["recall"].min(), "", ">=", 0.95),
        Figure("pii-false-columns", len(false), "columns", "<=", 0),
    ]


def tampering(rng: np.random.Generator, *, times: int) -> list[Figure]:
    """Random changes to a trail: whether they are noticed, and the first bad record is named."""
    key, other = SigningKey.teaching("keeper"), SigningKey.teaching("forger")
    with tempfile.TemporaryDirectory() as folder:
        whole, head = _trail(Path(folder, "trail.jsonl"), key)
        forged, forged_head = _trail(Path(folder, "forged.jsonl"), other)
    noticed = named = done = 0
    while done < times:
        changed, changed_head = whole, head
        for _ in range(int(rng.integers(1, 4))):
            if rng.random() < 0.08:
                changed_head = forged_head if rng.random() < 0.1 else _byte(changed_head, rng)
            else:
                changed = _CHANGES[int(rng.integers(len(_CHANGES)))](changed, forged, rng)
        if (changed, changed_head) == (whole, head):
            continue
        done += 1
        truth = _first(whole, changed)
        try:
            verify_trail_bytes(changed, changed_head, key.public)
        except TrailError as error:
            noticed += 1
            shortened = changed_head != head and whole.startswith(changed) and changed[-1:] in (b"\n", b"")
            if truth is None or shortened:  # how many there should be, only the head could tell
                named += (error.fault, error.record) == ("head", None)
            else:
                named += error.record == truth
    return [
        Figure("tampering-noticed", noticed / times, "of all", ">=", 1),
        Figure("tampering-named", named / times, "of all", ">=", 1),
    ]


def _trail(place: Path, key: SigningKey) -> tuple[bytes, bytes]:
    trail = Trail(place, key)
    for number in range(20):
        trail.append("Ana", "trained", f"model {number}", {"auc": number / 20}, at="2026-01-31T09:30:00+00:00")
    return place.read_bytes(), head_of(place).read_bytes()


def _first(whole: bytes, changed: bytes) -> int | None:
    """Number of the first line that is not what it was; None where all are."""
    before, after = whole.splitlines(keepends=True), changed.split(b"\n")
    lines = [line + b"\n" for line in after[:-1]] + [after[-1]] * (after[-1] != b"")
    for number in range(max(len(before), len(lines))):
        if before[number : number + 1] != lines[number : number + 1]:
            return number + 1
    return None


def _byte(data: bytes, rng: np.random.Generator) -> bytes:
    if not data:
        return data
    place = int(rng.integers(len(data)))
    return data[:place] + bytes([int(rng.integers(256))]) + data[place + 1 :]


def _lines(data: bytes) -> list[bytes]:
    parts = data.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + [parts[-1]] * (parts[-1] != b"")


def _removed(data: bytes, _: bytes, rng: np.random.Generator) -> bytes:
    lines = _lines(data)
    if lines:
        lines.pop(int(rng.integers(len(lines))))
    return b"".join(lines)


def _moved(data: bytes, _: bytes, rng: np.random.Generator) -> bytes:
    lines = _lines(data)
    if lines:
        line = lines.pop(int(rng.integers(len(lines))))
        lines.insert(int(rng.integers(len(lines) + 1)), line)
    return b"".join(lines)


def _copied(data: bytes, _: bytes, rng: np.random.Generator) -> bytes:
    lines = _lines(data)
    if lines:
        lines.insert(int(rng.integers(len(lines) + 1)), lines[int(rng.integers(len(lines)))])
    return b"".join(lines)


def _put_in(data: bytes, forged: bytes, rng: np.random.Generator) -> bytes:
    """A line of another trail, of random bytes, or of a record in which one word was changed."""
    lines, others = _lines(data), _lines(forged)
    added = [
        others[int(rng.integers(len(others)))],
        rng.bytes(30).replace(b"\n", b"") + b"\n",
        others[0].replace(b"Ana", b"Eve"),
    ]
    lines.insert(int(rng.integers(len(lines) + 1)), added[int(rng.integers(3))])
    return b"".join(lines)


def _forged(data: bytes, forged: bytes, rng: np.random.Generator) -> bytes:
    """From some record on, a chain that is whole, with another key."""
    lines, others = _lines(data), _lines(forged)
    place = int(rng.integers(len(others)))
    return b"".join([*lines[:place], *others[place:]])


def _cut(data: bytes, _: bytes, rng: np.random.Generator) -> bytes:
    return data[: int(rng.integers(len(data)))] if data else data


_CHANGES = (lambda data, _, rng: _byte(data, rng), _removed, _moved, _copied, _put_in, _forged, _cut)


def fairness(rng: np.random.Generator, *, times: int) -> list[Figure]:
    """Rates by group, the largest gap and the smallest ratio, beside those of the libraries."""
    from fairlearn import metrics
    from sklearn.metrics import accuracy_score, precision_score

    theirs = {
        "selection_rate": metrics.selection_rate, "tpr": metrics.true_positive_rate, "fpr": metrics.false_positive_rate,
        "fnr": metrics.false_negative_rate, "accuracy": accuracy_score, "ppv": precision_score,
    }  # fmt: skip
    largest, compared = 0.0, 0
    for _ in range(times):
        n, kinds = int(rng.integers(40, 2_000)), int(rng.integers(2, 6))
        groups = rng.integers(0, kinds, n).astype(str)
        labels = rng.integers(0, 2, n)
        decided = np.where(rng.random(n) < rng.random(), labels, rng.integers(0, 2, n))
        ours = group_report(labels, decided, groups, few=1)
        with warnings.catch_warnings():  # of a group in which a rate has no cases, which is passed by below
            warnings.simplefilter("ignore")
            frame = metrics.MetricFrame(metrics=theirs, y_true=labels, y_pred=decided, sensitive_features=groups)
        for rate in theirs:
            values = {group: ours.value(group, rate) for group in ours.counts}
            if not np.isfinite(list(values.values())).all():
                continue
            pairs = [(values[group], float(frame.by_group.loc[group, rate])) for group in values]
            pairs.append((ours.gap(rate), float(frame.difference()[rate])))
            top = max(values, key=lambda group, values=values: values[group])
            if values[top]:
                low = min(ours.ratio(rate, group, top).value for group in values)
                pairs.append((low, float(frame.ratio()[rate])))
            largest = max(largest, *(abs(one - two) for one, two in pairs))
            compared += len(pairs)
    print(f"{compared:,} values beside those of fairlearn", file=sys.stderr)
    return [Figure("fairness-from-fairlearn", largest, "", "<=", 1e-12)]


def erasure(rng: np.random.Generator, *, runs: int) -> list[Figure]:
    """People taken out of random run folders; what is left of them, and of the others."""
    left = there = expected = files = 0
    took = 0.0
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            people = _run(folder, rng)
            gone = rng.choice(len(people), 3, replace=False)
            before = _rows(folder)
            for person in people.iloc[gone].itertuples():
                subject = Subject({"customer_id": person.customer_id})
                took += seconds(
                    lambda subject=subject, folder=folder: erase(folder, subject, linked=["entity", "email", "pseudonym"])
                )
            words = [str(word) for row in gone for word in people.iloc[row][["customer_id", "email", "pseudonym"]]]
            text = "\n".join(f"{place}\t{said}" for place, said in _said(folder))
            left += sum(text.count(word) for word in words)
            after = _rows(folder)
            own = set(people.iloc[gone]["entity"])
            left += sum(1 for row in after if row[1] in own)
            others = [row for row in before if row[1] not in own]
            expected += len(others)
            there += len(set(others) & set(after))
            files += sum(1 for path in folder.rglob("*") if path.is_file())
    print(f"{3 * runs} people out of {runs} folders with {files} files, {took / 3 / runs:.2f} s a person", file=sys.stderr)
    return [
        Figure("erasure-traces", left, "traces", "<=", 0),
        Figure("erasure-others", there / expected, "of all rows", ">=", 1),
    ]


def _run(folder: Path, rng: np.random.Generator) -> pd.DataFrame:
    """A run: raw tables, features under a pseudonym, predictions, logs, notes on others, nightly backups of it all."""
    count = int(rng.integers(60, 300))
    numbers = rng.permutation(np.arange(1_000, 1_000 + count))
    people = pd.DataFrame({
        "customer_id": [f"C{number:07d}" for number in numbers], "entity": numbers,
        "email": [f"person.{number}@example.org" for number in numbers],
        "pseudonym": [rng.bytes(6).hex() + "ff" for _ in numbers], "spent": rng.gamma(2, 50, count).round(2),
        "note": [f"knows C{rng.choice(numbers):07d}" if rng.random() < 0.1 else "" for _ in numbers],
    })  # fmt: skip
    (folder / "raw").mkdir()
    people.drop(columns="pseudonym").to_csv(folder / "raw/people.csv", index=False)
    features = people[["pseudonym", "spent"]].assign(ratio=rng.random(count).round(4))
    features.to_parquet(folder / "features.parquet", index=False)
    served = people[["entity", "pseudonym"]].assign(score=rng.random(count).round(4)).sample(frac=0.7, random_state=1)
    served.to_json(folder / "served.jsonl", orient="records", lines=True)
    people[["entity", "email"]].to_json(folder / "mailing.json")
    (folder / "service.log").write_text("".join(f"2026-01-0{1 + number % 9} entity={number} 200\n" for number in numbers))
    (folder / "mail.log").write_text("".join(f"sent to {mail.upper()}\n" for mail in people["email"]))
    with sqlite3.connect(folder / "shop.db") as database:
        people.drop(columns="pseudonym").to_sql("people", database, index=False)
        served.to_sql("scores", database, index=False)
    day = io.BytesIO()
    with zipfile.ZipFile(day, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*.*")):
            archive.write(path, f"{rng.integers(10)}/{path.name}")
    with tarfile.open(folder / "week.tar.gz", "w:gz") as tar:
        entry = tarfile.TarInfo("day.zip")
        entry.size = len(day.getvalue())
        tar.addfile(entry, io.BytesIO(day.getvalue()))
    (folder / "last.zip").write_bytes(day.getvalue())
    (folder / "people.csv.gz").write_bytes(gzip.compress(people.to_csv(index=False).encode()))
    return people


def _opened(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Files, also within archives."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for each in archive.namelist():
                yield from _opened(f"{name}/{each}", archive.read(each))
    elif name.endswith(".tar.gz"):
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for entry in tar:
                yield from _opened(f"{name}/{entry.name}", tar.extractfile(entry).read())
    elif data[:2] == b"\x1f\x8b":
        yield from _opened(name[:-3], gzip.decompress(data))
    else:
        yield name, data


def _tables(name: str, data: bytes) -> Iterator[pd.DataFrame]:
    if name.endswith(".parquet"):
        yield pd.read_parquet(io.BytesIO(data))
    elif name.endswith(".csv"):
        yield pd.read_csv(io.BytesIO(data), keep_default_na=False)
    elif name.endswith(".jsonl"):
        yield pd.read_json(io.BytesIO(data), lines=True, dtype={"pseudonym": str})
    elif name.endswith(".json"):
        yield pd.read_json(io.BytesIO(data))
    elif name.endswith(".db"):
        with sqlite3.connect(":memory:") as database:
            database.deserialize(data)
            for table in ("people", "scores"):
                yield pd.read_sql(f"SELECT * FROM {table}", database)


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield from _opened(path.relative_to(folder).as_posix(), path.read_bytes())


def _said(folder: Path) -> Iterator[tuple[str, str]]:
    """All that stands in the files: their bytes as text, and every cell of their tables."""
    for name, data in _files(folder):
        yield name, data.decode("latin-1") + data.decode("latin-1").lower()
        for table in _tables(name, data):
            yield name, table.to_csv()


def _rows(folder: Path) -> list[tuple[object, ...]]:
    """Rows that say whom they are about, with the file they stand in; what others wrote about people is left out."""
    found = []
    for place, data in _files(folder):
        for number, table in enumerate(_tables(place, data)):
            if "entity" in table:
                kept = table.drop(columns="note", errors="ignore")
                rest = [column for column in kept if column != "entity"]
                found += [(f"{place} {number}", row[0], *row[1:]) for row in kept[["entity", *rest]].itertuples(index=False)]
    return found


if __name__ == "__main__":
    main(measure, about=__doc__ or "")
