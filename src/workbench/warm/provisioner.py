"""The kernel provisioner ``workbench-warm``: kernels forked from a zygote, for any tool that starts them by jupyter_client.

A tool uses it when the kernel's specification names it (``metadata.kernel_provisioner.provisioner_name``), or when
``JUPYTER_DEFAULT_PROVISIONER_NAME`` does. ``WORKBENCH_WARM`` names the zygotes. Where none can serve, the kernel is a cold
one, and the log says so once.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from workbench.warm import client

_LAUNCHER = ["-m", "ipykernel_launcher"]
_KERNEL = ["-m", "workbench.warm.kernel"]
_said: set[str] = set()


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel as a child of a zygote; otherwise jupyter_client's own."""

    process: Any = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel, warm if it can be."""
        environment = dict(kwargs.pop("env", None) or os.environ)
        sockets = environment.pop(client.VARIABLE, "").split(os.pathsep)
        environment.pop("JUPYTER_DEFAULT_PROVISIONER_NAME", None)
        try:
            return await asyncio.to_thread(self._launch, cmd, environment, sockets, kwargs)
        except client.NotWarm as why:
            if why.what not in _said:
                _said.add(why.what)
                self.log.warning("a cold kernel instead of a warm one: %s", why.what)
            return await super().launch_kernel(cmd, env=environment, **kwargs)

    def _launch(self, cmd: list[str], environment: dict[str, str], sockets: list[str], kwargs: dict[str, Any]) -> Any:
        if cmd[1:3] != _LAUNCHER:
            raise client.NotWarm("the kernel is not ipykernel's")
        if not kwargs.get("independent"):
            environment["JPY_PARENT_PID"] = str(os.getpid())
        folder = str(kwargs.get("cwd") or Path.cwd())
        with Path(os.devnull).open("rb") as nothing:
            self.process = client.start(
                [cmd[0], *_KERNEL, *cmd[3:]],
                environment=environment,
                folder=folder,
                streams=(nothing.fileno(), _descriptor(kwargs.get("stdout"), 1), _descriptor(kwargs.get("stderr"), 2)),
                session=True,
                sockets=sockets,
            )
        self.pid = self.process.pid
        self.pgid = None  # signals go by way of the zygote, which knows whether the number still is the kernel's
        self.cwd = folder
        return self.connection_info


def _descriptor(stream: Any, default: int) -> int:
    if stream is None:
        return default
    number = stream if isinstance(stream, int) else int(stream.fileno())
    if number < 0:
        raise client.NotWarm("its output is to go through a pipe of subprocess's")
    return number


class WarmKernelManager(AsyncKernelManager):
    """Starts the kernel that is asked for, whatever its specification says, with the provisioner of this module."""

    @property
    def kernel_spec(self) -> Any:
        """The specification, with the provisioner named in it."""
        spec = super().kernel_spec
        if spec is not None:
            spec.metadata["kernel_provisioner"] = {"provisioner_name": client.PROVISIONER}
        return spec
