"""What a cell shows, kept up to a limit: text as it is written, figures, errors. Part of the submission's process."""

from __future__ import annotations

import base64
import io
import re
import sys
from dataclasses import dataclass, field
from typing import Any

TEXT = 64 * 1024  # characters of a cell's text
FIGURES = 6  # of a cell
FIGURE = 300 * 1024  # bytes of one, in base64
ITEMS = 60  # of a cell
CUT = "\n... (cut: a cell may show so much and no more)\n"
_DPI = 72
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Screen:
    """The outputs of the cell that runs now.

    Attributes
    ----------
    items : list of dict
        As in ``outcome.CellRun.outputs``; neighbouring texts are one.
    """

    items: list[dict[str, str]] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)
    _left: int = TEXT

    def clear(self) -> None:
        """Begin a cell."""
        self.items, self._pieces, self._left = [], [], TEXT

    def write(self, text: str) -> None:
        """Take a piece of text; what goes beyond the limit is dropped, and that it was is said once."""
        if self._left > 0:
            self._pieces.append(text[: self._left])
            self._left -= len(text)
            if self._left < 0:
                self._pieces.append(CUT)

    def add(self, kind: str, content: str) -> None:
        """Take an output that is not a stream's."""
        self._flush()
        if len(self.items) < ITEMS:
            self.items.append({"kind": kind, "content": content})

    def error(self, text: str) -> None:
        """Take a traceback; it is kept even where the cell has shown too much already."""
        self._flush()
        self.items.append({"kind": "error", "content": plain(text)[-TEXT:]})

    def bundle(self, data: dict[str, Any]) -> None:
        """Take a displayed object in the forms that it offers: a picture, else its text."""
        picture = data.get("image/png")
        if isinstance(picture, bytes):
            picture = base64.b64encode(picture).decode("ascii")
        if isinstance(picture, str) and len(picture) <= FIGURE:
            self.figure(picture)
        elif isinstance(text := data.get("text/plain"), str):
            self.write(f"{text}\n")

    def figure(self, picture: str) -> None:
        """Take a PNG in base64."""
        if sum(item["kind"] == "figure" for item in self.items) < FIGURES:
            self.add("figure", picture)

    def drawn(self) -> None:
        """Take the figures that pyplot holds, as a notebook does after each cell, and close them."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is None or not pyplot.get_fignums():
            return
        for number in pyplot.get_fignums()[:FIGURES]:
            target = io.BytesIO()
            pyplot.figure(number).savefig(target, format="png", dpi=_DPI)
            picture = base64.b64encode(target.getvalue()).decode("ascii")
            if len(picture) <= FIGURE:
                self.figure(picture)
        pyplot.close("all")

    def taken(self) -> list[dict[str, str]]:
        """All that was shown."""
        self._flush()
        return self.items

    def _flush(self) -> None:
        if self._pieces:
            self.items.append({"kind": "text", "content": plain("".join(self._pieces))})
            self._pieces = []


class Stream(io.TextIOBase):
    """A standard stream that writes to a screen."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, screen: Screen, name: str) -> None:
        super().__init__()
        self._screen = screen
        self.name = name

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Show `text`."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._screen.write(text)
        return len(text)

    def close(self) -> None:
        """Stay open: a notebook's streams cannot be closed either."""


def plain(text: str) -> str:
    """`text` without what colours it on a terminal."""
    return _COLOURS.sub("", text) if "\x1b" in text else text
