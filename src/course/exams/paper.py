"""A paper: questions drawn by seed, a page to read, and a file to write the answers into."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from html import escape
from random import Random

from course.commands.failures import RequestError
from course.exams.bank import Asked
from lifecycle.page import page
from workbench.checks.render import inline
from workbench.quizzes import Item

LETTERS = "ABCDEFGHIJ"
_SHORT_SHARE = 0.25
_STYLE = """
body { font: 1rem/1.5 sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
li { margin-bottom: 1.2rem; } ol ol { list-style-type: upper-alpha; } ol ol li { margin-bottom: .2rem; }
small { color: #555; } @media print { li { break-inside: avoid; } }
"""


@dataclass(frozen=True)
class Paper:
    """Questions in the order in which they are asked.

    Attributes
    ----------
    seed : int
    stage : str
        Of which questions may be drawn; empty: of all.
    questions : tuple of Asked
        Options in the order of this paper.
    """

    seed: int
    stage: str
    questions: tuple[Asked, ...]

    @property
    def marks(self) -> int:
        """What the whole paper is worth."""
        return sum(asked.item.marks for asked in self.questions)

    @property
    def digest(self) -> str:
        """SHA-256 of all that is asked, options and answers too: where a question was changed since, it is another."""
        return hashlib.sha256(json.dumps([asdict(each) for each in self.questions], sort_keys=True).encode()).hexdigest()

    def title(self) -> str:
        """As on its page."""
        return f"Exam {self.seed}" + (f", {self.stage}" if self.stage else "")

    def html(self) -> str:
        """The page to read or print. It holds no answers."""
        items = "".join(f"<li>{inline(asked.item.text)}{_asks(asked.item)}</li>" for asked in self.questions)
        head = (
            f"<p>{len(self.questions)} questions, {self.marks} marks. Write your answers into the file beside this page.</p>"
        )
        return page(self.title(), f"{head}<ol>{items}</ol>", style=_STYLE)

    def answers(self) -> str:
        """The file to fill in, in TOML."""
        lines = [
            f"# {self.title()}: {len(self.questions)} questions, {self.marks} marks.",
            "# Write between the quotation marks: a letter, a number, or your own words",
            '# (several lines fit between """ and """). Leave open what you do not know.',
            "",
            "[exam]",
            f"n = {len(self.questions)}",
            f"seed = {self.seed}",
            f"stage = {json.dumps(self.stage)}",
            f'paper = "{self.digest}"',
        ]
        for number, asked in enumerate(self.questions, 1):
            lines += ["", *(f"# {line}" for line in f"{number}. {asked.item.text}".splitlines())]
            lines += [f"#    {letter}) {option.text}" for letter, option in zip(LETTERS, asked.item.options, strict=False)]
            lines += [f"# unit: {asked.item.unit}"] if asked.item.unit else []
            lines += ["[[answers]]", f"question = {json.dumps(asked.name)}", 'answer = ""']
            if asked.item.kind == "short":
                lines.append("points = []  # later: the numbers of the key points that your answer has, as in [1, 3]")
        return "\n".join([*lines, ""])


def draw(questions: Mapping[str, Asked], *, n: int, seed: int, stage: str = "") -> Paper:
    """Draw a paper. One seed, one paper, as long as the bank stays as it is.

    Lessons take turns, so that a paper is about as many of them as it can be; about a quarter of the questions, at most, ask
    for words. Options are shuffled.

    Raises
    ------
    RequestError
        When there is no such stage, or it has fewer than `n` questions.
    """
    fitting = [asked for asked in questions.values() if stage in ("", asked.stage)]
    if not fitting:
        known = ", ".join(dict.fromkeys(asked.stage for asked in questions.values()))
        raise RequestError(f"there is no stage `{stage}`", remedy=f"stages: {known}")
    if not 1 <= n <= len(fitting):
        raise RequestError(f"{n} questions cannot be drawn", tried=f"{len(fitting)} fit", remedy=f"--n 1 to {len(fitting)}")
    chance = Random(f"{seed}/{stage}")  # noqa: S311 - no secret: one seed is to give one paper
    chance.shuffle(fitting)
    queues: dict[str, deque[Asked]] = {}
    for asked in fitting:
        queues.setdefault(asked.lesson, deque()).append(asked)
    chosen: list[Asked] = []
    waiting: list[Asked] = []
    words = max(1, round(_SHORT_SHARE * n))
    turns = deque(queues.values())
    while len(chosen) < n and turns:
        queue = turns.popleft()
        asked = queue.popleft()
        if queue:
            turns.append(queue)
        if asked.item.kind == "short" and not words:
            waiting.append(asked)
            continue
        words -= asked.item.kind == "short"
        chosen.append(asked)
    chosen += waiting[: n - len(chosen)]
    places = {asked.name: place for place, asked in enumerate(questions.values())}
    chosen.sort(key=lambda asked: places[asked.name])
    return paper_of(chosen, seed=seed, stage=stage)


def paper_of(chosen: Iterable[Asked], *, seed: int, stage: str) -> Paper:
    """The paper with these questions; the order of the options is the seed's."""
    return Paper(seed, stage, tuple(_shuffled(asked, seed) for asked in chosen))


def _shuffled(asked: Asked, seed: int) -> Asked:
    options = list(asked.item.options)
    Random(f"{seed}/{asked.name}").shuffle(options)  # noqa: S311 - as above
    return replace(asked, item=replace(asked.item, options=tuple(options)))


def _asks(item: Item) -> str:
    if item.kind == "choice":
        return "<ol>" + "".join(f"<li>{inline(option.text)}</li>" for option in item.options) + "</ol>"
    asked = f"a number, unit: {item.unit}" if item.unit else "a number"
    return f"<br><small>[{escape(asked if item.kind == 'number' else f'in your own words, {item.marks} marks')}]</small>"
