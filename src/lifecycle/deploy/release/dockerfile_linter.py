"""What a reader would object to in a Dockerfile, found without building it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from types import MappingProxyType

from lifecycle.deploy.release.linters import PINNED, SECRET, Objection

END_OF_LIFE: Mapping[str, date] = MappingProxyType(
    {
        "3.8": date(2024, 10, 7),
        "3.9": date(2025, 10, 31),
        "3.10": date(2026, 10, 31),
        "3.11": date(2027, 10, 31),
        "3.12": date(2028, 10, 31),
        "3.13": date(2029, 10, 31),
    }
)
"""When security fixes for a Python end (the month is announced; here its last day, for 3.8 the day it was)."""

_PYTHON = re.compile(r"(?:^|/)python:([0-9]+\.[0-9]+)")


def lint_dockerfile(text: str, *, today: date) -> tuple[Objection, ...]:
    """Read a Dockerfile for the faults that this course names.

    Parameters
    ----------
    text : str
    today : date
        For the age of the base image; a parameter, so that a result does not change by itself.

    Returns
    -------
    tuple of Objection
        In the order of lines; what is missing stands last. Empty for a recipe without objections.
    """
    steps = list(_steps(text))
    found = [*_of_base(steps, today), *_of_steps(steps), *_of_order(steps), *_of_ports(steps)]
    words = [word for _, word, _ in steps]
    users = [(line, rest) for line, word, rest in steps if word == "USER"]
    if not users or users[-1][1].split(":")[0] in ("root", "0"):
        found.append(Objection(users[-1][0] if users else 0, "root", "runs as root: end with USER and a user of its own"))
    for needed, why in {"HEALTHCHECK": "nobody notices when it hangs", "WORKDIR": "files land in /"}.items():
        if needed not in words:
            found.append(Objection(0, needed.lower(), f"no {needed}: {why}"))
    if "CMD" not in words and "ENTRYPOINT" not in words:
        found.append(Objection(0, "start", "no CMD: the image starts nothing"))
    return tuple(sorted(found, key=lambda one: (one.line == 0, one.line, one.rule)))


def _steps(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, instruction and the rest of each step, continued lines put together."""
    started, parts = 0, []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        started = started or number
        parts.append(line.removesuffix("\\").strip())
        if not line.endswith("\\"):
            word, _, rest = " ".join(parts).partition(" ")
            yield started, word.upper(), rest.strip()
            started, parts = 0, []
    if parts:
        word, _, rest = " ".join(parts).partition(" ")
        yield started, word.upper(), rest.strip()


def _of_base(steps: list[tuple[int, str, str]], today: date) -> Iterator[Objection]:
    froms = [(line, rest) for line, word, rest in steps if word == "FROM"]
    if not froms:
        yield Objection(0, "base", "no FROM: on what is it built?")
    stages = {"scratch"}
    for line, rest in froms:
        image, *stage = _arguments(rest) or [""]
        known = image.lower() in stages
        stages.update(each.lower() for each in stage[1:2])  # AS name
        if known:
            continue
        if not image:
            yield Objection(line, "base", "FROM what? It names no image")
            continue
        tag = image.rpartition("/")[2].partition(":")[2]
        if not PINNED.search(image) and (not tag or tag == "latest"):
            yield Objection(line, "tag", f"`{image}` is another image tomorrow: name a version")
        version = _PYTHON.search(image)
        if version and version[1] in END_OF_LIFE and END_OF_LIFE[version[1]] < today:
            yield Objection(
                line,
                "end-of-life",
                f"Python {version[1]} has had no security fixes since {END_OF_LIFE[version[1]]:%Y-%m}: take a supported one",
            )
        if version and tag and "slim" not in tag and "alpine" not in tag:
            yield Objection(line, "slim", f"`{image}` brings a compiler and more: take its slim variant")


def _of_steps(steps: list[tuple[int, str, str]]) -> Iterator[Objection]:
    for line, word, rest in steps:
        if (
            word == "RUN"
            and re.search(r"\bpip3? install\b", rest)
            and "--require-hashes" not in rest
            and "--no-index" not in rest
        ):
            yield Objection(line, "unpinned", "installs what the index offers today: use a lock with --require-hashes")
        if word == "RUN" and re.search(r"(curl|wget)[^|]*\|\s*(ba)?sh", rest):
            yield Objection(line, "pipe", "runs what a server sends, unseen: fetch, check its digest, then run")
        if word == "RUN" and "apt-get install" in rest and "rm -rf /var/lib/apt/lists" not in rest:
            yield Objection(line, "apt-lists", "keeps the package lists in the image: remove them in the same step")
        if word == "ADD":
            yield Objection(line, "add", "ADD unpacks and downloads: use COPY")
        if word in ("ENV", "ARG", "RUN") and SECRET.search(rest):
            yield Objection(line, "secret", "a secret in an image is readable by whoever has it: pass it at the start")
        if word in ("CMD", "ENTRYPOINT") and not _is_list(rest):
            yield Objection(line, "shell", f"{word} through a shell, which keeps SIGTERM for itself: write it as a list")
        if word in ("CMD", "ENTRYPOINT") and re.search(r"--reload|--debug|debug=True|flask.{1,4}run", rest):
            yield Objection(line, "development", "starts a development server")


def _of_order(steps: list[tuple[int, str, str]]) -> Iterator[Objection]:
    installs = [
        place for place, (_, word, rest) in enumerate(steps) if word == "RUN" and "pip" in rest and "install" in rest
    ]
    for place, (line, word, rest) in enumerate(steps):
        everything = _arguments(rest)[:1] in (["."], ["./"]) and "--from=" not in rest
        if word == "COPY" and everything and any(place < later for later in installs):
            yield Objection(line, "order", "copies everything before installing: each change installs all anew")


def _of_ports(steps: list[tuple[int, str, str]]) -> Iterator[Objection]:
    exposed = [each for _, word, rest in steps if word == "EXPOSE" for each in rest.split()]
    started = [(line, port) for line, word, rest in steps if word in ("CMD", "ENTRYPOINT") for port in _ports_of(rest)]
    if not exposed:
        yield Objection(0, "port", "no EXPOSE: on which port does it listen?")
    for line, port in started:
        if exposed and not any(_exposes(each, port) for each in exposed):
            yield Objection(line, "port", f"listens on {port} and exposes {', '.join(exposed)}: nothing will ever arrive")


def _exposes(given: str, port: str) -> bool:
    """Whether `given`, as 8000, 8000/tcp or 8000-8010, covers `port`; what a variable holds is not known, and may."""
    ends = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/[a-z]+)?", given)
    if "$" in given or not ends or not re.fullmatch("[0-9]{1,5}", port):
        return "$" in given + port
    return int(ends[1]) <= int(port) <= int(ends[2] or ends[1])


def _arguments(rest: str) -> list[str]:
    """The words after an instruction without its flags, as ``--platform=...``."""
    return [word for word in rest.split() if not word.startswith("--")]


def _ports_of(rest: str) -> list[str]:
    words = [str(word) for word in json.loads(rest)] if _is_list(rest) else rest.split()
    ports = [after for before, after in pairwise(words) if before in ("--port", "-p")]
    ports += [word.partition("=")[2] for word in words if word.startswith("--port=")]
    ports += [word.rpartition(":")[2] for word in words if re.fullmatch(r"[0-9.]+:[0-9]+", word)]
    return ports


def _is_list(rest: str) -> bool:
    try:
        return isinstance(json.loads(rest), list)
    except ValueError:
        return False
