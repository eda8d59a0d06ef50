"""Small pictures of how a column is spread in either class, as SVG text that needs nothing beside it."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from lifecycle.show import number

if TYPE_CHECKING:
    import pandas as pd

BINS = 20
VALUES = 8


class Shape(NamedTuple):
    """The share of either class in each bin of a column, or in each of its most frequent values.

    Attributes
    ----------
    labels : tuple of str
        What each bin holds.
    negative, positive : tuple of float
        Shares of the class with a known value; empty where it has none.
    """

    labels: tuple[str, ...]
    negative: tuple[float, ...]
    positive: tuple[float, ...]


def shape_of(column: pd.Series, labels: pd.Series) -> Shape:
    """Count a column by class: in 20 bins between the 1st and 99th percentiles of both classes, or by 8 values.

    Parameters
    ----------
    column : Series
        Numbers, dates or text; no two rows have one index.
    labels : Series of bool
        Of the same rows.
    """
    if column.dtype.kind in "iufM":
        return _binned(column, labels)
    text = column.dropna().astype(str)
    frequent = list(text.value_counts().index[:VALUES])
    names = [*frequent, "(other)"] if text.nunique() > VALUES else frequent
    place = text.where(text.isin(frequent), "(other)")
    shares = [place[labels[place.index] == truth].value_counts(normalize=True) for truth in (False, True)]
    negative, positive = (tuple(float(share.get(name, 0.0)) for name in names) for share in shares)
    return Shape(tuple(names), negative, positive)


def _binned(column: pd.Series, labels: pd.Series) -> Shape:
    import numpy as np
    import pandas as pd

    known = column.dropna()
    values = known.astype("int64") if known.dtype.kind == "M" else known.astype(float)
    classes = [part for part in (values[~labels[values.index]], values[labels[values.index]]) if len(part)]
    # Of each class, so that a rare one is not squeezed into the last bin; "nearest" gives values that occur.
    ends = [part.quantile([0.01, 0.99], interpolation="nearest") for part in classes]
    low, high = min(end.iloc[0] for end in ends), max(end.iloc[1] for end in ends)
    if low == high:
        low, high = values.min(), values.max()
    distinct = np.unique(values[(values >= low) & (values <= high)])
    whole = len(distinct) <= BINS and known.dtype.kind != "M"
    edges = np.linspace(low, high, BINS + 1)
    clipped = values.clip(low, high)
    counts = []
    for truth in (False, True):
        chosen = clipped[labels[clipped.index] == truth]
        # A few distinct numbers are bars of their own: bins between them would stand empty.
        made = np.array([(chosen == value).sum() for value in distinct]) if whole else np.histogram(chosen, edges)[0]
        counts.append(tuple((made / max(1, made.sum())).tolist()))
    if whole:
        return Shape(tuple(number(float(value)) for value in distinct), counts[0], counts[1])
    names = (
        [str(pd.Timestamp(int(edge), unit=known.dt.unit).date()) for edge in edges]
        if known.dtype.kind == "M"
        else [number(float(edge)) for edge in edges]
    )
    return Shape(tuple(f"{names[i]} to {names[i + 1]}" for i in range(BINS)), counts[0], counts[1])


def spread(shape: Shape, *, title: str, width: int = 110, height: int = 32, ends: bool = False) -> str:
    """Draw both classes over each other: negative rows as grey bars, positive rows as a line of steps.

    Parameters
    ----------
    shape : Shape
    title : str
        What is shown, for readers who do not see it.
    width, height : int
        In CSS pixels, without the ends.
    ends : bool
        Write labels below: all of four or fewer, else the first and the last.

    Returns
    -------
    str
        An ``svg`` element, everything in it escaped.
    """
    if not shape.labels:
        return ""
    top = max(*shape.negative, *shape.positive) or 1.0
    step = width / len(shape.labels)
    bars, points, hints = [], [], []
    for i, (label, negative, positive) in enumerate(zip(shape.labels, shape.negative, shape.positive, strict=True)):
        tall = negative / top * (height - 2)
        bars.append(
            f'<rect x="{i * step + 0.5:.1f}" y="{height - tall:.1f}" width="{max(step - 1, 0.5):.1f}" height="{tall:.1f}"/>'
        )
        y = height - positive / top * (height - 2)
        points.append(f"{i * step:.1f},{y:.1f} {(i + 1) * step:.1f},{y:.1f}")
        hint = escape(f"{label}: {percent(negative)} of class 0, {percent(positive)} of class 1")
        hints.append(f'<rect x="{i * step:.1f}" y="0" width="{step:.1f}" height="{height}"><title>{hint}</title></rect>')
    below = ""
    if ends:
        below = "".join(
            f'<text x="{at * width:.1f}" y="{height + 14}" text-anchor="{anchor}">{escape(_cut(text, letters))}</text>'
            for at, anchor, text, letters in _ends(shape.labels)
        )
    return (
        f'<svg class="spread" role="img" aria-label="{escape(title)}" viewBox="0 0 {width} {height + (18 if ends else 0)}" '
        f'width="{width}" height="{height + (18 if ends else 0)}"><g class="negative">{"".join(bars)}</g>'
        f'<polyline class="positive" points="{" ".join(points)}"/><line class="ground" x1="0" y1="{height}" x2="{width}" '
        f'y2="{height}"/>{below}<g class="hints">{"".join(hints)}</g></svg>'
    )


def percent(share: float) -> str:
    """A share as a person writes it: ``21.4 %``, ``< 0.1 %``, and a dash where there is none."""
    if math.isnan(share):
        return "–"
    return "0 %" if share == 0 else "< 0.1 %" if share < 0.001 else f"{100 * share:.1f} %"


def _ends(labels: tuple[str, ...]) -> list[tuple[float, str, str, int]]:
    """What to write below a picture: where (0 to 1), how it is anchored there, what, and how many letters have room."""
    if len(labels) <= 4:
        return [((i + 0.5) / len(labels), "middle", label, 36 // len(labels)) for i, label in enumerate(labels)]
    return [(0, "start", labels[0].split(" to ")[0], 18), (1, "end", labels[-1].split(" to ")[-1], 18)]


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}…"
