"""The questions that a stranger asks of the files of a finished run, each answered by a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from lifecycle.cases.capstone.project import NOTHING, Finding, at_least, at_most, holds
from lifecycle.errors import LifecycleError

Read = Callable[[str], Any]
"""Gives the value at a reference such as ``04/metrics.json#/test/recall/value``."""


class Run(NamedTuple):
    """What is known of a run besides its files: the digest of its model, and what is wrong with its record."""

    model: str
    record: Callable[[], Iterable[Any]]


_SURE = 0.9
_WANTED = {"at least": at_least, "at most": at_most}


def _same(name: str, one: Any, other: Any) -> Finding:
    """A finding that passes where two things are there and equal: two that are missing are not the same thing."""
    return holds(name, bool(one) and one == other)


def _objective(read: Read, _: Run) -> Iterable[Finding]:
    figures = read("04/metrics.json#/test")
    promised = read("01/charter.yaml#/kpis")
    elsewhere = [kpi["name"] for kpi in promised if kpi["name"] not in figures and kpi.get("unit", "rate") != "rate"]
    elsewhere += [kpi["name"] for kpi in promised if kpi.get("source") == "infrastructure" and kpi["name"] not in elsewhere]
    asked = [kpi for kpi in promised if kpi["name"] not in elsewhere]
    yield at_least("promised rates", len(asked), 1)
    for kpi in asked:
        if kpi["name"] not in figures:
            yield Finding(
                f"promised {kpi['name'].replace('_', ' ')}", "not measured", f"{kpi['direction']} {kpi['bound']:.3g}", False
            )
        else:
            yield _WANTED[kpi["direction"]](
                f"promised {kpi['name'].replace('_', ' ')}", figures[kpi["name"]]["value"], kpi["bound"]
            )
    yield Finding("promises that no test row can show", ", ".join(elsewhere) or "none", "named here", True)


def _data(read: Read, _: Run) -> Iterable[Finding]:
    yield holds("a licence or terms are named", bool(str(read("02/contract.yaml#/licence")).strip()))
    yield _same("one data set in training and record", read("03/features.json#/source"), read("04/recipe.json#/source"))
    yield holds("personal data are registered", bool(read("18/register.json#/data_sets")))


def _model(read: Read, run: Run) -> Iterable[Finding]:
    gain = read("04/metrics.json#/gain_over_baseline")
    yield Finding("gain over the baseline", f"{gain['low']:.3g} to {gain['high']:.3g}", "above 0", gain["low"] > 0)
    yield holds("the bundle is of this model", run.model in read("05/manifest.json#/files").values())


def _evidence(read: Read, run: Run) -> Iterable[Finding]:
    yield holds("reasons add up", read("06/explanations.json#/additivity/holds"))
    yield _same("reasons are of this model", read("06/explanations.json#/model_sha256"), run.model)
    intervals = [each for each in read("04/metrics.json#/test").values() if each["low"] <= each["value"] <= each["high"]]
    yield at_least("figures with an interval", len(intervals), 5)


def _deployment(read: Read, _: Run) -> Iterable[Finding]:
    yield holds("released through its gates", read("10/release.json#/allowed"))
    yield holds("a version to go back to", bool(read("10/release.json#/rollback_to")))
    runs, released = read("08/service.json#/package/digest"), read("10/release.json#/package/digest")
    yield _same("the service runs what was released", runs, released)
    yield at_most("flips in converted copies", max(row["flips"] for row in read("07/parity.json#/rows")), 0)


def _monitoring(read: Read, _: Run) -> Iterable[Finding]:
    alerts = [rule for group in read("11/alerts.yml#/groups") for rule in group["rules"]]
    yield at_least("alerts of the service", len(alerts), 1)
    silent = [rule for rule in alerts if not (rule.get("annotations") or {}).get("action")]
    yield at_most("alerts that do not say what to do", len(silent), 0)
    yield holds("limits of drift are set", bool(read("12/drift.json#/limits")))
    yield holds("what was seen has an action", bool(read("12/drift.json#/action")))
    noticed = [
        sum(isinstance(day, int) for key, day in row.items() if key != "incident") for row in read("13/value.json#/alarms")
    ]
    yield at_least("incidents that were rehearsed", len(noticed), 1)
    yield at_least("incidents that somebody notices", sum(map(bool, noticed)), len(noticed))


def _iteration(read: Read, _: Run) -> Iterable[Finding]:
    ruled, decided = read("15/comparison.json#/ruling/outcome"), read("16/experiment.json#/decision")
    compared, tested = read("15/comparison.json#/challenger/digest"), read("16/experiment.json#/packages/challenger")
    yield _same("shadow and experiment are of one pair", compared, tested)
    yield Finding("champion or challenger", f"{decided} (rules: {ruled})", "a decision", decided in ("keep", "replace"))
    yield holds("the kill switch has an owner", bool(read("16/experiment.json#/kill_switch/owner")))


def _fairness(read: Read, _: Run) -> Iterable[Finding]:
    said = read("17/fairness.json#")
    yield holds("somebody decided the criterion", bool((said.get("decision") or {}).get("approved_by")))
    missed = said["criterion_missed_by"] if said["protected"] else []
    yield at_most("protected attributes that miss it", len(missed), 0)


def _governance(read: Read, run: Run) -> Iterable[Finding]:
    yield _same("the card is of this model", read("19/card.json#/evidence/04~1model.json"), run.model)
    kinds = [fault.kind for fault in run.record()]
    elsewhere = {"approval": "faults of its approvals", "trail": "faults of the trail and its head"}
    yield at_most("faults of the card", sum(kind not in elsewhere for kind in kinds), 0)
    for kind, name in elsewhere.items():
        yield at_most(name, kinds.count(kind), 0)


def _value(read: Read, _: Run) -> Iterable[Finding]:
    low, high = read("13/value.json#/net_90")
    yield holds("money with a range", low < high)
    yield at_least("chance that it pays", read("13/value.json#/chance_above_zero"), _SURE)


QUESTIONS: Mapping[str, Callable[[Read, Run], Iterable[Finding]]] = {
    "objective": _objective, "data": _data, "model": _model, "evidence": _evidence, "deployment": _deployment,
    "monitoring": _monitoring, "iteration": _iteration, "fairness": _fairness, "governance": _governance,
    "value": _value,
}  # fmt: skip
"""By name, in the order of the life cycle."""


def chain_report(read: Read, *, model: str, record: Callable[[], Iterable[Any]]) -> dict[str, tuple[Finding, ...]]:
    """Ask the files of a run whether the project keeps what it promised.

    Parameters
    ----------
    read : callable
        Gives the value at a reference; `lifecycle.govern.Sources.value` does.
    model : str
        SHA-256 of the model's file.
    record : callable
        Gives what is wrong with the card, its approvals and the trail, each with a `kind`, as
        ``lambda: verify_run(files).faults`` of `lifecycle.govern` does; it may raise what that raises.

    Returns
    -------
    dict of str to tuple of Finding
        By gate. A file or field that is not there is a finding that did not pass, not an exception: the report is about all
        gates, whatever is missing.
    """
    report: dict[str, tuple[Finding, ...]] = {}
    run = Run(model, record)
    for gate, ask in QUESTIONS.items():
        found: list[Finding] = []
        try:
            found.extend(ask(read, run))
        except LifecycleError as error:
            found.append(Finding("everything that is asked for", str(error.where or error.what), "there", False))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            found.append(Finding("everything that is asked for", f"not as expected: {error!s}"[:80], "there", False))
        report[gate] = tuple(found) or (NOTHING,)
    return report
