"""Whether every link of a folder of pages leads somewhere without leaving the folder, and no formula is left as LaTeX."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_LOADS = {("img", "src"), ("script", "src"), ("link", "href"), ("iframe", "src"), ("source", "src"), ("object", "data")}
_VERBATIM = {"pre", "code", "script", "style", "textarea"}  # what stands there is meant as it is written
_LONGEST = 60  # characters of a formula that a message repeats
_FOLLOWS = {("a", "href"), ("area", "href")}


@dataclass(frozen=True)
class Broken:
    """A link that does not hold, or a formula that nobody has made readable.

    Attributes
    ----------
    page, link : str
        Where it stands, relative to the folder, and what it says.
    why : str
        In words.
    """

    page: str
    link: str
    why: str

    def __str__(self) -> str:
        return f"{self.page}: {self.link}: {self.why}"


class _Page(HTMLParser):
    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.names: list[str] = []
        self.follows: list[str] = []
        self.loads: list[str] = []
        self.formulas: list[str] = []
        self._verbatim = 0
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._verbatim += tag in _VERBATIM
        for name, value in attrs:
            if name == "id" and value is not None:
                self.names.append(value)
            elif (tag, name) in _FOLLOWS and value is not None:
                self.follows.append(value)
            elif (tag, name) in _LOADS and value is not None:
                self.loads.append(value)

    def handle_endtag(self, tag: str) -> None:
        self._verbatim = max(0, self._verbatim - (tag in _VERBATIM))

    def handle_data(self, data: str) -> None:
        if not self._verbatim and "$$" in data:
            self.formulas.append(data[data.index("$$") :][:_LONGEST])


def broken(folder: Path) -> list[Broken]:
    """The links of all pages below `folder` that do not hold.

    A link holds that leads to a file in the folder and, where it names a place on a page, to an element of that name. A
    link to another site is left alone; something that a page *loads* from elsewhere is broken, for it is not there without
    a network. A name that two elements of a page have is broken too, and so is ``$$`` outside of code: a formula as LaTeX.
    """
    root = folder.resolve()
    pages = {path.resolve(): _Page(path) for path in sorted(root.rglob("*.html"))}
    return [found for path, page in pages.items() for found in _of(root, path, page, pages)]


def _of(root: Path, path: Path, page: _Page, pages: dict[Path, _Page]) -> Iterator[Broken]:
    here = path.relative_to(root).as_posix()
    for name in sorted({name for name in page.names if page.names.count(name) > 1}):
        yield Broken(here, f"#{name}", "two elements have this name")
    for link in page.loads:
        if urlsplit(link).scheme == "data":
            continue
        if _elsewhere(link):
            yield Broken(here, link, "is loaded from elsewhere")
        elif why := _lost(root, path, link, pages):
            yield Broken(here, link, why)
    for link in page.follows:
        if not _elsewhere(link) and (why := _lost(root, path, link, pages)):
            yield Broken(here, link, why)
    for formula in page.formulas:
        yield Broken(here, formula, "is shown as LaTeX")


def _elsewhere(link: str) -> bool:
    parts = urlsplit(link)
    return bool(parts.scheme or parts.netloc)


def _lost(root: Path, path: Path, link: str, pages: dict[Path, _Page]) -> str:
    """Why a link within the folder leads nowhere; the empty string where it does not."""
    parts = urlsplit(link)
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_relative_to(root):
        return "leads out of the folder"
    if not target.is_file():
        return "there is no such file"
    if parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].names:
        return "there is no such place on that page"
    return ""
