"""What is done for one tenant, by whoever computes it: train, or look how the engine in use does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from lifecycle.cases.errors import CaseError
from lifecycle.cases.recommendation.engine import Engine, Setting, count_hits, fit_engine
from lifecycle.cases.recommendation.history import History
from lifecycle.cases.recommendation.results import NOBODY, Trained
from lifecycle.cases.recommendation.schema import map_table
from lifecycle.cases.recommendation.sources import Source

PIPELINE = "2"
"""Part of every order: a change of the pipeline makes all results stale."""
STEP = timedelta(days=28)  # of the test, and of the validation before it

Job = tuple[Source, date, tuple[Setting, ...], Engine | None]


def order_digest(tenant: Source, at: date, settings: Sequence[Setting], champion: Engine | None) -> str:
    """Of everything that a result follows from."""
    try:
        data = tenant.digest
    except Exception:
        data = "unreadable"  # which is found out, and told, when it is trained
    told = champion.to_json() if champion else ""
    parts = [PIPELINE, tenant.name, tenant.industry, data, str(at), *map(repr, settings), told]
    return sha256(json.dumps(parts).encode()).hexdigest()


def train(job: Job) -> Trained:
    """Everything that is done for one tenant; what goes wrong is its result."""
    tenant, at, settings, champion = job
    blank = Trained(tenant.name, tenant.industry)
    try:
        mapped = map_table(tenant.read(at), tenant.mapping, where=tenant.name)
        history = History.of(mapped.table)
        chosen = _chosen(history, settings, at=at)
        tested = at - STEP
        return replace(
            blank,
            purchases=len(mapped.table),
            customers=len(history.customers),
            products=len(history.products),
            setting=str(chosen),
            test=count_hits(fit_engine(history, chosen, at=tested), history, at=tested),
            popular=count_hits(fit_engine(history, Setting(0), at=tested), history, at=tested),
            champion=count_hits(champion, history, at=tested) if champion else NOBODY,
            unused=len(mapped.unused),
            engine=fit_engine(history, chosen, at=at).to_json(),
        )
    except CaseError as error:
        return replace(blank, reason=error.what)
    except Exception as error:  # of an export that nobody foresaw: this tenant's matter, not all others'
        return replace(blank, reason=f"{type(error).__name__}: {error}")


def _chosen(history: History, settings: Sequence[Setting], *, at: date) -> Setting:
    """The setting with most hits in the last month but one; the first of equals."""
    validated = at - 2 * STEP
    usable = [setting for setting in settings if history.within(validated - timedelta(days=setting.window), validated).any()]
    if not usable:
        raise CaseError(
            f"nothing was bought before {validated}: there is nothing to learn from", where="recommendation: factory"
        )
    hits = [count_hits(fit_engine(history, setting, at=validated), history, at=validated).hits for setting in usable]
    return usable[hits.index(max(hits))]


def watch(job: Job) -> dict[str, Any]:
    """How often an engine was right in the month before."""
    tenant, at, _, engine = job
    row = {"tenant": tenant.name, "customers": 0, "hits": 0, "reason": ""}
    if engine is None:
        return row | {"reason": "no engine"}
    try:
        history = History.of(map_table(tenant.read(at), tenant.mapping, where=tenant.name).table)
        seen = count_hits(engine, history, at=at - STEP)
    except Exception as error:  # as in `train`
        return row | {"reason": error.what if isinstance(error, CaseError) else f"{type(error).__name__}: {error}"}
    return row | {"customers": seen.customers, "hits": seen.hits}
