"""What libraries look up when they are first used, and keep: looked up before a process is forked, not in each child."""

from __future__ import annotations

import sys
from typing import Any


def _look_up() -> bool:
    if "narwhals" in sys.modules:  # asks every installed package whether it is a plugin of it
        from narwhals.dependencies import is_into_dataframe

        is_into_dataframe(None)
    return True


def __getattr__(name: str) -> Any:
    """``DONE``: so that a zygote can be told to do it by naming it among what it imports."""
    if name == "DONE":
        return _look_up()
    raise AttributeError(name)
