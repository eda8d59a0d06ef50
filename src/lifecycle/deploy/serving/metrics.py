"""What a service counts about itself, in the form that Prometheus reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
_PATHS = ("/score", "/score/batch")
_STATUSES = (200, 422, 500, 503)
_TENTHS = tuple(round(0.1 * tenth, 1) for tenth in range(1, 11))


class Metrics:
    """Counters and histograms of one service, in a registry of its own: two services in a process do not mix.

    Parameters
    ----------
    model : mapping
        ``name``, ``version`` and ``digest``, written out as labels of ``scoring_model_info``.

    Notes
    -----
    Every path and status that can be foreseen is there from the start, at 0. A series that appears with its first failures
    has no value before them, so ``rate()`` of Prometheus sees no increase and no rule rings for the burst that made it.
    """

    def __init__(self, model: Mapping[str, str]) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "scoring_requests", "Requests, by path and status.", ("path", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "scoring_request_seconds", "From the last byte of a request to the answer's first.", ("path",), buckets=_SECONDS,
            registry=self.registry,
        )  # fmt: skip
        self._rows = Counter("scoring_rows", "Rows scored, by decision.", ("prediction",), registry=self.registry)
        self._chances = Histogram("scoring_probability", "Probabilities given.", buckets=_TENTHS, registry=self.registry)
        info = Gauge(
            "scoring_model_info", "Always 1; the labels say which model answers.", tuple(model), registry=self.registry
        )
        info.labels(**model).set(1)
        for path in _PATHS:
            self._seconds.labels(path)
            for status in _STATUSES:
                self._requests.labels(path, str(status))
        self._decided = [self._rows.labels(str(decision)) for decision in (0, 1)]

    def request(self, path: str, status: int, seconds: float) -> None:
        """Count a request that was answered or refused."""
        self._requests.labels(path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)

    def scored(self, predictions: Sequence[int], chances: Sequence[float]) -> None:
        """Count decisions, and where the probabilities lie: the first sign of drift, long before any label comes."""
        for prediction, chance in zip(predictions, chances, strict=True):
            self._decided[prediction].inc()
            self._chances.observe(chance)

    def text(self) -> bytes:
        """Everything, in Prometheus's text format."""
        from prometheus_client import generate_latest

        return generate_latest(self.registry)
