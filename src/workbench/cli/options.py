"""Options that several commands of grading have: which class, which sandbox, and what a submission may take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

GRADEBOOK = "gradebook.sqlite"
Book = Annotated[str, typer.Option("--gradebook", help="A file (SQLite), or postgresql://...")]
Release = Annotated[Path, typer.Option("--release", help="The release's folder, or its manifest.json.")]
Exercises = Annotated[
    list[str] | None, typer.Option("--exercise", help="Exercise by name or number; all of the release by default.")
]
Hidden = Annotated[
    Path | None,
    typer.Option("--hidden", help="Folder with your own check modules of hidden questions.", exists=True, file_okay=False),
]
RequireTier = Annotated[str, typer.Option("--require-tier", help="The least sandbox to accept: bubblewrap or landlock.")]
AllowPlain = Annotated[
    bool, typer.Option("--allow-plain", help="Accept limits of time and memory alone: for a class you trust.")
]
Seconds = Annotated[float | None, typer.Option("--seconds", min=1, help="Time that a submission may take; 120 by default.")]
MemoryMB = Annotated[
    int | None, typer.Option("--memory-mb", min=64, help="Memory that a submission may take; 2048 by default.")
]
