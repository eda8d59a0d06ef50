"""``python -m torture.generate DIR`` (in the folder ``tests``): every submission of the torture set as a file, and what is expected of it.

``DIR/FAMILY/NAME.ipynb``, and ``DIR/expected.json``. Nothing is run. The places that attacks aim at are made up.
"""

# ruff: noqa: E501 - an attack stays in one piece

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

from torture.case import Case
from torture.families import CASES
from torture.sheet import Sheet
from workbench import variant
from workbench.catalog import Catalog
from workbench.course import Course

LARGEST = 50_000_000  # bytes that are worth a file


def expected(case: Case) -> dict[str, object]:
    """What must come of a case, as plain data."""
    if case.refused:
        return {"refused": True}
    return {
        "points": case.expected("finished"),
        "points if it was ended": case.expected(""),
        "endings": sorted(case.endings),
        "flags": sorted(case.flags),
    }


def main(folder: str) -> None:
    """Write them all."""
    course = Course.find(Path(__file__).parent / "course")
    _, notebook = variant.stub(course, Catalog.load(course.catalog)["00"], {})
    stub = json.loads(json.dumps(notebook))
    places: dict[str, str] = defaultdict(str, {name: f"/nowhere/{name.lower()}" for name in ("COURSE", "HIDDEN", "KEY")})
    table = {}
    for name, case in CASES.items():
        data = case.build(Sheet(stub), places)
        path = Path(folder) / case.family / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        if len(data) <= LARGEST:
            path.write_bytes(data)
        table[name] = {"family": case.family, "bytes": len(data), **expected(case)}
    (Path(folder) / "expected.json").write_text(json.dumps(table, indent=1), encoding="utf-8")
    print(f"{len(table)} submissions in {folder}")


if __name__ == "__main__":
    main(*sys.argv[1:])
