"""Drift: how far today's data are from those that a model was trained on, and what that says before any outcome is known."""

from __future__ import annotations

from lifecycle.monitor.drift.bins import Shares, shared_bins
from lifecycle.monitor.drift.classifier import DomainClassifier, domain_classifier
from lifecycle.monitor.drift.estimation import (
    CovariateWeights,
    EstimatedPerformance,
    PriorEstimate,
    covariate_weights,
    estimated_performance,
    estimated_prior,
)
from lifecycle.monitor.drift.kind_parts import ShiftLimits
from lifecycle.monitor.drift.kinds import SHIFT_KINDS, ShiftEvidence, kind_of_shift
from lifecycle.monitor.drift.planning import (
    adjust,
    family_false_alarm,
    ks_of_normals,
    least_n_for_ks,
    psi_of_normals,
)
from lifecycle.monitor.drift.report import DriftReport, drift_report
from lifecycle.monitor.drift.stability import Level, population_stability_index, stability_level, stability_of_shares
from lifecycle.monitor.drift.statistics import (
    DriftTest,
    chi_squared,
    chi_squared_of_counts,
    jensen_shannon,
    kolmogorov_smirnov,
    ks_level,
    ks_p_value,
    wasserstein,
)
from lifecycle.monitor.drift.verdict import Action, ColumnDrift
from lifecycle.monitor.drift.windows import window_table

__all__ = [
    "SHIFT_KINDS",
    "Action",
    "ColumnDrift",
    "CovariateWeights",
    "DomainClassifier",
    "DriftReport",
    "DriftTest",
    "EstimatedPerformance",
    "Level",
    "PriorEstimate",
    "Shares",
    "ShiftEvidence",
    "ShiftLimits",
    "adjust",
    "chi_squared",
    "chi_squared_of_counts",
    "covariate_weights",
    "domain_classifier",
    "drift_report",
    "estimated_performance",
    "estimated_prior",
    "family_false_alarm",
    "jensen_shannon",
    "kind_of_shift",
    "kolmogorov_smirnov",
    "ks_level",
    "ks_of_normals",
    "ks_p_value",
    "least_n_for_ks",
    "population_stability_index",
    "psi_of_normals",
    "shared_bins",
    "stability_level",
    "stability_of_shares",
    "wasserstein",
    "window_table",
]  # fmt: skip
