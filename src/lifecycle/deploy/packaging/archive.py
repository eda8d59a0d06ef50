"""Packages as archives and folders; see `lifecycle.archives`."""

from __future__ import annotations

from lifecycle.archives import Archives
from lifecycle.deploy.packaging.errors import PackageError

MOST_FILES = 200
LARGEST = 256 * 1024**2
"""In bytes, all files together, unpacked."""

PACKAGES = Archives("package", PackageError, MOST_FILES, LARGEST, LARGEST, missing="lesson 07 builds one: `build_package`")
