"""Development: from a business wish to a model that can be made again.

The chain has six links: business problem, data, features, training, evaluation, reproducibility. A fault in an early link
cannot be mended in a later one. A model trained with care on rows that should not have been there, or towards a target that
nobody needs, is worth nothing. So this package begins well before any model.

What is wanted, and can it be had?
    An `Objective` takes down a goal with its targets (`Target`, units included); `missing_elements` and `find_conflicts` say
    what is absent and what cannot be relied on together; a `Charter` exists where no conflict is left. The arithmetic is in
    `lifecycle.develop.feasibility` (rates) and `lifecycle.develop.cost` (money and time).

Data
    `load` gives the rows of a use case, verified and validated; `use_case` tells what they mean, who is protected and
    what a mistake costs.

May it be used, and what does it promise?
    `compliance_gate` answers proceed, ask or stop for a `DataSource`; `draft_contract` writes down what a table promises,
    and a `Contract` enforces it.

What does it hold?
    `profile`, `class_summary`, `duplicate_rows` and `outlier_mask` describe; `welch_t`, `chi_square`, `kolmogorov_smirnov`,
    `anova`, `shapiro_wilk`, `correlations` and `target_association` test, always with an effect size.

Does it fool us?
    `leakage_suspects` and `shared_rows` look for answers in the data; `cross_validate` resamples where that is allowed.
"""

from __future__ import annotations

from lifecycle.develop.association import (
    Association,
    anova,
    chi_square,
    cohens_d,
    correlations,
    kolmogorov_smirnov,
    p_text,
    shapiro_wilk,
    target_association,
    welch_t,
)
from lifecycle.develop.charter import Charter
from lifecycle.develop.compliance import DataSource, Decision, compliance_gate
from lifecycle.develop.conflicts import Conflict, find_conflicts
from lifecycle.develop.contract import ColumnRule, Contract, Violation, draft_contract
from lifecycle.develop.data import catalog, clients, load, load_file, purchases
from lifecycle.develop.leakage import Suspect, leakage_suspects, shared_rows
from lifecycle.develop.objective import Kpi, Objective, missing_elements
from lifecycle.develop.profile import class_summary, duplicate_rows, kind_of, outlier_mask, profile
from lifecycle.develop.quantities import CharterError, Target
from lifecycle.develop.resampling import FoldScore, cross_validate
from lifecycle.develop.use_cases import USE_CASES, UseCase, use_case

__all__ = [
    "USE_CASES", "Association", "Charter", "CharterError", "ColumnRule", "Conflict", "Contract", "DataSource", "Decision",
    "FoldScore", "Kpi", "Objective", "Suspect", "Target", "UseCase", "Violation", "anova", "catalog", "chi_square",
    "class_summary", "clients", "cohens_d", "compliance_gate", "correlations", "cross_validate", "draft_contract",
    "duplicate_rows", "find_conflicts", "kind_of", "kolmogorov_smirnov", "leakage_suspects", "load", "load_file",
    "missing_elements", "outlier_mask", "p_text", "profile", "purchases", "shapiro_wilk", "shared_rows",
    "target_association", "use_case", "welch_t",
]  # fmt: skip
