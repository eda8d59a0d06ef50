"""The papermill engine that tells a kernel where it runs; imports papermill, so it is imported only to execute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from papermill.log import logger

NAME = "workbench"


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
            nb_man, kernel_name=kernel_name, startup_timeout=start_timeout, log=logger, **traits
        )
        client.execute(env=dict(kernel_environment), cwd=kernel_folder, stdout=console, stderr=console)


papermill_engines.register(NAME, WorkbenchEngine)
