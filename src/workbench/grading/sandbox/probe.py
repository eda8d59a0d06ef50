"""``python -m workbench.grading.sandbox.probe TIER``, in a sandbox: tries its walls, and says on its channel which miss.

The answer is a JSON list of sentences, empty where all stand.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import sys
from collections.abc import Callable, Iterator


def gaps(tier: str) -> Iterator[str]:
    """What can be done here that should be impossible in this tier."""
    if os.getuid() == 0:
        yield "the process is root"
    if tier == "plain":
        return
    if _works(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()):
        yield "a network socket can be made"
    if _works(lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close()):
        yield "a socket with an address can be made"
    if _works(lambda: os.close(os.memfd_create("probe"))):
        yield "system calls are not refused"
    if ctypes.CDLL(None).unshare(0x1000_0000) == 0:
        yield "a user namespace can be made"
    if _works(lambda: os.close(os.open("/etc/workbench-probe", os.O_CREAT | os.O_WRONLY))):
        yield "files outside of the scratch folder can be written"
    if _works(lambda: os.kill(os.getppid() or 2, 0)):
        yield "other processes can be sent signals"
    if tier == "bubblewrap" and os.getpid() != 1:
        yield "other processes can be seen"


def _works(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    with socket.socket(fileno=os.dup(0)) as channel:
        channel.sendall(json.dumps(list(gaps(sys.argv[1]))).encode())
