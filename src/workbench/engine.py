"""The papermill engine for a kernel that is there already; imports papermill, so it is imported only to execute."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from workbench.notebooks import nbformat  # noqa: F401  # isort: skip - it is imported faster than papermill would

from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines
from papermill.log import logger

from workbench.kernels import Kernel

NAME = "workbench"
SAVING = 5.0, 30.0  # seconds of work that may be lost when this process is killed: as few as cost little
_SHARE = 1000  # of the time, the part that may go into saving


class WorkbenchEngine(Engine):  # type: ignore[misc]  # papermill ships no types
    """Papermill's own client in a kernel that somebody else starts and ends."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        kernel: Kernel,
        output: Path,
        start_timeout: float,
        traits: Mapping[str, Any],
        **_papermill: Any,
    ) -> None:
        """Run the cells of ``nb_man.nb``.

        Parameters
        ----------
        output : Path
            Where it is written to as far as it has come; see `SAVING`. (Told as ``output_path``, papermill would write it
            before this is called, too.)
        traits : mapping
            Those of ``nbclient.NotebookClient``.
        """
        client = PapermillNotebookClient(nb_man, km=kernel.manager, startup_timeout=start_timeout, log=logger, **traits)
        nb_man.output_path = str(output)
        nb_man.save = _sparing(nb_man.save)
        try:
            client.execute()
        except BaseException:
            del nb_man.save  # it is called once more, and nothing writes the notebook after that
            raise
        finally:
            if client.kc is not None:
                client.kc.stop_channels()


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


papermill_engines.register(NAME, WorkbenchEngine)
