"""A dashboard for Grafana, made from what is watched and from the limits at which somebody is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lifecycle.monitor.service.alerts import AlertRule
from lifecycle.monitor.service.errors import WatchError

_COLOURS = {"info": "blue", "warning": "orange", "critical": "red"}
_SOURCE = {"type": "prometheus", "uid": "${source}"}
_WIDTH, _HEIGHT = 12, 8


@dataclass(frozen=True)
class Panel:
    """One picture.

    Attributes
    ----------
    title : str
        With the statistic and the scope in it: "p95 of /score, all replicas".
    expression : str
        PromQL.
    unit : str
        Grafana's name of it: ``"s"``, ``"percentunit"``, ``"reqps"``, ``"bytes"``, ``"short"``.
    rules : tuple of AlertRule
        Their limits are drawn as lines.
    """

    title: str
    expression: str
    unit: str = "short"
    rules: tuple[AlertRule, ...] = ()


def grafana_dashboard(title: str, panels: Iterable[Panel], *, uid: str, refresh: str = "30s") -> dict[str, Any]:
    """A dashboard as Grafana imports it; the data source is chosen there.

    Parameters
    ----------
    title : str
    panels : iterable of Panel
        Two a row, in this order.
    uid : str
        Its permanent name, at most 40 characters: a second import replaces the first.
    refresh : str
        How often it is drawn anew.

    Returns
    -------
    dict
        To be written as JSON. The same arguments give the same dictionary.
    """
    chosen = tuple(panels)
    if not chosen:
        raise WatchError("a dashboard needs a panel", where=title)
    if not 0 < len(uid) <= 40:
        raise WatchError("a dashboard's uid has 1 to 40 characters", where=title, tried=f"{len(uid)} characters")
    return {
        "uid": uid,
        "title": title,
        "schemaVersion": 39,
        "editable": True,
        "refresh": refresh,
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [{"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}]},
        "panels": [_panel(number, panel) for number, panel in enumerate(chosen)],
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    limits = [(rule.above if rule.above is not None else rule.below, _COLOURS[rule.severity]) for rule in panel.rules]
    steps += [{"color": colour, "value": value} for value, colour in sorted((v, c) for v, c in limits if v is not None)]
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": _SOURCE,
        "gridPos": {"x": number % 2 * _WIDTH, "y": number // 2 * _HEIGHT, "w": _WIDTH, "h": _HEIGHT},
        "targets": [{"refId": "A", "datasource": _SOURCE, "expr": panel.expression}],
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "thresholds": {"mode": "absolute", "steps": steps},
                "custom": {"thresholdsStyle": {"mode": "line" if panel.rules else "off"}},
            },
            "overrides": [],
        },
    }
