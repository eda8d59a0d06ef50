"""Intake: a submitted file becomes `work.Work` by the release's manifest. Broken but honest work is mended and flagged.

- Supplied cells and parameters are the manifest's; where the submission has others, or lacks them, that is flagged.
- A question is asked once, where its check cell was released, whether or not the submission still has that cell. What was
  written into a check cell runs before it asks.
- Cells run in the order of the release. A cell that the student added runs after the cell that it followed. Of an answer
  that occurs twice, both run, at the place of the answer, in the order in which they stand.
- An answer cell that was retyped (to markdown, say) runs as code all the same: what is not Python does no harm there.
- Words in text cells that were added right after an answer in words belong to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from workbench.checks.exercise import only_asks
from workbench.grading.manifest import ReleasedCell, ReleasedVariant
from workbench.grading.notebooks.matching import Matching, asks, match
from workbench.grading.notebooks.submitted import IntakeError, Kind, Submitted, SubmittedCell, parse
from workbench.grading.work import Flag, Step, Work
from workbench.regions import own_words

__all__ = ["IntakeError", "Kind", "read"]

MAX_FLAGS = 60
_SHELL = re.compile(
    r"^[ \t]*+(?:[\w.,\[\]'\" \t]{1,80}=[ \t]*+)?!|^[ \t]*+%%?(?:bash|sh|script|system|sx|cmd|perl|ruby|pip|conda)\b"
    r"|\bsubprocess\b|\bos\.(?:system|popen|exec\w*|spawn\w*|fork\w*)\b",
    re.MULTILINE,
)


def read(data: bytes, variant: ReleasedVariant, *, others: Sequence[ReleasedVariant] = (), where: str = "") -> Work:
    """Read a submission by what was handed out.

    Parameters
    ----------
    data : bytes
        The submitted file.
    variant : ReleasedVariant
        What this student was given.
    others : sequence of ReleasedVariant, optional
        All variants of the exercise in the release's order, so that the notebook of another one is recognised.
    where : str
        Named in errors.

    Raises
    ------
    IntakeError
        When it cannot be read as a notebook; `kind` says why.
    """
    submitted = parse(data, where=where)
    return _Reading(variant, submitted, others).work()


class _Reading:
    """One submission beside what was released: goes through the release and collects steps, words and flags."""

    def __init__(self, variant: ReleasedVariant, submitted: Submitted, others: Sequence[ReleasedVariant]) -> None:
        released = variant.cells
        self.variant = variant
        self.others = others
        self.released = released
        self.submitted = submitted
        self.found = match(released, submitted.cells)
        self.added = _added(released, submitted.cells, self.found)
        self.steps: list[Step] = []
        self.texts: dict[str, str] = {}
        self.flags: list[Flag] = []
        self.waiting = dict.fromkeys(cell.slug for cell in released if cell.kind == "answer")  # questions not yet asked
        self.extra = 0
        self.flagged_added = False

    def work(self) -> Work:
        self.flags += _general_flags(self.released, self.submitted, self.found)
        self.foreign = self._foreign()
        if self.foreign is not None:
            self.flags.append(_another(self.others, self.foreign, self.variant))
        self._run_added(-1)
        for place, cell in enumerate(self.released):
            copies = [self.submitted.cells[number] for number in self.found.copies_of(place)]
            own = self.submitted.cells[self.found.claimed[place]] if copies else None
            self._flag(place, cell, own, len(copies))
            if cell.kind == "supplied":
                self.steps.append(Step("run", cell.id, cell.source))
            elif cell.kind == "check":
                self._check(cell, own)
            elif cell.kind == "answer":
                self._answer(cell, copies)
            elif cell.kind == "words":
                self._words(place, cell, copies)
            self._run_added(place)
        self.steps += [Step("ask", slug, slug=slug) for slug in self.waiting]  # released without a check cell
        return Work(tuple(self.steps), self.texts, tuple(_few(self.flags)))

    def _check(self, cell: ReleasedCell, own: SubmittedCell | None) -> None:
        if not only_asks(cell.source):
            self.steps.append(Step("run", cell.id, cell.source))
        if own and own.kind == "code" and not _same(own.source, cell.source) and not asks(own) and own.source.strip():
            self._run(own, "")  # somebody answered here
        if cell.slug in self.waiting:
            del self.waiting[cell.slug]
            self.steps.append(Step("ask", cell.id, slug=cell.slug))

    def _answer(self, cell: ReleasedCell, copies: Sequence[SubmittedCell]) -> None:
        for number, copy in enumerate(copies):
            if copy.source.strip():
                self._run(copy, cell.slug, name=cell.id if number == 0 else "")

    def _words(self, place: int, cell: ReleasedCell, copies: Sequence[SubmittedCell]) -> None:
        own = [own_words(copy.source, cell.source) for copy in copies]
        after = [self.submitted.cells[number] for number in self.added.get(place, ())]
        own += [one.source.strip() for one in after if one.kind != "code"]
        self.texts[cell.slug] = "\n\n".join(text for text in own if text)

    def _run_added(self, place: int) -> None:
        """Run the code cells that the student put after the released cell at `place`."""
        for number in self.added.get(place, ()):
            cell = self.submitted.cells[number]
            if cell.kind == "code" and cell.source.strip() and not asks(cell):
                self._run(cell, "")

    def _run(self, cell: SubmittedCell, slug: str, *, name: str = "") -> None:
        if not name:
            self.extra += 1
            name = f"added-{self.extra}"
        self.steps.append(Step("run", name, cell.source, slug))
        if not slug and not self.flagged_added:
            self.flagged_added = True
            self.flags.append(Flag("added cell", "the student added cells; they run after those that they followed", name))
        if _SHELL.search(cell.source):
            self.flags.append(Flag("shell", "a cell starts other programs, or tries to", name))

    def _foreign(self) -> ReleasedVariant | None:
        """The other variant of the exercise whose parameters the notebook has; None where there is none."""
        places = [place for place, cell in enumerate(self.released) if cell.parameters and place in self.found.claimed]
        own = {place: self.submitted.cells[self.found.claimed[place]].source for place in places}
        if all(_same(source, self.released[place].source) for place, source in own.items()):
            return None
        return next((one for one in self.others if all(_same(own[place], _source(one, place)) for place in own)), None)

    def _flag(self, place: int, cell: ReleasedCell, own: SubmittedCell | None, count: int) -> None:
        """Note what is unlike the released cell."""
        if cell.kind == "text":
            return
        what = f"the answer to `{cell.slug}`" if cell.kind in ("answer", "words") else _NAMES[cell.kind]
        if own is None:
            self.flags.append(Flag("missing cell", f"{what} is not there{_RESTORED[cell.kind]}", cell.id))
            return
        if count > 1:
            self.flags.append(Flag("duplicate cell", f"{what} is there {count} times", cell.id))
        if own.kind != ("markdown" if cell.kind == "words" else "code"):
            self.flags.append(Flag("retyped cell", f"{what} was turned into a {own.kind} cell", cell.id))
        foreign = self.foreign is not None and _same(own.source, _source(self.foreign, place))
        if cell.kind in ("supplied", "check") and not foreign and not _same(own.source, cell.source):
            kind = "edited parameters" if cell.parameters else "edited cell"
            self.flags.append(Flag(kind, f"{what} was changed{_RESTORED[cell.kind]}", cell.id))


_NAMES = {"supplied": "a supplied cell", "check": "a check cell"}
_RESTORED = {
    "supplied": "; it runs as it was handed out",
    "check": "; the question is asked all the same",
    "answer": "",
    "words": "",
}


def _added(
    released: Sequence[ReleasedCell], submitted: Sequence[SubmittedCell], found: Matching
) -> Mapping[int, Sequence[int]]:
    """Places in the submission of cells that are the student's own, by the place in the release of the cell they follow.

    A second copy of a supplied or check cell is the student's own too, and so is code in what was a text cell.
    """
    followers: dict[int, list[int]] = {}
    last = -1
    for number, cell in enumerate(submitted):
        place = found.place.get(number)
        if place is not None:
            kind = released[place].kind
            first = found.claimed[place] == number
            last = place if first or kind in ("answer", "words") else last
            own = (cell.kind == "code" and kind == "text") or (not first and kind in ("supplied", "check"))
        if place is None or own:
            followers.setdefault(last, []).append(number)
    return followers


def _general_flags(released: Sequence[ReleasedCell], submitted: Submitted, found: Matching) -> Iterator[Flag]:
    """What is to be said of the notebook as a whole."""
    if submitted.language and not re.search(r"py|conda", submitted.language):
        yield Flag("wrong kernel", "the notebook asks for a kernel that is not Python's; it was run with Python")
    if submitted.version not in (0, 4):
        yield Flag(
            "old format" if submitted.version < 4 else "odd format", f"written in notebook format {submitted.version}"
        )
    if submitted.broken:
        yield Flag("broken cell", f"{submitted.broken} of its cells are not cells of a notebook and were left out")
    if found.reordered:
        yield Flag("reordered", "cells stand in another order; they run in the one in which they were handed out")
    asked = [place for place, cell in enumerate(released) if cell.kind in ("answer", "words", "check")]
    if asked and not any(place in found.claimed for place in asked):
        yield Flag("another exercise", "not one question of this exercise was found in it")


def _another(others: Sequence[ReleasedVariant], foreign: ReleasedVariant, given: ReleasedVariant) -> Flag:
    """What is to be said of a notebook that was handed out to somebody else."""
    differing = [name for name, value in foreign.parameters.items() if given.parameters.get(name) != value]
    said = ", ".join(f"{name} = {foreign.parameters[name]!r}" for name in differing)
    own = others.index(given) if given in others else None
    mine = "another one" if own is None else str(own)
    text = f"the notebook is of variant {others.index(foreign)} (parameters {said}), this student was given {mine}"
    return Flag("another variant", f"{text}; it runs with the parameters that the student was given")


def _source(variant: ReleasedVariant, place: int) -> str:
    """The source of the released cell at `place`; empty where the variant has fewer cells."""
    return variant.cells[place].source if place < len(variant.cells) else ""


def _same(one: str, other: str) -> bool:
    """Whether two sources differ in nothing but blanks at the ends of lines."""
    return [line.rstrip() for line in one.strip().split("\n")] == [line.rstrip() for line in other.strip().split("\n")]


def _few(flags: Sequence[Flag]) -> Sequence[Flag]:
    if len(flags) <= MAX_FLAGS:
        return flags
    return [*flags[:MAX_FLAGS], Flag("more", f"{len(flags) - MAX_FLAGS} more flags were left out")]
