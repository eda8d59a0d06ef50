"""Warm kernels against cold ones: the first reply, short notebooks by `run` and by nbval, many kernels, the whole course.

What is compared is measured in turn in one run. The zygotes are there before the clock starts, except in ``workbench run``,
which starts its own. ``warm-first-reply-over-cold`` is what any tool sees that starts a kernel by jupyter_client: from the
request to the reply of a cell that imports the whole stack. jupyter_client's own clients call a kernel ready when they have
heard nothing for 0.2 seconds; the provisioner gives ours instead. What the others would take is measured beside it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import _many
import _short_course
import _whole_course
from _measure import Figure, main, median_ratio, pairs
from run_overhead import LOOP, _call, _jobs

from workbench.course import Course
from workbench.warm import client, preload
from workbench.warm.owned import Zygote

FIRST = f"import {', '.join(_short_course.STACK)}"


def measure(quick: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="warm-") as name:
        folder = Path(name)
        # Before a zygote is given this process's variables: stored outputs are made here, and scikit-learn sets one.
        notebooks = _short_course.notebooks(folder / "notebooks")
        with _zygote() as one:
            figures = [*_first_reply(quick), *_nbval(notebooks, one, quick), *_many.figures(one, quick)]
        figures += _short(folder, quick)
        return [*figures, *_course(folder, quick)]


@contextmanager
def _zygote() -> Iterator[Zygote]:
    """One with the whole stack, which has imported it all, offered to this process."""
    with Zygote([*preload.KERNEL, *_short_course.STACK]) as one, client.offered([one]):
        client.wait_for(one.path, seconds=120)
        yield one


def _say(text: str) -> None:
    print(text, file=sys.stderr)


# --- The first reply ------------------------------------------------------------------------------------------------------


def _first_reply(quick: bool) -> list[Figure]:
    """A cold kernel, a warm one, and a warm one by jupyter_client's own client; none is timed as it ends."""
    from jupyter_client.blocking.client import BlockingKernelClient

    from workbench.warm.handshake import PromptBlockingClient

    _reply(warm=True, client_class=PromptBlockingClient)  # what this process imports itself
    cold: list[float] = []
    ours: list[float] = []
    stock: list[float] = []
    for turn in range(1, (3 if quick else 15) + 1):
        cold.append(_reply(warm=False, client_class=BlockingKernelClient))
        ours.append(_reply(warm=True, client_class=PromptBlockingClient))
        stock.append(_reply(warm=True, client_class=BlockingKernelClient))
        _say(
            f"first reply {turn}: cold {cold[-1]:.2f} s, warm {ours[-1]:.3f} s, by jupyter_client's client {stock[-1]:.3f} s"
        )
    _say(
        f"first reply: cold {statistics.median(cold):.2f} s, warm {statistics.median(ours):.3f} s; by "
        f"jupyter_client's own client {statistics.median(stock):.3f} s, 0.2 s of it for a message that does not come"
    )
    return [
        Figure("warm-first-reply-over-cold", median_ratio(cold, ours), "ratio", ">=", 8),
        Figure("warm-stock-client-over-cold", median_ratio(cold, stock), "ratio", ">=", 4),
    ]


def _reply(*, warm: bool, client_class: Any) -> float:
    """Seconds from the request for a kernel to the reply of the cell that imports the stack; one that is to be warm is."""
    from jupyter_client.manager import KernelManager

    started = time.perf_counter()
    manager: Any = KernelManager(kernel_name="python3")
    if warm:
        manager.kernel_spec.metadata["kernel_provisioner"] = {"provisioner_name": client.PROVISIONER}
    with Path(os.devnull).open("wb") as nothing:  # a cold one warns that anybody could listen
        manager.start_kernel(stderr=nothing, env={**os.environ, client.ONLY: "1"})
    manager.client_factory = client_class
    kernel = manager.client()
    kernel.start_channels()
    try:
        kernel.wait_for_ready(timeout=120)
        reply = kernel.execute(FIRST, reply=True, timeout=120)
        taken = time.perf_counter() - started
        assert reply["content"]["status"] == "ok", reply
    finally:
        kernel.stop_channels()
        manager.shutdown_kernel(now=True)
    return taken


# --- Short notebooks ------------------------------------------------------------------------------------------------------


def _nbval(notebooks: Path, zygote: Zygote, quick: bool) -> list[Figure]:
    """The same notebooks by ``pytest --nbval``, one of which has a wrong output."""
    verdicts: list[list[tuple[str, str]]] = []

    def tested(variables: dict[str, str]) -> None:
        report = notebooks.parent / "report.xml"
        environment = {name: value for name, value in os.environ.items() if name != client.VARIABLE} | variables
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # nbval alone
        words = ["-p", "nbval", "--nbval", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", "-c", os.devnull]
        command = [sys.executable, "-m", "pytest", *words, f"--rootdir={notebooks}", str(notebooks)]
        subprocess.run(command, env=environment, capture_output=True, check=False)
        cases = ElementTree.parse(report).iter("testcase")
        verdicts.append([(f"{one.get('classname')} {one.get('name')}", "failed" if len(one) else "passed") for one in cases])

    only_warm = client.offer_to_jupyter([zygote.path]) | {client.ONLY: "1"}
    cold, warm = pairs(lambda: tested({}), lambda: tested(only_warm), repeat=1 if quick else 3)
    same = all(one == verdicts[0] for one in verdicts)
    wrong = [name for name, verdict in verdicts[0] if verdict == "failed"]
    assert len(wrong) == 1, f"one output is wrong, and these were found: {wrong}"
    return [
        Figure("nbval-warm-over-cold", median_ratio(cold, warm), "ratio", ">=", 3),
        Figure("nbval-other-verdicts", 0.0 if same else 1.0, "runs", "<=", 0),
    ]


def _short(folder: Path, quick: bool) -> list[Figure]:
    """Ten short lessons by ``workbench run``, by a plain loop of papermill, and by ``run`` with a zygote that is there.

    What its own zygote imports before the first lesson begins is counted among what `run` adds, though cells would import
    it in cold kernels: most of the difference between the two last figures.
    """
    course = Course.find(_short_course.course(folder / "short"))
    repeat = 1 if quick else 5
    loops = iter([_jobs(course, folder / f"loop{number}") for number in range(repeat)])
    numbers = count()
    spent: list[_whole_course.Spent] = []

    def ours() -> None:
        spent.append(_whole_course.run(course, folder / f"run{next(numbers)}"))

    def loop() -> None:
        _call([sys.executable, "-W", "ignore", "-c", LOOP, str(next(loops))], course.root)

    plain, run = pairs(loop, ours, repeat=repeat)
    with _zygote():
        there = [_whole_course.run(course, folder / f"there{turn}") for turn in range(repeat)]
    return [
        Figure("ten-short-over-papermill-loop", median_ratio(plain, run), "ratio", ">=", 4),
        Figure("overhead-per-short-lesson", statistics.median(one.overhead for one in spent), "s", "<=", 0.4),
        Figure("overhead-per-short-lesson-zygote-there", statistics.median(one.overhead for one in there), "s", "<=", 0.4),
    ]


# --- The whole course -----------------------------------------------------------------------------------------------------


def _course(folder: Path, quick: bool) -> list[Figure]:
    """One lesson at a time with the threads that each of two has, and two at a time."""
    course = Course.find(Path(__file__).parent)
    ratios, overheads = [], []
    for turn in range(1 if quick else 3):
        one = _whole_course.run(course, folder / f"one{turn}", threads=max(1, (os.cpu_count() or 1) // 2))
        two = _whole_course.run(course, folder / f"two{turn}", "--jobs", "2")
        path, half = _whole_course.critical_path(course, one.compute), sum(one.compute.values()) / 2
        _say(
            f"whole course: {one.wall:.1f} s one at a time, cells {sum(one.compute.values()):.1f} s; two "
            f"at a time {two.wall:.1f} s, cells {sum(two.compute.values()):.1f} s; "
            f"critical path {path:.1f} s, half {half:.1f} s"
        )
        ratios.append(two.wall / max(path, half))
        overheads.append(one.overhead)
    return [
        Figure("overhead-per-lesson", statistics.median(overheads), "s", "<=", 0.4),
        Figure("jobs2-over-bound", statistics.median(ratios), "ratio", "<=", 1.2),
    ]


if __name__ == "__main__":
    main(measure, about=__doc__ or "")
