"""The start page as HTML: one page that needs nothing beside it."""

from __future__ import annotations

import math

from workbench.site.pages import asset, template
from workbench.start.standing import Place, Standing

_RADIUS = 26


def page(standing: Standing, *, open_at: str) -> str:
    """The page.

    Parameters
    ----------
    open_at : str
        What a copy's path below ``work`` is put behind to make a link that opens it, as ``/lab/tree/work``.
    """

    def link(place: Place, kind: str) -> str:
        return f"{open_at}/{place.entry.folder(kind)}/{place.entry.lesson.slug}.ipynb"

    style = asset("site.css") + asset("start.css")
    return str(template("start").render(standing=standing, link=link, arc=_arc, style=style))


def _arc(share: float) -> str:
    """How long the drawn part of a ring is, and the rest of it."""
    around = 2 * math.pi * _RADIUS
    return f"{share * around:.1f} {around:.1f}"
