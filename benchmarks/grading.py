"""Grading a class of exercise 02: against nbgrader and otter, with variants, with hostile submissions, on a cluster.

The peers run the very same notebooks. nbgrader grades the layout that ``workbench release --nbgrader`` writes for it, as
its documentation says: generate the assignment, collect, ``nbgrader autograde``. Otter runs a test file a question that
calls the same checks. Both take one submission after the other, so a few tell their pace; our class is graded in turn
with them, so that a slow spell of the machine meets all. Neither has hidden questions: what ours cost beyond that (eight
calls, each answered in a fork of its own) is a figure of its own. The students' own code is measured by itself: their
cells and the calls of their functions in a forked process without sandbox and judge, as many at once as there are cores.
The limit is that, divided by the cores. ``grading-overhead`` is what a submission takes by the clock beyond the limit: all
that is ours, the start of our processes and the gradebook included. ``grading-core-time-beyond-own`` is the same counted on
all cores, whether they compute or wait: the stricter figure, under the same goal. One submission more than there are cores
is under way, since each waits for the kernel for a tenth of its time.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import _own_code
from _honest_class import HonestClass, answered, make, solutions
from _measure import Figure, main, median_ratio, seconds
from _peers import ROOT, environment

from workbench.grading.book.gradebook import Gradebook
from workbench.grading.classwork.run import grade
from workbench.grading.classwork.summary import Summary
from workbench.grading.reports import lms
from workbench.grading.sandbox.limits import Limits

LESSON = "02_data"
PROGRAMS = Path(sys.executable).parent
CORES = len(os.sched_getaffinity(0))
QUICK_LIMITS = Limits(wall=20.0, cpu=3.0, memory=1 << 30)
_OTTER_TEST = """
from pathlib import Path

from otter.test_files import test_case
from workbench.checks import key, module
from workbench.checks.answer import LiveNotebook
from workbench.checks.judge import judge

OK_FORMAT = False
name = {slug!r}
points = {points!r}


@test_case()
def test_the_answer(env):
    question = module.load(Path({checks!r})).questions[name]
    result = judge(question, LiveNotebook(env), key.load(Path({key!r})).transport(name))
    assert result.points == result.out_of, result.messages
"""


def measure(quick: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="grading-") as name:
        folder = Path(name)
        return [
            *_pace(folder / "pace", quick),
            *_variants(folder / "variants", quick),
            *_large(folder / "large", quick),
            *_cluster(folder / "cluster", quick),
        ]


# --- Pace -----------------------------------------------------------------------------------------------------------------


def _pace(folder: Path, quick: bool) -> list[Figure]:
    count, peers, turns = (40, 2, 1) if quick else (200, 6, 3)
    class_ = make(folder, lesson=LESSON, students=count)
    nbgrader, otter = _NbGrader(class_, folder / "nbgrader"), _Otter(class_, folder / "otter")
    _graded(class_, folder / "first.sqlite")  # so that the key is there, as it is after a class's first submission
    (folder / "none").mkdir()  # the peers have no hidden questions: so ours are asked in a run of their own
    ours, theirs, others, spent = [], [], [], []
    for turn in range(turns):
        spent.append(_graded(class_, folder / f"{turn}.sqlite", hidden=folder / "none"))
        ours.append(spent[-1].wall / count)
        theirs.append(nbgrader.seconds(class_.students[:peers]) / peers)
        others.append(otter.seconds(class_.students[: peers // 2]) / (peers // 2))
        _say(f"a submission: ours {ours[-1]:.3f} s, nbgrader {theirs[-1]:.2f} s, otter {others[-1]:.2f} s")
    own = _own_code.seconds(class_, folder / "0.sqlite", sample=peers * 4)
    each = statistics.median(ours)
    asked = _graded(class_, folder / "hidden.sqlite").wall / count
    _say(f"the students' own code takes {own:.3f} s a submission: on {CORES} cores the limit is {own / CORES:.3f} s")
    return [
        Figure("grading-nbgrader-over-ours", median_ratio(theirs, ours), "ratio", ">=", 15),
        Figure("grading-otter-over-ours", median_ratio(others, ours), "ratio", ">=", 10),
        Figure("grading-a-submission", each, "s", "<=", own / CORES + 0.06),
        Figure("grading-overhead", 1e3 * (each - own / CORES), "ms", "<=", 60),
        Figure("grading-core-time-beyond-own", 1e3 * (each * CORES - own), "ms", "<=", 60),
        Figure("grading-hidden-questions", 1e3 * CORES * (asked - each), "ms", "<=", 120),
    ]


@dataclass(frozen=True)
class _Spent:
    """Seconds that a class took, and what came of it."""

    wall: float
    summary: Summary


def _graded(class_: HonestClass, book: Path, **options: Any) -> _Spent:
    """Grade the class into a new gradebook; every score must be full."""
    book.unlink(missing_ok=True)
    with Gradebook.open(book) as gradebook:
        started = time.perf_counter()
        summary = grade(
            class_.course, class_.inbox, release=class_.manifest, gradebook=gradebook, **{"jobs": CORES + 1, **options}
        )
        wall = time.perf_counter() - started
    return _Spent(wall, summary)


class _NbGrader:
    """nbgrader with the same exercise and the same notebooks."""

    def __init__(self, class_: HonestClass, folder: Path) -> None:
        self._folder = folder
        self._class = class_
        _run([str(PROGRAMS / "workbench"), "release", LESSON, "--nbgrader", "--out", str(folder)], ROOT)
        self._call("generate_assignment", LESSON, "--force")
        (self._released,) = (folder / "release" / LESSON).glob("*.ipynb")
        self._answers = solutions(class_.course, class_.lesson)

    def seconds(self, students: tuple[str, ...]) -> float:
        for place in ("submitted", "autograded"):
            shutil.rmtree(self._folder / place, ignore_errors=True)
        for student in students:
            place = self._folder / "submitted" / student / LESSON
            shutil.copytree(self._released.parent, place)
            notebook = answered(json.loads(self._released.read_bytes()), self._answers, remark=student)
            (place / self._released.name).write_text(json.dumps(notebook))
        taken = seconds(lambda: self._call("autograde", LESSON))
        graded = len(list((self._folder / "autograded").glob(f"*/{LESSON}/*.ipynb")))
        assert graded == len(students), f"nbgrader graded {graded} of {len(students)}"
        return taken

    def _call(self, *words: str) -> None:
        _run([str(PROGRAMS / "nbgrader"), *words], self._folder)


class _Otter:
    """otter with a test file a question, each calling the same check."""

    def __init__(self, class_: HonestClass, folder: Path) -> None:
        self._folder, self._class = folder, class_
        self._programs = environment("otter", "otter-grader==7.0.0")
        (folder / "tests").mkdir(parents=True)
        course = class_.course
        checks, key = course.checks / f"{class_.lesson.checks}.py", course.keys / f"{LESSON}.json"
        for slug in solutions(course, class_.lesson):
            text = _OTTER_TEST.format(slug=slug, points=1, checks=str(checks), key=str(key))
            (folder / "tests" / f"{slug.replace('.', '_')}.py").write_text(text)
        options = ["-t", "tests", "-o", "autograder.zip", "--no-requirements", "--no-environment"]
        _run([str(self._programs / "otter"), "generate", *options], folder)

    def seconds(self, students: tuple[str, ...]) -> float:
        answers = solutions(self._class.course, self._class.lesson)
        stub = json.loads((self._class.course.exercise_notebooks / f"{LESSON}.ipynb").read_bytes())
        taken = 0.0
        for student in students:
            out = self._folder / student
            out.mkdir(exist_ok=True)
            (out / "notebook.ipynb").write_text(json.dumps(answered(stub, answers, remark=student)))
            command = [
                str(self._programs / "otter"),
                "run",
                f"{student}/notebook.ipynb",
                "-a",
                "autograder.zip",
                "-o",
                student,
            ]
            taken += seconds(lambda command=command: _run([*command, "--no-logo"], self._folder))
            tests = json.loads((out / "results.json").read_bytes())["tests"][1:]
            assert all(test["score"] == test["max_score"] for test in tests), f"otter: {tests}"
        return taken


# --- Variants -------------------------------------------------------------------------------------------------------------


def _variants(folder: Path, quick: bool) -> list[Figure]:
    """What the keys of as many variants as students take, over running that many solutions."""
    count = 24 if quick else 200
    with _no_kept_keys():
        class_ = make(folder, lesson=LESSON, students=count, variants=count)
    with _no_kept_keys():
        first = _graded(class_, folder / "first.sqlite")
        again = _graded(class_, folder / "again.sqlite")
    keys, solved = first.summary.key_seconds, again.wall - again.summary.key_seconds
    _say(f"{count} variants: {keys:.1f} s for their keys, {solved:.1f} s to run as many solutions")
    return [Figure("grading-keys-over-solutions", keys / solved, "ratio", "<=", 1.5)]


@contextmanager
def _no_kept_keys() -> Any:
    """The cache of keys out of the way for a while, so that they are really made."""
    kept, aside = ROOT / "runs" / "keys", ROOT / "runs" / "keys.aside"
    if kept.exists():
        kept.rename(aside)
    try:
        yield
    finally:
        shutil.rmtree(kept, ignore_errors=True)
        if aside.exists():
            aside.rename(kept)


# --- A large class, some of it hostile ------------------------------------------------------------------------------------

_HOSTILE = (
    "import os\nos._exit(0)",
    "import os\nos.kill(os.getpid(), 11)",
    "class Yes:\n    def __eq__(self, other):\n        return True\n\n\nprevalence = ratio = idle_accuracy = Yes()",
    "import workbench\nworkbench.check = lambda *a: None\nimport numpy\nnumpy.mean = lambda *a, **k: 0",
    "keep = []\nwhile True:\n    keep.append(bytearray(1 << 24))",
    "while True:\n    pass",
    "print('x' * (1 << 26))",
    "import os\nfor _ in range(5000):\n    os.fork()",
    "raise SystemExit",
    "import sys\nsys.setrecursionlimit(10 ** 9)\n\n\ndef f():\n    return f()\n\n\nf()",
)


def _large(folder: Path, quick: bool) -> list[Figure]:
    count = 200 if quick else 2000
    chosen = set(random.Random(0).sample(range(count), count // 20))

    def spoil(number: int, notebook: dict[str, Any]) -> bytes:
        if number in chosen:
            first = next(cell for cell in notebook["cells"] if "question:data.rarity" in cell["metadata"].get("tags", ()))
            first["source"] = _HOSTILE[number % len(_HOSTILE)]
        return json.dumps(notebook).encode()

    class_ = make(folder, lesson=LESSON, students=count, spoil=spoil)
    sizes: list[int] = []
    spent = _graded(
        class_, folder / "large.sqlite", limits=QUICK_LIMITS, on_progress=lambda _step: sizes.append(_resident())
    )
    with Gradebook.open(folder / "large.sqlite", write=False) as gradebook:
        totals = {total.student: total for total in gradebook.totals(class_.lesson.slug)}
    honest = [totals[name] for number, name in enumerate(class_.students) if number not in chosen]
    changed = sum(total.points != total.out_of for total in honest)
    gained = sum((totals[class_.students[number]].points or 0) >= honest[0].out_of for number in chosen)
    _say(
        f"{count} submissions, {len(chosen)} of them hostile: {spent.wall:.0f} s, {len(spent.summary.faults)} faults of ours"
    )
    tenth = len(sizes) // 10
    growth = max(sizes[-tenth:]) / max(sizes[tenth : 2 * tenth])
    return [
        Figure("grading-large-memory-growth", growth, "ratio", "<=", 1.1),
        Figure("grading-large-honest-scores-changed", changed, "students", "<=", 0),
        Figure("grading-large-hostile-full-scores", gained, "students", "<=", 0),
    ]


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


# --- A cluster ------------------------------------------------------------------------------------------------------------


def _cluster(folder: Path, quick: bool) -> list[Figure]:
    """Two workers of dask on this machine must write the same gradebook."""
    class_ = make(folder, lesson=LESSON, students=12 if quick else 60)
    here = _graded(class_, folder / "here.sqlite")
    with _dask(folder) as address:
        there = _graded(class_, folder / "there.sqlite", scheduler=address)
    _say(f"{len(class_.students)} submissions: {here.wall:.1f} s here, {there.wall:.1f} s with two workers of dask")
    differ = _export(folder / "here.sqlite") != _export(folder / "there.sqlite")
    return [Figure("grading-cluster-export-differs", float(differ), "exports", "<=", 0)]


def _export(book: Path) -> str:
    with Gradebook.open(book, write=False) as gradebook:
        return lms.plain_csv(gradebook.scores(), gradebook.totals(), gradebook.students())


@contextmanager
def _dask(folder: Path) -> Any:
    """A scheduler and two workers, started as a person would."""
    dask = [str(PROGRAMS / "dask")]
    file = folder / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    processes = []
    try:
        options = ["--scheduler-file", str(file)]
        processes.append(subprocess.Popen([*dask, "scheduler", "--port", "0", "--no-dashboard", *options], **quiet))
        for _ in range(2):
            processes.append(subprocess.Popen([*dask, "worker", *options, "--nthreads", "1", "--no-dashboard"], **quiet))
        deadline = time.monotonic() + 60
        while not file.is_file():
            assert time.monotonic() < deadline, "the scheduler did not start"
            time.sleep(0.1)
        yield json.loads(file.read_bytes())["address"]
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()


def _run(command: list[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}  # programs that the peers call
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command[:3]} ended with {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main(measure, about=__doc__ or "")
