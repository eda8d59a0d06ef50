"""Loading a check module by its path: the course's package is never imported.

An exercise may have a second module, of *hidden* questions, in the course's folder ``hidden``. They put what must not be
guessable to the same answers: other arguments to a student's function, say. Each names the visible question whose answer it
judges (``of``). Their source and keys stay with the instructor, as solutions do; ``check`` in a notebook never looks there.
"""

from __future__ import annotations

import builtins
import difflib
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from workbench.checks.question import Manual, Question
from workbench.course import Course
from workbench.errors import CheckError


@dataclass(frozen=True)
class CheckModule:
    """The questions of one exercise, in the order of the file: those with a check, and those that a person reads."""

    name: str
    path: Path
    questions: dict[str, Question]
    manual: dict[str, Manual] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """The most that an exercise can earn."""
        judged = sum(question.points for question in self.questions.values())
        return judged + sum(question.points for question in self.manual.values())

    @property
    def slugs(self) -> list[str]:
        """The names of all questions."""
        return [*self.questions, *self.manual]

    def __getitem__(self, slug: str) -> Question | Manual:
        """The question called `slug`.

        Raises
        ------
        CheckError
            When there is none, with the nearest names.
        """
        found = self.questions.get(slug) or self.manual.get(slug)
        if found is None:
            raise CheckError(f"there is no question `{slug}`", remedy=suggestion(slug, self.slugs))
        return found


_loaded: dict[Path, tuple[int, int, CheckModule]] = {}


def load(path: Path, *, hidden: bool = False) -> CheckModule:
    """Run the check module at `path` and collect its questions; done again only when the file has changed.

    Parameters
    ----------
    hidden : bool
        Whether it is a module of hidden questions: then each says whose answer it judges, and otherwise none does.

    Raises
    ------
    CheckError
        When the file is missing, does not run, has no question, names one that is not its own or twice, or holds hidden
        questions where visible ones belong, or the other way round.
    """
    path = path.resolve()
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise CheckError("there is no such check module", where=str(path)) from error
    stamp = (status.st_mtime_ns, status.st_size)
    if path not in _loaded or _loaded[path][:2] != stamp:
        _loaded[path] = (*stamp, _module(path))
    found = _loaded[path][2]
    for question in found.questions.values():
        if bool(question.of) != hidden:
            why = "does not say `of` which question" if hidden else "judges the answer `of` another: it is a hidden one"
            raise CheckError(f"`{question.slug}` {why}", where=str(path))
    if hidden and found.manual:
        raise CheckError(f"`{next(iter(found.manual))}` is read by a person, and cannot be hidden", where=str(path))
    return found


def hidden(course: Course, name: str) -> CheckModule | None:
    """The hidden questions on the exercise whose check module is `name`; None where there are none, as in a bundle."""
    path = course.hidden / f"{name}.py"
    return load(path, hidden=True) if path.is_file() else None


def of_question(course: Course, slug: str) -> CheckModule:
    """The check module that a question (or a module's own name) belongs to.

    Raises
    ------
    CheckError
        When the course has no such module, with the nearest names.
    """
    name = slug.partition(".")[0]
    names = available(course)
    if name not in names:
        raise CheckError(f"there is no question `{slug}`", remedy=suggestion(name, names))
    return load(course.checks / f"{name}.py")


def available(course: Course) -> list[str]:
    """The names of the course's check modules."""
    return sorted(path.stem for path in course.checks.glob("[a-z]*.py"))


def suggestion(name: str, names: list[str]) -> str:
    """The names nearest to `name`, or all of them, as a sentence."""
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    return ("did you mean " if near else "there are ") + ", ".join(f"`{other}`" for other in near or names)


def _module(path: Path) -> CheckModule:
    module = ModuleType(f"_checks_{path.stem}")
    module.__file__ = str(path)
    try:
        code = builtins.compile(path.read_bytes(), str(path), "exec")
        exec(code, module.__dict__)  # noqa: S102 - the course's own code, run as an import would
    except CheckError as error:
        raise CheckError(error.what, where=str(path), remedy=error.remedy) from error
    except Exception as error:
        raise CheckError(f"the check module does not run: {type(error).__name__}: {error}", where=str(path)) from error
    found: dict[str, Question | Manual] = {}
    for value in vars(module).values():
        if isinstance(value, Question | Manual) and found.get(value.slug) is not value:
            if value.slug in found:
                raise CheckError(f"`{value.slug}` is defined twice", where=str(path))
            if not value.slug.startswith(f"{path.stem}."):
                raise CheckError(f"`{value.slug}` must start with `{path.stem}.`", where=str(path))
            found[value.slug] = value
    if not found:
        raise CheckError("the check module has no question", where=str(path))
    questions = {slug: one for slug, one in found.items() if isinstance(one, Question)}
    return CheckModule(path.stem, path, questions, {slug: one for slug, one in found.items() if isinstance(one, Manual)})
