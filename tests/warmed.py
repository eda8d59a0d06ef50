"""A zygote that is ready: on a busy machine it may import for longer than who wants a kernel would wait for it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from workbench.catalog import Lesson
from workbench.course import Course
from workbench.execute import python_path
from workbench.warm import client, preload
from workbench.warm.owned import Zygote
from workbench.warm.process import start

PATIENCE = 600.0  # seconds


@contextmanager
def zygote(course: Course, lessons: Iterable[Lesson], variables: Mapping[str, str] | None = None) -> Iterator[Zygote]:
    """One for the kernels of `lessons`, as a build has, with `variables` beside those of this process."""
    environment = {**os.environ, **(variables or {}), "PYTHONPATH": python_path(course)}
    with Zygote([*preload.KERNEL, *preload.modules(course, lessons)], environment=environment) as one:
        yield ready(one)


def ready(one: Zygote) -> Zygote:
    """`one`, once it has imported everything."""
    client.wait_for(one.path, seconds=PATIENCE)
    return one


def said(one: Zygote, arguments: list[str], environment: Mapping[str, str]) -> str:
    """What a process made by it says, which runs this interpreter with `arguments`."""
    with tempfile.TemporaryFile() as out, Path(os.devnull).open("rb") as nothing:
        streams = nothing.fileno(), out.fileno(), out.fileno()
        place = {"environment": environment, "folder": tempfile.gettempdir(), "streams": streams}
        process = start([sys.executable, *arguments], **place, sockets=[one.path])
        code = process.wait(PATIENCE)
        out.seek(0)
        text = out.read().decode()
    assert code == 0, text
    return text
