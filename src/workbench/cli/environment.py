"""Placeholder until its owner writes it."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Register commands."""
