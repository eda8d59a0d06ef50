"""Bytecode is kept where there is none and none may be written beside the sources, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import sys
from workbench.warm import bytecode
bytecode._beside = lambda: {beside}
with bytecode.kept():
    import seldom
print(sys.dont_write_bytecode, sys.pycache_prefix)
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    (tmp_path / "seldom.py").write_text("x = 1")
    return tmp_path


def kept(folder: Path, *, beside: bool = False, told: str = "1") -> tuple[str, list[str]]:
    """What the process says of its settings afterwards, and the bytecode in the cache folder."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH")))),
        "PYTHONDONTWRITEBYTECODE": told,
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    command = [sys.executable, "-c", CODE.format(beside=beside)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip(), [path.name.partition(".")[0] for path in (folder / "cache").rglob("seldom*.pyc")]


def test_it_is_kept_in_the_users_own_folder_and_python_is_left_as_it_was(library):
    assert kept(library) == ("True None", ["seldom"])
    assert (library / "cache/workbench/bytecode").stat().st_mode & 0o777 == 0o700
    assert not (library / "__pycache__").exists()


def test_it_is_not_kept_where_libraries_have_it_or_python_may_write_it(library):
    assert kept(library, beside=True) == ("True None", [])
    assert kept(library, told="") == ("False None", [])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_folder_that_others_can_write_to_is_not_trusted(library):
    (library / "cache/workbench/bytecode").mkdir(parents=True)
    (library / "cache/workbench/bytecode").chmod(0o777)
    assert kept(library) == ("True None", [])
