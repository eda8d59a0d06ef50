"""Variants: other parameters, other answers, no way to guess whose is whose."""

import pytest

from workbench import files, variant
from workbench.catalog import Catalog
from workbench.checks.notebook import Checker
from workbench.errors import ParameterError

SECRET = b"a secret of the course"


@pytest.fixture
def lesson(tea_course):
    return Catalog.load(tea_course.catalog)["01"]


def test_a_variant_carries_its_parameters_in_its_cell_and_no_solution(tea_course, lesson):
    made = variant.make(tea_course, lesson, {"seed": "9"})
    sources = [cell["source"] for cell in made.notebook["cells"]]
    assert "seed: int = 9  # decides how many guests come" in sources
    assert not any("SOLUTION" in source for source in sources)
    assert variant.edited(made.notebook, made.parameters) == []


def test_two_variants_have_other_answers_and_the_same_variant_the_same(tea_course, lesson):
    nine, ten, again = (variant.make(tea_course, lesson, {"seed": seed}).key for seed in (9, 10, 9))
    assert nine.questions != ten.questions
    assert nine == again


def test_a_variant_is_judged_by_its_own_key_and_an_edited_parameter_is_noticed(tea_course, lesson, monkeypatch):
    made = variant.make(tea_course, lesson, {"seed": 9})
    files.write_json(tea_course.keys / "01_steeping-9.json", made.key.table())
    monkeypatch.chdir(tea_course.root)
    leaves = made.key.questions["steeping.leaves"][0]["reply"]["value"]
    shown = []
    for seed in (9, 8):
        Checker(names=lambda seed=seed: {"seed": seed, "leaves": leaves}, display=shown.append)("steeping.leaves")
    assert shown[0].text.startswith("✔ Correct")
    assert shown[1].text.startswith("! Not judged")


@pytest.mark.parametrize("source", ["seed: int = 10  # decides", "", "seed = 9", "cups: int = 9  # other"])
def test_an_edited_cell_is_flagged(tea_course, lesson, source):
    made = variant.make(tea_course, lesson, {"seed": 9})
    cell = next(cell for cell in made.notebook["cells"] if "parameters" in cell["metadata"].get("tags", ()))
    cell["source"] = source
    assert variant.edited(made.notebook, made.parameters) == ["seed"]


def test_an_unknown_parameter_is_refused(tea_course, lesson):
    with pytest.raises(ParameterError, match="no parameter `sugar`"):
        variant.make(tea_course, lesson, {"sugar": 1})


def test_the_choice_is_stable_spread_and_keyed():
    students = [f"student {i}" for i in range(600)]

    def numbers(secret: bytes, exercise: str = "01") -> list[int]:
        return [variant.number_of(name, exercise=exercise, count=12, secret=secret) for name in students]

    assert numbers(SECRET) == numbers(SECRET)
    assert numbers(SECRET) != numbers(b"another secret of it")
    assert numbers(SECRET) != numbers(SECRET, exercise="02")
    assert all(25 <= numbers(SECRET).count(number) <= 75 for number in range(12))


@pytest.mark.parametrize(("count", "secret", "message"), [(0, SECRET, "1 variant or more"), (3, b"short", "16 or more")])
def test_a_choice_that_means_nothing_is_refused(count, secret, message):
    with pytest.raises(ParameterError, match=message):
        variant.number_of("ada", exercise="01", count=count, secret=secret)
