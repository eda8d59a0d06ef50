"""The course as pages: every link leads somewhere, nothing is loaded from elsewhere, and everything can be found."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.course import Course
from workbench.errors import CourseError
from workbench.site import broken, build
from workbench.site.notebook import render


@pytest.fixture
def site(built_tea, tmp_path):
    return build(built_tea, tmp_path / "site")


def index(site) -> list[dict[str, str]]:
    text = (site.folder / "assets" / "index.js").read_text(encoding="utf-8")
    return json.loads(text.partition("=")[2].strip().rstrip(";"))


def test_every_lesson_and_exercise_has_a_page_and_every_link_holds(site):
    pages = {path.relative_to(site.folder).as_posix() for path in site.folder.rglob("*.html")}
    assert {"index.html", "lessons/00_water.html", "exercises/00_water.html"} <= pages
    assert site.broken == ()
    assert site.pages == len(pages)


def test_a_lesson_links_back_and_on_and_says_how_long_it_takes(site):
    page = (site.folder / "lessons" / "00_water.html").read_text(encoding="utf-8")
    assert 'rel="prev" href="../index.html"' in page
    assert 'rel="next" href="../exercises/00_water.html"' in page
    assert " minutes" in page


def test_an_exercise_stands_there_without_its_solution(site, built_tea):
    page = (site.folder / "exercises" / "00_water.html").read_text(encoding="utf-8")
    assert "fahrenheit" in page
    assert "* 9 / 5 + 32" not in page
    assert not any("solution" in path.name for path in site.folder.rglob("*"))


def test_what_stands_on_a_page_can_be_found(site):
    found = index(site)
    assert {row["u"].partition("#")[0] for row in found} >= {"lessons/00_water.html", "exercises/00_water.html"}
    for row in found:
        assert (site.folder / row["u"].partition("#")[0]).is_file()


def test_a_site_is_made_anew_and_another_folder_is_left_alone(built_tea, tmp_path):
    first = build(built_tea, tmp_path / "site")
    (first.folder / "stray.txt").write_text("x")
    assert not (build(built_tea, tmp_path / "site").folder / "stray.txt").exists()
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("x")
    with pytest.raises(CourseError, match="holds something that is no site"):
        build(built_tea, mine)
    assert (mine / "thesis.txt").read_text() == "x"


def test_two_builds_have_the_same_bytes(built_tea, tmp_path):
    one, other = (build(built_tea, tmp_path / name).folder for name in ("one", "other"))
    names = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert all((one / name).read_bytes() == (other / name).read_bytes() for name in names)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_site_that_cannot_be_put_in_place_leaves_the_one_before(built_tea, tmp_path, monkeypatch):
    before = files_of(build(built_tea, tmp_path / "site").folder)
    rename = Path.rename

    def refused(self: Path, target: Path) -> Path:
        if target == tmp_path / "site" and self.name == "site":
            raise OSError("read-only")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(CourseError, match="the site cannot be written: read-only"):
        build(built_tea, tmp_path / "site")
    assert files_of(tmp_path / "site") == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_link_to_a_folder_stays_and_the_folder_is_made_anew(built_tea, tmp_path):
    (tmp_path / "real").mkdir()
    link = tmp_path / "link"
    link.symlink_to("real")
    for _ in range(2):
        assert build(built_tea, link).folder == tmp_path / "real"
    assert link.is_symlink()
    assert (link / "index.html").is_file()


def test_a_place_where_nothing_can_be_written_is_said(built_tea, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(CourseError, match="the site cannot be written") as raised:
        build(built_tea, tmp_path / "file" / "site")
    assert str(tmp_path / "file" / "site") in str(raised.value)


def test_pages_say_of_a_course_what_it_says_of_itself(built_tea, tmp_path):
    def front(name: str) -> str:
        return (build(Course.find(built_tea.root), tmp_path / name).folder / "index.html").read_text(encoding="utf-8")

    first = front("one")
    assert "CC BY" not in first
    assert "placeholder" not in first
    assert "Lessons with an exercise: 2." in first
    settings = built_tea.root / "pyproject.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("[tool.workbench]\n", '[tool.workbench]\nlicence = "Tea is free."\n'), encoding="utf-8")
    (built_tea.notebooks / "02_table.ipynb").unlink()
    second = front("two")
    assert "<p>Tea is free. These pages" in second
    assert "Every lesson has an exercise." in second


def rendered(folder: Path, *cells: dict[str, object]) -> str:
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), folder / "a.ipynb")
    return render(folder / "a.ipynb", target=str).html


def markdown(folder: Path, text: str) -> str:
    return rendered(folder, nbformat.v4.new_markdown_cell(text))


@pytest.mark.parametrize(
    ("text", "part", "count"),
    [
        (r"$$\frac{a}{b}$$", "<mfrac>", 1),
        ("where\n$$n = \\frac{a}\n{b} < 2$$\nis $p$.", "<mfrac>", 2),
        ("- so $$x^2$$ at once", "<msup>", 1),
        ("## On $p_1$ and $p_2$", "<msub>", 2),
        (r"\begin{align} a &= b \\ c &= d \end{align}", "<mtable", 1),
        (r"\\(x^2\\)", "<msup>", 1),
    ],
)
def test_formulas_are_mathml(tmp_path, text, part, count):
    html = markdown(tmp_path, text)
    assert part in html
    assert html.count("</math>") == count
    assert "$" not in html
    page(tmp_path / "site", "a.html", html)
    assert broken(tmp_path / "site") == []


def test_a_formula_with_lines_of_its_own_can_be_reached_by_keyboard(tmp_path):
    html = markdown(tmp_path, "$$a$$ and $b$")
    assert html.count('<span class="scroll" tabindex="0" role="region" aria-label="Formula 1"><math') == 1
    assert "Formula 2" not in html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It costs $5 in all.", "costs $5 in all"),
        (r"\$5 now, \$6 later", "$5 now, $6 later"),
        ("$5 for `echo $HOME`, or `$5`", "$5 for <code>echo $HOME</code>"),
        ("$5 here\n\nand $6 there", "$5 here"),
        ("| a | b |\n|---|---|\n| $5 | $6 |", "$6"),
        ("its process is `$$`, its own `$$`", "<code>$$</code>, its own"),
        ("`$$x$$`", "<code>$$x$$</code>"),
        ("```sh\nkill $$; echo $$\n```", "$$"),
        (r"`\begin{align}` to `\end{align}`", r"<code>\begin{align}</code>"),
    ],
)
def test_money_and_code_are_no_formulas(tmp_path, text, shown):
    html = markdown(tmp_path, text)
    assert shown in html
    assert "<math" not in html


def test_what_a_code_cell_holds_and_prints_is_no_formula(tmp_path):
    cell = nbformat.v4.new_code_cell("print('$$x$$')", outputs=[nbformat.v4.new_output("stream", text="$$x$$ $y$")])
    html = rendered(tmp_path, cell)
    assert html.count("$$x$$") == 2
    page(tmp_path / "site", "a.html", html)
    assert broken(tmp_path / "site") == []


@pytest.mark.parametrize(
    "formula",
    [r"\nope x", r"\frac{a}", r"\frac", "{a", "a}", r"\left( a", "x^", "a & b", r"\begin{nope}x\end{nope}", r"\text{a\b}"],
)
def test_a_formula_that_cannot_be_shown_is_named_with_its_notebook(tmp_path, formula):
    with pytest.raises(CourseError, match="a formula cannot be shown") as raised:
        markdown(tmp_path, f"so $${formula}$$")
    assert formula in raised.value.what
    assert raised.value.where == str(tmp_path / "a.ipynb")


def test_each_picture_has_its_own_text_or_says_where_it_stands(tmp_path):
    def picture(kind: str, **metadata: object) -> object:
        return nbformat.v4.new_output("display_data", data={kind: "AAAA"}, metadata=metadata)

    kinds = [
        picture("image/png"),
        picture("image/png", alt="above all"),
        picture("image/png", **{"image/png": {"alt": "its own"}}),
        picture("image/jpeg"),
        picture("image/png", **{"image/png": {"width": 9}}),
    ]
    html = rendered(tmp_path, nbformat.v4.new_markdown_cell('## A & "B"'), nbformat.v4.new_code_cell("", outputs=kinds))
    texts = [picture["alt"] for picture in BeautifulSoup(html, "html.parser").select("img")]
    assert texts == ['Figure 1: A & "B"', "above all", "its own", 'Figure 4: A & "B"', 'Figure 5: A & "B"']


def page(folder: Path, name: str, body: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"<!doctype html><title>t</title><body>{body}</body>", encoding="utf-8")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('<a href="gone.html">x</a>', "no such file"),
        ('<a href="b.html#nowhere">x</a>', "no such place"),
        ('<a href="#nowhere">x</a>', "no such place"),
        ('<a href="../../secret.html">x</a>', "leads out"),
        ('<img src="https://example.org/a.png" alt="">', "loaded from elsewhere"),
        ('<script src="//example.org/a.js"></script>', "loaded from elsewhere"),
        ('<img src="gone.png" alt="">', "no such file"),
        ('<p id="a">x</p><p id="a">y</p>', "two elements"),
        ("<p>so $$x$$</p>", "shown as LaTeX"),
        ("<pre>x</pre><p>$$x$$", "shown as LaTeX"),
    ],
)
def test_a_link_that_does_not_hold_is_named(tmp_path, body, why):
    page(tmp_path, "a.html", body)
    page(tmp_path, "b.html", '<p id="here">x</p>')
    (found,) = broken(tmp_path)
    assert found.page == "a.html"
    assert why in found.why


def test_links_that_hold_are_not_named(tmp_path):
    page(
        tmp_path,
        "a/a.html",
        '<a href="../b.html#h%C3%A9re">x</a><a href="https://example.org">y</a><a href="mailto:a@b">z</a>',
    )
    page(tmp_path, "b.html", '<p id="hére">x</p><img alt="" src="data:image/png;base64,AA=="><a href="a/a.html">x</a>')
    assert broken(tmp_path) == []


@settings(max_examples=30, deadline=None)
@given(links=st.lists(st.text("ab/.#", max_size=8), max_size=5))
def test_whatever_a_link_says_it_is_judged_and_nothing_outside_is_read(links, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    page(folder, "a.html", "".join(f'<a href="{link}">x</a>' for link in links))
    assert {one.link for one in broken(folder)} <= set(links)
