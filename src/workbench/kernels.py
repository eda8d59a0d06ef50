"""The process that a notebook is executed by, apart from the notebook: it may start before it is wanted, and end later."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from workbench.warm.client import VARIABLE

NAME = "python3"
_PATIENCE = 20.0  # seconds in which it may end by itself: what it leaves for its end may have to wait for a processor


@dataclass(frozen=True)
class Kernel:
    """A kernel that runs.

    Attributes
    ----------
    manager : jupyter_client.AsyncKernelManager
        By which clients meet it.
    console : binary file
        What its process says beside its notebook: warnings at its start, the last words of a crash.
    """

    manager: Any
    console: IO[bytes]

    @classmethod
    def start(cls, environment: Mapping[str, str], folder: Path) -> Kernel:
        """Start one with these variables in a folder, forked where a zygote is offered. It is not waited for.

        Raises
        ------
        jupyter_client.kernelspec.NoSuchKernel
            When none is installed.
        """
        from workbench.notebooks import nbformat  # isort: skip - it is imported faster than nbclient would

        from nbclient import NotebookClient

        console = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the kernel
        try:
            empty = nbformat.v4.new_notebook()
            starter = NotebookClient(empty, kernel_name=NAME, kernel_manager_class=_manager(environment))
            starter.create_kernel_manager().shutdown_wait_time = _PATIENCE
            starter.start_new_kernel(env=dict(environment), cwd=str(folder), stdout=console, stderr=console)
        except BaseException:
            console.close()
            raise
        return cls(starter.km, console)

    @property
    def runs(self) -> bool:
        """Whether its process is there."""
        return bool(_finished(self.manager.is_alive()))

    def end(self) -> None:
        """Ask it to end, wait until it has, and remove what it and its clients met by."""
        with self.console:
            _finished(self._end())

    async def _end(self) -> None:
        try:
            with suppress(RuntimeError):  # jupyter_client's, where the process is gone by now
                if await self.manager.is_alive():
                    await self.manager.shutdown_kernel()
        finally:
            await self.manager.cleanup_resources()

    def words(self) -> str:
        """The end of what its process has said, without the warnings of its start."""
        self.console.seek(0)
        lines = self.console.read().decode("utf-8", "replace").splitlines()
        return "\n".join([line for line in lines if line.strip() and "WARNING" not in line][-5:])


@contextmanager
def running(environment: Mapping[str, str], folder: Path) -> Iterator[Kernel]:
    """A kernel that starts here and ends here; see `Kernel.start`."""
    kernel = Kernel.start(environment, folder)
    try:
        yield kernel
    finally:
        kernel.end()


@contextmanager
def own_loop() -> Iterator[None]:
    """Close the event loop that clients and managers make in this thread; in a thread of a pool nobody else would."""
    from jupyter_core.utils import ensure_event_loop

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        loop = ensure_event_loop()
        try:
            yield
        except KeyboardInterrupt:  # the cell under way fails by it too, and nobody is left to ask for its error
            loop.set_exception_handler(lambda _loop, _context: None)
            raise
        finally:
            left = asyncio.all_tasks(loop)  # after Ctrl-C
            for task in left:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            loop.close()
    else:  # in a notebook: the client then works in a thread that it keeps
        yield


def _finished(work: Any) -> Any:
    """What comes of a coroutine, whether or not this thread has a loop that runs."""
    from jupyter_core.utils import run_sync

    async def waited() -> Any:
        return await work

    return run_sync(waited)()


def _manager(environment: Mapping[str, str]) -> type[Any]:
    """The kernel manager to use: for warm kernels where a zygote is offered."""
    if environment.get(VARIABLE):
        from workbench.warm.provisioner import WarmKernelManager

        return WarmKernelManager
    from workbench.warm.transport import PrivateKernelManager

    return PrivateKernelManager
