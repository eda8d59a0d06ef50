"""Reading answers in words: who may, what they see, what is saved, and how shares come back."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import looped
from workbench.cli import application as command_line
from workbench.course import Course
from workbench.errors import GradingError
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.book.rows import Enrolled, QuestionInfo, ReviewConflictError
from workbench.grading.outcome import Graded
from workbench.grading.review import papers, prompts
from workbench.grading.review.app import application
from workbench.grading.review.assignment import FileDesk, Share, assign, dealt, merge
from workbench.grading.review.desk import GradebookDesk
from workbench.grading.review.guard import BODY

TOKEN = "opens-this-page"
HOST = "127.0.0.1:8123"
LESSON, SLUG = "01_steeping", "steeping.bitter"
BITTER = f"{LESSON}/{SLUG}"
POT, REMEDY = "says what went on in the pot", "names a remedy that fits it"
FULL = {POT: 2.0, REMEDY: 1.0}
HOSTILE = "<script>alert(1)</script>\u202eevil\u202c\ud800\0 \x1b[31m"


def hand_in(book, student, text, *, sha256="", lesson=LESSON, slug=SLUG):
    book.finish(lesson, student, sha256 or f"{student:0>64}", Graded(texts={slug: text}))


@pytest.fixture
def where(tmp_path):
    """A gradebook with nine answers to one question and three to another; one student has written nothing."""
    path = str(tmp_path / "grades.sqlite")
    with Gradebook.open(path) as book:
        book.enrol([Enrolled(f"s{i}", f"Name {i}") for i in range(10)])
        book.describe(LESSON, [QuestionInfo(SLUG, "Bitter", 3, "manual", 0, ((POT, 2.0), (REMEDY, 1.0)))])
        book.describe("02_more", [QuestionInfo("more.why", "Why?", 1, "manual", 0, (("says why", 1.0),))])
        for i in range(9):
            hand_in(book, f"s{i}", f"Answer number {i}.")
        hand_in(book, "s9", "  \n")
        for i in range(3):
            hand_in(book, f"s{i}", f"Because {i}.", lesson="02_more", slug="more.why")
    return path


def sit(where, reviewer="anna", **options):
    return GradebookDesk(where, reviewer=reviewer, **options)


def score(where, student, slug=SLUG):
    with Gradebook.open(where, write=False) as book:
        (one,) = [one for one in book.scores(student=student) if one.slug == slug]
    return one.points, one.outcome


def owner(where, paper):
    return sit(where).owners()[paper.id].student


# --- what a reader sees -------------------------------------------------------------------------------------------


def test_answers_come_without_names_in_an_order_that_stays(where):
    desk = sit(where)
    assert [asked.name for asked in desk.questions()] == [BITTER, "02_more/more.why"]
    first, again = desk.papers(BITTER), sit(where, "ben").papers(BITTER)
    assert first == again
    assert len(first) == 9  # an answer that says nothing is not to be read
    assert len({paper.pseudonym for paper in first}) == 9
    students = [owner(where, paper) for paper in first]
    assert set(students) == {f"s{i}" for i in range(9)}
    assert not any(student in repr(paper) for student, paper in zip(students, first, strict=True))


def test_the_order_and_the_pseudonyms_of_one_question_tell_nothing_of_another(tmp_path):
    path = str(tmp_path / "grades.sqlite")
    with Gradebook.open(path) as book:
        for lesson, slug in (("01_a", "a.x"), ("02_b", "b.x")):
            book.describe(lesson, [QuestionInfo(slug, "X", 1, "manual", 0, (("c", 1.0),))])
            for i in range(12):
                hand_in(book, f"s{i:02}", "words", lesson=lesson, slug=slug)
    orders = [[owner(path, paper) for paper in sit(path).papers(name)] for name in ("01_a/a.x", "02_b/b.x")]
    names = [{paper.pseudonym for paper in sit(path).papers(name)} for name in ("01_a/a.x", "02_b/b.x")]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) != orders[0]
    assert not names[0] & names[1]


def test_another_gradebook_gives_other_pseudonyms():
    assert papers.identity(b"1" * 32, "a", "b", "s1") != papers.identity(b"2" * 32, "a", "b", "s1")
    assert papers.identity(b"1" * 32, "a", "b", "c") != papers.identity(b"1" * 32, "a", "bc", "")


@given(st.text(st.characters(), max_size=50))
def test_what_is_shown_can_be_written_down_and_hides_nothing(text):
    shown = papers.shown(text)
    shown.encode("utf-8")
    assert all(character in "\n\t\u200c\u200d" or character.isprintable() or character.isspace() for character in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\0\x1b")
    assert papers.shown(shown) == shown


def test_a_very_long_answer_is_cut_and_says_so():
    shown = papers.shown("a" * 3_000_000)
    assert len(shown) < papers.SHOWN + 100
    assert "3,000,000 characters" in shown


def test_what_was_asked_comes_from_the_course(tea_course: Course, where):
    known = prompts.of_course(tea_course)
    (asked, _more) = sit(where, prompts=known).questions()
    assert asked.prompt.startswith("A guest says that the second cup from the same pot is bitter. Say in two or three")
    assert asked.model.startswith("The leaves stayed in the water")
    assert "\n\nTake the leaves out" in asked.model


# --- marking ------------------------------------------------------------------------------------------------------


def test_marks_count_when_every_criterion_has_its_points(where):
    desk = sit(where)
    paper = desk.papers(BITTER)[0]
    student = owner(where, paper)
    desk.mark(paper.id, {POT: 1.5}, "", digest=paper.digest)
    assert score(where, student) == (None, "to be read")
    desk.mark(paper.id, {POT: 1.5, REMEDY: 0.0}, "Which leaves?", digest=paper.digest)
    assert score(where, student) == (1.5, "partly correct")
    found = desk.papers(BITTER)[0]
    assert (found.points, found.comment, found.reviewer) == ({POT: 1.5, REMEDY: 0.0}, "Which leaves?", "anna")


def test_marks_taken_back_leave_the_answer_unread(where):
    desk = sit(where)
    paper = desk.papers(BITTER)[0]
    desk.mark(paper.id, FULL, "", digest=paper.digest)
    desk.mark(paper.id, {}, "", digest=paper.digest)
    assert desk.papers(BITTER)[0] == paper
    assert score(where, owner(where, paper)) == (None, "to be read")
    sit(where, "ben").mark(paper.id, FULL, "", digest=paper.digest)
    assert score(where, owner(where, paper)) == (3, "correct")


def test_another_readers_marks_are_replaced_only_on_purpose(where):
    paper = sit(where).papers(BITTER)[0]
    sit(where).mark(paper.id, FULL, "", digest=paper.digest)
    ben = sit(where, "ben")
    with pytest.raises(ReviewConflictError):
        ben.mark(paper.id, {POT: 0.0, REMEDY: 0.0}, "", digest=paper.digest)
    assert score(where, owner(where, paper)) == (3, "correct")
    ben.mark(paper.id, {POT: 0.0, REMEDY: 0.0}, "", digest=paper.digest, replace=True)
    assert score(where, owner(where, paper)) == (0, "incorrect")


def test_words_handed_in_meanwhile_are_not_given_the_marks_of_the_old_ones(where):
    desk = sit(where)
    paper = desk.papers(BITTER)[0]
    student = owner(where, paper)
    desk.mark(paper.id, FULL, "", digest=paper.digest)
    with Gradebook.open(where) as book:
        hand_in(book, student, "Something else.", sha256="f" * 64)
    (new,) = [one for one in desk.papers(BITTER) if one.id == paper.id]
    assert (new.text, new.changed, new.points) == ("Something else.", True, {})
    with pytest.raises(ReviewConflictError, match="handed in again"):
        desk.mark(paper.id, FULL, "", digest=paper.digest)
    assert score(where, student) == (None, "to be read")


def test_a_grader_at_work_is_waited_for_by_the_page_and_loses_nothing(where):
    desk = sit(where)
    paper = desk.papers(BITTER)[0]
    client = browser(desk)
    with Gradebook.open(where):
        assert client.get("/api/questions").status_code == 200
        reply = put(client, paper, FULL)
        assert (reply.status_code, "writes in this gradebook" in reply.json()["what"]) == (503, True)
    assert put(client, paper, FULL).status_code == 200


def test_marks_of_several_threads_are_all_kept(where):
    desk = sit(where)
    found = desk.papers(BITTER)
    threads = [
        threading.Thread(target=desk.mark, args=(paper.id, FULL, "seen"), kwargs={"digest": paper.digest}) for paper in found
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [paper.points for paper in desk.papers(BITTER)] == [FULL] * len(found)


def test_an_answer_that_is_gone_is_not_named(where):
    desk = sit(where)
    paper = desk.papers(BITTER)[0]
    student = owner(where, paper)
    desk.mark(paper.id, {}, "", digest=paper.digest)
    with Gradebook.open(where) as book:
        book.finish(LESSON, student, "d" * 64, Graded())
    reply = put(browser(desk), paper, FULL)
    assert reply.status_code == 404
    assert student not in reply.text


# --- the page -----------------------------------------------------------------------------------------------------


class Client:
    """Sends one request after the other to an application, without a socket."""

    def __init__(self, app, headers):
        self._app = app
        self._headers = headers

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def put(self, path, **options):
        return self.request("PUT", path, **options)

    def request(self, method, path, **options):
        async def send():
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            address = f"http://{HOST}"
            async with httpx.AsyncClient(transport=transport, base_url=address, headers=self._headers) as client:
                return await client.request(method, path, **options)

        return looped.run(send())


def browser(desk, headers=None):
    app = application(desk, token=TOKEN, hosts=(HOST,))
    return Client(app, {"Authorization": f"Bearer {TOKEN}"} if headers is None else headers)


def put(client, paper, points, comment="", **more):
    body = {"points": points, "comment": comment, "digest": paper.digest, **more}
    return client.put(f"/api/papers/{paper.id}", json=body)


def test_the_page_opens_with_the_token_alone(where):
    client = browser(sit(where), headers={})
    assert client.get("/").status_code == client.get("/?token=").status_code == client.get("/?token=x").status_code == 401
    assert client.get("/?token=%ff%00").status_code == 401
    page = client.get(f"/?token={TOKEN}")
    assert page.status_code == 200
    assert TOKEN not in page.text
    assert client.get("/review.js").status_code == client.get("/review.css").status_code == 200


@pytest.mark.parametrize("path", ["/api/questions", f"/api/papers?question={BITTER}", f"/api/questions?token={TOKEN}"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": TOKEN}, {"Cookie": TOKEN}])
def test_data_is_given_to_the_bearer_of_the_token_alone(where, path, headers):
    reply = browser(sit(where), headers=headers).get(path)
    assert reply.status_code == 401
    assert "Answer number" not in reply.text


@pytest.mark.parametrize("host", ["evil.example", "localhost", "127.0.0.1", f"{HOST}.evil.example", ""])
def test_another_name_for_this_machine_gets_nothing(where, host):
    client = browser(sit(where))
    assert client.get("/api/questions", headers={"Host": host}).status_code == 421


def test_another_page_may_not_ask(where):
    desk = sit(where)
    client = browser(desk)
    reply = client.get("/api/questions", headers={"Origin": "http://evil.example"})
    assert reply.status_code == 403
    assert "access-control-allow-origin" not in reply.headers
    assert client.get("/api/questions", headers={"Origin": f"http://{HOST}"}).status_code == 200
    assert client.request("OPTIONS", "/api/questions", headers={"Origin": "http://evil.example"}).status_code == 403


@pytest.mark.parametrize("path", [f"/?token={TOKEN}", "/review.js", "/api/questions", "/nothing", "/?token=x"])
def test_every_reply_forbids_foreign_script_and_is_not_kept(where, path):
    headers = browser(sit(where)).get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


def test_a_hostile_answer_crosses_as_text(where):
    with Gradebook.open(where) as book:
        hand_in(book, "s0", HOSTILE, sha256="e" * 64)
    reply = browser(sit(where)).get("/api/papers", params={"question": BITTER})
    assert reply.headers["content-type"] == "application/json"
    (text,) = [paper["text"] for paper in reply.json() if "script" in paper["text"]]
    assert text == "<script>alert(1)</script>⟨202E⟩evil⟨202C⟩⟨D800⟩⟨0000⟩ ⟨001B⟩[31m"
    assert "s0" not in reply.text


@pytest.mark.parametrize(
    ("points", "more"),
    [
        ({POT: 5.0}, {}),
        ({POT: -1.0}, {}),
        ({"kindness": 1.0}, {}),
        ({POT: "2"}, {}),
        ({POT: True}, {}),
        ([], {}),
        (FULL, {"comment": "a" * 10_001}),
        (FULL, {"replace": "yes"}),
        (FULL, {"reviewer": "somebody else"}),
    ],
)
def test_marks_that_cannot_be_given_are_refused_and_not_saved(where, points, more):
    desk = sit(where)
    paper = desk.papers(BITTER)[0]
    reply = browser(desk).put(
        f"/api/papers/{paper.id}", json={"points": points, "comment": "", "digest": paper.digest, **more}
    )
    assert reply.status_code == 422
    assert reply.json()["what"]
    assert desk.papers(BITTER)[0] == paper


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_points_that_are_no_number_are_refused(where, number):
    desk = sit(where)
    paper = desk.papers(BITTER)[0]
    body = f'{{"points": {{"{POT}": {number}}}, "comment": "", "digest": "{paper.digest}"}}'
    assert browser(desk).put(f"/api/papers/{paper.id}", content=body).status_code == 422
    assert desk.papers(BITTER)[0] == paper


def test_a_conflict_is_told_apart_from_a_wrong_request(where):
    paper = sit(where).papers(BITTER)[0]
    sit(where).mark(paper.id, FULL, "", digest=paper.digest)
    client = browser(sit(where, "ben"))
    conflict = put(client, paper, FULL)
    assert conflict.status_code == 409
    assert owner(where, paper) not in conflict.text  # it does not say whose answer it is
    assert put(client, paper, FULL, replace=True).json() == {"reviewer": "ben"}
    assert client.put("/api/papers/nobody", json={"points": {}, "comment": "", "digest": ""}).status_code == 404
    assert client.get("/api/papers", params={"question": "x"}).status_code == 404


def test_a_request_that_is_too_large_or_of_unknown_length_is_refused(where):
    client = browser(sit(where))
    assert client.put("/api/papers/x", content=b" " * (BODY + 1)).status_code == 413
    assert client.put("/api/papers/x", content=_in_pieces()).status_code == 411


async def _in_pieces():
    yield b"{}"


# --- sharing ------------------------------------------------------------------------------------------------------


def read_all(path, points=None, comment=""):
    """Mark all of a share, as its reader would."""
    with FileDesk(path) as desk:
        for asked in desk.questions():
            for paper in desk.papers(asked.name):
                marks = dict(asked.criteria) if points is None else dict.fromkeys(dict(asked.criteria), points)
                desk.mark(paper.id, marks, comment, digest=paper.digest)


def test_every_answer_goes_to_one_reader_in_proportion(where, tmp_path):
    paths = assign(sit(where), {"anna": 2, "ben": 1}, tmp_path / "out")
    shares = [Share.load(path) for path in paths]
    ids = [paper.id for share in shares for paper in share.papers]
    assert len(ids) == len(set(ids)) == 12
    assert [len(share.papers) for share in shares] == [8, 4]
    assert [sum(paper.question == BITTER for paper in share.papers) for share in shares] == [6, 3]
    assert [share.reviewer for share in shares] == ["anna", "ben"]


@given(st.integers(0, 200), st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 9), min_size=1), st.integers(0, 200))
def test_every_stretch_of_answers_is_shared_out_in_proportion(count, shares, start):
    blank = papers.Paper("", "q", "", "", "", {})
    answers = [replace(blank, id=str(number)) for number in range(count)]
    given_out = dealt(answers, shares)
    assert sorted(paper.id for own in given_out.values() for paper in own) == sorted(paper.id for paper in answers)
    stretch = range(min(start, count), count)  # one question's answers, say
    for name, parts in shares.items():
        own = sum(int(paper.id) in stretch for paper in given_out[name])
        assert abs(own - len(stretch) * parts / sum(shares.values())) <= len(shares)


def test_a_share_names_nobody_and_is_private(where, tmp_path):
    with Gradebook.open(where) as book:
        hand_in(book, "s0", HOSTILE, sha256="e" * 64)
    (path,) = assign(sit(where), {"anna": 1}, tmp_path / "out")
    text = path.read_text(encoding="utf-8")
    assert not any(f"s{i}" in text or f"Name {i}" in text for i in range(10))
    assert "\u202e" not in text
    assert path.stat().st_mode & 0o077 == 0


def test_shares_come_back_without_conflict_and_twice_changes_nothing(where, tmp_path):
    paths = assign(sit(where), {"anna": 1, "ben": 1}, tmp_path / "out")
    for path in paths:
        read_all(path, comment=f"read by {path.stem}")
    report = merge(where, paths)
    assert (report.merged, report.unchanged, report.unread, report.ok) == (12, 0, 0, True)
    assert score(where, "s4") == (3, "correct")
    again = merge(where, paths)
    assert (again.merged, again.unchanged, again.ok) == (0, 12, True)
    with Gradebook.open(where) as book:
        assert {review.reviewer for review in book.reviews()} == {"anna", "ben"}


def test_a_share_is_merged_as_far_as_it_is_read_and_again_later(where, tmp_path):
    (path,) = assign(sit(where), {"anna": 1}, tmp_path / "out")
    with FileDesk(path) as desk:
        one, other = desk.papers(BITTER)[:2]
        desk.mark(one.id, FULL, "", digest=one.digest)
        desk.mark(other.id, {POT: 1.0}, "half way", digest=other.digest)
    report = merge(where, [path])
    assert (report.merged, report.unread) == (1, 11)
    assert score(where, owner(where, other)) == (None, "to be read")
    read_all(path)
    assert merge(where, [path]).merged == 11


def test_what_is_read_is_not_shared_again(where, tmp_path):
    desk = sit(where)
    paper = desk.papers(BITTER)[0]
    desk.mark(paper.id, FULL, "", digest=paper.digest)
    (path,) = assign(desk, {"ben": 1}, tmp_path / "out")
    assert paper.id not in {one.id for one in Share.load(path).papers}


def test_an_answer_read_twice_is_reported_and_the_first_stands(where, tmp_path):
    (anna,) = assign(sit(where), {"anna": 1}, tmp_path / "a")
    (ben,) = assign(sit(where), {"ben": 1}, tmp_path / "b")
    read_all(anna)
    read_all(ben, points=0.0)
    report = merge(where, [anna, ben])
    assert (report.merged, len(report.conflicts), report.ok) == (12, 12, False)
    assert "was read by anna too" in report.conflicts[0]
    assert score(where, "s4") == (3, "correct")
    assert merge(where, [ben], replace=True).merged == 12
    assert score(where, "s4") == (0, "incorrect")


def test_words_that_have_changed_since_the_share_was_made_are_reported(where, tmp_path):
    (path,) = assign(sit(where), {"anna": 1}, tmp_path / "out")
    read_all(path)
    with Gradebook.open(where) as book:
        hand_in(book, "s4", "I have thought again.", sha256="f" * 64)
    report = merge(where, [path])
    assert (report.merged, len(report.conflicts)) == (11, 1)
    assert "other words" in report.conflicts[0]
    assert score(where, "s4") == (None, "to be read")


def test_a_share_of_another_gradebook_is_not_taken(where, tmp_path):
    (path,) = assign(sit(where), {"anna": 1}, tmp_path / "out")
    read_all(path)
    other = str(tmp_path / "other.sqlite")
    with Gradebook.open(other) as book:
        book.describe(LESSON, [QuestionInfo(SLUG, "Bitter", 3, "manual", 0, ((POT, 2.0), (REMEDY, 1.0)))])
        hand_in(book, "s4", "Answer number 4.")
    report = merge(other, [path])
    assert (report.merged, len(report.problems)) == (0, 12)


@pytest.mark.parametrize("change", [{"points": {POT: 50, REMEDY: 1, "says why": 1}}, {"comment": "a" * 10_001}])
def test_marks_that_a_hand_has_raised_in_the_file_are_refused(where, tmp_path, change):
    (path,) = assign(sit(where), {"anna": 1}, tmp_path / "out")
    read_all(path)
    table = json.loads(path.read_bytes())
    for paper in table["papers"]:
        paper.update(change)
    path.write_text(json.dumps(table))
    report = merge(where, [path])
    assert (report.merged, len(report.problems)) == (0, 12)


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.update(format=2),
        lambda table: table.pop("papers"),
        lambda table: table["papers"][0].update(points={POT: True}),
        lambda table: table["papers"][0].update(points={POT: float("nan")}),
        lambda table: table["papers"][0].update(comment=None),
        lambda table: table["papers"][0].update(question="x/y"),
        lambda table: table["papers"][0].update(more=1),
        lambda table: table.update(reviewer="../up"),
        lambda table: table.update(questions={}),
    ],
)
def test_a_damaged_share_is_refused_before_anything_is_written(where, tmp_path, change):
    good, bad = assign(sit(where), {"anna": 1, "ben": 1}, tmp_path / "out")
    read_all(good)
    table = json.loads(bad.read_bytes())
    change(table)
    bad.write_text(json.dumps(table))
    with pytest.raises(GradingError, match="not a share of answers"):
        merge(where, [good, bad])
    with Gradebook.open(where, write=False) as book:
        assert book.reviews() == []


@pytest.mark.parametrize("content", [b"", b"[]", b"[" * 100_000, b"\xff", b"null"])
def test_what_is_no_share_at_all_is_refused(tmp_path, content):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(GradingError, match="not a share of answers"):
        FileDesk(path)


@pytest.mark.parametrize("shares", [{"../up": 1}, {"anna": 0}, {"a b": 1}, {"": 1}])
def test_a_split_that_cannot_be_is_refused(where, tmp_path, shares):
    with pytest.raises(GradingError):
        assign(sit(where), shares, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_share_is_never_written_over(where, tmp_path):
    (path,) = assign(sit(where), {"anna": 1}, tmp_path)
    before = path.read_bytes()
    with pytest.raises(GradingError, match="there already"):
        assign(sit(where), {"ben": 1, "anna": 1}, tmp_path)
    assert path.read_bytes() == before
    assert not (tmp_path / "review-ben.json").exists()


def test_a_share_is_open_in_one_place_at_a_time(where, tmp_path):
    (path,) = assign(sit(where), {"anna": 1}, tmp_path)
    with FileDesk(path), pytest.raises(GradingError, match="open in another review"):
        FileDesk(path)
    with FileDesk(path) as desk:
        assert len(desk.papers(BITTER)) == 9


def test_marks_in_a_share_survive_and_are_verified(where, tmp_path):
    (path,) = assign(sit(where), {"anna": 1}, tmp_path)
    with FileDesk(path) as desk:
        paper = desk.papers(BITTER)[0]
        client = browser(desk)
        assert put(client, paper, {POT: 9.0}).status_code == 422
        assert put(client, paper, FULL, "fine").status_code == 200
    with FileDesk(path) as desk:
        found = desk.papers(BITTER)[0]
    assert (found.points, found.comment, found.reviewer) == (FULL, "fine", "anna")


def test_a_full_disk_leaves_the_share_as_it_was(where, tmp_path, monkeypatch):
    (path,) = assign(sit(where), {"anna": 1}, tmp_path)
    with FileDesk(path) as desk:
        paper = desk.papers(BITTER)[0]
        before = path.read_bytes()
        monkeypatch.setattr(os, "fsync", _no_room)
        assert put(browser(desk), paper, FULL).status_code == 503
        assert path.read_bytes() == before
        monkeypatch.undo()
        assert put(browser(desk), paper, FULL).status_code == 200


def _no_room(_descriptor):
    raise OSError(28, "No space left on device")


# --- the command --------------------------------------------------------------------------------------------------


def run(*arguments):
    return CliRunner().invoke(command_line(), ["review", *map(str, arguments)])


def test_the_command_shares_and_merges(where, tmp_path, tea_course, monkeypatch):
    monkeypatch.chdir(tea_course.root)
    out = tmp_path / "out"
    done = run("--gradebook", where, "--assign", "anna=1", "--assign", "ben=2", "--out", out)
    assert done.exit_code == 0, done.output
    assert "review-anna.json: 4 answers" in done.output.replace("\n", "")
    read_all(out / "review-ben.json")
    done = run("--gradebook", where, "--merge", out / "review-ben.json", "--merge", out / "review-anna.json")
    assert (done.exit_code, done.output.splitlines()[0]) == (0, "8 answers merged, 0 there already, 4 not read to the end")
    assert Share.load(out / "review-anna.json").questions[0].model


def test_the_command_exits_with_1_where_a_person_has_to_decide(where, tmp_path):
    (anna,) = assign(sit(where), {"anna": 1}, tmp_path / "a")
    (ben,) = assign(sit(where), {"ben": 1}, tmp_path / "b")
    read_all(anna)
    read_all(ben)
    assert run("--gradebook", where, "--merge", anna, "--merge", ben).exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [[], ["share.json", "--gradebook", "x"], ["share.json", "--assign", "a=1"], ["--assign", "a=1"]],
)
def test_a_request_that_makes_no_sense_is_refused(arguments):
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize("text", ["anna", "anna=", "anna=x", "anna=-1"])
def test_a_split_is_written_as_name_and_parts(where, text):
    assert run("--gradebook", where, "--assign", text).exit_code == 2


def test_a_gradebook_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(GradingError, match="no gradebook"):
        sit(str(tmp_path / "nothing.sqlite"))
    assert not (tmp_path / "nothing.sqlite").exists()


# --- from the notebook to the score -------------------------------------------------------------------------------


def test_words_of_a_graded_class_are_read_and_count(school):
    school.hand_in("s001", LESSON)
    school.hand_in("s002", LESSON, school.released.answered("s002", LESSON, {}))
    school.grade()
    where = str(school.file)
    desk = sit(where, prompts=prompts.of_course(school.released.course))
    (asked,) = desk.questions()
    assert asked.model
    (paper,) = desk.papers(asked.name)  # the untouched notebook of the other student says nothing
    assert paper.text == "The leaves were left in the pot.\n\nTake them out when the minutes are over."
    assert school.points()["s001"]["steeping.bitter"] is None
    desk.mark(paper.id, dict(asked.criteria), "", digest=paper.digest)
    assert school.points()["s001"]["steeping.bitter"] == 3
    assert school.points()["s002"]["steeping.bitter"] == 0
    school.grade()  # once more, with nothing new: a person's marks stay
    assert school.points()["s001"]["steeping.bitter"] == 3
