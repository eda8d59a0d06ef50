"""A teacher reads answers in words: by keyboard, in a real browser, with a hostile answer among them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from workbench.course import Course
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.book.rows import Enrolled, QuestionInfo
from workbench.grading.outcome import Graded
from workbench.grading.review.assignment import Share, assign, merge
from workbench.grading.review.desk import GradebookDesk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

TEA = Path(__file__).parents[1] / "workbench" / "fixtures" / "tea_course"
SECONDS = 180  # on a busy machine; a test that passes waits for none of it
LESSON, SLUG = "01_steeping", "steeping.bitter"
POT, REMEDY = "says what went on in the pot", "names a remedy that fits it"
HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "<svg onload=\"document.title='owned'\"></svg><a href='javascript:document.title=1'>x</a></textarea>{{7*7}}\u202e"
)
ANSWERS = ["The leaves stayed in.", HOSTILE, "No idea.", "Tannins. Take them out."]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    shutil.copytree(TEA, tmp_path / "course", ignore=shutil.ignore_patterns("__pycache__"))
    return Course.find(tmp_path / "course")


@pytest.fixture
def gradebook(tmp_path: Path) -> str:
    """A gradebook with four answers to one question and one to another."""
    where = str(tmp_path / "grades.sqlite")
    with Gradebook.open(where) as book:
        book.enrol([Enrolled(f"s{i}", f"Name {i}") for i in range(len(ANSWERS))])
        book.describe(LESSON, [QuestionInfo(SLUG, "Bitter", 3, "manual", 0, ((POT, 2.0), (REMEDY, 1.0)))])
        book.describe("02_more", [QuestionInfo("more.why", "Why?", 1, "manual", 0, (("says why", 1.0),))])
        for i, text in enumerate(ANSWERS):
            book.finish(LESSON, f"s{i}", f"{i:064x}", Graded(texts={SLUG: text}))
        book.finish("02_more", "s0", f"{7:064x}", Graded(texts={"more.why": "Because."}))
    return where


@contextmanager
def served(*arguments: str, folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run ``workbench review`` as a teacher does; the address that it prints."""
    command = [sys.executable, "-c", "from workbench.cli import main; main()", "review", "--no-browser", *arguments]
    variables = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        try:
            assert server.stdout is not None
            told = server.stdout.readline()
            found = re.fullmatch(r"open (http://127\.0\.0\.1:\d+/\?token=\S+)\n", told)
            assert found, told + (server.stdout.read() if server.poll() is not None else "")
            yield found.group(1), server
        finally:
            server.terminate()
            server.wait(SECONDS)


class Reader:
    """A page of the review, and the faults that the browser has seen on it."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.page: Page = browser.new_page(viewport={"width": 1280, "height": 900})
        self.page.set_default_timeout(SECONDS * 1000)
        self.faults: list[str] = []
        self.requests: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("dialog", lambda dialog: self.faults.append(dialog.message))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(address)
        self.opened()

    def opened(self) -> None:
        """Wait for the first answer."""
        self.page.locator("#criteria fieldset").first.wait_for()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def is_saved(self) -> None:
        self.page.locator("#saved", has_text="all saved").wait_for()

    def shows(self, name: str, text: str) -> None:
        """Wait until the element called `name` has `text` in it."""
        self.page.locator(f"#{name}", has_text=text).wait_for()

    def text(self, name: str) -> str:
        return self.page.locator(f"#{name}").text_content() or ""

    def seek(self, words: str) -> None:
        """Go on, answer by answer, to the one that begins with `words`."""
        self.press(*"kkkk")
        while not self.text("words").startswith(words):
            before = self.text("place")
            self.press("j")
            assert self.text("place") != before, f"no answer begins with {words}"


def reviews(where: str) -> dict[str, tuple[Any, str, str]]:
    with Gradebook.open(where, write=False) as book:
        return {one.student: (dict(one.points), one.comment, one.reviewer) for one in book.reviews(LESSON)}


def test_answers_are_read_by_keyboard_alone_and_every_mark_is_saved(browser: Any, course: Course, gradebook: str) -> None:
    with served("--gradebook", gradebook, "--reviewer", "anna", folder=course.root) as (address, server):
        reader = Reader(browser, address)
        reader.shows("prompt", "A guest says that the second cup from the same pot is bitter.")
        reader.shows("count", "0 of 4 read")
        assert not reader.page.locator("#model").is_visible()
        reader.press("m")
        reader.page.locator("#model", has_text="gave up tannins").wait_for()

        reader.seek("The leaves stayed in.")
        reader.press("1", "2", "2")
        reader.shows("state", "✔ read")
        reader.shows("total", "2 of 3 points")
        reader.press("c")
        reader.page.keyboard.type("And the remedy? j k n 1")
        reader.press("Escape")
        reader.is_saved()
        assert reviews(gradebook) == {"s0": ({POT: 2.0, REMEDY: 0.0}, "And the remedy? j k n 1", "anna")}

        reader.press("n")
        reader.seek("No idea.")
        reader.press("0")
        reader.seek("Tannins.")
        reader.press("a", "-", "1", "+")
        reader.is_saved()
        assert reviews(gradebook)["s2"][0] == {POT: 0, REMEDY: 0}
        assert reviews(gradebook)["s3"][0] == {POT: 0.5, REMEDY: 0.5}
        reader.shows("count", "3 of 4 read")

        reader.press("x")
        reader.shows("total", "1 undecided")
        reader.press("l")
        reader.shows("words", "Because.")
        reader.press("a")
        reader.is_saved()
        assert [reader.page.locator("option").nth(i).text_content() for i in range(2)] == ["○ Bitter (2/4)", "✔ Why? (1/1)"]
        assert "j" in reader.page.locator("footer").inner_text()
        assert reader.faults == []
        reader.page.close()

        server.send_signal(signal.SIGINT)
        assert server.wait(SECONDS) == 0


def test_a_hostile_answer_stays_text(browser: Any, course: Course, gradebook: str) -> None:
    with served("--gradebook", gradebook, folder=course.root) as (address, _server):
        reader = Reader(browser, address)
        reader.seek("<script>")
        assert reader.text("words") == HOSTILE.replace("\u202e", "⟨202E⟩")
        assert reader.page.locator("#words *").count() == 0
        reader.press("c")
        reader.page.keyboard.insert_text(HOSTILE[:-1])
        reader.press("Escape")
        reader.is_saved()
        reader.page.reload()
        reader.opened()
        reader.seek("<script>")
        assert reader.page.locator("#comment").input_value() == HOSTILE[:-1]
        assert "owned" not in reader.page.title()
        assert reader.faults == []
        own = address.partition("?")[0]
        assert all(url.startswith(own) for url in reader.requests)
        assert not any("token" in url for url in reader.requests if "/api/" in url)
        reader.page.close()


def test_marks_wait_for_a_gradebook_that_is_busy(browser: Any, course: Course, gradebook: str) -> None:
    with served("--gradebook", gradebook, "--reviewer", "anna", folder=course.root) as (address, _server):
        reader = Reader(browser, address)
        reader.seek("No idea.")
        with Gradebook.open(gradebook):
            reader.press("0")
            reader.page.locator("#saved", has_text="Not saved").wait_for()
        reader.is_saved()
        assert reviews(gradebook)["s2"][0] == {POT: 0, REMEDY: 0}
        reader.page.close()


def test_anothers_marks_are_seen_and_taken_over_on_purpose(browser: Any, course: Course, gradebook: str) -> None:
    with Gradebook.open(gradebook) as book:
        book.put_review("s2", SLUG, {POT: 1.0, REMEDY: 0.0}, "hm", "ben", lesson=LESSON)
    with served("--gradebook", gradebook, "--reviewer", "anna", folder=course.root) as (address, _server):
        reader = Reader(browser, address)
        reader.seek("No idea.")
        reader.shows("other", "Marked by ben.")
        reader.press("a")
        assert "1 of 3 points" in reader.text("total")
        reader.press("t", "0")
        reader.shows("total", "0 of 3 points")
        reader.is_saved()
        assert reviews(gradebook)["s2"][2] == "anna"
        reader.page.close()


def test_a_share_is_read_without_the_gradebook_and_merged(browser: Any, tmp_path: Path, gradebook: str) -> None:
    (path,) = assign(GradebookDesk(gradebook, reviewer="teacher"), {"ben": 1}, tmp_path / "shares")
    with served(path.name, folder=path.parent) as (address, _server):
        reader = Reader(browser, address)
        for _ in range(len(ANSWERS)):
            reader.press("a", "n")
        reader.is_saved()
        reader.shows("words", "Because.")  # on to the next question by itself
        reader.page.close()
    assert len(Share.load(path).read) == len(ANSWERS)
    report = merge(gradebook, [path])
    assert (report.merged, report.unread, report.ok) == (len(ANSWERS), 1, True)
    assert {reviewer for _points, _comment, reviewer in reviews(gradebook).values()} == {"ben"}
