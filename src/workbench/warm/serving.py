"""Warm kernels for whatever command starts some, and what a person is told of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from workbench.errors import CourseError, WorkbenchError
from workbench.warm import client, defaults, keeper
from workbench.warm.client import NotWarm
from workbench.warm.order import KERNEL
from workbench.warm.owned import Zygote
from workbench.warm.status import Kernel, Status

_MEGABYTE = 1 << 20
_PATIENCE = 900.0  # seconds that are waited for libraries where every kernel must be warm
_held: list[Zygote] = []  # until this process ends, by whatever name it runs


class CommandError(WorkbenchError):
    """A command that cannot be started."""

    exit_code = 2


def modules(named: Iterable[str], notebooks: Iterable[Path], *, name: str = "") -> list[str]:
    """What is to be loaded ahead of time.

    Parameters
    ----------
    named : iterable of str
        Modules by name; empty texts are left out.
    notebooks : iterable of Path
        Notebooks whose libraries are wanted, too. Where neither is given: the course's lessons.
    name : str
        An installed kernel whose libraries are wanted where there is no course, either.

    Raises
    ------
    WorkbenchError
        When there is nothing to go by.
    """
    wanted = [entry.strip() for entry in named if entry.strip()]
    notebooks = list(notebooks)
    if notebooks:
        from workbench.warm import libraries

        wanted += [entry for entry in libraries.of_notebooks(notebooks) if entry not in wanted]
    if wanted or notebooks:
        return wanted
    from workbench.course import Course

    try:
        course = Course.find()
    except CourseError as error:
        if name:
            from workbench.warm import kernelspec

            return kernelspec.modules_of(name)
        raise CommandError("nothing says what to load", remedy="--modules pandas,…, or --from NOTEBOOK") from error
    from workbench.catalog import Catalog
    from workbench.warm import preload

    return preload.modules(course, Catalog.load(course.catalog).lessons)


def checked(named: Iterable[str]) -> list[str]:
    """Modules by name, all of which can be found here; empty texts are left out.

    Raises
    ------
    CommandError
        When one cannot.
    """
    from workbench.warm import libraries

    wanted = [entry.strip() for entry in named if entry.strip()]
    if unknown := libraries.unknown(wanted):
        raise CommandError(
            f"not to be found here: {', '.join(unknown)}", remedy="correct the name, or install it where the notebooks run"
        )
    return wanted


def environment(
    wanted: Sequence[str], *, name: str = defaults.NAME, alone: bool = False, strict: bool = False
) -> dict[str, str]:
    """The variables that make a command take its kernels from a zygote with the modules `wanted`.

    Parameters
    ----------
    alone : bool
        Whether the zygote is this process's own, and ends with it and whatever command it becomes.
    strict : bool
        Whether to wait until it has its libraries, and let a kernel that it cannot make be an error.

    Raises
    ------
    NotWarm
        Where there can be none.
    """
    entries = [*KERNEL, *wanted]
    more = {client.ONLY: "1"} if strict else {}
    if alone:
        zygote = Zygote(entries)
        zygote.hand_on()
        _held.append(zygote)
        path = zygote.path
    else:
        path = keeper.ask(entries, name=name)
        more[client.ANEW] = json.dumps({"name": name, "modules": list(wanted)})
    if strict:
        client.wait_for(path, seconds=_PATIENCE)
    return client.offer_to_jupyter([path]) | more


def run(
    command: Sequence[str],
    wanted: Sequence[str],
    *,
    name: str = defaults.NAME,
    alone: bool = False,
    strict: bool = False,
) -> NoReturn:
    """Become `command`, with warm kernels; with cold ones where there can be none, which is said once.

    Raises
    ------
    CommandError
        When there is no such command.
    NotWarm
        When it is to be `strict`, processes can be forked here, and yet there can be no warm kernels.
    """
    variables = dict(os.environ)
    try:
        variables |= environment(wanted, name=name, alone=alone, strict=strict)
    except NotWarm as why:
        if strict and not client.unsupported():
            raise
        print(f"workbench: cold kernels instead of warm ones: {why.what}", file=sys.stderr)  # noqa: T201
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        if os.name == "posix":
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # which Python ignores, and a program would inherit
            os.execvpe(command[0], list(command), variables)  # noqa: S606 - so that signals and its exit code are its own
        sys.exit(subprocess.run(command, env=variables, check=False).returncode)
    except OSError as error:
        raise CommandError(f"{command[0]}: {error.strerror}") from error


def lines(one: Status) -> Iterator[str]:
    """What a person is told of a zygote and its kernels."""
    age = f", for {_duration(time.time() - one.since)}" if one.since else ""
    left = f", ends in {_duration(one.seconds_left)} without a kernel" if one.seconds_left is not None else ""
    yield f"{one.name or 'a zygote'}  process {one.pid}, {one.state}{age}{left}"
    if one.modules:
        yield f"  {len(one.modules)} modules in {_megabytes(one.memory.resident)}"
    for entry, why in one.not_imported.items():
        yield f"  not imported: {entry}, {' '.join(why.split())}"
    if one.left_to_kernels:
        yield f"  left to each notebook: {', '.join(one.left_to_kernels)}"
    yield from (_line(kernel) for kernel in one.kernels)


def _line(kernel: Kernel) -> str:
    share = kernel.memory.unique / max(kernel.memory.resident, 1)
    of_its_own = f"{_megabytes(kernel.memory.unique)} of its own, {share:.0%} of what it has"
    return f"  kernel {kernel.pid}, for {_duration(time.time() - kernel.since)}, {of_its_own}, in {kernel.folder}"


def _megabytes(size: int) -> str:
    return f"{size / _MEGABYTE:,.0f} MB"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
