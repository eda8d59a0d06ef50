"""A run on the workers of a ``distributed`` scheduler that see nothing of this machine's but what they are sent."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import nbformat
import pytest
from distributed import Client, KilledWorker
from typer.testing import CliRunner

from loopback import Cluster, scheduler
from workbench import cluster, modules
from workbench.cli import application
from workbench.course import Course
from workbench.errors import ClusterError
from workbench.grading.sandbox import bubblewrap
from workbench.record import RunReport
from workbench.run import run

TEA = Path(__file__).parent / "fixtures" / "tea_course"
NAP = """import os, time
from pathlib import Path
mark = Path(os.environ["MARKS"]) / "pid"
if not mark.exists():
    mark.write_text(str(os.getpid()))
    time.sleep(900)
"""


class Farm:
    """The tea course here, and a copy of it for each of two workers, who do not see the one here where bubblewrap works."""

    def __init__(self, folder: Path, workers: Cluster) -> None:
        self.folder = folder
        self.workers = workers
        (folder / "here").mkdir()
        self.blind = _blind(folder / "here")
        self.roots = [folder / name / "tea" for name in ("here", "one", "two")]
        self._of: dict[Path, subprocess.Popen[bytes]] = {}
        self.reset()
        self.course = Course.find(self.roots[0])

    def reset(self) -> None:
        """Courses as they were, and two workers."""
        for root in self.roots:
            shutil.copytree(TEA, root, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        modules._read.cache_clear()
        (self.folder / "pid").unlink(missing_ok=True)
        for root in self.roots[1:]:
            if root not in self._of or self._of[root].poll() is not None:
                self._of[root] = self._worker(root)
        self.workers.await_workers(2)

    def _worker(self, root: Path) -> subprocess.Popen[bytes]:
        scratch = root.parent / "scratch"
        scratch.mkdir(exist_ok=True)
        words = ("worker", self.workers.address, "--nthreads", "1", "--no-nanny", "--local-directory", str(scratch))
        variables = {"WORKBENCH_COURSE": str(root), "MARKS": str(self.folder)}
        return self.workers.start(*words, before=self.blind, folder=root.parent, variables=variables)

    def edit(self, name: str, old: str, new: str, *, at_workers_alone: bool = False) -> None:
        """Change a file of the courses."""
        for root in self.roots[at_workers_alone:]:
            text = (root / name).read_text(encoding="utf-8")
            assert old in text
            (root / name).write_text(text.replace(old, new), encoding="utf-8")
        modules._read.cache_clear()

    def run(self, *slugs: str, fresh: bool = False, **parameters: object) -> RunReport:
        """Run lessons on the cluster."""
        with cluster.connected(self.workers.address) as executor:
            return run(self.course, slugs, fresh=fresh, parameters=parameters, executor=executor)

    def when_asleep(self, act: Callable[[int], None]) -> Future[None]:
        """Call `act` with the process of the kernel that runs `NAP`, once it does; the result raises what went wrong."""
        mark = self.folder / "pid"

        def wait() -> None:
            deadline = time.monotonic() + 300
            while not (mark.is_file() and mark.read_text(encoding="utf-8")):
                assert time.monotonic() < deadline, "no kernel came to where it sleeps"
                time.sleep(0.05)
            act(int(mark.read_text(encoding="utf-8")))

        thread = ThreadPoolExecutor(1)
        try:
            return thread.submit(wait)
        finally:
            thread.shutdown(wait=False)


def _blind(folder: Path) -> list[str]:
    """A command that hides `folder` from what it runs; nothing where there is none that works."""
    command = [bubblewrap.binary(), "--dev-bind", "/", "/", "--tmpfs", str(folder), "--die-with-parent"]
    works = command[0] and subprocess.run([*command, "true"], check=False, capture_output=True).returncode == 0
    return command if works else []


@pytest.fixture(scope="module")
def farms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Farm]]:
    """A scheduler and workers for all tests of this file, since they take seconds to start; others when they are gone."""
    with ExitStack() as held:
        made: list[Farm] = []

        def living() -> Farm:
            if not made or made[-1].workers.processes[0].poll() is not None:
                workers = held.enter_context(scheduler(tmp_path_factory.mktemp("farm")))
                made.append(Farm(workers.log.parent, workers))
            return made[-1]

        yield living


@pytest.fixture
def farm(farms: Callable[[], Farm], monkeypatch: pytest.MonkeyPatch) -> Farm:
    """Courses as they were, and two workers of one task each at a time."""
    monkeypatch.setattr(cluster, "PATIENCE", 180.0)  # what is on its way to a busy machine's processor is not lost
    farms().reset()
    return farms()


def told(report: RunReport) -> list[str]:
    return [lesson.status for lesson in report.lessons]


def printed(report: RunReport, slug: str) -> list[object]:
    notebook = nbformat.read(report.folder / "notebooks" / f"{slug}.ipynb", as_version=4)
    return [cell.get("outputs") for cell in notebook.cells]


def gone(pid: int) -> bool:
    """Wait until a process has ended, whether or not anybody has asked for its end yet."""
    deadline = time.monotonic() + 120
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_workers_that_share_no_files_leave_what_a_run_on_this_machine_does(
    farm: Farm, require: Callable[[object, str], None]
) -> None:
    require(farm.blind, "no bubblewrap works here, and without it workers see the files of this machine")
    there = farm.run(guests=3)
    assert told(there) == ["run", "run", "run"], [lesson.reason for lesson in there.lessons]
    assert len({lesson.worker for lesson in there.lessons}) == 2
    assert [lesson.note for lesson in there.lessons] == ["", "", ""]
    here = run(farm.course, parameters={"guests": 3}, fresh=True)
    assert there.to_dict()["artifacts"] == here.to_dict()["artifacts"]
    assert [lesson.note for lesson in here.lessons] == ["", "", ""]  # no word of a result that cannot be repeated
    for lesson in here.lessons:
        assert printed(there, lesson.slug) == printed(here, lesson.slug)
        for name in lesson.artifacts:
            assert (there.folder / "artifacts" / name).read_bytes() == (here.folder / "artifacts" / name).read_bytes()
    assert told(farm.run(guests=3)) == ["cached", "cached", "cached"]
    assert not list(farm.folder.glob("*/scratch/**/run-*"))


def test_a_worker_with_other_code_refuses_the_lesson_that_reaches_it_and_says_what_differs(farm: Farm) -> None:
    farm.edit("src/tea/leaves.py", "2 * cups + 1", "3 * cups", at_workers_alone=True)
    report = farm.run(cups=4)
    assert told(report)[1:] == ["failed", "run"]
    assert "these differ: code tea.leaves:grams\n" in report.lessons[1].reason
    assert "tea" in report.lessons[1].reason.splitlines()[0]


def test_lessons_that_fail_there_are_told_as_those_that_fail_here_and_the_next_run_resumes(farm: Farm) -> None:
    """Threads are divided, too: this machine has two workers, so that a lesson has half of it."""
    farm.edit(
        "course/lessons/01_steeping.py",
        "minutes = steeping_minutes",
        "print('so far')\nminutes = 1 / 0 and steeping_minutes",
    )
    farm.edit("course/lessons/02_table.py", '"02/table.txt"', '"02/" + os.environ["OMP_NUM_THREADS"]')
    farm.edit("course/lessons/02_table.py", "from random", "import os\nfrom random")
    report = farm.run()
    _, steeping, table = report.lessons
    assert told(report)[1:] == ["failed", "failed"]
    assert steeping.error is not None
    assert (steeping.error.name, steeping.error.cell) == ("ZeroDivisionError", 6)
    assert "so far" in str(printed(report, "01_steeping"))
    assert table.reason == "did not write 02/table.txt, which the catalogue declares"
    farm.edit("course/lessons/01_steeping.py", "minutes = 1 / 0 and", "minutes =")
    farm.edit(
        "course/lessons/02_table.py",
        '"02/" + os.environ["OMP_NUM_THREADS"], ',
        '"02/table.txt", os.environ["OMP_NUM_THREADS"] + ',
    )
    again = farm.run()
    assert told(again) == ["cached", "run", "run"]
    half = max(1, (os.cpu_count() or 1) // 2)
    assert (again.folder / "artifacts/02/table.txt").read_text(encoding="utf-8").startswith(f"{half}green")


def test_what_a_worker_had_that_dies_is_done_by_another(farm: Farm) -> None:
    farm.edit("course/lessons/02_table.py", "from random import Random", f"{NAP}from random import Random")
    kernels: list[int] = []
    killed: list[Path] = []

    def kill(kernel: int) -> None:
        kernels.append(kernel)
        for root, worker in farm._of.items():
            if list(root.parent.glob("scratch/**/run-*")):
                killed.append(root)
                worker.kill()
                worker.wait()

    killer = farm.when_asleep(kill)
    report = farm.run("02")
    killer.result()
    assert told(report)[1:] == ["run"], report.lessons[-1].reason
    assert len(killed) == 1
    assert gone(kernels[0])


def test_a_scheduler_that_goes_away_fails_what_it_had_and_the_next_run_goes_on(
    farm: Farm, monkeypatch: pytest.MonkeyPatch
) -> None:
    farm.edit(
        "course/lessons/02_table.py", "from random import Random", f"{NAP}# and from then on\nfrom random import Random"
    )

    def kill(_kernel: int) -> None:
        farm.workers.processes[0].kill()
        farm.workers.processes[0].wait()

    killer = farm.when_asleep(kill)
    report = farm.run("02")
    killer.result()
    assert told(report)[1:] == ["failed"]
    assert report.lessons[-1].reason == "the connection to the scheduler was lost"
    monkeypatch.setenv("MARKS", str(farm.folder))
    assert told(run(farm.course, ["02"])) == ["cached", "run"]


def test_a_task_that_cannot_be_sent_any_more_fails_and_is_not_waited_for(farm: Farm) -> None:
    with cluster.connected(farm.workers.address) as executor:
        executor._executor.shutdown()
        error = executor.submit(int).exception(timeout=300)
        assert isinstance(error, ClusterError)
        assert "could not be sent: RuntimeError: cannot schedule new futures after shutdown" in str(error)
        assert not executor._open


def test_a_run_on_the_library_s_own_executor_is_reported_when_that_is_closed(farm: Farm) -> None:
    client = Client(farm.workers.address, set_as_default=False)
    executor = client.get_executor(pure=False)
    client.close()
    report = run(farm.course, ["02"], executor=executor)
    assert told(report) == ["failed", "skipped"]
    assert "the executor has no result: ClosedClientError" in report.lessons[0].reason


def test_an_address_where_nobody_listens_is_said_and_nothing_is_left(
    tea_course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    monkeypatch.chdir(tea_course.root)
    result = CliRunner().invoke(application(), ["run", "--scheduler", "tcp://127.0.0.1:9"])
    assert isinstance(result.exception, ClusterError)
    assert "no scheduler answers" in str(result.exception)
    assert not tea_course.runs.exists()


def test_each_way_in_which_a_task_is_lost_is_said_in_words() -> None:
    said = [
        (CancelledError(), "the connection to the scheduler was lost"),
        (KilledWorker("task", None, 3), "each worker that had it died"),  # type: ignore[arg-type]
        (ModuleNotFoundError("No module named 'tea'"), "the worker cannot import what it needs: No module named 'tea'"),
        (OSError("disk full"), "the worker failed: OSError: disk full"),
    ]
    assert [cluster._understood(error).what for error, _ in said] == [words for _, words in said]
    mine = ClusterError("as it is")
    assert cluster._understood(mine) is mine
