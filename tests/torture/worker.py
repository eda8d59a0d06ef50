"""``python -m torture.worker FOLDER CACHE TIER``: runs cases in one tier, as whoever started it.

A line with a case's name on standard input, a line of JSON on standard output: ``{"case": ..., "problems": [...], ...}``.
An honest submission must then earn everything on the same bench: after each case that did not live to its end, and after
every `EVERY`th of the others. What harm a submission has done to the bench stays there, and the next case meets it too:
most cases are honest but for one answer, and must earn what the others deserve.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from torture import canaries
from torture.canaries import Canaries
from torture.case import BREACH, TRIED, Case
from torture.families import CASES
from torture.sheet import POINTS, Sheet
from workbench import variant
from workbench.catalog import Catalog
from workbench.course import Course
from workbench.grading.execution import bench
from workbench.grading.execution.task import Task
from workbench.grading.handout.bundle import released_variant
from workbench.grading.notebooks import intake
from workbench.grading.outcome import Graded
from workbench.grading.sandbox import bubblewrap, landlock
from workbench.grading.sandbox.limits import Limits
from workbench.targets import Target, skeletons

COURSE = Path(__file__).parent / "course"
LIMITS = Limits(memory=512 << 20, processes=32, file=16 << 20, scratch=64 << 20, files=128, output=1 << 20)
SLACK = 120.0  # seconds beyond its wall that a case may take: the supervisor's own, and a busy machine
MOMENT = 60.0  # seconds until an orphan must have ended
EVERY = 5  # cases that live to their end, from one honest submission to the next
WORK = 15.0  # seconds of our own that one submission may cost
MESSAGE = 5_000  # characters that a student is told at once
_LEAK = re.compile(r"CANARY-[A-Z]+-[0-9a-f]{8}")


class Ground:
    """The course, its canaries and its bench.

    Parameters
    ----------
    folder : Path
        Empty, and ours.
    """

    def __init__(self, folder: Path, tier: str) -> None:
        self.tier = tier
        root = canaries.copy_of(COURSE, folder / "course")
        self.course = Course.find(root)
        self.lesson = Catalog.load(self.course.catalog)["00"]
        parameters, notebook = variant.stub(self.course, self.lesson, {})
        self.variant = released_variant(notebook, parameters)
        self.notebook = json.loads(json.dumps(notebook))
        self._build()
        self.canaries = Canaries(folder, root)
        os.environ.update(canaries.environment({}, self.canaries.elsewhere))
        self.honest = self.grade(Sheet(self.notebook).honest().bytes())
        self.before = self.canaries.state()
        self.shared = canaries.shared_places()
        self.processes = self.commands()
        self.since = 0  # cases since the last honest submission

    def _build(self) -> None:
        """What a built course has: keys and solutions, all of them secrets."""
        made = variant.make(self.course, self.lesson, {})
        for folder, key in ((self.course.keys, made.key), (self.course.hidden_keys, made.hidden_key)):
            folder.mkdir(parents=True)
            if key is not None:
                (folder / "00_safe.json").write_text(json.dumps(key.table()), encoding="utf-8")
        for path, solution in skeletons(Target(self.course, self.lesson, "exercise")).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(solution), encoding="utf-8")

    def grade(self, data: bytes, *, wall: float = Case.wall, cpu: float = Case.cpu) -> Graded:
        """Through the real path: intake, sandbox, judge."""
        work = intake.read(data, self.variant)
        limits = replace(LIMITS, wall=wall, cpu=cpu)
        task = Task(str(self.course.root), "00_safe", "safe", self.variant.parameters, work, limits=limits)
        return bench.grade_task(task)

    def commands(self) -> Counter[str]:
        """The processes below this one, by what they run; the bench's own among them."""
        # Without its state, and without the numbers of its descriptors: a bench may have made its process anew.
        return Counter(re.sub(r"( -?\d+)+\s*$", "", text[2:]) for text in canaries.living())

    def left(self) -> list[str]:
        """Processes that are there now and were not before the first case; an orphan is given a moment to end."""
        end = time.monotonic() + MOMENT
        while True:
            more = self.commands() - self.processes
            if not more or time.monotonic() > end:
                return sorted(more.elements())
            time.sleep(0.05)

    def run(self, case: Case) -> dict[str, Any]:
        """Run a case; ``problems`` says what is wrong with how it went."""
        data = case.build(Sheet(self.notebook), self.canaries.places)
        began, worked = time.monotonic(), time.process_time()
        try:
            graded = self.grade(data, wall=case.wall, cpu=case.cpu)
        except intake.IntakeError as error:
            told: dict[str, Any] = {"refused": error.kind, "problems": [] if case.refused else [f"refused: {error}"]}
        else:
            told = {**told_by(graded), "problems": judged(case, graded)}
        told["seconds"] = round(time.monotonic() - began, 2)
        told["work"] = round(time.process_time() - worked, 2)
        if told["work"] > WORK:
            told["problems"].append(f"kept the grader itself busy for {told['work']:.0f} s")
        told["problems"] += self.around(told["seconds"], case.wall + SLACK)
        self.since += 1
        if told.get("ending", "finished") != "finished" or told["problems"] or self.since >= EVERY:
            told["problems"] += self.next_one()
        return {"case": case.name, **told}

    def around(self, seconds: float, most: float) -> list[str]:
        """What went on beside the submission."""
        problems = [] if seconds < most else [f"took {seconds:.0f} s"]
        if left := self.left():
            problems.append(f"processes left: {left}")
        if touched := self.canaries.watch.events():
            problems.append(f"touched: {touched[:5]}")
        state = self.canaries.state()
        if changed := [path for path in {*state, *self.before} if state.get(path) != self.before.get(path)]:
            problems.append(f"changed: {changed[:5]}")
            self.before = state
        if heard := self.canaries.ears.heard[:]:
            problems.append(f"heard on {heard}")
            self.canaries.ears.heard.clear()
        if marks := canaries.shared_places() - self.shared:
            problems.append(f"left behind: {marks}")
            self.shared |= marks
        return problems

    def next_one(self) -> list[str]:
        """What is wrong with an honest submission that comes now."""
        self.since = 0
        following = self.grade(Sheet(self.notebook).honest().bytes())
        if points_of(following) == POINTS and not following.fault:
            return []
        return [f"the next submission: {points_of(following)} {following.ending} {following.fault}"]

    def close(self) -> list[str]:
        """See one more honest submission, and end the bench; what is wrong then, and processes that do not end with it."""
        problems = self.next_one()
        bench.close()
        self.canaries.close()
        self.processes = Counter()
        return [*problems, *self.left()]


def points_of(graded: Graded) -> dict[str, float]:
    """What each question earned."""
    return {judgement.result.slug: judgement.result.points for judgement in graded.judgements}


def told_by(graded: Graded) -> dict[str, Any]:
    """What a reader wants to see of it."""
    return {
        "points": points_of(graded),
        "ending": graded.ending,
        "fault": graded.fault,
        "usage": vars(graded.usage),
        "flags": sorted({flag.kind for flag in graded.flags}),
        "messages": {one.result.slug: [m[:200] for m in one.result.messages] for one in graded.judgements},
        "outputs": shown(graded)[-3000:],
    }


def shown(graded: Graded) -> str:
    """All that its cells have shown."""
    return "\n".join(str(item["content"]) for cell in graded.cells for item in (*cell.outputs, {"content": cell.error}))


def judged(case: Case, graded: Graded) -> list[str]:
    """What differs from what was expected of a case."""
    problems = []
    if case.refused:
        problems.append("was not refused")
    if graded.fault:
        problems.append(f"fault: {graded.fault}")
    problems += [f"{one.result.slug} could not be judged: {one.fault}" for one in graded.judgements if one.fault]
    if graded.ending not in case.endings:
        problems.append(f"ended by {graded.ending}, not {sorted(case.endings)}")
    earned = points_of(graded)
    if earned.keys() != POINTS.keys() or not case.deserves(earned, graded.ending):
        problems.append(f"earned {earned}, not {case.expected(graded.ending)}")
    if missing := case.flags - {flag.kind for flag in graded.flags}:
        problems.append(f"not flagged: {sorted(missing)}")
    return problems + _said(case, graded)


def _said(case: Case, graded: Graded) -> list[str]:
    problems = []
    output = shown(graded)
    longest = max((len(message) for one in graded.judgements for message in one.result.messages), default=0)
    if longest > MESSAGE:
        problems.append(f"a message of {longest} characters")
    if BREACH in output:
        problems.append(output[output.index(BREACH) :][:300])
    if leak := _LEAK.search(output):
        problems.append(f"leaked {leak[0]}")
    if canaries.HIDDEN_INPUT in output:
        problems.append("leaked a hidden input")
    if case.proof and TRIED not in output:
        problems.append("never came to its end: " + output[-500:])
    try:
        table = json.loads(json.dumps(graded.to_json(), allow_nan=False, ensure_ascii=False).encode("utf-8"))
        if json.loads(json.dumps(Graded.from_json(table).to_json())) != table:
            problems.append("does not survive being written and read")
        if "\0" in json.dumps(table, ensure_ascii=False) or "\\u0000" in json.dumps(table):
            problems.append("holds a NUL character, which not every database takes")
    except ValueError as error:
        problems.append(f"cannot be written down: {type(error).__name__}: {error}")
    return problems


def main(folder: str, cache: str, tier: str) -> None:
    """Serve; `folder` is ours alone, `cache` is what all workers of one user share, as one machine's graders would."""
    told, sys.stdout = sys.stdout, sys.stderr
    canaries.be_the_last_parent()
    os.environ["XDG_CACHE_HOME"] = cache
    for variable in ("TMPDIR", "HOME"):
        os.environ[variable] = f"{folder}/{variable.lower()}"
        Path(os.environ[variable]).mkdir()
    if tier in ("landlock", "plain"):  # as on a machine that has none better: the best that there is would be taken
        bubblewrap.binary = str
    if tier == "plain":
        landlock.version = int
    ground = Ground(Path(folder), tier)
    print(
        json.dumps({"ready": points_of(ground.honest), **told_by(ground.honest), "tier": ground.honest.tier}),
        file=told,
        flush=True,
    )
    for line in sys.stdin:
        print(json.dumps(ground.run(CASES[line.strip()])), file=told, flush=True)
    print(json.dumps({"left": ground.close()}), file=told, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
