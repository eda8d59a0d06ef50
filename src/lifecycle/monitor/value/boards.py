"""Three audiences, three boards, one time axis: who could have seen an incident, and when."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from lifecycle import show
from lifecycle.errors import DataError
from lifecycle.page import page

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Board:
    """What one audience looks at.

    Attributes
    ----------
    audience, question : str
        As in "operations" and "Is it quick and alive?".
    measure : str
        What is drawn, with its unit.
    series : Series
        The measure by day (whole numbers, growing); missing where nothing was known. Its name, if it has one, is the name
        of its line where the board has others.
    limit : float
        Where it becomes bad.
    bad : {"above", "below"}
        On which side of the limit.
    also : mapping of str to Series
        Further lines that are drawn but raise no alarm, as what was known only afterwards.

    Raises
    ------
    DataError
        When there is no day, days do not grow, or `bad` is another word.
    """

    audience: str
    question: str
    measure: str
    series: pd.Series
    limit: float
    bad: Literal["above", "below"] = "above"
    also: Mapping[str, pd.Series] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.series.empty or not self.series.index.is_monotonic_increasing:
            raise DataError("the days of a board grow, and there is at least one", where=self.audience)
        if self.bad not in ("above", "below"):
            raise DataError(f"`bad` is {self.bad!r}", where=self.audience, remedy="above or below")

    def alarm(self, *, days: int = 2, since: int | None = None) -> int | None:
        """First day on which the measure has been beyond its limit `days` days in a row; None where that never happens.

        A missing value or day ends a row: silence is no alarm here, and has to be watched by itself (freshness, lesson 11).
        With `since`, days before it do not count: an alarm that was false is not the one that an incident raises.
        """
        run, before = 0, None
        for day, value in self.series.items():
            if since is not None and day < since:
                continue
            beyond = value > self.limit if self.bad == "above" else value < self.limit
            run = (run if before == day - 1 else 0) + 1 if beyond else 0
            before = day
            if run >= days:
                return int(day)
        return None


def draw_boards(
    boards: Sequence[Board], *, marks: Mapping[str, int] | None = None, days: int = 2, since: int | None = None
) -> tuple[Any, Any]:
    """Draw the boards above each other on one axis of days.

    Parameters
    ----------
    boards : sequence of Board
        One or more, the first on top.
    marks : mapping of str to int, optional
        Days to mark by a line through all boards, as ``{"the feed breaks": 30}``.
    days, since
        As in `Board.alarm`; the alarm is drawn as a triangle, and its day stands above the board.

    Returns
    -------
    figure, axes

    Raises
    ------
    DataError
        When there is no board.
    """
    if not boards:
        raise DataError("there is no board to draw")
    figure, axes = show.figure(width=8, height=0.4 + 1.75 * len(boards), rows=len(boards), sharex=True, squeeze=False)
    panels = [row[0] for row in axes]
    for panel, board in zip(panels, boards, strict=True):
        shown = _rounded(board)
        panel.plot(shown.series.index, shown.series, lw=1.6, label=_plain(str(board.series.name or "")))
        for name, series in shown.also.items():
            panel.plot(series.index, series, lw=1, ls=":", color=show.COLOURS["black"], label=_plain(name))
        panel.margins(y=0.12)
        panel.axhline(board.limit, color=show.COLOURS["grey"], ls="--", lw=1)
        for day in (marks or {}).values():
            panel.axvline(day, color=show.COLOURS["vermilion"], lw=1)
        alarm = board.alarm(days=days, since=since)
        if alarm is not None:
            panel.plot(alarm, shown.series[alarm], "v", color=show.COLOURS["vermilion"], markersize=9)
            panel.set_title(f"▼ alarm, day {alarm}", loc="right", fontsize=9, color=show.COLOURS["vermilion"])
        if board.also:
            panel.legend(frameon=False, fontsize=8, loc="best")
        panel.set_title(_plain(f"{board.audience}: {board.question}"), loc="left", fontsize=9)
        panel.set_ylabel(_plain(board.measure), fontsize=8)
    for name, day in (marks or {}).items():
        panels[0].annotate(
            _plain(name),
            (day, 0.7),
            xycoords=("data", "axes fraction"),
            xytext=(4, 0),
            textcoords="offset points",
            va="top",
            fontsize=8,
        )
    panels[-1].set_xlabel("day")
    return figure, panels


def alarm_rows(boards: Sequence[Board], *, since: int, days: int = 2) -> list[dict[str, Any]]:
    """One row a board, for a table: who noticed from `since` on, when, and how many days later; None where nobody could."""
    rows = []
    for board in boards:
        alarm = board.alarm(days=days, since=since)
        late = None if alarm is None else alarm - since
        rows.append({"audience": board.audience, "question": board.question, "alarm on day": alarm, "days after it": late})
    return rows


def boards_page(
    boards: Sequence[Board],
    *,
    title: str,
    lead: str = "",
    marks: Mapping[str, int] | None = None,
    days: int = 2,
    since: int | None = None,
) -> str:
    """The boards as an HTML page that needs no other file: the picture as SVG, the alarms and the last values as a table.

    Parameters
    ----------
    boards, marks, days, since
        As in `draw_boards`.
    title, lead : str
        A heading, and what to know before looking.

    Returns
    -------
    str
        The same text for the same boards, run after run: values are rounded to four digits where they are drawn or written,
        and alarms come from the values as they are.
    """
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    with mpl.rc_context({"svg.hashsalt": "boards", "svg.fonttype": "none"}):
        figure, _ = draw_boards(boards, marks=marks, days=days, since=since)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
        plt.close(figure)
    picture = stream.getvalue()
    picture = picture[picture.index("<svg") :]
    rows = []
    for board in boards:
        alarm, known = board.alarm(days=days, since=since), board.series.dropna()
        side = "at most" if board.bad == "above" else "at least"
        cells = (
            board.audience, board.question, board.measure, f"{side} {show.number(board.limit)}",
            show.number(known.iloc[-1]) if len(known) else "nothing known", "none" if alarm is None else f"day {alarm}",
        )  # fmt: skip
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    head = "".join(f"<th>{name}</th>" for name in ("for", "question", "measure", "wanted", "last value", "alarm"))
    marked = "; ".join(f"{name}: day {day}" for name, day in (marks or {}).items())
    body = _BODY.format(
        title=escape(title), lead=escape(lead), marked=escape(marked), picture=picture, head=head, rows="\n".join(rows)
    )
    return page(title, body, style=_STYLE)


def _plain(text: str) -> str:
    return text.replace("$", r"\$")  # two dollar signs would be the limits of a formula


def _rounded(board: Board) -> Board:
    def four(series: pd.Series) -> pd.Series:
        return series.map(lambda value: float(f"{value:.4g}") if math.isfinite(value) else math.nan)

    also = {name: four(series) for name, series in board.also.items()}
    return Board(board.audience, board.question, board.measure, four(board.series), board.limit, board.bad, also)


_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #1b1f24 }
svg { max-width: 100%; height: auto }
table { border-collapse: collapse }
th, td { text-align: left; padding: .3em .8em; border-bottom: 1px solid #d0d7de }
"""
_BODY = """
<p>{lead}</p>
<p>{marked}</p>
<figure role="img" aria-label="{title}: one panel for each line of the table below, over days">
{picture}
</figure>
<table>
<thead><tr>{head}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
"""
