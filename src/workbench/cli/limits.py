"""Options of the commands that run submissions: which sandbox, and what one may take."""

from __future__ import annotations

from typing import Annotated

import typer

RequireTier = Annotated[str, typer.Option("--require-tier", help="The least sandbox to accept: bubblewrap or landlock.")]
AllowPlain = Annotated[
    bool, typer.Option("--allow-plain", help="Accept limits of time and memory alone: for a class you trust.")
]
Seconds = Annotated[float | None, typer.Option("--seconds", min=1, help="Time that a submission may take; 120 by default.")]
MemoryMB = Annotated[
    int | None, typer.Option("--memory-mb", min=64, help="Memory that a submission may take; 2048 by default.")
]
