"""A master becomes the same notebook every time, and its cells keep their names."""

from __future__ import annotations

import re

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import master
from workbench.course import Course
from workbench.errors import MasterError


@pytest.fixture
def write(tea_course: Course):
    def write(text: str, name: str = "05_cake.py"):
        path = tea_course.lessons / name
        path.write_text(text, encoding="utf-8")
        return master.read(path, tea_course)

    return write


def ids(nb):
    return [cell["id"] for cell in nb["cells"]]


def test_two_readings_are_equal_to_the_byte(tea_course: Course):
    first, second = (nbformat.writes(master.read(tea_course.lessons / "00_water.py", tea_course)) for _ in range(2))
    assert first == second
    nbformat.validate(nbformat.reads(first, as_version=4))


def test_reading_again_does_not_see_what_was_done_to_the_first(tea_course: Course):
    path = tea_course.lessons / "00_water.py"
    first = master.read(path, tea_course)
    first["cells"][1]["source"] = "changed"
    first["cells"][1]["metadata"]["tags"].append("changed")
    assert "changed" not in nbformat.writes(master.read(path, tea_course))


def test_the_first_cell_says_from_which_master(tea_course: Course):
    source = master.read(tea_course.lessons / "01_steeping.py", tea_course)["cells"][0]["source"]
    assert source.startswith("<!-- Built from course/lessons/01_steeping.py")
    assert "\n# 01 · Steeping\n" in source


def test_a_master_that_opens_with_code_gets_a_first_cell(write):
    nb = write("# %%\nx = 1\n")
    assert [cell["cell_type"] for cell in nb["cells"]] == ["markdown", "code"]


def test_a_cell_is_named_by_lesson_section_and_place(write):
    nb = write("# %% [markdown]\n# # 05 · Cake\n\n# %%\na = 1\n\n# %% [markdown]\n# ## PSI\n\n# %%\nb = 1\n\n# %%\nc = 1\n")
    assert ids(nb) == ["05-cake-01", "05-cake-02", "05-psi-01", "05-psi-02", "05-psi-03"]


def test_a_new_cell_renames_only_those_after_it_in_its_section(write):
    text = "# %% [markdown]\n# # A\n\n# %%\na = 1\n\n# %% [markdown]\n# # B\n\n# %%\nb = 1\n"
    longer = text.replace("# %%\na = 1\n", "# %%\na = 1\n\n# %%\na = 2\n")
    assert set(ids(write(text))) < set(ids(write(longer)))


def test_sections_of_one_name_share_a_count(write):
    nb = write("# %% [markdown]\n# # A\n\n# %%\nx = 1\n\n# %% [markdown]\n# # A\n\n# %%\nx = 2\n")
    assert ids(nb) == ["05-a-01", "05-a-02", "05-a-03", "05-a-04"]


def test_a_text_that_ends_in_a_heading_belongs_to_the_section_before(write):
    nb = write("# %% [markdown]\n# # A\n\n# %% [markdown]\n# So much for A.\n#\n# ## B\n\n# %%\nx = 1\n")
    assert ids(nb) == ["05-a-01", "05-a-02", "05-b-01"]


def test_numbers_and_points_are_no_part_of_a_sections_name():
    assert (
        master.slug_of("Question 2 · The price (2 points)")
        == master.slug_of("Question 3 · The price (1 point)")
        == "the-price"
    )


@given(st.text())
def test_any_heading_gives_a_valid_identifier(heading):
    slug = master.slug_of(heading)
    assert re.fullmatch(r"[a-z0-9-]+", slug)
    assert len(f"12-{slug}-100") <= 64


def test_metadata_is_the_kernels_name_and_tags(tea_course: Course):
    nb = master.read(tea_course.lessons / "00_water.py", tea_course)
    assert set(nb["metadata"]) == {"kernelspec", "language_info"}
    assert "version" not in nb["metadata"]["language_info"]
    assert [dict(cell["metadata"]) for cell in nb["cells"] if cell["metadata"]] == [{"tags": ["parameters"]}]


def test_parameters_are_read_from_their_cell(tea_course: Course):
    nb = master.read(tea_course.lessons / "00_water.py", tea_course)
    assert [parameter.name for parameter in master.parameters_of(nb)] == ["leaf", "room"]


def test_two_parameters_cells_are_an_error(write):
    cell = '# %% tags=["parameters"]\nx: int = 1  # help\n\n'
    with pytest.raises(MasterError, match="2 cells"):
        master.parameters_of(write(cell + cell), where="05_cake.py")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "no such master"),
        (b"# %%\n\xff", "not UTF-8 at byte 5"),
        (b"", "no cells"),
        (b"# %%\n### END SOLUTION", "without"),
    ],
)
def test_an_unusable_master_is_named(tea_course: Course, data, words):
    path = tea_course.lessons / "07_cup.py"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(MasterError, match=words) as caught:
        master.read(path, tea_course)
    assert caught.value.where.startswith("course/lessons/07_cup.py")
