"""Releasing: what a student gets works by itself, betrays nothing, and is the same every time."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from workbench import release as releasing
from workbench import variant
from workbench.catalog import Catalog
from workbench.checks import key as keys
from workbench.checks import module
from workbench.cli import application
from workbench.course import Course
from workbench.errors import CheckError, GradingError, ParameterError
from workbench.grading.handout import bundle
from workbench.grading.manifest import Manifest, Terms
from workbench.grading.people.roster import Roster, Student
from workbench.release import release, secret_of

ROOT = Path(__file__).parents[3]
SECRET = b"a secret of the course"
TOLD_ON_PURPOSE = {
    *("reloaded = XGBClassifier()", "reloaded.load_model(first)"),  # a hint of start.reload
    "flagged = scores >= threshold",  # what every check of a threshold does
}
PAIR = Roster((Student("ada"), Student("bob")))
TRIO = Roster((Student("ada"), Student("alf"), Student("bob")))
RUN = """
import json, sys
from pathlib import Path
from workbench.course import Course
for cell in json.loads(Path(sys.argv[1]).read_bytes())["cells"]:
    if cell["cell_type"] == "code":
        exec("".join(cell["source"]), globals())
print("course", Course.find().root)
"""


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lesson(course: Course, slug: str):
    return Catalog.load(course.catalog)[slug]


def said_in(folder: Path, notebook: bytes) -> str:
    """What running a notebook's cells prints in a process that knows nothing but the folder it is in."""
    (folder / "mine.ipynb").write_bytes(notebook)
    told = {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH")}
    done = subprocess.run(
        [sys.executable, "-c", RUN, "mine.ipynb"], cwd=folder, env=told, capture_output=True, text=True, check=False
    )
    assert not done.stderr
    return done.stdout


def test_check_works_in_what_a_student_gets(released_tea):
    folder = released_tea.folder / "students" / "s002" / "00_water"
    said = said_in(folder, released_tea.answered("s002", "00_water"))
    assert said.count("✔ Correct") == 2
    assert "00 Water" in said
    assert f"course {folder.resolve()}" in said


def test_a_wrong_answer_is_told_in_what_a_student_gets(released_tea):
    folder = released_tea.folder / "students" / "s002" / "00_water"
    said = said_in(folder, released_tea.answered("s002", "00_water", {"water.fahrenheit": "fahrenheit = 144"}))
    assert "32 degrees too low" in said
    assert "✔" not in said


def test_a_students_folder_holds_what_the_exercise_needs_and_no_more(released_tea):
    assert set(tree(released_tea.folder / "students" / "s001")) == {
        *(f"00_water/{name}" for name in ("00_water.ipynb", "README.md", "pyproject.toml", "catalog.toml")),
        *("00_water/checks/water.py", "00_water/keys/00_water.json", "00_water/artifacts/00/kettle.json"),
        *(f"01_steeping/{name}" for name in ("01_steeping.ipynb", "README.md", "pyproject.toml", "catalog.toml")),
        *("01_steeping/checks/steeping.py", "01_steeping/keys/01_steeping.json"),
        *("01_steeping/artifacts/00/kettle.json", "01_steeping/artifacts/01/plan.json"),
    }


def test_the_readme_says_when_it_is_due(released_tea):
    text = (released_tea.folder / "students" / "s001" / "00_water" / "README.md").read_text(encoding="utf-8")
    assert "Due 2026-12-01T23:59:00+01:00. There are 15 minutes of grace: until then it is not late." in text
    assert "- `water.cooling`: 2 points" in text


# --- nothing that tells the answers ---


def secrets_of(course: Course, slug: str) -> set[str]:
    """Lines of the solution that the exercise does not show, and the names of hidden questions."""
    master = (course.exercises / f"{slug}.py").read_text(encoding="utf-8")
    shown = "\n".join(cell["source"] for cell in variant.stub(course, lesson(course, slug), {})[1]["cells"])
    found, inside = set(), False
    for line in master.splitlines():
        text = line.strip().removeprefix("# ").strip()
        inside = {"### BEGIN SOLUTION": True, "### END SOLUTION": False}.get(line.strip().removeprefix("# "), inside)
        if inside and "SOLUTION" not in text and len(text) > 9 and text not in shown:
            found.add(text)
    hidden = module.hidden(course, lesson(course, slug).checks)
    return found | set(hidden.questions if hidden else ())


def betrayed(content: dict[str, bytes], secrets: set[str]) -> list[tuple[str, str]]:
    """Which file says which secret. A file's strings are also looked at unescaped, and without its spaces and quotes."""

    def bare(text: str) -> str:
        return "".join(text.replace("\\n", "\n").replace('\\"', '"').replace("'", '"').split())

    texts = {name: bare(data.decode("utf-8")) for name, data in content.items()}
    return [(name, one) for one in secrets for name, text in texts.items() if bare(one) in text]


def test_the_scan_finds_a_solution(released_tea):
    secrets = secrets_of(released_tea.course, "00_water")
    assert "return start - 0.1 * (start - room)" in secrets
    assert betrayed({"x": b'"leaves", "later = cooler( later )\\n"'}, secrets) == [("x", "later = cooler(later)")]


@pytest.mark.parametrize("slug", ["00_water", "01_steeping"])
def test_nothing_handed_out_tells_the_solution(released_tea, slug):
    content = tree(released_tea.folder / "students")
    assert betrayed(content, secrets_of(released_tea.course, slug)) == []


def test_nothing_of_the_real_course_that_is_handed_out_tells_solutions_hidden_questions_or_their_keys():
    course = Course.find(ROOT)
    for one in (one for one in Catalog.load(course.catalog).lessons if one.checks):
        _, notebook = variant.stub(course, one, {})
        key = keys.load(course.keys / f"{one.slug}.json")
        content = bundle.contents(one, notebook=notebook, key=key, shared=bundle.shared_files(course, one, terms=Terms()))
        secrets = secrets_of(course, one.slug) - TOLD_ON_PURPOSE
        assert len(secrets) > 10
        assert betrayed(content, secrets) == [], one.slug
        assert b"src/course" not in b"".join(content.values())
        assert not any(b"Mutant" in data or b"hidden" in data for name, data in content.items() if name.endswith(".py"))


def test_what_only_mutants_used_goes_with_them():
    source = (
        "from workbench.checks import Mutant, equal, manual, question\n"
        "PART = 'x = 41'\nWRONG = PART + ' + 1'\nLIMIT = 3\n"
        "@question('a.b', title='t', points=1, hints=[], mutants=[Mutant('m', code=WRONG)])\n"
        "def b(answer, key):\n    equal(answer.read('x'), LIMIT)\n"
        "words = manual('a.c', title='t', criteria=[('says', 1)])\n"
    )
    left = bundle.without_mutants(source)
    assert "41" not in left
    assert "import equal, manual, question" in left
    assert "LIMIT = 3" in left
    assert "words = manual(" in left


# --- the same every time ---


def test_the_same_roster_gives_the_same_bytes(built_tea, tmp_path):
    lessons = [lesson(built_tea, "01")]
    for folder in ("one", "other", "one"):
        release(built_tea, lessons, roster=PAIR, out=tmp_path / folder, variants=2, secret=SECRET, archive=True)
    assert tree(tmp_path / "one") == tree(tmp_path / "other")
    assert set(tree(tmp_path / "one")) == {
        "manifest.json",
        "students/ada/01_steeping.zip",
        "students/bob/01_steeping.zip",
    }
    with zipfile.ZipFile(tmp_path / "one" / "students" / "ada" / "01_steeping.zip") as packed:
        packed.extractall(tmp_path)
    assert "01 Steeping" in said_in(tmp_path / "01_steeping", (tmp_path / "01_steeping" / "01_steeping.ipynb").read_bytes())


@pytest.mark.parametrize("choice", [{"variants": 12}, {"per_student": True}])
def test_a_student_who_is_added_changes_nobody_elses(built_tea, tmp_path, choice):
    lessons = [lesson(built_tea, "01")]
    first = release(built_tea, lessons, roster=PAIR, out=tmp_path, secret=SECRET, **choice)["01"]
    before = tree(tmp_path / "students")
    second = release(built_tea, lessons, roster=TRIO, out=tmp_path, secret=SECRET, **choice)["01"]
    after = tree(tmp_path / "students")
    assert {name for name in after if name not in before} == {name.replace("bob", "alf") for name in before if "bob" in name}
    assert all(after[name] == data for name, data in before.items())
    assert all(first.variant_of(student) == second.variant_of(student) for student in ("ada", "bob"))


def test_variants_have_other_parameters_in_manifest_notebook_and_key(built_tea, tmp_path):
    made = release(built_tea, [lesson(built_tea, "01")], roster=PAIR, out=tmp_path, per_student=True, secret=SECRET)["01"]
    seeds = [made.variant_of(student).parameters["seed"] for student in ("ada", "bob")]
    assert seeds[0] != seeds[1]
    for student, seed in zip(("ada", "bob"), seeds, strict=True):
        folder = tmp_path / "students" / student / "01_steeping"
        assert f"seed: int = {seed}  #" in (folder / "01_steeping.ipynb").read_text(encoding="utf-8")
        assert keys.load(folder / "keys" / "01_steeping.json").parameters == {"seed": seed}
        (cell,) = [cell for cell in made.variant_of(student).cells if cell.parameters]
        assert cell.source.startswith(f"seed: int = {seed} ")


def test_a_student_who_left_stays_in_the_manifest(released_tea):
    lessons = [lesson(released_tea.course, "00")]
    made = release(released_tea.course, lessons, roster=Roster((Student("new"),)), out=released_tea.folder, terms=Terms())
    assert set(made["00"].students) == {"new", "s001", "s002", "s003"}
    assert made["00"].variant_of("s001") == made["00"].variant_of("new")
    assert made["01"] == released_tea.manifest["01"]


def test_a_student_who_comes_later_changes_nobody_s_deadline(released_tea):
    one = [lesson(released_tea.course, "00")]
    due = Terms("2026-12-01T12:00:00+00:00", 15, 0.1, 7)
    release(released_tea.course, one, roster=released_tea.roster, out=released_tea.folder, terms=due)
    made = release(released_tea.course, one, roster=Roster((Student("new"),)), out=released_tea.folder)
    assert made["00"].terms == due


def test_wrong_answers_that_cannot_be_left_out_are_not_handed_out():
    source = "from workbench.checks import Mutant, question\nWRONG: list = [Mutant('x', code='y = 1')]\n"
    with pytest.raises(GradingError, match="would be handed out"):
        bundle.without_mutants(source)


@pytest.mark.parametrize("choice", [{"variants": 3, "secret": SECRET}, {"per_student": True, "secret": SECRET}])
def test_what_students_have_is_not_exchanged(released_tea, choice):
    before = tree(released_tea.folder)
    with pytest.raises(GradingError, match="`s001` has already been given another `01_steeping`"):
        release(
            released_tea.course,
            [lesson(released_tea.course, "01")],
            roster=released_tea.roster,
            out=released_tea.folder,
            **choice,
        )
    assert tree(released_tea.folder) == before


def test_an_exercise_that_has_changed_is_not_released_over_the_old_one(released_tea):
    course = released_tea.course
    path = course.exercises / "00_water.py"
    path.write_text(path.read_text(encoding="utf-8").replace("A guest asks", "A queen asks"), encoding="utf-8")
    with pytest.raises(GradingError, match="already been given another"):
        release(course, [lesson(course, "00")], roster=released_tea.roster, out=released_tea.folder)


def test_nothing_is_written_when_a_solution_fails(built_tea, tmp_path):
    path = built_tea.exercises / "01_steeping.py"
    path.write_text(path.read_text(encoding="utf-8").replace("2 * cup + 1", "cup / 0"), encoding="utf-8")
    with pytest.raises(CheckError, match="the solution does not run"):
        release(built_tea, [lesson(built_tea, "00"), lesson(built_tea, "01")], roster=PAIR, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


# --- what comes along ---


def test_code_of_the_courses_own_comes_along_where_the_exercise_imports_it(built_tea):
    one = lesson(built_tea, "01")
    path = built_tea.exercises / "01_steeping.py"
    path.write_text(
        path.read_text(encoding="utf-8").replace("from random", "from tea.leaves import grams\nfrom random"),
        encoding="utf-8",
    )
    names = set(bundle.shared_files(built_tea, one, terms=Terms()))
    assert {"tea/__init__.py", "tea/leaves.py"} <= names
    assert "tea/water.py" not in names


def test_an_exercise_takes_only_the_artefacts_that_it_reads(built_tea):
    path = built_tea.catalog
    text = path.read_text(encoding="utf-8").replace(
        'checks = "steeping"', 'checks = "steeping"\nexercise_reads = ["01/plan.json"]'
    )
    path.write_text(text, encoding="utf-8")
    names = bundle.shared_files(built_tea, lesson(built_tea, "01"), terms=Terms())
    assert [name for name in names if name.startswith("artifacts")] == ["artifacts/01/plan.json"]


def test_a_name_that_the_lesson_does_not_have_is_refused(built_tea):
    one = replace(lesson(built_tea, "01"), exercise_reads=("01/plam.json",))
    with pytest.raises(GradingError, match=r"`01/plam\.json` is no artefact or data set"):
        bundle.shared_files(built_tea, one, terms=Terms())


def test_a_missing_artefact_is_named(built_tea):
    (built_tea.artifacts / "00" / "kettle.json").unlink()
    with pytest.raises(GradingError, match=r"artifacts/00/kettle\.json.* is not there"):
        bundle.shared_files(built_tea, lesson(built_tea, "00"), terms=Terms())


def test_a_data_set_of_the_real_course_comes_with_its_card():
    course = Course.find(ROOT)
    names = bundle.shared_files(course, replace(lesson(course, "02"), exercise_reads=("credit",)), terms=Terms())
    assert {"datasets/catalog.toml", "datasets/credit.parquet", "datasets/credit.md"} <= set(names)


# --- the secret, the terms, the manifest ---


def test_the_secret_is_made_once_beside_the_release_for_its_owner_alone(tmp_path, monkeypatch):
    monkeypatch.delenv(releasing.SECRET_VARIABLE, raising=False)
    made = secret_of(tmp_path / "out")
    assert len(made) >= 32
    assert stat.S_IMODE((tmp_path / "out.secret").stat().st_mode) == 0o600
    assert secret_of(tmp_path / "out") == made
    assert [path.name for path in tmp_path.iterdir()] == ["out.secret"]


def test_the_secret_is_never_made_inside_the_release(tmp_path):
    with pytest.raises(GradingError, match="inside the release"):
        secret_of(tmp_path, tmp_path / "students" / "secret")


def test_a_named_file_goes_before_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv(releasing.SECRET_VARIABLE, "from the environment")
    assert secret_of(tmp_path / "out") == b"from the environment"
    (tmp_path / "mine").write_bytes(b"from a file of mine\n")
    assert secret_of(tmp_path / "out", tmp_path / "mine") == b"from a file of mine"


@pytest.mark.parametrize(
    ("choice", "error", "message"),
    [
        ({"variants": 2}, GradingError, "need a secret"),
        ({"per_student": True, "secret": b"short"}, ParameterError, "16 or more"),
        ({"variants": 0, "secret": SECRET}, ParameterError, "1 variant or more"),
    ],
)
def test_a_choice_that_cannot_be_made_is_refused(tea_course, tmp_path, choice, error, message):
    with pytest.raises(error, match=message):
        release(tea_course, [lesson(tea_course, "01")], roster=PAIR, out=tmp_path, **choice)


def test_an_exercise_without_a_seed_has_no_variants(tea_course, tmp_path):
    with pytest.raises(GradingError, match="no parameter `seed: int`"):
        release(tea_course, [lesson(tea_course, "00")], roster=PAIR, out=tmp_path, variants=2, secret=SECRET)


@pytest.mark.parametrize(
    "terms", [{"due": "tomorrow"}, {"due": "2026-12-01T10:00"}, {"penalty_per_day": 1.5}, {"grace_minutes": float("nan")}]
)
def test_terms_that_mean_nothing_are_refused(terms):
    with pytest.raises(GradingError):
        Terms(**terms)


def test_the_manifest_is_read_as_it_was_written(built_tea, tmp_path):
    made = release(built_tea, [lesson(built_tea, "01")], roster=PAIR, out=tmp_path, variants=4, secret=SECRET)
    assert Manifest.read(tmp_path) == made
    assert len(made["01_steeping"].variants) == 4
    text = (tmp_path / "manifest.json").read_text(encoding="utf-8")
    assert text.count("Random(seed + table)") == 1


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"format": 2}', '{"format": 1, "course": "x", "exercises": {"a": {"cells": []}}}']
)
def test_what_is_no_manifest_is_refused(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(GradingError, match="not a release manifest"):
        Manifest.read(tmp_path)


def test_the_command_releases_to_a_class(built_tea, tmp_path, monkeypatch):
    monkeypatch.chdir(built_tea.root)
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name,email\nada,Ada,a@example.org\nbob,Bob,\n", encoding="utf-8")
    out = tmp_path / "out"
    given = ["release", "01", "--roster", str(roster), "--out", str(out), "--variants", "2", "--late-penalty", "0.1"]
    done = CliRunner().invoke(application(), [*given, "--due", "2026-12-01T23:59:00+01:00", "--zip"])
    assert done.exit_code == 0, done.output
    assert "01_steeping: 2 students" in done.output
    made = json.loads((out / "manifest.json").read_bytes())["exercises"]["01_steeping"]
    assert made["terms"]["penalty_per_day"] == 0.1
    assert set(made["students"]) == {"ada", "bob"}
    assert (tmp_path / "out.secret").is_file()


def test_a_question_without_a_cell_is_not_released(released_tea, tmp_path):
    checks = released_tea.course.checks / "water.py"
    extra = '\n\n@question("water.salt", title="Salt?")\ndef salt(answer, key):\n    answer["salt"]\n'
    checks.write_text(checks.read_text(encoding="utf-8") + extra, encoding="utf-8")
    with pytest.raises(GradingError, match=r"no cell in which to answer `water\.salt`"):
        release(released_tea.course, [lesson(released_tea.course, "00")], roster=PAIR, out=tmp_path / "again")
    assert not (tmp_path / "again").exists()
