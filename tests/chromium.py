"""A real browser for tests: one Chromium, started once a session, since playwright cannot run twice in one process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 120_000.0  # milliseconds; only what hangs takes longer, however busy the machine


def where() -> str | None:
    """Where the system's Chromium is."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def running() -> Iterator[Browser]:
    """A headless Chromium, closed at the end."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)  # for five seconds otherwise
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=where(), args=options, timeout=PATIENCE)
        try:
            yield browser
        finally:
            browser.close()
