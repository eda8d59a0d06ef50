"""What stands in place of a figure for a reader who cannot see it, made from the figure itself."""

from __future__ import annotations

from typing import Any

__all__ = ["describe", "picture_of"]


def describe(figure: Any) -> str:
    """What a figure shows, for a reader who cannot see it: each panel's title, axes with their ranges, and what is drawn.

    A notebook keeps it beside the picture as its alternative text. Values are for the cells around the figure to print.
    """
    panels = [axes for axes in figure.axes if axes.get_visible() and axes.axison and axes.get_label() != "<colorbar>"]
    texts = [_panel(axes) for axes in panels]
    title = figure.get_suptitle()
    if len(texts) > 1:
        texts = [f"Panel {place}: {text}" for place, text in enumerate(texts, start=1)]
    return " ".join([*([f"{title}."] if title else []), *texts])


def _panel(axes: Any) -> str:
    from matplotlib.container import BarContainer, ErrorbarContainer

    errors = [each for each in axes.containers if isinstance(each, ErrorbarContainer)]
    whiskers = {id(artist) for each in errors for artists in each.lines[1:] for artist in artists}
    kinds = {
        "lines": any(id(line) not in whiskers for line in axes.get_lines()),
        "bars": any(isinstance(each, BarContainer) for each in axes.containers),
        "error bars": len(errors) > 0,
        "points or areas": any(id(each) not in whiskers for each in axes.collections),
        "a picture": len(axes.images) > 0,
    }
    drawn = " and ".join(name for name, there in kinds.items() if there) or "text"
    parts = [f"{axes.get_title() or axes.get_title(loc='left') or 'Chart'}: {drawn}"]
    for name, label, limits in (
        ("across", axes.get_xlabel(), axes.get_xlim()),
        ("up", axes.get_ylabel(), axes.get_ylim()),
    ):
        if label:
            parts.append(f"{name} {label}{_range(axes, name, limits)}")
    _, named = axes.get_legend_handles_labels()
    return "; ".join([*parts, *([f"series {', '.join(named)}"] if named else [])]) + "."


def _range(axes: Any, name: str, limits: tuple[float, float]) -> str:
    """The range of an axis that counts; dates and names say nothing as numbers."""
    from matplotlib.ticker import Formatter, LogFormatter, ScalarFormatter

    from lifecycle.show import number  # which imports this module

    formatter: Formatter = (axes.xaxis if name == "across" else axes.yaxis).get_major_formatter()
    if not isinstance(formatter, ScalarFormatter | LogFormatter):
        return ""
    low, high = sorted(limits)
    return f" from {number(float(low))} to {number(float(high))}"


def picture_of(figure: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The figure as a notebook shows it, with its description beside the picture."""
    from IPython import get_ipython

    shell = get_ipython()
    picture = shell.display_formatter.formatters["image/png"](figure) if shell else None
    if picture is None:
        return {}, {}
    data, facts = picture if isinstance(picture, tuple) else (picture, {})
    return {"image/png": data}, {"image/png": {**facts, "alt": describe(figure)}}
