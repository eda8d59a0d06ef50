"""The service under load: `workbench serve` in a process of its own, the clients in this one, on the same machine.

The package is that of lesson 07, its rows are asked for in turn, and each request is logged. The rate is kept whether or not
earlier requests were answered, and a latency counts from the moment when its request was due. The plain pipeline is a fitted
scikit-learn pipeline that is handed a one-row data frame, behind the same server with the same checks and the same log; the
two are asked in turn, as fast as they answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from _measure import Figure, main, median_ratio

from lifecycle.deploy import LoadReport, Package, create_app, load_test, open_package, run_service

PACKAGE = Path(__file__).parents[1] / "datasets" / "artifacts" / "07" / "package.zip"
RATE, RATE_WITH_REASONS = 1600, 200
PLAIN = "plain-service"


def measure(quick: bool) -> list[Figure]:
    """All figures."""
    package = open_package(PACKAGE)
    rows = package.golden[list(package.features)].to_dict("records")
    bodies = [json.dumps({"features": row}).encode() for row in rows]
    seconds = 10 if quick else 60
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", file=sys.stderr)

    def load(url: str, name: str, **options: Any) -> LoadReport:
        report = load_test(url, bodies, **options)
        said = ", ".join(f"{key} {value:.4g}" for key, value in report.row().items())
        print(f"{name}: {said}", file=sys.stderr)
        return report

    with tempfile.TemporaryDirectory() as folder:
        with _service("--no-reasons", log=Path(folder, "live.sqlite")) as url:
            load(url, "warm-up", seconds=2, rate=RATE, connections=32)
            live = load(url, "live", seconds=seconds, rate=RATE, connections=64)
        with _service(log=Path(folder, "reasons.sqlite")) as url:
            load(url, "warm-up", seconds=2, rate=RATE_WITH_REASONS, connections=32)
            reasons = load(url, "with reasons", seconds=seconds / 3, rate=RATE_WITH_REASONS, connections=32)
        with _service("--no-reasons", log=Path(folder, "a.sqlite")) as ours, _plain(Path(folder, "b.sqlite")) as plain:
            one, other = [], []
            for _ in range(2 if quick else 5):
                one.append(load(ours, "service, closed loop", seconds=4, connections=8))
                other.append(load(plain, "plain pipeline, closed loop", seconds=4, connections=8))
    return [
        Figure("serving_rate", live.rate, "requests/s", ">=", 1500),
        Figure("serving_p95", 1000 * live.percentile(0.95), "ms", "<=", 10),
        Figure("serving_errors", live.errors + reasons.errors, "requests", "<=", 0),
        Figure("serving_reasons_p95", 1000 * reasons.percentile(0.95), "ms", "<=", 50),
        Figure("serving_reasons_rate", reasons.rate, "requests/s", ">=", 0.99 * RATE_WITH_REASONS),
        Figure("serving_rate_to_pipeline", median_ratio(*_of(one, other, "rate")), "times", ">=", 2),
        Figure("serving_pipeline_p95_to_ours", median_ratio(*_of(other, one, "p95_ms")), "times", ">=", 2),
    ]


def _of(one: list[LoadReport], other: list[LoadReport], figure: str) -> tuple[list[float], list[float]]:
    return [report.row()[figure] for report in one], [report.row()[figure] for report in other]


def _service(*options: str, log: Path) -> Any:
    workbench = Path(sys.executable).with_name("workbench")
    return _process([str(workbench), "serve", str(PACKAGE), "--port", "0", "--log", str(log), *options])


def _plain(log: Path) -> Any:
    return _process([sys.executable, __file__, PLAIN, str(log)])


@contextmanager
def _process(command: list[str]) -> Iterator[str]:
    """The address of a service that runs until the block ends."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            _, found, rest = line.partition("Listening on ")
            if found:
                yield rest.split()[0]
                return
        raise RuntimeError(f"did not start: {' '.join(command)}")
    finally:
        process.terminate()
        process.communicate()


class PlainPackage:
    """A package whose scorer is a scikit-learn pipeline on data frames, as it comes out of a notebook."""

    def __init__(self, package: Package) -> None:
        from sklearn.impute import SimpleImputer
        from sklearn.pipeline import Pipeline
        from xgboost import XGBClassifier

        self._package = package
        model = XGBClassifier(n_jobs=1)
        model.load_model(bytearray(package.model_bytes))
        model.set_params(n_jobs=1)  # the file may name another number; with one row, more threads only get in the way
        rows = package.golden[list(package.features)]
        self._pipeline = Pipeline([("impute", SimpleImputer().set_output(transform="pandas").fit(rows)), ("model", model)])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._package, name)

    def scorer(self) -> PlainPackage:
        """It scores itself."""
        return self

    def scores(self, values: Any) -> Any:
        """Calibrated chances by way of a data frame."""
        import pandas as pd

        frame = pd.DataFrame(values, columns=list(self._package.features))
        return self._package.calibration(self._pipeline.predict_proba(frame)[:, 1])


def serve_plain(log: str) -> None:
    """Be the plain service, until SIGTERM."""
    app = create_app(PlainPackage(open_package(PACKAGE)), reasons=False, log=log)  # type: ignore[arg-type]
    run_service(app, port=0, started=lambda url: print(f"Listening on {url}", flush=True))


if __name__ == "__main__":
    if sys.argv[1:2] == [PLAIN]:
        serve_plain(sys.argv[2])
    else:
        main(measure, about=__doc__ or "")
