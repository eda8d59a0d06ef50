"""Renew the hash-pinned locks: ``make lock``, or ``python requirements/lock.py``.

For each Python (3.11, 3.12, 3.13) the project's dependencies are resolved for Linux, macOS (arm64) and Windows, and the
three results are merged into one file a profile: ``learn`` is what the lessons need, ``dev`` adds the tools of
``make test``. A line that belongs to some systems only carries a marker. The version that was resolved first, for Linux on
3.11 where the committed outputs are made, is preferred everywhere else; so ``learn`` has the versions of ``dev``, and the
two can share an environment.

The files name no registry: they hold names, versions and hashes, and whichever index pip is set to use serves them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

PYTHONS = ("3.11", "3.12", "3.13")
SYSTEMS = {
    "linux": "x86_64-manylinux_2_28",
    "darwin": "aarch64-apple-darwin",
    "win32": "x86_64-pc-windows-msvc",
}
PROFILES: dict[str, tuple[str, ...]] = {"dev": ("--extra", "dev"), "learn": ()}  # in the order they are resolved
INSTALLER = "uv"
ROOT = Path(__file__).resolve().parent.parent
_HEADER = "# Written by `make lock`; {what}. Do not edit.\n"


@dataclass(frozen=True)
class Pin:
    """One package at one version, with the digests of the files that may be installed."""

    name: str
    version: str
    hashes: tuple[str, ...]

    def line(self, marker: str = "") -> str:
        """The requirement as pip reads it."""
        head = f"{self.name}=={self.version}" + (f" ; {marker}" if marker else "")
        return " \\\n    ".join([head, *(f"--hash={digest}" for digest in self.hashes)]) + "\n"


def main() -> int:
    """Write all locks; 2 where uv is missing, 1 where the dependencies cannot be resolved."""
    uv = find_uv()
    if uv is None:
        print("make lock needs uv: run `python3 bootstrap.py test` first, or install uv", file=sys.stderr)
        return 2
    try:
        texts = {f"{INSTALLER}.lock": installer_lock(uv), **project_locks(uv)}
    except subprocess.CalledProcessError as error:
        print(f"the dependencies cannot be resolved; nothing was changed\n{error.stderr.strip()}", file=sys.stderr)
        return 1
    for name, text in texts.items():
        path = ROOT / "requirements" / name
        temporary = path.with_suffix(".part")
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
        print(f"{path.relative_to(ROOT).as_posix()}: {len(parse(text))} packages")
    return 0


def find_uv() -> str | None:
    """The uv of this Python's environment, of the project's, or of the machine."""
    folders = [Path(sysconfig.get_path("scripts")), ROOT / ".venv" / "bin", ROOT / ".venv" / "Scripts"]
    beside = (shutil.which("uv", path=str(folder)) for folder in folders)
    return next((found for found in beside if found), None) or shutil.which("uv")


def installer_lock(uv: str) -> str:
    """The lock of uv itself, which bootstrap.py installs first; it needs nothing but its own file."""
    pins = resolve(uv, None, python=PYTHONS[0], system="linux", prefer="")
    return _HEADER.format(what="bootstrap.py installs the rest with it") + "".join(pin.line() for pin in pins)


def project_locks(uv: str) -> dict[str, str]:
    """Every profile's lock for every Python, by file name."""
    texts: dict[str, str] = {}
    known: dict[str, Pin] = {}
    for python in PYTHONS:
        for profile in PROFILES:
            pins: dict[str, list[Pin]] = {}
            for system in SYSTEMS:
                prefer = "".join(pin.line() for pin in known.values())
                pins[system] = resolve(uv, profile, python=python, system=system, prefer=prefer)
                known = {**{pin.name: pin for pin in pins[system]}, **known}
            what = f"profile {profile}, Python {python}"
            texts[f"{profile}-py{python.replace('.', '')}.lock"] = _HEADER.format(what=what) + merge(pins)
    return texts


def resolve(uv: str, profile: str | None, *, python: str, system: str, prefer: str) -> list[Pin]:
    """Resolve one profile, or uv itself where it is None, keeping to the versions of `prefer` where they serve."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "resolved.txt")
        output.write_text(prefer, encoding="utf-8")  # uv takes an existing output file as its preference
        source = Path(folder, "installer.in")
        source.write_text(f"{INSTALLER}\n", encoding="utf-8")
        what = [str(source)] if profile is None else ["pyproject.toml", *PROFILES[profile]]
        options = ["--python-version", python, "--python-platform", SYSTEMS[system], "--output-file", str(output)]
        quiet = ["--no-header", "--no-annotate", "--quiet", "--only-binary", ":all:", "--generate-hashes"]
        command = [uv, "pip", "compile", *what, *options, *quiet]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        return parse(output.read_text(encoding="utf-8"))


def parse(text: str) -> list[Pin]:
    """The pins of a requirements file, markers left aside.

    Raises
    ------
    ValueError
        For a line that is not ``name==version`` with hashes: an address, an option, a range.
    """
    joined = re.sub(r"\\\n\s*", "", text)
    pins = []
    for line in filter(None, (line.split("#")[0].strip() for line in joined.splitlines())):
        found = re.fullmatch(r"([a-z0-9][a-z0-9.-]*)==([^\s;]+)\s*(?:;[^-]*?)?((?:\s*--hash=sha256:[0-9a-f]{64})+)", line)
        if not found:
            raise ValueError(f"not a pinned requirement with hashes: {line[:80]}")
        pins.append(Pin(found[1], found[2], tuple(re.findall(r"sha256:[0-9a-f]{64}", found[3]))))
    return pins


def merge(pins: dict[str, list[Pin]]) -> str:
    """One requirements text from a resolution a system."""
    systems_of: dict[Pin, list[str]] = {}
    for system, resolved in pins.items():
        for pin in resolved:
            systems_of.setdefault(pin, []).append(system)
    ordered = sorted(systems_of.items(), key=lambda item: (item[0].name, item[0].version))
    return "".join(pin.line(marker(systems)) for pin, systems in ordered)


def marker(systems: list[str]) -> str:
    """The shortest marker that holds on these systems and on no other of ours."""
    if len(systems) == len(SYSTEMS):
        return ""
    if len(systems) == 1:
        return f"sys_platform == '{systems[0]}'"
    return f"sys_platform != '{next(system for system in SYSTEMS if system not in systems)}'"


if __name__ == "__main__":
    sys.exit(main())
