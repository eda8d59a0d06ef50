"""Development: from a business wish to a model that can be made again.

The chain has six links: business problem, data, features, training, evaluation, reproducibility. A fault in an early link
cannot be mended in a later one. A model trained with care on rows that should not have been there, or towards a target that
nobody needs, is worth nothing. So this package begins well before any model.

What is wanted, and can it be had?
    An `Objective` takes down a goal with its targets (`Target`, units included); `missing_elements` and `find_conflicts` say
    what is absent and what cannot be relied on together; a `Charter` exists where no conflict is left. The arithmetic is in
    `lifecycle.develop.objectives.feasibility` (rates) and `lifecycle.develop.objectives.cost` (money and time).

Data
    `load` gives the rows of a use case, verified and validated; `use_case` tells what they mean, who is protected and
    what a mistake costs.

May it be used, and what does it promise?
    `compliance_gate` answers proceed, ask or stop for a `DataSource`; `draft_contract` writes down what a table promises,
    and a `Contract` enforces it.

What does it hold?
    `profile`, `class_summary`, `duplicate_rows` and `outlier_mask` describe; `welch_t`, `chi_square`, `kolmogorov_smirnov`,
    `anova`, `shapiro_wilk`, `correlations` and `target_association` test, always with an effect size.

What does a model see?
    `engineer` turns raw rows into numbers, row by row, for training and serving alike; `engineered` says what each number
    means (`Feature`), `entity` whose it is, and `split` draws lots for training, validation and test. A `FeatureStore` keeps
    features over time and gives a label what was known at its time; `churn_history` and `churn_labels` have such times.

Which of it is worth its place?
    `prune` leaves out columns that say what a better one says (`correlated_pairs`); `importances` puts what a forest leans
    on beside what it loses without, `with_random_column` adds the yardstick and `better_than_random` applies it;
    `fit_components` makes few numbers out of many. `effect` measures each on rows that had no say in it (`judge`).

What does a table of one's own hold?
    `read_table` reads a file, `usable` makes the table fit for a model or says why it cannot be, with a `Note` for whatever
    it did, `encode` turns columns into numbers; `survey` finds out all of the above at once, `report` writes it as a page.

Does it fool us?
    `leakage_suspects` and `shared_rows` look for answers in the data; `cross_validate` resamples where that is allowed.

How good is it, and how sure is that?
    A `Confusion` has every metric of decisions; `roc_auc`, `average_precision`, `log_loss`, `brier`, `mae`, `rmse`, `r2` and
    `mape` take scores or amounts; `wilson`, `clopper_pearson`, `delong`, `bootstrap` and `paired_difference` give intervals,
    and `metric_table` all of it at once. `cheapest_threshold` draws the line where mistakes cost least; `reliability` asks
    whether chances come true, `correct_prior` and a `Calibrator` mend them.

What exactly was trained?
    A `Recipe` says all that decides a model but the rows; `prepared` makes its inputs from raw rows, `fit` the model from
    the training rows, `scores` the answers; `to_bytes` and `from_bytes` keep a model without any code in the file.

Would it come out again?
    `settings_under` replays an old default, `repeat_rows` and `split_rows` a leak and its mend; `spread` is a score over
    seeds, `share_sd` and `compare_shares` tell the luck of the rows, and `disagreements` holds the figures of a rebuilt
    model against the record.

Can somebody else make it again?
    `digest_of_frame` says whether rows are the same, `environment` on what a model is made, and `compare_manifests` what
    changed between two records. A `bundle` holds all that a rebuild needs, sealed by a `Manifest`; `verify` checks the
    seal, and `rebuild` makes the model with the bundle's own code and compares.

Which of many?
    A `Tracker` keeps every run with its data, recipe, metrics, figures, environment and model, and the registry of models;
    `tune` searches settings on validation rows; `train_candidates` does it all on a table of one's own, from a baseline to
    a tuned model, and judges the chosen one once.
"""

from __future__ import annotations

from lifecycle.confusion import Confusion
from lifecycle.develop.evaluation.calibration import (
    Calibrator,
    correct_prior,
    expected_calibration_error,
    reliability,
    weighted_prevalence,
)
from lifecycle.develop.evaluation.intervals import (
    Interval,
    bootstrap,
    clopper_pearson,
    delong,
    delong_difference,
    paired_difference,
    wilson,
)
from lifecycle.develop.evaluation.metrics import (
    average_precision,
    brier,
    confusion,
    log_loss,
    mae,
    mape,
    pr_curve,
    r2,
    rmse,
    roc_auc,
    roc_curve,
)
from lifecycle.develop.evaluation.repeat import (
    Disagreement,
    ShareDifference,
    Spread,
    compare_shares,
    disagreements,
    share_sd,
    spread,
)
from lifecycle.develop.evaluation.resampling import FoldScore, cross_validate
from lifecycle.develop.evaluation.scorecard import metric_table
from lifecycle.develop.evaluation.threshold import (
    ThresholdChoice,
    break_even,
    cheapest_threshold,
    cost_at,
    cost_curve,
    threshold_for_recall,
)
from lifecycle.develop.exploration.association import (
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
from lifecycle.develop.exploration.compliance import DataSource, Decision, compliance_gate
from lifecycle.develop.exploration.contract import ColumnRule, Contract, Violation, draft_contract
from lifecycle.develop.exploration.duplicates import repeat_rows, split_rows
from lifecycle.develop.exploration.leakage import Suspect, leakage_suspects, shared_rows
from lifecycle.develop.exploration.profile import class_summary, duplicate_rows, kind_of, outlier_mask, profile
from lifecycle.develop.exploration.profile_report import report
from lifecycle.develop.exploration.survey import Survey, survey
from lifecycle.develop.exploration.tables import Note, Usable, encode, read_table, usable
from lifecycle.develop.features.churn_history import churn_history, churn_labels
from lifecycle.develop.features.engineering import Feature, engineer, engineered, entity, safe_ratio, split
from lifecycle.develop.features.importance import (
    better_than_random,
    importances,
    permutation_importance,
    share_of_top,
    with_random_column,
)
from lifecycle.develop.features.production import production_rows
from lifecycle.develop.features.pruning import Pruning, correlated_pairs, prune, target_tie
from lifecycle.develop.features.reduction import Components, fit_components
from lifecycle.develop.features.selection import effect, judge
from lifecycle.develop.objectives.charter import Charter
from lifecycle.develop.objectives.conflicts import Conflict, find_conflicts
from lifecycle.develop.objectives.objective import Kpi, Objective, missing_elements
from lifecycle.develop.objectives.quantities import CharterError, Target
from lifecycle.develop.rebuilding.bundle import bundle, verify
from lifecycle.develop.rebuilding.rebuild import Rebuilt, rebuild
from lifecycle.develop.record.environment import environment
from lifecycle.develop.record.manifest import BundleError, Change, Manifest, compare_manifests, digest_of_frame
from lifecycle.develop.sources.data import (
    catalog,
    clients,
    employment,
    hiring,
    housing,
    lending,
    load,
    load_file,
    purchases,
    recidivism,
    ridership,
    stations,
)
from lifecycle.develop.sources.use_cases import USE_CASES, UseCase, use_case
from lifecycle.develop.store.feature_store import FeatureStore, FeatureStoreError
from lifecycle.develop.training.candidate import Candidate, Candidates, Evaluation
from lifecycle.develop.training.candidates import train_candidates, try_candidates
from lifecycle.develop.training.defaults import ChangedDefault, settings_under
from lifecycle.develop.training.mlflow_store import TrackingError
from lifecycle.develop.training.model_bytes import digest_of_model, from_bytes, to_bytes
from lifecycle.develop.training.models import fit, scores
from lifecycle.develop.training.preparation import prepared
from lifecycle.develop.training.recipe import Recipe, RecipeError
from lifecycle.develop.training.tracking import Tracker
from lifecycle.develop.training.tuning import Tuning, tune

__all__ = [
    "USE_CASES",
    "Association",
    "BundleError",
    "Calibrator",
    "Candidate",
    "Candidates",
    "Change",
    "ChangedDefault",
    "Charter",
    "CharterError",
    "ColumnRule",
    "Components",
    "Conflict",
    "Confusion",
    "Contract",
    "DataSource",
    "Decision",
    "Disagreement",
    "Evaluation",
    "Feature",
    "FeatureStore",
    "FeatureStoreError",
    "FoldScore",
    "Interval",
    "Kpi",
    "Manifest",
    "Note",
    "Objective",
    "Pruning",
    "Rebuilt",
    "Recipe",
    "RecipeError",
    "ShareDifference",
    "Spread",
    "Survey",
    "Suspect",
    "Target",
    "ThresholdChoice",
    "Tracker",
    "TrackingError",
    "Tuning",
    "Usable",
    "UseCase",
    "Violation",
    "anova",
    "average_precision",
    "better_than_random",
    "bootstrap",
    "break_even",
    "brier",
    "bundle",
    "catalog",
    "cheapest_threshold",
    "chi_square",
    "churn_history",
    "churn_labels",
    "class_summary",
    "clients",
    "clopper_pearson",
    "cohens_d",
    "compare_manifests",
    "compare_shares",
    "compliance_gate",
    "confusion",
    "correct_prior",
    "correlated_pairs",
    "correlations",
    "cost_at",
    "cost_curve",
    "cross_validate",
    "delong",
    "delong_difference",
    "digest_of_frame",
    "digest_of_model",
    "disagreements",
    "draft_contract",
    "duplicate_rows",
    "effect",
    "employment",
    "encode",
    "engineer",
    "engineered",
    "entity",
    "environment",
    "expected_calibration_error",
    "find_conflicts",
    "fit",
    "fit_components",
    "from_bytes",
    "hiring",
    "housing",
    "importances",
    "judge",
    "kind_of",
    "kolmogorov_smirnov",
    "leakage_suspects",
    "lending",
    "load",
    "load_file",
    "log_loss",
    "mae",
    "mape",
    "metric_table",
    "missing_elements",
    "outlier_mask",
    "p_text",
    "paired_difference",
    "permutation_importance",
    "pr_curve",
    "prepared",
    "production_rows",
    "profile",
    "prune",
    "purchases",
    "r2",
    "read_table",
    "rebuild",
    "recidivism",
    "reliability",
    "repeat_rows",
    "report",
    "ridership",
    "rmse",
    "roc_auc",
    "roc_curve",
    "safe_ratio",
    "scores",
    "settings_under",
    "shapiro_wilk",
    "share_of_top",
    "share_sd",
    "shared_rows",
    "split",
    "split_rows",
    "spread",
    "stations",
    "survey",
    "target_association",
    "target_tie",
    "threshold_for_recall",
    "to_bytes",
    "train_candidates",
    "try_candidates",
    "tune",
    "usable",
    "use_case",
    "verify",
    "weighted_prevalence",
    "welch_t",
    "wilson",
    "with_random_column",
]  # fmt: skip
