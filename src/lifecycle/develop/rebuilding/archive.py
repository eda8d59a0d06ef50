"""Bundles as archives and folders; see `lifecycle.archives`."""

from __future__ import annotations

from lifecycle.archives import Archives
from lifecycle.develop.record.manifest import BundleError

MOST_FILES = 1_000
LARGEST_FILE = 256 * 1024**2
LARGEST = 512 * 1024**2
"""In bytes, one file and all of them together; unpacked."""

BUNDLES = Archives(
    "bundle",
    BundleError,
    MOST_FILES,
    LARGEST_FILE,
    LARGEST,
    remedy="leave the rows out and refer to them (`rows=False`), or train on a sample",
)
