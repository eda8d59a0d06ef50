"""What a reader would object to in a Dockerfile, a compose file or a CI workflow, found without running any of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Any

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

_SECRET = re.compile(r"(?i)(password|passwd|secret|token|api_?key|private_?key)[a-z_]*\s*[=:]\s*[\"']?[^\s\"'$]{4,}")
_PINNED = re.compile(r"@sha256:[0-9a-f]{64}$")
_PYTHON = re.compile(r"(?:^|/)python:([0-9]+\.[0-9]+)")


@dataclass(frozen=True)
class Objection:
    """One fault in a file.

    Attributes
    ----------
    line : int
        From 1; 0 where the fault is that something is missing.
    rule : str
        Short name, the same for the same kind of fault.
    message : str
        What is wrong and what to write instead.
    """

    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


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
    for line, rest in froms:
        image = rest.split()[0]
        tag = image.rpartition("/")[2].partition(":")[2]
        if not _PINNED.search(image) and (not tag or tag == "latest"):
            yield Objection(line, "tag", f"`{image}` is another image tomorrow: name a version")
        version = _PYTHON.search(image)
        if version and version[1] in END_OF_LIFE and END_OF_LIFE[version[1]] < today:
            yield Objection(
                line, "end-of-life", f"Python {version[1]} gets no security fixes any more: take a supported one"
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
        if word in ("ENV", "ARG", "RUN") and _SECRET.search(rest):
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
        if word == "COPY" and rest.split()[0] in (".", "./") and any(place < later for later in installs):
            yield Objection(line, "order", "copies everything before installing: each change installs all anew")


def _of_ports(steps: list[tuple[int, str, str]]) -> Iterator[Objection]:
    exposed = [(line, rest.split("/")[0]) for line, word, rest in steps if word == "EXPOSE"]
    started = [(line, port) for line, word, rest in steps if word in ("CMD", "ENTRYPOINT") for port in _ports_of(rest)]
    if not exposed:
        yield Objection(0, "port", "no EXPOSE: on which port does it listen?")
    for line, port in started:
        if exposed and port not in [each for _, each in exposed]:
            yield Objection(line, "port", f"listens on {port} and exposes {exposed[0][1]}: nothing will ever arrive")


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


def lint_compose(text: str) -> tuple[Objection, ...]:
    """Read a compose file: pinned images, limits, no privileges, loopback ports; errors name the service."""
    made, found = _yaml(text)
    services = made.get("services")
    if not found and not (isinstance(services, dict) and services):
        return (Objection(0, "services", "no services"),)
    for name, service in _mapping(services).items():
        found += [Objection(_line_of(text, name), rule, f"{name}: {why}") for rule, why in _of_service(_mapping(service))]
    return tuple(found)


def _of_service(service: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    image = str(service.get("image", ""))
    tag = image.rpartition("/")[2].partition(":")[2]
    if image and not _PINNED.search(image) and tag in ("", "latest"):
        yield "tag", f"`{image}` is another image tomorrow: name a version"
    if service.get("privileged"):
        yield "privileged", "privileged: true takes the walls of the container away"
    if any("docker.sock" in str(each) for each in _list(service.get("volumes"))):
        yield "socket", "whoever has the engine's socket has the machine"
    if "restart" not in service:
        yield "restart", "no restart: a crash is for ever"
    if not _mapping(_mapping(_mapping(service.get("deploy")).get("resources")).get("limits")).get("memory"):
        yield "memory", "no memory limit: one service takes all from the others"
    for port in _list(service.get("ports")):
        if str(port).count(":") < 2:
            yield "loopback", f"port {port} is open to the network: write 127.0.0.1 before it, or put a proxy in front"
    environment = service.get("environment")
    pairs = environment.items() if isinstance(environment, dict) else (str(one).split("=", 1) for one in _list(environment))
    for key, *value in pairs:
        if _SECRET.search(f"{key}={''.join(map(str, value))}"):
            yield "secret", f"the secret {key} stands in the file"


def lint_workflow(text: str) -> tuple[Objection, ...]:
    """Read a CI workflow: order of jobs, pinned actions and runners, permissions, time limits, no secret in plain text."""
    made, found = _yaml(text)
    if found:
        return tuple(found)
    jobs = made.get("jobs")
    if not isinstance(jobs, dict) or not jobs:
        return (Objection(0, "jobs", "no jobs"),)
    if "on" not in made and True not in made:  # YAML 1.1 reads `on` as a truth value
        found.append(Objection(0, "trigger", "no `on`: it never runs"))
    if "permissions" not in made:
        found.append(Objection(0, "permissions", "no permissions: every step may write to the repository"))
    for name, job in jobs.items():
        found += [Objection(_line_of(text, name), rule, f"{name}: {why}") for rule, why in _of_job(_mapping(job), jobs)]
    found += [Objection(_line_of(text, "jobs"), "order", why) for why in _of_sequence(jobs)]
    for number, line in enumerate(text.splitlines(), start=1):
        if _SECRET.search(line) and "${{" not in line:
            found.append(Objection(number, "secret", "a secret in plain text"))
    return tuple(found)


def _of_job(job: Mapping[str, Any], jobs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "runs-on" not in job:
        yield "runner", "no runs-on"
    elif str(job["runs-on"]).endswith("-latest"):
        yield "runner", f"`{job['runs-on']}` is another machine tomorrow: name a version"
    if "timeout-minutes" not in job:
        yield "timeout", "no timeout-minutes: a job that hangs runs for hours"
    for needed in _needs(job):
        if needed not in jobs:
            yield "needs", f"needs `{needed}`, which is no job"
    for step in map(_mapping, _list(job.get("steps"))):
        used = str(step.get("uses", ""))
        if used and "@" not in used:
            yield "action", f"`{used}` names no version"
        elif used.endswith(("@main", "@master")):
            yield "action", f"`{used}` is other code tomorrow"
        if step.get("continue-on-error"):
            yield "ignored", "continue-on-error lets a failure pass"


def _of_sequence(jobs: Mapping[str, Any]) -> Iterator[str]:
    """Whether nothing reaches production untested or without a person's word."""
    for name, job in jobs.items():
        if "release" not in str(name) and "deploy" not in str(name):
            continue
        before = _before(name, jobs, frozenset())
        if not any("test" in each for each in before):
            yield f"`{name}` does not wait for the tests"
        if not any("gate" in each for each in before):
            yield f"`{name}` does not wait for the gates"
        if not _mapping(job).get("environment"):
            yield f"`{name}` asks nobody: give it an environment that needs an approval"


def _needs(job: Mapping[str, Any]) -> list[str]:
    needs = job.get("needs", [])
    return [needs] if isinstance(needs, str) else [str(each) for each in _list(needs)]


def _before(name: str, jobs: Mapping[str, Any], seen: frozenset[str]) -> set[str]:
    found: set[str] = set()
    for each in _needs(_mapping(jobs.get(name))):
        if each not in seen:
            found |= {each} | _before(each, jobs, seen | {name, each})
    return found


def _yaml(text: str) -> tuple[dict[Any, Any], list[Objection]]:
    import yaml

    try:
        made = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return {}, [Objection(mark.line + 1 if mark else 0, "yaml", f"not YAML: {getattr(error, 'problem', error)}")]
    if not isinstance(made, dict):
        return {}, [Objection(0, "yaml", "not a mapping")]
    return made, []


def _mapping(value: Any) -> dict[Any, Any]:
    """`value`, or an empty one where it is no mapping."""
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _line_of(text: str, name: Any) -> int:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip().startswith(f"{name}:"):
            return number
    return 0
