"""Signatures: who vouches for these bytes? Ed25519 keys, which sign, and public keys, with which anybody can check.

A signature says that the holder of a key saw exactly these bytes. It does not say that what they say is true, and it says
nothing about who holds the key: a list of public keys that was agreed on beforehand does.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lifecycle.errors import LifecycleError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_PUBLIC = re.compile(r"[0-9a-f]{64}")
_SIGNATURE = re.compile(r"[0-9a-f]{128}")  # one spelling only: another one would be a change that nobody sees


class SignatureError(LifecycleError):
    """A key that is none, or bytes that were not signed by whom they should have been."""


@dataclass(frozen=True)
class SigningKey:
    """A private key: whoever has it can sign in this name. Made by `new`, `teaching` or `from_hex`.

    Attributes
    ----------
    public : str
        The public key that checks its signatures, 64 hexadecimal digits. This is what others are given.

    Examples
    --------
    >>> key = SigningKey.teaching("risk manager")
    >>> is_signed(b"approved", key.sign(b"approved"), key.public)
    True
    >>> is_signed(b"rejected", key.sign(b"approved"), key.public)
    False
    """

    _secret: bytes = field(repr=False)
    public: str = field(init=False)

    def __post_init__(self) -> None:
        if not isinstance(self._secret, bytes) or len(self._secret) != 32:
            raise SignatureError("a private key has 32 bytes", remedy="make one with `SigningKey.new()`")
        object.__setattr__(self, "public", self._private().public_key().public_bytes_raw().hex())

    @classmethod
    def new(cls) -> SigningKey:
        """A key that nobody can guess, from the system's source of randomness."""
        import secrets

        return cls(secrets.token_bytes(32))

    @classmethod
    def teaching(cls, name: str, *, seed: int = 0) -> SigningKey:
        """The key that follows from a name and a seed, so that a lesson has the same outputs each time.

        Everybody who knows the name and the seed has this key: it proves nothing to anybody. Use `new` for anything real.
        """
        return cls(hashlib.sha256(f"teaching key\0{seed}\0{name}".encode()).digest())

    @classmethod
    def from_hex(cls, text: str) -> SigningKey:
        """Read what `to_hex` gave.

        Raises
        ------
        SignatureError
            When it is not 64 hexadecimal digits. The message does not repeat them.
        """
        if not _PUBLIC.fullmatch(text.strip()):
            raise SignatureError("not a private key: it should be 64 hexadecimal digits", remedy="take what `to_hex` gave")
        return cls(bytes.fromhex(text.strip()))

    def to_hex(self) -> str:
        """The secret itself, for a key store; keep it out of logs, notebooks and version control."""
        return self._secret.hex()

    def sign(self, data: bytes, *, purpose: str = "") -> str:
        """Sign `data`.

        Parameters
        ----------
        data : bytes
        purpose : str
            What the signature is for. It becomes part of what is signed, so that a signature given for one purpose, as
            ``"review"``, cannot be presented as one for another, as ``"sign-off"``.

        Returns
        -------
        str
            128 hexadecimal digits; the same each time.
        """
        return self._private().sign(_message(data, purpose)).hex()

    def _private(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self._secret)


def is_signed(data: bytes, signature: str, public: str, *, purpose: str = "") -> bool:
    """Whether `signature` is what the holder of the public key's private key gave for exactly these bytes.

    Parameters
    ----------
    data : bytes
    signature : str
        128 hexadecimal digits; anything else is no signature.
    public : str
        64 hexadecimal digits.
    purpose : str
        The one that it was given for.

    Raises
    ------
    SignatureError
        When `public` is no public key: then nothing can be said about the signature.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if not isinstance(public, str) or not _PUBLIC.fullmatch(public):
        raise SignatureError("not a public key: it should be 64 hexadecimal digits", remedy="give the `public` of a key")
    if not isinstance(signature, str) or not _SIGNATURE.fullmatch(signature):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), _message(data, purpose))
    except InvalidSignature:
        return False
    return True


def check_signature(data: bytes, signature: str, public: str, *, purpose: str = "", what: str = "these bytes") -> None:
    """Raise unless `is_signed`.

    Parameters
    ----------
    what : str
        What the bytes are, for the message.

    Raises
    ------
    SignatureError
        When the signature does not fit the bytes, the purpose and the key, or `public` is no key.
    """
    if not is_signed(data, signature, public, purpose=purpose):
        raise SignatureError(
            "the signature does not fit",
            where=what,
            tried=f"the public key {public[:16]}…" + (f", for the purpose `{purpose}`" if purpose else ""),
            remedy="it was changed after it was signed, or signed by somebody else, or for another purpose",
        )


def _message(data: bytes, purpose: str) -> bytes:
    """What is signed: the length of the purpose goes first, so that no purpose and data look like another pair."""
    name = purpose.encode()
    return b"lifecycle-signature-1\0" + len(name).to_bytes(4, "big") + name + data
