"""A page that says at one glance how a service is: what was measured, what was promised, who has been told."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from lifecycle import show
from lifecycle.monitor.service.alerts import Alert
from lifecycle.monitor.service.errors import WatchError

_STATES = {"ok": "✓ ok", "missed": "✗ missed", "unknown": "? not measured", "told": "! an alert goes on"}


@dataclass(frozen=True)
class Tile:
    """One measurement beside its target.

    Attributes
    ----------
    name : str
        With the statistic and its scope: "p95 of /score, all replicas, last hour".
    value : float
        nan where it could not be measured.
    unit : str
    most, least : float or None
        The target: at most, or at least; strictly neither.
    """

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None

    def __post_init__(self) -> None:
        if self.most is None and self.least is None:
            raise WatchError("a measurement without a target says nothing", where=self.name, remedy="give `most` or `least`")

    @property
    def state(self) -> str:
        """``ok``, ``missed``, or ``unknown``: what was not measured is never ok."""
        if math.isnan(self.value):
            return "unknown"
        high = self.most is not None and self.value > self.most
        return "missed" if high or (self.least is not None and self.value < self.least) else "ok"

    @property
    def target(self) -> str:
        """The target in words."""
        parts = [
            f"≥ {show.number(self.least)}" if self.least is not None else "",
            f"≤ {show.number(self.most)}" if self.most is not None else "",
        ]
        return " and ".join(part for part in parts if part) + (f" {self.unit}" if self.unit else "")

    def row(self) -> dict[str, str]:
        """As a line of a table."""
        value = "–" if math.isnan(self.value) else show.number(self.value) + (f" {self.unit}" if self.unit else "")
        return {"measured": self.name, "value": value, "target": self.target, "state": _STATES[self.state]}


def status_page(title: str, tiles: Sequence[Tile], *, alerts: Sequence[Alert] = (), notes: Sequence[str] = ()) -> str:
    """The board as one HTML page that needs nothing else.

    Parameters
    ----------
    title : str
    tiles : sequence of Tile
    alerts : sequence of Alert
        Those that go on are listed first.
    notes : sequence of str
        What a reader should know besides: the last release, an open incident.

    Returns
    -------
    str
        Everything in it is escaped. Its first line is that of the worst: a target that is missed, an alert that goes on
        (other than ``info``), a measurement that is not there; only without any of them is it ok.
    """
    states = [tile.state for tile in tiles]
    if not states:
        raise WatchError("a board without a measurement says nothing", where=title, remedy="give `tiles`")
    ringing = any(alert.resolved is None and alert.rule.severity != "info" for alert in alerts)
    worst = next((each for each in ("missed", "told", "unknown") if each in [*states, *(["told"] if ringing else [])]), "ok")
    rows = "\n".join(
        f'<tr class="{tile.state}">' + "".join(f"<td>{escape(text)}</td>" for text in tile.row().values()) + "</tr>"
        for tile in tiles
    )
    told = sorted(alerts, key=lambda alert: (alert.resolved is not None, alert.fired))
    lines = "\n".join(
        f"<li><b>{escape(a.rule.name)}</b> ({escape(a.rule.severity)}): {escape(a.rule.condition)}; "
        f"{'goes on' if a.resolved is None else 'over'}. {escape(a.rule.action)}</li>"
        for a in told
    )
    remarks = "\n".join(f"<p>{escape(note)}</p>" for note in notes)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title><style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
td, th {{ text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #d7dde3; }}
.missed td:last-child {{ color: #a03c00; font-weight: 600; }}
.unknown td:last-child {{ color: #5b6670; font-style: italic; }}
</style></head><body>
<h1>{escape(title)}</h1>
<p>Altogether: <b>{_STATES[worst]}</b>. {states.count("ok")} of {len(tiles)} targets kept.</p>
<table><thead><tr><th>measured</th><th>value</th><th>target</th><th>state</th></tr></thead>
<tbody>
{rows}
</tbody></table>
<h2>Alerts</h2>
{"<ul>" + lines + "</ul>" if told else "<p>None.</p>"}
{remarks}
</body></html>
"""
