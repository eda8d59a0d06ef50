"""The rules for masters: the tea course keeps them, and each rule notices when it does not."""

from __future__ import annotations

import pytest

from workbench import structure
from workbench.catalog import Catalog
from workbench.course import Course


def texts(course: Course, slug: str = "00_water"):
    lesson = Catalog.load(course.catalog)[slug]
    return [
        str(f)
        for f in structure.of_lesson(course, lesson) + (structure.of_exercise(course, lesson) if lesson.checks else [])
    ]


def test_the_tea_course_keeps_every_rule(tea_course: Course):
    assert [str(finding) for finding in structure.of_course(tea_course, Catalog.load(tea_course.catalog).lessons)] == []


LONG = "\n".join(f"a{i} = {i}" for i in range(16))
LESSON = [
    ("**You will be able to**", "You learn to", "does not say “You will be able to”"),
    ('# %% tags=["parameters"]', "# %%", "0 cells are tagged `parameters`"),
    ("room: float = 20.0", "hall: float = 20.0", "limits `room`, which is no parameter"),
    ('leaf: str = "green"', 'leaf: str = "white"', "`leaf` must be one of"),
    ('leaf: str = "green"', "leaf: list = []", "type `list`"),
    ("wanted = best_temperature(leaf)", LONG, "18 lines of code, over 15"),
    ("plt.show()", "!ls", "not plain Python"),
    ("plt.show()", "%time plt.show()", "not plain Python"),
    ("plt.show()", "get_ipython().system('ls')", "uses `get_ipython`"),
    ("# %%\nwait =", '# %% tags=["nbval-ignore-output"]\nwait =', "does not open with a comment"),
    ('quiz("00_water")', 'quiz("01_steeping")', 'no cell `quiz("00_water")`'),
    ("../exercises/00_water.ipynb", "../exercises/water.ipynb", "no link"),
]


@pytest.mark.parametrize(("old", "new", "words"), LESSON, ids=[words for *_, words in LESSON])
def test_a_lesson_that_breaks_a_rule_is_named(tea_course: Course, old, new, words):
    path = tea_course.lessons / "00_water.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    (finding,) = [text for text in texts(tea_course) if words in text]
    assert finding.startswith("course/lessons/00_water.py")


def test_an_ignored_output_with_its_reason_passes(tea_course: Course):
    path = tea_course.lessons / "00_water.py"
    text = path.read_text(encoding="utf-8")
    new = '# %% tags=["nbval-ignore-output"]\n# prints seconds, which differ\nwait ='
    path.write_text(text.replace("# %%\nwait =", new), encoding="utf-8")
    assert texts(tea_course) == []


def test_large_cells_on_the_median_are_named(tea_course: Course):
    path = tea_course.lessons / "02_table.py"
    text = path.read_text(encoding="utf-8").replace("# %%\n", "# %%\n" + "a = 1\n" * 6)
    path.write_text(text, encoding="utf-8")
    assert any("the median code cell has" in text for text in texts(tea_course, "02_table"))


def test_a_missing_quiz_is_named(tea_course: Course):
    (tea_course.quizzes / "00_water.toml").unlink()
    assert any("there is no quiz" in text for text in texts(tea_course))


EXERCISE = [
    ('check("water.fahrenheit")', "pass", '0 cells `check("water.fahrenheit")`'),
    ("question:water.fahrenheit", "question:water.kelvin", "no check function"),
    ("question:water.fahrenheit", "question:water.kelvin", "`water.fahrenheit` has a check function and no question"),
    ("question:water.fahrenheit", "question:water.cooling", "`water.cooling` has 2 cells"),
    ('# %% tags=["question:water.fahrenheit"]', "# %%", "not tagged `question:SLUG`"),
    ("later = 100.0", "later = fahrenheit", "uses `fahrenheit`, which the solution of `water.fahrenheit` defines"),
    ("    return start - 0.1", "    return fahrenheit - 0.1", "uses `fahrenheit`"),
    ("check.progress()", "print(later)", "uses `later`"),
    ("check.progress()", "pass", "the last cell is not `check.progress()`"),
    ("(2 points)", "(3 points)", "earns 2 points, and the text before it says 3"),
    ("(2 points)", "", "earns 2 points, and the text before it says None"),
    ("def cooler(start):\n", "cooler = (\n", "is not Python"),
]


@pytest.mark.parametrize(("old", "new", "words"), EXERCISE)
def test_an_exercise_that_breaks_a_rule_is_named(tea_course: Course, old, new, words):
    path = tea_course.exercises / "00_water.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    found = [text for text in texts(tea_course) if words in text]
    assert found
    assert all(text.startswith("course/exercises/00_water.py") for text in found)


def test_a_name_that_is_supplied_or_defined_again_is_nobodys(tea_course: Course):
    path = tea_course.exercises / "00_water.py"
    text = path.read_text(encoding="utf-8").replace(
        "from workbench import check\n", "from workbench import check\n\nfahrenheit = 1\n"
    )
    path.write_text(text.replace("later = 100.0", "later = 100.0 * fahrenheit / fahrenheit"), encoding="utf-8")
    assert texts(tea_course) == []


def test_a_stub_that_is_no_longer_python_is_named(tea_course: Course):
    path = tea_course.exercises / "00_water.py"
    text = path.read_text(encoding="utf-8")
    text = text.replace("### BEGIN SOLUTION\nfahrenheit = 80 * 9 / 5 + 32", "fahrenheit = (\n### BEGIN SOLUTION\n    176)")
    path.write_text(text, encoding="utf-8")
    assert any("once the solution is taken out" in text for text in texts(tea_course))


def test_a_missing_master_is_one_finding(tea_course: Course):
    (tea_course.lessons / "02_table.py").unlink()
    assert len(texts(tea_course, "02_table")) == 1
