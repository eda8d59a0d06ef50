"""A drift report for a person: one HTML page that needs nothing beside it."""

from __future__ import annotations

import math
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from lifecycle.monitor.drift.drawing import cumulative, dot, portrait, sketch
from lifecycle.monitor.drift.stability import ACT, WATCH
from lifecycle.monitor.drift.statistics import KS_ACT, KS_WATCH
from lifecycle.monitor.drift.verdict import ColumnDrift
from lifecycle.show import number

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

    from lifecycle.monitor.drift.report import DriftReport

LARGE = 6
"""Columns drawn large: the gravest."""

HEADLINES = {
    "nothing": "No column has moved far enough to matter",
    "wait": "Too few rows to tell",
    "watch": "Something has begun to move",
    "repair": "Something looks broken",
    "investigate": "The data have moved",
}


def page(report: DriftReport, *, title: str) -> str:
    """The report as HTML text; whatever comes from the data is escaped."""
    drawn = [each for each in report.columns if each.measured.picture is not None and each.level != "stable"][:LARGE]
    return _template().render(
        report=report,
        title=title,
        headline=HEADLINES[report.action.kind],
        counts={level: len(report.at(level)) for level in ("act", "watch", "stable")},
        rows=[_row(each) for each in report.columns],
        large=[_large(each) for each in drawn],
        bands={"psi": (WATCH, ACT), "ks": (KS_WATCH, KS_ACT)},
    )


def _row(each: ColumnDrift) -> dict[str, Any]:
    """What a line of the table shows."""
    found = each.measured
    picture = found.picture
    return {
        "drift": each,
        "picture": _safe(sketch(picture, title=f"{each.column}, before and now", width=100)) if picture is not None else "",
        "psi": _scale(each.psi, WATCH, ACT, f"PSI of {each.column}"),
        "ks": _scale(each.ks, KS_WATCH, KS_ACT, f"largest gap of {each.column}"),
        "missing": "–" if not any(found.missing) else " → ".join(map(_share, found.missing)),
        "said": [*each.reasons, *found.notes],
    }


def _large(each: ColumnDrift) -> dict[str, Any]:
    """What a large picture shows: the shares, the cumulative curves of numbers, the facts."""
    picture, numeric = each.measured.picture, each.ks is not None
    assert picture is not None
    shares = portrait(picture, title=f"{each.column}: shares before and now", numeric=numeric)
    curves = cumulative(picture, title=f"{each.column}: cumulative shares before and now") if numeric else ""
    return {"drift": each, "shares": _safe(shares), "curves": _safe(curves), "facts": each.measured.summary}


def _scale(value: float | None, watch: float, act: float, title: str) -> Markup | str:
    return "" if value is None else _safe(dot(value, watch, act, title=title))


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"number": _number, "share": _share, "p": _p, "code": _code, "short": _short}
    place = resources.files("lifecycle.monitor.drift").joinpath("templates", "drift_report.html")
    return environment.from_string(place.read_text(encoding="utf-8"))


def _safe(svg: str) -> Markup:
    """Drawings escape what comes from the data themselves."""
    from markupsafe import Markup

    return Markup(svg)  # noqa: S704


def _code(sentence: str) -> Markup:
    """What stands between backticks as code, all of it escaped."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(sentence))))  # noqa: S704


def _number(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    return number(value) if isinstance(value, (int, float)) else str(value)


def _short(value: float | None) -> str:
    """Three decimals, fewer for what is large: so many can be told apart."""
    return "–" if value is None else f"{value:.3f}" if abs(value) < 10 else number(round(value))


def _share(value: float) -> str:
    return "0 %" if value == 0 else "< 0.1 %" if value < 0.001 else f"{100 * value:.1f}\u00a0%"


def _p(value: float | None) -> str:
    return "–" if value is None else "< 0.0001" if value < 1e-4 else f"{value:.2g}"
