"""The torture set through the real path, in each tier that this machine offers, as root and as somebody who is not.

Each test is one submission; the process that runs them (`worker`) lives on from one to the next, as a grader does. To see
one case: ``pytest tests/torture -k "bubblewrap-here and always-equal"``; to have all as files: `generate`.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from torture.families import CASES, MODULES, conversations, exits, forging, notebooks, output, time, values
from torture.sheet import POINTS
from workbench.grading.sandbox import privilege
from workbench.grading.sandbox.view import View

REPOSITORY = Path(__file__).resolve().parents[2]
USER = 65532  # nobody's: what runs as this user can be told from what others run
SECONDS = 600.0  # a case is over long before, or something hangs
ROOT = os.getuid() == 0
SETTINGS = [("bubblewrap", "here"), ("bubblewrap", "user"), ("landlock", "user")]
if not ROOT:  # and so there is only one user to run as
    SETTINGS = [("bubblewrap", "here"), ("landlock", "here")]


def _names(*without: ModuleType) -> list[str]:
    return [case.name for module in MODULES if module not in without for case in module.CASES]


_EVERYWHERE = _names(conversations, notebooks, values)
_ONCE = [name for name in CASES if name not in set(_EVERYWHERE)]  # what no wall of a sandbox has to do with
_RIGHTS = _names(conversations, notebooks, values, exits, forging, output, time)  # what the rights of root could help with


class Worker:
    """A process that runs cases in one tier as one user; started again where it has died."""

    def __init__(self, tier: str, who: str, cache: Path) -> None:
        self.tier, self.who, self.cache = tier, who, cache
        self.folder = Path(tempfile.mkdtemp(prefix="grounds-"))  # no name that an attack would leave
        self.folder.chmod(0o755)
        self.process: subprocess.Popen[str] | None = None
        self.started = 0
        self.ready = self._start()

    def _start(self) -> dict[str, Any]:
        self.started += 1
        place = self.folder / str(self.started)
        words = [sys.executable, "-m", "torture.worker", str(place), str(self.cache), self.tier]
        place.mkdir()
        self.cache.mkdir(exist_ok=True)
        if self.who == "user":
            for folder in (place, self.cache):
                os.chown(folder, USER, USER)
            paths = [str(path) for path in (*View().all_readable(), REPOSITORY, self.folder, self.cache)]
            words = [sys.executable, "-I", "-S", str(privilege.__file__), str(USER), json.dumps(paths), *words]
        self.errors = tempfile.TemporaryFile(mode="w+")  # noqa: SIM115 - closed by `end`
        self.process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY / "tests"), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=REPOSITORY,
            text=True,
            start_new_session=True,
        )
        return self._said()

    def run(self, name: str) -> dict[str, Any]:
        """What came of a case."""
        if self.process is None:
            self._start()
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(f"{name}\n")
        self.process.stdin.flush()
        return self._said()

    def _said(self) -> dict[str, Any]:
        assert self.process is not None
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], SECONDS)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            said = self.end()
            pytest.fail(f"the process that grades {'hangs' if not ready else 'has died'}: {said[-3000:]}", pytrace=False)
        return dict(json.loads(line))

    def finish(self) -> list[str]:
        """Close it in peace. Returns what was wrong with its last submission, and the processes that it could not end."""
        if self.process is None:
            return []
        assert self.process.stdin is not None
        self.process.stdin.close()
        left = self._said()["left"]
        self.end()
        return list(left)

    def end(self) -> str:
        """End it, and what it has started with it. Returns what it said of errors."""
        if self.process is None:
            return ""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None and not stream.closed:
                stream.close()
        self.process = None
        self.errors.seek(0)
        said = self.errors.read()
        self.errors.close()
        return said

    def close(self) -> None:
        """End it and remove its folder."""
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="module", params=SETTINGS, ids="-".join)
def worker(request: pytest.FixtureRequest, require: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    tier, who = request.param
    require(sys.platform == "linux", "grading needs Linux")
    require(why_not(tier) == "", f"no {tier} tier: {why_not(tier)}")
    shared = tmp_path_factory.getbasetemp().parent  # with xdist, of all its processes
    one = Worker(tier, who, Path(tempfile.gettempdir()) / f"torture-{shared.name}-{who}")
    try:
        yield one
        assert one.finish() == []
    finally:
        one.close()


def why_not(tier: str) -> str:
    from workbench.grading.sandbox import tiers

    return next(probe.why for probe in tiers.available() if probe.tier == tier)


def told(result: dict[str, Any]) -> str:
    """What a reader wants to know of a case that failed."""
    lines = [*result.pop("problems"), *(f"{name}: {value}" for name, value in result.items())]
    return "\n".join(lines)


@pytest.mark.parametrize("name", _EVERYWHERE)
def test_it_earns_what_it_deserves_and_touches_nothing(worker: Worker, name: str) -> None:
    result = worker.run(name)
    assert result["problems"] == [], told(result)


@pytest.mark.parametrize("name", _RIGHTS)
@pytest.mark.parametrize("worker", [("landlock", "here")], indirect=True, ids="-".join)
@pytest.mark.skipif(not ROOT, reason="needs root")
def test_being_root_does_not_help_where_there_are_no_namespaces(worker: Worker, name: str) -> None:
    result = worker.run(name)
    assert result["problems"] == [], told(result)


@pytest.mark.parametrize("name", _ONCE)
@pytest.mark.parametrize("worker", SETTINGS[:1], indirect=True, ids="-".join)
def test_what_no_wall_has_to_do_with(worker: Worker, name: str) -> None:
    result = worker.run(name)
    assert result["problems"] == [], told(result)


def test_an_honest_submission_earns_everything_in_this_tier(worker: Worker) -> None:
    assert (worker.ready["tier"], worker.ready["ready"]) == (worker.tier, POINTS)


def test_a_stub_earns_nothing(worker: Worker) -> None:
    assert set(worker.run("stub")["points"].values()) == {0}


def test_no_process_is_left_when_the_grader_has_gone(worker: Worker) -> None:
    worker.run("double-forked-daemon")
    assert worker.finish() == []


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 80
    assert len({case.family for case in CASES.values()}) == len(MODULES)


def test_limits_alone_are_refused(require: Any, tmp_path: Path) -> None:
    require(sys.platform == "linux", "grading needs Linux")
    one = Worker("plain", "here", tmp_path / "cache")
    try:
        assert one.ready["ready"] == {}
        assert "plain: keeps nobody from reading or writing anything" in one.ready["fault"]
    finally:
        one.close()
