"""A missing component skips a test on a person's machine, and fails it where all components are installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"


@pytest.mark.parametrize(("variable", "told"), [("", "1 passed, 1 skipped"), ("1", "1 failed, 1 passed")])
def test_a_missing_component(tmp_path, variable, told):
    shutil.copy(CONFTEST, tmp_path)
    (tmp_path / "test_two.py").write_text(
        "def test_there(require): require('here', 'it is not here')\n"
        "def test_missing(require): require(None, 'no kettle is installed')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rsf", "--rootdir", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "WORKBENCH_REQUIRE_ALL": variable, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # none plays a part
        capture_output=True,
        text=True,
        check=False,
    )
    assert told in done.stdout
    assert "no kettle is installed" in done.stdout
