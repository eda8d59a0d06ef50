"""``check``, as a notebook uses it: it displays, it never raises, and it answers at once.

>>> from workbench import check  # doctest: +SKIP
>>> check("start.order")  # doctest: +SKIP
>>> check.hint("start.order")  # doctest: +SKIP
>>> check.progress()  # doctest: +SKIP

It needs the course's check modules and keys alone, so that it works in a released bundle, which has no solutions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from workbench.checks import key as keys
from workbench.checks import module, render
from workbench.checks.answer import Answer, LiveNotebook
from workbench.checks.judge import judge
from workbench.checks.key import Key
from workbench.checks.module import CheckModule
from workbench.checks.question import Manual, Question
from workbench.checks.render import Shown
from workbench.checks.verdict import Incorrect, NotAttempted, Outcome, Result
from workbench.course import Course
from workbench.errors import CheckError, WorkbenchError
from workbench.start import record

Display = Callable[[Shown], None]


class Checker:
    """Judges the answers in a namespace and displays the verdicts.

    Parameters
    ----------
    names : callable, optional
        Gives the namespace to judge; by default that of the notebook, or of ``__main__``.
    display : callable, optional
        Shows what is to be said; by default as the notebook's output, or on standard output.
    """

    def __init__(self, *, names: Callable[[], Mapping[str, Any]] | None = None, display: Display | None = None) -> None:
        self._names = names or _notebook_names
        self._display = display or show
        self._hints: dict[str, int] = {}
        self._touched: dict[str, None] = {}

    def __call__(self, slug: object = "") -> None:
        """Judge the answer to the question `slug` and show the verdict."""
        self._safely(lambda: self._judged(slug))

    def points(self, slug: object = "") -> float:
        """The points of the answer to the question `slug`; the verdict is shown too.

        This is for nbgrader, which takes a partial score from the value of a cell.

        Raises
        ------
        CheckError
            When the answer cannot be judged: that is no score.
        """
        course = Course.find()
        question, found = _question(course, slug)
        if isinstance(question, Manual):
            raise CheckError(f"`{question.slug}` is read by a person")
        result = self._verdict(course, question, found)
        if result.outcome is Outcome.NOT_JUDGED:
            raise CheckError(" ".join(result.messages) or f"`{question.slug}` could not be judged")
        self._display(render.verdict(result))
        return float(result.points)

    def hint(self, slug: object = "") -> None:
        """Show the next hint for the question `slug`."""
        self._safely(lambda: self._next_hint(slug))

    def progress(self, name: object = "") -> None:
        """Show what is done of the exercise `name`, or of all that were checked."""
        self._safely(lambda: self._progress(name))

    def __repr__(self) -> str:
        return 'check: use it as check("exercise.question"), check.hint("exercise.question") or check.progress()'

    def _safely(self, say: Callable[[], Shown]) -> None:
        try:
            shown = say()
        except WorkbenchError as error:
            shown = render.fault(error)
        except Exception as error:  # a notebook must go on, whatever happened here
            shown = render.notice(
                "The check itself failed; your answer is not at fault", [f"{type(error).__name__}: {error}"]
            )
        self._display(shown)

    def _judged(self, slug: object) -> Shown:
        course = Course.find()
        question, found = _question(course, slug)
        self._touched[found.name] = None
        if isinstance(question, Manual):
            return render.read_later(question)
        result = self._verdict(course, question, found)
        if result.outcome is not Outcome.NOT_JUDGED:
            record.keep(course, result, points={name: one.points for name, one in found.questions.items()})
        return render.verdict(result)

    def _verdict(self, course: Course, question: Question, found: CheckModule) -> Result:
        live = LiveNotebook(self._names())
        try:
            transport = _key_for(course, found, live).transport(question.slug)
        except CheckError as error:
            messages = tuple(part for part in (error.what, error.remedy) if part)
            return Result(question.slug, question.title, Outcome.NOT_JUDGED, 0, question.points, messages)
        return judge(question, live, transport)

    def _next_hint(self, slug: object) -> Shown:
        question, found = _question(Course.find(), slug)
        self._touched[found.name] = None
        count = len(question.hints)
        if not count:
            return render.notice(f"There is no hint for `{question.slug}`", [])
        number = self._hints[question.slug] = self._hints.get(question.slug, 0) + 1
        if number > count:
            return render.notice(f"There are no more hints for `{question.slug}`", [f"the last was: {question.hints[-1]}"])
        return render.hint(question.title, number, count, question.hints[number - 1])

    def _progress(self, name: object) -> Shown:
        course = Course.find()
        wanted = [_text(name).partition(".")[0]] if name else list(self._touched)
        if not wanted:
            raise CheckError("nothing has been checked yet", remedy='run a check first, or name one: check.progress("name")')
        parts = []
        for one in wanted:
            found = module.of_question(course, one)
            results = [self._verdict(course, question, found) for question in found.questions.values()]
            parts.append(render.progress(_title(course, found.name), results, list(found.manual.values())))
        return Shown("\n\n".join(part.text for part in parts), "".join(part.html for part in parts))


def _question(course: Course, slug: object) -> tuple[Question | Manual, CheckModule]:
    name = _text(slug)
    if not name:
        raise CheckError("which question?", remedy='name it: check("exercise.question")')
    if "." not in name:
        raise CheckError(f"`{name}` is not a question", remedy=_nearest(course, name))
    found = module.of_question(course, name)
    return found[name], found


def _text(slug: object) -> str:
    if not isinstance(slug, str):
        raise CheckError(f"a question is named by text, not by a value of type `{type(slug).__name__}`",
                         remedy='write its name in quotes: check("exercise.question")')  # fmt: skip
    return slug.strip()


def _nearest(course: Course, name: str) -> str:
    """A sentence with the names that `name` may have meant: of its exercise, or of whatever ends like it."""
    names = module.available(course)
    if name in names:
        own = module.load(course.checks / f"{name}.py").slugs
        return "there are " + ", ".join(f"`{slug}`" for slug in own)
    slugs = [slug for other in names for slug in module.load(course.checks / f"{other}.py").slugs]
    same = [slug for slug in slugs if slug.partition(".")[2] == name]
    return "did you mean " + ", ".join(f"`{slug}`" for slug in same) if same else module.suggestion(name, slugs)


def _key_for(course: Course, found: CheckModule, live: LiveNotebook) -> Key:
    """The key recorded with the notebook's parameters.

    Raises
    ------
    CheckError
        When there is none, with what differs.
    """
    known = keys.available(course, found.name)
    if not known:
        raise CheckError(
            f"there is no answer key for `{found.name}` in {course.relative(course.keys)}",
            remedy="the author builds it with `workbench build`",
        )
    answer = Answer(live)
    try:
        given = {name: answer.read(name) for name in known[0].parameters}
    except (NotAttempted, Incorrect) as problem:
        raise CheckError(str(problem), remedy="run the first cells of the notebook: they set its parameters") from problem
    for key in known:
        if dict(key.parameters) == given:
            return key
    differing = [name for name, value in known[0].parameters.items() if given[name] != value]
    wanted = ", ".join(f"`{name} = {known[0].parameters[name]!r}`" for name in differing)
    have = ", ".join(f"`{name} = {given[name]!r:.40}`" for name in differing)
    raise CheckError(
        f"the answers were worked out with {wanted}, and this notebook has {have}",
        remedy="set it back, run the cells again, and check",
    )


def _title(course: Course, checks: str) -> str:
    """The lesson's title, where there is a catalogue; a bundle may do without."""
    from workbench.catalog import Catalog

    if not course.catalog.is_file():
        return checks.capitalize()
    lessons = Catalog.load(course.catalog).lessons
    return next((f"{lesson.number} {lesson.title}" for lesson in lessons if lesson.checks == checks), checks.capitalize())


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _notebook_names() -> Mapping[str, Any]:
    shell = _shell()
    return shell.user_ns if shell is not None else vars(sys.modules["__main__"])


def show(shown: Shown) -> None:
    """Display `shown` as the notebook's output, or its text on standard output."""
    if _shell() is None:
        sys.stdout.write(f"{shown.text}\n")
        return
    from IPython.display import display

    display(shown.bundle(), raw=True)  # type: ignore[no-untyped-call]


check = Checker()
