"""Files that say nothing without a key: AES-GCM with key ids, keys that can be changed, and keys that can be destroyed.

A file knows the id of its key and not the key. Changing a byte, the name or the key id makes it unreadable, and the error
says so. When a key is destroyed, so is everything that was written with it, in every copy, also where no sweep reaches:
on tapes and in backups.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from lifecycle.artifacts import replace_file
from lifecycle.govern.data.errors import GovernanceError

__all__ = ["KeyRing"]

_MARK = b"LCE1"
_NONCE = 12
_TAG = 16
_KEY_LENGTHS = (16, 24, 32)


class KeyRing:
    """Keys by id, one of them current.

    Parameters
    ----------
    keys : mapping of str to bytes, optional
        16, 24 or 32 bytes each. They are kept in memory; where they rest is a matter of a key store.
    current : str, optional
        The key to write with; the last of `keys` where it is left out.
    """

    def __init__(self, keys: Mapping[str, bytes] | None = None, *, current: str = "") -> None:
        self._keys: dict[str, bytes] = {}
        self.current = ""
        for key_id, key in (keys or {}).items():
            self.add(key_id, key)
        if current:
            if current not in self._keys:
                raise GovernanceError(f"no key `{current}`", where="KeyRing")
            self.current = current

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the keys that are still there."""
        return tuple(self._keys)

    def add(self, key_id: str, key: bytes | None = None) -> None:
        """Take a key, or make one, and write with it from now on. Files with older keys can still be read.

        Raises
        ------
        GovernanceError
            For an id that is taken, empty or too long, or a key of another length.
        """
        if not 0 < len(key_id.encode()) < 256 or key_id in self._keys:
            raise GovernanceError(f"`{key_id}` is taken, empty or too long", where="KeyRing")
        key = os.urandom(32) if key is None else key
        if len(key) not in _KEY_LENGTHS:
            raise GovernanceError(f"a key of {len(key)} bytes", where=f"KeyRing: `{key_id}`", remedy="32 bytes")
        self._keys[key_id] = key
        self.current = key_id

    def destroy(self, key_id: str) -> None:
        """Forget a key: what was written with it can be read by nobody any more. There is no way back."""
        if key_id not in self._keys:
            raise GovernanceError(f"no key `{key_id}`", where="KeyRing")
        del self._keys[key_id]
        if self.current == key_id:
            self.current = next(reversed(self._keys), "")

    def encrypt(self, data: bytes, *, name: str) -> bytes:
        """Encrypt with the current key.

        Parameters
        ----------
        data : bytes
            As much as fits into memory.
        name : str
            What the data are. It is bound to them, not kept: under another name they do not open.
        """
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if not self.current:
            raise GovernanceError("there is no key to write with", where="KeyRing", remedy="`add` one")
        key_id, nonce = self.current.encode(), os.urandom(_NONCE)
        head = _MARK + bytes([len(key_id)]) + key_id
        return head + nonce + AESGCM(self._keys[self.current]).encrypt(nonce, data, head + name.encode())

    def decrypt(self, data: bytes, *, name: str) -> bytes:
        """Decrypt, with whichever key it was written.

        Raises
        ------
        GovernanceError
            When it is no such file, its key is not there, or a byte or the name is not what it was.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key_id, head, rest = _parts(data, name)
        if key_id not in self._keys:
            raise GovernanceError(
                f"its key `{key_id}` is not on this ring", where=name, remedy="if the key was destroyed, so are the data"
            )
        try:
            return AESGCM(self._keys[key_id]).decrypt(rest[:_NONCE], rest[_NONCE:], head + name.encode())
        except InvalidTag as error:
            raise GovernanceError(
                "it was changed, or is not what this name says", where=name, tried=f"key `{key_id}`"
            ) from error

    def seal(self, place: Path, target: Path | None = None) -> Path:
        """Encrypt a file under its name, into `target` (else beside it, with ``.enc``). The plain file stays."""
        target = target or place.with_name(place.name + ".enc")
        replace_file(target, self.encrypt(place.read_bytes(), name=place.name))
        return target

    def unseal(self, place: Path, *, name: str = "") -> bytes:
        """Read an encrypted file; `name` is that of the plain file, where it is not the name without ``.enc``."""
        return self.decrypt(place.read_bytes(), name=name or place.name.removesuffix(".enc"))

    def key_of(self, data: bytes) -> str:
        """The id of the key that some data were written with."""
        return _parts(data, "encrypted data")[0]


def _parts(data: bytes, name: str) -> tuple[str, bytes, bytes]:
    start = len(_MARK) + 1
    whole = data.startswith(_MARK) and len(data) >= start
    if not whole or len(data) < start + data[len(_MARK)] + _NONCE + _TAG:
        raise GovernanceError("this was not encrypted by a key ring, or is cut off", where=name)
    end = start + data[len(_MARK)]
    try:
        return data[start:end].decode(), data[:end], data[end:]
    except UnicodeDecodeError as error:
        raise GovernanceError("the id of its key is damaged", where=name) from error
