"""The record: who vouches for what, and what happened, in a form that nobody can change unseen.

`signatures` makes keys, signs bytes and checks signatures; `trail` appends what happened to a file whose records are
chained and signed; `verification` says whether a trail is what was written, and else which record is the first that is
wrong, and how. `canonical` and `entries` say how a record is written down, and what makes it authentic.
"""

from __future__ import annotations

from lifecycle.govern.record.entries import Head, Record
from lifecycle.govern.record.errors import TrailError
from lifecycle.govern.record.signatures import SignatureError, SigningKey, check_signature, is_signed
from lifecycle.govern.record.trail import Trail, digest_of_file
from lifecycle.govern.record.verification import Verified, head_of, verify_trail, verify_trail_bytes

__all__ = [
    "Head", "Record", "SignatureError", "SigningKey", "Trail", "TrailError", "Verified", "check_signature", "digest_of_file",
    "head_of", "is_signed", "verify_trail", "verify_trail_bytes",
]  # fmt: skip
