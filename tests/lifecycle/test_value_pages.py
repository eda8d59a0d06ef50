from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from lifecycle.errors import DataError
from lifecycle.monitor import (
    Board,
    Campaign,
    Plan,
    Rate,
    Standing,
    Triangular,
    alarm_rows,
    boards_page,
    draw_boards,
    finance_memo,
    monte_carlo,
    pilot_size,
)

BASE = Campaign(cases=10_000, recall=0.75, success=0.3, value=500, contact=50, development=100_000, maintenance=20_000)
SCENARIOS = {"worst": {"success": 0.2, "precision": 0.5}, "base": {}}
RANGES = {"success": (0.2, 0.4), "recall": (0.6, 0.9)}


def board(values, *, limit=1.0, bad="above", audience="ops", **more):
    return Board(
        audience, "Is it <quick>?", "p95 (ms)", pd.Series(values, index=range(10, 10 + len(values))), limit, bad, **more
    )


def test_an_alarm_needs_days_in_a_row():
    values = [0, 2, 0, 2, np.nan, 2, 2, 2, 0]
    assert board(values).alarm() == 16
    assert board(values).alarm(days=1) == 11
    assert board(values).alarm(days=3) == 17
    assert board(values).alarm(days=4) is None
    assert board([0, 2, 0], bad="below").alarm(days=1) == 10
    assert board([1.0, 1.0]).alarm(days=1) is None  # the limit itself is kept
    gap = Board("a", "b", "c", pd.Series([2.0, 2.0, 2.0], index=[50, 60, 61]), 1)
    assert gap.alarm() == 61


def test_who_noticed_and_when():
    rows = alarm_rows([board([0, 2, 2]), board([0, 0, 0], audience="finance")], since=10)
    assert [(row["audience"], row["alarm on day"], row["days after it"]) for row in rows] == [
        ("ops", 12, 2),
        ("finance", None, None),
    ]


def test_an_alarm_before_the_incident_does_not_hide_the_one_after_it():
    twice = board([2, 2, 0, 0, 0, 2, 2])
    assert twice.alarm() == 11
    assert twice.alarm(since=11) == 16
    assert alarm_rows([twice], since=13)[0]["days after it"] == 3
    assert "day 16" in boards_page([twice], title="t", since=13)
    assert "day 16" not in boards_page([twice], title="t")


def test_a_board_without_days_or_with_days_mixed_up_is_refused():
    with pytest.raises(DataError, match="days of a board"):
        board([])
    with pytest.raises(DataError, match="days of a board"):
        Board("a", "b", "c", pd.Series([1, 2], index=[3, 2]), 1)
    with pytest.raises(DataError, match="sideways"):
        board([1], bad="sideways")
    with pytest.raises(DataError, match="no board"):
        draw_boards([])


def test_all_boards_share_one_axis_of_days():
    figure, panels = draw_boards([board([0, 2, 2]), board([1, 1, 1], also={"later": pd.Series([1, 2], index=[10, 11])})])
    assert len(panels) == 2
    assert panels[0].get_xlim() == panels[1].get_xlim()
    plt.close(figure)


def test_a_price_in_dollars_is_no_formula():
    made = board([1, 2], also={"$a_1$": pd.Series([1], index=[10])}, audience="$x_1$ to $y$")
    page = boards_page([made], title="t", marks={"$_ to $": 10})
    assert page.count("$x_1$ to $y$") == 2  # above the panel and in the table
    for text in ("$a_1$", "$_ to $"):
        assert text in page[: page.index("</svg>")]


def test_alarms_come_from_the_values_and_not_from_the_rounded_ones():
    near = Board("a", "b", "c", pd.Series([0.250004, 0.250004], index=[50, 51]), 0.25)
    assert near.alarm() == 51
    assert boards_page([near], title="t").count("day 51") >= 2


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.seen = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def test_the_page_stands_alone_and_comes_out_the_same():
    made = [board([0, 2, 2.00001]), board([3, 3, 3], audience="<b>finance</b>", bad="below")]
    page = boards_page(made, title="A & B", lead="who?", marks={"it breaks": 11})
    assert page == boards_page([board([0, 2, 2.000012]), made[1]], title="A & B", lead="who?", marks={"it breaks": 11})
    assert "A &amp; B" in page
    assert "<b>finance" not in page
    assert "it breaks: day 11" in page
    assert not [attrs for _, attrs in Tags(page).seen if attrs.get("src", attrs.get("href", "")).startswith("http")]
    ET.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])
    assert page.count("<tr>") == 3


@pytest.fixture(scope="module")
def drawn():
    beliefs = {"success": Rate(30, 100), "recall": Triangular(0.6, 0.75, 0.9)}
    return monte_carlo(lambda **changes: BASE.but(**changes).net, beliefs, n=500)


def written(drawn, case=BASE, **more):
    options = {"project": "Keep customers", "currency": "USD", "simulation": drawn, "ranges": RANGES, "scenarios": SCENARIOS}
    return finance_memo(case, **{**options, **more})


def test_the_memo_says_what_the_numbers_say(drawn):
    low, _ = drawn.interval(0.9)
    text = " ".join(str(written(drawn)).split())
    assert "630,000 USD net, or 127% of that cost" in text
    assert "for wrong flags" not in text
    assert f"{float(f'{low:.3g}'):,.0f} USD" in text
    assert "We neither win nor lose at 13%" in text
    assert "worst -120,000 USD; base 630,000 USD" in text
    assert text.count("approve") == 1
    assert f"{pilot_size(0.3, at_least=0.132):,} flags that we act on" in text


def test_the_cost_of_wrong_flags_is_told(drawn):
    text = " ".join(str(written(drawn, BASE.but(precision=0.5, false_alarm=10))).split())
    assert "945,000 USD (450,000 USD of it for wrong flags): 180,000 USD net" in text  # 7,500 calls and as many apologies


def test_a_pilot_is_sized_by_all_flags_and_may_not_fit_into_a_year(drawn):
    honest = BASE.but(precision=0.5)
    size = pilot_size(0.3, at_least=0.232, precision=0.5)
    assert f"{size:,} flags that we act on" in " ".join(str(written(drawn, honest)).split())
    few = BASE.but(precision=0.5, cases=2_000, development=0, maintenance=20_000)
    assert "more than a year's flags (3,000)" in " ".join(str(written(drawn, few)).split())


def test_what_loses_on_average_is_not_called_good_on_average():
    beliefs = {"precision": Triangular(0.2, 0.3, 0.4)}
    worlds = monte_carlo(lambda **changes: BASE.but(**changes).net, beliefs, n=500)
    assert worlds.mean < 0 < BASE.net
    text = str(written(worlds))
    assert "good on average" not in text
    assert "loses money on average" in " ".join(text.split())


def test_where_nothing_crosses_zero_the_memo_says_where_it_looked(drawn):
    text = " ".join(str(written(drawn, ranges={"maintenance": (10_000, 20_000)})).split())
    assert "Between 0 USD and 200,000 USD it is above zero everywhere." in text
    assert BASE.but(maintenance=650_001).net < 0  # so "nowhere" would be false


def test_the_net_is_that_of_a_plan_on_the_page(drawn):
    with pytest.raises(DataError, match="no plan costs 20,000"):
        written(drawn, plans=[Plan("minimum", 15_000, "alarms", "slow"), Plan("recommended", 40_000, "more", "little")])


def test_a_fault_that_cost_nothing_is_not_given_a_negative_price(drawn):
    assert "and cost nothing at these prices" in " ".join(str(written(drawn, outage=(12, -5.0))).split())


def test_other_numbers_make_another_memo(drawn):
    losing = BASE.but(success=0.1)
    advice = str(written(drawn, losing))
    assert "against" in advice
    assert "approve" not in advice
    unsafe = monte_carlo(lambda **changes: BASE.but(**changes).net, {"success": Triangular(0.05, 0.14, 0.3)}, n=500)
    assert "pilot, not yet" in str(written(unsafe))


def test_the_memo_knows_no_statistics_and_fits_on_a_page(drawn):
    memo = written(
        drawn,
        plans=[Plan("minimum", 20_000, "alarms", "slow"), Plan("recommended", 40_000, "a fifth of a person", "little")],
        segments={"young": 10.0, "old": -3.0}, observed=Standing(200, 50, 20, 10, 5, 65), outage=(12, 34_567.0),
    )  # fmt: skip
    assert not re.findall(r"precision|recall|accuracy|variance|p-value|quantile", str(memo), re.IGNORECASE)
    assert memo.words < 480
    for part in ("50% of 200", "34,600 USD", "12 days", "-3 USD in “old”", "a fifth of a person"):
        assert part in " ".join(str(memo).split())
    assert [tag for tag, _ in Tags(memo.to_html()).seen].count("h2") == len(memo.sections) == 6


def test_a_memo_without_a_range_is_refused(drawn):
    with pytest.raises(DataError, match="overpromise"):
        written(drawn, ranges={})
    with pytest.raises(DataError, match="do not fit"):
        written(drawn, plans=[Plan("long", 20_000, "word " * 300, "none")])


def test_what_people_write_is_escaped_in_the_page(drawn):
    page = written(drawn, project="<script>x</script>").to_html()
    assert "<script>" not in page
