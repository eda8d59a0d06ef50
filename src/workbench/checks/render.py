"""What a reader sees: a verdict, a hint, progress, each as plain text and as HTML that says the same.

Colours come with a mark and a word. The HTML uses JupyterLab's theme where there is one, and is legible without.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from workbench.checks.question import Manual
from workbench.checks.verdict import Outcome, Result
from workbench.errors import WorkbenchError

_MARK = {
    Outcome.CORRECT: "✔",
    Outcome.PARTIAL: "◐",
    Outcome.INCORRECT: "✘",
    Outcome.NOT_ATTEMPTED: "○",
    Outcome.NOT_JUDGED: "!",
}
# Mid-tones: each has a contrast of more than 3 to 1 on white and on JupyterLab's dark ground.
_COLOUR = {
    Outcome.CORRECT: "#2c8c57",
    Outcome.PARTIAL: "#b7791f",
    Outcome.INCORRECT: "#d1435b",
    Outcome.NOT_ATTEMPTED: "#7a828e",
    Outcome.NOT_JUDGED: "#7d6bd0",
}
_HINT_COLOUR = "#2f7fc1"
_READ_LATER = "✎"
_WAITING = "read by a person"
_TEXT = "color:var(--jp-content-font-color1,inherit);font-family:var(--jp-content-font-family,sans-serif)"
_CARD = "margin:4px 0;padding:8px 12px;border-left:5px solid {colour};max-width:760px;line-height:1.5;" + _TEXT
_CODE = "font-family:var(--jp-code-font-family,monospace);font-size:0.93em;background:rgba(128,128,128,.15);padding:0 3px"
_BACKTICKS = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Shown:
    """One output in two forms."""

    text: str
    html: str

    def bundle(self) -> dict[str, str]:
        """As the notebook's display protocol wants it."""
        return {"text/plain": self.text, "text/html": self.html}


def verdict(result: Result) -> Shown:
    """The verdict on one question."""
    mark, word = _MARK[result.outcome], result.outcome.capitalize()
    points = points_of(result.points, result.out_of)
    show_points = result.outcome is not Outcome.NOT_JUDGED
    head = f"{mark} {word} · {result.title}" + (f" · {points}" if show_points else "")
    text = "\n".join([head, *(f"  - {message}" for message in result.messages)])
    title = f"<strong>{word}</strong> · {inline(result.title)}" + (f" · {points}" if show_points else "")
    return Shown(text, _card(_COLOUR[result.outcome], mark, title, result.messages, label=f"Check: {word}"))


def read_later(question: Manual) -> Shown:
    """In the place of a verdict: a person reads this answer."""
    head = f"Read by a person · {question.title} · {_count(question.points)}"
    title = f"<strong>Read by a person</strong> · {inline(question.title)} · {_count(question.points)}"
    messages = ["write your answer in the text cell above and save the notebook: it is not judged here"]
    text = "\n".join([f"{_READ_LATER} {head}", *(f"  - {message}" for message in messages)])
    return Shown(text, _card(_HINT_COLOUR, _READ_LATER, title, messages, label="Check: read by a person"))


def hint(title: str, number: int, count: int, message: str) -> Shown:
    """One hint of several."""
    head = f"Hint {number} of {count} · {title}"
    html = _card(_HINT_COLOUR, "➜", f"<strong>Hint {number} of {count}</strong> · {inline(title)}", [message], label="Hint")
    return Shown(f"➜ {head}\n  - {message}", html)


def fault(error: WorkbenchError) -> Shown:
    """What the engine could not do, in the place of what was asked for."""
    what = f"{error.where}: {error.what}" if error.where else error.what[:1].upper() + error.what[1:]
    return notice(what, [part for part in (error.remedy, f"tried: {error.tried}" if error.tried else "") if part])


def notice(title: str, messages: Sequence[str]) -> Shown:
    """Something that is neither a verdict nor a hint."""
    colour, mark = _COLOUR[Outcome.NOT_JUDGED], _MARK[Outcome.NOT_JUDGED]
    text = "\n".join([f"{mark} {title}", *(f"  - {message}" for message in messages)])
    return Shown(text, _card(colour, mark, f"<strong>{inline(title)}</strong>", messages, label="Notice"))


def progress(title: str, results: Sequence[Result], waiting: Sequence[Manual] = ()) -> Shown:
    """All questions of an exercise: a bar whose parts are as wide as their points, and a line a question.

    Those that a person reads (`waiting`) are listed after the others, and not counted.
    """
    earned, out_of = sum(r.points for r in results), sum(r.out_of for r in results)
    done = sum(r.outcome is Outcome.CORRECT for r in results)
    head = f"{title}: {points_of(earned, out_of)}, {done} of {len(results)} questions correct"
    if waiting:
        head += f"; {_count(sum(question.points for question in waiting))} more from a person who reads your answers"
    width = max((len(text) for text in (*(r.title for r in results), *(q.title for q in waiting))), default=0)
    lines = [f"  {_MARK[r.outcome]} {r.title:<{width}}  {_ratio(r)}  {r.outcome}" for r in results]
    lines += [f"  {_READ_LATER} {q.title:<{width}}  –/{_number(q.points)}  {_WAITING}" for q in waiting]
    rows = "".join(_row(r) for r in results) + "".join(_row_waiting(question) for question in waiting)
    html = (
        f'<div style="{_CARD.format(colour=_HINT_COLOUR)}" role="group" aria-label="Progress">'
        f"<div><strong>{inline(title)}</strong>{escape(head.removeprefix(title))}</div>"
        f"{_bar(results, head)}"
        f'<table style="border-collapse:collapse;margin:4px 0 0 0">{rows}</table></div>'
    )
    return Shown("\n".join([head, *lines]), html)


def inline(text: str) -> str:
    """Escaped HTML of one line in which backticks mark code."""
    return _BACKTICKS.sub(rf'<code style="{_CODE}">\1</code>', escape(text))


def points_of(points: float, out_of: float) -> str:
    """``1 of 2 points``."""
    return f"{_number(points)} of {_count(out_of)}"


def _count(points: float) -> str:
    return f"{_number(points)} {'point' if points == 1 else 'points'}"


def _number(points: float) -> str:
    return f"{points:.2f}".rstrip("0").rstrip(".")


def _ratio(result: Result) -> str:
    return f"{_number(result.points)}/{_number(result.out_of)}"


def _card(colour: str, mark: str, title: str, messages: Sequence[str], *, label: str) -> str:
    items = "".join(f"<li>{inline(message)}</li>" for message in messages)
    body = f'<ul style="margin:2px 0 0 0;padding-left:22px">{items}</ul>' if items else ""
    sign = f'<span aria-hidden="true" style="color:{colour};font-weight:bold;font-size:1.15em">{mark}</span>'
    style = _CARD.format(colour=colour)
    return f'<div style="{style}" role="group" aria-label="{escape(label)}"><div>{sign} {title}</div>{body}</div>'


def _bar(results: Sequence[Result], label: str) -> str:
    total = sum(r.out_of for r in results) or 1
    parts, left = [], 0.0
    for result in results:
        width = 600 * result.out_of / total
        filled = width * result.points / result.out_of
        colour = _COLOUR[result.outcome]
        parts.append(
            f'<rect x="{left:.1f}" y="1" width="{max(width - 3, 1):.1f}" height="20" fill="{colour}" fill-opacity="0.22" '
            f'stroke="{colour}"/>'
            + (
                f'<rect x="{left:.1f}" y="1" width="{max(filled - 3, 1):.1f}" height="20" fill="{colour}"/>'
                if filled
                else ""
            )
        )
        if not filled:
            parts.append(
                f'<text x="{left + (width - 3) / 2:.1f}" y="16" text-anchor="middle" font-size="14" fill="currentColor">'
                f"{_MARK[result.outcome]}</text>"
            )
        left += width
    return (
        f'<svg viewBox="0 0 600 22" width="600" style="max-width:100%;display:block;margin:6px 0" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _row(result: Result) -> str:
    ratio, outcome = _ratio(result), result.outcome
    return _cells(_MARK[outcome], _COLOUR[outcome], result.title, result.slug, ratio, outcome)


def _row_waiting(question: Manual) -> str:
    ratio = f"–/{_number(question.points)}"
    return _cells(_READ_LATER, _HINT_COLOUR, question.title, question.slug, ratio, _WAITING)


def _cells(mark: str, colour: str, title: str, slug: str, ratio: str, outcome: str) -> str:
    cell = "text-align:left;padding:1px 14px 1px 0;background:none;" + _TEXT
    sign = f'<span aria-hidden="true" style="color:{colour};font-weight:bold">{mark}</span>'
    columns = (sign, inline(title), f'<code style="{_CODE}">{escape(slug)}</code>', ratio, outcome)
    return '<tr style="background:none">' + "".join(f'<td style="{cell}">{column}</td>' for column in columns) + "</tr>"
