"""One submission at a time: where no namespace keeps them apart, each waits for its turn, whoever has started it."""

from __future__ import annotations

import fcntl
from typing import IO

from workbench import user_cache


def taken() -> IO[bytes]:
    """Wait until no other submission of this user runs on this machine. The turn ends when what is returned is closed.

    Raises
    ------
    OSError, RuntimeError
        Where the user has no folder for such a file, or no home.
    """
    folder = user_cache.place()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stream = (folder / "submission.lock").open("wb")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX)
    except BaseException:
        stream.close()
        raise
    return stream
