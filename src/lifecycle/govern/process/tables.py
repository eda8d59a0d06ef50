"""The tables of process governance: data beside the code that applies them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """The content of ``tables/NAME.toml``. Shared by all callers: not to be changed."""
    place = resources.files(__package__).joinpath("tables", f"{name}.toml")
    return tomllib.loads(place.read_text(encoding="utf-8"))
