"""The exam bank holds the whole syllabus, and papers are drawn and marked from it."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course.commands.failures import RequestError
from course.exams.bank import bank
from course.exams.marking import grade, number_in
from course.exams.paper import LETTERS, draw
from workbench.cli import application

# How many graded questions and short answers the syllabus has, lesson by lesson; and the banks of the capstone.
GRADED = {0: 4, 1: 6, 2: 6, 3: 7, 4: 7, 5: 5, 6: 6, 7: 6, 8: 6, 9: 6, 10: 7, 11: 7, 12: 7, 13: 7, 14: 6, 15: 7, 16: 8, 17: 7}
GRADED |= {18: 7, 19: 8, 20: 7, 21: 6, 22: 7, 23: 6, 24: 6}
SHORT = {
    0: 1,
    1: 1,
    2: 1,
    3: 1,
    5: 1,
    6: 1,
    9: 1,
    10: 3,
    11: 1,
    12: 1,
    13: 3,
    14: 1,
    15: 1,
    16: 3,
    17: 6,
    18: 2,
    19: 1,
    20: 3,
}
SHORT |= {21: 3, 22: 3, 23: 2}
BANKS = {"e": 7, "r": 9, "p": 5, "d": 4}
ELSEWHERE = Path(__file__).with_name("coverage.toml")


@pytest.fixture(scope="module")
def questions():
    return bank()


def exam(*arguments):
    return CliRunner().invoke(application(), ["exam", *map(str, arguments)])


def wanted(number):
    items = {f"g{k}" for k in range(1, GRADED[number] + 1)} | {f"s{k}" for k in range(1, SHORT.get(number, 0) + 1)}
    return items | {f"{letter}{k}" for letter, count in BANKS.items() if number == 24 for k in range(1, count + 1)}


@pytest.fixture(scope="module")
def covered(questions):
    """By lesson and item of the syllabus, the name of the question that stands for it: by its id, or by `ELSEWHERE`."""
    found = {}
    for name, asked in questions.items():
        head = asked.item.id.partition("-")[0]
        if head[:1] in "gsepdr" and head[1:].isdigit():
            found.setdefault(int(asked.lesson[:2]), {})[head] = name
    for lesson, items in tomllib.loads(ELSEWHERE.read_text(encoding="utf-8")).items():
        found.setdefault(int(lesson[:2]), {}).update(items)
    return found


@pytest.mark.parametrize("number", sorted(GRADED))
def test_every_question_of_the_syllabus_is_in_the_bank(questions, covered, number):
    assert set(covered[number]) == wanted(number)
    for item, name in covered[number].items():
        assert (questions[name].item.kind == "short") == (item[0] in "serd" or item in ("p2", "p3", "p5")), name


def test_every_question_explains_itself(questions):
    assert len(questions) >= 350
    for asked in questions.values():
        item = asked.item
        explained = [option.why for option in item.options] or [item.why] * (item.kind == "number") or item.points
        assert all(len(text) > 5 for text in explained), asked.name


def test_one_seed_is_one_paper_and_another_seed_another(questions):
    paper = draw(questions, n=20, seed=7)
    assert paper.digest == draw(questions, n=20, seed=7).digest != draw(questions, n=20, seed=8).digest
    assert len({asked.name for asked in paper.questions}) == 20
    assert len({asked.lesson for asked in paper.questions}) == 20, "lessons take turns"
    assert sum(asked.item.kind == "short" for asked in paper.questions) <= 5


def test_a_stage_is_asked_about_itself_alone(questions):
    for stage in {asked.stage for asked in questions.values()}:
        paper = draw(questions, n=8, seed=1, stage=stage)
        assert {asked.stage for asked in paper.questions} == {stage}
    for wrong in ({"n": 8, "stage": "astrology"}, {"n": 9999, "stage": ""}, {"n": 0, "stage": ""}):
        with pytest.raises(RequestError):
            draw(questions, seed=1, **wrong)


def test_a_stage_can_be_asked_completely(questions):
    whole = [asked for asked in questions.values() if asked.stage == "forecasting"]
    assert len(draw(questions, n=len(whole), seed=3, stage="forecasting").questions) == len(whole)


def test_the_page_holds_every_question_and_no_answer(questions):
    paper = draw(questions, n=30, seed=2)
    page = paper.html()
    assert page.count("<li>") == 30 + sum(len(asked.item.options) for asked in paper.questions)
    for asked in paper.questions:
        for hidden in (asked.item.why, *(option.why for option in asked.item.options), *asked.item.points):
            assert not hidden or hidden not in page
        assert asked.item.why[:30] not in paper.answers() or not asked.item.why


def filled(paper, answers, points=()):
    """The file of answers with something written into it."""
    text, values = paper.answers(), iter(answers)
    text = re.sub(r'^answer = ""$', lambda _: f"answer = {json.dumps(next(values))}", text, flags=re.MULTILINE)
    return re.sub(r"^points = \[\]", f"points = {list(points)}", text, flags=re.MULTILINE)


def right(asked):
    item = asked.item
    if item.kind == "choice":
        return LETTERS[[option.right for option in item.options].index(True)]
    return f"{item.answer:.10g}" if item.kind == "number" else "in my own words"


@pytest.fixture
def marked(questions, tmp_path):
    def mark(paper, answers, points=()):
        place = tmp_path / "answers.toml"
        place.write_text(filled(paper, answers, points), encoding="utf-8")
        return grade(place, questions)

    return mark


def test_right_answers_earn_all_marks_and_words_wait_for_somebody(questions, marked):
    paper = draw(questions, n=40, seed=5)
    found = marked(paper, [right(asked) for asked in paper.questions])
    short = [asked for asked in paper.questions if asked.item.kind == "short"]
    assert found.to_mark == len(short) > 0
    assert found.marks == 40 - len(short)
    done = marked(paper, [right(asked) for asked in paper.questions], points=[1, 2, 2])
    assert (done.to_mark, done.marks) == (0, found.marks + 2 * len(short))


def test_every_question_of_the_bank_is_marked_right_for_its_own_answer(questions, marked):
    paper = draw(questions, n=len(questions), seed=1)
    outcomes = {row.question: row.outcome for row in marked(paper, [right(asked) for asked in paper.questions]).rows}
    assert {name for name, outcome in outcomes.items() if outcome not in ("right", "to mark")} == set()


def test_wrong_answers_are_explained_by_the_mistake_that_leads_to_them(questions, marked):
    paper = draw({name: questions[name] for name in ("16_ab_testing:g1-size", "12_drift:g5-kind")}, n=2, seed=1)
    letter = {option.text: LETTERS[i] for i, option in enumerate(paper.questions[1].item.options)}["covariate shift"]
    rows = marked(paper, ["62,470", letter]).rows
    assert [row.outcome for row in rows] == ["wrong", "wrong"]
    for row, parts in zip(rows, (("both groups", "31235"), ("P(X) changes", "concept drift")), strict=True):
        assert [part for part in parts if part not in row.why] == []


@pytest.mark.parametrize("said", ["", "  ", "Z", "AB", "nan", "1e999", "<b>", "0x10", "٣"])
def test_what_is_no_answer_earns_nothing(questions, marked, said):
    paper = draw(questions, n=30, seed=9)
    found = marked(paper, [said] * 30)
    assert found.marks == 0
    assert {row.outcome for row in found.rows} <= {"open", "wrong", "to mark"}


def test_a_paper_that_was_changed_is_refused(questions, tmp_path):
    paper = draw(questions, n=5, seed=4)
    text = paper.answers()
    easier = next(name for name in questions if name not in text)
    first = paper.questions[0].name
    many, unknown = f"0x{'F' * 5000}", '[[answers]]\nquestion = "nothing:there"\nanswer = ""\n'
    for changed in (text.replace(first, easier), text.replace("seed = 4", "seed = 5"), text.rsplit("[[answers]]", 1)[0],
                    text.replace("[exam]", "[exams]"), "answer", text.replace(first, "nothing:there"), "",
                    text.replace("n = 5", "n = 6") + unknown, text + unknown, text.replace("seed = 4", f"seed = {many}"),
                    text.replace("seed = 4", "seed = -4"), text.replace(f'"{first}"', many)):  # fmt: skip
        assert changed != text
        place = tmp_path / "answers.toml"
        place.write_text(changed, encoding="utf-8")
        with pytest.raises(RequestError):
            grade(place, questions)
    with pytest.raises(RequestError):
        grade(tmp_path / "missing.toml", questions)


def test_points_are_numbers_of_key_points(questions, marked):
    short = questions["00_start_here:five"]
    paper = draw({"five": short}, n=1, seed=0)
    assert marked(paper, ["text"], points=[1, 6]).marks == 2
    for wrong in ([0], [7], [True], [1.5]):
        with pytest.raises(RequestError):
            marked(paper, ["text"], points=wrong)


def test_the_command_draws_keeps_and_grades(tmp_path):
    out = tmp_path / "paper"
    done = exam("--n", 4, "--seed", 3, "--stage", "governance", "--out", out, "--json")
    assert done.exit_code == 0, done.output
    drawn = json.loads(done.stdout)
    assert len(drawn["questions"]) == 4
    table = tomllib.loads((out / "answers.toml").read_text(encoding="utf-8"))
    assert [answer["question"] for answer in table["answers"]] == drawn["questions"]
    (out / "answers.toml").write_text(
        (out / "answers.toml").read_text(encoding="utf-8").replace('answer = ""', 'answer = "A"', 1), encoding="utf-8"
    )
    graded = json.loads(exam("--grade", out / "answers.toml", "--json").stdout)
    assert graded["paper"] == drawn["paper"]
    assert [row["outcome"] for row in graded["answers"]].count("open") == 3
    assert f"\n{graded['marks']} of {graded['of']} marks\n" in exam("--grade", out / "answers.toml").stdout


@pytest.mark.parametrize("spoilt", [b'answer = "A"', b'answer = "\xe4"', b""])
def test_what_was_written_into_a_paper_is_never_overwritten_however_it_is_encoded(tmp_path, spoilt):
    assert exam("--n", 2, "--out", tmp_path).exit_code == 0
    (tmp_path / "answers.toml").write_bytes(spoilt)
    again = exam("--n", 2, "--out", tmp_path)
    assert isinstance(again.exception, RequestError)
    assert "stay" in str(again.exception)
    assert (tmp_path / "answers.toml").read_bytes() == spoilt


def test_the_command_for_marking_can_be_pasted_from_a_folder_with_a_space(tmp_path):
    folder = tmp_path / "my papers"
    told = exam("--n", 2, "--out", folder).stdout.splitlines()[-1]
    assert shlex.split(told.partition(" then: ")[2]) == ["workbench", "exam", "--grade", str(folder / "answers.toml")]


@pytest.mark.parametrize("out", ["file", "file/below"])
def test_a_folder_that_cannot_be_one_is_said(tmp_path, out):
    (tmp_path / "file").write_text("")
    assert "cannot be written" in str(exam("--n", 2, "--out", tmp_path / out).exception)
    assert isinstance(exam("--n", 2, "--out", tmp_path / out).exception, RequestError)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("7.6 %", "", 0.076), ("46%", "", 0.46), ("61.5 %", "%", 61.5), ("61.5", "%", 61.5), ("4.32 min", "min", 4.32),
        ("7 h", "h", 7), ("45 days", "days", 45), ("1 day", "days", 1), ("6.67x", "", 6.67), ("6,67", "", 6.67),
        ("62,470", "", 62470), ("1,250.5", "", 1250.5), ("0,076", "", 0.076), ("$20,000", "$", 20000), ("−3 pp", "pp", -3),
        ("1.1e-5", "1e-5", 1.1e-5),
    ],
)  # fmt: skip
def test_a_number_is_read_as_it_was_meant(text, unit, value):
    assert number_in(text, unit) == pytest.approx(value)


@pytest.mark.parametrize("spoilt", ["[" * 9000, "9" * 5000])
def test_a_file_that_python_cannot_read_is_refused_without_a_traceback(questions, tmp_path, spoilt):
    place = tmp_path / "answers.toml"
    text = draw(questions, n=1, seed=0).answers()
    place.write_text(text.replace('answer = ""', f"answer = {spoilt}"), encoding="utf-8")
    with pytest.raises(RequestError):
        grade(place, questions)
