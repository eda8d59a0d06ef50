"""The card as a page that anybody can read: one HTML file, which needs nothing beside it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from lifecycle.govern.process.card import card_digest
from lifecycle.govern.process.errors import CardError
from lifecycle.govern.process.tables import table
from lifecycle.page import page

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a }
h1 { margin-bottom: .2rem }
h2 { margin-top: 2rem; border-bottom: 1px solid #ccc }
th { text-align: left; vertical-align: top; width: 11rem; padding: .3rem 1rem .3rem 0 }
td { padding: .3rem 0; vertical-align: top }
small, code { color: #555; overflow-wrap: anywhere }
"""


def card_page(card: Mapping[str, Any]) -> str:
    """The page of a card: its fields with where each figure is from, the approvals, and the files that it rests on.

    Raises
    ------
    CardError
        When it is no card of which a page can be made.
    """
    try:
        return _page(card)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise CardError("not a card of which a page can be made", where="model card",
                        remedy="it comes from `build_card` or `read_card`") from error  # fmt: skip


def _page(card: Mapping[str, Any]) -> str:
    body = [f"<p>Model card. Made by {escape(card['author'])}. <small>SHA-256 {card_digest(card)}</small></p>"]
    order = table("card")
    for section, rows in _in_order(card["sections"], order):
        fields = _in_order(rows, order.get(section, {}))
        cells = "".join(f"<tr><th>{escape(_words(name))}</th><td>{_entry(entry)}</td></tr>" for name, entry in fields)
        body.append(f"<h2>{escape(_words(section).capitalize())}</h2><table>{cells}</table>")
    if card.get("approvals"):
        lines = "".join(
            f"<tr><th>{escape(str(each['gate']))}. {escape(each['role'])}</th><td>{escape(each['person'])}, "
            f"{escape(each['at'])}: "
            f"{escape(each['outcome'])}{': ' + escape(each['note']) if each['note'] else ''}</td></tr>"
            for each in card["approvals"]
        )
        body.append(f"<h2>Approvals</h2><table>{lines}</table>")
    files = "".join(
        f"<tr><th>{escape(name)}</th><td><code>{escape(digest)}</code></td></tr>"
        for name, digest in sorted(card["evidence"].items())
    )
    body.append(f"<h2>Files that this card rests on</h2><table>{files}</table>")
    return page(card["title"], "\n".join(body), style=_STYLE)


def _in_order(rows: Mapping[str, Any], order: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The rows as a card has them, and others after these: equal cards give equal pages."""
    places = {name: place for place, name in enumerate(order)}
    return sorted(rows.items(), key=lambda row: (places.get(row[0], len(places)), row[0]))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _entry(entry: Mapping[str, Any]) -> str:
    if "template" in entry:
        return escape(str(entry["text"]))
    if "from" in entry:
        return f"{_value(entry['value'])} <small>({escape(entry['from'])})</small>"
    return "<br>".join(f"{escape(_words(name))}: {_entry(part)}" for name, part in sorted(entry.items()))


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        if set(value) == {"value", "low", "high"}:
            return f"{_value(value['value'])} ({_value(value['low'])} to {_value(value['high'])})"
        return ", ".join(f"{escape(str(name))} {_inner(part)}" for name, part in sorted(value.items()))
    if isinstance(value, list):
        return ("<br>" if any(isinstance(each, Mapping) for each in value) else ", ").join(map(_value, value))
    return escape(f"{value:.4g}" if isinstance(value, float) else str(value))


def _inner(value: Any) -> str:
    return f"({_value(value)})" if isinstance(value, Mapping) else _value(value)
