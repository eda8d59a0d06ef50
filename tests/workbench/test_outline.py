"""Outlines of modules: what is kept of one is what its text says, and nothing else ever."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import workbench
from workbench import modules, outline

TEXT = """
import numpy as np
from . import near
from .far import *

TABLE = {"a": ("one", 1), "b": "two"}

@near.kept("x")
def f(x):
    from os import path
    return np.mean(x), path, local(__file__)

class C(near.Base):
    pass

def __getattr__(name):
    return __import__(TABLE[name])
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a user's cache in which nothing is kept yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    outline._folder.cache_clear()
    yield tmp_path / "workbench" / "outlines"
    outline._folder.cache_clear()


def direct(text: str) -> outline.Outline:
    return outline.of(modules.parse(text, name="pkg.m", package="pkg"))


def read(text: str) -> outline.Outline:
    return outline.of_source(text, name="pkg.m", package="pkg")


def test_it_says_what_a_module_defines_and_refers_to() -> None:
    found = direct(TEXT)
    assert set(found.definitions) == {"f", "C", "__getattr__"}
    assert found.imports == {"np": ("numpy", None), "near": ("pkg", "near")}
    assert (found.stars, found.assigned) == (("pkg.far",), {"TABLE"})
    assert found.tables == {"a": ["one"], "b": ["two"]}
    f = found.definitions["f"]
    assert f.uses.names == {"near.kept", "np.mean", "path"}  # and not `x` or `local`, which nothing defines
    assert (f.decorators, f.imports_by_name, f.reads_files) == ({"near"}, False, True)
    assert found.definitions["__getattr__"].imports_by_name


def test_what_is_kept_is_what_is_read(folder: Path) -> None:
    for path in Path(workbench.__file__).parent.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        first, again = read(text), read(text)
        assert first == again == direct(text)
    assert read(TEXT) == read(TEXT) == direct(TEXT)


def test_a_second_look_makes_no_tree(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read(TEXT)
    monkeypatch.delattr(modules, "parse")
    assert read(TEXT) == first


def test_another_text_name_or_package_is_another_outline(folder: Path) -> None:
    read(TEXT)
    assert "g" in read(TEXT.replace("def f", "def g")).definitions
    assert outline.of_source(TEXT, name="q.m", package="q").imports["near"] == ("q", "near")
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize("damage", [b"", b"half", b"0" * 64 + b"\n{}"])
def test_what_was_not_written_to_its_end_is_made_anew(folder: Path, damage: bytes) -> None:
    read(TEXT)
    (kept,) = folder.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage)
    assert read(TEXT) == direct(TEXT)
    assert kept.read_bytes() == whole


def test_the_older_half_goes_when_there_are_too_many(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        read(f"x = {number}")
    for age, kept in enumerate(sorted(folder.iterdir())):
        os.utime(kept, (age, age))
    newest = set(sorted(folder.iterdir())[3:])
    monkeypatch.setattr(outline, "_MOST", 5)
    outline._folder.cache_clear()
    read("x = 0")
    assert newest <= set(folder.iterdir())
    assert len(list(folder.iterdir())) <= 4


def test_without_a_folder_of_its_own_it_reads_each_time(folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    assert read(TEXT) == direct(TEXT)
    assert list(folder.iterdir()) == []
