"""The locks are complete, name no registry, and can be installed on every system they are for."""

import importlib.util
import re
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("lock", ROOT / "requirements" / "lock.py")
lock = importlib.util.module_from_spec(spec)
sys.modules["lock"] = lock  # dataclasses look their module up
spec.loader.exec_module(lock)

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAMES = [f"{profile}-py{python.replace('.', '')}.lock" for profile in lock.PROFILES for python in lock.PYTHONS]


def lines(name):
    """The requirements of a lock as pip would read them, hashes left aside."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    heads = re.findall(r"^([a-z0-9][^#\n]*?) \\$", text, re.MULTILINE)
    return [Requirement(head) for head in heads]


def versions(name, system="linux"):
    kept = [line for line in lines(name) if line.marker is None or line.marker.evaluate({"sys_platform": system})]
    assert len({line.name for line in kept}) == len(kept), "a package has two versions"
    return {line.name: next(iter(line.specifier)).version for line in kept}


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("system", lock.SYSTEMS)
def test_each_dependency_is_pinned_within_its_bounds(name, system):
    wanted = PROJECT["dependencies"] + (PROJECT["optional-dependencies"]["dev"] if name.startswith("dev") else [])
    pinned = versions(name, system)
    for requirement in map(Requirement, wanted):
        if requirement.marker is None or requirement.marker.evaluate({"sys_platform": system}):
            assert requirement.specifier.contains(pinned[canonical(requirement.name)]), requirement


@pytest.mark.parametrize("name", [*NAMES, "uv.lock"])
def test_each_line_has_hashes_and_none_an_address(name):
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    pins = lock.parse(text)  # raises for a line without hashes
    assert pins
    assert len(pins) == len(lines(name))
    assert not re.search(r"https?:|file:|--(extra-)?index|--find-links|[a-z0-9-]+\.(org|com|net|io)\b", text)


@pytest.mark.parametrize("python", lock.PYTHONS)
@pytest.mark.parametrize("system", lock.SYSTEMS)
def test_the_learners_lock_is_part_of_the_developers(python, system):
    digits = python.replace(".", "")
    learn, dev = versions(f"learn-py{digits}.lock", system), versions(f"dev-py{digits}.lock", system)
    assert learn.items() < dev.items()


@pytest.mark.parametrize("name", NAMES)
def test_a_system_gets_its_own_packages(name):
    linux, mac, windows = (set(versions(name, system)) for system in lock.SYSTEMS)
    assert "appnope" in mac - linux - windows
    assert {"pywinpty", "colorama"} <= windows - linux
    assert "xgboost" in mac - linux - windows
    assert "xgboost-cpu" in (linux & windows) - mac


def test_later_pythons_keep_the_versions_of_311():
    """Where one differs, that version could not be had; such a list is short."""
    oldest = versions("learn-py311.lock")
    for name in ("learn-py312.lock", "learn-py313.lock"):
        other = versions(name)
        differing = [package for package in oldest.keys() & other.keys() if oldest[package] != other[package]]
        assert len(differing) <= 5, differing


def test_a_line_without_hashes_is_refused():
    with pytest.raises(ValueError, match="not a pinned requirement"):
        lock.parse("numpy==2.0\n")


def test_merging_marks_what_is_not_on_every_system():
    one, two, three = (lock.Pin(name, "1", ("sha256:" + "0" * 64,)) for name in ("one", "two", "three"))
    text = lock.merge({"linux": [one, two], "darwin": [one, two], "win32": [one, three]})
    heads = [line.split(" \\")[0] for line in text.splitlines() if "==1" in line]
    assert heads == ["one==1", "three==1 ; sys_platform == 'win32'", "two==1 ; sys_platform != 'win32'"]
    assert {pin.name for pin in lock.parse(text)} == {"one", "two", "three"}


def test_a_merged_lock_can_be_installed_on_each_system(require, tmp_path):
    """A dry run: every file that would be installed exists in the index, for that Python and system, with a listed hash."""
    uv = lock.find_uv()
    require(uv, "uv is not installed")

    def dry_run(case):
        name, python, platform = case
        command = [uv, "pip", "install", "--dry-run", "--require-hashes", "--no-deps", "--only-binary", ":all:"]
        where = ["--target", str(tmp_path / f"{name}-{platform}"), "--python", sys.executable]
        options = ["--python-version", python, "--python-platform", platform, "-r", str(ROOT / "requirements" / name)]
        done = subprocess.run([*command, *where, *options], capture_output=True, text=True, check=False)
        return case, done.returncode, done.stderr

    cases = [
        (f"dev-py{python.replace('.', '')}.lock", python, platform)  # the learner's is part of it
        for python in lock.PYTHONS
        for platform in lock.SYSTEMS.values()
    ]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(dry_run, cases))
    require(
        not any("error sending request" in text or "dns error" in text for *_, text in results),
        "the package index cannot be reached",
    )
    for case, code, text in results:
        assert code == 0, f"{case}: {text}"
        assert "Would install" in text
