"""A quiz as an output: text that anybody can read, and HTML that answers where scripts run.

The HTML holds the questions as plain markup. Its script, which needs nothing from elsewhere, turns them into buttons
and fields; the right answers and their reasons are in base64, so that they are not read by accident.
"""

from __future__ import annotations

import base64
import json
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from workbench.checks.render import Shown, inline
from workbench.quizzes import Item, Quiz

_NOTE = "Run this cell to answer: the buttons and the explanations need a live notebook."


def page(quiz: Quiz) -> Shown:
    """The output of a quiz; the same quiz gives the same output."""
    items = "".join(_item(item, f"wbq-{quiz.slug}-{item.id}", number) for number, item in enumerate(quiz.items, 1))
    payload = base64.b64encode(json.dumps([_secret(item) for item in quiz.items]).encode()).decode("ascii")
    html = (
        f'<div class="wbq" data-quiz="{escape(quiz.slug)}" data-key="{payload}">'
        f"<style>{_asset('quiz.css')}</style><p><strong>Quiz</strong></p><ol>{items}</ol>"
        f'<p class="wbq-score" role="status"><small>{_NOTE}</small></p><script>{_asset("quiz.js")}</script></div>'
    )
    return Shown(_plain(quiz), html)


def _plain(quiz: Quiz) -> str:
    lines = ["Quiz"]
    for number, item in enumerate(quiz.items, 1):
        lines.append(f"{number}. {item.text}{_asks(item)}")
        lines += [f"   {'ABCDEFGHIJ'[i % 10]}) {option.text}" for i, option in enumerate(item.options)]
    return "\n".join([*lines, _NOTE])


def _asks(item: Item) -> str:
    if item.kind == "number":
        return f" [a number, unit: {item.unit}]" if item.unit else " [a number]"
    return f" [in your own words, {item.marks} marks]" if item.kind == "short" else ""


def _item(item: Item, name: str, number: int) -> str:
    options = "".join(f"<li>{inline(option.text)}</li>" for option in item.options)
    body = f'<ol type="A" class="wbq-options">{options}</ol>' if options else ""
    asks = f"<small>{escape(_asks(item))}</small>"
    return (
        f'<li class="wbq-item" data-id="{escape(name)}" data-number="{number}" data-unit="{escape(item.unit)}">'
        f'<div class="wbq-text">{inline(item.text)}{asks}</div>{body}<div class="wbq-work"></div>'
        f'<div class="wbq-say" role="status"></div></li>'
    )


def _secret(item: Item) -> dict[str, Any]:
    if item.kind == "choice":
        return {"kind": item.kind, "options": [[option.right, inline(_bare(option.why))] for option in item.options]}
    if item.kind == "number":
        near = [[miss.value, inline(miss.why)] for miss in item.near]
        return {
            "kind": item.kind,
            "answer": item.answer,
            "slack": item.tolerance * (abs(item.answer) or 1),
            "share": item.tolerance,
            "why": inline(_bare(item.why)),
            "near": near,
        }
    return {"kind": item.kind, "points": [inline(point) for point in item.points]}


def _bare(why: str) -> str:
    """The explanation without a verdict of its own, which the page gives already."""
    return why.removeprefix("Right. ").removeprefix("Right: ")


@cache
def _asset(name: str) -> str:
    return (files("workbench") / "assets" / name).read_text(encoding="utf-8").strip()
