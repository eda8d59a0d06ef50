"""The same rules, for Prometheus."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from lifecycle.monitor.service.alerts import AlertRule
from lifecycle.monitor.service.errors import WatchError


def prometheus_rules(rules: Iterable[AlertRule], *, group: str = "service", every: str = "1m") -> str:
    """Alert rules as a rule file of Prometheus, in YAML.

    Parameters
    ----------
    rules : iterable of AlertRule
        Each with an `expression`; names differ.
    group : str
        Name of the group that they form.
    every : str
        How often they are evaluated, as Prometheus writes durations.

    Returns
    -------
    str
        Ready to be listed under ``rule_files``; see `check_rules`.
    """
    import yaml

    written, names = [], set()
    for rule in rules:
        if not rule.expression:
            raise WatchError("without an expression Prometheus cannot measure it", where=rule.name)
        if rule.name in names:
            raise WatchError("two rules have one name", where=rule.name)
        names.add(rule.name)
        written.append(
            {"alert": rule.name, "expr": _expression(rule)}
            | ({"for": _duration(rule.minutes)} if rule.minutes else {})
            | {"labels": {"severity": rule.severity}, "annotations": {"summary": rule.condition, "action": rule.action}}
        )
    if not written:
        raise WatchError("no rules to write")
    document = {"groups": [{"name": group, "interval": every, "rules": written}]}
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120))


def check_rules(text: str) -> list[str] | None:
    """What Prometheus's own ``promtool check rules`` objects to; None where promtool is not installed.

    Parameters
    ----------
    text : str
        A rule file.

    Returns
    -------
    list of str or None
        Empty when there is nothing to object to.
    """
    tool = shutil.which("promtool")
    if tool is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "rules.yml"
        place.write_text(text, encoding="utf-8")
        done = subprocess.run([tool, "check", "rules", str(place)], capture_output=True, text=True, timeout=60, check=False)
    said = (done.stdout + done.stderr).replace(str(place), "rules.yml").splitlines()
    return [] if done.returncode == 0 else [line.strip() for line in said if line.strip()]


def _expression(rule: AlertRule) -> str:
    if rule.missing:
        return f"absent({rule.expression})"
    limit = f"> {rule.above:.15g}" if rule.above is not None else f"< {rule.below:.15g}"
    met = f"({rule.expression}) {limit}"
    return f"({met}) and (({rule.lasting}) {limit})" if rule.lasting else met


def _duration(minutes: float) -> str:
    seconds = round(60 * minutes)
    return f"{seconds // 60}m" if seconds % 60 == 0 else f"{seconds}s"
