"""Hidden questions on exercise 09: what must not be guessed. Never handed out."""

from __future__ import annotations

import json
from hashlib import sha256

from workbench.checks import Mutant, close, equal, question


@question(
    "batch_scoring.band_elsewhere",
    of="batch_scoring.band",
    title="Bands of other chances",
    points=1,
    mutants=[
        Mutant("0.7 is high", replace=("chance > 0.7", "chance >= 0.7")),
        Mutant("0.4 is low", replace=("chance >= 0.4", "chance > 0.4")),
        Mutant("always the supplied chances", replace=("for chance in chances:", "for chance in globals()['chances']:")),
    ],
)
def band_elsewhere(answer, key):
    for chances in ([0.7] * 3 + [0.4] * 2, [1 - 0.3, 0.1 * 4, 0.1 * 7], [0.2, 2.0, -0.0]):
        equal(answer.call("counts", chances), key.call("counts", chances), "`counts` fails for chances it was not shown")


_OLD = [
    {"customer": f"K{n}", "date": date, "version": "0.9.1", "chance": n / 10}
    for n in range(4)
    for date in ("2024-02-28", "2024-02-29")
]
_NEW = [{**row, "chance": 1 - row["chance"]} for row in _OLD[2:6]] + [{**_OLD[0], "version": "1.0.0"}]


@question(
    "batch_scoring.upsert_elsewhere",
    of="batch_scoring.upsert",
    title="Results of other nights",
    points=1,
    mutants=[
        Mutant("the date is forgotten", replace=('row["date"], ', "")),
        Mutant("what is there is left alone", replace=("[*table, *rows]", "[*rows, *table]")),
        Mutant("always the supplied history", replace=("[*table, *rows]", "[*history, *rows]")),
    ],
)
def upsert_elsewhere(answer, key):
    def plain(rows):
        return sorted(json.dumps(row, sort_keys=True) for row in rows)

    for table, rows in ((_OLD, _NEW), (_NEW, _OLD), (_OLD, _NEW + _NEW)):
        said, right = answer.call("upsert", table, rows), key.call("upsert", table, rows)
        equal(plain(said), plain(right), "`upsert` fails for results that it was not shown")


_ROWS = [["x", "0.0"], ["x", "0.0"], ["y ", "1e6"], ["y", "1e6"], ["z", "1e7"], ["z", "1"], ["\t", "1"], ["w", "-inf"]]


@question(
    "batch_scoring.sort_out_elsewhere",
    of="batch_scoring.sort_out",
    title="Another feed",
    points=1,
    mutants=[
        Mutant("the upper end is out", replace=("value <= 1_000_000", "value < 1_000_000")),
        Mutant("infinite is only out of range", replace=("if not isfinite(value)", "if value != value")),
        Mutant("always the supplied feed", replace=("in enumerate(rows)", "in enumerate(feed)")),
    ],
)
def sort_out_elsewhere(answer, key):
    for rows in (_ROWS, _ROWS[::-1], []):
        said, right = answer.call("sort_out", rows), key.call("sort_out", rows)
        for one, other in zip(said, right, strict=True):
            equal([list(row) for row in one], [list(row) for row in other], "`sort_out` fails for a feed it was not shown")


_FILES = [b"a", b"b" * 99, b"", None, b"\xff"]
_LINES = [json.dumps({"chunk": k, "sha256": sha256(data or b"").hexdigest()}) for k, data in enumerate(_FILES)]


@question(
    "batch_scoring.resume_elsewhere",
    of="batch_scoring.resume",
    title="Another power cut",
    points=1,
    mutants=[
        Mutant("files are believed", replace=("and known.get(k) == sha256(files[k]).hexdigest()", "")),
        Mutant("everything after a damaged line is lost", replace=("continue", "break")),
        Mutant("an empty file is none", replace=("files[k] is not None", "files[k]")),
    ],
)
def resume_elsewhere(answer, key):
    for lines in (_LINES, ["{", *_LINES[1:]], [*_LINES[:2], "null", *_LINES[3:]], _LINES[2:3]):
        said, right = (side.call("left_to_do", 5, "\n".join(lines), _FILES) for side in (answer, key))
        equal(said, right, "`left_to_do` fails for a journal that it was not shown")


@question(
    "batch_scoring.start_elsewhere",
    of="batch_scoring.night",
    title="The latest start of other jobs",
    points=1,
    mutants=[
        Mutant("only one try", replace=("deadline - tries * minutes_for", "deadline - minutes_for")),
        Mutant("seconds, not minutes", replace=("return rows / rate / 60", "return rows / rate")),
    ],
)
def start_elsewhere(answer, key):
    for arguments in ((2_500_000, 730.5, 420, 2), (1, 1, 0, 4)):
        said, right = answer.call("latest_start", *arguments), key.call("latest_start", *arguments)
        close(said, right, "`latest_start` fails for a job that it was not shown", rtol=1e-6)
