"""The pages of the course in a real browser: accessible, searchable, usable by keyboard alone, at two widths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from workbench.course import Course
from workbench.site import Site, build

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
REPOSITORY = Path(__file__).parents[2]
PAGES = [
    "index.html",
    "lessons/00_start_here.html",
    "lessons/12_drift.html",
    "lessons/14_retraining.html",
    "lessons/20_forecasting.html",
    "exercises/03_features.html",
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The pages of the real course."""
    return build(Course.find(REPOSITORY), tmp_path_factory.mktemp("site") / "course")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window in which a page that asks the network for anything is an error."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    context.set_default_timeout(180_000)  # milliseconds, on a busy machine; a test that passes waits for none of it
    one = context.new_page()
    one.asked = []  # type: ignore[attr-defined]
    one.on("request", lambda request: one.asked.append(request.url))  # type: ignore[attr-defined]
    yield one
    assert all(url.startswith(("file:", "data:")) for url in one.asked)  # type: ignore[attr-defined]
    context.close()


def violations(page: Page) -> list[str]:
    """What axe finds, with the first place of each."""
    from axe_playwright_python.sync_playwright import Axe

    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]}" for one in found]


def test_every_link_of_the_course_leads_somewhere(site: Site) -> None:
    assert [str(one) for one in site.broken] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_fits_two_widths(site: Site, page: Page, name: str) -> None:
    page.goto((site.folder / name).as_uri())
    assert violations(page) == []
    for width in (1280, 800):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{width} px: scrolls sideways"


def test_every_figure_says_what_it_shows(site: Site, page: Page) -> None:
    page.goto((site.folder / "lessons" / "12_drift.html").as_uri())
    texts = page.eval_on_selector_all("main img", "pictures => pictures.map(one => one.alt)")
    assert len(texts) >= 3
    assert all(len(text) > 20 and "No description" not in text for text in texts)
    assert len(set(texts)) == len(texts)


def test_a_formula_is_drawn_and_a_dollar_amount_stays_text(site: Site, page: Page) -> None:
    page.goto((site.folder / "lessons" / "01_objectives.html").as_uri())
    above, below = (page.locator("math[display=block] mfrac > *").nth(place).bounding_box() for place in (0, 1))
    assert above is not None
    assert below is not None
    assert above["height"] > 0
    assert above["y"] + above["height"] <= below["y"]
    assert page.get_by_text("training under $10,000 a month").is_visible()
    assert page.locator("main :text('\\\\frac')").count() == 0


def test_search_finds_by_keyboard_and_leads_there(site: Site, page: Page) -> None:
    page.goto((site.folder / "index.html").as_uri())
    page.keyboard.press("Tab")  # past the link to the content
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("massachusetts")
    page.get_by_role("region", name="What was found").get_by_role("link").first.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/lessons/12_drift.html#*")
    page.keyboard.press("Control+Home")
    page.get_by_role("searchbox").fill("no such words at all")
    page.get_by_text("Nothing was found").wait_for()


def onward(page: Path) -> Path | None:
    """The page that a page's link onward leads to, as its source says."""
    found = re.search(r'<a rel="next" href="([^"]+)"', page.read_text(encoding="utf-8"))
    return (page.parent / found[1]).resolve() if found else None


def test_the_way_through_the_course_can_be_walked_by_links(site: Site, page: Page) -> None:
    page.goto((site.folder / "index.html").as_uri())
    with page.expect_navigation():
        page.get_by_role("link", name="00 Start here").click()
    here: Path | None = site.folder.resolve() / "lessons" / "00_start_here.html"
    assert here is not None
    assert page.url == here.as_uri()
    for _ in range(2):
        here = onward(here)
        assert here is not None
        with page.expect_navigation():
            page.locator("a[rel=next]").click()
        assert page.url == here.as_uri()
    seen = [here]
    while (here := onward(seen[-1])) and here.name != "index.html" and here not in seen:
        seen.append(here)
    assert len(seen) >= 40
    assert len(set(seen)) == len(seen)
