"""One column then and now: how far it has moved, whether chance alone could do that, and what looks broken."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import isfinite
from typing import TYPE_CHECKING

from lifecycle.monitor.drift.bins import Shares, few_values, occurrences, shares_of_sorted
from lifecycle.monitor.drift.columns import Counts, Kind, Numbers, Pair
from lifecycle.monitor.drift.faults import feed_faults, new_spelling
from lifecycle.monitor.drift.few import LEAST, counts_test
from lifecycle.monitor.drift.moments import at, gone_on, moment, time_faults
from lifecycle.monitor.drift.stability import stability_of_shares
from lifecycle.monitor.drift.statistics import (
    DriftTest,
    chi_squared_of_counts,
    gaps_of_sorted,
    in_deviations,
    jensen_shannon,
    ks_p_value,
)
from lifecycle.show import number

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

TOP = 50
"""Categories kept by name: the most frequent of both periods together. The others are one."""

SHOWN = 24
"""Bins of a picture."""


@dataclass(frozen=True)
class Measured:
    """What was measured of one column; what does not apply is None.

    Attributes
    ----------
    kind : str
    test : DriftTest or None
    ks, psi, wasserstein, jensen_shannon : float or None
        Effect sizes: largest gap (numbers), stability index, distance in standard deviations of the reference (numbers), and
        distance of the shares.
    bins_p : float or None
        Of chi-squared over the bins of the index, where the test is another: what chance alone could do to the index.
    missing : tuple of float
        Shares in both periods.
    missing_p : float or None
        Of the test whether the missing shares differ; None where nothing is missing.
    faults : tuple of str
        Signs that the feed has changed and not the world, as sentences about the column.
    notes : tuple of str
    shares : Shares or None
        What the index was computed from.
    picture : Shares or None
        Finer, for a drawing.
    summary : dict
        A few plain facts of both periods, as ``{"mean": (12.1, 13.0)}``.
    later : bool
        Whether this is a time, of which more than half lies after most of the reference: it has gone on, as time does.
    """

    kind: Kind
    missing: tuple[float, float]
    test: DriftTest | None = None
    ks: float | None = None
    psi: float | None = None
    wasserstein: float | None = None
    jensen_shannon: float | None = None
    bins_p: float | None = None
    missing_p: float | None = None
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    shares: Shares | None = None
    picture: Shares | None = None
    summary: dict[str, tuple[object, object]] = field(default_factory=dict)
    later: bool = False

    @property
    def p_values(self) -> dict[str, float]:
        """Of all tests that were made: ``test``, ``bins`` and ``missing``, as far as they apply."""
        made = {"test": self.test.p_value if self.test else None, "bins": self.bins_p, "missing": self.missing_p}
        return {name: p for name, p in made.items() if p is not None}


def measured(column: Pair, *, bins: int, rows: tuple[int, int], level: float = 0.01) -> Measured:
    """Measure one column.

    Parameters
    ----------
    column : Pair
    bins : int
        For the stability index, 2 or more.
    rows : tuple of int
        Rows of the reference and of the current period.
    level : float
        Of the signs of a fault: what chance alone does less often is one.
    """
    import numpy as np

    notes = (column.note,) if column.note else ()
    faults = (column.fault,) if column.fault else ()
    missing_p = None
    if any(column.missing):
        gone = [round(share * n) for share, n in zip(column.missing, rows, strict=True)]
        missing_p = counts_test([gone[0], rows[0] - gone[0]], [gone[1], rows[1] - gone[1]]).p_value
    base = Measured(column.kind, column.missing, missing_p=missing_p, faults=faults, notes=notes)
    if isinstance(column.was, Numbers) and isinstance(column.now, Numbers):
        with np.errstate(over="ignore", invalid="ignore"):  # of numbers near the largest there are, means are infinite
            return _numbers(base, column.was, column.now, bins, level)
    if isinstance(column.was, Counts) and isinstance(column.now, Counts):
        return _categories(base, column.was, column.now)
    return base


def _numbers(base: Measured, was: Numbers, now: Numbers, bins: int, level: float) -> Measured:
    if base.kind == "time":
        faults, notes = time_faults(was, now, level=level)
    else:
        faults, notes = feed_faults(was, now, bins=bins, level=level)
    base = replace(base, faults=(*base.faults, *faults), notes=(*base.notes, *notes))
    if not len(was.values) or not len(now.values):
        return base
    gaps = gaps_of_sorted(was.values, now.values)
    write = moment if base.kind == "time" else number
    shares = shares_of_sorted(was.values, now.values, bins=bins, write=write)
    known = few_values(was.values, bins)
    bins_p = None
    if known is None:
        p = ks_p_value(gaps.largest, len(was.values), len(now.values))
        test = DriftTest("Kolmogorov-Smirnov", gaps.largest, p, gaps.largest)
        bins_p = _p_of_bins(shares, len(was.values), len(now.values))
    else:  # among few values the law of the gap is far too cautious
        counts = [occurrences(values, known) for values in (was.values, now.values)]
        others = [len(values) - int(count.sum()) for values, count in zip((was.values, now.values), counts, strict=True)]
        test = counts_test([*counts[0], others[0]], [*counts[1], others[1]])
    deviation = float(was.values.std())
    return replace(
        base,
        test=test,
        bins_p=bins_p,
        ks=gaps.largest,
        psi=stability_of_shares(shares.reference, shares.current),
        wasserstein=_finite(in_deviations(gaps.area, deviation)),
        jensen_shannon=jensen_shannon(shares.reference, shares.current),
        shares=shares,
        picture=shares if known is not None else _fine(was, now, write),
        summary=_moments(was, now) if base.kind == "time" else _facts(was, now),
        later=base.kind == "time" and gone_on(was, now),
    )


def _p_of_bins(shares: Shares, n: int, m: int) -> float | None:
    """Whether chance alone could shift the bins so; nothing where too few rows are expected in one to say."""
    import numpy as np

    then, now = np.rint(shares.reference * n), np.rint(shares.current * m)
    if (then + now).min() * min(n, m) / (n + m) < LEAST:
        return None
    return chi_squared_of_counts(then, now).p_value


def _facts(was: Numbers, now: Numbers) -> dict[str, tuple[object, object]]:
    facts = {}
    for name, place in (("lowest", 0.0), ("median", 0.5), ("highest", 1.0)):
        facts[name] = (at(was, place), at(now, place))
    facts["mean"] = (float(was.values.mean()), float(now.values.mean()))
    facts["sd"] = (float(was.values.std()), float(now.values.std()))
    order = ("mean", "sd", "lowest", "median", "highest")
    return {name: (_finite(facts[name][0]), _finite(facts[name][1])) for name in order}


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None


def _moments(was: Numbers, now: Numbers) -> dict[str, tuple[object, object]]:
    places = {"first": 0.0, "median": 0.5, "last": 1.0}
    return {name: (moment(at(was, place)), moment(at(now, place))) for name, place in places.items()}


def _fine(was: Numbers, now: Numbers, write: Callable[[float], str]) -> Shares:
    """Equal bins between the 1st and the 99th percentiles of both; what lies beyond is in the outer ones."""
    import numpy as np

    ends = [at(each, share) for each in (was, now) for share in (0.01, 0.99)]
    edges = np.linspace(min(ends), max(ends), SHOWN + 1)
    if not np.all(np.diff(edges) > 0):
        return shares_of_sorted(was.values, now.values, write=write)
    then, after = (
        np.diff(np.searchsorted(each.values, edges[1:-1]), prepend=0, append=len(each.values)) / len(each.values)
        for each in (was, now)
    )
    names = [write(float(edge)) for edge in edges]
    return Shares(tuple(f"{names[i]} to {names[i + 1]}" for i in range(SHOWN)), then, after)


def _categories(base: Measured, was: Counts, now: Counts) -> Measured:
    import numpy as np

    table, fresh = _common(was.values, now.values)
    then, after = (np.asarray(table[name], dtype=float) for name in ("reference", "current"))
    shares = Shares(tuple(map(str, table.index)), then / then.sum(), after / after.sum())
    faults, notes = new_spelling(was.values, fresh, int(after.sum()))
    return replace(
        base,
        test=counts_test(then, after),
        psi=stability_of_shares(shares.reference, shares.current),
        jensen_shannon=jensen_shannon(shares.reference, shares.current),
        faults=(*base.faults, *faults),
        notes=(*base.notes, *notes),
        shares=shares,
        picture=shares,
        summary={
            "values": (len(was.values), len(now.values)),
            "most frequent": (str(was.values.idxmax()), str(now.values.idxmax())),
        },
    )


def _common(was: pd.Series, now: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    """Counts of the most frequent categories in both periods and of the rest as one; and those that the reference lacks.

    Both periods together choose the names. Were it the reference alone, the rest would gain today whenever there are many
    rare values: some are frequent in a sample by luck, and others it has not met at all.
    """
    import pandas as pd

    fresh = now[~now.index.isin(was.index)].sort_values(ascending=False, kind="stable")
    table = pd.concat([was, now], axis=1, keys=["reference", "current"]).fillna(0).astype("int64")
    table = table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    named, rest = table.iloc[:TOP], table.iloc[TOP:]
    named = named.sort_values("reference", ascending=False, kind="stable")
    named.index = pd.Index([str(name) for name in named.index], dtype=object)
    if len(rest):
        named.loc["(other)"] = rest.sum()
    return named, fresh
