"""The process in which a PMML document is evaluated: it holds the Java machine, and takes it away with it."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from lifecycle.deploy.formats.java_home import QUICK, java_home

_PROBABILITY = "probability(1)"
_SINGLE = 50  # rows that are timed one by one


def main(folder: str, *features: str) -> int:
    """Score ``rows.npy`` with ``model.pmml`` into ``scores.npy``, and print the milliseconds that it took, as JSON.

    Gives 1 and a line on standard error where that fails.
    """
    import jpmml_evaluator
    import jpype
    import numpy as np
    import pandas as pd

    place = Path(folder)
    rows = pd.DataFrame(np.load(place / "rows.npy", allow_pickle=False), columns=list(features))
    began = time.perf_counter()
    library = next(path for path in java_home().rglob("*") if path.name in ("libjvm.so", "libjvm.dylib", "jvm.dll"))
    jpype.startJVM(str(library), *QUICK, "--enable-native-access=ALL-UNNAMED", classpath=jpmml_evaluator._classpath([]))
    try:
        evaluator = jpmml_evaluator.make_evaluator(place / "model.pmml")
        taken = [field.getName() for field in evaluator.getInputFields()]
        if not set(taken) <= set(features):
            raise ValueError(f"its inputs are {', '.join(taken)}")
        loaded = time.perf_counter()
        answers = evaluator.evaluateAll(rows, parallelism=1)
        scored = time.perf_counter()
        for row in rows.head(_SINGLE).to_dict("records"):
            evaluator.evaluate(row)
        ended = time.perf_counter()
    except (jpmml_evaluator.JavaError, ValueError) as error:
        print(str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__, file=sys.stderr)  # noqa: T201
        return 1
    if _PROBABILITY not in answers.columns or answers[_PROBABILITY].isna().any():
        faults = list(answers["errors"].dropna()) if "errors" in answers else []
        print(faults[0] if faults else "no probability of class 1", file=sys.stderr)  # noqa: T201
        return 1
    np.save(place / "scores.npy", answers[_PROBABILITY].to_numpy("float64"), allow_pickle=False)
    spent = {"start": loaded - began, "all": scored - loaded, "one": (ended - scored) / min(_SINGLE, max(len(rows), 1))}
    json.dump({name: 1000 * seconds for name, seconds in spent.items()}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
