"""Commands that know machine learning; the engine finds them through the entry point ``workbench.commands``.

A module a group of commands, each with a ``register(app)``; what they call lives in `lifecycle`.
"""

from __future__ import annotations

from importlib import import_module

import typer

MODULES = ("serve", "profile", "train", "bundle", "score", "incident", "monitor", "govern", "exam", "new_use_case")


def register(app: typer.Typer) -> None:
    """Add the course's commands to the engine's command line."""
    for name in MODULES:
        import_module(f"course.commands.{name}").register(app)
