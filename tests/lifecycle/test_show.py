from __future__ import annotations

import logging
import math
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle import show
from lifecycle.errors import LifecycleError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (284_807, "284,807"),
        (np.int64(-1_234_567), "-1,234,567"),
        (492 / 284_807, "0.001727"),
        (25_920_000_000.0, "25,920,000,000"),
        (12_345.6, "12,350"),
        (9_999.96, "10,000"),
        (0.99995, "1"),
        (2.0, "2"),
        (-0.0, "0"),
        (8.19e-5, "8.19e-05"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (np.float32(0.1), "0.1"),
    ],
)
def test_number_writes(value, text):
    assert show.number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_has_the_value_rounded_to_four_significant_digits(value):
    text = show.number(value).replace(",", "")

    assert float(text) == float(f"{value:.4g}")
    assert len(Decimal(text).normalize().as_tuple().digits) <= 4


@given(st.integers())
def test_number_keeps_every_digit_of_a_count(value):
    assert int(show.number(value).replace(",", "")) == value


@given(st.floats(min_value=1e-4, max_value=1e14), st.sampled_from([1 - 1e-13, 1 + 1e-13]))
def test_number_hides_the_last_bits_unless_they_fall_on_a_tie(value, factor):
    step = 10.0 ** (math.floor(math.log10(value)) - 3)
    position = value / step
    if abs(position - math.floor(position) - 0.5) > 1e-6:
        assert show.number(value) == show.number(value * factor)


def test_table_prints_aligned_text_outside_a_notebook(capsys):
    show.table([{"class": "fraud", "rows": 492}, {"class": "normal", "rows": 284_315}], "Rows by class")

    assert capsys.readouterr().out == ("Rows by class\nclass      rows\n------  -------\nfraud       492\nnormal  284,315\n")


def test_table_shows_every_kind_of_value(capsys):
    row = {
        "none": None, "nan": math.nan, "nat": pd.NaT, "yes": True, "no": np.bool_(False), "day": date(2005, 9, 30),
        "midnight": datetime(2005, 9, 30), "moment": pd.Timestamp("2005-09-30 12:00"), "rate": 0.2212, "year": 2005,
    }  # fmt: skip
    show.table(pd.DataFrame([row], dtype="object"), formats={"rate": ".1%", "year": "d"})

    cells = capsys.readouterr().out.splitlines()[-1].split("  ")
    shown = [cell.strip() for cell in cells if cell.strip()]
    assert shown == ["–", "–", "–", "yes", "no", "2005-09-30", "2005-09-30", "2005-09-30 12:00:00", "22.1%", "2005"]


def test_table_of_a_series_keeps_its_index(capsys):
    show.table(pd.Series([0.5, 0.25], index=["a", "b"], name="share"))

    assert capsys.readouterr().out.splitlines()[2:] == ["a    0.5", "b   0.25"]


def test_table_of_a_grouped_frame_joins_the_levels_of_its_columns(capsys):
    frame = pd.DataFrame({"class": [0, 0, 1], "amount": [1.0, 3.0, 9.0]})
    show.table(frame.groupby("class").agg({"amount": ["median", "mean"]}), index=True)

    assert capsys.readouterr().out.splitlines()[0] == "class  amount median  amount mean"


def test_table_without_rows_shows_its_header(capsys):
    show.table(pd.DataFrame({"column": []}))

    assert capsys.readouterr().out.splitlines() == ["column", "------"]


def test_table_escapes_what_it_writes_as_html():
    table = show._made([{"a<b": "<script>"}], "1 < 2", index=False, formats={})

    html = table._repr_html_()
    assert "<script>" not in html
    assert "a&lt;b" in html
    assert "1 &lt; 2" in html


def test_table_refuses_a_format_for_a_column_that_is_not_there():
    with pytest.raises(LifecycleError, match="no column `rates`"):
        show.table([{"rate": 0.1}], formats={"rates": ".1%"})


def test_error_prints_what_was_raised_and_goes_on(capsys):
    with show.error(ValueError):
        raise ValueError("first line\nsecond line")

    assert capsys.readouterr().out == "ValueError: first line\nsecond line\n"


def test_error_keeps_the_lines_asked_for(capsys):
    with show.error(lines=1):
        raise ValueError("first line\nsecond line")

    assert capsys.readouterr().out == "ValueError: first line\n"


def test_error_lets_another_kind_of_error_through():
    with pytest.raises(KeyError), show.error(ValueError):
        raise KeyError("other")


def test_error_is_an_error_where_nothing_failed():
    with pytest.raises(LifecycleError, match="none was raised"), show.error():
        pass


def test_quiet_keeps_logs_and_puts_everything_back(caplog):
    logger = logging.getLogger("a.library")
    before = (logger.handlers, logger.propagate)
    with show.quiet("a.library") as lines:
        logger.warning("%d trials", 3)

    assert lines == ["WARNING a.library: 3 trials"]
    assert caplog.records == []
    assert (logger.handlers, logger.propagate) == before


def test_figure_has_the_size_and_the_panels_asked_for(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    import matplotlib.pyplot as plt

    figure, axes = show.figure(width=6, height=2, columns=2)
    size = (*figure.get_size_inches(), figure.dpi, axes.shape)
    plt.close(figure)

    assert size == (6, 2, 100, (2,))


def test_colours_of_lines_can_be_told_apart_by_a_person_who_sees_no_red():
    """Pairwise distance of the first four colours, as a protanope sees them (Viénot, Brettel and Mollon 1999)."""
    protan = np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]])
    names = ["blue", "orange", "green", "vermilion"]
    rgb = np.array([[int(show.COLOURS[name][i : i + 2], 16) / 255 for i in (1, 3, 5)] for name in names])
    seen = (rgb**2.2) @ protan.T
    distances = [float(np.linalg.norm(seen[i] - seen[j])) for i in range(4) for j in range(i)]

    assert min(distances) > 0.15


def test_nothing_heavy_is_imported_with_the_package():
    code = "import sys, lifecycle.show, lifecycle.artifacts, lifecycle.develop; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert not {"pandas", "numpy", "matplotlib", "pandera", "pyarrow", "sklearn", "IPython"} & set(loaded)
