"""Small scripts in a sandbox: what they say on their channel, and how they end."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from workbench.grading.sandbox.ending import Ending
from workbench.grading.sandbox.forker import Forker, Room
from workbench.grading.sandbox.limits import Limits
from workbench.grading.sandbox.view import View

SAY = """
import json, os, sys
def say(value):
    data = json.dumps(value).encode() + b"\\n"
    while data:
        data = data[os.write(0, data):]
"""
LIMITS = Limits(wall=180.0, cpu=30.0, memory=512 << 20, processes=24, scratch=32 << 20, file=8 << 20)


@dataclass
class Sandbox:
    """A forker, and the folder of the scripts that it can see."""

    forker: Forker
    folder: Path

    def start(self, source: str, limits: Limits = LIMITS, *arguments: str) -> Room:
        """Start a script; it has a function ``say`` that sends a value to its channel."""
        count = len(list(self.folder.iterdir()))
        module = self.folder / f"script_{count}.py"
        module.write_text(SAY + dedent(source), encoding="utf-8")
        return self.forker.start(module.stem, arguments, limits)

    def run(self, source: str, limits: Limits = LIMITS, *arguments: str) -> tuple[list[Any], Ending]:
        """What a script says, and how it ends."""
        with self.start(source, limits, *arguments) as room:
            said = heard(room)
            ending = room.wait(limits.wall + 30)
        assert ending is not None, "it did not end"
        return said, ending


def heard(room: Room) -> list[Any]:
    """All that a script says until it ends or closes its channel."""
    room.channel.settimeout(300)
    data = b""
    while part := room.channel.recv(1 << 16):
        data += part
    return [json.loads(line) for line in data.splitlines()]


@contextmanager
def sandbox(tier: str, folder: Path, **more: Any) -> Iterator[Sandbox]:
    """A sandbox of a tier whose scripts lie in a new folder in `folder`."""
    scripts = folder / "scripts"
    scripts.mkdir()
    environment = {"PYTHONPATH": str(scripts), "PATH": os.environ["PATH"], **more.pop("environment", {})}
    readable = (scripts, *more.pop("readable", ()))
    with Forker(View(readable=readable, environment=environment, **more), tier=tier) as forker:
        yield Sandbox(forker, scripts)
