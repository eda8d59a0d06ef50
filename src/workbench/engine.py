"""The papermill engine that tells a kernel where it runs; imports papermill, so it is imported only to execute."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import IO, Any

from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from papermill.log import logger

from workbench.warm.client import VARIABLE

NAME = "workbench"
SAVING = 1.0, 10.0  # seconds of work that may be lost when this process is killed: as few as cost little
_SHARE = 200  # of the time, the part that may go into saving


class WorkbenchEngine(Engine):  # type: ignore[misc]  # papermill ships no types
    """Papermill's own client, with an environment and a folder that only the kernel's process sees.

    Papermill's ``cwd`` changes the folder of the calling process, which its other threads would notice.
    """

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        kernel_environment: Mapping[str, str],
        kernel_folder: str,
        console: IO[bytes],
        start_timeout: float,
        traits: Mapping[str, Any],
        **_papermill: Any,
    ) -> None:
        """Run the cells of ``nb_man.nb``.

        Parameters
        ----------
        console : binary file
            Takes what the kernel's process says beside its notebook: warnings at its start, the last words of a crash.
        traits : mapping
            Those of ``nbclient.NotebookClient``.
        """
        client = PapermillNotebookClient(
            nb_man,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
            log=logger,
            **_manager(kernel_environment),
            **traits,
        )
        nb_man.save = _sparing(nb_man.save)  # papermill writes the whole notebook twice a cell
        try:
            client.execute(env=dict(kernel_environment), cwd=kernel_folder, stdout=console, stderr=console)
        finally:
            del nb_man.save  # the last time always counts


def _sparing(save: Callable[..., Any]) -> Callable[..., Any]:
    """`save`, as often as `SAVING` allows: the larger a notebook has become, the longer that takes."""
    least, most = SAVING
    due = time.monotonic() + least

    def sparing(**named: Any) -> None:
        nonlocal due
        started = time.monotonic()
        if started >= due:
            save(**named)
            ended = time.monotonic()
            due = ended + min(max(least, _SHARE * (ended - started)), most)

    return sparing


def _manager(environment: Mapping[str, str]) -> dict[str, Any]:
    """The kernel manager to use: for warm kernels where a zygote is offered."""
    if environment.get(VARIABLE):
        from workbench.warm.provisioner import WarmKernelManager

        return {"kernel_manager_class": WarmKernelManager}
    from workbench.warm.transport import PrivateKernelManager

    return {"kernel_manager_class": PrivateKernelManager}


papermill_engines.register(NAME, WorkbenchEngine)
