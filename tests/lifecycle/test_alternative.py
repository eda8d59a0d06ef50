"""What stands in place of a figure for a reader who cannot see it."""

from __future__ import annotations

import pytest

from lifecycle import show
from lifecycle.alternative import describe


def drawn(draw, **limits):
    figure, axes = show.figure()
    draw(axes)
    axes.set(xlabel="x", ylabel="y", title="T", **limits)
    return describe(figure)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0, 100, "from 0 to 100"),
        (2005, 2024, "from 2,005 to 2,024"),
        (0, 500_000, "from 0 to 500,000"),
        (-0.05, 1.05, "from -0.05 to 1.05"),
    ],
)
def test_a_range_is_written_so_that_it_can_be_read(low, high, said):
    assert f"across x {said};" in drawn(lambda axes: axes.plot([low, high], [0, 1]), xlim=(low, high))


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda axes: axes.plot([1, 2]), "T: lines;"),
        (lambda axes: axes.bar([1, 2], [3, 4]), "T: bars;"),
        (lambda axes: axes.scatter([1, 2], [3, 4]), "T: points or areas;"),
        (lambda axes: axes.errorbar([1, 2], [3, 4], yerr=1, capsize=2), "T: lines and error bars;"),
        (lambda axes: axes.errorbar([1, 2], [3, 4], yerr=1, fmt="none"), "T: error bars;"),
        (lambda axes: axes.bar([1, 2], [3, 4], yerr=1), "T: bars and error bars;"),
        (lambda axes: axes.stem([1, 2], [3, 4]), "T: lines and points or areas;"),
        (lambda axes: axes.text(0, 0, "a"), "T: text;"),
    ],
)
def test_what_is_drawn_is_called_by_its_name(draw, said):
    assert drawn(draw).startswith(said)
