"""Deployment: from a model that somebody has to a service that everybody can rely on.

A model in a notebook decides nothing. Deployment turns it into answers where decisions are made, at the moment they are made
and for as many as ask. That takes three things, and each of them fails in a way of its own:

A file that can be trusted
    `package` writes a model as text, not as a pickle, with the digest of its bytes. What is loaded later is what
    was approved earlier, or loading fails.
An interface that refuses nonsense
    A service gets requests from people and programs that never read its documentation. It must say which field is
    wrong, before the model turns it into a plausible number.
A process that starts and stops cleanly
    `server` runs an application on this machine for as long as a block of code lasts: real HTTP, real refusals,
    nothing left behind.

Deployment is the start of a model's life, not its end: what happens next is the business of `lifecycle.monitor`.
"""

from __future__ import annotations

from lifecycle.deploy.package import digest_of, digest_of_file, load_model, save_model
from lifecycle.deploy.server import Service, serving

__all__ = ["Service", "digest_of", "digest_of_file", "load_model", "save_model", "serving"]
