"""A plugin of pytest beside nbval, which passes over pictures: figures are compared too, as a person would see them.

``pytest -p nbval -p workbench.regress.nbval_figures --nbval notebooks``: a cell whose text is as stored fails where one of
its figures is not (`compare_figures`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workbench.regress.figure import compare_figures

_PICTURES = ("image/png", "image/jpeg")


def pytest_configure() -> None:
    """Let nbval ask about figures when it has found nothing else."""
    from nbval.plugin import IPyNbCell

    of_text = IPyNbCell.compare_outputs

    def compare(cell: Any, test: Any, ref: Any, skip_compare: Any = None) -> bool:
        if not of_text(cell, test, ref, skip_compare):
            return False
        found = changed(ref, test)
        cell.comparison_traceback += found
        return not found

    IPyNbCell.compare_outputs = compare


def changed(stored: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]) -> list[str]:
    """What differs between the figures of two lists of outputs, a line each; they are paired in their order.

    Parameters
    ----------
    stored, new : iterable of mapping
        Outputs as a notebook keeps them.
    """
    before, after = _pictures(stored), _pictures(new)
    if len(before) != len(after):
        return [f"{len(after)} figures, not {len(before)}"]
    found = [
        difference
        for number, (old, now) in enumerate(zip(before, after, strict=True), start=1)
        for difference in compare_figures(old, now, where=f"figure {number}")
    ]
    return [f"{one.where}: {one.old}, now {one.new}" for one in found]


def _pictures(outputs: Iterable[Mapping[str, Any]]) -> list[str]:
    return [output["data"][kind] for output in outputs for kind in _PICTURES if kind in output.get("data", {})]
