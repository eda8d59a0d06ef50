"""The part of a hash-pinned lock that some packages need: those packages, what they require, and so on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from lifecycle.develop.record.manifest import BundleError

PYTHONS = ("3.11", "3.12", "3.13")
DISTRIBUTIONS: Mapping[str, tuple[str, ...]] = {
    "imblearn": ("imbalanced-learn",),
    "sklearn": ("scikit-learn",),
    "xgboost": ("xgboost", "xgboost-cpu"),  # which of them is decided by the lock's own markers
}
"""What to install for an import, where the names differ."""

_SYSTEMS = (("linux", "Linux", "posix"), ("darwin", "Darwin", "posix"), ("win32", "Windows", "nt"))


def lock_file(folder: Path, python: str) -> Path:
    """Where the learner's lock for a Python, as ``"3.11"``, lies in a folder of locks."""
    return folder / f"learn-py{python.replace('.', '')}.lock"


def subset(lock: str, imports: Iterable[str], *, python: str, where: str = "lock") -> str:
    """The lines of a lock that `imports` need.

    What a package requires is read from the packages installed here, judged for Linux, macOS and Windows alike; so the
    result can be installed with ``--require-hashes`` alone, which refuses whatever is not in it.

    Parameters
    ----------
    lock : str
        A requirements file: ``name==version`` with hashes.
    imports : iterable of str
        Names as in ``import``.
    python : str
        The Python that the lock is for, as ``"3.11"``.
    where : str
        The lock's name, for errors.

    Raises
    ------
    BundleError
        When the lock does not have a package that is needed, or a line of it pins nothing.
    """
    blocks = _blocks(lock, where)
    wanted = {name for each in imports for name in DISTRIBUTIONS.get(each, (each,))}
    needed: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in needed:
            continue
        if name not in blocks:
            raise BundleError(f"`{name}` is needed, and the lock does not have it", where=where,
                              remedy="renew the lock: make lock")  # fmt: skip
        needed.add(name)
        wanted |= {other for other in _requirements(name, python) if other in blocks or other not in _optional(name)}
    header = f"# What the code in this bundle needs on Python {python}. Install it with --require-hashes.\n"
    return header + "".join(blocks[name] for name in sorted(needed))


def pins(lock: str) -> dict[str, str]:
    """The versions that a lock pins, by name."""
    return dict(re.findall(r"^([a-z0-9][a-z0-9.-]*)==([^\s;\\]+)", lock, re.MULTILINE))


def _blocks(lock: str, where: str) -> dict[str, str]:
    """The lock's entries, each with its hashes, by name; a name with several markers has several lines."""
    blocks: dict[str, str] = {}
    for block in re.findall(r"^[^\s#].*(?:\n[ \t]+.*)*\n?", lock, re.MULTILINE):
        name = re.match(r"([a-z0-9][a-z0-9.-]*)==[^\s;\\]+", block)
        if name is None or "--hash=sha256:" not in block:
            raise BundleError(f"not a pinned requirement with hashes: {block[:60].strip()}", where=where)
        blocks[name[1]] = blocks.get(name[1], "") + block
    return blocks


def _requirements(name: str, python: str) -> set[str]:
    """What the installed distribution `name` requires without extras, on any of the three systems."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found = set()
    for text in _declared(name):
        each = Requirement(text)
        if each.marker is None or any(each.marker.evaluate(place) for place in _places(python)):
            found.add(str(canonicalize_name(each.name)))
    return found


def _optional(name: str) -> set[str]:
    """What some file of a distribution leaves out: the GPU library, which the lock replaces by the processor's build."""
    return {"nvidia-nccl-cu12", "nvidia-nccl-cu13"} if name == "xgboost" else set()


def _declared(name: str) -> list[str]:
    from importlib import metadata

    alike = ("xgboost-cpu", "xgboost") if name.startswith("xgboost") else (name,)
    for candidate in alike:
        try:
            return metadata.requires(candidate) or []
        except metadata.PackageNotFoundError:
            continue
    return _elsewhere(name)


def _elsewhere(name: str) -> list[str]:
    """What is not installed here is for another system; of those that are known, none requires anything."""
    if name in ("colorama", "tzdata"):
        return []
    raise BundleError(f"`{name}` is not installed, so what it requires is not known", where="lock",
                      remedy="install the course's lock: make setup")  # fmt: skip


def _places(python: str) -> list[dict[str, str]]:
    """The three systems, as markers see them."""
    return [
        {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": platform, "os_name": name,
         "platform_system": system, "implementation_name": "cpython", "platform_python_implementation": "CPython",
         "platform_machine": "arm64" if platform == "darwin" else "x86_64", "extra": ""}
        for platform, system, name in _SYSTEMS
    ]  # fmt: skip
