"""What a built package holds."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_wheel_holds_the_packages_and_no_hidden_question(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"workbench/cli/__init__.py", "lifecycle/develop/__init__.py", "course/catalog.toml"} <= set(names)
    assert "lifecycle/develop/exploration/templates/profile_report.html" in names
    assert not [name for name in names if name.startswith("course/hidden")]
