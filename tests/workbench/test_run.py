"""Running a course: order, parameters, cache, failures, and a death in the middle."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from workbench import master, modules, plan
from workbench.catalog import Catalog
from workbench.course import Course
from workbench.errors import CourseError, ParameterError
from workbench.record import LessonReport, RunReport
from workbench.run import run
from workbench.warm import client

HELPERS = """
import json, os, time
from pathlib import Path
RUN = Path(os.environ["WORKBENCH_RUN"])
def read(name):
    return json.loads((RUN / "artifacts" / name).read_text())
def write(name, value):
    path = RUN / "artifacts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
def double(x):
    return 2 * x
def treble(x):
    return 3 * x
"""
FILES = {
    "pyproject.toml": '[tool.workbench]\nsources = ["src"]\n',
    "src/beads.py": HELPERS,
    "catalog.toml": """
stages = [{ slug = "s", title = "Stage" }]
[[lessons]]
slug = "00_a"
title = "A"
stage = "s"
outputs = ["00/a.json"]
parameters.n = { min = 0, max = 100 }
[[lessons]]
slug = "01_b"
title = "B"
stage = "s"
inputs = ["00/a.json"]
outputs = ["01/b.json"]
[[lessons]]
slug = "02_c"
title = "C"
stage = "s"
outputs = ["02/c.json"]
""",
    "lessons/00_a.py": """# %% [markdown]
# # A

# %% tags=["parameters"]
n: int = 1  # how many beads
seed: int = 0  # random seed

# %%
from beads import double, write
write("00/a.json", double(n))
""",
    "lessons/01_b.py": """# %% tags=["parameters"]
n: int = 1  # how many beads
colour: str = "red"  # of the beads

# %%
from beads import read, treble, write
write("01/b.json", [colour, n, treble(read("00/a.json"))])
""",
    "lessons/02_c.py": """# %%
from beads import write
write("02/c.json", "c")
""",
}


@pytest.fixture
def beads(tmp_path: Path) -> Course:
    """Three lessons: the second reads what the first writes, the third stands alone."""
    for name, text in FILES.items():
        path = tmp_path / "beads" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Course.find(tmp_path / "beads")


def edit(course: Course, name: str, old: str, new: str) -> None:
    path = course.root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    modules._read.cache_clear()


def statuses(report: RunReport) -> list[str]:
    return [lesson.status for lesson in report.lessons]


def value(report: RunReport, name: str) -> object:
    return json.loads((report.folder / "artifacts" / name).read_text(encoding="utf-8"))


def test_a_run_leaves_notebooks_artefacts_and_a_record_and_the_next_is_cached(beads: Course) -> None:
    seen: list[tuple[str, str]] = []
    first = run(beads, progress=lambda lesson: seen.append((lesson.slug, lesson.status)))
    assert first.ok
    assert statuses(first) == ["run", "run", "run"]
    assert seen == [(slug, status) for slug in ("00_a", "01_b", "02_c") for status in ("running", "run")]
    assert value(first, "01/b.json") == ["red", 1, 6]
    assert (beads.runs / "latest").read_text(encoding="utf-8") == f"{first.folder}\n"
    record = json.loads((first.folder / "run.json").read_bytes())
    assert record == json.loads(json.dumps(first.to_dict()))
    assert record["seeds"] == {"00_a": 0}
    assert sorted(record["artifacts"]) == ["00/a.json", "01/b.json", "02/c.json"]
    assert record["versions"]["python"]
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{4}", first.id)
    notebook = nbformat.read(first.folder / "notebooks" / "00_a.ipynb", as_version=4)
    assert [cell.metadata.tags for cell in notebook.cells if "injected-parameters" in cell.metadata.get("tags", [])] == []

    second = run(beads)
    assert statuses(second) == ["cached", "cached", "cached"]
    assert second.folder != first.folder
    assert second.to_dict()["artifacts"] == first.to_dict()["artifacts"]
    assert value(second, "01/b.json") == ["red", 1, 6]
    assert [lesson.seconds for lesson in second.lessons] == [lesson.seconds for lesson in first.lessons]

    edit(beads, "src/beads.py", "3 * x", "3*x + 1")  # only 01_b calls it
    third = run(beads)
    assert statuses(third) == ["cached", "run", "cached"]
    assert value(third, "01/b.json") == ["red", 1, 7]

    held = beads.runs / ".cache" / "objects"
    digest = third.lessons[1].artifacts["01/b.json"]
    (held / digest[:2] / digest[2:]).write_text("[]", encoding="utf-8")
    fourth = run(beads)
    assert statuses(fourth) == ["cached", "run", "cached"]
    assert "damaged" in fourth.lessons[1].note
    assert fourth.to_dict()["artifacts"] == third.to_dict()["artifacts"]


def test_a_parameter_goes_to_each_lesson_that_has_it(beads: Course) -> None:
    report = run(beads, ["01_b"], parameters={"n": "4", "colour": "blue"})
    assert [lesson.slug for lesson in report.lessons] == ["00_a", "01_b"]
    assert value(report, "01/b.json") == ["blue", 4, 24]
    assert report.lessons[0].parameters == {"n": 4, "seed": 0}
    again = run(beads, ["01"], parameters={"n": 4, "colour": "blue", })  # fmt: skip
    assert statuses(again) == ["cached", "cached"]


def test_a_default_named_on_the_command_line_is_no_change(beads: Course) -> None:
    catalog = Catalog.load(beads.catalog)
    steps = plan.of_run(beads, catalog, given={"n": "1", "colour": "blue"})
    assert [step.injected for step in steps] == [{}, {"colour": "blue"}, {}]


@pytest.mark.parametrize(
    ("slugs", "given", "message"),
    [
        ([], {"m": 1}, "no parameter `m`"),
        (["00_a"], {"colour": "blue"}, "00_a: no parameter `colour`"),
        ([], {"n": "many"}, "00_a: `n` must be of type int, not 'many'"),
        ([], {"n": 101}, "00_a: `n` must be at most 100, not 101"),
    ],
)
def test_parameters_are_strict_and_the_error_lists_the_valid_ones(
    beads: Course, slugs: list[str], given: dict[str, object], message: str
) -> None:
    with pytest.raises(ParameterError) as raised:
        run(beads, slugs, parameters=given)
    assert message in str(raised.value)
    assert "n: int = 1  # how many beads" in str(raised.value)
    assert not beads.runs.exists()


def test_an_unknown_lesson_and_a_folder_in_use_are_refused(beads: Course) -> None:
    with pytest.raises(CourseError, match="no lesson `09_x`"):
        run(beads, ["09_x"])
    with pytest.raises(CourseError, match="not empty"):
        run(beads, out=beads.root / "src")


def test_a_failing_lesson_stops_only_those_that_read_from_it(beads: Course, tmp_path: Path) -> None:
    edit(beads, "lessons/00_a.py", "write(", "unknown\nwrite(")
    report = run(beads, out=tmp_path / "elsewhere")
    assert report.folder == tmp_path / "elsewhere"
    assert statuses(report) == ["failed", "skipped", "run"]
    failed, skipped, _ = report.lessons
    assert failed.error is not None
    assert failed.error.name == "NameError"
    assert ">   2  unknown" in failed.error.around
    assert "00_a" in skipped.reason
    assert (report.folder / failed.notebook).is_file()
    page = report.page.read_text(encoding="utf-8")
    assert "name &#39;unknown&#39; is not defined" in page

    edit(beads, "lessons/00_a.py", "unknown\n", "")
    assert statuses(run(beads)) == ["run", "run", "cached"]


def test_an_output_that_is_not_written_is_a_failure_that_names_it(beads: Course) -> None:
    edit(beads, "lessons/02_c.py", "02/c.json", "02/d.json")
    report = run(beads, ["02_c"])
    assert statuses(report) == ["failed"]
    assert report.lessons[0].reason == "did not write 02/c.json, which the catalogue declares"
    assert statuses(run(beads, ["02_c"])) == ["failed"]  # never cached


def test_a_master_that_cannot_be_read_fails_its_lesson_alone(beads: Course) -> None:
    (beads.lessons / "00_a.py").unlink()
    report = run(beads, parameters={"n": 3})
    assert statuses(report) == ["failed", "skipped", "run"]
    assert "00_a.py" in report.lessons[0].reason


def test_a_result_that_cannot_be_repeated_is_noted(beads: Course) -> None:
    edit(beads, "lessons/02_c.py", '"c")', "__import__('uuid').uuid4().hex)")
    first, second = run(beads, ["02"]), run(beads, ["02"], fresh=True)
    assert (first.lessons[0].note, statuses(second)) == ("", ["run"])
    assert "not reproducible: 02/c.json" in second.lessons[0].note


def test_what_is_edited_while_a_lesson_runs_is_not_taken_for_its_result(beads: Course) -> None:
    change = (
        "import beads\nfile = Path(beads.__file__)\nfile.write_text(file.read_text().replace('2 * x', '2 * x + 0'))\nwrite("
    )
    edit(beads, "lessons/00_a.py", "write(", change)
    edit(beads, "lessons/00_a.py", "import double", "import Path, double")
    report = run(beads, ["00"])
    assert statuses(report) == ["run"]
    assert "edited while it ran" in report.lessons[0].note
    assert not list((beads.runs / ".cache" / "results").glob("*"))


def test_lessons_run_side_by_side_in_processes_and_in_a_given_executor(beads: Course) -> None:
    both = threading.Barrier(2, timeout=300)

    class Meeting(ThreadPoolExecutor):
        def submit(self, fn: Callable[..., object], /, *args: object, **kwargs: object) -> object:  # type: ignore[override]
            def task() -> object:
                if args[0].label in ("00_a", "02_c"):  # type: ignore[attr-defined]
                    both.wait()  # neither goes on before the other has begun
                return fn(*args, **kwargs)

            return super().submit(task)

    with Meeting(2) as executor:
        threads = run(beads, executor=executor)
    assert statuses(threads) == ["run", "run", "run"]
    assert not both.broken
    processes = run(beads, jobs=2, fresh=True)
    assert statuses(processes) == ["run", "run", "run"]
    assert processes.to_dict()["artifacts"] == threads.to_dict()["artifacts"]
    assert [lesson.note for lesson in processes.lessons] == ["", "", ""]


@pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())
@pytest.mark.parametrize("jobs", [1, 2])
def test_every_kernel_of_a_run_is_forked_and_nothing_of_it_outlives_the_run(beads: Course, jobs: int) -> None:
    says = "Path(f'/proc/{os.getppid()}/cmdline').read_text().split('\\0')"
    for name, own in (("00_a", "double(n)"), ("01_b", '[colour, n, treble(read("00/a.json"))]'), ("02_c", '"c"')):
        edit(beads, f"lessons/{name}.py", own, says)
        edit(beads, f"lessons/{name}.py", "from beads import", "import os\nfrom pathlib import Path\nfrom beads import")
    report = run(beads, jobs=jobs)
    parents = [value(report, f"0{number}/{letter}.json") for number, letter in enumerate("abc")]

    assert report.ok
    assert [client.ZYGOTE in parent for parent in parents] == [True, True, True]
    deadline = time.monotonic() + 120  # what has been killed may need a processor for its end
    while left := [place for place in Path("/proc").glob("[0-9]*/cwd") if _is_in(place, report.folder)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


BEGINS = """
import os
from pathlib import Path
if "WORKBENCH_LESSON" in os.environ:
    Path(os.environ["MARKS"], os.environ["WORKBENCH_LESSON"]).touch()
"""
WAITS = """
import os, time
from pathlib import Path
deadline = time.monotonic() + 120
while not Path(os.environ["MARKS"], "{next}").exists():
    assert time.monotonic() < deadline, "the next lesson's kernel has not begun"
    time.sleep(0.02)
"""


def test_a_lesson_s_kernel_begins_while_the_one_before_is_executed(
    beads: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00_mark.py").write_text(BEGINS, encoding="utf-8")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("MARKS", str(tmp_path))
    monkeypatch.setenv(client.VARIABLE, "")  # a zygote of its own begins with what the first lesson imports
    for name, following in (("00_a", "01_b"), ("01_b", "02_c")):
        edit(beads, f"lessons/{name}.py", "from beads", WAITS.format(next=following) + "from beads")
    assert statuses(run(beads)) == ["run", "run", "run"]


LEAVES = """
import atexit, os
from pathlib import Path
atexit.register(Path(os.environ["MARKS"], os.environ["WORKBENCH_LESSON"]).touch)
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_a_notebook_leaves_for_its_end_is_done_when_the_run_is(
    beads: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    monkeypatch.setenv("MARKS", str(tmp_path))
    lessons = ["00_a", "01_b", "02_c"]
    for name in lessons:
        edit(beads, f"lessons/{name}.py", "from beads", LEAVES + "from beads")
    assert run(beads, jobs=jobs).ok
    assert [name for name in lessons if (tmp_path / name).exists()] == lessons


class Losing(Executor):
    """Has an answer to no task but an error of its own."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def submit(self, fn: Callable[..., object], /, *args: object, **kwargs: object) -> Future[object]:  # type: ignore[override]
        future: Future[object] = Future()
        future.set_exception(self.error)
        return future


@pytest.mark.parametrize("error", [OSError("comm closed"), CancelledError()])
def test_what_a_given_executor_loses_fails_and_the_run_is_reported(beads: Course, error: Exception) -> None:
    report = run(beads, executor=Losing(error))
    assert statuses(report) == ["failed", "skipped", "failed"]
    told = f"{type(error).__name__}: {error}".rstrip(": ")
    assert report.lessons[0].reason == f"the executor has no result: {told}"
    assert report.page.is_file()


def test_a_given_executor_that_takes_nothing_more_fails_what_it_is_given(beads: Course) -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    report = run(beads, executor=executor)
    assert statuses(report) == ["failed", "skipped", "failed"]
    assert "RuntimeError: cannot schedule new futures" in report.lessons[0].reason


def _is_in(link: Path, folder: Path) -> bool:
    try:
        return link.readlink().is_relative_to(folder)
    except OSError:  # it has ended, or is somebody else's
        return False


def test_parameters_are_found_in_the_text_as_the_notebook_has_them(beads: Course) -> None:
    for path in beads.lessons.glob("*.py"):
        assert plan.parameters_of(path, where="") == master.parameters_of(master.read(path, beads))


def command(course: Course, *arguments: str) -> subprocess.Popen[str]:
    # As in a terminal: a shell's background job inherits an ignored Ctrl-C.
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from workbench.cli import main; main()"
    program = [sys.executable, "-c", code, "run", *arguments]
    return subprocess.Popen(program, cwd=course.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(process: subprocess.Popen[str]) -> dict[str, object]:
    out, error = process.communicate(timeout=600)
    assert (process.returncode, error) == (0, "")
    found: dict[str, object] = json.loads(out)
    return found


@pytest.fixture
def napping(beads: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The beads course, its second lesson asleep, for as long as any test takes, after telling its process."""
    nap = "import time\n(RUN / 'pid').write_text(str(os.getpid()))\ntime.sleep(float(os.environ['NAP']))\nwrite("
    edit(beads, "lessons/01_b.py", "import read", "import RUN, os, read")
    edit(beads, "lessons/01_b.py", "write(", nap)
    monkeypatch.setenv("NAP", "900")
    return beads


def asleep(folder: Path) -> int:
    """Wait until the lesson sleeps; its kernel's process."""
    deadline = time.monotonic() + 180
    while not ((folder / "pid").is_file() and (text := (folder / "pid").read_text(encoding="utf-8"))):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return int(text)


def gone(pid: int) -> bool:
    """Wait until a process has ended."""
    deadline = time.monotonic() + 120
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not _alive(pid)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_killed_in_the_middle_is_resumed_with_the_same_artefacts(
    napping: Course, tmp_path: Path, jobs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = command(napping, "--json", "--jobs", jobs, "--out", str(tmp_path / "killed"), "01_b")
    kernel = asleep(tmp_path / "killed")
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=300)
    monkeypatch.setenv("NAP", "0")
    again = finished(command(napping, "--json", "--jobs", jobs, "01_b"))
    whole = finished(command(napping, "--json", "--fresh", "01_b"))
    assert [lesson["status"] for lesson in again["lessons"]] == ["cached", "run"]  # type: ignore[attr-defined]
    assert again["artifacts"] == whole["artifacts"]
    assert gone(kernel)


def test_ctrl_c_ends_a_run_in_one_line_and_leaves_no_kernel(napping: Course, tmp_path: Path) -> None:
    stopped = command(napping, "--out", str(tmp_path / "stopped"), "01_b")
    kernel = asleep(tmp_path / "stopped")
    stopped.send_signal(signal.SIGINT)
    _, error = stopped.communicate(timeout=300)
    assert stopped.returncode == 130
    assert error == "interrupted; the next `workbench run` starts from what went well\n"
    assert gone(kernel)


def _alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    try:
        return "State:\tZ" not in status.read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_two_runs_at_once_do_not_disturb_each_other(beads: Course) -> None:
    runs = [command(beads, "--json"), command(beads, "--json")]
    one, two = [finished(process) for process in runs]
    assert one["folder"] != two["folder"]
    assert one["artifacts"] == two["artifacts"]
    assert statuses(run(beads)) == ["cached", "cached", "cached"]


def test_the_command_prints_lines_a_summary_and_where_the_report_is(beads: Course) -> None:
    edit(beads, "lessons/00_a.py", "double(n)", "double(1 / 0)")
    process = command(beads, "00", "02", "-p", "n=2")
    out, error = process.communicate(timeout=300)
    assert (process.returncode, error) == (1, "")
    lines = out.splitlines()
    assert re.fullmatch(r"00_a +Stage +\d+\.\d s  FAILED", lines[0])
    assert re.fullmatch(r"02_c +Stage +\d+\.\d s  run", lines[1])
    assert "ZeroDivisionError: division by zero" in out
    assert '>   2  write("00/a.json", double(1 / 0))' in out
    assert re.fullmatch(r"report: runs/\S+/index.html", lines[-1])


def test_the_command_refuses_with_exit_code_2_and_no_traceback(beads: Course) -> None:
    refused = (
        (("-p", "n"), "is not name=value"),
        (("--use-case", "tea"), "no parameter `use_case`"),
        (("--jobs", "1", "--scheduler", "tcp://127.0.0.1:9"), "--scheduler runs as many lessons at once"),
    )
    for arguments, message in refused:
        process = command(beads, *arguments)
        out, error = process.communicate(timeout=300)
        assert (process.returncode, out) == (2, "")
        assert message in error
        assert "Traceback" not in error


def test_a_report_of_a_lesson_that_is_not_settled_is_not_good() -> None:
    lesson = LessonReport("00_a", "A", "Stage", {}, (), "notebooks/00_a.ipynb")
    assert not lesson.ok
    assert not lesson.settled


def test_a_course_about_something_else_runs_with_another_parameter(tea_course: Course) -> None:
    report = run(tea_course, parameters={"leaf": "black"})
    assert [(lesson.slug, lesson.status) for lesson in report.lessons] == [
        ("00_water", "run"), ("01_steeping", "run"), ("02_table", "run"),
    ]  # fmt: skip
    assert report.lessons[0].parameters["leaf"] == "black"
    assert sorted(report.to_dict()["artifacts"]) == ["00/kettle.json", "01/plan.json", "02/table.txt"]
