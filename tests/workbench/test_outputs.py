"""What may be published is published, and what may not is named with its cell."""

from __future__ import annotations

import base64
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook, new_output

from workbench import outputs
from workbench.course import Course


def notebook(*cell_outputs):
    return new_notebook(cells=[new_code_cell("x", id="02-profile-03", outputs=list(cell_outputs))])


def printed(text):
    return new_output("stream", name="stdout", text=text)


def rules(nb, **options):
    return [finding.rule for finding in outputs.findings(nb, notebook="notebooks/02_data.ipynb", **options)]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("warning", "FutureWarning: this will change"),
        ("warning", "WARNING:root:no such column"),
        ("path", "read /home/ann/course/data.csv"),
        ("path", "read file:///home/ann/data.csv"),
        ("path", "/tmp/tmpab12/run.json"),
        ("path", r"C:\Users\ann\data.csv"),
        ("path", "/usr/lib/python3/site-packages/numpy/core.py:12"),
        ("address", "<Model object at 0x7f3a2b4c5d60>"),
        ("uuid", "run 123e4567-e89b-12d3-a456-426614174000"),
        ("timestamp", "done 2025-11-21 03:58:11"),
        ("timestamp", "done 2025-11-21T03:58:00.123456"),
        ("timestamp", "Fri Nov 21 03:58:11 2025"),
        ("timestamp", "date: Fri, 21 Nov 2025 03:58:11 GMT"),
        ("digits", "accuracy 0.81234"),
        ("digits", "12345.5"),
    ],
)
def test_text_that_differs_between_machines_or_days_is_refused(rule, text):
    assert rule in rules(notebook(printed(text)))


@pytest.mark.parametrize(
    "text",
    [
        "284,807 rows, 0.1727 % fraud",
        "1234567890 rows",
        "numpy 2.4.123456",
        "GET /predict and /home",
        "drift: warning, PSI 0.1512",
        "https://example.org/home/page",
        "the test ends on 2026-03-02 09:00:00",
        "1,200.00 euros, 0.500000",
        "p = 0.00001234",
        "192.168.0.12345",
        "DataError: `age` is below 18",
    ],
)
def test_ordinary_results_pass(text):
    assert rules(notebook(printed(text))) == []


def test_standard_error_and_errors_are_refused_whatever_they_say():
    nb = notebook(
        new_output("stream", name="stderr", text="all is well"), new_output("error", ename="KeyError", evalue="'a'")
    )
    assert rules(nb) == ["stderr", "error"]


def test_a_finding_names_notebook_cell_and_text():
    (finding,) = outputs.findings(notebook(printed("at /tmp/x")), notebook="notebooks/02_data.ipynb")
    assert "notebooks/02_data.ipynb: cell 02-profile-03: path: /tmp/x" in str(finding)


def test_the_folder_of_the_course_is_refused(tea_course: Course):
    assert rules(notebook(printed(f"read {tea_course.root}/catalog.toml")), course=tea_course) == ["path"]


def test_html_is_read_without_its_markup():
    html = '<style>/* 0.123456 */</style><p title="/home/ann">fine</p>'
    data = {"text/plain": "fine", "text/html": html}
    assert rules(notebook(new_output("display_data", data=data))) == []
    data["text/html"] = "<p>see /home/ann</p>"
    assert rules(notebook(new_output("display_data", data=data))) == ["path"]


def test_a_figure_has_a_size_limit():
    def figure(size):
        return new_output("display_data", data={"image/png": base64.b64encode(b"x" * size).decode()})

    assert rules(notebook(figure(outputs.PNG_BYTES))) == []
    assert rules(notebook(figure(outputs.PNG_BYTES + 1))) == ["size"]


def test_a_notebook_has_a_size_limit_in_bytes():
    assert outputs.too_large("é" * (outputs.NOTEBOOK_BYTES // 2), notebook="a.ipynb") == []
    assert len(outputs.too_large("é" * (outputs.NOTEBOOK_BYTES // 2 + 1), notebook="a.ipynb")) == 1


def test_digits_can_be_left_out():
    assert rules(notebook(printed("0.123456")), digits=False) == []


@given(st.integers(-(10**12), 10**12))
def test_whole_numbers_are_never_long(number):
    assert outputs.long_numbers(f"{number:,} of {number}") == []


@given(st.decimals(-10000, 10000, places=6, allow_nan=False))
def test_a_fraction_is_long_exactly_when_it_has_over_four_significant_digits(number):
    text = f"{number:f}"
    significant = len(Decimal(text).normalize().as_tuple().digits)
    whole = number == number.to_integral_value()
    assert bool(outputs.long_numbers(f"x = {text}")) == (significant > 4 and not whole)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_four_digit_formatting_always_passes(number):
    assert outputs.long_numbers(f"{number:.4g} {number:.3e}") == []
