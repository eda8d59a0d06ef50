"""The report of a run for a person: one page that needs nothing beside it."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import files

if TYPE_CHECKING:
    from workbench.record import LessonReport, RunReport

WORDS = {
    "run": "✓ executed",
    "cached": "✓ cached",
    "failed": "✗ failed",
    "skipped": "– skipped",
    "waiting": "· waiting",
    "running": "· running",
}
FIGURES = 4  # shown of a lesson
_PICTURE = (440, 440)  # pixels: twice as wide as shown in a narrow column, so that lines stay sharp
Shown = tuple[list[str], int]
_COLUMNS, _BOX, _GAP, _LABEL = 4, (194, 50), (22, 38), 108


@dataclass(frozen=True)
class Box:
    """A lesson's place on the map, in the units of its view box."""

    lesson: LessonReport
    x: int
    y: int

    @property
    def status(self) -> str:
        """The status that its colour shows."""
        return "waiting" if self.lesson.status == "running" else self.lesson.status

    @property
    def word(self) -> str:
        """The status in words."""
        return WORDS[self.lesson.status]

    @property
    def title(self) -> str:
        """The number and the title, cut where the box ends."""
        title = f"{self.lesson.slug[:2]} {self.lesson.title}"
        return title if len(title) <= 20 else f"{title[:19].rstrip()}…"


class Pictures:
    """Small pictures of what lessons show: made one after the other in a thread, while other lessons are executed."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "pictures")
        self._made: dict[Path, Future[Shown]] = {}

    def __enter__(self) -> Pictures:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._thread.shutdown(cancel_futures=kind is not None)

    def begin(self, notebook: Path) -> None:
        """Make those of an executed notebook, soon."""
        if not self._made:
            self._thread.submit(import_module, "jinja2")  # which takes as long as a picture, and is wanted at the end
        self._made[notebook] = self._thread.submit(_shown, notebook)

    def report(self, run: RunReport) -> Future[Path]:
        """Have the report of a run written, when all are made; see `write`."""
        return self._thread.submit(write, run, self)

    def of(self, notebook: Path) -> Shown:
        """Pictures as PNG in base64, and how many more there are; waits until they are made."""
        return self._made[notebook].result() if notebook in self._made else _shown(notebook)


def write(run: RunReport, pictures: Pictures | None = None) -> Path:
    """Write ``index.html`` into the run's folder; its path is returned."""
    return files.write_text(run.page, page(run, pictures))


def page(run: RunReport, pictures: Pictures | None = None) -> str:
    """The report as HTML, everything escaped, with styles, map and pictures inside."""
    from jinja2 import Environment

    template = resources.files("workbench").joinpath("templates", "run.html.jinja").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True).from_string(template).render(
        run=run,
        counts=_counts(run),
        map=_map(run.lessons),
        words=WORDS,
        longest=max((lesson.seconds for lesson in run.lessons), default=0.0) or 1.0,
        figures=list(_figures(run, pictures.of if pictures else _shown)),
    )  # fmt: skip


def _counts(run: RunReport) -> str:
    number = {status: sum(lesson.status == status for lesson in run.lessons) for status in WORDS}
    told = [f"{count} {WORDS[status].split(' ', 1)[1]}" for status, count in number.items() if count]
    return ", ".join(told) or "No lessons"


def _map(lessons: list[LessonReport]) -> dict[str, Any]:
    """The graph on a grid: a stage begins a row, its lessons follow from left to right."""
    boxes: dict[str, Box] = {}
    stages = []
    row = -1
    for stage in dict.fromkeys(lesson.stage for lesson in lessons):
        members = [lesson for lesson in lessons if lesson.stage == stage]
        for i, lesson in enumerate(members):
            row += i % _COLUMNS == 0
            x = _LABEL + (i % _COLUMNS) * (_BOX[0] + _GAP[0])
            boxes[lesson.slug] = Box(lesson, x, 6 + row * (_BOX[1] + _GAP[1]))
        first = boxes[members[0].slug]
        stages.append({"title": stage, "y": first.y + 30})
    edges = [_edge(boxes[parent], box) for box in boxes.values() for parent in box.lesson.reads if parent in boxes]
    return {
        "width": _LABEL + _COLUMNS * (_BOX[0] + _GAP[0]),
        "height": 12 + (row + 1) * (_BOX[1] + _GAP[1]) - _GAP[1] + 18,
        "box": _BOX,
        "boxes": boxes.values(),
        "stages": stages,
        "edges": edges,
    }


def _edge(start: Box, end: Box) -> str:
    width, height = _BOX
    if start.y == end.y and end.x - start.x == width + _GAP[0]:
        return f"M{start.x + width} {start.y + height // 2} H{end.x - 2}"
    x1, x2, bottom = start.x + width // 2, end.x + width // 2, start.y + height
    if start.y == end.y:  # past the boxes between, below the row
        return f"M{x1} {bottom} C{x1} {bottom + 28} {x2} {bottom + 28} {x2} {bottom + 2}"
    bend = max(24, (end.y - bottom) // 2)
    return f"M{x1} {bottom} C{x1} {bottom + bend} {x2} {end.y - bend} {x2} {end.y - 2}"


def _figures(run: RunReport, shown: Callable[[Path], Shown]) -> Iterator[tuple[LessonReport, list[str], int]]:
    for lesson in run.lessons:
        pictures, more = shown(run.folder / lesson.notebook) if lesson.ok else ([], 0)
        if pictures:
            yield lesson, pictures, more


def _shown(notebook: Path) -> Shown:
    pictures = list(_pictures(notebook))
    return [_thumbnail(picture) for picture in pictures[:FIGURES]], max(0, len(pictures) - FIGURES)


def _pictures(notebook: Path) -> Iterator[bytes]:
    for cell in json.loads(notebook.read_bytes())["cells"]:
        for output in cell.get("outputs", ()):
            picture = output.get("data", {}).get("image/png")
            if picture:
                yield base64.b64decode("".join(picture))


def _thumbnail(picture: bytes) -> str:
    from PIL import Image

    with Image.open(io.BytesIO(picture)) as image:
        small = image.convert("RGBA")
        small.thumbnail(_PICTURE)
        flat = Image.new("RGB", small.size, "white")
        flat.paste(small, mask=small)
    data = io.BytesIO()
    flat.quantize(64).save(data, "PNG", optimize=True)
    return base64.b64encode(data.getvalue()).decode("ascii")
