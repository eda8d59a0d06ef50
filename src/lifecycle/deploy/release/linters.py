"""What a reader would object to in a compose file or a CI workflow, found without running any of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

SECRET = re.compile(r"(?i)(password|passwd|secret|token|api_?key|private_?key)[a-z_]*\s*[=:]\s*[\"']?[^\s\"'$]{4,}")
PINNED = re.compile(r"@sha256:[0-9a-f]{64}$")


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
    if image and not PINNED.search(image) and tag in ("", "latest"):
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
        if not _is_local(port):
            named = port.get("published", port.get("target")) if isinstance(port, dict) else port
            yield "loopback", f"port {named} is open to the network: write 127.0.0.1 before it, or put a proxy in front"
    environment = service.get("environment")
    pairs = environment.items() if isinstance(environment, dict) else (str(one).split("=", 1) for one in _list(environment))
    for key, *value in pairs:
        if SECRET.search(f"{key}={''.join(map(str, value))}"):
            yield "secret", f"the secret {key} stands in the file"


def _is_local(port: Any) -> bool:
    """Whether a port of a compose file (``host:published:target``, or a mapping) is for this machine alone."""
    host = port.get("host_ip", "") if isinstance(port, dict) else str(port).rpartition(":")[0].rpartition(":")[0]
    try:
        return ip_address(str(host).strip("[]")).is_loopback
    except ValueError:  # no address, or none that can be read here
        return False


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
        if SECRET.search(line) and "${{" not in line:
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
