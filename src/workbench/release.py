"""Releasing exercises to a class: a folder or a zip file for each student, and the manifest that stays with the instructor.

The same roster always gives the same bytes. Which variant a student has, and with which parameters, follows from the
course's secret and the student's id alone, so that a student who is added later changes nobody else's.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any

from workbench import targets, variant
from workbench.catalog import Lesson
from workbench.checks.key import Key
from workbench.course import Course
from workbench.errors import GradingError
from workbench.grading.execution import key_cache
from workbench.grading.handout import bundle
from workbench.grading.manifest import NAME, Manifest, ReleasedExercise, ReleasedVariant, Terms
from workbench.grading.people.roster import Roster
from workbench.parameters import Value

SECRET_VARIABLE = "WORKBENCH_SECRET"  # noqa: S105 - its name, not its value
_WRITERS = 8  # each waits for the disk most of the time
SEED = "seed"  # the parameter in which variants differ


@dataclass(frozen=True)
class _Choice:
    """The variants of one exercise, and who has which."""

    parameters: tuple[Mapping[str, Value], ...]
    students: Mapping[str, int]


@dataclass(frozen=True)
class _Plan:
    """One exercise as it is to be handed out: `made` now, and `merged` with whom only an earlier release had."""

    course: Course
    lesson: Lesson
    notebooks: tuple[Any, ...]
    made: ReleasedExercise
    merged: ReleasedExercise
    shared: Mapping[str, bytes]

    @property
    def used(self) -> list[int]:
        """The variants that somebody has."""
        return sorted(set(self.made.students.values()))

    def key_of(self, number: int) -> Key:
        """The key of a variant's visible questions."""
        return key_cache.record_keys(self.course, self.lesson, self.made.variants[number].parameters).visible


def release(
    course: Course,
    lessons: Sequence[Lesson],
    *,
    roster: Roster,
    out: Path,
    variants: int = 1,
    per_student: bool = False,
    secret: bytes | None = None,
    terms: Terms | None = None,
    archive: bool = False,
    jobs: int = 2,
) -> Manifest:
    """Write what each student of the roster gets of some exercises, and the manifest.

    A folder that holds a release already is added to: other exercises and students stay as they are.

    Parameters
    ----------
    course : Course
        With its artefacts built.
    lessons : sequence of Lesson
        Lessons with an exercise.
    out : Path
        ``out/students/ID/LESSON/`` (or ``LESSON.zip``) is for the students, ``out/manifest.json`` for the instructor.
    variants : int
        How many there are to be, 1 or more; 1 gives everybody the exercise with its defaults.
    per_student : bool
        Whether each student has a variant of their own.
    secret : bytes, optional
        16 bytes or more; needed where there is more than one variant.
    terms : Terms, optional
        When the work is due, for everybody; where none are given, as it was released before, or without a date.
    archive : bool
        Whether to write zip files in place of folders.
    jobs : int
        How many solutions are run at once, 1 or more.

    Raises
    ------
    GradingError
        When a question of the checks has no cell in the notebook; when an exercise has no parameter that variants could
        differ in; when the secret is missing; when something that the exercise reads was never built; when there is no
        sandbox to run the solution in; or when the exercise or the choice is not what these students were given in an
        earlier release to the same folder.
    ParameterError
        When `variants` is less than 1 or the secret too short.
    CheckError
        When a lesson has no exercise, or its solution does not earn all points with the parameters of a variant.
    """
    students = [student.id for student in roster]
    before = Manifest.read(out) if (out / NAME).is_file() else Manifest(course.title, {})
    plans = []
    for lesson in lessons:
        choice = _choice(course, lesson, students, variants, per_student=per_student, secret=secret)
        earlier = before.exercises.get(lesson.slug)
        due = terms or (earlier.terms if earlier else Terms())
        plans.append(_planned(course, lesson, choice, due, earlier))
    try:
        with ThreadPoolExecutor(jobs) as pool:  # what they wait for are processes
            keys = [list(pool.map(plan.key_of, plan.used)) for plan in plans]
    finally:
        key_cache.close()
    for plan, own in zip(plans, keys, strict=True):  # nothing is written before all of it is known to be possible
        _hand_out(plan, own, out=out, archive=archive)
    manifest = Manifest(course.title, {**before.exercises, **{plan.lesson.slug: plan.merged for plan in plans}})
    manifest.write(out)
    return manifest


def secret_of(out: Path, file: Path | None = None) -> bytes:
    """The secret of a release: from ``WORKBENCH_SECRET``, else from `file`, which is made on first use.

    Parameters
    ----------
    out : Path
        The release's folder; the file is beside it (``OUT.secret``) where none is named, readable by its owner alone.

    Raises
    ------
    GradingError
        When the file lies inside the release, where it would be handed out one day.
    """
    named = os.environ.get(SECRET_VARIABLE, "")
    if named and file is None:
        return named.encode()
    path = (file or out.resolve().with_name(f"{out.resolve().name}.secret")).resolve()
    if path.is_relative_to(out.resolve()):
        raise GradingError("the secret's file lies inside the release", where=str(path), remedy="keep it elsewhere")
    if not path.exists():
        _make_secret(path)
    return path.read_bytes().strip()


def _make_secret(path: Path) -> None:
    """Write a new secret, whole or not at all; one that another process has written meanwhile stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # its owner's alone
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(f"{secrets.token_hex(32)}\n".encode())
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(temporary)
    finally:
        Path(temporary).unlink()


def _choice(
    course: Course, lesson: Lesson, students: Sequence[str], count: int, *, per_student: bool, secret: bytes | None
) -> _Choice:
    defaults, _ = variant.stub(course, lesson, {})
    if count == 1 and not per_student:
        return _Choice((defaults,), dict.fromkeys(students, 0))
    if secret is None:
        raise GradingError("variants need a secret", remedy=f"set {SECRET_VARIABLE}, or name a file with --secret-file")
    if not isinstance(defaults.get(SEED), int) or isinstance(defaults.get(SEED), bool):
        raise GradingError(f"`{lesson.slug}` has no parameter `{SEED}: int` for variants to differ in")
    names = [f"student {student}" for student in students] if per_student else [f"variant {i}" for i in range(count)]
    seeds = [variant.seed_of(name, exercise=lesson.slug, secret=secret) for name in names]
    if per_student:
        numbers = {student: number for number, student in enumerate(students)}
    else:
        numbers = {one: variant.number_of(one, exercise=lesson.slug, count=count, secret=secret) for one in students}
    return _Choice(tuple({**defaults, SEED: seed} for seed in seeds), numbers)


def _planned(course: Course, lesson: Lesson, choice: _Choice, terms: Terms, before: ReleasedExercise | None) -> _Plan:
    stubs = variant.stubs(course, lesson, choice.parameters)
    released = tuple(bundle.released_variant(notebook, values) for values, notebook in stubs)
    _check_cells(course, lesson, released[0])
    made = ReleasedExercise(lesson.slug, lesson.checks, released, choice.students, terms)
    shared = bundle.shared_files(course, lesson, terms=terms)
    return _Plan(course, lesson, tuple(notebook for _, notebook in stubs), made, _merged(made, before), shared)


def _check_cells(course: Course, lesson: Lesson, released: ReleasedVariant) -> None:
    """Refuse to hand out an exercise in which a question of its checks cannot be answered."""
    answered = {cell.slug for cell in released.cells if cell.kind in ("answer", "words")}
    lacking = [slug for slug in targets.points_of(course.checks / f"{lesson.checks}.py") if slug not in answered]
    if lacking:
        raise GradingError(
            f"`{lesson.slug}` has no cell in which to answer " + ", ".join(f"`{slug}`" for slug in lacking),
            where=course.relative(course.checks / f"{lesson.checks}.py"),
            tried="comparing the questions of its checks with the notebook to be handed out",
            remedy="add the cell to the exercise, or take the question from its checks; then workbench build",
        )


def _merged(made: ReleasedExercise, before: ReleasedExercise | None) -> ReleasedExercise:
    """`made` with the students that only an earlier release had.

    Raises
    ------
    GradingError
        When a student who is in both has now another variant, or other cells.
    """
    if before is None:
        return made
    variants: list[ReleasedVariant] = list(made.variants)
    students = dict(made.students)
    for student in sorted(before.students):
        earlier = before.variant_of(student)
        if student in students:
            if made.variant_of(student) != earlier:
                raise GradingError(
                    f"`{student}` has already been given another `{made.lesson}`",
                    tried="comparing with the manifest in the release's folder",
                    remedy="take the same secret and number of variants, or release what has changed to another folder",
                )
        elif earlier in variants:
            students[student] = variants.index(earlier)
        else:
            variants.append(earlier)
            students[student] = len(variants) - 1
    return ReleasedExercise(made.lesson, made.checks, tuple(variants), students, made.terms)


def _hand_out(plan: _Plan, keys: Sequence[Key], *, out: Path, archive: bool) -> None:
    slug = plan.lesson.slug
    for number, key in zip(plan.used, keys, strict=True):
        content = bundle.contents(plan.lesson, notebook=plan.notebooks[number], key=key, shared=plan.shared)
        packed = {f"{slug}.zip": bundle.archive(content, folder=slug)} if archive else {}
        students = [student for student, own in plan.made.students.items() if own == number]
        places = [out / "students" / student / ("" if archive else slug) for student in students]
        with ThreadPoolExecutor(_WRITERS) as pool:
            list(pool.map(bundle.write_folder, places, repeat(packed or content)))
