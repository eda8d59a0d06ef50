"""How much governance does a case need? A questionnaire gives its class, and the class gives the measures.

Governance costs work, discipline and delay. Too little of it where lives are touched is a scandal; too much where a team
looks at its own chart is a reason to go around it. So a case is classified first, by questions that its owner can answer.

A sum of points would let many answers about operation outvote a grave one. The rule here is made of steps instead: one grave
*stake* decides alone, and the other answers can only raise a class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lifecycle.govern.process.errors import ProcessError
from lifecycle.govern.process.given import mapping
from lifecycle.govern.process.tables import table

CLASSES = ("light", "middle", "strong")


@dataclass(frozen=True)
class RiskClass:
    """The class of a case: how strong its governance has to be, and which answers made it so.

    Attributes
    ----------
    level : {"light", "middle", "strong"}
    reasons : tuple of str
        The answers that decide; empty for a light case.
    weights : mapping of str to int
        What each answer weighs: 0 light, 1 middle, 2 strong.
    """

    level: str
    reasons: tuple[str, ...]
    weights: Mapping[str, int]

    @property
    def points(self) -> int:
        """The sum of the weights: what a questionnaire without stakes would look at."""
        return sum(self.weights.values())


def questionnaire() -> list[dict[str, Any]]:
    """One row a question: ``key``, ``question``, ``answers`` (lightest first) and ``stake``."""
    rows = table("questionnaire").items()
    return [
        {"key": key, "question": each["question"], "answers": list(each["answers"]), "stake": each["stake"]}
        for key, each in rows
    ]


def classify(answers: Mapping[str, str]) -> RiskClass:
    """The class of a case by its answers.

    Parameters
    ----------
    answers : mapping of str to str
        An answer to every question of `questionnaire`, by key.

    Notes
    -----
    In this order: *strong* when an error can touch a life, when effects last for years, or when both the public and a
    sector's rules are concerned; *middle* when any answer is strong or three or more are middle; *light* otherwise.

    Raises
    ------
    ProcessError
        When an answer is missing, unknown, or answers no question. What was not asked is not harmless.
    """
    answers = mapping(answers, where="questionnaire")
    weights = {}
    for key, question in table("questionnaire").items():
        if key not in answers:
            raise ProcessError(f"`{key}` is not answered", where="questionnaire", remedy=question["question"])
        if not isinstance(answers[key], str) or answers[key] not in question["answers"]:
            raise ProcessError(f"no answer `{answers[key]}`", where=f"questionnaire: {key}",
                               remedy="one of: " + ", ".join(question["answers"]))  # fmt: skip
        weights[key] = question["answers"][answers[key]]
    odd = sorted(set(answers) - set(weights))
    if odd:
        raise ProcessError(f"no question `{odd[0]}`", where="questionnaire", remedy="questions: " + ", ".join(weights))
    grave = [key for key in ("error_impact", "effects") if weights[key] == 2]
    if weights["consumers"] == weights["regulation"] == 2:
        grave += ["consumers", "regulation"]
    if grave:
        return RiskClass("strong", tuple(f"{key}: {answers[key]}" for key in grave), weights)
    strong = [key for key, weight in weights.items() if weight == 2]
    middle = [key for key, weight in weights.items() if weight >= 1]
    if strong or len(middle) >= 3:
        return RiskClass("middle", tuple(f"{key}: {answers[key]}" for key in strong or middle), weights)
    return RiskClass("light", (), weights)


def measures(level: str) -> dict[str, str | None]:
    """What a class asks for, by consideration; ``None`` where the matrix has a blank.

    A blank means that nobody has decided yet, not that nothing is needed: `blanks` lists them.

    Raises
    ------
    ProcessError
        For a level that is none.
    """
    if not isinstance(level, str) or level not in CLASSES:
        raise ProcessError(f"no class `{level}`", where="matrix of measures", remedy="one of: " + ", ".join(CLASSES))
    return {name: row.get(level) for name, row in table("measures").items()}


def blanks() -> list[tuple[str, str]]:
    """The cells of the matrix that are empty: consideration and class."""
    return [(name, level) for name, row in table("measures").items() for level in CLASSES if level not in row]


def operations() -> list[dict[str, Any]]:
    """How critical projects are run: ``project``, ``way``, and stars from 0 to 3 by column; ``unsure`` names judgements."""
    content = table("operations")
    return [
        {"project": each["name"], "way": each["way"], **dict(zip(content["columns"], each["stars"], strict=True)),
         "unsure": list(each["unsure"])}
        for each in content["projects"]
    ]  # fmt: skip


def not_monotone() -> list[str]:
    """Columns of `operations` that go both up and down as projects become more critical."""
    found = []
    for column in table("operations")["columns"]:
        stars = [row[column] for row in operations()]
        if stars not in (sorted(stars), sorted(stars, reverse=True)):
            found.append(column)
    return found
