"""One pipeline, run for every tenant: written once against an executor, with quarantine, resume and progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle.cases.errors import CaseError
from lifecycle.cases.recommendation.engine import Engine, Setting
from lifecycle.cases.recommendation.orders import Job, order_digest, train, watch
from lifecycle.cases.recommendation.report import TenantReport
from lifecycle.cases.recommendation.results import Trained, keep, kept
from lifecycle.cases.recommendation.sources import Source
from lifecycle.spread import carried_out

if TYPE_CHECKING:
    import pandas as pd

SETTINGS = (Setting(0), Setting(5), Setting(20), Setting(20, 5.0))
"""What is tried for each tenant: popularity alone, few neighbours, many, many with little trust in rare pairs."""
CHUNK = 8  # tenants in one order: less to send than to compute
AHEAD = 16  # orders that are handed out at once, so that memory does not grow with the number of tenants
Progress = Callable[[int, int], None]


def train_tenants(
    tenants: Sequence[Source],
    executor: Executor | None = None,
    *,
    at: date,
    settings: Sequence[Setting] = SETTINGS,
    champions: Mapping[str, Engine] | None = None,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> TenantReport:
    """Read, map, choose a setting, test, and train on everything: for each tenant, whoever computes it.

    The purchases before `at` are split in time. Settings compete in the last month but one, trained on what lies before;
    the best (the first of equals) is tested in the last month, which has no say; then it is trained on everything before
    `at`.

    Parameters
    ----------
    tenants : sequence of Source
    executor : Executor, optional
        Any of ``concurrent.futures``, ``distributed.Client(...).get_executor(pure=False)`` too. This process where none is
        given. The report is the same whoever computes it.
    at : date
        Today: nothing from that day on is read.
    settings : sequence of Setting
    champions : mapping of name to Engine, optional
        The engines in use, tried in the same test month.
    out : str or Path, optional
        A folder for the results, a file a tenant. What is there already, undamaged and made by the same order, is kept.
    progress : callable, optional
        Called with how many are done, and of how many: for each result that is made, and before, if any were kept.

    Raises
    ------
    CaseError
        When names are not unique (``A`` and ``a`` are one file on some systems) or no names for files, there is no setting,
        a worker ends, or none is left. A tenant that cannot be trained is a result with a reason, not an error.
    """
    _check(tenants, settings)
    champions = champions or {}
    orders = {each.name: order_digest(each, at, settings, champions.get(each.name)) for each in tenants}
    folder = Path(out) if out is not None else None
    results: dict[str, Trained] = {}
    for name, order in orders.items():
        found = kept(folder / f"{name}.json", order) if folder else None
        if found is not None:
            results[name] = replace(found, engine="")
    before = len(results)
    if progress and before:
        progress(before, len(tenants))
    left = [tenant for tenant in tenants if tenant.name not in results]
    jobs = [(tenant, at, tuple(settings), champions.get(tenant.name)) for tenant in left]
    for result in _answers(executor, train, jobs):
        if folder:
            keep(folder / f"{result.name}.json", orders[result.name], result)
        results[result.name] = replace(result, engine="") if folder else result
        if progress:
            progress(len(results), len(tenants))
    return TenantReport(tuple(results[tenant.name] for tenant in tenants), len(left), before, folder, orders)


def watch_tenants(
    tenants: Sequence[Source], engines: Mapping[str, Engine], executor: Executor | None = None, *, at: date
) -> pd.DataFrame:
    """How often each engine was right in the month before `at`.

    Parameters
    ----------
    tenants : sequence of Source
        Those without an engine are left out.
    engines : mapping of name to Engine
    executor : Executor, optional
    at : date
        Today.

    Returns
    -------
    DataFrame
        ``tenant``, ``customers``, ``hits``, ``reason`` (why there is no figure; empty where there is), by name.
    """
    import pandas as pd

    jobs = [(tenant, at, (), engines[tenant.name]) for tenant in tenants if tenant.name in engines]
    columns = ["tenant", "customers", "hits", "reason"]
    return pd.DataFrame(_answers(executor, watch, jobs), columns=columns).sort_values("tenant", ignore_index=True)


def _answers(executor: Executor | None, task: Callable[[Job], Any], jobs: Sequence[Job]) -> Iterator[Any]:
    """Answers as they come."""
    where, remedy = "recommendation: factory", "start again with the same folder: what is finished is kept"
    for _, answer in carried_out(executor, task, jobs, error=CaseError, unit="tenants", where=where, remedy=remedy,
                                 chunk=CHUNK, ahead=AHEAD):  # fmt: skip
        yield answer


def _check(tenants: Sequence[Source], settings: Sequence[Setting]) -> None:
    names = [tenant.name for tenant in tenants]
    odd = next((name for name in names if not name.replace("-", "").replace("_", "").isalnum()), None)
    if odd is not None:
        raise CaseError(f"`{odd}` is no name for a file", where="recommendation: train_tenants",
                        remedy="use letters, digits, `_` and `-`")  # fmt: skip
    taken: dict[str, str] = {}
    for name in names:
        same = name.casefold()  # systems that do not tell A from a have one file for both
        if same in taken:
            raise CaseError(f"two tenants are called `{taken[same]}` and `{name}`" if taken[same] != name
                            else f"two tenants are called `{name}`", where="recommendation: train_tenants",
                            remedy="use names that differ in more than capitals")  # fmt: skip
        taken[same] = name
    if not settings:
        raise CaseError("there is no setting to try", where="recommendation: train_tenants")
