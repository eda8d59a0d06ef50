"""Hidden questions on exercise 05: the same records, for projects that nobody was shown."""

from __future__ import annotations

from hashlib import sha256

import pandas as pd

from workbench.checks import Mutant, equal, question

_OLD = {"python": "3.12.1", "packages": {"a": "1", "b": "2"}, "seeds": {"split": 7}, "flags": {"x": None}}
_NEW = {"python": "3.12.1", "packages": {"b": "2.0", "c": "1"}, "seeds": {"split": 7}, "flags": {"x": 0}, "gpu": False}


@question(
    "reproducibility.manifest_elsewhere",
    of="reproducibility.manifest",
    title="What changed between other manifests",
    points=1,
    mutants=[
        Mutant("what is new is not seen", replace=("first | second", "first")),
        Mutant("what is gone is not seen", replace=("first | second", "second")),
        Mutant("nothing and None are one", replace=("absent = object()", "absent = None")),
    ],
)
def manifest_elsewhere(answer, key):
    for one, other in ((_OLD, _NEW), (_NEW, _OLD), ({"a": {"k": None}}, {}), ({}, {})):
        said, right = answer.call("changed", one, other), key.call("changed", one, other)
        equal(said, right, "`changed` fails for manifests that it was not shown")


_TRAIN = pd.DataFrame({"x": [1, 1, 2, 3], "y": ["a", "a", "b", "c"]})
_TEST = pd.DataFrame({"x": [1, 2, 2, 1, 3], "y": ["a", "a", "b", "a", "c"]})


@question(
    "reproducibility.shared_elsewhere",
    of="reproducibility.shared",
    title="Rows on both sides of another split",
    points=1,
    mutants=[
        Mutant("each shared row once", replace=("in test.itertuples(", "in test.drop_duplicates().itertuples(")),
        Mutant("the first column alone", replace=("row in known for", "row[0] in {one[0] for one in known} for")),
        Mutant("always the supplied split", replace=("in test.itertuples", "in test_rows.itertuples")),
    ],
)
def shared_elsewhere(answer, key):
    for train, test in ((_TRAIN, _TEST), (_TEST, _TRAIN), (_TRAIN, _TEST.iloc[:0])):
        said, right = answer.call("count_shared", train, test), key.call("count_shared", train, test)
        equal(said, right, "`count_shared` fails for a split that it was not shown")


_FILES = {"a.bin": b"\x00\x01", "b/c.txt": b"", "d": b"x" * 70}
_RECORDED = {name: sha256(content).hexdigest() for name, content in _FILES.items()}


@question(
    "reproducibility.verify_elsewhere",
    of="reproducibility.verify",
    title="Another bundle by mail",
    points=1,
    mutants=[
        Mutant("new files are welcome", replace=('found[name] = "added"', "continue")),
        Mutant("an empty file is a missing one", replace=("if name not in files", "if not files.get(name)")),
    ],
)
def verify_elsewhere(answer, key):
    swapped = {**_FILES, "a.bin": _FILES["d"], "d": _FILES["a.bin"]}
    for files in (_FILES, swapped, {"a.bin": b"\x00\x01", "e": b""}, {}):
        said, right = answer.call("faults", _RECORDED, files), key.call("faults", _RECORDED, files)
        equal(said, right, "`faults` fails for a bundle that it was not shown")
