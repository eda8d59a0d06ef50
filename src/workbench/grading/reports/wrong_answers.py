"""What went wrong most often: the answers to each question that missed points, grouped by what was said of them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.checks.verdict import Outcome
from workbench.codec import Tree
from workbench.grading.outcome import Judgement

SHOWN = 80  # characters of a value
EXAMPLES = 3


@dataclass(frozen=True)
class WrongAnswer:
    """One way in which a question was missed.

    Attributes
    ----------
    messages : tuple of str
        What the student was told.
    count : int
        How many students were.
    examples : tuple of (str, int)
        The values given most often, in short, with how often; hostile text.
    """

    slug: str
    messages: tuple[str, ...]
    count: int
    examples: tuple[tuple[str, int], ...]


def groups(judgements: Iterable[Judgement]) -> list[WrongAnswer]:
    """Group the judgements that missed points; the largest group of each question first."""
    values: dict[tuple[str, tuple[str, ...]], Counter[str]] = defaultdict(Counter)
    counts: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for judgement in judgements:
        result = judgement.result
        if result.outcome in (Outcome.INCORRECT, Outcome.PARTIAL):
            group = (result.slug, result.messages)
            counts[group] += 1
            if text := _last_value(judgement.transcript):
                values[group][text] += 1
    found = [WrongAnswer(*group, count, tuple(values[group].most_common(EXAMPLES))) for group, count in counts.items()]
    return sorted(found, key=lambda one: (one.slug, -one.count, one.messages))


def _last_value(transcript: Iterable[Mapping[str, Tree]]) -> str:
    """What was last asked and given, ``name = value``: a check stops at the first thing that is wrong."""
    text = ""
    for entry in transcript:
        verb, name, *_ = entry["ask"]
        if "value" in entry["reply"]:
            text = f"{name}{'(...)' if verb == 'call' else ''} = {_short(entry['reply']['value'])}"
    return text


def _short(tree: Tree) -> str:
    text = json.dumps(_plain(tree), ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _plain(tree: Any, depth: int = 0) -> Any:
    """A tree of the codec's as a reader would write it, as far as it is short."""
    if depth > 3:
        return "…"
    if isinstance(tree, float):
        return float(f"{tree:.4g}")
    if isinstance(tree, str):
        return tree[:SHOWN]
    if isinstance(tree, list):
        return [_plain(item, depth + 1) for item in tree[:8]]
    if isinstance(tree, dict) and len(tree) == 1:
        ((tag, content),) = tree.items()
        if tag == "dict" and isinstance(content, list):
            return {str(_plain(key, depth + 1)): _plain(value, depth + 1) for key, value in content[:8]}
        if tag in ("tuple", "set", "frozenset", "float", "int", "date", "datetime", "time"):
            return _plain(content, depth + 1)
        return f"<{tag}>"
    return tree
