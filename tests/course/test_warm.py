"""Every lesson and solution prints and draws in a warm kernel what it does in a cold one.

Three things together say so. `warm_equal.json` holds the digests of the stored notebooks that were executed cold and warm
and seen to be equal, in every count, order, figure and pixel (`tests/warm_equal.py`); one that it does not hold is looked at
here. The nbval step executes all of them in warm kernels, whatever has been done to `workbench.warm` since, and compares
words, figures, counts and order with what is stored. And the first lesson that draws much is always looked at here.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import warm_equal
import warmed
from warm_equal import BUILT, COURSE, LESSONS
from workbench.targets import Target
from workbench.warm import client, preload
from workbench.warm.owned import Zygote

pytestmark = pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())

RECORD = warm_equal.recorded()


def drawings(target: Target) -> int:
    """How many figures are stored in it."""
    notebook = json.loads(target.executed.read_bytes())
    return sum("image/png" in output.get("data", {}) for cell in notebook["cells"] for output in cell.get("outputs", ()))


UNSEEN = warm_equal.unseen(RECORD)
MUCH = 5  # figures
ALWAYS = next(target for target in BUILT if drawings(target) >= MUCH)


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    """One for all lessons, as a build has; its sets of text are ordered at random."""
    with warmed.zygote(COURSE, LESSONS) as one:
        yield one


@pytest.mark.slow
@pytest.mark.parametrize("target", UNSEEN if ALWAYS in UNSEEN else [*UNSEEN, ALWAYS], ids=lambda target: target.label)
def test_outputs_are_those_of_a_cold_kernel_and_those_stored(target: Target, zygote: Zygote, tmp_path: Path) -> None:
    assert warm_equal.differences(target, zygote, tmp_path) == []
    assert len(os.listdir(f"/proc/{zygote.process.pid}/task")) == 1  # noqa: PTH208


def test_the_record_knows_only_notebooks_that_there_are() -> None:
    assert RECORD.keys() <= {target.label for target in BUILT}


def test_what_is_stored_anew_is_looked_at_again() -> None:
    now = {target.label: warm_equal.digest(target) for target in BUILT}
    assert warm_equal.unseen(now) == []
    assert warm_equal.unseen({**now, BUILT[0].label: "0" * 64}) == BUILT[:1]
    assert warm_equal.unseen({}) == BUILT


CELL = {
    "id": "x",
    "cell_type": "code",
    "execution_count": 1,
    "metadata": {},
    "outputs": [
        {"output_type": "stream", "name": "stdout", "text": "1.0\n"},
        {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": "2"}},
    ],
}


def test_what_differs_is_seen() -> None:
    def seen(cell: object) -> object:
        return warm_equal.seen({**CELL, **cell})  # type: ignore[dict-item]

    outputs = CELL["outputs"]
    assert isinstance(outputs, list)
    other = copy.deepcopy(outputs)
    other[1]["data"]["text/plain"] = "2.0000000000000004"
    changes = [{"execution_count": 2}, {"outputs": outputs[::-1]}, {"outputs": other}, {"outputs": outputs[:1]}]
    assert [seen(change) == seen({}) for change in changes] == [False] * 4
    assert seen({"metadata": {"tags": ["parameters"]}}) == seen({})


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.slug)
def test_nothing_that_an_author_edits_is_imported_ahead_of_time(lesson):
    found = preload.modules(COURSE, [lesson])
    assert [
        entry for entry in found if entry.partition(".")[0].partition(":")[0] in ("course", "lifecycle", "workbench")
    ] == []
