"""The dossier for people: a page of HTML."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from lifecycle.page import page

_HEAD = "<tr><th>file</th><th>bytes</th><th>SHA-256</th><th>names</th></tr>"
_STYLE = """
body { font: 1rem/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; width: 100%; margin-bottom: 1.5rem; }
th, td { border-bottom: 1px solid #ccc; padding: .25rem .5rem; text-align: left; vertical-align: top; }
.no { color: #a33; font-weight: bold; } code { font-size: .85em; overflow-wrap: anywhere; }
"""


def dossier_page(content: Mapping[str, Any], *, base: str = "./") -> str:
    """The dossier for people: one page of HTML that loads nothing.

    Parameters
    ----------
    content : dict
    base : str
        What leads from the page to the files: ``./`` in the archive, ``../`` for a page in a folder of a run.
    """
    failed = sum(not row["passed"] for row in content["gates"])
    parts = [
        f"<p>{escape(content['author'])}, {escape(content['date'])}. {len(content['files'])} files; "
        f"{len(content['gates']) - failed} of {len(content['gates'])} findings passed.</p>"
    ]
    for name, text in content["statements"].items():
        parts.append(f"<h2>{escape(name.capitalize())}</h2><p>{escape(text)}</p>")
    parts.append("<h2>Gates</h2>" + _table(("gate", "finding", "found", "wanted", "passed"), [
        (row["gate"], row["name"], row["found"], row["wanted"], "yes" if row["passed"] else "no") for row in content["gates"]
    ]))  # fmt: skip
    for name, plan in content["plans"].items():
        rows = [(key, value if isinstance(value, str) else json.dumps(value)) for key, value in plan.items()]
        parts.append(f"<h2>Plan: {escape(name)}</h2>" + _table(("point", "planned"), rows))
    parts.append("<h2>Files</h2><table><thead>" + _HEAD + "</thead><tbody>" + "".join(
        f'<tr><td><a href="{escape(base + quote(name))}">{escape(name)}</a></td><td>{entry["bytes"]:,}</td>'
        f"<td><code>{escape(entry['sha256'])}</code></td><td>{escape(', '.join(entry['names']))}</td></tr>"
        for name, entry in content["files"].items()) + "</tbody></table>")  # fmt: skip
    parts.append("<h2>Signatures</h2>" + _table(("name", "role", "key"), [
        (each["name"], each["role"], each["public"]) for each in content["signatures"]
    ]))  # fmt: skip
    return page(content["title"], "".join(parts), style=_STYLE)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(each)}</th>" for each in head)
    body = "".join(
        "<tr>" + "".join(f"<td{' class=no' if cell == 'no' else ''}>{escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
