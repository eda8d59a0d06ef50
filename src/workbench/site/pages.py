"""A page of the site: the frame that all of them share, with what stands in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Link:
    """Where a page leads to, and what it is called there."""

    href: str
    text: str


@dataclass(frozen=True)
class Frame:
    """What a page has beside its content.

    Attributes
    ----------
    site, title : str
        The course's title, and the page's.
    up : str
        From the page to the folder's top: ``""`` or ``"../"``.
    back, on : Link, optional
        The page before and the one after.
    inside : sequence of Link
        The page's own headings.
    kind : str
        A word for its content: ``map``, ``lesson``, ``exercise``.
    licence : str
        A sentence on what may be done with the course; empty where it says nothing.
    """

    site: str
    title: str
    up: str = ""
    back: Link | None = None
    on: Link | None = None
    inside: Sequence[Link] = ()
    kind: str = "map"
    licence: str = ""


def page(frame: Frame, name: str, **values: Any) -> str:
    """The page that the template `name` makes of `values`; what is to be put there as HTML must be marked as such."""
    return str(template(name).render(frame=frame, **values))


def template(name: str) -> Any:
    """A template of the engine's, which escapes everything."""
    return _environment().get_template(f"{name}.html.jinja")


def asset(name: str) -> str:
    """A file of the site as it lies beside its pages."""
    return resources.files("workbench").joinpath("assets", name).read_text(encoding="utf-8")


def _environment() -> Any:
    from jinja2 import Environment, FunctionLoader

    def load(name: str) -> str:
        return resources.files("workbench").joinpath("templates", name).read_text(encoding="utf-8")

    return Environment(loader=FunctionLoader(load), autoescape=True, trim_blocks=True, lstrip_blocks=True)
