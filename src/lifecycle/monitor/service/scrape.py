"""Reading what a service says about itself: counters, and histograms that can be added up."""

from __future__ import annotations

import math
import operator
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import NamedTuple

from lifecycle.monitor.service.errors import WatchError

_ENDINGS = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "summary": ("", "_sum", "_count")}


class Quantile(NamedTuple):
    """A quantile read from a histogram: somewhere above `low` and at most `high`; `estimate` is Prometheus's guess."""

    low: float
    estimate: float
    high: float


@dataclass(frozen=True)
class Histogram:
    """Counts of measurements up to each bound.

    Attributes
    ----------
    bounds : tuple of float
        Increasing; the last is infinite.
    counts : tuple of float
        How many measurements were at most as large as the bound: cumulative.
    total : float
        Sum of the measurements.

    Notes
    -----
    Histograms of replicas are added with ``+``; that of the time between two readings of one replica is ``later - earlier``.
    Subtract for each replica, then add: in a sum, the fall of one that started anew is hidden by the others
    (`histogram_increase` does it in this order).

    Examples
    --------
    >>> quick = Histogram((0.1, 0.2, math.inf), (90, 100, 100), 8.0)
    >>> slow = Histogram((0.1, 0.2, math.inf), (0, 50, 100), 19.0)
    >>> (quick + slow).quantile(0.95)
    Quantile(low=0.2, estimate=0.2, high=inf)
    """

    bounds: tuple[float, ...]
    counts: tuple[float, ...]
    total: float = 0.0

    def __post_init__(self) -> None:
        if not self.bounds or len(self.bounds) != len(self.counts) or self.bounds[-1] != math.inf:
            raise WatchError("a histogram needs a count for each bound, and infinity as the last bound")
        if any(a >= b for a, b in pairwise(self.bounds)) or any(a > b for a, b in pairwise((0, *self.counts))):
            raise WatchError("bounds increase, and cumulative counts never fall")

    @property
    def count(self) -> float:
        """How many measurements there are."""
        return self.counts[-1]

    @property
    def mean(self) -> float:
        """Their mean, which a histogram knows exactly; nan where there are none."""
        return self.total / self.count if self.count else math.nan

    def __add__(self, other: Histogram) -> Histogram:
        self._same_bounds(other)
        return Histogram(
            self.bounds, tuple(a + b for a, b in zip(self.counts, other.counts, strict=True)), self.total + other.total
        )

    def __sub__(self, earlier: Histogram) -> Histogram:
        """What came since an earlier reading. Where the service was started anew in between, all of this one is new."""
        self._same_bounds(earlier)
        if any(a < b for a, b in zip(self.counts, earlier.counts, strict=True)):
            return self
        return Histogram(
            self.bounds, tuple(a - b for a, b in zip(self.counts, earlier.counts, strict=True)), self.total - earlier.total
        )

    def quantile(self, share: float) -> Quantile:
        """The bucket that holds a quantile, and the place in it that ``histogram_quantile`` of Prometheus gives.

        Parameters
        ----------
        share : float
            Above 0, at most 1; 0.95 for p95.

        Returns
        -------
        Quantile
            The nearest-rank quantile of the measurements lies in (`low`, `high`], whatever `estimate` says. Where it lies in
            the last bucket, the estimate is the largest finite bound and means "more", or nan where there is none. All nan
            without measurements.

        Notes
        -----
        The estimate spreads the measurements of a bucket evenly over it; the first bucket is taken to begin at 0.
        """
        if not 0 < share <= 1:
            raise WatchError(f"a share of {share:g} is no quantile", remedy="give a fraction: 0.95 for p95")
        if not self.count:
            return Quantile(math.nan, math.nan, math.nan)
        rank = share * self.count
        place = next(i for i, count in enumerate(self.counts) if count >= rank * (1 - 1e-12))
        low = self.bounds[place - 1] if place else min(0.0, self.bounds[0])
        high = self.bounds[place]
        if math.isinf(high):
            return Quantile(low, low if place else math.nan, high)
        before = self.counts[place - 1] if place else 0.0
        return Quantile(low, low + (high - low) * (rank - before) / (self.counts[place] - before), high)

    def _same_bounds(self, other: Histogram) -> None:
        if self.bounds != other.bounds:
            raise WatchError("the two histograms have other bounds", remedy="give all replicas the same buckets")


@dataclass(frozen=True)
class Scrape:
    """One reading of ``/metrics``; see `read_metrics`.

    Attributes
    ----------
    samples : mapping of (name, labels) to float
    declared : frozenset of str
        Names that the service knows; one with labels has no sample before the first event.
    """

    samples: Mapping[tuple[str, frozenset[tuple[str, str]]], float]
    declared: frozenset[str] = frozenset()

    def value(self, name: str, **labels: str) -> float:
        """Sum of all samples of that name that have these labels, each given as text: ``status="500"``.

        Of a name and label names that are known and a value that never occurred the sum is 0. That may mean that nothing
        failed, or that the value is misspelt: nothing in the text tells the two apart.

        Raises
        ------
        WatchError
            When the name is unknown, when none of its samples has a label of that name, or when a label is no text.
        """
        return sum(self.series(name, **labels).values())

    def series(self, name: str, **labels: str) -> dict[frozenset[tuple[str, str]], float]:
        """The samples of that name that have these labels, by all the labels they have; raises as `value` does."""
        known = self.declared | {each for each, _ in self.samples}
        if name not in known:
            raise WatchError(f"no metric `{name}`", tried="there are: " + ", ".join(sorted(known)))
        found = {given: value for (each, given), value in self.samples.items() if each == name}
        _verify_labels(name, labels, {label for given in found for label, _ in given} if found else None)
        return {given: value for given, value in found.items() if labels.items() <= set(given)}

    def histogram(self, name: str, **labels: str) -> Histogram:
        """The histogram of that name, added up over all labels that are not given.

        Raises
        ------
        WatchError
            When there is none, when a bucket has no bound, or when those to be added have other bounds.
        """
        return _added(name, self.histograms(name, **labels).values())

    def histograms(self, name: str, **labels: str) -> dict[frozenset[tuple[str, str]], Histogram]:
        """The histograms of that name that have these labels, by all the labels they have; none before the first count."""
        buckets = f"{name}_bucket"
        if buckets not in self.declared | {each for each, _ in self.samples}:
            raise WatchError(f"no histogram `{name}`")
        parts: dict[frozenset[tuple[str, str]], dict[float, float]] = {}
        for given, value in self.series(buckets, **labels).items():
            bound = dict(given).get("le")
            if bound is None:
                raise WatchError("a bucket without its bound `le`", where=name)
            parts.setdefault(frozenset(each for each in given if each[0] != "le"), {})[float(bound)] = value
        return {
            given: Histogram(
                tuple(sorted(counts)), tuple(counts[bound] for bound in sorted(counts)),
                self.samples.get((f"{name}_sum", given), math.nan),
            )
            for given, counts in parts.items()
        }  # fmt: skip


def read_metrics(text: str) -> Scrape:
    """Read Prometheus's text format, as a service gives it under ``/metrics``.

    Raises
    ------
    WatchError
        When the text is not in that format, or has one sample twice.
    """
    from prometheus_client.parser import text_string_to_metric_families

    try:
        families = list(text_string_to_metric_families(text))
    except ValueError as error:
        raise WatchError("this is not Prometheus's text format", tried=str(error)) from error
    found: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
    for sample in (sample for each in families for sample in each.samples):
        key = sample.name, frozenset(sample.labels.items())
        if key in found:
            raise WatchError(f"`{sample.name}` comes twice with the same labels", tried=str(dict(sample.labels)))
        found[key] = float(sample.value)
    declared = {each.name + ending for each in families for ending in _ENDINGS.get(each.type, ("",))}
    return Scrape(found, frozenset(declared))


def counter_increase(earlier: Scrape, later: Scrape, name: str, **labels: str) -> float:
    """How far a counter went between two readings, added up over all labels that are not given.

    Each series is compared with itself before anything is added: one that fell was started anew, and all it shows is new. In
    the sum, the others would hide its fall. A series that is new counts from 0, one that has gone does not count.
    """
    before, after = earlier.series(name, **labels), later.series(name, **labels)
    fresh = {given: before.get(given, 0.0) for given in after}
    return sum(value if value < fresh[given] else value - fresh[given] for given, value in after.items())


def histogram_increase(earlier: Scrape, later: Scrape, name: str, **labels: str) -> Histogram:
    """The histogram of what came between two readings: first the differences, as in `counter_increase`, then the sum."""
    before, after = earlier.histograms(name, **labels), later.histograms(name, **labels)
    return _added(name, [each - before[given] if given in before else each for given, each in after.items()])


def _added(name: str, histograms: Collection[Histogram]) -> Histogram:
    if not histograms:
        raise WatchError(
            f"no histogram `{name}` with these labels", remedy="a path that nobody asked has none yet: ask it once"
        )
    return reduce(operator.add, histograms)


def _verify_labels(name: str, labels: Mapping[str, object], known: set[str] | None) -> None:
    """Nothing can be said of a metric that has no sample yet: `known` is None, and any label may be right."""
    for label, value in labels.items():
        if not isinstance(value, str):
            raise WatchError(f"the label `{label}` of `{name}` is no text", remedy=f'write {label}="{value}"')
        if known is not None and label not in known:
            said = "there are: " + (", ".join(sorted(known)) or "none")
            raise WatchError(f"`{name}` has no label `{label}`", tried=said)
