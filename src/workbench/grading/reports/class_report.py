"""The instructor's report: one page that needs nothing beside it, with all that students wrote escaped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib import resources
from typing import Any

from workbench.checks import render
from workbench.grading.reports import class_figures
from workbench.grading.reports.class_summary import ClassSummary

SLOWEST = 5  # submissions named in the table of time and memory
GROUPS = 5  # ways to go wrong shown of each question
NAMED = 12  # students named beside a flag


def page(title: str, summaries: Sequence[ClassSummary]) -> str:
    """The report on one or more exercises as HTML."""
    from jinja2 import Environment

    template = resources.files("workbench").joinpath("templates", "class.html.jinja").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"share": _share, "number": _number, "inline": _inline}
    return environment.from_string(template).render(
        title=title,
        exercises=[(summary, _figures(summary)) for summary in summaries],
        slowest=SLOWEST,
        groups=GROUPS,
        named=NAMED,
    )


def _figures(summary: ClassSummary) -> dict[str, str]:
    """The pictures, by name; one without anything to show is left out."""
    pictures = {}
    if summary.shares:
        pictures["totals"] = class_figures.histogram(summary.shares, mean=summary.mean, median=summary.median)
    if any(sum(counts.values()) for counts in summary.outcomes.values()):
        pictures["outcomes"] = class_figures.outcomes(summary.outcomes)
    if summary.runs:
        seconds, memory = [run.seconds for run in summary.runs], [run.memory / 2**20 for run in summary.runs]
        pictures["usage"] = class_figures.usage(seconds, memory)
    return pictures


def _inline(text: str) -> Any:
    from markupsafe import Markup

    return Markup(render.inline(text))  # noqa: S704 - it escapes


def _share(value: float) -> str:
    return "–" if math.isnan(value) else f"{100 * value:.0f} %"


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"
