"""Four thousand tenants: trained and evaluated on two cores, in bounded memory, the same wherever, and quick to answer.

Tenants are drawn (`draw_tenants`, median 2,000 purchases; 2 % with a broken export). For each, the pipeline reads an export,
brings it into the universal schema, tries four settings on a validation month, tests the chosen one on the month after,
trains it on everything and writes the result with its digest. Two processes on this machine do it, then two workers of a
`distributed` cluster on loopback; a plain loop in this process does some of them, in turn with the pool, for the ratio.

figure tenants                     tenants with an engine or a reason
figure median-purchases            of those that were trained, rows in the universal schema
figure minutes                     of the pool of two processes, by the clock, results written
figure peak-memory                 most resident memory of the processes together (RSS, polled; shared pages count twice)
figure quarantined-rightly         tenants in quarantine that had been broken, and broken ones in quarantine, of both
figure resumed-off                 how far from two the results made anew are, after one file was removed and one damaged
figure distributed-differences     results that differ between the pool and the cluster
figure pool-over-loop              seconds of the plain loop over those of the pool, same tenants: 2 would be ideal
figure answer-p95                  of POST /recommend over loopback at 100 requests a second, tenants in turn, log on disk
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import psutil
from _measure import Figure, main, median_ratio, pairs
from distributed import Client, LocalCluster

from lifecycle.cases.recommendation.factory import train_tenants
from lifecycle.cases.recommendation.offering import Desk
from lifecycle.cases.recommendation.report import TenantReport
from lifecycle.cases.recommendation.service import recommendation_app
from lifecycle.cases.recommendation.tenants import LIVE, Tenant, draw_tenants
from lifecycle.deploy import load_test, serving

GIGABYTE = 2**30
SHOWN = 200  # tenants whose engines one service holds


def measure(quick: bool) -> list[Figure]:
    n = 400 if quick else 4_000
    tenants = draw_tenants(n, seed=22, broken=0.02)
    with tempfile.TemporaryDirectory() as folder, memory() as peak:
        out = Path(folder) / "pool"
        with pool() as executor:
            begun = time.perf_counter()
            report = train_tenants(tenants, executor, at=LIVE, out=out, progress=told)
            minutes = (time.perf_counter() - begun) / 60
        most = max(peak)
        again = resumed(tenants, out)
        differences = elsewhere(tenants, out, Path(folder) / "cluster")
        ratio = beside_a_loop(tenants[: 96 if quick else 240], repeat=1 if quick else 3)
        slowest = answers(report, seconds=5 if quick else 20)
    broken = {tenant.name for tenant in tenants if tenant.fault}
    print(*sorted(set(report.quarantined.values()))[:8], sep="\n", file=sys.stderr)
    return [
        Figure("tenants", len(report.results), "tenants", ">=", n),
        Figure("median-purchases", statistics.median(r.purchases for r in report.trained), "purchases", ">=", 1_800),
        Figure("minutes", minutes, "min", "<=", 6),
        Figure("peak-memory", most / GIGABYTE, "GiB", "<=", 2),
        Figure("quarantined-rightly", len(broken & set(report.quarantined)) / len(broken | set(report.quarantined)),
               "of tenants", ">=", 1.0),
        Figure("resumed-off", abs(again.made - 2), "results", "<=", 0),
        Figure("distributed-differences", differences, "results", "<=", 0),
        Figure("pool-over-loop", ratio, "times", ">=", 1.3),
        Figure("answer-p95", 1000 * slowest, "ms", "<=", 20),
    ]  # fmt: skip


def pool() -> ProcessPoolExecutor:
    """Two processes, started afresh, as on any system."""
    return ProcessPoolExecutor(2, mp_context=get_context("spawn"))


def told(done: int, total: int) -> None:
    """A line every tenth of the way."""
    if done % max(1, total // 10) == 0:
        print(f"{done:,} of {total:,}", file=sys.stderr)


@contextmanager
def memory() -> Iterator[list[int]]:
    """Resident memory of this process and all below it, several times a second."""
    seen, over = [0], threading.Event()

    def poll() -> None:
        here = psutil.Process()
        while not over.wait(0.2):
            total = 0
            for process in (here, *here.children(recursive=True)):
                try:
                    total += process.memory_info().rss
                except psutil.Error:
                    continue  # it ended while we looked
            seen.append(total)

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def resumed(tenants: Sequence[Tenant], out: Path) -> TenantReport:
    """As after an interruption: a result is gone, another one is torn."""
    gone, torn = islice(sorted(out.glob("*.json")), 2)
    gone.unlink()
    torn.write_bytes(torn.read_bytes()[:-200])
    return train_tenants(tenants, at=LIVE, out=out)


def elsewhere(tenants: Sequence[Tenant], out: Path, other: Path) -> int:
    """The same tenants on two workers of a cluster (processes, TCP on loopback): files that are not equal, byte by byte."""
    settings = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "n_workers": 2, "threads_per_worker": 1}
    with LocalCluster(processes=True, **settings) as cluster, Client(cluster) as client:
        begun = time.perf_counter()
        train_tenants(tenants, client.get_executor(pure=False), at=LIVE, out=other, progress=told)
        print(f"cluster: {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    return sum((out / place.name).read_bytes() != place.read_bytes() for place in other.glob("*.json")) + abs(
        len(list(out.glob("*.json"))) - len(list(other.glob("*.json")))
    )


def beside_a_loop(tenants: Sequence[Tenant], *, repeat: int) -> float:
    """The same tenants in a loop of this process, and in a pool that is warm."""
    with pool() as executor:
        train_tenants(tenants[:16], executor, at=LIVE)

        def through(who: Executor | None) -> TenantReport:
            return train_tenants(tenants, who, at=LIVE)

        return median_ratio(*pairs(lambda: through(None), lambda: through(executor), repeat=repeat))


def answers(report: TenantReport, *, seconds: float) -> float:
    """95th percentile in seconds of a service that holds many engines."""
    import json

    engines = {result.name: report.engine(result.name) for result in report.trained[:SHOWN]}
    bodies = [
        json.dumps({"tenant": name, "basket": list(engine.products[2:5]), "region": "north", "n": 5}).encode()
        for name, engine in engines.items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(engines, log=Path(folder) / "answers.jsonl")
        with serving(recommendation_app(desk)) as service:
            load_test(service.url, bodies, path="/recommend", seconds=1, rate=50)
            seen = load_test(service.url, bodies, path="/recommend", seconds=seconds, rate=100, connections=16)
    print(f"{seen.requests:,} requests, {seen.errors} errors, p50 {1000 * seen.percentile(0.5):.1f} ms", file=sys.stderr)
    return seen.percentile(0.95) if not seen.errors else float("inf")


if __name__ == "__main__":
    main(measure, about=__doc__ or "")
