"""Where a kernel and its client meet: Unix sockets in a private folder, not ports that the whole machine can reach."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.connect import port_names
from jupyter_client.localinterfaces import localhost
from jupyter_client.manager import AsyncKernelManager

from workbench.warm import handshake

_LONGEST = 103  # bytes of a Unix socket's path; on Linux 107
_SOCKET = "k"  # jupyter_client adds `-1` to `-5`


def privately(manager: Any) -> str:
    """Let a kernel manager that has chosen nothing yet use Unix sockets.

    Returns
    -------
    str
        The folder that was made for them, to be given to `leave`. Empty where the manager stays as it is: it was told an
        address, a port or a transport, the system has no such sockets, or folders for temporary files have too long a path.
    """
    told = manager.transport != "tcp" or manager.ip != localhost() or any(getattr(manager, name) for name in port_names)
    if told or sys.platform == "win32":
        return ""
    if any("transport" in manager.config.get(kind.__name__, {}) for kind in type(manager).__mro__):
        return ""
    try:
        folder = tempfile.mkdtemp(prefix="kernel-")
    except OSError:
        return ""
    if len(f"{folder}/{_SOCKET}-5".encode()) > _LONGEST:
        leave(folder)
        return ""
    manager.cache_ports = False
    manager.transport = "ipc"
    manager.ip = f"{folder}/{_SOCKET}"
    if not manager.connection_file:
        manager.connection_file = f"{folder}/connection.json"
    return folder


class PrivateKernelManager(AsyncKernelManager):
    """Starts cold kernels, which meet their clients as warm ones do."""

    _folder = ""

    async def start_kernel(self, **kwargs: Any) -> None:  # type: ignore[override]
        """Start the kernel."""
        handshake.take(self)
        self._folder = privately(self) or self._folder
        await super().start_kernel(**kwargs)

    async def cleanup_resources(self, restart: bool = False) -> None:  # type: ignore[override]
        """Remove what the kernel and its client met by."""
        await super().cleanup_resources(restart)
        if self._folder and not restart:
            leave(self._folder)
            self._folder = ""


def leave(folder: str) -> None:
    """Remove the folder of a kernel that has ended."""
    with suppress(OSError):
        shutil.rmtree(Path(folder))
