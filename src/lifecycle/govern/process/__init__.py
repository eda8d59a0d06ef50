"""Process governance: the right check at the right time, with a record that cannot be bent.

How much is needed depends on what is at stake: `classify` asks, `measures` answers. Who does it stands in a `Raci`. When
it is done, a `Review` lets a model pass six gates, each with a signature over exactly this model. What was found out
stands in a card (`build_card`), whose every figure is a reference to a file, and in the trail of
`lifecycle.govern.record`. Whether all of that still holds, `verify_run` says. What laws and frameworks ask for, `assess`
asks of the case; and whether the whole is worth its effort, `governance_kpis` counts.
"""

from __future__ import annotations

from lifecycle.govern.process.card import (
    CardFault,
    build_card,
    card_digest,
    card_faults,
    card_text,
    missing_fields,
    read_card,
)
from lifecycle.govern.process.card_page import card_page
from lifecycle.govern.process.compliance import unknown_laws
from lifecycle.govern.process.decision import Decision, DecisionError
from lifecycle.govern.process.errors import CardError, GateError, ProcessError
from lifecycle.govern.process.form import card_fields
from lifecycle.govern.process.frameworks import (
    Assessed,
    Facts,
    alcoa_faults,
    assess,
    facts_of,
    frameworks,
    most_wanted,
    regions,
)
from lifecycle.govern.process.gates import Approval, Gate, Person, approval_faults, gates
from lifecycle.govern.process.inventory import REVIEW_DAYS, Inventory, InventoryEntry
from lifecycle.govern.process.kpis import Kpi, governance_kpis, leaderboard, portfolio
from lifecycle.govern.process.raci import Raci, raci
from lifecycle.govern.process.review import Review
from lifecycle.govern.process.risk import (
    RiskClass,
    blanks,
    classify,
    measures,
    not_monotone,
    operations,
    questionnaire,
)
from lifecycle.govern.process.same import spoken_of
from lifecycle.govern.process.sources import Sources
from lifecycle.govern.process.verifying import RunReport, Signers, verify_run

__all__ = [
    "REVIEW_DAYS", "Approval", "Assessed", "CardError", "CardFault", "Decision", "DecisionError", "Facts", "Gate",
    "GateError", "Inventory", "InventoryEntry", "Kpi", "Person", "ProcessError", "Raci", "Review", "RiskClass",
    "RunReport",
    "Signers", "Sources", "alcoa_faults", "approval_faults", "assess", "blanks", "build_card",
    "card_digest", "card_faults", "card_fields", "card_page", "card_text", "classify", "facts_of", "frameworks", "gates",
    "governance_kpis", "leaderboard",
    "measures", "missing_fields", "most_wanted", "not_monotone", "operations",
    "portfolio", "questionnaire", "raci", "read_card", "regions", "spoken_of", "unknown_laws", "verify_run",
]  # fmt: skip
