"""Gates 1 and 2: the code in the package is fit to be read, and runs where nothing else of ours is."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib import metadata

from lifecycle.deploy.packaging.lock import SCORING
from lifecycle.deploy.packaging.reference import GOLDEN_TOLERANCE
from lifecycle.deploy.release.candidate import Candidate
from lifecycle.deploy.release.clean_process import GIVEN, scored_alone, tested_here
from lifecycle.deploy.release.evidence import Finding
from lifecycle.deploy.release.source_checks import objections

LEAST_COVERED = 0.8


def coding_standards(candidate: Candidate) -> Iterator[Finding]:
    """Gate 1: review by rule, documentation, and the share of lines that the package's own tests run."""
    package = candidate.package
    sources = {name: data for name, data in package.files.items() if name.endswith(".py")}
    found = [each for name, data in sorted(sources.items()) for each in objections(name, data)]
    yield Finding("review by rule", bool(sources) and not found, _listed(found, "no objection"), "no objection")
    readme = package.files.get("README.md", b"").decode(errors="replace")
    unnamed = [name for name in package.features if name not in readme]
    yield Finding("documented inputs", not unnamed, _listed(unnamed, "all"), "every input in README.md")
    covered = tested_here(package).covered or 0.0
    enough, wanted = covered > LEAST_COVERED, f"over {LEAST_COVERED:.0%}"
    yield Finding("unit coverage", enough, wanted if enough else f"{covered:.0%}", wanted, {"share": covered})


def production_like(candidate: Candidate) -> Iterator[Finding]:
    """Gate 2: a process that has the lock and nothing else scores the golden rows, and agrees with the service."""
    import numpy as np

    package = candidate.package
    lock = package.files["requirements.lock"].decode()
    loose = [line.split()[0] for line in lock.splitlines() if line[:1].isalnum() and not line.rstrip().endswith("\\")]
    yield Finding("pinned by hash", not loose, _listed(loose, "every version"), "every version")
    recorded = json.loads(package.files["environment.json"])["scoring"]
    here = {name: metadata.version(name) for name in SCORING}
    other = [
        f"{name} {recorded.get(name)} recorded, {version} here"
        for name, version in here.items()
        if recorded.get(name) != version
    ]
    yield Finding("versions as recorded", not other, _listed(other, "equal"), "equal")
    rows = package.golden.head(GIVEN)
    golden, answered = scored_alone(package).calls
    found = "all agree" if golden.status == 0 else _last(golden.err.strip().splitlines(), golden.status)
    yield Finding("golden rows in a clean process", golden.status == 0, found, f"within {GOLDEN_TOLERANCE:g}")
    try:
        scores = [each["probability"] for each in json.loads(answered.out)]
        gap = float(np.max([abs(one - other) for one, other in zip(scores, rows["score"], strict=True)]))  # NaN stays NaN
    except (ValueError, KeyError, TypeError):
        gap = float("inf")
    yield Finding(
        "rows by standard input", gap <= GOLDEN_TOLERANCE, "agree" if gap <= GOLDEN_TOLERANCE else "differ", "agree"
    )


def _listed(names: list[str], otherwise: str) -> str:
    if not names:
        return otherwise
    return names[0] + (f", and {len(names) - 1} more" if names[1:] else "")


def _last(lines: list[str], status: int) -> str:
    return lines[-1] if lines else f"exit code {status}, on {sys.platform}"
