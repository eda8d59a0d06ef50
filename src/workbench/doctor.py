"""What this machine has of what the course can use: what is missing, what that disables, and the command that mends it."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from workbench import data
from workbench.course import Course
from workbench.errors import DataError

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 20  # that a program may take to say its version
_NAMESPACE_SETTINGS = {  # what Debian and Ubuntu ask of somebody who is not root, and the value that allows it
    "kernel.unprivileged_userns_clone": "1",
    "kernel.apparmor_restrict_unprivileged_userns": "0",
}


@dataclass(frozen=True)
class Finding:
    """One thing the doctor looked at.

    Attributes
    ----------
    state : str
        ``ok``; ``missing`` for an optional part that is not there; ``wrong`` for what the course needs.
    found : str
        What is there, with its version.
    disables : str
        What does not work because of it; empty where all is well.
    remedy : str
        The command that mends it; empty where all is well.
    """

    name: str
    state: Literal["ok", "missing", "wrong"]
    found: str
    disables: str = ""
    remedy: str = ""

    def to_dict(self) -> dict[str, str]:
        """The finding as JSON has it."""
        return asdict(self)


def examine(course: Course) -> tuple[Finding, ...]:
    """Look at everything; takes a second or two, most of it for starting Java."""
    return (
        python(course),
        packages(course),
        developer_tools(course),
        data_files(course),
        kernel(),
        java(),
        jdk(),
        sandbox(),
        browser(),
    )


def healthy(findings: tuple[Finding, ...]) -> bool:
    """Whether nothing that the course needs is wrong; optional parts may be missing."""
    return all(finding.state != "wrong" for finding in findings)


def python(course: Course) -> Finding:
    """The Python that runs, against those the course has a lock for."""
    here = ".".join(str(part) for part in sys.version_info[:3])
    locked = sorted(file.stem.removeprefix("learn-py") for file in _locks(course).glob("learn-py*.lock"))
    if locked and f"{sys.version_info[0]}{sys.version_info[1]}" not in locked:
        pythons = ", ".join(f"{digits[0]}.{digits[1:]}" for digits in locked)
        remedy = f"install one of {pythons} and set the course up with it: make lab PYTHON=python{pythons.split(',')[0]}"
        return Finding("Python", "wrong", here, "everything: there is no lock for it", remedy)
    return Finding("Python", "ok", here)


def packages(course: Course) -> Finding:
    """The installed packages against the lock of the lessons."""
    lock = _lock(course, "learn")
    if lock is None:
        return Finding("packages", "ok", "this course has no lock for this Python")
    wanted = locked_versions(lock.read_text(encoding="utf-8"))
    faults = _differences(wanted)
    if faults:
        remedy = "python3 bootstrap.py; where that says that all is well, delete the folder .venv first"
        return Finding("packages", "wrong", _told(faults), "outputs may differ from those stored, or lessons fail", remedy)
    return Finding("packages", "ok", f"{len(wanted)} at the versions of {lock.name}")


def developer_tools(course: Course) -> Finding:
    """The tools of ``make test`` against the developer's lock."""
    lock = _lock(course, "dev")
    if lock is None:
        return Finding("test tools", "ok", "this course has no developer's lock")
    learn = _lock(course, "learn")
    known = locked_versions(learn.read_text(encoding="utf-8")) if learn else {}
    wanted = {
        name: version for name, version in locked_versions(lock.read_text(encoding="utf-8")).items() if name not in known
    }
    faults = _differences(wanted)
    if faults:
        return Finding("test tools", "missing", _told(faults), "the tests", "make test sets them up")
    return Finding("test tools", "ok", f"{len(wanted)} at the versions of {lock.name}")


def data_files(course: Course) -> Finding:
    """The data files against the digests in the catalogue."""
    try:
        verdicts = data.verify(course)
    except DataError as error:
        return Finding("data", "wrong", str(error), "every lesson", "git checkout -- " + course.relative(course.datasets))
    wrong = [verdict for verdict in verdicts if not verdict.ok]
    if wrong:
        told = "; ".join(f"{verdict.file}: {verdict.problem}" for verdict in wrong)
        names = ", ".join(verdict.name for verdict in wrong)
        remedy = "git checkout -- " + " ".join(verdict.file for verdict in wrong)
        return Finding("data", "wrong", told, f"lessons that read {names}", remedy)
    return Finding("data", "ok", f"{sum(bool(verdict.file) for verdict in verdicts)} files with the right sha256")


def kernel() -> Finding:
    """The kernel that notebooks run in."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    remedy = f"{sys.executable} -m ipykernel install --sys-prefix"
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Finding("kernel", "wrong", "no kernel `python3`", "running notebooks", remedy)
    command = spec.argv[0]
    if not (Path(command).exists() or shutil.which(command)):
        return Finding("kernel", "wrong", f"`python3` starts {command}, which is not there", "running notebooks", remedy)
    return Finding("kernel", "ok", f"python3, ipykernel {metadata.version('ipykernel')}")


def java() -> Finding:
    """A Java that runs programs."""
    version = _version_of("java", "-version")
    if version:
        return Finding("Java", "ok", version)
    return Finding("Java", "missing", "no java", "scoring with Java on this machine", _install("default-jre-headless"))


def jdk() -> Finding:
    """A Java that compiles."""
    version = _version_of("javac", "-version")
    if version:
        return Finding("JDK", "ok", version)
    return Finding("JDK", "missing", "no javac", "compiling a model's Java source", _install("default-jdk-headless"))


def sandbox() -> Finding:
    """The walls that this machine can put around a stranger's code, probed by running something that tries them."""
    if sys.platform != "linux":
        return Finding("sandbox", "missing", f"{sys.platform} has none", "grading", "grade on Linux; learning works here")
    from workbench.grading.sandbox import tiers

    probes = {probe.tier: probe for probe in tiers.available() if probe.tier != "plain"}
    told = "; ".join(tier if probe.ok else f"no {tier}: {probe.why}" for tier, probe in probes.items())
    if probes["bubblewrap"].ok:
        return Finding("sandbox", "ok", told)
    disables = "grading several submissions at once" if probes["landlock"].ok else "grading strangers' submissions"
    return Finding("sandbox", "missing", told, disables, _allow_namespaces())


def browser() -> Finding:
    """A browser without a window, for the tests in one."""
    for name in _BROWSERS:
        version = _version_of(name, "--version")
        if version:
            return Finding("browser", "ok", version)
    return Finding("browser", "missing", "no chromium", "the tests in a browser", _install("chromium"))


def locked_versions(text: str) -> dict[str, str]:
    """The versions by package that a lock gives for this system.

    Parameters
    ----------
    text : str
        A requirements file with one ``name==version`` a line, markers and hashes allowed.
    """
    from packaging.requirements import Requirement

    found = {}
    for head in re.findall(r"^([a-z0-9][^#\n]*?)\s*(?:\\)?$", text, re.MULTILINE):
        requirement = Requirement(head)
        if requirement.marker is None or requirement.marker.evaluate():
            found[requirement.name] = next(iter(requirement.specifier)).version
    return found


def _differences(wanted: Mapping[str, str]) -> list[str]:
    faults = []
    for name, version in wanted.items():
        try:
            here = metadata.version(name)
        except metadata.PackageNotFoundError:
            faults.append(f"{name} {version} is missing")
        else:
            if here != version:
                faults.append(f"{name} is {here}, not {version}")
    return faults


def _told(faults: list[str]) -> str:
    more = f" and {len(faults) - 3} more" if len(faults) > 3 else ""
    return "; ".join(faults[:3]) + more


def _locks(course: Course) -> Path:
    return course.locks or course.root


def _lock(course: Course, profile: str) -> Path | None:
    file = _locks(course) / f"{profile}-py{sys.version_info[0]}{sys.version_info[1]}.lock"
    return file if file.is_file() else None


def _version_of(program: str, option: str) -> str:
    """The first line that ``program option`` prints; empty where it is not there or does not run."""
    found = shutil.which(program)
    output = _run([found, option]) if found else None
    lines = [line.strip() for line in (output or "").splitlines() if line.strip()]
    return lines[0] if lines else ""


def _run(command: list[str]) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout + done.stderr if done.returncode == 0 else None


def _allow_namespaces() -> str:
    for setting, value in _NAMESPACE_SETTINGS.items():
        file = Path("/proc/sys", setting.replace(".", "/"))
        if file.is_file() and file.read_text(encoding="ascii").strip() != value:
            return f"sudo sysctl {setting}={value}"
    return "allow user namespaces, which a container's own settings may forbid"


def _install(package: str) -> str:
    if platform.system() == "Linux":
        return f"sudo apt-get install {package}"
    return f"install what Debian calls `{package}`"
