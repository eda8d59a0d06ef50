"""Pictures that a person can read: one row's account as steps, many rows as a cloud, and what a change would take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lifecycle import show
from lifecycle.explain.contributions import ExplanationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lifecycle.explain.contributions import Contributions

UP, DOWN = "#D55E00", "#0072B2"
"""Vermilion raises the score, blue lowers it (Okabe and Ito 2008)."""


def waterfall(axes: Any, contributions: Contributions, number: int, *, most: int = 8, form: str = "+.2f") -> None:
    """Draw one row's account as steps from the base (top) to the score (bottom).

    Parameters
    ----------
    axes : matplotlib Axes
    contributions : Contributions
    number : int
        Which of its rows.
    most : int
        Features shown one by one; the others share a bar.
    form : str
        Format specification of a contribution.
    """
    account = contributions.of(number)
    labels = [f"{name} = {show.number(value)}" for name, value in zip(account["feature"], account["value"], strict=True)]
    steps = account["contribution"].tolist()
    if len(steps) > most:
        labels, steps = [*labels[:most], f"{len(steps) - most} others"], [*steps[:most], sum(steps[most:])]
    at = contributions.base
    corners = [at]
    for place, step in enumerate(steps):
        axes.barh(place, step, left=at, color=UP if step > 0 else DOWN, height=0.6)
        axes.annotate(
            format(step, form), (max(at, at + step), place), (3, 0), textcoords="offset points", va="center", fontsize=8
        )
        if place + 1 < len(steps):
            axes.plot([at + step] * 2, [place, place + 1], color="black", lw=0.6)
        at += step
        corners.append(at)
    bottom = len(steps) - 0.3
    axes.plot([contributions.base] * 2, [-0.9, -0.3], color="black", lw=1)
    axes.plot([at] * 2, [bottom - 0.4, bottom + 0.2], color="black", lw=1)
    beside = {"textcoords": "offset points", "va": "center", "fontsize": 8}
    axes.annotate(f"base {contributions.base:.2f}", (contributions.base, -0.75), (4, 0), **beside)
    axes.annotate(f"score {at:.2f}", (at, bottom + 0.1), (4, 0), **beside)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(bottom + 0.4, -1)
    room = 0.14 * (max(corners) - min(corners) or 1)
    axes.set_xlim(min(corners) - room / 2, max(corners) + room)
    axes.grid(visible=False, axis="y")


def cloud(axes: Any, contributions: Contributions, *, most: int = 8, seed: int = 0) -> Any:
    """Draw every row's contribution of the leading features, coloured by how high the feature's value is among the rows.

    Returns
    -------
    PathCollection
        For a colour bar; 0 is the lowest value of a feature, 1 the highest.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    drawn = None
    names = contributions.ranking()["feature"].head(most).tolist()
    for place, name in enumerate(names):
        column = contributions.features.index(name)
        rank = contributions.rows[name].rank(pct=True).to_numpy()
        heights = place + rng.uniform(-0.28, 0.28, len(contributions))
        drawn = axes.scatter(
            contributions.values[:, column], heights, c=rank, cmap="cividis", vmin=0, vmax=1, s=5, linewidths=0
        )
    axes.axvline(0, color="black", lw=0.8)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    return drawn


def bars(axes: Any, shares: Mapping[str, float], *, marked: str = "") -> None:
    """Draw horizontal bars, the first on top; the one called `marked` in another colour."""
    axes.barh(list(shares), list(shares.values()), color=[UP if name == marked else DOWN for name in shares])
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")


def efforts(axes: Any, scores: Sequence[float], needed: Sequence[float]) -> None:
    """Draw what it would take to turn each decision; rows without a way stand in a marked band on top, off the scale.

    Parameters
    ----------
    axes : matplotlib Axes
    scores : sequence of float, n numbers
        Each row's score now, along the horizontal axis.
    needed : sequence of float, n numbers of at least 0
        The smallest effort, in your unit (name it in the axis label); NaN where no way was found.

    Raises
    ------
    ExplanationError
        When the two are not of one length, or an effort is negative or infinite.
    """
    import numpy as np

    across, up = np.asarray(scores, dtype="float64"), np.asarray(needed, dtype="float64")
    if across.shape != up.shape or across.ndim != 1:
        raise ExplanationError(f"{across.shape} scores and {up.shape} efforts do not belong together", where="needed")
    none = np.isnan(up)
    if not (np.isfinite(up[~none]) & (up[~none] >= 0)).all():
        raise ExplanationError("an effort is a number of at least 0, or NaN where no way was found", where="needed")
    highest = float(up[~none].max(initial=1.0))
    bottom, edge = -0.07 * highest, 1.1 * highest
    axes.plot(across[~none], up[~none], "o", color=DOWN)
    axes.set_ylim(bottom, edge)
    ticks = [tick for tick in axes.get_yticks() if 0 <= tick <= highest]
    if none.any():
        top = edge + 0.25 * highest
        axes.axhspan(edge, top, color="0.92")
        axes.plot(across[none], np.full(none.sum(), (edge + top) / 2), "x", color=UP)
        axes.set_ylim(bottom, top)
        axes.set_yticks([*ticks, (edge + top) / 2], [*(f"{tick:g}" for tick in ticks), "none found"])
