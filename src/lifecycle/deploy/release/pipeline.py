"""The eight gates, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from lifecycle.deploy.release.candidate import Candidate
from lifecycle.deploy.release.code_gates import coding_standards, production_like
from lifecycle.deploy.release.evidence import Finding, GateReport, GateResult
from lifecycle.deploy.release.model_gates import data_quality, explainability, governance, revalidation
from lifecycle.deploy.release.risk import GATES, blocking_gates
from lifecycle.deploy.release.running_gates import integration, resources
from lifecycle.errors import LifecycleError

Gate = Callable[[Candidate], Iterator[Finding]]

_RUN: Mapping[str, Gate] = MappingProxyType(
    dict(
        zip(
            GATES,
            (
                coding_standards, production_like, revalidation, explainability,
                governance, data_quality, resources, integration,
            ),
            strict=True,
        )
    )
)  # fmt: skip


def run_gates(
    candidate: Candidate, *, risk: str = "high", only: Sequence[str] | None = None, stop: bool = False
) -> GateReport:
    """Put a candidate through the gates.

    All gates run, so that one release repairs all that is wrong with it. A gate that cannot be run has failed: what is not
    known does not pass.

    Parameters
    ----------
    candidate : Candidate
    risk : str
        ``"low"``, ``"medium"`` or ``"high"``: which gates block.
    only : sequence of str, optional
        Some of `GATES`. A blocking gate that is left out counts as failed.
    stop : bool
        Whether to stop at the first blocking gate that fails.

    Returns
    -------
    GateReport

    Raises
    ------
    LifecycleError
        For a risk class or a gate that is none.
    """
    blocking = blocking_gates(risk)
    unknown = [gate for gate in only or () if gate not in GATES]
    if unknown:
        raise LifecycleError(f"`{unknown[0]}` is no gate", remedy="gates: " + ", ".join(GATES))
    results: list[GateResult] = []
    for gate in GATES:
        if only is not None and gate not in only:
            if gate in blocking:
                results.append(GateResult(gate, (Finding("was run", False, "left out", "run"),), True))
            continue
        results.append(GateResult(gate, _findings(gate, candidate), gate in blocking))
        if stop and results[-1].blocks and not results[-1].passed:
            break
    package = candidate.package
    return GateReport(package.name, package.version, package.digest, risk, tuple(results))


def _findings(gate: str, candidate: Candidate) -> tuple[Finding, ...]:
    found: list[Finding] = []
    try:
        for each in _RUN[gate](candidate):
            found.append(each)
    except Exception as error:
        what = getattr(error, "what", "") or str(error).strip().split("\n")[0]
        found.append(Finding("could be run", False, f"{type(error).__name__}: {what}", "to its end"))
    return tuple(found)
