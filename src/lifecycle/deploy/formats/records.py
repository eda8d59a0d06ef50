"""What was found elsewhere and written down: under other releases of a library, and with a Java compiler."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def version_record() -> dict[str, Any]:
    """What ``benchmarks/versions.py`` found: ``environments``, one script ``trained``, the pickles ``loaded``."""
    return _record("version_record.json")


def java_record() -> dict[str, Any]:
    """What ``benchmarks/formats.py`` found for the course's credit model, with the digest of the Java source."""
    return _record("java_record.json")


def _record(name: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(files("lifecycle.deploy.formats").joinpath(name).read_text("utf-8"))
    return record
