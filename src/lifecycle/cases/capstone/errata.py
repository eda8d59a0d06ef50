"""Figures and beliefs that are often quoted and wrong, and whether a report quotes one."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from html import unescape
from importlib.resources import files

from lifecycle.cases.errors import CaseError

_PER_CENT = r" ?(?:%|per ?cent\b)"  # and no percentage points
_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[A-Z\"'(\d])|\n+")
_BLOCK = re.compile(r"</?(?:p|tr|li|h[1-6]|div|table|ul|ol|dt|dd|title|br)\b[^>]*>", re.IGNORECASE)
_HIDDEN = re.compile(r"<(style|script)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Erratum:
    """One wrong claim.

    Attributes
    ----------
    id : str
        As in ``03-storage``; begins with the lesson's number.
    claim : str
        The claim, as people write it.
    truth : str
        What holds instead, in a sentence that could stand in a report.
    about : tuple of str
        Regular expressions: a sentence that is about the matter has all of them.
    says : str
        Regular expression of the wrong figure or words.
    right : str
        Regular expression of the right figure: a sentence that has it too refutes the claim, and does not make it.
    """

    id: str
    claim: str
    truth: str
    about: tuple[str, ...]
    says: str
    right: str

    @property
    def lesson(self) -> str:
        """The number of the lesson that refutes it."""
        return self.id[:2]

    def is_made_in(self, sentence: str) -> bool:
        """Whether `sentence` makes the claim."""
        if not all(re.search(each, sentence, re.IGNORECASE) for each in (*self.about, self.says)):
            return False
        return not (self.right and re.search(self.right, sentence, re.IGNORECASE))


@dataclass(frozen=True)
class Citation:
    """A sentence of a report that makes a wrong claim; as text, what to tell its author."""

    erratum: Erratum
    sentence: str

    def __str__(self) -> str:
        said = self.sentence if len(self.sentence) <= 120 else self.sentence[:117] + "..."
        return f"{self.erratum.id}: “{said}” Instead: {self.erratum.truth}"


@cache
def errata() -> tuple[Erratum, ...]:
    """All wrong claims that are known here, in the order of lessons."""
    table = tomllib.loads((files("lifecycle.cases.capstone") / "errata.toml").read_text(encoding="utf-8"))
    return tuple(
        Erratum(entry["id"], entry["claim"], entry["truth"], tuple(map(_written_out, entry["about"])),
                _written_out(entry["says"]), _written_out(entry.get("right", "")))
        for entry in table["errata"]
    )  # fmt: skip


def _written_out(expression: str) -> str:
    """` ?%` in the file stands for the sign and for the words, with or without a blank."""
    return expression.replace(" ?%", _PER_CENT)


def wrong_claims(report: str) -> list[Citation]:
    """Find the wrong claims in a report.

    Looks at one sentence (or row of a table) at a time, for words that tell the subject and a figure that is wrong for it.
    It knows what it has a rule for: no finding does not mean that all figures are right. A sentence that also has the right
    figure refutes the claim and is left alone.

    Parameters
    ----------
    report : str
        Plain text, Markdown or HTML.

    Returns
    -------
    list of Citation
        In the order of the report.
    """
    return [
        Citation(erratum, sentence) for sentence in sentences(report) for erratum in errata() if erratum.is_made_in(sentence)
    ]


def refuse_wrong_claims(report: str, *, name: str = "the report") -> None:
    """Refuse a report that makes a wrong claim.

    Raises
    ------
    CaseError
        Naming each claim and what holds instead.
    """
    found = wrong_claims(report)
    if found:
        said = "\n".join(f"  - {each}" for each in found)
        raise CaseError(f"{len(found)} claim{'s' * (len(found) > 1)} that do not hold:\n{said}", where=f"capstone: {name}",
                        remedy="compute the figure anew, or say what is wrong with it in the same sentence")  # fmt: skip


def sentences(report: str) -> list[str]:
    """The sentences of a report, without its markup; a row of a table is one."""
    text = report
    if re.search(r"<(?:html|p|table|div|h[1-6]|ul)\b", report, re.IGNORECASE):
        text = unescape(_TAG.sub(" ", _BLOCK.sub("\n", re.sub(r"\s+", " ", _HIDDEN.sub(" ", report)))))
    else:
        text = re.sub(r"(?<=[^\n.!?:|])\n(?=[^\n#|*-])", " ", text)  # a wrapped line goes on
    plain = (re.sub(r"[*_`|]+", " ", part) for part in _SENTENCE.split(text))
    return [" ".join(part.split()) for part in plain if part.strip()]
