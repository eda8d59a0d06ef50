"""The kernel provisioner ``workbench-warm``: kernels forked from a zygote, for any tool that starts them by jupyter_client.

A tool uses it when the kernel's specification names it (``metadata.kernel_provisioner.provisioner_name``), or when
``JUPYTER_DEFAULT_PROVISIONER_NAME`` does. ``WORKBENCH_WARM`` names zygotes to ask first. Where the specification lists
modules (``metadata.kernel_provisioner.config``), one with these is shared with the user's other tools and started on demand
(``keeper``); so is one with those of ``WORKBENCH_WARM_ANEW``, when the ones to ask first are gone. Where none can serve, the
kernel is a cold one, and the log says so once; with ``WORKBENCH_WARM_ONLY`` that is an error.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Float, Integer, List, Unicode

from workbench.warm import client, defaults, handshake, keeper, transport
from workbench.warm.folder import age, listens
from workbench.warm.order import KERNEL
from workbench.warm.process import ANSWER, Process, start

_LAUNCHER = ["-m", "ipykernel_launcher"]
_KERNEL = ["-m", "workbench.warm.kernel"]
_PATIENCE = 10.0
_ANSWERS = 5.0  # seconds that one which has its libraries may take, on a busy machine
_MOMENT = 1.0  # seconds
_said: set[str] = set()


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel as a child of a zygote; otherwise jupyter_client's own."""

    modules = List(Unicode(), config=True, help="What a zygote of the user's imports; none is started where it is empty.")
    name = Unicode(defaults.NAME, config=True, help="What that zygote is for.")
    idle = Float(defaults.IDLE, config=True, help="Seconds without work after which it ends.")
    memory = Integer(defaults.MEMORY, config=True, help="Bytes of resident memory from which on it imports nothing more.")
    patience = Float(_PATIENCE, config=True, help="Seconds that it is waited for while it imports.")

    process: Any = None
    _sockets: str = ""  # the folder in which it meets its client

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Choose how the kernel and its client meet, before its manager does."""
        if self.parent is not None and not client.unsupported():
            handshake.take(self.parent)
            self._sockets = transport.privately(self.parent) or self._sockets
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel, warm if it can be."""
        environment = dict(kwargs.pop("env", None) or os.environ)
        offered = environment.pop(client.VARIABLE, "").split(os.pathsep)
        anew = environment.pop(client.ANEW, "")
        only = bool(environment.pop(client.ONLY, "")) and not client.unsupported()
        environment.pop("JUPYTER_DEFAULT_PROVISIONER_NAME", None)
        try:
            return await asyncio.to_thread(self._launch, cmd, environment, offered, anew, kwargs)
        except client.NotYet:
            if only:
                raise
            self.log.info("a cold kernel instead of a warm one: the libraries are still being imported")
            return await super().launch_kernel(cmd, env=environment, **kwargs)
        except client.NotWarm as why:
            if only:
                raise
            if why.what not in _said:
                _said.add(why.what)
                self.log.warning("a cold kernel instead of a warm one: %s", why.what)
            return await super().launch_kernel(cmd, env=environment, **kwargs)

    def _launch(
        self, cmd: list[str], environment: dict[str, str], offered: list[str], anew: str, kwargs: dict[str, Any]
    ) -> Any:
        if cmd[1:3] != _LAUNCHER:
            raise client.NotWarm("the kernel is not ipykernel's")
        if kwargs.get("independent"):
            raise client.NotWarm("the kernel is to outlive the one that starts it")
        environment["JPY_PARENT_PID"] = str(os.getpid())
        folder = str(Path(kwargs.get("cwd") or ".").absolute())
        sockets: Any = offered
        if anew:
            wanted = json.loads(anew)
            sockets = self._again(offered, self._shared(cmd[0], environment, folder, wanted["modules"], wanted["name"]))
        elif self.modules and not any(offered):
            sockets = self._shared(cmd[0], environment, folder, self.modules, self.name)
        with Path(os.devnull).open("rb") as nothing:
            self.process = start(
                [cmd[0], *_KERNEL, *cmd[3:]],
                environment=environment,
                folder=folder,
                streams=(nothing.fileno(), _descriptor(kwargs.get("stdout"), 1), _descriptor(kwargs.get("stderr"), 2)),
                session=True,
                sockets=sockets,
                patience=lambda path: ANSWER if path in offered else self._patient(path),
            )
        self.pid = self.process.pid
        self.pgid = None  # signals go by way of the zygote, which knows whether the number still is the kernel's
        self.cwd = folder
        return self.connection_info

    def _patient(self, path: str) -> float:
        """How long the one at `path` is waited for: all together as long as it may import, not each kernel anew."""
        return max(self.patience - age(path), _ANSWERS)

    def _again(self, offered: list[str], shared: Iterator[str]) -> Iterator[str]:
        """What is offered; where nothing of it is there any more, the `shared` zygote."""
        yield from offered
        with suppress(OSError):  # somebody else listens there, or the like: what has refused is not replaced
            if any(listens(Path(path)) for path in offered if path):
                return
            yield from shared

    def _shared(
        self, executable: str, environment: dict[str, str], folder: str, modules: Sequence[str], name: str
    ) -> Iterator[str]:
        """The socket of the user's zygote; once more where it has ended just before it was asked."""
        for top in sorted({entry.partition(":")[0].partition(".")[0] for entry in modules}):
            if Path(folder, f"{top}.py").exists() or Path(folder, top, "__init__.py").exists():
                raise client.NotWarm(f"the kernel's folder has a module of its own that is called {top}")
        for _ in range(2):
            path = keeper.ask(
                [*KERNEL, *modules],
                environment=environment,
                executable=executable,
                name=name,
                idle=self.idle,
                memory=self.memory,
            )
            yield path
            if listens(Path(path)):
                return

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Wait a moment for the kernel's end: the manager would look for it every 0.1 seconds."""
        await self._ended()

    async def kill(self, restart: bool = False) -> None:
        """End the kernel; where it is gone at once, so is the manager's wait for it."""
        await super().kill(restart)
        await self._ended()

    async def _ended(self) -> None:
        if isinstance(self.process, Process) and self.process.poll() is None:
            loop = asyncio.get_running_loop()
            over = asyncio.Event()
            number = self.process.fileno()
            loop.add_reader(number, over.set)
            try:
                with suppress(TimeoutError):
                    await asyncio.wait_for(over.wait(), _MOMENT)
            finally:
                loop.remove_reader(number)

    async def cleanup(self, restart: bool = False) -> None:
        """Remove what the kernel and its client met by."""
        await super().cleanup(restart)
        if self._sockets and not restart:
            transport.leave(self._sockets)
            self._sockets = ""


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
