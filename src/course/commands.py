"""Commands that know machine learning; the engine finds them through the entry point ``workbench.commands``."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the course's commands to the engine's command line."""
