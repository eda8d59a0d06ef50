"""Results kept by what they depend on, and verified whenever they are read.

``objects/ab/cdef…`` holds files under their SHA-256, ``results/<fingerprint>.json`` says which of them a lesson gave. Every
file appears under a temporary name first, so that runs at the same time can share a store and a killed one leaves it whole.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from workbench import files

LIMIT = 2 * 1024**3
_GRACE = 3600.0  # seconds that an object may wait for the result that refers to it


@dataclass(frozen=True)
class Result:
    """What a lesson gave: digests of its executed notebook and of its artefacts by name, and the seconds it took."""

    lesson: str
    seconds: float
    notebook: str
    artifacts: Mapping[str, str]


class Store:
    """A folder of results.

    Parameters
    ----------
    folder : Path
        Created when something is first kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, path: Path) -> str:
        """Copy the file at `path` into the store; its SHA-256 is returned."""
        data = path.read_bytes()
        digest = files.digest_bytes(data)
        held = self._object(digest)
        if held.is_file() and files.digest_file(held) == digest:
            os.utime(held)  # young again, so that no `prune` of another run takes it before the result is recorded
        else:
            files.write_bytes(held, data)
        return digest

    def record(self, fingerprint: str, result: Result) -> None:
        """Say that `fingerprint` gives `result`, whose files are kept already."""
        files.write_json(self._result(fingerprint), asdict(result))

    def find(self, fingerprint: str) -> Result | None:
        """The result for `fingerprint`; None where there is none, or none that can be read."""
        path = self._result(fingerprint)
        try:
            held = json.loads(path.read_bytes())
            result = Result(str(held["lesson"]), float(held["seconds"]), str(held["notebook"]), {**held["artifacts"]})
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            path.unlink(missing_ok=True)
            return None
        os.utime(path)  # `prune` drops what has not been used for longest
        return result

    def restore(self, digest: str, path: Path) -> bool:
        """Copy an object to `path` after checking that it is what its name says; a damaged one is dropped: False."""
        held = self._object(digest)
        try:
            data = held.read_bytes()
        except FileNotFoundError:
            return False
        if files.digest_bytes(data) != digest:
            held.unlink(missing_ok=True)
            return False
        files.write_bytes(path, data)
        return True

    def forget(self, fingerprint: str) -> None:
        """Drop a result; its files go with the next `prune`."""
        self._result(fingerprint).unlink(missing_ok=True)

    def prune(self, *, limit: int = LIMIT) -> int:
        """Drop the results that were not used for longest until their files take at most `limit` bytes.

        Returns
        -------
        int
            Bytes freed. Objects that no result refers to go too, unless they are less than an hour old: another run may be
            about to record them.
        """
        results = sorted((self.folder / "results").glob("*.json"), key=_used, reverse=True)
        sizes = {path.parent.name + path.name: _size(path) for path in (self.folder / "objects").glob("??/*")}
        wanted: set[str] = set()
        total = 0
        for path in results:
            found = _referred(path)
            total += sum(sizes.get(digest, 0) for digest in found - wanted)
            if found and total <= limit:
                wanted |= found
            else:
                path.unlink(missing_ok=True)
        freed = 0
        for digest, size in sizes.items():
            held = self._object(digest)
            if digest not in wanted and time.time() - _used(held) > _GRACE:
                held.unlink(missing_ok=True)
                freed += size
        return freed

    def _object(self, digest: str) -> Path:
        return self.folder / "objects" / digest[:2] / digest[2:]

    def _result(self, fingerprint: str) -> Path:
        return self.folder / "results" / f"{fingerprint}.json"


def _referred(path: Path) -> set[str]:
    """The digests that the result at `path` names; none when it cannot be read."""
    try:
        held = json.loads(path.read_bytes())
        return {str(held["notebook"]), *map(str, held["artifacts"].values())}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()


def _used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
