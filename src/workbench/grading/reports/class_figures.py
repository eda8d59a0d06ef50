"""The pictures of the instructor's report: PNG in base64, drawn so that colour alone never carries the meaning."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from typing import Any

# Okabe and Ito's palette, from the best outcome to none, each with a pattern of its own.
OUTCOMES = {
    "correct": ("#009E73", ""),
    "partly correct": ("#56B4E9", "///"),
    "incorrect": ("#D55E00", "\\\\\\"),
    "not attempted": ("#DDDDDD", "..."),
    "not judged": ("#FFFFFF", "xx"),
}
_BLUE, _ORANGE = "#0072B2", "#E69F00"
_BINS = 20


def histogram(shares: Sequence[float], *, mean: float, median: float) -> str:
    """How the totals are spread.

    Parameters
    ----------
    shares : sequence of float
        Of all points, 0 to 1, a student each.
    mean, median : float
        Marked by lines.
    """
    figure, axes = _figure(2.6)
    axes.hist([100 * share for share in shares], bins=_BINS, range=(0, 100), color=_BLUE, edgecolor="white")
    axes.axvline(100 * mean, color="black", linewidth=1.5, label=f"mean {100 * mean:.0f} %")
    axes.axvline(100 * median, color=_ORANGE, linewidth=2, linestyle="--", label=f"median {100 * median:.0f} %")
    axes.set(xlabel="points earned (% of all)", ylabel="students", xlim=(0, 100))
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return _png(figure)


def outcomes(counts: Mapping[str, Mapping[str, int]]) -> str:
    """A bar a question: which share of the class has which outcome.

    Parameters
    ----------
    counts : mapping of question to mapping of outcome to students
        Outcomes as in `OUTCOMES`.
    """
    figure, axes = _figure(1.1 + 0.36 * len(counts))
    names = list(counts)
    left = [0.0] * len(names)
    for outcome, (colour, pattern) in OUTCOMES.items():
        widths = [100 * counts[name].get(outcome, 0) / max(1, sum(counts[name].values())) for name in names]
        if any(widths):
            axes.barh(
                names, widths, left=left, color=colour, hatch=pattern, edgecolor="#333333", linewidth=0.6, label=outcome
            )
        left = [a + b for a, b in zip(left, widths, strict=True)]
    axes.invert_yaxis()
    axes.set(xlabel="students (%)", xlim=(0, 100))
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return _png(figure)


def usage(seconds: Sequence[float], megabytes: Sequence[float]) -> str:
    """What each submission took: its time across, its memory upwards."""
    figure, axes = _figure(2.8)
    axes.scatter(seconds, megabytes, s=18, color=_BLUE, alpha=0.6, edgecolors="none")
    axes.set(xlabel="time to run (s)", ylabel="peak memory (MB)")
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    return _png(figure)


def _figure(height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure  # not pyplot: no state is left behind, and no window is ever asked for

    figure = Figure(figsize=(8.2, height), dpi=110, layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _png(figure: Any) -> str:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return base64.b64encode(stream.getvalue()).decode("ascii")
