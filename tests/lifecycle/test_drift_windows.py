import numpy as np
import pandas as pd
import pytest

from lifecycle.errors import DataError
from lifecycle.monitor import domain_classifier, drift_report, window_table


@pytest.fixture(scope="module")
def reference():
    return pd.DataFrame({"x": np.random.default_rng(0).normal(size=2_000), "score": 0.1})


@pytest.fixture(scope="module")
def stream():
    """Thirty days; from day 14 on, `x` is larger by 1."""
    rng = np.random.default_rng(1)
    day = np.repeat(np.arange(30), 60)
    return pd.DataFrame({"day": day, "x": rng.normal(day >= 14, 1), "score": 0.1})


def test_windows_show_when_it_began(reference, stream):
    table = window_table(reference, stream, columns=["x", "score"])
    x = table[table["column"] == "x"]
    assert x["first"].tolist() == [0, 7, 14, 21]
    assert x["last"].tolist() == [6, 13, 20, 27]
    assert x["level"].tolist() == ["stable", "stable", "act", "act"]
    assert (x["rows"] == 420).all()
    assert (table.loc[table["column"] == "score", "level"] == "stable").all()


def test_a_window_is_a_report_of_its_rows(reference, stream):
    table = window_table(reference, stream, columns=["x"], size=10, step=5)
    assert table["first"].tolist() == [0, 5, 10, 15, 20]
    alone = drift_report(reference, stream[stream["day"].between(10, 19)], columns=["x"])["x"]
    assert table.loc[2, ["KS", "PSI"]].tolist() == [alone.ks, alone.psi]


def test_days_without_rows_are_left_out(reference, stream):
    gap = stream[~stream["day"].between(7, 13)]
    assert window_table(reference, gap, columns=["x"])["first"].tolist() == [0, 14, 21]


def test_what_makes_no_windows_is_refused(reference, stream):
    with pytest.raises(DataError, match="no column `week`"):
        window_table(reference, stream, columns=["x"], by="week")
    with pytest.raises(DataError, match="the stream has no rows"):
        window_table(reference, stream.iloc[:0], columns=["x"])
    with pytest.raises(DataError, match="no window of 40 days"):
        window_table(reference, stream, columns=["x"], size=40)
    with pytest.raises(DataError, match="whole numbers"):
        window_table(reference, stream.assign(day=0.5), columns=["x"])
    with pytest.raises(DataError, match="1 or more"):
        window_table(reference, stream, columns=["x"], size=0)


def test_the_classifier_names_the_column_that_moved():
    rng = np.random.default_rng(2)

    def frame(moved):
        return pd.DataFrame(
            {
                "client": np.arange(600) + 5_000 * moved,
                "note": [f"note {number}" for number in rng.integers(0, 10**9, 600)],
                "calm": rng.normal(size=600),
                "city": rng.choice(["Lyon", "Oslo"], 600, p=[0.8 - 0.5 * moved, 0.2 + 0.5 * moved]),
                "gap": np.where(rng.random(600) < 0.1, np.nan, 1.0),
            }
        )

    told = domain_classifier(frame(0), frame(1))
    assert told.columns[0][0] == "city"
    assert {name for name, _ in told.columns} == {
        "calm",
        "city",
        "gap",
    }  # identifiers and free text would tell any two apart
    assert told.auc == pytest.approx(0.75, abs=0.05)  # 0.8 and 0.3: (1 + 0.5) / 2
    assert told.low < 0.75 < told.high
    assert told.level == "act"
    assert "most by `city`" in told.sentence
    calm = domain_classifier(frame(0), frame(0))
    assert calm.low < 0.5 < calm.high
    assert "cannot tell" in calm.sentence


def test_too_little_for_a_classifier_is_refused():
    frame = pd.DataFrame({"x": np.arange(60.0)})
    with pytest.raises(DataError, match="50 rows"):
        domain_classifier(frame.head(49), frame)
    with pytest.raises(DataError, match="no column"):
        domain_classifier(frame[[]], frame[[]])
