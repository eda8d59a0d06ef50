"""A small package that was really built, for the tests of whatever takes one; and time that a busy machine cannot use up."""

import asyncio
import inspect
import selectors

import pytest

PATIENCE = 120.0  # seconds that a processor may be waited for; a test that passes waits for none of it


@pytest.fixture(scope="module", autouse=True)
def patient(request):
    """Limits that nobody gave end only what hangs: services, and who asks them, may be without a processor for a while.

    A test that is about a limit gives its own.
    """
    if not {"httpx", "serving", "load_test", "in_process"} & vars(request.module).keys():
        yield
        return
    import httpx

    from lifecycle.deploy import Router, load_test, serving
    from lifecycle.iterate import ExperimentFront, Shadow

    limited = [
        *(httpx.Client.__init__, httpx.AsyncClient.__init__, httpx.request, httpx.stream, httpx.get, httpx.post),
        *(Router.__init__, Shadow.__init__, ExperimentFront.__init__, load_test, serving),
    ]
    with pytest.MonkeyPatch.context() as patch:
        for defaults in (inspect.unwrap(each).__kwdefaults__ for each in limited):
            assert "timeout" in defaults
            patch.setitem(defaults, "timeout", PATIENCE)
        yield


class _Idle(selectors.DefaultSelector):
    passed = 0.0

    def select(self, timeout=None):
        ready = super().select(0 if timeout else timeout)
        self.passed += 0 if ready or timeout is None else timeout
        return ready


class _IdleLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self._idle = _Idle()
        super().__init__(self._idle)

    def time(self):
        return self._idle.passed


@pytest.fixture
def idle_time(monkeypatch):
    """Event loops whose time passes only when all wait for it, and at once: a limit is met by who sleeps, not by who works.

    For applications in this process alone: who waits for a socket or a thread is not seen to be waited for.
    """
    monkeypatch.setattr(asyncio.events, "new_event_loop", _IdleLoop)


@pytest.fixture(scope="session")
def small_package_file(tmp_path_factory):
    """A package of eight trees on five inputs of several kinds: an amount, a code, a flag, a share, a plain number."""
    import numpy as np
    import pandas as pd
    from xgboost import XGBClassifier

    from lifecycle.deploy import build_package, schema_of

    random = np.random.default_rng(7)
    rows = pd.DataFrame(
        {
            "amount": random.gamma(2, 3000, 800).round(2),
            "late": random.integers(-2, 9, 800).astype(float),
            "online": random.integers(0, 2, 800).astype(float),
            "share": random.uniform(size=800).round(4),
            "change": random.normal(size=800).round(4),
        }
    )
    rows.loc[:1, "share"] = [0.0, 1.0]
    chances = 1 / (1 + np.exp(2 - 0.4 * rows["late"] - rows["online"] + rows["change"]))
    model = XGBClassifier(n_estimators=8, max_depth=3, n_jobs=1).fit(rows, (random.uniform(size=800) < chances).astype(int))
    fields = schema_of(rows, meanings={"late": "months behind with the rent", "amount": "income"}, units={"amount": "EUR"})
    place = tmp_path_factory.mktemp("package") / "small.zip"
    build_package(
        place, name="small", version="1.2.0", model=model, fields=fields, threshold=0.3,
        calibration={"method": "prior", "trained": 0.5, "actual": 0.3}, metrics={}, rows=rows, settings={"max_depth": 3},
        use_case="credit",
    )  # fmt: skip
    return place


@pytest.fixture(scope="session")
def small_package(small_package_file):
    """The same, opened."""
    from lifecycle.deploy import open_package

    return open_package(small_package_file)
