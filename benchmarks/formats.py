"""The course's credit model as ONNX, PMML and Java: the same decisions as the pipeline.

Compared on 20,000 clients, the test rows of lesson 04 among them counted again by themselves. Java needs a JDK. `--write`
renews the record that lesson 07 shows where there is none: src/lifecycle/deploy/formats/java_record.json.

figure NAME_flips        decisions of 20,000 that differ from the pipeline's
figure NAME_test_flips   decisions of the test rows that differ
figure NAME_difference   the largest difference of two chances
"""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256

import pandas as pd
from _measure import Figure, main
from _peers import ROOT

from lifecycle import artifacts, develop
from lifecycle.deploy import (
    Parity,
    ensemble_of,
    java_compiler,
    open_package,
    parity,
    run_java,
    score_onnx,
    score_pmml,
    to_java,
    to_pmml,
)

RECORD = ROOT / "src/lifecycle/deploy/formats/java_record.json"


def measure(_quick: bool) -> list[Figure]:
    """Score all rows each way; writes the record when asked to."""
    package = open_package(ROOT / "datasets/artifacts/07/package.zip")
    names = list(package.features)
    recipe = develop.Recipe.from_json(artifacts.read_text("04/recipe.json"))
    model = develop.from_bytes(artifacts.read_bytes("04/model.json"))
    frame = artifacts.read_frame("03/features.parquet")
    test = frame.loc[frame["split"] == "test", names]
    rows = develop.engineer(develop.load("credit", n_rows=20_000), use_case="credit")[names]
    every = pd.concat([rows, test], ignore_index=True)
    values, pipeline = package.guard(every), package.calibration(develop.scores(model, every, recipe))
    source = to_java(ensemble_of(package.model_bytes, features=names))
    document = to_pmml(model, features=names, target="default")
    copies = {"onnx": score_onnx(package.onnx_bytes, values), "pmml": score_pmml(document, values, features=names)}
    if java_compiler():
        copies["java"] = run_java(source, values)
    figures = []
    for name, scores in copies.items():
        copy = package.calibration(scores)
        found = parity(pipeline[: len(rows)], copy[: len(rows)], threshold=package.threshold)
        tested = parity(pipeline[len(rows) :], copy[len(rows) :], threshold=package.threshold)
        figures += [
            Figure(f"{name}_flips", found.flips, "rows", "<=", 0),
            Figure(f"{name}_test_flips", tested.flips, "rows", "<=", 0),
            Figure(f"{name}_difference", max(found.largest, tested.largest), "", "<=", 1e-6),
        ]
        if name == "java" and WRITE:
            _write(source, found)
    if "java" not in copies:
        print("no Java compiler here: Java was left out", file=sys.stderr)
    return figures


def _write(source: str, found: Parity) -> None:
    """Renew the record."""
    compiler, _ = java_compiler() or ("javac", "java")
    said = subprocess.run([compiler, "-version"], capture_output=True, text=True, check=True)
    record = {
        "command": "python benchmarks/formats.py --write",
        "compiler": (said.stdout or said.stderr).strip(),
        "source_sha256": sha256(source.encode()).hexdigest(),
        "rows": found.rows,
        "largest": found.magnitude,
        "beyond": found.beyond,
        "flips": found.flips,
    }
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    WRITE = "--write" in sys.argv
    sys.argv = [each for each in sys.argv if each != "--write"]
    main(measure, about=__doc__)
