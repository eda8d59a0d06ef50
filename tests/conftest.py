"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Require = Callable[[object, str], None]

# A first example may import a library, or share its processor: neither is judged by the clock.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def require() -> Require:
    """``require(component, reason)``: skip with `reason` where `component` is falsy; in CI, which installs all, fail.

    ``.ci/run`` sets ``WORKBENCH_REQUIRE_ALL=1`` for that, so that a test which never runs anywhere is noticed::

        def test_page(require):
            require(shutil.which("chromium"), "chromium is not installed")
    """

    def check(component: object, reason: str) -> None:
        if component:
            return
        if os.environ.get("WORKBENCH_REQUIRE_ALL"):
            pytest.fail(f"required here (WORKBENCH_REQUIRE_ALL is set), but {reason}", pytrace=False)
        pytest.skip(reason)

    return check


@pytest.fixture(scope="session")
def browser(require: Require) -> Iterator[Browser]:
    """A headless browser."""
    import chromium

    require(find_spec("playwright"), "playwright is not installed (python -m pip install playwright)")
    require(chromium.where(), "no Chromium (apt-get install chromium)")
    with chromium.running() as one:
        yield one
