"""Stored outputs are the same on another processor: other BLAS kernels, other numbers of threads."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
# Adds and multiplies in another order than the processors that we build and test on, and every x86 processor can run it. The
# nbval step takes the machine's own kernels and as many threads as it has cores.
KIND, THREADS = "Nehalem", "1"

pytestmark = pytest.mark.slow


@pytest.fixture
def setting() -> dict[str, str]:
    """Variables for another kind of processor."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        pytest.skip(f"the kinds of processor to choose from are x86's, this one is {platform.machine()}")
    return {"OPENBLAS_CORETYPE": KIND, "OPENBLAS_NUM_THREADS": THREADS, "OMP_NUM_THREADS": THREADS}


def test_the_setting_reaches_the_library(setting: dict[str, str]) -> None:
    code = "import json, numpy, threadpoolctl; print(json.dumps(threadpoolctl.threadpool_info()))"
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | setting, capture_output=True, text=True, check=True)
    (blas,) = [pool for pool in json.loads(done.stdout) if pool["internal_api"] == "openblas"]
    assert (blas["architecture"], str(blas["num_threads"])) == (setting["OPENBLAS_CORETYPE"], setting["OMP_NUM_THREADS"])


def test_nbval_finds_the_stored_outputs(setting: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-o", "addopts=", "-p", "nbval", "--nbval", "notebooks", "solutions"]
    environment = os.environ | setting | {"WORKBENCH_RUN": str(tmp_path)}
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout
