"""Every lesson and solution prints and draws in a warm kernel what it does in a cold one."""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path
from typing import Any

import pytest

from workbench import targets
from workbench.catalog import Catalog
from workbench.course import Course
from workbench.produce import execute_target
from workbench.targets import Target
from workbench.warm import client, offer, preload

pytestmark = pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())

COURSE = Course.find(Path(__file__).parent)
LESSONS = Catalog.load(COURSE.catalog).lessons
BUILT = [target for target in targets.of(COURSE, LESSONS) if target.executed.is_file()]


def pixels(output: Any) -> Any:
    """An output with its picture decoded: the same pixels may be packed in two ways."""
    from PIL import Image

    data = dict(output.get("data", {}))
    if "image/png" in data:
        picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGBA")
        data["image/png"] = (picture.size, picture.tobytes())
    return {**output, **({"data": data} if data else {})}


def _timed(cell: Any) -> bool:
    return "nbval-ignore-output" in cell["metadata"].get("tags", ())


def executed(target: Target, folder: Path) -> list[Any]:
    notebook, failure = execute_target(target, targets.skeletons(target)[target.executed], folder)
    assert not failure
    return [
        (cell["id"], cell["execution_count"], [pixels(output) for output in cell["outputs"] if not _timed(cell)])
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("target", BUILT, ids=lambda target: target.label)
def test_outputs_are_equal_cell_for_cell(target, tmp_path):
    cold = executed(target, tmp_path / "cold")
    zygote = offer.for_kernels(COURSE, [target.lesson])
    assert zygote
    with zygote, client.offered([zygote]):
        warm = executed(target, tmp_path / "warm")
        threads = os.listdir(f"/proc/{zygote.process.pid}/task")  # noqa: PTH208
    assert len(threads) == 1
    for expected, found in zip(cold, warm, strict=True):
        assert found == expected


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.slug)
def test_nothing_that_an_author_edits_is_imported_ahead_of_time(lesson):
    found = preload.modules(COURSE, [lesson])
    assert [
        entry for entry in found if entry.partition(".")[0].partition(":")[0] in ("course", "lifecycle", "workbench")
    ] == []
