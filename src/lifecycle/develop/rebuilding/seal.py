"""Sealing files with a manifest, and finding out whether a seal is whole."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from lifecycle.develop.record.manifest import BundleError, Manifest

MANIFEST = "manifest.json"
_SHOWN = 5


def digests_of(files: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each file, by name."""
    return {name: sha256(data).hexdigest() for name, data in sorted(files.items())}


def verified(files: Mapping[str, bytes], *, where: str) -> Manifest:
    """Hold files against the manifest among them.

    Parameters
    ----------
    files : mapping of name to bytes
        The manifest and all that it lists.
    where : str
        The bundle's name, for errors.

    Raises
    ------
    BundleError
        When there is no manifest, or for each file that was changed, added or removed: the message names it.
    """
    if MANIFEST not in files:
        raise BundleError(f"`{MANIFEST}` was removed, or this is no bundle", where=where)
    try:
        text = files[MANIFEST].decode("utf-8")
    except UnicodeDecodeError as error:
        raise BundleError("was changed: it is not UTF-8", where=f"{where}: {MANIFEST}") from error
    manifest = Manifest.from_json(text, where=f"{where}: {MANIFEST}")
    found = digests_of({name: data for name, data in files.items() if name != MANIFEST})
    faults = [
        *(f"`{name}` was changed" for name in sorted(found.keys() & manifest.files) if found[name] != manifest.files[name]),
        *(f"`{name}` was added" for name in sorted(found.keys() - manifest.files.keys())),
        *(f"`{name}` was removed" for name in sorted(manifest.files.keys() - found.keys())),
    ]
    if faults:
        more = f", and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise BundleError("not what its manifest says: " + ", ".join(faults[:_SHOWN]) + more, where=where,
                          tried="comparing the SHA-256 of each file with the one recorded",
                          remedy="get the bundle again from where it was published; use nothing of this one")  # fmt: skip
    return manifest
