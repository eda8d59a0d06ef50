"""A plugin of pytest beside nbval, which puts a cell's outputs in an order of its own: the stored order is compared too.

``pytest -p nbval -p workbench.regress.nbval_order --nbval notebooks``: a cell whose text is as stored fails where standard
output, standard error and results follow each other otherwise, and where the kernel counts its execution otherwise. So that
it counts at all, cells are executed as a person or papermill executes them: into the history. Counts are those of a
notebook that is run as a whole, without ``nbval-skip``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workbench.outputs import joined


def pytest_configure() -> None:
    """Let nbval keep the order of outputs, count executions, and ask about both when it has found nothing else."""
    from nbval import plugin
    from nbval.kernel import RunningKernel

    of_text = plugin.IPyNbCell.compare_outputs
    one_stream = plugin.coalesce_streams
    heard = RunningKernel.get_message

    def compare(cell: Any, test: Any, ref: Any, skip_compare: Any = None) -> bool:
        if not of_text(cell, test, ref, skip_compare):
            return False
        found = changed(ref, test, stored_count=cell.cell.execution_count, count=getattr(cell.parent.kernel, "count", None))
        cell.comparison_traceback += found
        return not found

    def hear(kernel: Any, stream: str, timeout: float | None = None) -> Any:
        message = heard(kernel, stream, timeout=timeout)
        if message["msg_type"] == "execute_reply":
            kernel.count = message["content"].get("execution_count")
        return message

    def execute(kernel: Any, cell_input: str, allow_stdin: bool | None = None) -> Any:
        return kernel.kc.execute(cell_input, allow_stdin=allow_stdin, stop_on_error=False)

    plugin.IPyNbCell.compare_outputs = compare
    plugin.coalesce_streams = lambda outputs: [whole for piece in joined(outputs) for whole in one_stream([piece])]
    RunningKernel.get_message = hear
    RunningKernel.execute_cell_input = execute


def changed(
    stored: Iterable[Any], new: Iterable[Any], *, stored_count: int | None = None, count: int | None = None
) -> list[str]:
    """What differs between the orders of two lists of outputs, and the counts of a cell, a line each.

    Parameters
    ----------
    stored, new : iterable of mapping
        Outputs as a notebook keeps them, pieces of a stream put together.
    stored_count, count : int, optional
        The cell's number of execution.
    """
    found = [f"execution {count}, not {stored_count}"] if count != stored_count else []
    before, after = [_kind(output) for output in stored], [_kind(output) for output in new]
    if before != after:
        found.append(f"outputs in the order {', '.join(after) or 'of none'}; stored: {', '.join(before) or 'none'}")
    return found


def _kind(output: Any) -> str:
    count = output.get("execution_count")
    return output.get("name") or (f"{output['output_type']} {count}" if count else str(output["output_type"]))
