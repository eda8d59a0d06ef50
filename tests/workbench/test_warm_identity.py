"""Two tools share a zygote where their cold kernels would be the same, and no longer than that."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from workbench.warm import client, identity
from workbench.warm.identity import Identity
from workbench.warm.order import free

pytestmark = pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())

VARIABLES = {"HOME": "/h", "OMP_NUM_THREADS": "2"}


def identify(
    modules: tuple[str, ...] = ("numpy", "pandas"),
    *,
    environment: dict[str, str] | None = None,
    executable: str = sys.executable,
    memory: int = 1,
) -> Identity:
    return identity.identify(
        modules, environment=VARIABLES if environment is None else environment, executable=executable, memory=memory
    )


def test_it_is_the_same_for_every_tool_and_every_time(tmp_path):
    code = "from workbench.warm.identity import identify; import sys\n"
    code += f"print(identify(['numpy'], environment={VARIABLES}, executable=sys.executable, memory=1).key)"
    elsewhere = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert elsewhere.stdout.strip() == identify(("numpy",)).key
    assert len(identify().key) == 20


@pytest.mark.parametrize(
    ("changed", "parts"),
    [
        ({"modules": ("pandas", "numpy")}, ["wanted"]),  # the order of imports can matter
        ({"modules": ("numpy",)}, ["wanted"]),
        ({"memory": 2}, ["wanted"]),
        ({"executable": f"{sys.executable}-other"}, ["installed", "place"]),
        ({"environment": {**VARIABLES, "OMP_NUM_THREADS": "1"}}, ["place"]),
        ({"environment": {**VARIABLES, "PYTHONHASHSEED": "0"}}, ["place"]),
        ({"environment": {**VARIABLES, "GIT_PYTHON_REFRESH": "quiet"}}, ["place"]),
        ({"environment": {"HOME": "/h"}}, ["place"]),
    ],
)
def test_what_matters_changes_it(changed, parts):
    before, after = asdict(identify()), asdict(identify(**changed))
    assert [name for name in before if before[name] != after[name]] == parts


@pytest.mark.parametrize(
    "name",
    ["PWD", "OLDPWD", "SHLVL", "TERM", "TERM_PROGRAM", "COLORTERM", "LS_COLORS", "SSH_AUTH_SOCK", "GPG_TTY", "WINDOWID", "_",
     "DBUS_SESSION_BUS_ADDRESS", "XDG_SESSION_ID", "INVOCATION_ID", "JOURNAL_STREAM", "GIT_DIR", "MAKEFLAGS", "MAKELEVEL",
     "MFLAGS", "VSCODE_PID", "PYTEST_CURRENT_TEST", "JPY_SESSION_NAME", "JUPYTER_PATH", "JUPYTERHUB_USER", "LINES"],
)  # fmt: skip
def test_what_a_terminal_or_a_tool_sets_for_itself_does_not(name):
    assert free(name)
    assert identify(environment={**VARIABLES, name: "x"}) == identify()


@pytest.mark.parametrize(
    "name", ["GIT_PYTHON_REFRESH", "JUPYTER_PLATFORM_DIRS", "MAKE", "PYTHONPATH", "LD_PRELOAD", "MPLCONFIGDIR"]
)
def test_what_a_library_reads_at_import_does(name):
    assert not free(name)


def test_a_package_that_is_installed_changed_or_removed_changes_it(tmp_path):
    package = tmp_path / "thing-1.dist-info"

    def found() -> Identity:
        return identify(environment={"PYTHONPATH": str(tmp_path)})

    seen = [found()]
    package.mkdir()
    seen.append(found())
    os.utime(package, (1, 1))
    seen.append(found())
    (tmp_path / "editable.pth").write_text("/elsewhere")
    seen.append(found())
    (tmp_path / "notes.txt").write_text("of no account")
    assert found() == seen[-1]
    package.rmdir()
    seen.append(found())
    assert len({one.installed for one in seen}) == 5
    assert len({one.place for one in seen}) == 1


def test_a_dangling_link_does_not_end_the_look(tmp_path):
    def found() -> str:
        return identify(environment={"PYTHONPATH": str(tmp_path)}).installed

    (tmp_path / "a-1.dist-info").symlink_to("nowhere")
    seen = [found()]
    for name in ("b-1.dist-info", "c-1.dist-info", "d-1.dist-info"):  # in whatever order they are listed
        (tmp_path / name).mkdir()
        seen.append(found())
    assert len(set(seen)) == 4


def test_a_limit_that_cannot_be_raised_again_is_part_of_it():
    code = "from workbench.warm.identity import identify; import resource, sys\n"
    code += f"place = lambda: identify(['numpy'], environment={VARIABLES}, executable=sys.executable, memory=1).place\n"
    code += "print(place())\nsoft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)\n"
    code += (
        "resource.setrlimit(resource.RLIMIT_NOFILE, (soft, soft))\nresource.setrlimit(resource.RLIMIT_NOFILE, (99, 99))\n"
    )
    code += "print(place())"
    one, other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert one != other


LOOKS = """
import os, sys
from workbench.warm.identity import identify, site_folders
looks = {"open": [], "os.scandir": [], "subprocess.Popen": [], "import": []}
def look():
    identify(["numpy"], environment={}, executable=sys.executable, memory=1)
look()
sys.addaudithook(lambda event, facts: looks[event].append(str(facts[0])) if event in looks else None)
look()
print(sum(not name.startswith("/proc/") for name in looks["open"]), len(looks["os.scandir"]) - len(set(site_folders())),
      len(looks["subprocess.Popen"]), len(looks["import"]))
"""


def test_it_takes_a_moment():
    """It lists each folder with packages, and its own, once; it reads no file, imports nothing and asks no program."""
    done = subprocess.run([sys.executable, "-c", LOOKS], capture_output=True, text=True, check=True)
    assert done.stdout == "0 1 0 0\n"


def test_installed_libraries_lie_in_a_folder_that_is_looked_at():
    import pandas

    folders = [Path(folder) for folder in identity.site_folders()]
    assert any(Path(pandas.__file__).is_relative_to(folder) for folder in folders)
