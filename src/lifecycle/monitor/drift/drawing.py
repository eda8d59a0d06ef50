"""Pictures of a column then and now, as SVG text that needs nothing beside it."""

from __future__ import annotations

from html import escape
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lifecycle.monitor.drift.bins import Shares

SLIGHT = 0.05
"""A gap below it is not marked: the curves lie on each other."""

BARS = 12
"""Categories drawn at most; the rest are left to the table."""


def sketch(shares: Shares, *, title: str, width: int = 120, height: int = 30) -> str:
    """A small picture: the reference as grey area, the current period as a line.

    Parameters
    ----------
    shares : Shares
        Bins in their order.
    title : str
        For readers who do not see it.
    width, height : int
        In CSS pixels.
    """
    top = max(*shares.reference, *shares.current, 1e-12)
    body = _steps(shares.reference.tolist(), top, width, height, "was") + _steps(
        shares.current.tolist(), top, width, height, "now"
    )
    return _svg(body, title, width, height)


def portrait(shares: Shares, *, title: str, numeric: bool, width: int = 300, height: int = 110) -> str:
    """A large picture: shares in both periods, with names below; pairs of bars for categories."""
    if not numeric:
        return _bars(shares, title, width)
    top = max(*shares.reference, *shares.current, 1e-12)
    body = _steps(shares.reference.tolist(), top, width, height, "was")
    body += _steps(shares.current.tolist(), top, width, height, "now")
    body += _hints(shares, width, height)
    first, last = shares.labels[0].split(" to ")[0], shares.labels[-1].split(" to ")[-1]
    body += f'<text x="0" y="{height + 14}">{escape(_cut(first, 22))}</text>'
    body += f'<text x="{width}" y="{height + 14}" text-anchor="end">{escape(_cut(last, 22))}</text>'
    return _svg(body, title, width, height + 18, ground=height)


def cumulative(shares: Shares, *, title: str, width: int = 300, height: int = 110) -> str:
    """Both cumulative curves over the bins, and where they are farthest apart: what Kolmogorov and Smirnov measure."""
    was, now = (list(accumulate(side.tolist())) for side in (shares.reference, shares.current))
    step = width / len(was)

    def line(values: list[float], kind: str) -> str:
        points = " ".join(f"{(i + 1) * step:.1f},{height - value * (height - 2):.1f}" for i, value in enumerate(values))
        return f'<polyline class="{kind}" points="0,{height} {points}"/>'

    widest = max(range(len(was)), key=lambda i: abs(was[i] - now[i]))
    body = line(was, "line-was") + line(now, "now")
    if abs(was[widest] - now[widest]) < SLIGHT:
        return _svg(body, title, width, height + 4, ground=height)
    x, ends = (widest + 1) * step, [height - side[widest] * (height - 2) for side in (was, now)]
    gap = abs(was[widest] - now[widest])
    mark = f'<line class="gap" x1="{x:.1f}" x2="{x:.1f}" y1="{ends[0]:.1f}" y2="{ends[1]:.1f}"/>'
    side, shift = ("end", -5) if x > width * 0.7 else ("start", 5)
    middle = sum(ends) / 2
    mark += f'<text class="gap" x="{x + shift:.1f}" y="{middle + 4:.1f}" text-anchor="{side}">gap {gap:.2f}</text>'
    return _svg(body + mark, title, width, height + 4, ground=height)


def dot(value: float, watch: float, act: float, *, title: str, width: int = 84) -> str:
    """Where an effect stands on its scale: two bands and a mark; what lies beyond the scale is at its end."""
    end = act * 1.6
    x = min(value, end) / end * (width - 6) + 3
    zones = [(0.0, watch, "stable"), (watch, act, "watch"), (act, end, "act")]
    body = "".join(
        f'<rect class="zone-{kind}" x="{low / end * (width - 6) + 3:.1f}" y="5" '
        f'width="{(high - low) / end * (width - 6):.1f}" height="4"/>'
        for low, high, kind in zones
    )
    return _svg(f'{body}<circle cx="{x:.1f}" cy="7" r="4"/>', title, width, 14, ground=None)


def _bars(shares: Shares, title: str, width: int) -> str:
    order = sorted(range(len(shares.labels)), key=lambda i: -max(shares.reference[i], shares.current[i]))[:BARS]
    top = max(*shares.reference, *shares.current, 1e-12)
    left, row = 118, 19
    parts = []
    for place, i in enumerate(sorted(order)):
        y, label = place * row, shares.labels[i]
        parts.append(f'<text x="{left - 6}" y="{y + 12}" text-anchor="end">{escape(_cut(label, 17))}</text>')
        for k, (value, kind) in enumerate(((shares.reference[i], "bar-was"), (shares.current[i], "bar-now"))):
            long = float(value) / top * (width - left - 48)
            parts.append(f'<rect class="{kind}" x="{left}" y="{y + 2 + 7 * k}" width="{max(long, 0.6):.1f}" height="6"/>')
        note = f"{_percent(float(shares.reference[i]))} → {_percent(float(shares.current[i]))}"
        reach = float(max(shares.reference[i], shares.current[i])) / top * (width - left - 48)
        parts.append(f'<text class="value" x="{left + reach + 4:.1f}" y="{y + 12}">{note}</text>')
    return _svg("".join(parts), title, width + 40, len(order) * row + 4, ground=None)


def _steps(values: list[float], top: float, width: int, height: int, kind: str) -> str:
    step = width / len(values)
    heights = [height - value / top * (height - 2) for value in values]
    points = " ".join(f"{i * step:.1f},{y:.1f} {(i + 1) * step:.1f},{y:.1f}" for i, y in enumerate(heights))
    if kind == "was":
        return f'<polygon class="was" points="0,{height} {points} {width},{height}"/>'
    return f'<polyline class="now" points="{points}"/>'


def _hints(shares: Shares, width: int, height: int) -> str:
    step = width / len(shares.labels)
    boxes = []
    for i, label in enumerate(shares.labels):
        text = f"{label}: {_percent(float(shares.reference[i]))} before, {_percent(float(shares.current[i]))} now"
        place = f'x="{i * step:.1f}" y="0" width="{step:.1f}" height="{height}"'
        boxes.append(f'<rect class="hint" {place}><title>{escape(text)}</title></rect>')
    return "".join(boxes)


def _svg(body: str, title: str, width: int, height: int, *, ground: int | None = -1) -> str:
    level = height if ground == -1 else ground
    line = "" if level is None else f'<line class="ground" x1="0" y1="{level}" x2="{width}" y2="{level}"/>'
    return (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}">{body}{line}</svg>'
    )


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


def _percent(share: float) -> str:
    return "0 %" if share == 0 else "< 0.1 %" if share < 0.001 else f"{100 * share:.1f} %"
