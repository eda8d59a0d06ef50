"""Both transports say the same: a notebook that is open, and a process in the sandbox, asked for the same names."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest

from workbench.checks.answer import LiveNotebook
from workbench.checks.judge import judge
from workbench.checks.question import question
from workbench.grading.execution.session import Session
from workbench.grading.execution.sitting import Asking
from workbench.grading.sandbox import tiers
from workbench.grading.sandbox.forker import Forker
from workbench.grading.sandbox.limits import Limits
from workbench.grading.sandbox.view import View

NAMES = """
import datetime, decimal, math, sys
import numpy as np
import pandas as pd

number, text, nothing, truth, dots = 1.5, "tea \\U0001fad6", None, True, ...
nan, infinite, large, huge = math.nan, -math.inf, 2**80, 10**5000
several = [1, (2, {3}), {"a": frozenset({4}), 5: b"six"}]
moments = [datetime.date(2026, 11, 21), datetime.datetime(2026, 11, 21, 9, 30), datetime.timedelta(seconds=90)]
array, odd_array = np.arange(6.0).reshape(2, 3), np.array(["a", None], dtype=object)
scalars = [np.int8(3), np.float32(0.5), np.bool_(True), np.datetime64("2026-11-21")]
frame = pd.DataFrame({"leaf": ["oolong", None], "grams": [2.5, math.nan], "day": pd.to_datetime(["2026-01-01", None])})
series, index = pd.Series([1, 2], index=["x", "y"], name="s"), pd.Index([3, 4])
loop = []; loop.append(loop)
model, money, generator, kind = object(), decimal.Decimal(1), (x for x in ()), int

class Yes(float):
    def __eq__(self, other): return True
    __hash__ = float.__hash__
yes = Yes(5)

class Pot:
    leaves = 3
    @property
    def broken(self): raise RuntimeError("cracked")
    def pour(self, cups): return self.leaves * cups
pot = Pot()

def double(x, *, plus=0): return 2 * x + plus
def spoil(xs):
    xs.append(1)
    return xs
def loud(x):
    print("noise"); print("noise", file=sys.stderr)
    return x
def stub(x): ...
def undone(x): raise NotImplementedError
def fails(x): return 1 / x
def leaves(x): sys.exit(3)
def table(rows): return frame.head(rows)
def same(x): return x
"""
READ = [
    *("number", "text", "nothing", "truth", "dots", "nan", "infinite", "large", "huge", "several", "moments", "array"),
    *("odd_array", "scalars", "frame", "series", "index", "loop", "model", "money", "generator", "kind", "yes"),
    *("pot.leaves", "pot.broken", "pot.lid", "pot", "absent", "absent.field", "double", "np"),
]
CALLED = [
    *(("double", 2), ("double", "a"), ("double",), ("spoil", [0]), ("loud", 1), ("stub", 1), ("undone", 1), ("fails", 0)),
    *(("leaves", 0), ("table", 1), ("pot.pour", 2), ("number", 1), ("absent", 1), ("pot.lid", 1), ("same", {"list": 1})),
]


@pytest.fixture(scope="module")
def live() -> LiveNotebook:
    notebook = ModuleType("__main__")
    exec(NAMES, notebook.__dict__)
    return LiveNotebook(notebook.__dict__)


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    modules = ("workbench.grading.execution.apart", "pandas", "pyarrow", "workbench.grading.execution.shell:READY")
    limits = Limits(wall=300, output=64 << 20)
    setting = {"environment": {}, "folders": {}, "links": {}}
    tier = tiers.choose(allow_plain=True)
    with (
        Forker(View(modules=modules), tier=tier) as forker,
        forker.start("workbench.grading.execution.submission", [], limits) as room,
    ):
        one = Session(room, limits=limits, setting=setting)
        one.begin()
        assert one.run("names", NAMES).run.error == ""
        yield one


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("apart", [False, True], ids=["visible", "hidden"])
def test_a_name_reads_the_same(live, session, name, apart):
    assert Asking(session, apart=apart).read(name) == live.read(name)


@pytest.mark.parametrize("request_", CALLED, ids=str)
@pytest.mark.parametrize("apart", [False, True], ids=["visible", "hidden"])
def test_a_call_gives_the_same(live, session, request_, apart):
    name, *arguments = request_
    trees = [{"dict": [["list", 1]]} if isinstance(one, dict) else one for one in arguments]
    assert Asking(session, apart=apart).call(name, trees, {}) == live.call(name, trees, {})


def test_an_object_that_is_equal_to_everything_earns_nothing_by_either(live, session):
    made = question("test.one", title="One")(lambda answer, key: answer.read("yes") == key.read("number") or 1 / 0)
    found = [judge(made, one, live) for one in (live, Asking(session, apart=False), Asking(session, apart=True))]
    assert [one.points for one in found] == [0, 0, 0]
    assert found[0] == found[1] == found[2]
