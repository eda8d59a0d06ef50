"""What was written into a paper, marked: facts by machine, words by their key points."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.commands.failures import RequestError
from course.exams import LARGEST_SEED
from course.exams.bank import Asked
from course.exams.paper import LETTERS, Paper, paper_of
from workbench.quizzes import Item

_MOST = 2_000_000
_DIGITS = 60
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Mark:
    """One answer.

    Attributes
    ----------
    number : int
    question : str
        Its name in the bank.
    outcome : str
        ``right``, ``wrong``, ``open`` (nothing was written), ``marked`` (words, by key points) or ``to mark``.
    marks, of : int
    why : str
        What to know: the explanation of the answer that was given and of the right one, or the key points.
    """

    number: int
    question: str
    outcome: str
    marks: int
    of: int
    why: str


@dataclass(frozen=True)
class Marked:
    """A paper with its marks."""

    paper: Paper
    rows: tuple[Mark, ...]

    @property
    def marks(self) -> int:
        """Marks so far."""
        return sum(row.marks for row in self.rows)

    @property
    def to_mark(self) -> int:
        """How many answers in words still wait for somebody to compare them with their key points."""
        return sum(row.outcome == "to mark" for row in self.rows)


def grade(file: Path, questions: Mapping[str, Asked]) -> Marked:
    """Mark a filled-in paper.

    Raises
    ------
    RequestError
        When the file is no paper, or its questions are no longer what they were: moved, taken out, or changed in the bank.
    """
    table = _table(file)
    exam, answers = table["exam"], table["answers"]
    names = [answer["question"] for answer in answers]
    paper = paper_of((questions[name] for name in names if name in questions), seed=exam["seed"], stage=exam["stage"])
    if paper.digest != exam["paper"] or not len(names) == len(paper.questions) == exam["n"]:
        raise RequestError("these are not the questions of this paper: some were changed or moved", where=file.name,
                           tried="the questions of the file, compared with the digest under [exam]",
                           remedy="write between the quotation marks only, or grade it where it was made")  # fmt: skip
    return Marked(paper, tuple(
        _mark(number, asked, answer) for number, (asked, answer) in enumerate(zip(paper.questions, answers, strict=True), 1)
    ))  # fmt: skip


def _table(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > _MOST:
            raise RequestError("too large for a paper", where=file.name)
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise RequestError("cannot be read", where=str(file), remedy="name the file of answers that was written") from error
    except (ValueError, RecursionError) as error:  # also nested too deeply, or a number of thousands of digits
        raise RequestError(f"not valid TOML: {error}", where=file.name,
                           remedy="write between the quotation marks") from error  # fmt: skip
    exam, answers = table.get("exam"), table.get("answers")
    kinds = {"n": int, "seed": int, "stage": str, "paper": str}
    fine = isinstance(exam, dict) and all(type(exam.get(name)) is kind for name, kind in kinds.items())
    fine = fine and 0 <= exam["seed"] <= LARGEST_SEED and isinstance(answers, list)
    if not fine or not all(isinstance(each, dict) and isinstance(each.get("question"), str) for each in answers):
        raise RequestError("no paper: its table [exam] or its answers are missing or damaged", where=file.name,
                           remedy="`workbench exam --n 20 --seed 1` writes one")  # fmt: skip
    return table


def _mark(number: int, asked: Asked, answer: Mapping[str, Any]) -> Mark:
    item, said = asked.item, answer.get("answer", "")
    try:
        text = said.strip() if isinstance(said, str) else str(said)
    except (ValueError, RecursionError) as error:
        raise RequestError("an answer that cannot be read", where=f"answer {number}",
                           remedy="write between the quotation marks") from error  # fmt: skip
    if not text and item.kind == "short":
        outcome, marks, why = "open", 0, _points(item)
    elif not text:
        outcome, marks, why = "open", 0, _right(item)
    elif item.kind == "choice":
        outcome, marks, why = _choice(item, text)
    elif item.kind == "number":
        outcome, marks, why = _value(item, text)
    else:
        outcome, marks, why = _words(item, answer.get("points", []), number)
    return Mark(number, asked.name, outcome, marks, item.marks, why)


def _choice(item: Item, text: str) -> tuple[str, int, str]:
    place = LETTERS.find(text.rstrip(").").upper()) if len(text.rstrip(").")) == 1 else -1
    if not 0 <= place < len(item.options):
        return "wrong", 0, f"a letter was asked for, A to {LETTERS[len(item.options) - 1]}. {_right(item)}"
    chosen = item.options[place]
    return ("right", 1, chosen.why) if chosen.right else ("wrong", 0, f"{chosen.why} {_right(item)}")


def _value(item: Item, text: str) -> tuple[str, int, str]:
    value = number_in(text, item.unit)
    if math.isnan(value):
        return "wrong", 0, f"a number was asked for, written as 0.25 or 1,250. {_right(item)}"
    if item.accepts(value):
        return "right", 1, item.why
    hint = next((f"{near.why} " for near in item.near if abs(value - near.value) <= 0.01 * abs(near.value)), "")
    return "wrong", 0, hint + _right(item)


def number_in(text: str, unit: str = "") -> float:
    """The number that was written, in the item's unit; NaN where it is none.

    The unit may stand behind it. Where the unit is not per cent, ``7.6 %`` is 0.076. Commas between groups of three digits
    separate thousands; a single comma elsewhere is read as a decimal point.
    """
    plain = text.replace("−", "-").strip().lstrip("$").strip()
    for behind in (unit, unit.removesuffix("s")) if unit and not unit[0].isdigit() else ("x", "×"):
        plain = plain.removesuffix(behind).rstrip()
    share = plain.endswith("%") and unit not in ("%", "pp")
    plain = plain.rstrip("%$ ")
    if re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?", plain):
        plain = plain.replace(",", "")
    elif plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    if len(plain) > _DIGITS or not _NUMBER.fullmatch(plain) or not plain.isascii():
        return math.nan
    return float(plain) / (100 if share else 1)


def _words(item: Item, points: Any, number: int) -> tuple[str, int, str]:
    if points == []:
        return "to mark", 0, _points(item)
    known = range(1, len(item.points) + 1)
    if not isinstance(points, list) or not all(type(point) is int and point in known for point in points):
        raise RequestError(
            f"`points` are numbers from 1 to {len(item.points)}", where=f"answer {number}", remedy="as in [1, 3]"
        )
    return "marked", len(set(points)), _points(item)


def _right(item: Item) -> str:
    if item.kind == "number":
        return f"Right: {item.answer:g}{f' {item.unit}' if item.unit else ''}. {item.why}"
    option = next(option for option in item.options if option.right)
    return f"Right: {option.text}. {option.why}"


def _points(item: Item) -> str:
    return "Key points: " + "; ".join(f"({number}) {point}" for number, point in enumerate(item.points, 1))
