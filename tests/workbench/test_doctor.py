"""The doctor says what is there, what is missing, what that disables, and what mends it."""

import json
import sys
from importlib import metadata

import pytest
from typer.testing import CliRunner

from workbench import doctor
from workbench.cli import application
from workbench.course import Course
from workbench.grading.sandbox import tiers

HERE = f"py{sys.version_info[0]}{sys.version_info[1]}"
SHA = "--hash=sha256:" + "0" * 64


@pytest.fixture
def course(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.workbench]\nlocks = "locks"\n')
    (tmp_path / "locks").mkdir()
    write_lock(tmp_path, "learn", f"pluggy=={metadata.version('pluggy')}")
    write_lock(tmp_path, "dev", f"pluggy=={metadata.version('pluggy')}", f"pytest=={metadata.version('pytest')}")
    return Course.find(tmp_path)


def write_lock(root, profile, *heads, python=HERE):
    lines = "".join(f"{head} \\\n    {SHA}\n" for head in heads)
    (root / "locks" / f"{profile}-{python}.lock").write_text(f"# a comment\n{lines}")


@pytest.fixture
def bare_path(tmp_path, monkeypatch):
    """A PATH on which there is nothing but what a test puts there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder, name, script):
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_all_is_looked_at_and_this_environment_is_healthy(course):
    findings = doctor.examine(course)
    assert [finding.name for finding in findings] == [
        "Python", "packages", "test tools", "data", "kernel", "Java", "JDK", "sandbox", "browser",
    ]  # fmt: skip
    assert doctor.healthy(findings), findings


def test_whatever_is_not_well_says_what_it_disables_and_what_mends_it(course, bare_path):
    findings = [finding for finding in doctor.examine(course) if finding.state != "ok"]
    assert {"Java", "JDK", "browser"} <= {finding.name for finding in findings}
    for finding in findings:
        assert finding.disables
        assert finding.remedy


def test_a_python_without_a_lock_is_wrong(course):
    (course.locks / f"learn-{HERE}.lock").unlink()
    write_lock(course.root, "learn", "pluggy==1", python="py27")
    finding = doctor.python(course)
    assert finding.state == "wrong"
    assert "2.7" in finding.remedy


def test_a_package_at_another_version_is_wrong_and_named(course):
    write_lock(course.root, "learn", "pluggy==0.0.1", "no-such-package==3")
    finding = doctor.packages(course)
    assert finding.state == "wrong"
    assert finding.found == f"pluggy is {metadata.version('pluggy')}, not 0.0.1; no-such-package 3 is missing"
    assert not doctor.healthy((finding,))


def test_missing_test_tools_leave_the_course_healthy(course):
    write_lock(course.root, "dev", f"pluggy=={metadata.version('pluggy')}", "no-such-tool==3")
    finding = doctor.developer_tools(course)
    assert finding.state == "missing"
    assert finding.found == "no-such-tool 3 is missing"
    assert "make test" in finding.remedy
    assert doctor.healthy((finding,))


def test_a_lock_is_read_for_this_system():
    text = f"# one\none==1 \\\n    {SHA}\ntwo==2 ; sys_platform == 'beos' \\\n    {SHA}\nthree==3\n"
    assert doctor.locked_versions(text) == {"one": "1", "three": "3"}


def test_a_changed_data_file_is_wrong_and_named(course):
    course.datasets.mkdir()
    (course.datasets / "tea.csv").write_text("a,b\n")
    (course.datasets / "catalog.toml").write_text(f'[datasets.tea]\nfile = "tea.csv"\nsha256 = "{"0" * 64}"\n')
    finding = doctor.data_files(course)
    assert finding.state == "wrong"
    assert "datasets/tea.csv: the file's sha256 is" in finding.found
    assert finding.remedy == "git checkout -- datasets/tea.csv"


def test_java_and_jdk_are_told_apart(bare_path):
    program(bare_path, "java", 'echo "openjdk version 21" >&2')
    assert doctor.java().found == "openjdk version 21"
    assert doctor.jdk().state == "missing"


def test_a_browser_that_does_not_start_is_missing(bare_path):
    program(bare_path, "chromium", "exit 3")
    assert doctor.browser().state == "missing"
    program(bare_path, "google-chrome", "echo Chrome 1")
    assert doctor.browser().found == "Chrome 1"


@pytest.mark.skipif(sys.platform != "linux", reason="sandboxes are for Linux")
def test_the_sandbox_is_what_grading_would_use():
    works = {probe.tier for probe in tiers.available() if probe.ok}
    finding = doctor.sandbox()
    assert (finding.state == "ok") == ("bubblewrap" in works)
    assert ("no landlock" in finding.found) == ("landlock" not in works)
    assert finding.state == "ok" or finding.remedy


def test_the_command_prints_what_the_function_finds(course, monkeypatch):
    monkeypatch.chdir(course.root)
    result = CliRunner().invoke(application(), ["doctor", "--json"])
    assert result.exit_code == 0
    assert [entry["name"] for entry in json.loads(result.output)][:2] == ["Python", "packages"]
    write_lock(course.root, "learn", "no-such-package==3")
    result = CliRunner().invoke(application(), ["doctor"])
    assert result.exit_code == 1
    assert "no-such-package 3 is missing" in result.output
    assert "mend it:" in result.output
