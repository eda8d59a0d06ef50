"""JupyterLab with the warm kernel: run, interrupt, restart and sudden death are what they are with the ordinary one."""

from __future__ import annotations

import os
import re
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import nbformat
import pytest

from workbench.warm import client, defaults, status

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())]

SECONDS = 180  # on a busy machine; a test that passes waits for none of it
NAMES, SLEEP, KEPT = range(3)
CELLS = [
    "import os, sys\nkept = True\nprint(os.getpid(), os.getppid(), 'wave' in sys.modules)",
    "import time\nprint('asleep')\ntime.sleep(3000)",
    "print('kept' in globals())",
]
WARM = defaults.NAME


def opened(lab: Any, kernel: str) -> Any:
    """A notebook that asks for `kernel`, open."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    cells[SLEEP].metadata["tags"] = ["raises-exception"]  # or the kernel might refuse what is run just after the interrupt
    named = {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}}
    path = lab.course.root / f"{kernel}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=named), path)
    return lab.open(path)


def process(notebook: Any) -> tuple[int, int, str]:
    """The kernel's process, its parent, and whether a library was there."""
    notebook.run(NAMES)
    own, parent, there = notebook.output(NAMES).split()
    return int(own), int(parent), there


def choose(notebook: Any, name: str) -> None:
    """Choose from the menu: of a key that is to be pressed twice, the first is forgotten after a second."""
    notebook.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    notebook.page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{name}$")).click()  # its name has the keys too


@contextmanager
def ending(pid: int) -> Iterator[None]:
    """Wait at the end until a process has ended: for a moment, JupyterLab shows the state of the kernel before."""
    handle = os.pidfd_open(pid)
    try:
        yield
        assert select.select([handle], [], [], SECONDS)[0], "the kernel goes on"
    finally:
        os.close(handle)


def is_idle(notebook: Any) -> None:
    notebook.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for(state="attached")


@pytest.mark.parametrize("kernel", ["python3", WARM])
def test_it_is_interrupted_restarted_and_replaced_when_it_dies(warm_lab: Any, kernel: str) -> None:
    notebook = opened(warm_lab, kernel)
    first, parent, there = process(notebook)
    assert (there == "True") is (kernel == WARM)
    assert (parent in [one.pid for one in status.statuses()]) is (kernel == WARM)

    notebook.select(SLEEP)
    notebook.page.keyboard.press("Shift+Enter")
    notebook.cell(SLEEP).locator(".jp-OutputArea-output", has_text="asleep").wait_for()  # earlier, it would not be heard
    choose(notebook, "Interrupt Kernel")
    notebook.cell(SLEEP).locator(".jp-OutputArea-output", has_text="KeyboardInterrupt").first.wait_for()
    notebook.run(KEPT)
    assert notebook.output(KEPT).strip() == "True"

    with ending(first):
        choose(notebook, "Restart Kernel…")
        notebook.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()
    notebook.page.locator(".jp-Dialog").wait_for(state="detached")
    is_idle(notebook)
    notebook.run(KEPT)
    assert notebook.output(KEPT).strip() == "False"
    second, again, _ = process(notebook)
    assert (second != first, again) == (True, parent)

    os.kill(second, signal.SIGKILL)
    dialog = notebook.page.locator(".jp-Dialog", has_text="appears to have died. It will restart automatically")
    dialog.get_by_role("button", name="Ok").click()
    is_idle(notebook)
    third, again, _ = process(notebook)
    assert (third != second, again) == (True, parent)
