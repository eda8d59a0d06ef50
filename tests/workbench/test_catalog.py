"""The catalogue: order, ancestors, and faults named by their path."""

import pytest

from workbench.catalog import Catalog
from workbench.errors import CourseError

STAGES = 'stages = [{ slug = "tea", title = "Tea" }]\n'
LEAVES = '[[lessons]]\nslug = "00_leaves"\ntitle = "Leaves"\nstage = "tea"\noutputs = ["00/leaf.json"]\n'
POUR = '[[lessons]]\nslug = "01_pour"\ntitle = "Pour"\nstage = "tea"\ninputs = ["00/leaf.json"]\noutputs = ["01/cup.json"]\n'
WASH = '[[lessons]]\nslug = "02_wash"\ntitle = "Wash"\nstage = "tea"\n'


@pytest.fixture
def load(tmp_path):
    def load(text: str) -> Catalog:
        (tmp_path / "catalog.toml").write_text(text)
        return Catalog.load(tmp_path / "catalog.toml")

    return load


def test_a_lesson_comes_after_those_whose_artefacts_it_reads(load):
    assert [lesson.slug for lesson in load(STAGES + WASH + POUR + LEAVES).lessons] == ["00_leaves", "01_pour", "02_wash"]


def test_a_lesson_waits_for_one_with_a_higher_number_when_it_must(load):
    early = POUR.replace("01", "03").replace("00/leaf", "05/leaf")
    late = LEAVES.replace("00", "05")
    assert [lesson.slug for lesson in load(STAGES + early + late + WASH).lessons] == ["02_wash", "05_leaves", "03_pour"]


def test_a_lesson_brings_its_ancestors(load):
    assert [lesson.slug for lesson in load(STAGES + LEAVES + POUR + WASH).with_ancestors(["01"])] == ["00_leaves", "01_pour"]


def test_a_data_set_may_depend_on_a_parameter(load):
    lesson = load(STAGES + LEAVES + 'data = ["{kind}", "water"]\n')["00"]
    assert lesson.data_sets({"kind": "oolong"}) == ("oolong", "water")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (POUR, r"lessons\[0\]\.inputs\[0\]: no lesson writes `00/leaf.json`"),
        (LEAVES + 'colour = "green"', r"lessons\[0\]\.colour: unknown key"),
        (LEAVES.replace('"tea"', '"coffee"'), r"lessons\[0\]\.stage: no stage `coffee`"),
        (LEAVES.replace("00/leaf", "01/leaf"), r"lessons\[0\]\.outputs\[0\]: `01/leaf.json` must start with `00/`"),
        (LEAVES + LEAVES, r"lessons\[1\]\.slug"),
        (LEAVES.replace("00_leaves", "leaves"), r"lessons\[0\]\.slug"),
        ('[[lessons]]\nslug = "00_leaves"\ntitle = "x"', r"lessons\[0\]: `stage` is missing"),
        (LEAVES + 'inputs = ["01/cup.json"]\n' + POUR, "wait for each other"),
        ("[[lessons", "not valid TOML"),
    ],
)
def test_a_fault_is_named_by_its_path(load, text, message):
    with pytest.raises(CourseError, match=message):
        load(STAGES + text)


def test_an_unknown_lesson_lists_the_known_ones(load):
    with pytest.raises(CourseError, match="lessons: 00_leaves, 01_pour"):
        load(STAGES + LEAVES + POUR)["03_drink"]
