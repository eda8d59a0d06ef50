"""The page that tells a person how a run went."""

from __future__ import annotations

import base64
import io
import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from workbench import report
from workbench.execute import CellFailure
from workbench.record import LessonReport, RunReport

HOSTILE = "<script>alert('x')</script> & \"quotes\""


def lesson(number: int, status: str = "run", stage: str = "Stage", reads: tuple[str, ...] = ()) -> LessonReport:
    slug = f"{number:02d}_x"
    return LessonReport(
        slug, f"Lesson {number}", stage, {"n": 1}, reads, f"notebooks/{slug}.ipynb", status=status, seconds=2.0
    )


def run_of(lessons: list[LessonReport], folder: Path) -> RunReport:
    return RunReport("20260101T000000Z-abcd", folder, "Course", datetime(2026, 1, 1, tzinfo=UTC), False, {}, {}, lessons)


def notebook(folder: Path, number: int, pictures: int) -> None:
    data = io.BytesIO()
    Image.new("RGBA", (1400, 640), (0, 90, 160, 128)).save(data, "PNG")
    text = base64.b64encode(data.getvalue()).decode()
    outputs = [{"output_type": "display_data", "data": {"image/png": text}} for _ in range(pictures)]
    (folder / "notebooks").mkdir(exist_ok=True)
    cells = [{"cell_type": "markdown"}, {"cell_type": "code", "outputs": outputs}]
    (folder / "notebooks" / f"{number:02d}_x.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")


class Page(HTMLParser):
    """Tags, links and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.targets: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.targets += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_everything_from_a_lesson_is_escaped(tmp_path: Path) -> None:
    bad = lesson(0, "failed")
    bad.title, bad.reason, bad.note, bad.parameters = HOSTILE, HOSTILE, HOSTILE, {"name": HOSTILE}
    bad.error = CellFailure(3, "00-x-03", HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    page = Page(report.page(run_of([bad], tmp_path)))
    assert "script" not in page.tags
    assert page.text.count("alert('x')") >= 4


def test_the_page_needs_nothing_but_the_run_beside_it(tmp_path: Path) -> None:
    notebook(tmp_path, 0, 6)
    good = lesson(0)
    good.artifacts = {"00/a.json": "ab" * 32}
    run = run_of([good], tmp_path)
    assert report.write(run) == tmp_path / "index.html"
    html = run.page.read_text(encoding="utf-8")
    page = Page(html)
    pictures = [target for target in page.targets if target.startswith("data:image/png;base64,")]
    others = {target for target in page.targets if not target.startswith("data:")}
    assert others == {"notebooks/00_x.ipynb", "artifacts/00/a.json", "run.json"}
    assert not re.search(r"(url\((?!#)|@import|https?://)", html)
    assert len(pictures) == report.FIGURES
    assert "and 2 more" in page.text
    with Image.open(io.BytesIO(base64.b64decode(pictures[0].partition(",")[2]))) as small:
        assert small.width == 440
        assert small.convert("RGB").getpixel((10, 10)) == pytest.approx((127, 172, 207), abs=6)  # half blue on white


def test_a_status_is_told_in_words_and_not_by_colour_alone(tmp_path: Path) -> None:
    notebook(tmp_path, 0, 0)
    notebook(tmp_path, 1, 0)
    lessons = [lesson(0), lesson(1, "cached"), lesson(2, "failed"), lesson(3, "skipped", reads=("02_x",))]
    lessons[3].reason = "reads what 02_x did not write"
    page = Page(report.page(run_of(lessons, tmp_path)))
    for word in ("✓ executed", "✓ cached", "✗ failed", "– skipped"):
        assert page.text.count(word) == 3  # on the map, in its tooltip and in the table
    assert "Not all lessons are done." in page.text
    assert "1 executed, 1 cached, 1 failed, 1 skipped" in page.text
    assert "reads what 02_x did not write" in page.text


@given(
    stages=st.lists(st.integers(0, 3), min_size=1, max_size=14).map(sorted),
    data=st.data(),
)
def test_boxes_of_the_map_lie_inside_it_and_apart_and_every_edge_is_drawn(stages: list[int], data: st.DataObject) -> None:
    lessons = []
    for number, stage in enumerate(stages):
        parents = data.draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        lessons.append(lesson(number, stage=f"Stage {stage}", reads=tuple(f"{parent:02d}_x" for parent in sorted(parents))))
    drawn = report._map(lessons)
    width, height = drawn["box"]
    boxes = list(drawn["boxes"])
    assert len(boxes) == len(lessons)
    assert all(0 <= box.x <= drawn["width"] - width and 0 <= box.y <= drawn["height"] - height for box in boxes)
    assert all(
        abs(one.x - other.x) >= width or abs(one.y - other.y) >= height
        for i, one in enumerate(boxes) for other in boxes[:i]
    )  # fmt: skip
    assert len(drawn["edges"]) == sum(len(lesson.reads) for lesson in lessons)
    assert len(drawn["stages"]) == len(set(stages))


def test_a_run_without_lessons_has_a_page(tmp_path: Path) -> None:
    assert "No lessons" in Page(report.page(run_of([], tmp_path))).text
