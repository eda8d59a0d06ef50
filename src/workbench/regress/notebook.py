"""Two notebooks, cell by cell and output by output."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

from workbench.regress.difference import Difference
from workbench.regress.figure import Threshold, compare_figures
from workbench.regress.numbers import Tolerance
from workbench.regress.table import compare_html
from workbench.regress.text import compare_text

INJECTED = "injected-parameters"
_PICTURES = ("image/png", "image/jpeg")
_RANDOM = frozenset({"application/vnd.jupyter.widget-view+json"})  # names a model by a random identifier
_MARKER = re.compile(r"^\s*#\s*(?:NBVAL|PYTEST_VALIDATE)_(IGNORE_OUTPUT|SKIP|RAISES_EXCEPTION)\b", re.MULTILINE)


def compare(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    *,
    rtol: float = 1e-6,
    atol: float = 1e-12,
    threshold: Threshold | None = None,
    notebook: str = "",
) -> list[Difference]:
    """Compare the outputs of two notebooks.

    Parameters
    ----------
    old, new : nbformat.NotebookNode or mapping
        Notebooks of format 4. Code cells belong together by identifier, by their order where identifiers share nothing;
        cells that papermill injected are left out, cells that nbval ignores or skips have no differences.
    rtol, atol : float
        Numbers are the same where ``|new - old| <= atol + rtol * |old|``. Both zero compares text to the character.
    threshold : Threshold, optional
        What passes as the same figure.
    notebook : str
        Its name, for the differences.

    Returns
    -------
    list of Difference
        In the order of the old cells; empty where all outputs are the same.

    Raises
    ------
    ValueError
        When a tolerance is negative or not a number.
    """
    if not (rtol >= 0 and atol >= 0):
        raise ValueError(f"tolerances are 0 or more, not rtol={rtol!r}, atol={atol!r}")
    tolerance = Tolerance(rtol, atol)
    return [
        replace(difference, cell=name, notebook=notebook)
        for name, before, after in _pairs(old, new)
        for difference in _of_cells(before, after, tolerance, threshold)
    ]


def marks(cell: Mapping[str, Any]) -> set[str]:
    """What the cell asks of nbval, by tag or comment: ``ignore-output``, ``skip``, ``raises-exception``."""
    tags = cell.get("metadata", {}).get("tags", ())
    comments = (found.lower().replace("_", "-") for found in _MARKER.findall(text_of(cell.get("source", ""))))
    asked = {tag.removeprefix("nbval-") for tag in tags if isinstance(tag, str)} | set(comments)
    return asked & {"ignore-output", "skip", "raises-exception"}


def text_of(value: Any) -> str:
    """A source or text output, which a file may hold as a list of lines."""
    return value if isinstance(value, str) else "".join(value)


def code_cells(notebook: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The code cells with their names: the identifier, or ``#3`` for the third cell where it has none."""
    for number, cell in enumerate(notebook["cells"], start=1):
        if cell["cell_type"] == "code" and INJECTED not in cell.get("metadata", {}).get("tags", ()):
            yield str(cell.get("id") or f"#{number}"), cell


def _pairs(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any] | None, Mapping[str, Any] | None]]:
    before, after = dict(code_cells(old)), dict(code_cells(new))
    if not before.keys() & after.keys():
        names = [*before][: len(after)] + [*after][len(before) :]
        after = dict(zip(names, after.values(), strict=True))
    for name, cell in before.items():
        yield name, cell, after.get(name)
    for name, cell in after.items():
        if name not in before:
            yield name, None, cell


def _of_cells(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, tolerance: Tolerance, threshold: Threshold | None
) -> Iterator[Difference]:
    if old is None or new is None:
        where = "the cell is new" if old is None else "the cell is gone"
        yield Difference("cell", where, text_of(old["source"]) if old else "", text_of(new["source"]) if new else "")
        return
    if marks(old) & {"ignore-output", "skip"}:
        return
    streams, others = _streams(old), _bundles(old)
    new_streams, new_others = _streams(new), _bundles(new)
    for name in sorted({*streams, *new_streams}, reverse=True):
        yield from compare_text(streams.get(name, ""), new_streams.get(name, ""), tolerance=tolerance, where=name)
    keys, new_keys = [_kind(bundle) for bundle in others], [_kind(bundle) for bundle in new_others]
    for tag, i0, i1, j0, j1 in SequenceMatcher(None, keys, new_keys, autojunk=False).get_opcodes():
        if tag == "equal":
            for i, j in zip(range(i0, i1), range(j0, j1), strict=True):
                where = "output" if len(others) == 1 else f"output {i + 1}"
                yield from _of_bundles(others[i], new_others[j], tolerance, threshold, where)
        else:
            kind = "error" if "error" in keys[i0:i1] + new_keys[j0:j1] else "output"
            yield Difference(kind, "outputs", _shown(others[i0:i1]), _shown(new_others[j0:j1]))


def _streams(cell: Mapping[str, Any]) -> dict[str, str]:
    """The text of each stream: where it was cut depends on the machine's speed."""
    found: dict[str, str] = {}
    for output in cell.get("outputs", ()):
        if output["output_type"] == "stream":
            found[output["name"]] = found.get(output["name"], "") + text_of(output["text"])
    return found


def _bundles(cell: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The outputs that are no stream, each as its representations by type; an error as one of the type ``error``."""
    found = []
    for output in cell.get("outputs", ()):
        if output["output_type"] == "error":
            found.append({"error": f"{output['ename']}: {output['evalue']}"})
        elif output["output_type"] != "stream":
            found.append({mime: value for mime, value in output.get("data", {}).items() if mime not in _RANDOM})
    return found


def _kind(bundle: Mapping[str, Any]) -> str:
    return " ".join(sorted(bundle))


def _shown(bundles: list[dict[str, Any]]) -> str:
    """Outputs that have no counterpart, in words: what can be read of them, the types of the others."""
    return "; ".join(
        text_of(bundle.get("error") or bundle.get("text/plain") or f"({_kind(bundle)})").strip() for bundle in bundles
    )


def _of_bundles(
    old: Mapping[str, Any], new: Mapping[str, Any], tolerance: Tolerance, threshold: Threshold | None, where: str
) -> list[Difference]:
    found: list[Difference] = []
    for mime in sorted(old, key=lambda mime: (mime == "text/plain", mime != "text/html", mime)):
        a, b = old[mime], new[mime]
        if mime == "text/plain" and found:
            break  # the same change again, in the plainest representation
        if mime in _PICTURES:
            name = where.replace("output", "figure")
            found += compare_figures(
                "".join(text_of(a).split()), "".join(text_of(b).split()), threshold=threshold, where=name
            )
        elif mime == "text/html":
            found += compare_html(text_of(a), text_of(b), tolerance=tolerance, where=where)
        elif mime.endswith("json"):
            a, b = (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) for value in (a, b))
            found += compare_text(a, b, tolerance=tolerance, where=f"{where}, {mime}")
        else:
            name = where if mime == "text/plain" else f"{where}, {mime}"
            found += compare_text(text_of(a), text_of(b), tolerance=tolerance, where=name)
    return found
