"""Answering one request: in the submission's process itself, or in a fork of it whose traces are thrown away.

So what an answer does to itself while a hidden question asks it changes nothing for the next request: each is answered in a
process of its own, in a copy of the working folder. (A submission that sets out to can leave itself a note elsewhere in its
scratch folder. It has nobody to tell.)
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from workbench.checks.answer import LiveNotebook, Reply
from workbench.codec import Tree
from workbench.grading import frames

OURS = ".workbench"  # in the working folder: what the course gives to read
GRACE = 2.0  # seconds beyond those of the call, for encoding what it gave
_FILES, _BYTES = 1000, 16 << 20  # of the working folder, for it to be copied
_PIECE = 1 << 20
_exit = os._exit


def reply(names: Mapping[str, Any], ask: Sequence[Tree], *, seconds: float) -> Reply:
    """What `names` say to one request, ``[verb, name, arguments, named arguments]``."""
    verb, name, arguments, named = ask
    live = LiveNotebook(names, seconds=seconds)
    return live.read(name) if verb == "read" else live.call(name, arguments, named)


def answered(names: Mapping[str, Any], request: Mapping[str, Any], *, seconds: float, base: Path) -> bytes:
    """The frame that a fork of this process replies with, or one that says why there is none; `base` is copied for it."""
    folder = _copied(base)
    try:
        receiving, giving = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # threads that a cell has started: the fork does without
            process = os.fork()
    except OSError as error:  # the cells have left no room for another process
        return frames.packed({"id": request["id"], "reply": {"ended": f"it could not be called: {error.strerror}"}})
    if process == 0:
        with suppress(BaseException):
            os.close(receiving)
            if folder is not None:
                _enter(folder, base)
            data = frames.packed({"id": request["id"], "reply": reply(names, request["ask"], seconds=seconds)})
            while data:
                data = data[os.write(giving, data) :]
        _exit(0)
    os.close(giving)
    said, late = _heard(receiving, time.monotonic() + seconds + GRACE)
    os.close(receiving)
    os.kill(process, signal.SIGKILL)  # it has said what it had to say
    os.waitpid(process, 0)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
    if late:
        return frames.packed({"id": request["id"], "reply": {"late": f"{seconds:g}"}})
    return said if frames.whole(said) else frames.packed({"id": request["id"], "reply": {"ended": "no reply was left"}})


def _heard(descriptor: int, deadline: float) -> tuple[bytes, bool]:
    """What comes up to the end of a frame, and whether that was not there by then.

    Not up to the end of all: a process that the answer has left behind would hold the pipe open.
    """
    said = bytearray()
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    while poll.poll(max(0.0, 1000 * (deadline - time.monotonic()))):
        piece = os.read(descriptor, _PIECE)
        said += piece
        if not piece or frames.whole(said):
            return bytes(said), False
    return b"", True


def _copied(base: Path) -> Path | None:
    """A copy of what can be copied of the working folder, where it is small enough; otherwise links to what is in it.

    None where there can be none: the cells may have filled, closed or removed the folder, which is no reason not to ask.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=".apart-", dir=base))
        entries = [entry for entry in os.scandir(base) if entry.name not in (OURS, folder.name)]
        small = bool(entries) and _small(base)
    except OSError:
        return None
    for entry in entries:
        with suppress(OSError):  # pipes, closed folders, files that are gone by now
            if not small:
                (folder / entry.name).symlink_to(entry.path)
            elif entry.is_dir(follow_symlinks=False):
                shutil.copytree(entry.path, folder / entry.name, symlinks=True)
            elif entry.is_file(follow_symlinks=False):
                shutil.copy2(entry.path, folder / entry.name)
    return folder


def _enter(folder: Path, base: Path) -> None:
    """Go to the place in the copy that corresponds to where this process is, if that is in the working folder at all."""
    with suppress(OSError):
        here = Path.cwd()
        os.chdir(folder / here.relative_to(base) if here.is_relative_to(base) else here)
    tempfile.tempdir = str(folder)


def _small(folder: Path) -> bool:
    """Whether copying it takes no time to speak of."""
    count = size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # gone by now
                count, size = count + 1, size + os.lstat(f"{place}/{name}").st_size
            if count > _FILES or size > _BYTES:
                return False
    return True
