"""Is governance itself any good? Its own figures: for doing it, and for what comes of it.

A figure of doing (cards written, gates passed at the first try) can be pushed without anything getting better; a figure
of results (incidents, how quickly they are closed) is harder to push, by not reporting or by closing early, and comes
late. So they stand side by side, with their counts, and a small count keeps its interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from lifecycle.govern.process.errors import ProcessError
from lifecycle.govern.process.given import day, mapping, text, within


@dataclass(frozen=True)
class Kpi:
    """One figure.

    Attributes
    ----------
    name : str
    kind : {"doing", "results"}
    value : float
        A share from 0 to 1, or days; NaN where there is nothing to count.
    count : int
        How many it rests on.
    unit : {"share", "days"}
    low, high : float
        95 % limits of a share (Wilson); NaN for days.
    """

    name: str
    kind: str
    value: float
    count: int
    unit: str
    low: float
    high: float


def governance_kpis(models: Sequence[Mapping[str, Any]], incidents: Sequence[Mapping[str, Any]]) -> tuple[Kpi, ...]:
    """The board of governance.

    Parameters
    ----------
    models : sequence of mapping
        A live model each: ``card`` (bool), ``tries`` (how often it went to the first gate), ``submitted`` and ``signed``
        (dates; ``signed`` None while it waits), ``due`` (date by which it should have been signed).
    incidents : sequence of mapping
        ``opened`` and ``closed`` (dates; None while open), ``due`` (date).

    Raises
    ------
    ProcessError
        For a row that lacks one of these, has another kind, or ends before it began.
    """
    for place, row in enumerate(models):
        _check_row(row, f"models: {place}", flags=("card",), begin="submitted", end="signed")
        within(row["tries"], 1, 1_000_000, where=f"models: {place}: tries")
    for place, row in enumerate(incidents):
        _check_row(row, f"incidents: {place}", begin="opened", end="closed")
    signed = [each for each in models if each["signed"] is not None]
    closed = [each for each in incidents if each["closed"] is not None]
    return (
        _share("models with a card", "doing", [each["card"] for each in models]),
        _share("passed at the first try", "doing", [each["tries"] == 1 for each in signed]),
        _share("signed in time", "doing", [each["signed"] <= each["due"] for each in signed]),
        _days("time to sign-off", "doing", [(each["signed"] - each["submitted"]).days for each in signed]),
        _share("incidents closed", "results", [each["closed"] is not None for each in incidents]),
        _share("incidents closed in time", "results", [each["closed"] <= each["due"] for each in closed]),
        _days("time to close an incident", "results", [(each["closed"] - each["opened"]).days for each in closed]),
    )


def leaderboard(models: Sequence[Mapping[str, Any]], *, least: int = 5) -> list[dict[str, Any]]:
    """Teams by the share of models that passed at the first try, best first.

    Parameters
    ----------
    models : sequence of mapping
        As for `governance_kpis`, with a ``team``.
    least : int
        A team with fewer signed models has no place: its share is chance. It is listed last, with ``place`` None.

    Notes
    -----
    Places are given by the lower limit of the interval, so that three of three do not beat nineteen of twenty.
    """
    teams: dict[str, list[bool]] = {}
    for place, each in enumerate(models):
        _check_row(each, f"models: {place}", begin="submitted", end="signed")
        text(each.get("team"), where=f"models: {place}: team")
        within(each.get("tries"), 1, 1_000_000, where=f"models: {place}: tries")
        if each["signed"] is not None:
            teams.setdefault(each["team"], []).append(each["tries"] == 1)
    rows = [(team, _share(team, "doing", first)) for team, first in teams.items()]
    ranked = sorted(rows, key=lambda row: (row[1].count < least, -row[1].low, row[0]))
    return [
        {"team": team, "models": kpi.count, "first try": kpi.value, "low": kpi.low, "high": kpi.high,
         "place": place if kpi.count >= least else None}
        for place, (team, kpi) in enumerate(ranked, 1)
    ]  # fmt: skip


def portfolio(n: int, *, seed: int, hurry: float = 0.0) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Models and incidents of an invented year, to try figures on.

    Parameters
    ----------
    n : int
        Number of models.
    seed : int
    hurry : float
        From 0 to 1: how far gates are waved through. Models then pass at the first try more often, sooner, and cause
        more incidents: that is put in, as a chance of 0.35 in place of 0.06 for a model that was not sound.

    Returns
    -------
    models, incidents : list of dict
        As `governance_kpis` and `leaderboard` take them.
    """
    import numpy as np

    for name, value, high in (("n", n, 1_000_000), ("seed", seed, 2**63), ("hurry", hurry, 1)):
        within(value, 0, high, where=f"portfolio: {name}")
    rng = np.random.default_rng(seed)
    models, incidents = [], []
    start = date(2025, 1, 6).toordinal()
    for number in range(n):
        sound = rng.random() < 0.6
        waved = rng.random() < hurry
        submitted = start + int(rng.integers(0, 300))
        tries = 1 if sound or waved else 2 + int(rng.random() < 0.3)
        days = int(rng.integers(2, 6)) if waved else tries * int(rng.integers(8, 20))
        ready = rng.random() < 0.92
        models.append({
            "name": f"model {number + 1}", "team": ["red", "green", "blue", "violet"][number % 10 // 3], "sound": sound,
            "card": bool(waved or rng.random() < 0.85), "tries": tries, "submitted": date.fromordinal(submitted),
            "signed": date.fromordinal(submitted + days) if ready else None, "due": date.fromordinal(submitted + 21),
        })  # fmt: skip
        if rng.random() < (0.35 if waved and not sound else 0.06):
            opened = submitted + days + int(rng.integers(5, 120))
            took = int(rng.integers(1, 25))
            closed = date.fromordinal(opened + took) if rng.random() < 0.85 else None
            incidents.append({"opened": date.fromordinal(opened), "closed": closed, "due": date.fromordinal(opened + 14)})
    return models, incidents


def _check_row(row: Any, where: str, *, begin: str, end: str, flags: Sequence[str] = ()) -> None:
    """A row of the board: its dates are dates, in order, and its flags are true or false."""
    missing = [name for name in (*flags, begin, end, "due") if name not in mapping(row, where=where)]
    if missing:
        raise ProcessError(f"there is no `{missing[0]}`", where=where, remedy="see the parameters of `governance_kpis`")
    for name in flags:
        if not isinstance(row[name], bool):
            raise ProcessError("neither true nor false", where=f"{where}: {name}", tried=repr(row[name])[:60])
    day(row["due"], where=f"{where}: due")
    if row[end] is not None and day(row[end], where=f"{where}: {end}") < day(row[begin], where=f"{where}: {begin}"):
        raise ProcessError(f"`{end}` is before `{begin}`", where=where)
    day(row[begin], where=f"{where}: {begin}")


def _share(name: str, kind: str, hits: Sequence[bool]) -> Kpi:
    n = len(hits)
    if n == 0:
        return Kpi(name, kind, float("nan"), 0, "share", float("nan"), float("nan"))
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(sum(hits), n, method="wilson")
    return Kpi(name, kind, sum(hits) / n, n, "share", float(low), float(high))


def _days(name: str, kind: str, days: Sequence[int]) -> Kpi:
    value = float(median(days)) if days else float("nan")
    return Kpi(name, kind, value, len(days), "days", float("nan"), float("nan"))
