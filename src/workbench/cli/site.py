"""``workbench site``: the course as pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from workbench.course import Course


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command("site")(site)


def site(
    *,
    out: Annotated[Path, typer.Option("--out", help="Where to; made anew if it is a site.")] = Path("runs/site"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Write the course as web pages that need neither a server nor a network, and check every link.

    Lessons stand there with their outputs, exercises without their solutions, with a course map and a search.
    Open index.html.

    Exit codes: 0 written, and every link leads somewhere; 1 written, but a link does not, or a formula is still LaTeX.

    Example: workbench site --out course-site
    """
    from workbench.site import build

    made = build(Course.find(), out)
    if as_json:
        facts = {
            "folder": str(made.folder),
            "pages": made.pages,
            "bytes": made.size,
            "broken": [vars(one) for one in made.broken],
        }
        typer.echo(json.dumps(facts, indent=1))
    else:
        for one in made.broken:
            typer.echo(f"broken: {one}", err=True)
        typer.echo(f"{made.pages} pages, {made.size / 1e6:.1f} MB: {made.folder / 'index.html'}")
    raise typer.Exit(1 if made.broken else 0)
