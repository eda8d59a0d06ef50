"""Consumer credit: scorecards, their validation in time, the rejected, and the independent rebuild.

Credit scoring judged people by statistics, formally and under a regulator's eyes, decades before anybody spoke of
MLOps. What the trade has of its own is here. `cohort` turns the credit file into one table a month, with nothing from later.
`monotone_bins` and `fit_scorecard` make a card whose points add up (`Scorecard`), `constrained_boosting` its modern rival.
`infer_rejected` makes up for outcomes that a policy hides. `score_from_document` scores with what is written down, and
nothing else, and `compare_scores` says where that differs from the score in use. `as_sql` and `as_spreadsheet` carry a
card into an old production stack; `risk_document` is the file that a regulator asks for, in which no number is typed.
"""

from __future__ import annotations

from lifecycle.cases.credit_risk.binning import Binning, information_value, monotone_bins, weight_of_evidence
from lifecycle.cases.credit_risk.boosting import Boosting, constrained_boosting
from lifecycle.cases.credit_risk.card import Characteristic, Line, Scorecard
from lifecycle.cases.credit_risk.cohorts import MEANINGS, MONTHS, SCORED, SOURCES, WATCHED, cohort
from lifecycle.cases.credit_risk.document import SECTIONS, Section, risk_document
from lifecycle.cases.credit_risk.fitting import fit_scorecard, logistic
from lifecycle.cases.credit_risk.formula import as_spreadsheet, as_sql
from lifecycle.cases.credit_risk.rebuild import (
    Comparison,
    columns_from_document,
    compare_scores,
    score_from_document,
)
from lifecycle.cases.credit_risk.selection import METHODS, Inferred, infer_rejected

__all__ = [
    "MEANINGS",
    "METHODS",
    "MONTHS",
    "SCORED",
    "SECTIONS",
    "SOURCES",
    "WATCHED",
    "Binning",
    "Boosting",
    "Characteristic",
    "Comparison",
    "Inferred",
    "Line",
    "Scorecard",
    "Section",
    "as_spreadsheet",
    "as_sql",
    "cohort",
    "columns_from_document",
    "compare_scores",
    "constrained_boosting",
    "fit_scorecard",
    "infer_rejected",
    "information_value",
    "logistic",
    "monotone_bins",
    "risk_document",
    "score_from_document",
    "weight_of_evidence",
]
