"""The set-up, on small projects of its own: the real bootstrap.py, real locks of a few pure packages, the real index."""

import ast
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BASE = getattr(sys, "_base_executable", sys.executable)  # a Python outside of any environment, as a learner has
LOCK = f"py{sys.version_info[0]}{sys.version_info[1]}.lock"
LEARN = ("editables", "hatchling", "packaging", "pathspec", "pluggy", "trove-classifiers")  # installs the project itself
# Run before bootstrap.py: what would take time is an error.
NOTHING_ELSE = """exec('''
def refuse(event, facts):
    if event in ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec", "os.system", "socket.connect"):
        raise AssertionError(event)
sys.addaudithook(refuse)
''')"""
PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "small"
version = "1"
[tool.hatch.build.targets.wheel]
packages = ["src/small"]
"""


HOOK = """
import os, pathlib, time
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
class Waiting(BuildHookInterface):
    def initialize(self, version, build_data):
        if "BUILDING" in os.environ:
            pathlib.Path(os.environ["BUILDING"]).touch()
            time.sleep(600)
"""


def pins(*names):
    """These packages' lines of the developer's lock."""
    text = (ROOT / "requirements" / f"dev-{LOCK}").read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)
    return "".join(block for block in blocks if block.split("==")[0] in names)


def make_project(folder):
    """A project with one module, whose developer's lock has one package more than the learner's."""
    (folder / "requirements").mkdir(parents=True)
    (folder / "src" / "small").mkdir(parents=True)
    (folder / "src" / "small" / "__init__.py").write_text("here = True\n")
    (folder / "pyproject.toml").write_text(PYPROJECT)
    shutil.copy(ROOT / "bootstrap.py", folder)
    shutil.copy(ROOT / "requirements" / "uv.lock", folder / "requirements")
    (folder / "requirements" / f"learn-{LOCK}").write_text(pins(*LEARN))
    (folder / "requirements" / f"dev-{LOCK}").write_text(pins(*LEARN, "iniconfig"))
    return folder


def start(project, *arguments, python=BASE, prelude="", **variables):
    """Start bootstrap.py as a process group of its own, `prelude` being run in its interpreter before."""
    code = f"import runpy, sys; sys.argv = sys.argv[1:]; {prelude}; runpy.run_path(sys.argv[0], run_name='__main__')"
    head = [python, "-c", code] if prelude else [python]
    return subprocess.Popen(
        [*head, str(project / "bootstrap.py"), *arguments],
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=project.parent,
    )


def call(project, *arguments, **options):
    process = start(project, *arguments, **options)
    out, err = process.communicate(timeout=1200)
    return process.returncode, out, err


def imports(project, name):
    code = subprocess.run([project / ".venv/bin/python", "-c", f"import {name}"], capture_output=True, check=False)
    return code.returncode == 0


def stamp(project):
    return json.loads((project / ".venv" / "workbench.json").read_text())


@pytest.fixture(scope="module")
def _made_once(tmp_path_factory, require):
    project = make_project(tmp_path_factory.mktemp("made") / "project")
    code, out, err = call(project, "setup", UV_SYSTEM_PYTHON="1", PIP_USER="1")  # as in some containers
    require("index cannot be reached" not in err, "the package index cannot be reached")
    assert code == 0, err
    assert "ready" in out
    return project


@pytest.fixture
def made(_made_once):
    """A project that is set up for a learner."""
    code, _, err = call(_made_once, "setup")
    assert code == 0, err
    return _made_once


@pytest.fixture(scope="module")
def bootstrap():
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "bootstrap.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_set_up_has_the_locks_packages_and_the_project(made):
    assert imports(made, "pluggy")
    assert imports(made, "small")
    assert not imports(made, "iniconfig")
    assert stamp(made)["ready"] is True


def test_bytecode_is_made_at_once_where_python_is_told_to_keep_none(tmp_path, made):
    project = make_project(tmp_path / "project")
    code, _, err = call(project, "setup", PYTHONDONTWRITEBYTECODE="1")
    assert code == 0, err
    assert list((project / ".venv").glob("lib/python*/site-packages/pluggy/__pycache__/*.pyc"))


def test_a_second_call_is_instant_and_touches_nothing(made):
    """It starts no program and looks for no network."""
    before = (made / ".venv" / "workbench.json").stat().st_mtime_ns
    code, out, err = call(made, "setup", prelude=NOTHING_ELSE)
    assert (code, err) == (0, "")
    assert "ready" in out
    assert (made / ".venv" / "workbench.json").stat().st_mtime_ns == before


def test_the_developers_packages_are_added_and_a_learners_call_keeps_them(made):
    assert call(made, "setup", "dev")[0] == 0
    assert imports(made, "iniconfig")
    code, _, err = call(made, "setup")
    assert (code, err) == (0, "")
    assert imports(made, "iniconfig")
    assert stamp(made)["profile"] == "dev"


def test_a_changed_lock_is_installed(made):
    for profile in ("learn", "dev"):
        lock = made / "requirements" / f"{profile}-{LOCK}"
        lock.write_text(lock.read_text() + pins("wcwidth"))
    assert call(made, "setup")[0] == 0
    assert imports(made, "wcwidth")


def test_an_environment_whose_python_is_gone_is_made_anew(made):
    for name in ("python", "python3", f"python3.{sys.version_info[1]}"):
        (made / ".venv" / "bin" / name).unlink(missing_ok=True)
    (made / ".venv" / "bin" / "python").symlink_to(made / "no-such-python")
    code, _, err = call(made, "setup")
    assert code == 0, err
    assert "making it anew" in err
    assert imports(made, "small")
    assert not list(made.glob(".venv.old*"))


def test_a_set_up_that_was_killed_is_made_good(tmp_path):
    """Killed while the project itself is installed, by a build that waits for that."""
    project = make_project(tmp_path / "project")
    building = tmp_path / "building"
    with (project / "pyproject.toml").open("a") as stream:
        stream.write("[tool.hatch.build.hooks.custom]\n")
    (project / "hatch_build.py").write_text(HOOK)
    process = start(project, "setup", BUILDING=str(building))
    deadline = time.monotonic() + 600
    while not building.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert not stamp(project)["ready"]
    code, _, err = call(project, "setup")
    assert code == 0, err
    assert imports(project, "small")
    assert imports(project, "pluggy")
    assert stamp(project)["ready"] is True


def test_pip_does_it_where_uv_cannot(tmp_path):
    project = make_project(tmp_path / "project")
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "uv").write_text("#!/bin/sh\necho 'error: this uv is broken' >&2\nexit 2\n")
    (tools / "uv").chmod(0o755)
    code, _, err = call(project, "setup", PATH=f"{tools}:{os.environ['PATH']}")
    assert code == 0, err
    assert "trying pip" in err
    assert imports(project, "pluggy")
    assert imports(project, "small")


def test_a_python_without_ensurepip_uses_its_own_pip(tmp_path, require):
    has_pip = subprocess.run([BASE, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    require(has_pip, "this Python has no pip")
    project = make_project(tmp_path / "project")
    code, _, err = call(project, "setup", prelude="sys.modules['ensurepip'] = None")
    assert code == 0, err
    assert imports(project, "small")


def test_an_environment_that_somebody_made_is_filled_from_inside(tmp_path, require):
    """As a uv user makes it: without pip, and active when bootstrap.py is called."""
    has_pip = subprocess.run([BASE, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    require(has_pip, "this Python has no pip")
    project = make_project(tmp_path / "project")
    subprocess.run([BASE, "-m", "venv", "--without-pip", str(project / ".venv")], check=True)
    (project / ".venv" / "mine").write_text("kept")
    code, _, err = call(project, "setup", python=str(project / ".venv" / "bin" / "python"))
    assert code == 0, err
    assert imports(project, "small")
    assert (project / ".venv" / "mine").exists()


def test_a_python_with_neither_names_the_package_to_install(tmp_path):
    project = make_project(tmp_path / "project")
    subprocess.run([BASE, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    bare = str(tmp_path / "bare" / "bin" / "python")
    alone = "sys.modules['ensurepip'] = None; sys._base_executable = sys.executable"
    code, _, err = call(project, "setup", python=bare, prelude=alone)
    assert code == 2
    assert err.count("\n") == 1
    assert f"python{sys.version_info[0]}.{sys.version_info[1]}-venv" in err


@pytest.mark.parametrize("version", [(3, 10, 4), (3, 14, 0)])
def test_a_python_without_a_lock_is_refused_in_one_line(tmp_path, version):
    project = make_project(tmp_path / "project")
    code, out, err = call(project, "lab", prelude=f"sys.version_info = {version}")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert f"this is Python {'.'.join(map(str, version))}, and the course needs 3.11, 3.12 or 3.13" in err
    assert not (project / ".venv").exists()


def test_an_old_python_can_read_the_file_and_say_so(tmp_path):
    ast.parse((ROOT / "bootstrap.py").read_text(encoding="utf-8"), feature_version=(3, 8))
    for old in filter(None, map(shutil.which, ("python3.8", "python3.9", "python3.10"))):
        if subprocess.run([old, "-c", ""], capture_output=True, check=False).returncode == 0:
            code, _, err = call(make_project(tmp_path / Path(old).name), "lab", python=old)
            assert code == 2
            assert err.count("\n") == 1
            assert "the course needs 3.11" in err


@pytest.fixture
def no_network(tmp_path):
    """The variables with which no installer reaches an index or a cache."""
    nowhere = "http://127.0.0.1:9/simple"
    caches = {"PIP_CACHE_DIR": str(tmp_path / "pip"), "UV_CACHE_DIR": str(tmp_path / "uv"), "PIP_CONFIG_FILE": os.devnull}
    return {**caches, "PIP_INDEX_URL": nowhere, "UV_DEFAULT_INDEX": nowhere, "PIP_RETRIES": "0", "UV_HTTP_RETRIES": "0"}


def test_no_network_is_said_in_one_line(tmp_path, no_network):
    project = make_project(tmp_path / "project")
    code, _, err = call(project, "setup", **no_network)
    assert code == 2
    told = [line for line in err.splitlines() if not line.endswith("...") and "trying pip" not in line]
    assert len(told) == 1
    assert "the package index cannot be reached: check the network" in told[0]


def test_without_network_an_environment_that_works_goes_on_working(made, no_network):
    before = stamp(made)
    lock = made / "requirements" / f"{before['profile']}-{LOCK}"
    unchanged = lock.read_text()
    lock.write_text(unchanged + pins("attrs"))
    code, _, err = call(made, "setup", **no_network)
    assert code == 2
    assert "the package index cannot be reached" in err
    lock.write_text(unchanged)
    code, _, err = call(made, "setup", **no_network)
    assert (code, err) == (0, "")
    assert imports(made, "small")


def test_a_full_disk_is_said_in_one_line(bootstrap, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "BIN", tmp_path / ".venv" / "bin")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".venv" / "workbench.json")
    monkeypatch.setattr(bootstrap, "LOG", tmp_path / "setup.log")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12, 10**8))
    assert bootstrap.main(["setup"]) == 2
    assert capsys.readouterr().err == ("bootstrap: 0.1 GB are free and the set-up takes 2: make room and call it again\n")
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("error: failed to write\n  Caused by: No space left on device (os error 28)", "the disk is full"),
        (str(OSError(28, os.strerror(28))), "the disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "not the one in the lock"),
        ("error: Failed to fetch\n  Caused by: dns error", "cannot be reached"),
        ("note\nerror: something else\nmore", "error: something else (all of it: .venv/setup.log)"),
    ],
)
def test_what_an_installer_says_becomes_one_line(bootstrap, output, told):
    line = bootstrap.explain(output)
    assert told in line
    assert "\n" not in line


def test_every_command_is_a_target_of_make_and_listed_by_help(bootstrap):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^TARGETS := (.*)$", makefile, re.MULTILINE)[1].split()
    assert sorted(targets) == sorted(bootstrap.HELP)
    for name in targets:
        assert re.search(rf"^  {name} ", bootstrap.help_text(), re.MULTILINE)
        assert name in ("setup", "test", "help", "bench") or bootstrap.commands(name, scratch="")


def test_an_unknown_command_lists_the_known(tmp_path):
    code, _, err = call(ROOT, "nonsense")
    assert code == 2
    assert "no command `nonsense`; there are: setup, lab, course" in err


def test_the_counts_of_a_pytest_report(bootstrap, tmp_path):
    (tmp_path / "test_three.py").write_text(
        "import pytest\ndef test_a(): pass\ndef test_b(): assert False\ndef test_c(): pytest.skip('no')\n"
        "@pytest.fixture\ndef broken(): raise OSError\ndef test_d(broken): pass\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(tmp_path), "--junitxml", "report.xml"]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, check=False)
    assert bootstrap.counted(tmp_path / "report.xml") == {"passed": 1, "failed": 2, "skipped": 1}
    assert bootstrap.sentence({"passed": 1, "failed": 2, "skipped": 1}) == "1 passed, 2 failed, 1 skipped"
    assert bootstrap.counted(tmp_path / "missing.xml") is None


def test_steps_run_beside_each_other_and_all_of_them_whatever_fails(bootstrap, monkeypatch, capfd):
    """Two that wait for each other, one that fails before another, and one after all of these."""
    wait = "import sys, pathlib, time\nhere, there = map(pathlib.Path, sys.argv[1:])\nhere.touch()\n"
    wait += "end = time.monotonic() + 600\nwhile not there.exists() and time.monotonic() < end: time.sleep(0.01)\n"
    wait += "print('met' if there.exists() else 'alone')"

    def commands(name, *, scratch):
        one, other = f"{scratch}/one", f"{scratch}/other"
        code = {
            "lint": "print('lint said')",
            "unit": wait,
            "types": "import sys; sys.exit('types failed')",
            "fresh": wait,
            "e2e": "print('e2e said')",
            "nbval": "print('nbval said')",
        }[name]
        places = {"unit": [one, other], "fresh": [other, one]}.get(name, [])
        return [[sys.executable, "-c", code, *places]]

    monkeypatch.setattr(bootstrap, "commands", commands)
    assert bootstrap.test() == 1
    said = capfd.readouterr().out
    order = [
        "=== lint",
        "lint said",
        "=== unit",
        "met",
        "=== types",
        "types failed",
        "=== fresh",
        "met",
        "=== e2e",
        "e2e said",
    ]
    places = [0]
    for text in [*order, "=== nbval", "nbval said", "\nlint    ok", "\ntypes   FAILED", "\nunit    ok", "\nfresh   ok"]:
        places.append(said.index(text, places[-1]))
    assert said.endswith("\n5 passed, 1 failed\n")


def test_every_step_is_in_one_round(bootstrap):
    assert sorted(name for lanes in bootstrap.ROUNDS for lane in lanes for name in lane) == sorted(bootstrap.STEPS)
