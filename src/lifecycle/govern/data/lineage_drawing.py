"""A picture of a lineage: one column of names a layer, lines between them, one path in colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lifecycle.govern.data.lineage import Lineage
from lifecycle.show import COLOURS

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["draw_lineage"]


def draw_lineage(lineage: Lineage, axes: Any, *, highlight: str = "", size: float = 7) -> None:
    """Draw a lineage from left to right.

    Parameters
    ----------
    lineage : Lineage
    axes : matplotlib Axes
    highlight : str
        A thing whose sources and whatever was made of it are drawn in colour; the rest is grey.
    size : float
        Of the letters, in points.
    """
    lit: Collection[str] = set(lineage.things)
    if highlight:
        lit = {highlight, *lineage.upstream(highlight), *lineage.downstream(highlight)}
    layers = lineage.layers
    places = {}
    for column, layer in enumerate(layers):
        things = lineage.layer(layer)
        for row, thing in enumerate(things):
            places[thing] = (column, -(row + 0.5) / len(things))
    for source, thing, _ in lineage.edges:
        on = source in lit and thing in lit
        (x0, y0), (x1, y1) = places[source], places[thing]
        style = {"color": COLOURS["vermilion"] if highlight and on else COLOURS["grey"], "lw": 1.1 if on else 0.4}
        axes.plot([x0 + 0.02, x1 - 0.02], [y0, y1], zorder=2 if on else 1, **style)
    for thing, (x, y) in places.items():
        box = {"boxstyle": "round,pad=0.2", "fc": "white", "ec": COLOURS["grey"], "lw": 0.5}
        colour = COLOURS["black"] if thing in lit else "#56616D"  # a grey that can still be read
        axes.text(x, y, thing.partition(":")[2], ha="center", va="center", fontsize=size, color=colour, bbox=box, zorder=3)
    for column, layer in enumerate(layers):
        axes.text(column, 0.03, layer, ha="center", va="bottom", fontsize=size + 2, weight="bold")
    axes.set(xlim=(-0.45, len(layers) - 0.55), ylim=(-1.02, 0.1))
    axes.axis("off")
