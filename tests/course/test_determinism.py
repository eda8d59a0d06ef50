"""Stored outputs are the same on another processor: other BLAS kernels, other numbers of threads.

The kernels are warm ones, which start sooner, and not one of them may be a cold one in its place. That they print what cold
ones do is for `test_warm`; this machine's own kind of processor is for the nbval step.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import pytest

import warmed
from workbench import targets
from workbench.catalog import Catalog
from workbench.course import Course
from workbench.execute import python_path
from workbench.warm import client

REPOSITORY = Path(__file__).parents[2]
COURSE = Course.find(REPOSITORY)
LESSONS = Catalog.load(COURSE.catalog).lessons
BUILT = [target for target in targets.of(COURSE, LESSONS) if target.executed.is_file()]
# Adds and multiplies in another order than the processors that we build and test on, and every x86 processor can run it. The
# nbval step takes the machine's own kernels and as many threads as it has cores.
KIND, THREADS = "Nehalem", "1"
SETTING = {"OPENBLAS_CORETYPE": KIND, "OPENBLAS_NUM_THREADS": THREADS, "OMP_NUM_THREADS": THREADS}
PLUGINS = ("nbval.plugin", "workbench.regress.nbval_figures", "workbench.regress.nbval_order", "xdist.plugin")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def variables() -> dict[str, str]:
    """Variables for another kind of processor."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        pytest.skip(f"the kinds of processor to choose from are x86's, this one is {platform.machine()}")
    return os.environ | SETTING | {"PYTHONPATH": python_path(COURSE)}


@contextmanager
def warm(variables: dict[str, str]) -> Iterator[dict[str, str]]:
    """The variables for kernels from a zygote on that kind of processor, where there can be one."""
    if client.unsupported():
        yield {}
        return
    with warmed.zygote(COURSE, LESSONS, SETTING) as zygote:
        assert blas(warmed.said(zygote, ["-m", "threadpoolctl", "-i", "numpy"], variables)) == {(KIND, THREADS)}
        yield client.offer_to_jupyter([zygote.path])


def blas(report: str) -> set[tuple[str, str]]:
    """The kind of processor and the threads of each library in a report of threadpoolctl."""
    pools = [pool for pool in json.loads(report) if pool["internal_api"] == "openblas"]
    return {(pool["architecture"], str(pool["num_threads"])) for pool in pools}


def test_the_setting_reaches_the_library(variables: dict[str, str]) -> None:
    """That of a process which starts anew; `warm` asks one of the zygote's."""
    command = [sys.executable, "-m", "threadpoolctl", "-i", "numpy"]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    assert blas(done.stdout) == {(KIND, THREADS)}


def test_nbval_finds_the_stored_outputs(variables: dict[str, str], tmp_path: Path) -> None:
    lessons_first = sorted(BUILT, key=lambda target: target.kind == "exercise")  # they take longer
    command = [sys.executable, "-m", "pytest", "-q", "-o", "addopts=", *chain(*(("-p", name) for name in PLUGINS))]
    command += ["--nbval", "-n", "2", "--dist", "loadscope", *(str(target.executed) for target in lessons_first)]
    log = tmp_path / "log"
    command += ["--log-file", str(log), "--log-file-mode", "a", "--log-file-level", "INFO"]  # of both processes
    alone = {"WORKBENCH_RUN": str(tmp_path / "run"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    with warm(variables) as offered:
        done = subprocess.run(
            command, cwd=REPOSITORY, env=variables | alone | offered, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout
    assert "a cold kernel instead" not in log.read_text() + done.stdout + done.stderr


def test_no_notebook_is_left_out() -> None:
    files = {path for folder in ("notebooks", "solutions") for path in (REPOSITORY / folder).glob("*.ipynb")}
    assert {target.executed for target in BUILT} == files
