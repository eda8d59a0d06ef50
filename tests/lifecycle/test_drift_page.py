import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from lifecycle.errors import DataError
from lifecycle.monitor import drift_report

NASTY = '<script>alert("x")</script>'


class Balanced(HTMLParser):
    """Remembers the tags that are open, and everything that a browser would fetch."""

    EMPTY = frozenset({"meta", "line", "rect", "polyline", "polygon", "circle", "link", "img", "br"})

    def __init__(self):
        super().__init__()
        self.open, self.fetched, self.seen = [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.fetched += [value for name, value in attrs if name in ("src", "href") and not value.startswith("#")]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.EMPTY:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def report():
    rng = np.random.default_rng(0)

    def frame(moved):
        return pd.DataFrame(
            {
                NASTY: rng.normal(moved, 1, 400),
                "city": rng.choice(["Oslo", NASTY, "Porto"], 400, p=[0.6 - moved / 2, 0.2, 0.2 + moved / 2]),
                "calm": rng.normal(size=400),
            }
        )

    return drift_report(frame(0.0), frame(1.0), domain=True)


def test_the_page_is_whole_and_needs_nothing_beside_it(report):
    parser = Balanced()
    parser.feed(report.to_html(title="March"))
    assert parser.open == []
    assert parser.fetched == []
    assert "script" not in parser.seen
    assert parser.seen.count("svg") >= 8


def test_what_comes_from_the_data_is_escaped(report):
    page = report.to_html(title=NASTY)
    assert NASTY not in page
    assert "&lt;script&gt;" in page


def test_it_says_what_the_report_says(report):
    page = report.to_html()
    text = re.sub(r"<[^>]+>", "", page)
    assert "The data have moved" in text
    assert report.action.text.split("far enough")[1].split(".")[0] in text
    assert f"{report['city'].psi:.3f}" in text
    assert f"{report.domain.auc:.2f}" in text


def test_columns_to_look_at_are_drawn_large_and_others_small(report):
    page = report.to_html()
    assert page.count("<article>") == 2
    assert page.count('before and now"') >= 3


def test_it_is_written_whole_or_an_error_says_why(report, tmp_path):
    place = report.write(tmp_path / "new folder" / "drift.html", title="March")
    assert place.read_text(encoding="utf-8") == report.to_html(title="March")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        report.write(tmp_path / "file" / "drift.html")
