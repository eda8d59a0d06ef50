"""Quizzes are read strictly, hide their answers, and answer where scripts run."""

from __future__ import annotations

import base64
import json
import re
import tomllib
from pathlib import Path

import pytest

from chromium import PATIENCE
from workbench import quiz, quizzes
from workbench.errors import CheckError
from workbench.quiz_page import page

GOOD = """
[[questions]]
id = "decay"
kind = "choice"
text = "Why <b>do</b> models `age`?"
options = [
    { text = "Because <i>code</i> rusts", why = "Code stays as it is." },
    { text = "Because the world moves", right = true, why = "Right. Their secretword is fixed." },
]

[[questions]]
id = "loss"
kind = "number"
text = "From 92 % to 78 %: how many points?"
answer = 14
tolerance = 0.01
unit = "pp"
why = "A secretword difference."
near = [{ value = 15.2, why = "That is the relative secretword loss." }]

[[questions]]
id = "five"
kind = "short"
text = "Name two."
points = ["the first secretword", "the second"]
"""


@pytest.fixture
def written(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "00_start.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_quiz_is_read(written):
    items = quizzes.load(written(GOOD)).items
    assert [(item.id, item.kind, item.marks) for item in items] == [
        ("decay", "choice", 1),
        ("loss", "number", 1),
        ("five", "short", 2),
    ]
    assert [items[1].accepts(value) for value in (14, 14.13, 14.2, -14)] == [True, True, False, False]


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ("right = true, ", "", "questions[0].options", "no option is right"),
        ("rusts\", why", "rusts\", right = true, why", "questions[0].options", "2 options are right"),
        ("right = true", 'right = "yes"', "questions[0].options[1].right", "true or false"),
        (', why = "Code stays as it is."', "", "questions[0].options[0]", "`why` is missing"),
        ("Because <i>code</i> rusts", "Because the world moves", "questions[0].options", "the same"),
        ('kind = "choice"', 'kind = "guess"', "questions[0].kind", "one of choice, number, short"),
        ("answer = 14", 'answer = "14"', "questions[1].answer", "must be a number"),
        ("answer = 14", "answer = nan", "questions[1].answer", "must be a number"),
        ("answer = 14", "answer = true", "questions[1].answer", "must be a number"),
        ("tolerance = 0.01", "tolerance = -1", "questions[1].tolerance", "0 or more"),
        ("value = 15.2", "value = 14.1", "questions[1].near[0].value", "within the tolerance"),
        ("unit =", "units =", "questions[1]", "unknown key `units`"),
        ('id = "loss"', 'id = "decay"', "questions[1].id", "used twice"),
        ('id = "loss"', 'id = "Loss of"', "questions[1].id", "lower case"),
        ('points = ["the first secretword", "the second"]', "points = []", "questions[2].points", "one or more"),
        ('text = "Name two."', 'text = " "', "questions[2].text", "says something"),
        ("[[questions]]", "[[question]]", "00_start.toml", "unknown key `question`"),
        ("answer = 14", "answer =", "00_start.toml", "not valid TOML"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_path(written, old, new, where, words):
    assert old in GOOD
    with pytest.raises(CheckError, match=re.escape(words)) as error:
        quizzes.load(written(GOOD.replace(old, new)))
    assert error.value.where.endswith(where)


def test_an_empty_quiz_is_refused(written):
    with pytest.raises(CheckError, match="`questions` is missing"):
        quizzes.load(written(""))


def test_the_text_has_the_questions_and_no_answer(written):
    text = page(quizzes.load(written(GOOD))).text
    assert "2. From 92 % to 78 %: how many points? [a number, unit: pp]" in text
    assert "   B) Because the world moves" in text
    assert "secretword" not in text
    assert "14" not in text


def test_the_html_has_the_answers_in_base64_alone(written):
    html = page(quizzes.load(written(GOOD))).html
    assert "secretword" not in html
    payload = json.loads(base64.b64decode(re.search(r'data-key="([^"]+)"', html)[1]))
    assert [entry["kind"] for entry in payload] == ["choice", "number", "short"]
    assert "secretword" in json.dumps(payload)


def test_the_html_escapes_what_authors_write(written):
    html = page(quizzes.load(written(GOOD))).html
    assert "&lt;b&gt;do&lt;/b&gt;" in html
    assert "<b>" not in html
    assert "<i>" not in html


def test_the_same_quiz_is_the_same_output(written):
    path = written(GOOD)
    assert page(quizzes.load(path)) == page(quizzes.load(path))


@pytest.mark.parametrize(
    ("slug", "words"),
    [("00_watr", "did you mean `00_water`"), ("../../catalog", "There is no quiz"), (7, "named by text")],
)
def test_an_unknown_quiz_is_told_and_never_raises(tea_course, monkeypatch, capsys, slug, words):
    monkeypatch.chdir(tea_course.root)
    quiz(slug)
    assert words in capsys.readouterr().out


def test_a_quiz_is_shown_by_its_lesson_s_name(tea_course, monkeypatch, capsys):
    monkeypatch.chdir(tea_course.root)
    quiz("00_water")
    assert "1. Which leaf turns bitter in boiling water?" in capsys.readouterr().out


def test_the_fixture_s_quizzes_are_valid(tea_course):
    for path in sorted(tea_course.quizzes.glob("*.toml")):
        assert len(quizzes.load(path).items) == len(tomllib.loads(path.read_text())["questions"])


@pytest.fixture
def opened(browser, written, tmp_path):
    """A page that shows the quiz twice, as a notebook may; errors of its scripts fail the test."""
    html = page(quizzes.load(written(GOOD))).html
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><meta charset=utf-8><body>{html}{html}", encoding="utf-8")
    errors: list[str] = []
    tab = browser.new_page()
    tab.set_default_timeout(PATIENCE)
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(file.as_uri())
    yield tab
    tab.close()
    assert errors == []


@pytest.mark.browser
def test_a_choice_is_answered_with_its_reason(opened):
    from playwright.sync_api import expect

    first, second = opened.locator(".wbq").all()
    first.get_by_role("button", name="Because code rusts").or_(first.get_by_role("button", name="rusts")).click()
    expect(first.locator(".wbq-say").first).to_have_text("✘ Not right. Code stays as it is.")
    first.get_by_role("button", name="the world moves").click()
    expect(first.locator(".wbq-say").first).to_have_text("✔ Right. Their secretword is fixed.")
    expect(first.locator(".wbq-score")).to_have_text(re.compile("^Score: 0 of 4 marks, 1 of 3"))
    assert second.locator(".wbq-score").inner_text().startswith("Score: 0 of 4 marks, 0 of 3")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("14", "✔ Right. A secretword difference."),
        ("14,05 pp", "✔ Right. A secretword difference."),
        ("+14 percentage points", "✔ Right. A secretword difference."),
        ("1,400", "✘ Not right. Try again, or look at the explanation."),
        ("15.2 %", "✘ Not right. That is the relative secretword loss."),
        ("-14", "✘ Not right. Try again, or look at the explanation."),
        ("−14", "✘ Not right. Try again, or look at the explanation."),
        ("many", "Write a number, such as 0.25 or 1,200."),
        ("", "Write a number, such as 0.25 or 1,200."),
    ],
)
def test_a_number_is_read_as_people_write_it(opened, typed, said):
    from playwright.sync_api import expect

    item = opened.locator(".wbq-item").nth(1)
    item.locator("input").fill(typed)
    item.locator("input").press("Enter")
    expect(item.locator(".wbq-say")).to_have_text(said)


@pytest.mark.browser
def test_a_short_answer_is_marked_by_its_writer(opened):
    from playwright.sync_api import expect

    item = opened.locator(".wbq-item").nth(2)
    assert "secretword" not in item.inner_text()
    item.locator("textarea").fill("Something")
    item.get_by_role("button", name="Show the key points").click()
    item.get_by_label("the first secretword").check()
    expect(item.locator(".wbq-say")).to_have_text("1 of 2 marks")
    expect(opened.locator(".wbq-score").first).to_have_text(re.compile("^Score: 1 of 4 marks, 1 of 3"))
