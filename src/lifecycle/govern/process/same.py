"""Do the files of a run speak of the same model? A fairness report about last year's says nothing about this one."""

from __future__ import annotations

from collections.abc import Collection

from lifecycle.govern.process.card import CardFault
from lifecycle.govern.process.errors import CardError
from lifecycle.govern.process.sources import Sources
from lifecycle.govern.process.tables import table


def spoken_of(sources: Sources, evidence: Collection[str]) -> dict[str, str]:
    """Which package each file is about, by its own word: file to digest. Files that do not say are left out."""
    found = {}
    for reference in table("same")["package"]:
        name = reference.partition("#")[0]
        try:
            if name in evidence:
                found[name] = str(sources.value(reference))
        except CardError:  # an older form of the file, which does not say
            continue
    return found


def same_subject(sources: Sources, evidence: Collection[str]) -> list[CardFault]:
    """Files that are about another package than the first of them, which is the release."""
    packages = spoken_of(sources, evidence)
    faults = []
    for name, digest in packages.items():
        first, wanted = next(iter(packages.items()))
        if digest != wanted:
            what = f"is about the package {digest[:12]}…, and {first} about {wanted[:12]}…"
            faults.append(CardFault("another model", name, what))
    about = table("same")["model"]
    for reference, model in about.items():
        name = reference.partition("#")[0]
        try:
            if {name, model} <= set(evidence) and sources.value(reference) != sources.digest(model):
                faults.append(CardFault("another model", name, f"is about another model than {model}"))
        except CardError:
            continue
    return faults
