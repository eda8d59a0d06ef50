"""Masters are read as jupytext reads them, and what is no master is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.course import Course
from workbench.errors import MasterError
from workbench.percent import cells_of

TEA = Course.find(Path(__file__).parent / "fixtures" / "tea_course")
MASTERS = [
    path
    for course in (TEA, Course.find(Path(__file__).parents[2]))
    for folder in (course.lessons, course.exercises)
    for path in sorted(folder.glob("*.py"))
]


def read_by_jupytext(text: str):
    import jupytext

    cells = jupytext.reads(text, fmt="py:percent")["cells"]
    tags = [cell["metadata"].get("tags") for cell in cells]
    return [
        {"cell_type": cell["cell_type"], "source": cell["source"], "metadata": {"tags": tag} if tag else {}}
        for cell, tag in zip(cells, tags, strict=True)
    ]


@pytest.mark.parametrize("path", MASTERS, ids=[path.stem for path in MASTERS])
def test_every_master_is_read_as_jupytext_reads_it(path):
    text = path.read_text(encoding="utf-8")
    assert cells_of(text, where=path.name) == read_by_jupytext(text)


code = st.lists(st.sampled_from(["x = 1", "", "    y = 2", "# why", "s = '''a'''"]), max_size=6).filter(any)
prose = st.lists(st.sampled_from(["# A line.", "#", "# ## Heading", "#    code", "# - item"]), max_size=6).filter(any)
cell = st.one_of(
    st.builds(
        lambda tags, body: [f"# %%{tags}", *body, ""], st.sampled_from(["", ' tags=["a"]', ' tags=["a", "b:c.d"]']), code
    ),
    st.builds(lambda body: ["# %% [markdown]", *body, ""], prose),
)


@given(st.lists(cell, min_size=1, max_size=6))
def test_any_text_of_the_supported_form_is_read_as_jupytext_reads_it(cells):
    """But for blank lines at a cell's end, some of which jupytext keeps."""
    text = "\n".join(line for lines in cells for line in lines)
    ours, theirs = cells_of(text, where="a.py"), read_by_jupytext(text)
    assert [c | {"source": c["source"].rstrip("\n")} for c in ours] == [
        c | {"source": c["source"].rstrip("\n")} for c in theirs
    ]


def test_a_comment_that_looks_like_a_magic_stays_a_comment():
    assert cells_of("# %%\n# %time f()\n", where="a.py")[0]["source"] == "# %time f()"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("x = 1\n# %%\n", 1, "before the first cell"),
        ("# %%\n# %% Title\n", 2, "does not open a cell"),
        ("# %% [raw]\n", 1, "does not open a cell"),
        ("# %% tags=[1]\n", 1, "not a list of texts"),
        ("# %% tags=[a]\n", 1, "not a list of texts"),
        ("# %% [markdown]\n# A\nx = 1\n", 3, "not a comment"),
    ],
)
def test_what_masters_do_not_use_is_refused_with_its_line(text, line, words):
    with pytest.raises(MasterError, match=words) as caught:
        cells_of(text, where="lessons/a.py")
    assert caught.value.where == f"lessons/a.py: line {line}"
