"""What is sent to a worker and comes back is taken only where it is what it should be."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from workbench import files, parcel
from workbench.course import Course
from workbench.errors import ClusterError
from workbench.execute import Outcome
from workbench.parcel import Delivery, Parcel
from workbench.run import run


def sent(course: Course, slug: str, kettle: bytes = b"{}") -> Parcel:
    """A parcel with what the lesson `slug` of the tea course reads."""
    depends = {"inputs": {"00/kettle.json": files.digest_bytes(kettle)}}
    inputs, outputs, digest = {"00/kettle.json": kettle}, ("02/table.txt",), files.digest_bytes(b"{}")
    return Parcel(slug, str(course.root), b"{}", {}, {}, inputs, outputs, depends, {}, 60.0, digest)


def test_a_parcel_is_not_opened_where_it_cannot_be_what_it_was(
    tea_course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = sent(tea_course, "02_table")
    with pytest.raises(ClusterError, match="another version of the engine"):
        parcel.carry_out(replace(good, version=0))
    with pytest.raises(ClusterError, match="the notebook arrived damaged"):
        parcel.carry_out(replace(good, notebook=b"{ }"))
    with pytest.raises(ClusterError, match=r"`00/kettle\.json` arrived damaged"):
        parcel.carry_out(replace(good, inputs={"00/kettle.json": b"cold"}))
    (tea_course.lessons / "02_table.py").unlink()
    with pytest.raises(ClusterError, match=r"cannot be used: .*02_table.py"):
        parcel.carry_out(good)
    monkeypatch.setenv("WORKBENCH_COURSE", str(tmp_path))
    with pytest.raises(ClusterError, match="the worker has no course") as raised:
        parcel.carry_out(good)
    assert str(tmp_path) in str(raised.value)


class Altering(ThreadPoolExecutor):
    """Sends another parcel than it was given."""

    def __init__(self, change: Callable[[Parcel], Parcel]) -> None:
        super().__init__(1)
        self.change = change

    def submit(self, fn: Callable[[Parcel], Delivery], one: Parcel, /) -> Future[Delivery]:  # type: ignore[override]
        return super().submit(fn, self.change(one))


def with_other_packages(one: Parcel) -> Parcel:
    return replace(one, packages={**one.packages, "python": "3.1", "teapot": "1"})


def with_other_data(one: Parcel) -> Parcel:
    return replace(one, depends={**one.depends, "data": {"cups": {"file": "0"}}, "lock": "0"})


@pytest.mark.parametrize(
    ("change", "differ"),
    [
        (with_other_packages, "python, teapot"),
        (with_other_data, "data cups, lock"),
        (lambda one: replace(one, outputs=()), "its entry in the catalogue"),
        (
            lambda one: replace(one, depends={**one.depends, "code": {}}),
            "code tea.leaves:, code tea.leaves:best_temperature",
        ),
    ],
)
def test_a_parcel_for_another_course_is_refused_with_what_differs(
    tea_course: Course, change: Callable[[Parcel], Parcel], differ: str
) -> None:
    with Altering(change) as executor:
        report = run(tea_course, ["00"], executor=executor)
    assert [lesson.status for lesson in report.lessons] == ["failed"]
    assert f"these differ: {differ}" in report.lessons[0].reason


@pytest.mark.parametrize(
    ("outputs", "digests", "message"),
    [
        ({"02/table.txt": b"tea"}, {"02/table.txt": files.digest_bytes(b"tee")}, "`02/table.txt` came back damaged"),
        ({"02/table.txt": b"tea"}, {}, "`02/table.txt` came back damaged"),
        ({"../../table.txt": b"tea"}, {"../../table.txt": files.digest_bytes(b"tea")}, "was not asked for"),
        ({"02/table.txt": b"t" * 99}, {"02/table.txt": files.digest_bytes(b"t" * 99)}, "more than"),
    ],
)
def test_what_comes_back_otherwise_than_it_should_is_not_taken(
    tea_course: Course, tmp_path: Path, outputs: dict[str, bytes], digests: dict[str, str], message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(parcel, "LARGEST", 50)
    all_digests = {"": files.digest_bytes(b"{}"), **digests}
    delivery = Delivery(Outcome("02_table", True, 1.0), b"{}", outputs, all_digests, "tcp://there", "Linux x86_64")
    with pytest.raises(ClusterError, match=message):
        parcel.accept(delivery, sent(tea_course, "02_table"), folder=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_lesson_that_writes_too_much_is_named_with_its_largest_file(
    tea_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "# %%\nfrom tea import shelf\nshelf.put('00/kettle.json', 'x' * 30_000)\n"
    (tea_course.lessons / "00_water.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(parcel, "LARGEST", 20_000)
    with ThreadPoolExecutor(1) as executor:
        report = run(tea_course, ["00"], executor=executor)
    assert [lesson.status for lesson in report.lessons] == ["failed"]
    assert report.lessons[0].reason.startswith("00_water: wrote more than 0 MB, most of it in kettle.json")
