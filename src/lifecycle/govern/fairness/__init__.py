"""Fairness: measure it for each group, know what cannot be had together, choose, and write down who chose and why.

Four steps, in the order in which a team takes them.

Measure
    `group_report` counts right and wrong decisions for each group and gives every rate that definitions of fairness speak
    of, with intervals, and a warning where a group is too small to say anything. `crossed` makes groups of groups.
Understand
    `implied_ppv`, `implied_fpr` and `implied_base_rate` are the arithmetic that ties the rates together;
    `what_can_be_equal` goes through all tables of a size and shows which definitions exclude each other when base rates
    differ. `proxy_audit` says how well features give a group away, `patrol_years` what happens when a model's decisions
    make its next training data.
Change
    `reweigh` before training, `fit_quietly` for the reductions of fairlearn, `fair_thresholds` after it; `who_pays` says
    what each of them costs, group by group. None of them removes unfairness: they trade one error for another.
Decide
    Which criterion is right is an ethical question, not a technical one. `CriterionChoice` is its record.
"""

from __future__ import annotations

from lifecycle.govern.fairness.choice import CriterionChoice, FairnessError
from lifecycle.govern.fairness.counts import RATES, GroupCounts
from lifecycle.govern.fairness.cvs import simulated_cvs
from lifecycle.govern.fairness.feedback import patrol_years
from lifecycle.govern.fairness.mitigation import fit_quietly, reweigh, who_pays
from lifecycle.govern.fairness.proxies import ProxyAudit, group_auc, proxy_audit, zip_codes
from lifecycle.govern.fairness.report import GroupReport, crossed, group_report
from lifecycle.govern.fairness.theorem import (
    all_tables,
    implied_base_rate,
    implied_fpr,
    implied_ppv,
    pairs_with_equal,
    what_can_be_equal,
)
from lifecycle.govern.fairness.thresholds import CRITERIA, Policy, fair_thresholds, roc_hull

__all__ = [
    "CRITERIA",
    "RATES",
    "CriterionChoice",
    "FairnessError",
    "GroupCounts",
    "GroupReport",
    "Policy",
    "ProxyAudit",
    "all_tables",
    "crossed",
    "fair_thresholds",
    "fit_quietly",
    "group_auc",
    "group_report",
    "implied_base_rate",
    "implied_fpr",
    "implied_ppv",
    "pairs_with_equal",
    "patrol_years",
    "proxy_audit",
    "reweigh",
    "roc_hull",
    "simulated_cvs",
    "what_can_be_equal",
    "who_pays",
    "zip_codes",
]
