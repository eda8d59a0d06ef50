"""Gates 7 and 8: it stays within its budget under load, and keeps its word as a service, the way back included."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

from lifecycle.deploy.packaging.reference import GOLDEN_TOLERANCE
from lifecycle.deploy.release.candidate import Candidate
from lifecycle.deploy.release.clean_process import scored_alone
from lifecycle.deploy.release.evidence import Finding
from lifecycle.deploy.release.router import Router
from lifecycle.deploy.serving.app import create_app
from lifecycle.deploy.serving.capacity import percentile
from lifecycle.deploy.serving.in_process import in_process

ASKED = 60
"""Requests a round; of up to `ROUNDS` rounds the best counts, since a busy machine can only make things slower."""
ROUNDS = 6
PAUSE = 0.3
"""Seconds between rounds: a busy spell of the machine is not to last through all of them."""
BUSY = 8.0
"""Seconds for further rounds where the machine has more to do than it can: a slow answer says little of the package then."""
CROWDED = 1.5
"""Processes that want to run, for each processor, above which a machine is busy: at 1 it does what it can, and no more."""


def resources(candidate: Candidate) -> Iterator[Finding]:
    """Gate 7: size, memory, answer time and throughput against the budget."""
    package, budget = candidate.package, candidate.budget
    size = sum(len(data) for data in package.files.values()) / 2**20
    yield Finding(
        "size of the package", size <= budget.package_mib, f"{size:.1f} MiB", f"at most {budget.package_mib:g} MiB"
    )
    memory = scored_alone(package).memory_mib
    fine = memory is None or memory <= budget.memory_mib
    told = "not told by this system" if memory is None else "within" if fine else "over"
    yield Finding("memory of a scoring process", fine, told, f"at most {budget.memory_mib:g} MiB",
                  {} if memory is None else {"mib": memory})  # fmt: skip
    rows = [{"features": row} for row in package.golden[list(package.features)].to_dict("records")]
    app = create_app(package)
    p95, failed = _best_round(app, rows, enough=budget.answer_ms)
    yield Finding("no error under load", failed == 0, f"{failed} errors", "0 errors")
    quick = p95 <= budget.answer_ms
    yield Finding(
        "p95 of an answer with reasons",
        quick,
        "within" if quick else "over",
        f"at most {budget.answer_ms:g} ms",
        {"ms": p95},
    )
    rate = _batch_rate(candidate)
    many = rate >= budget.rows_per_second
    wanted = f"at least {budget.rows_per_second:,.0f}"
    yield Finding("rows a second in batches", many, "enough" if many else "too few", wanted, {"rows_per_second": rate})


def integration(candidate: Candidate) -> Iterator[Finding]:
    """Gate 8: the service end to end: states, golden rows, contract, refusals, and the way back."""
    package = candidate.package
    client = in_process(create_app(package))
    states = [client.get(path).status_code for path in ("/health", "/ready")]
    yield Finding("health and readiness", states == [200, 200], f"{states[0]}, {states[1]}", "200, 200")
    told = client.get("/version").json()
    named = (told.get("version"), told.get("digest")) == (package.version, package.digest)
    yield Finding("says which model it is", named, "version and digest" if named else "another", "version and digest")
    rows = package.golden[list(package.features)].to_dict("records")
    answer = client.post("/score/batch", json={"rows": rows})
    yield Finding("golden rows through the service", *_golden(answer, package.golden["score"].tolist()))
    one = client.post("/score", json={"features": rows[0]}).json()
    typed = type(one.get("prediction")) is int and type(one.get("probability")) is float
    yield Finding("types of an answer", typed, "whole number, fraction" if typed else "other", "whole number, fraction")
    yield _contract(candidate, client, rows[0])
    promised = list(candidate.service.get("endpoints", ()))
    offered = client.get("/openapi.json").json()["paths"]
    gone = [path for path in promised if path not in offered]
    yield Finding("endpoints that were promised", not gone, ", ".join(gone) + " gone" if gone else "all", "all")
    yield _refusals(client, rows[0])
    yield _way_back(candidate, rows[0])


def _golden(answer: Any, scores: list[float]) -> tuple[bool, str, str]:
    import numpy as np

    wanted = f"within {GOLDEN_TOLERANCE:g}"
    if answer.status_code != 200:
        return False, f"status {answer.status_code}", wanted
    answers = _answers(answer.json())
    gap = np.max([abs(one["probability"] - score) for one, score in zip(answers, scores, strict=True)])  # NaN stays NaN
    return bool(gap <= GOLDEN_TOLERANCE), "all agree" if gap <= GOLDEN_TOLERANCE else f"off by {gap:.2g}", wanted


def _answers(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The list of answers in the body of a batch, whatever it is called."""
    return next(value for value in content.values() if isinstance(value, list))


def _contract(candidate: Candidate, client: Any, row: dict[str, float]) -> Finding:
    """Send every end of every range that callers were promised."""
    promised = {field.name: field for field in candidate.contract}
    base = {name: row.get(name, field.low) for name, field in promised.items()}
    refused = []
    for name, field in promised.items():
        ends = {field.low, field.high} if not field.choices else {min(field.choices), max(field.choices)}
        status = client.post("/score/batch", json={"rows": [base | {name: end} for end in sorted(ends)]}).status_code
        if status != 200:
            refused.append(name)
    found = f"refuses {refused[0]} at an end of its range" if refused else f"{len(promised)} fields, both ends"
    found += f", and {len(refused) - 1} more" if refused[1:] else ""
    return Finding("contract of its callers", not refused, found, "every promised value is answered")


def _refusals(client: Any, row: dict[str, float]) -> Finding:
    name = next(iter(row))
    wrong = {
        "missing field": {key: value for key, value in row.items() if key != name},
        "text for a number": row | {name: "text"},
        "null": row | {name: None},
        "unknown field": row | {"unheard_of": 1},
    }
    other = []
    for what, features in wrong.items():
        answer = client.post("/score", json={"features": features})
        culprit = "unheard_of" if what == "unknown field" else name
        if not 400 <= answer.status_code < 500 or culprit not in answer.text:
            other.append(what)
    broken = client.post("/score", content=b"{", headers={"content-type": "application/json"}).status_code
    if not 400 <= broken < 500:
        other.append("no JSON")
    return Finding(
        "wrong requests are refused", not other, f"not: {other[0]}" if other else "5 of 5, by name", "5 of 5, by name"
    )


def _way_back(candidate: Candidate, row: dict[str, float]) -> Finding:
    """Switch from the version that runs to the candidate and back, asking each time who answers."""
    wanted = "back to what ran before"
    before = candidate.previous
    if before is None:
        return Finding("rollback rehearsed", False, "no previous package to go back to", wanted)
    router = Router(create_app(before, reasons=False), create_app(candidate.package, reasons=False))
    client = in_process(router)
    seen = [client.get("/version").json()["digest"]]
    router.switch()
    seen.append(client.get("/version").json()["digest"])
    router.roll_back("rehearsal")
    seen.append(client.get("/version").json()["digest"])
    shared = {name: row[name] for name in before.features if name in row}
    answered = client.post("/score", json={"features": shared}).status_code == 200
    fine = seen == [before.digest, candidate.package.digest, before.digest] and answered
    return Finding("rollback rehearsed", fine, "there and back" if fine else "the version before does not answer", wanted)


def _best_round(app: Any, bodies: list[dict[str, Any]], *, enough: float) -> tuple[float, int]:
    """The smallest p95 in milliseconds and the most errors of some rounds; no more of them once one is quick enough."""
    best, failed = float("inf"), 0
    until = time.monotonic() + BUSY
    for turn in count():
        if turn >= ROUNDS and (time.monotonic() > until or not _busy()):
            break
        time.sleep(PAUSE if turn else 0)
        seconds, errors = _timed(app, bodies)
        best, failed = min(best, 1000 * seconds), max(failed, errors)
        if best <= enough:
            break
    return best, failed


def _busy() -> bool:
    """Whether, in the last minute, `CROWDED` times as many processes have wanted to run as there are processors.

    False where no system tells: Windows has no such figure, and some containers refuse to give it.
    """
    try:
        load = os.getloadavg()[0]
    except (AttributeError, OSError):
        return False
    return load > CROWDED * (os.cpu_count() or 1)


def _timed(app: Any, bodies: list[dict[str, Any]]) -> tuple[float, int]:
    """95th percentile of the answer time in seconds, and answers that were not 200; a loop of its own, no socket."""
    import httpx

    async def ask() -> tuple[float, int]:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            seconds, errors = [], 0
            for place in range(ASKED):
                began = time.perf_counter()
                answer = await client.post("/score", json=bodies[place % len(bodies)])
                seconds.append(time.perf_counter() - began)
                errors += answer.status_code != 200
        return percentile(seconds, 0.95), errors

    return _elsewhere(lambda: asyncio.run(ask()))


def _elsewhere(work: Callable[[], tuple[float, int]]) -> tuple[float, int]:
    """In a thread of its own: where this is called from, an event loop may be running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


def _batch_rate(candidate: Candidate) -> float:
    import numpy as np

    values = candidate.package.guard(candidate.inputs())
    values = np.tile(values, (max(1, 2000 // max(1, len(values))), 1))[:5000]
    scorer = candidate.package.scorer()
    best = 0.0
    for _ in range(ROUNDS):
        began = time.perf_counter()
        scorer.scores(values)
        best = max(best, len(values) / (time.perf_counter() - began))
    return best
