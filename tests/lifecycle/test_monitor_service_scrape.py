"""Metrics read from text, and from the real service."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client import Histogram as Real

from lifecycle.deploy import create_app, in_process, percentile
from lifecycle.monitor import Histogram, WatchError, counter_increase, histogram_increase, read_metrics

BOUNDS = (1.0, 2.0, 5.0, 10.0, 50.0)


def histogram_of(values):
    registry = CollectorRegistry()
    real = Real("took", "Time.", buckets=BOUNDS, registry=registry)
    for value in values:
        real.observe(value)
    return read_metrics(generate_latest(registry).decode()).histogram("took")


times = st.lists(st.floats(0.01, 80), min_size=1, max_size=60)
shares = st.sampled_from([0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1.0])


@given(times, shares)
def test_the_true_quantile_lies_in_the_bucket(values, share):
    low, estimate, high = histogram_of(values).quantile(share)
    assert low < percentile(values, share) <= high
    assert low <= estimate <= high


@given(times, times)
def test_histograms_of_replicas_add_up_to_that_of_all(first, second):
    both, all_of_them = histogram_of(first) + histogram_of(second), histogram_of(first + second)
    assert both.counts == all_of_them.counts
    assert both.mean == pytest.approx(np.mean(first + second))
    assert (all_of_them - histogram_of(first)).counts == histogram_of(second).counts


def test_the_estimate_is_that_of_prometheus():
    """Values from Prometheus's documentation of the rule: even spread within a bucket, the last finite bound beyond."""
    histogram = Histogram((1.0, 2.0, 4.0, math.inf), (10, 30, 40, 50), 0)
    assert histogram.quantile(0.5).estimate == pytest.approx(1 + (25 - 10) / 20)
    assert histogram.quantile(0.1).estimate == pytest.approx(0.5)
    assert histogram.quantile(0.9) == (4.0, 4.0, math.inf)


def test_no_measurements_no_quantile():
    empty = Histogram((1.0, math.inf), (0, 0))
    assert all(map(math.isnan, (*empty.quantile(0.5), empty.mean)))


@pytest.mark.parametrize("parts", [((1.0,), (1,)), ((1.0, math.inf), (2, 1)), ((2.0, 1.0, math.inf), (1, 1, 1)), ((), ())])
def test_what_is_no_histogram_is_refused(parts):
    with pytest.raises(WatchError):
        Histogram(*parts)


def test_other_bounds_cannot_be_added():
    with pytest.raises(WatchError, match="other bounds"):
        Histogram((1.0, math.inf), (1, 1)) + Histogram((2.0, math.inf), (1, 1))


def test_a_service_that_started_anew_counts_from_zero():
    earlier, later = (Histogram((1.0, math.inf), counts, 1) for counts in ((5, 9), (2, 3)))
    assert (later - earlier).counts == (2, 3)
    before, after = (read_metrics(f"# TYPE asked counter\nasked_total {n}\n") for n in (50, 7))
    assert counter_increase(before, after, "asked_total") == 7
    assert counter_increase(after, before, "asked_total") == 43


def asked(**replicas):
    lines = [f'asked_total{{replica="{name}"}} {n}' for name, n in replicas.items()]
    return read_metrics("\n".join(["# TYPE asked counter", *lines, ""]))


def test_a_replica_that_started_anew_is_not_hidden_by_the_others():
    assert counter_increase(asked(a=100, b=50), asked(a=160, b=3), "asked_total") == 63
    assert counter_increase(asked(a=100, b=50), asked(a=160, c=7), "asked_total") == 67
    assert counter_increase(asked(a=100, b=50), asked(a=160, b=3), "asked_total", replica="b") == 3


def took(**replicas):
    lines = ["# TYPE took histogram"]
    for name, (few, all_of_them) in replicas.items():
        lines += [
            f'took_bucket{{le="1.0",replica="{name}"}} {few}',
            f'took_bucket{{le="+Inf",replica="{name}"}} {all_of_them}',
        ]
        lines += [f'took_count{{replica="{name}"}} {all_of_them}', f'took_sum{{replica="{name}"}} {2 * all_of_them}']
    return read_metrics("\n".join([*lines, ""]))


def test_histograms_are_subtracted_before_they_are_added():
    increase = histogram_increase(took(a=(10, 100), b=(5, 50)), took(a=(30, 160), b=(1, 3), c=(2, 4)), "took")
    assert (increase.counts, increase.total) == ((23, 67), 134)
    with pytest.raises(WatchError, match="no histogram"):
        histogram_increase(took(a=(1, 1)), took(a=(1, 1)), "took", replica="z")


def test_a_label_that_no_series_has_and_a_number_are_faults():
    with pytest.raises(WatchError, match="no label `copy`"):
        asked(a=1).value("asked_total", copy="a")
    with pytest.raises(WatchError, match="no label `status`"):
        read_metrics("# TYPE asked counter\nasked_total 3\n").value("asked_total", status="500")
    with pytest.raises(WatchError, match="no text"):
        asked(a=1).value("asked_total", replica=1)


def test_histograms_that_do_not_fit_together_are_not_added():
    text = '# TYPE t histogram\nt_bucket{path="a",le="1"} 1\nt_bucket{path="a",le="+Inf"} 2\nt_bucket{path="b",le="2"} 1\n'
    with pytest.raises(WatchError, match="other bounds"):
        read_metrics(text + 't_bucket{path="b",le="+Inf"} 2\n').histogram("t")
    with pytest.raises(WatchError, match="without its bound"):
        read_metrics('t_bucket{path="a"} 1\n').histogram("t")


def test_a_sample_that_comes_twice_is_refused():
    with pytest.raises(WatchError, match="twice"):
        read_metrics('# TYPE a counter\na_total{x="1"} 1\na_total{x="1"} 2\n')


def test_of_a_single_bucket_nothing_is_known():
    low, estimate, high = Histogram((math.inf,), (5,)).quantile(0.5)
    assert math.isnan(estimate)
    assert (low, high) == (0, math.inf)


def test_an_unknown_name_is_a_fault_and_an_unknown_label_a_zero():
    registry = CollectorRegistry()
    Counter("asked", "Requests.", ("status",), registry=registry).labels("200").inc(3)
    Counter("failed", "Never yet.", ("status",), registry=registry)
    scrape = read_metrics(generate_latest(registry).decode())
    assert scrape.value("asked_total") == 3
    assert scrape.value("asked_total", status="500") == 0
    assert scrape.value("failed_total") == 0
    with pytest.raises(WatchError, match="no metric `ask_total`"):
        scrape.value("ask_total")
    with pytest.raises(WatchError, match="no histogram"):
        scrape.histogram("asked")


def test_what_is_no_metrics_text_is_refused():
    with pytest.raises(WatchError, match="text format"):
        read_metrics("<html>502 Bad Gateway</html>")


def test_the_real_service_counts_what_it_was_asked(small_package):
    service = in_process(create_app(small_package))
    row = small_package.golden[list(small_package.features)].iloc[0].to_dict()
    before = read_metrics(service.get("/metrics").text)
    for _ in range(3):
        service.post("/score", json={"features": row})
    service.post("/score", json={"features": {}})
    after = read_metrics(service.get("/metrics").text)
    assert counter_increase(before, after, "scoring_requests_total", path="/score", status="200") == 3
    assert counter_increase(before, after, "scoring_requests_total", path="/score") == 4
    assert counter_increase(before, after, "scoring_rows_total") == 3
    assert after.histogram("scoring_request_seconds", path="/score").count == 4
    assert after.histogram("scoring_probability").mean == pytest.approx(small_package.golden["score"].iloc[0], abs=1e-6)
