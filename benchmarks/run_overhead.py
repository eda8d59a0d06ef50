"""What `workbench run` costs over a plain loop of papermill on the same notebooks, and a run that has nothing to do."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path

from _measure import Figure, main, median_ratio, pairs, seconds

from workbench.course import Course

COMMAND = [sys.executable, "-c", "from workbench.cli import main; main()", "run"]
LOOP = """
import json, os, sys
import papermill
for job in json.load(open(sys.argv[1])):
    os.environ.update(job["environment"])
    papermill.execute_notebook(job["notebook"], job["output"], cwd=job["folder"], kernel_name="python3", progress_bar=False)
"""


def measure(quick: bool) -> list[Figure]:
    course = Course.find(Path(__file__).parent)
    with tempfile.TemporaryDirectory(prefix="run-overhead-") as temporary:
        folder = Path(temporary)
        repeat = 1 if quick else 5
        prepared = iter([_jobs(course, folder / f"loop{number}") for number in range(repeat)])
        numbers = count()

        def workbench() -> None:
            _call([*COMMAND, "--fresh", "--out", str(folder / f"run{next(numbers)}")], course.root)

        def loop() -> None:
            _call([sys.executable, "-W", "ignore", "-c", LOOP, str(next(prepared))], course.root)

        def cached() -> None:
            _call([*COMMAND, "--out", str(folder / f"run{next(numbers)}")], course.root)

        ours, plain = pairs(workbench, loop, repeat=repeat)
        idle = [seconds(cached) for _ in range(3 if quick else 9)]
    return [
        Figure("run-over-papermill-loop", median_ratio(ours, plain), "ratio", "<=", 1.10),
        Figure("run-all-cached", statistics.median(idle), "s", "<=", 2.0),
    ]


def _jobs(course: Course, folder: Path) -> Path:
    """Write the notebooks as a plain loop would find them, and what it needs to know of each."""
    import nbformat

    from workbench import master
    from workbench.catalog import Catalog
    from workbench.execute import environment_for

    jobs = []
    for lesson in Catalog.load(course.catalog).lessons:
        source = folder / "source" / f"{lesson.slug}.ipynb"
        output = folder / "notebooks" / source.name
        for path in (source, output):
            path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(master.read(course.lessons / f"{lesson.slug}.py", course), source)
        jobs.append(
            {
                "notebook": str(source),
                "output": str(output),
                "folder": str(output.parent),
                "environment": environment_for(course, lesson, folder),
            }
        )
    file = folder / "jobs.json"
    file.write_text(json.dumps(jobs), encoding="utf-8")
    return file


def _call(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:4])} failed:\n{done.stdout}\n{done.stderr}")


if __name__ == "__main__":
    main(measure, about=__doc__ or "")
