"""Where a figure comes from: the files of a run, by name, and a place in one of them, by reference.

``04/metrics.json#/test/recall/value`` is a value in a JSON or YAML file (a JSON pointer, RFC 6901),
``07/package.zip!manifest.json#/name`` one in a file within an archive.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from lifecycle.govern.process.errors import CardError
from lifecycle.govern.process.given import text

_MOST = 64 * 1024 * 1024
_DEEPEST = 100
_INDEX = re.compile(r"0|[1-9][0-9]*")
_STEP = re.compile(r"(?:[^~]|~[01])*")


class Sources:
    """The files of a run.

    Parameters
    ----------
    folder : Path or mapping of str to bytes
        The folder that holds ``NN/file``, or the files themselves.
    fallback : Path, optional
        Another folder, for what the first does not have.
    """

    def __init__(self, folder: Path | str | Mapping[str, bytes], *, fallback: Path | None = None) -> None:
        self._files = dict(folder) if isinstance(folder, Mapping) else {}
        self._folders = [Path(folder)] if isinstance(folder, str | Path) else []
        self._folders += [fallback] if fallback is not None else []
        self._parsed: dict[str, Any] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._files or self._place(name) is not None

    def bytes_of(self, name: str) -> bytes:
        """The file's content.

        Raises
        ------
        CardError
            When there is no such file.
        """
        if name not in self._files:
            place = self._place(name)
            if place is None:
                raise CardError("there is no such file", where=name, remedy="run the lesson that makes it")
            try:
                self._files[name] = place.read_bytes()
            except OSError as error:
                raise CardError("cannot be read", where=name) from error
        return self._files[name]

    def digest(self, name: str) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.bytes_of(name)).hexdigest()

    def value(self, reference: str) -> Any:
        """What stands at a reference.

        Raises
        ------
        CardError
            When the file, its form, or the place in it is not there.
        """
        name, _, pointer = text(reference, where="reference", error=CardError).partition("#")
        if pointer and not pointer.startswith("/"):
            raise CardError("not a JSON pointer", where=reference, remedy="after # it is empty, or begins with a stroke")
        content = self._content(name)
        for step in pointer.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            at = int(key) if isinstance(content, list) and _INDEX.fullmatch(key) and len(key) < 10 else key
            try:
                if not _STEP.fullmatch(step) or (isinstance(content, list) and at == key):
                    raise KeyError(key)
                content = content[at]
            except (KeyError, IndexError, TypeError):
                raise CardError(f"there is no `{key}`", where=reference) from None
        return deepcopy(content)  # a caller who changes it must not change what others read

    def _place(self, name: str) -> Path | None:
        if not name or name.startswith("/") or ".." in name.split("/") or "\\" in name:
            return None
        return next((folder / name for folder in self._folders if (folder / name).is_file()), None)

    def _content(self, name: str) -> Any:
        if name not in self._parsed:
            file, _, member = name.partition("!")
            data = self.bytes_of(file)
            self._parsed[name] = _parsed(_member(data, member, name) if member else data, name)
        return self._parsed[name]


def _member(data: bytes, member: str, where: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if archive.getinfo(member).file_size > _MOST:
                raise CardError("too large to be read", where=where)
            return archive.read(member)
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, RuntimeError, EOFError, OSError) as error:
        raise CardError("not an archive with such a file in it", where=where) from error


def _parsed(data: bytes, name: str) -> Any:
    if name.endswith((".yaml", ".yml")):
        import yaml

        try:
            depth = 0
            for event in yaml.parse(data, Loader=yaml.SafeLoader):
                depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
                if depth > _DEEPEST or isinstance(event, yaml.AliasEvent):
                    raise ValueError("nested too deep, or with an alias, which can make a short file endless")
            return yaml.safe_load(data)
        except (yaml.YAMLError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise CardError("not YAML as a file of a run is written", where=name) from error
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise CardError("not JSON", where=name) from error
