"""``check`` in a notebook: it says what it should, in text and HTML, at once, and it never raises."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser

import nbformat
import pytest
from nbclient import NotebookClient

from workbench import files
from workbench.catalog import Catalog
from workbench.checks import key, render
from workbench.checks.notebook import Checker
from workbench.checks.render import Shown
from workbench.checks.verdict import Outcome, Result
from workbench.course import Course


@pytest.fixture(scope="session")
def tea_keys(tmp_path_factory):
    """The tea course's two keys, recorded once."""
    from pathlib import Path

    folder = tmp_path_factory.mktemp("keys") / "tea"
    shutil.copytree(Path(__file__).parent / "fixtures" / "tea_course", folder)
    course = Course.find(folder)
    lessons = {lesson.slug: lesson for lesson in Catalog.load(course.catalog).lessons if lesson.checks}
    return {slug: key.record(course, lesson).visible.table() for slug, lesson in lessons.items()}


@pytest.fixture
def bundle(tmp_path, tea_course, tea_keys, monkeypatch):
    """A released bundle: checks and keys, without solutions, catalogue or sources; the working directory is below it."""
    folder = tmp_path / "bundle"
    shutil.copytree(tea_course.checks, folder / "checks")
    (folder / "pyproject.toml").write_text('[tool.workbench]\nchecks = "checks"\nkeys = "keys"\n')
    for slug, table in tea_keys.items():
        files.write_json(folder / "keys" / f"{slug}.json", table)
    (folder / "work" / "monday").mkdir(parents=True)
    monkeypatch.delenv("WORKBENCH_COURSE", raising=False)
    monkeypatch.chdir(folder / "work" / "monday")
    return folder


class Student:
    """A notebook's names, and what was displayed last."""

    def __init__(self, **names):
        self.names = names
        self.shown: list[Shown] = []
        self.check = Checker(names=lambda: self.names, display=self.shown.append)

    @property
    def text(self) -> str:
        return self.shown[-1].text


@pytest.fixture
def student(bundle):
    return Student(room=20.0, seed=1)


def test_the_three_outcomes(student):
    student.check("water.fahrenheit")
    assert student.text.startswith("○ Not attempted · Fahrenheit · 0 of 1 point\n  - `fahrenheit` does not exist yet")
    student.names["fahrenheit"] = 144
    student.check("water.fahrenheit")
    assert student.text.startswith("✘ Incorrect · Fahrenheit · 0 of 1 point\n  - `fahrenheit` is 32 degrees too low")
    student.names["fahrenheit"] = 176
    student.check("water.fahrenheit")
    assert student.text == "✔ Correct · Fahrenheit · 1 of 1 point"


def test_part_of_the_points(student):
    student.names |= {"cooler": lambda start: start - 0.1 * (start - 20), "later": 0}
    student.check("water.cooling")
    assert student.text.splitlines() == [
        "◐ Partly correct · Cooling · 1 of 2 points",
        "  - `later` is five minutes after 100 degrees: `later` is not right",
    ]


def test_hints_come_one_by_one_and_end(student):
    for _ in range(4):
        student.check.hint("water.fahrenheit")
    heads = [shown.text.splitlines()[0] for shown in student.shown]
    assert heads[:2] == ["➜ Hint 1 of 2 · Fahrenheit", "➜ Hint 2 of 2 · Fahrenheit"]
    assert heads[2] == heads[3] == "! There are no more hints for `water.fahrenheit`"


def test_progress_of_what_was_touched_and_by_name(student):
    student.names["fahrenheit"] = 176
    student.check.progress()
    assert student.text.startswith("! Nothing has been checked yet")
    student.check("water.fahrenheit")
    student.check.progress()
    assert student.text.splitlines() == [
        "Water: 1 of 3 points, 1 of 2 questions correct",
        "  ✔ Fahrenheit  1/1  correct",
        "  ○ Cooling     0/2  not attempted",
    ]
    student.check.progress("steeping")
    assert student.text.startswith("Steeping: 0 of 1 point, 0 of 1 questions correct")


def test_progress_names_the_lesson_where_there_is_a_catalogue(student, tea_course, tea_keys, monkeypatch):
    files.write_json(tea_course.keys / "00_water.json", tea_keys["00_water"])
    monkeypatch.chdir(tea_course.root)
    student.check.progress("water")
    assert student.text.startswith("00 Water: 0 of 3 points")


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("water.fahrenheid", "did you mean `water.fahrenheit`"),
        ("watre.cooling", "did you mean `water`"),
        ("cooling", "did you mean `water.cooling`"),
        ("water", "there are `water.fahrenheit`, `water.cooling`"),
        ("", "Which question?"),
        (None, "named by text"),
        (3, "named by text"),
        ("../water.x", "There is no question"),
    ],
)
def test_an_unknown_question_is_answered_with_the_nearest_names(student, slug, words):
    student.check(slug)
    assert words in student.text
    student.check.hint(slug)
    assert words in student.text


def test_another_parameter_is_not_judged_by_the_wrong_key(student):
    student.names |= {"room": 21.0, "fahrenheit": 176}
    student.check("water.fahrenheit")
    assert student.text.splitlines()[:2] == [
        "! Not judged · Fahrenheit",
        "  - the answers were worked out with `room = 20.0`, and this notebook has `room = 21.0`",
    ]


def test_another_parameter_is_judged_by_its_own_key(student, bundle, tea_course):
    lesson = Catalog.load(tea_course.catalog)["01"]
    files.write_json(bundle / "keys" / "01_steeping-9.json", key.record(tea_course, lesson, {"seed": 9}).visible.table())
    answer = key.record(tea_course, lesson, {"seed": 9}).visible.table()["questions"]["steeping.leaves"][0]["reply"]["value"]
    student.names |= {"seed": 9, "leaves": answer}
    student.check("steeping.leaves")
    assert student.text.startswith("✔ Correct")


def test_parameters_that_were_not_run_are_asked_for(student):
    del student.names["room"]
    student.check("water.fahrenheit")
    assert "run the first cells" in student.text


def test_a_missing_key_is_not_the_answer_s_fault(student, bundle):
    shutil.rmtree(bundle / "keys")
    student.check("water.fahrenheit")
    assert student.text.startswith("! Not judged")


@pytest.mark.parametrize("name", ["checks/water.py", "keys/00_water.json", "pyproject.toml"])
def test_a_damaged_file_is_told_and_never_raises(student, bundle, name):
    (bundle / name).write_bytes(b"\xff\x00 = (")
    student.check("water.fahrenheit")
    student.check.hint("water.fahrenheit")
    student.check.progress("water")
    student.check("water.fahrenheit")
    assert student.text.startswith("!")


def test_outside_of_a_course_it_says_where_to_go(student, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    student.check("water.fahrenheit")
    assert "no course found" in student.text
    assert "WORKBENCH_COURSE" in student.text


def test_the_same_verdict_is_the_same_output(student):
    student.names["fahrenheit"] = 1
    student.check("water.fahrenheit")
    student.check("water.fahrenheit")
    assert student.shown[0] == student.shown[1]


class Tags(HTMLParser):
    def __init__(self, html: str):
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.add(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += f"{data} "


RESULTS = [
    Result(
        "a.b", "The <b>bold</b> `x<y`", outcome, 1.5 if outcome is Outcome.PARTIAL else 0, 2, ("`z` & <script>1</script>",)
    )
    for outcome in Outcome
]


@pytest.mark.parametrize(
    "shown",
    [*(render.verdict(result) for result in RESULTS), render.progress("T<i>", RESULTS), render.hint("<u>", 1, 2, "<u>"),
     render.notice("<u>", ["<u>"])],
)  # fmt: skip
def test_html_is_balanced_escapes_everything_and_says_what_the_text_says(shown):
    tags = Tags(shown.html)
    assert tags.open == []
    assert not tags.seen & {"script", "b", "i", "u"}
    assert set(re.findall(r"\w+", shown.text)) <= set(re.findall(r"\w+", tags.text))


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: result.outcome.value)
def test_an_outcome_is_told_by_a_word_and_not_by_colour_alone(result):
    html = render.verdict(result).html
    assert result.outcome.capitalize() in Tags(html).text


def test_in_a_kernel_the_verdict_is_displayed_as_text_and_html_and_waits_for_no_library(bundle):
    """What would take a second is to import one."""
    sources = [
        'room = 20.0\nfrom workbench import check\ncheck("water.fahrenheit")',
        'fahrenheit = 176\ncheck("water.fahrenheit")',
        "def cooler(start):\n    from IPython.display import display\n    display(1)\n    print('noise')\n    return 1 / 0",
        'later = 1\ncheck("water.cooling")',
        "check.progress()",
        "import sys\nprint({'matplotlib', 'numpy', 'pandas', 'pyarrow', 'scipy', 'sklearn'} & {*sys.modules})",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    work = str(bundle / "work" / "monday")
    NotebookClient(notebook, resources={"metadata": {"path": work}}, timeout=600, startup_timeout=300).execute()
    *outputs, imported = [cell.outputs for cell in notebook.cells]
    assert [output["output_type"] for cell in outputs for output in cell] == ["display_data"] * 4
    texts = [cell[0]["data"]["text/plain"].splitlines()[0] for cell in outputs if cell]
    assert texts == [
        "○ Not attempted · Fahrenheit · 0 of 1 point",
        "✔ Correct · Fahrenheit · 1 of 1 point",
        "✘ Incorrect · Cooling · 0 of 2 points",
        "Water: 1 of 3 points, 1 of 2 questions correct",
    ]
    assert all("<div" in cell[0]["data"]["text/html"] for cell in outputs if cell)
    assert imported[0]["text"] == "set()\n"
