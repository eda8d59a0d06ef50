"""Seeing that a notebook shows in a warm kernel what it shows in a cold one, and the record of those seen.

``python tests/warm_equal.py`` executes every lesson and solution that has changed since it was last seen, once cold and once
warm, by one zygote as a build has, compares both cell for cell, and writes ``tests/course/warm_equal.json``: the digest that
each stored notebook had then. ``python tests/warm_equal.py 04_training "exercise 04_training"`` takes these, changed or not.

A stored notebook carries the fingerprint of all that its outputs depend on, the lock included, so its digest changes with
any of it. What the record then says is that cold kernels give what is stored. That warm ones do, whatever has been done to
`workbench.warm` since, the nbval step says in every `make test`. `tests/course/test_warm.py` sees to those that the record
does not have.
"""

from __future__ import annotations

import base64
import copy
import io
import json
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat

import warmed
from workbench import files, targets
from workbench.catalog import Catalog
from workbench.course import Course
from workbench.produce import execute_target
from workbench.regress.nbval_figures import changed
from workbench.targets import Target
from workbench.warm import client
from workbench.warm.owned import Zygote

RECORD = Path(__file__).with_name("course") / "warm_equal.json"
COURSE = Course.find(Path(__file__).parent)
LESSONS = Catalog.load(COURSE.catalog).lessons
PATIENCE = 1800.0  # seconds: it is not about time, and the machine may have other things running
_REAPED = 60.0  # seconds
BUILT = [target for target in targets.of(COURSE, LESSONS) if target.executed.is_file()]


def recorded() -> dict[str, str]:
    """Digest of the stored notebook, by label, of every target that was seen to be equal."""
    return dict(json.loads(RECORD.read_text(encoding="utf-8"))) if RECORD.is_file() else {}


def digest(target: Target) -> str:
    """Of the stored notebook."""
    return files.digest_bytes(target.executed.read_bytes())


def unseen(record: dict[str, str]) -> list[Target]:
    """The targets whose stored notebook is another than the one that was seen."""
    return [target for target in BUILT if record.get(target.label) != digest(target)]


def differences(target: Target, zygote: Zygote, folder: Path) -> list[str]:
    """What differs between the target's notebook executed cold, executed warm, and stored; a line each.

    Cold and warm must be equal in the count of each execution, in the order of the outputs, in every figure of a number and
    in every pixel. What is stored was drawn at another time, perhaps on another machine: its pictures are compared as a
    person would see them. Each may take `PATIENCE` seconds.
    """
    stored = nbformat.read(target.executed, as_version=4)
    skeleton = targets.skeletons(target)[target.executed]
    cold, why = execute_target(target, copy.deepcopy(skeleton), folder / "cold", limit=PATIENCE)
    if why:
        return [why]
    before = _work(zygote)
    with client.offered([zygote]):
        warm, why = execute_target(target, skeleton, folder / "warm", limit=PATIENCE)
    if why or not _worked(zygote, before):
        return [why or f"{target.label}: a cold kernel took the place of the warm one"]
    found = []
    for then, one, other in zip(_cells(stored), _cells(cold), _cells(warm), strict=True):
        where = f"{target.label}: cell {one['id']}"
        if seen(one) != seen(other):
            found.append(f"{where}: warm is not cold:\n{_words(other)}\n{_words(one)}")
        if _words(one) != _words(then) or changed(_outputs(then), _outputs(one)):
            found.append(f"{where}: cold is not stored:\n{_words(one)}\n{_words(then)}")
    return found


def _worked(zygote: Zygote, before: int) -> bool:
    """Whether a child has ended that has worked; the zygote may hear a moment later than we that a notebook is done."""
    end = time.monotonic() + _REAPED
    while _work(zygote) == before and time.monotonic() < end:
        time.sleep(0.05)
    return _work(zygote) != before


def _work(zygote: Zygote) -> int:
    """Ticks that the children of the zygote have worked which have ended."""
    status = Path(f"/proc/{zygote.process.pid}/stat").read_text(encoding="utf-8")
    return sum(int(ticks) for ticks in status.rpartition(")")[2].split()[13:15])


def _cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def _outputs(cell: Any) -> list[Any]:
    """Those that are compared: not of a cell that shows the time it took."""
    return [] if "nbval-ignore-output" in cell["metadata"].get("tags", ()) else cell["outputs"]


def seen(cell: Any) -> Any:
    """All that is compared of a cell, pictures decoded: the same pixels may be packed in two ways."""
    return cell["id"], cell["execution_count"], [_with_picture(output, _pixels) for output in _outputs(cell)]


def _words(cell: Any) -> Any:
    """The same without the pictures, but that there is one."""
    return cell["id"], cell["execution_count"], [_with_picture(output, lambda _: "") for output in _outputs(cell)]


def _with_picture(output: Any, look: Any) -> Any:
    data = dict(output.get("data", {}))
    if "image/png" in data:
        data["image/png"] = look(data["image/png"])
    return {**output, **({"data": data} if data else {})}


def _pixels(picture: str) -> Any:
    from PIL import Image

    image = Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGBA")
    return image.size, image.tobytes()


def main(labels: Iterable[str]) -> int:
    """Look at the targets of `labels`, else at those that have changed; the exit code is 1 where one differs."""
    there = {target.label for target in BUILT}
    record = {label: then for label, then in recorded().items() if label in there}
    wanted = set(labels)
    todo = [target for target in BUILT if target.label in wanted] if wanted else unseen(record)
    if unknown := wanted - {target.label for target in todo}:
        print(f"no target {', '.join(sorted(unknown))}; there are: {', '.join(target.label for target in BUILT)}")
        return 2
    wrong = False
    if todo:
        with warmed.zygote(COURSE, LESSONS) as zygote:
            for target in todo:
                with tempfile.TemporaryDirectory() as folder:
                    found = differences(target, zygote, Path(folder))
                record.pop(target.label, None)
                if not found:
                    record[target.label] = digest(target)
                files.write_json(RECORD, dict(sorted(record.items())))
                wrong |= bool(found)
                print("\n".join(found) or f"{target.label}: equal", flush=True)
    print(f"{len(record)} of {len(BUILT)} seen to be equal")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
