"""A retraining pipeline: steps in a row, the first refusal ends it, and each leaves a line in the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lifecycle.errors import DataError, LifecycleError

STEPS = ("data validation", "features", "training", "evaluation", "deployment")
"""The steps of a retraining, in their order."""

Status = Literal["done", "rejected", "failed", "not run"]


class RejectedError(LifecycleError):
    """A step that says no: the batch or the candidate is not good enough. Nothing is broken."""


@dataclass(frozen=True)
class Step:
    """A named step: `run` gets the state, changes it, and returns a sentence for the log."""

    name: str
    run: Callable[[dict[str, Any]], str]


@dataclass(frozen=True)
class Entry:
    """A line of the log."""

    step: str
    status: Status
    note: str


@dataclass(frozen=True)
class PipelineRun:
    """What came of a run.

    Attributes
    ----------
    outcome : {"deployed", "rejected", "failed"}
        Only a run in which every required step was done is deployed.
    stopped_at : str or None
        The step that refused or broke.
    log : tuple of Entry
        One for each step, those that were not run included.
    state : dict
        What the steps made.
    """

    outcome: Literal["deployed", "rejected", "failed"]
    stopped_at: str | None
    log: tuple[Entry, ...]
    state: dict[str, Any]

    def rows(self) -> list[dict[str, str]]:
        """The log as rows of a table."""
        return [{"step": entry.step, "status": entry.status, "note": entry.note} for entry in self.log]


def run_pipeline(steps: Sequence[Step], *, required: Sequence[str] = STEPS, **state: Any) -> PipelineRun:
    """Run the steps in a row until one refuses or breaks.

    Parameters
    ----------
    steps : sequence of Step
    required : sequence of str
        The names that the steps must have, in this order: a step that is left out, or comes too late, refuses nothing.
    **state
        What the first step starts from. It is copied (not deeply), so a run leaves its inputs alone.

    Returns
    -------
    PipelineRun
        A step that breaks, whatever the error, stops the run like one that refuses: what comes after it is not run. What a
        step has done before it broke stays done. A last step must therefore put a model live in one act, or not at all.

    Raises
    ------
    DataError
        When the steps are not those that are required, or there are none, or two have the same name.
    """
    names = [step.name for step in steps]
    if not names or len(set(names)) < len(names):
        raise DataError("a pipeline needs steps with names of their own", where="steps", tried=", ".join(names))
    if names != list(required):
        raise DataError("are not the required ones in their order", where="steps", tried=", ".join(names),
                        remedy="wanted: " + ", ".join(required))  # fmt: skip
    now, log = dict(state), []
    for place, step in enumerate(steps):
        status, note = _done(step, now)
        log.append(Entry(step.name, status, note))
        if status != "done":
            log += [Entry(name, "not run", "") for name in names[place + 1 :]]
            return PipelineRun("rejected" if status == "rejected" else "failed", step.name, tuple(log), now)
    return PipelineRun("deployed", None, tuple(log), now)


def _done(step: Step, state: dict[str, Any]) -> tuple[Status, str]:
    try:
        return "done", step.run(state)
    except RejectedError as refusal:
        return "rejected", refusal.what
    except Exception as error:  # whatever broke: the step has not been done
        return "failed", f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}"
