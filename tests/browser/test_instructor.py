"""An instructor's day in a shell and a browser: a master is edited, thirty students hand in, some of them with malice."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
TEA = Path(__file__).parents[1] / "workbench" / "fixtures" / "tea_course"
EXERCISE = "01_steeping"
GOOD = "leaves = [3 * cup + 2 for cup in cups]"  # what the edited master asks for
OLD = "leaves = [2 * cup + 1 for cup in cups]"
WORDS = "The leaves stayed in and gave up tannins. Take them out in time."
HOSTILE = {
    "always equal": "class Yes(list):\n    def __eq__(self, other): return True\nleaves = Yes()",
    "leaves at once": "import os\nos._exit(0)",
    "forks for ever": "import os\nwhile True:\n    os.fork()",
    "writes its own score": "import workbench.checks.judge as judge\njudge.judge = lambda *_: 10\nleaves = []",
}
SECONDS = 1800  # for a command, on a busy machine; a test that passes waits for none of it


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tea course, with a master that the instructor has edited."""
    root = tmp_path_factory.mktemp("day") / "course"
    shutil.copytree(TEA, root, ignore=shutil.ignore_patterns("__pycache__"))
    master = root / "course" / "exercises" / f"{EXERCISE}.py"
    text = master.read_text(encoding="utf-8")
    assert OLD in text
    text = text.replace(OLD, GOOD).replace(
        "two grams a cup,\n# and one for the pot", "three grams a cup,\n# and two for the pot"
    )
    master.write_text(text, encoding="utf-8")
    return root


def say(course: Path, *words: str, code: int = 0) -> str:
    command = [sys.executable, "-c", "from workbench.cli import main; main()", *words]
    variables = {**os.environ, "WORKBENCH_COURSE": str(course), "COLUMNS": "200"}
    done = subprocess.run(
        command, cwd=course.parent, env=variables, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == code, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def students() -> dict[str, str]:
    """What each of thirty answers: nineteen are right, five go by the old text, four are hostile, two are absent."""
    answers = [*[GOOD] * 19, *[OLD] * 5, *HOSTILE.values()]
    return {f"s{number:02d}": answer for number, answer in enumerate(answers)}


def hand_in(folder: Path, student: str, answer: str) -> None:
    given = folder / "release" / "students" / student / EXERCISE / f"{EXERCISE}.ipynb"
    notebook: dict[str, Any] = json.loads(given.read_bytes())
    for cell in notebook["cells"]:
        tags = cell["metadata"].get("tags", ())
        cell["source"] = answer if "question:steeping.leaves" in tags else cell["source"]
        cell["source"] = WORDS if "question:steeping.bitter" in tags else cell["source"]
    (folder / "uploads" / student).mkdir(parents=True)
    (folder / "uploads" / student / f"{EXERCISE}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def points(folder: Path) -> dict[str, dict[str, float]]:
    with (folder / "scores.csv").open(encoding="utf-8", newline="") as stream:
        found: dict[str, dict[str, float]] = {}
        for row in csv.DictReader(stream):
            found.setdefault(row["student"], {})[row["question"]] = float(row["points"] or 0)
    return found


def test_a_class_of_thirty_from_an_edited_master_to_grades(course: Path, browser: Any, require: Any) -> None:
    require(sys.platform == "linux", "grading needs Linux")
    folder = course.parent
    say(course, "build", EXERCISE)
    roster = "id,name,email\n" + "".join(f"s{number:02d},Name {number},\n" for number in range(30))
    (folder / "roster.csv").write_text(roster, encoding="utf-8")
    common = ("--roster", "roster.csv", "--release", "release")
    say(course, "release", EXERCISE, "--roster", "roster.csv", "--out", "release")
    given = (folder / "release" / "students" / "s00" / EXERCISE / f"{EXERCISE}.ipynb").read_text(encoding="utf-8")
    assert "three grams a cup" in given
    assert GOOD not in given
    for student, answer in students().items():
        hand_in(folder, student, answer)
    say(course, "collect", "uploads", *common, "--inbox", "inbox")
    summary = json.loads(say(course, "grade", "inbox", *common, "--gradebook", "grades.sqlite", "--json"))
    assert (summary["graded"], summary["faults"]) == (28, [])

    read_one(course, browser)
    say(course, "gradebook", "export", "--gradebook", "grades.sqlite", "--format", "plain", "--out", "scores.csv")
    earned = points(folder)
    assert {student: earned[student]["steeping.leaves"] for student in students()} == {
        student: float(answer == GOOD) for student, answer in students().items()
    }
    assert sum(one.get("steeping.bitter", 0.0) == 3.0 for one in earned.values()) == 1
    assert set(earned) == {f"s{number:02d}" for number in range(30)}

    say(course, "report", "--gradebook", "grades.sqlite", "--out", "report.html")
    assert "steeping.leaves" in (folder / "report.html").read_text(encoding="utf-8")
    platform = "First name,Last name,ID number,Email address,01_steeping (points)\n"
    platform += "".join(f"Name,{number},s{number:02d},,\n" for number in range(30))
    (folder / "moodle-export.csv").write_text(platform, encoding="utf-8")
    moodle = ("--format", "moodle", "--template", "moodle-export.csv", "--out", "moodle.csv")
    say(
        course, "gradebook", "export", "--gradebook", "grades.sqlite", *moodle, code=1
    )  # some are not complete, and it says so
    with (folder / "moodle.csv").open(encoding="utf-8", newline="") as stream:
        cells = [row["01_steeping (points)"] for row in csv.DictReader(stream)]
    assert len(cells) == 30
    assert len([cell for cell in cells if cell]) == 1, "what nobody has read yet is not a zero"


def read_one(course: Path, browser: Any) -> None:
    """Mark the first answer in words with all points, on the page that the command opens."""
    command = [sys.executable, "-c", "from workbench.cli import main; main()", "review", "--no-browser"]
    variables = {**os.environ, "PYTHONUNBUFFERED": "1", "WORKBENCH_COURSE": str(course)}
    with subprocess.Popen(
        [*command, "--gradebook", "grades.sqlite"], cwd=course.parent, env=variables, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            found = re.fullmatch(r"open (http://127\.0\.0\.1:\d+/\?token=\S+)\n", server.stdout.readline())
            assert found
            page = browser.new_page()
            page.set_default_timeout(1000 * SECONDS)
            page.goto(found[1])
            page.locator("#criteria fieldset").first.wait_for()
            assert WORDS in page.locator("#words").inner_text()
            page.keyboard.press("a")
            page.locator("#saved", has_text="all saved").wait_for()
            page.close()
        finally:
            server.terminate()
            server.wait(SECONDS)
