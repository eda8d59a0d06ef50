"""Monitoring: drift reports that are quick and truthful, incidents told apart, daily looks at an experiment that are safe.

Reports are made in processes of their own, which read two tables of mixed columns (numbers, whole numbers, text, flags,
times, some missing) from files first; seconds count from tables in memory to JSON, and memory is the most that the process
ever held, tables included. The peer is evidently 0.7 with the tests that it chooses itself. It does not import with pandas
3, so it has an environment of its own with pandas 2, made on first use (about 1 GB in runs/peers, some minutes).

Null simulations: two samples of one distribution, 2,000 times; the shares of alarms of a test at level 0.05 must lie in the
binomial interval (99.9 % for both tests together, so that an honest test hardly ever falls out). Seeds are drawn at run time
and printed.

figure drift-report-1m-seconds   1,000,000 x 30 against as many
figure drift-report-1m-memory    of that process
figure drift-report-over-evidently   100,000 x 20: median of the pairs' ratios of seconds
figure statistics-from-peers     largest difference of a statistic or p-value from scipy and statsmodels; relative above 1
figure null-TEST                 distance of the share of alarms from 0.05, in half widths of the interval: 1 is its end
figure null-report               share of reports on 10 unmoved columns with any alarm: at most the level plus chance
figure null-report-few           the same with 1 to 40 rows today: few rows must not cry wolf more often than many
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pandas as pd
from _diagnosis import diagnosis
from _measure import Figure, main, median_ratio
from _peers import ROOT, environment
from _sequential import sequential
from scipy import stats

from lifecycle.monitor import adjust, chi_squared_of_counts, drift_report, kolmogorov_smirnov, shared_bins, wasserstein

PEER = ("evidently==0.7.21", "pandas==2.3.3")
LEVEL = 0.05


def measure(quick: bool) -> list[Figure]:
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    print(f"seed {seed}", file=sys.stderr)
    power(np.random.default_rng([seed, 3]), times=100 if quick else 1_000)
    return [
        *large(np.random.default_rng([seed, 0]), repeat=1 if quick else 3),
        *beside_evidently(np.random.default_rng([seed, 1]), repeat=2 if quick else 5),
        *agreement(np.random.default_rng([seed, 4]), times=50 if quick else 300),
        *null(np.random.default_rng([seed, 2]), times=400 if quick else 2_000),
        *diagnosis(quick),
        *sequential(quick),
    ]


class Side:
    """A process that makes reports on request."""

    def __init__(self, python: Path, which: str, folder: Path) -> None:
        command = [
            python,
            ROOT / "benchmarks/_drift_work.py",
            which,
            folder / "reference.parquet",
            folder / "current.parquet",
        ]
        self.which = which
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Side:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.process.communicate()

    def report(self) -> dict[str, Any]:
        """Seconds and memory of one."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def large(rng: np.random.Generator, *, repeat: int) -> list[Figure]:
    """Seconds and memory of a report of a million rows."""
    with tempfile.TemporaryDirectory(prefix="drift-") as name:
        _write(rng, Path(name), rows=1_000_000, columns=30)
        with Side(Path(sys.executable), "ours", Path(name)) as ours:
            said = [ours.report() for _ in range(repeat)]
    print(f"1,000,000 x 30: {'; '.join(map(_times, said))}", file=sys.stderr)
    seconds = float(np.median([each["seconds"] for each in said]))
    return [
        Figure("drift-report-1m-seconds", seconds, "s", "<=", 15.0),
        Figure("drift-report-1m-memory", max(each["gib"] for each in said), "GiB", "<=", 2.0),
    ]


def beside_evidently(rng: np.random.Generator, *, repeat: int) -> list[Figure]:
    """Both on the same two files, in turn."""
    peer = environment("evidently", *PEER) / "python"
    taken: tuple[list[float], list[float]] = ([], [])
    with tempfile.TemporaryDirectory(prefix="drift-") as name:
        _write(rng, Path(name), rows=100_000, columns=20)
        with Side(Path(sys.executable), "ours", Path(name)) as ours, Side(peer, "evidently", Path(name)) as theirs:
            for number in range(repeat):
                for side, seconds in zip((ours, theirs), taken, strict=True):
                    said = side.report()
                    seconds.append(said["seconds"])
                    print(f"pair {number + 1}, {side.which}: {_times(said)}", file=sys.stderr)
    return [Figure("drift-report-over-evidently", median_ratio(taken[1], taken[0]), "times quicker", ">=", 10.0)]


def _times(said: dict[str, Any]) -> str:
    """On a busy machine the second number says what the first would be on an idle one, or more with two threads."""
    return f"{said['seconds']:.2f} s, {said['processor']:.2f} s of processor"


def agreement(rng: np.random.Generator, *, times: int) -> list[Figure]:
    """Each statistic and p-value against an independent implementation."""
    from statsmodels.stats.multitest import multipletests

    worst = 0.0
    for _ in range(times):
        n, m = rng.integers(5, 3_000, 2)
        one, other = rng.normal(size=n).round(rng.integers(0, 4)), rng.normal(rng.uniform(0, 0.3), size=m)
        counts = rng.integers(1, 200, (2, rng.integers(2, 12)))
        p = rng.random(rng.integers(1, 40)) ** 3
        ks, scipys = kolmogorov_smirnov(one, other, exact=False), stats.ks_2samp(one, other, method="asymp")
        chi, table = chi_squared_of_counts(*counts), stats.chi2_contingency(counts, correction=False)
        found = [ks.statistic, ks.p_value, wasserstein(one, other), chi.statistic, chi.p_value, *adjust(p)]
        expected = [scipys.statistic, scipys.pvalue, stats.wasserstein_distance(one, other), table.statistic, table.pvalue]
        expected += [*multipletests(p, method="holm")[1]]
        gaps = np.abs(np.subtract(found, expected)) / np.maximum(np.abs(expected), 1)
        worst = max(worst, float(gaps.max()))
    return [Figure("statistics-from-peers", worst, "", "<=", 1e-12)]


def null(rng: np.random.Generator, *, times: int) -> list[Figure]:
    """False alarms where nothing has moved."""
    alarms = {"kolmogorov-smirnov": 0, "chi-squared": 0}
    for _ in range(times):
        alarms["kolmogorov-smirnov"] += kolmogorov_smirnov(rng.normal(size=2_500), rng.normal(size=1_900)).p_value < LEVEL
        counts = rng.multinomial(1_500, SHARES), rng.multinomial(900, SHARES)
        alarms["chi-squared"] += chi_squared_of_counts(*counts).p_value < LEVEL
    low, high = (float(stats.binom.ppf(q, times, LEVEL)) / times for q in (0.00025, 0.99975))  # two tests, 99.9 % together
    found = []
    for name, number in alarms.items():
        share = number / times
        print(f"null: {name} alarms in {share:.4f} of {times}, interval {low:.4f} to {high:.4f}", file=sys.stderr)
        width = (high - LEVEL) if share > LEVEL else (LEVEL - low)
        found.append(Figure(f"null-{name}", abs(share - LEVEL) / width, "half widths", "<=", 1.0))
    reports = times // 2
    bound = float(stats.binom.ppf(0.999, reports, LEVEL)) / reports
    for name, least, most in (("null-report", 400, 400), ("null-report-few", 1, 40)):
        false = sum(_alarm(rng, int(rng.integers(least, most + 1))) for _ in range(reports)) / reports
        found.append(Figure(name, false, "of reports", "<=", bound))
    return found


def power(rng: np.random.Generator, *, times: int) -> None:
    """The share of samples of 500 rows in which a shift of the mean is seen: by either test, and by a column's level."""
    head = "shift of the mean in sd, KS, chi-squared on deciles, level above stable"
    print(f"power at level {LEVEL}, 500 rows a side: {head}", file=sys.stderr)
    for shift in (0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5):
        seen = np.zeros(3)
        for _ in range(times):
            one, other = rng.normal(size=500), rng.normal(shift, size=500)
            shares = shared_bins(one, other)
            deciles = chi_squared_of_counts(shares.reference * 500, shares.current * 500)
            frames = (pd.DataFrame({"x": values}) for values in (one, other))
            level = drift_report(*frames, level=LEVEL, threads=1)["x"].level
            seen += [kolmogorov_smirnov(one, other).p_value < LEVEL, deciles.p_value < LEVEL, level != "stable"]
        print(f"power {shift:4.2f}  " + "  ".join(f"{share:.3f}" for share in seen / times), file=sys.stderr)


SHARES = np.array([0.4, 0.25, 0.2, 0.1, 0.05])


def _alarm(rng: np.random.Generator, rows: int) -> bool:
    """Whether a report on unmoved columns, 400 rows against so many, finds anything at all."""
    frames = [
        pd.DataFrame({f"x{i}": rng.normal(size=n) for i in range(7)} | {f"c{i}": rng.choice(4, n) for i in range(3)})
        for n in (400, rows)
    ]
    report = drift_report(*frames, level=LEVEL, threads=1)
    if any(each.faults for each in report):
        return True
    return any(each.p_adjusted is not None and each.p_adjusted < LEVEL for each in report)


def _write(rng: np.random.Generator, folder: Path, *, rows: int, columns: int) -> None:
    """Two tables of mixed columns, of which every fourth has moved a little."""
    for name, moved in (("reference", 0.0), ("current", 0.05)):
        made = {f"column_{i}": _column(rng, rows, i, moved if i % 4 == 0 else 0.0) for i in range(columns)}
        pd.DataFrame(made).to_parquet(folder / f"{name}.parquet")


def _column(rng: np.random.Generator, rows: int, number: int, moved: float) -> Any:
    kind = number % 6
    if kind in (0, 1):
        return rng.normal(moved, 1, rows)
    if kind == 2:
        return np.where(rng.random(rows) < 0.05, np.nan, rng.gamma(2, 100 * (1 + moved), rows))
    if kind == 3:
        return rng.integers(0, 2_000, rows)
    if kind == 4:
        return pd.Categorical.from_codes(rng.choice(5, rows), ["north", "south", "east", "west", "middle"]).astype(str)
    if number % 12 == 5:
        return rng.random(rows) < 0.3 + moved
    return pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 90 * 86_400, rows), unit="s")


if __name__ == "__main__":
    main(measure, about=__doc__ or "")
