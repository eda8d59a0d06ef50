"""What the benchmarks share: options, pairs in turn, and one line a figure."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True)
class Figure:
    """A measured value and the bound it is held against."""

    name: str
    value: float
    unit: str
    sense: Literal["<=", ">="]
    bound: float

    @property
    def ok(self) -> bool:
        """Whether the goal is met."""
        return self.value <= self.bound if self.sense == "<=" else self.value >= self.bound

    def __str__(self) -> str:
        verdict = "ok" if self.ok else "short"
        return f"figure {self.name} {self.value:.4g} {self.unit} goal {self.sense} {self.bound:g} {verdict}"


def main(measure: Callable[[bool], list[Figure]], *, about: str) -> None:
    """Parse the options, measure, print the figures and exit: 1 when one is short.

    Parameters
    ----------
    measure : callable
        Takes whether the run is to be quick; what it has to say beside figures goes to standard error.
    about : str
        Shown by ``--help``.
    """
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions: for a look, not for a figure to quote")
    parser.add_argument("--json", action="store_true", help="a JSON list instead of lines")
    options = parser.parse_args()
    figures = measure(options.quick)
    if options.json:
        print(json.dumps([{**asdict(figure), "ok": figure.ok} for figure in figures], indent=1))
    else:
        print(*figures, sep="\n")
    sys.exit(0 if all(figure.ok for figure in figures) else 1)


def pairs(one: Callable[[], object], other: Callable[[], object], *, repeat: int) -> tuple[list[float], list[float]]:
    """Seconds that each takes, measured in turn (A B A B), so that a slow spell of the machine meets both."""
    first, second = [], []
    for number in range(1, repeat + 1):
        first.append(seconds(one))
        second.append(seconds(other))
        print(f"pair {number}: {first[-1]:.2f} s and {second[-1]:.2f} s", file=sys.stderr)
    return first, second


def seconds(task: Callable[[], object]) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    task()
    return time.perf_counter() - started


def median_ratio(numerators: list[float], denominators: list[float]) -> float:
    """Median of the ratios of the pairs."""
    return statistics.median(a / b for a, b in zip(numerators, denominators, strict=True))
