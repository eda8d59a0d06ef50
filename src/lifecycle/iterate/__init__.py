"""Iteration: a model decays, so a successor has to be made, compared and put in its place, again and again.

Retraining is the easy part. The hard question is whether the successor is better, and better *where it will be used*. So
iteration is a discipline of comparison. Both models answer the same recent rows, which neither was trained on. The rule that
decides was written down before the figures were known, and a small gain within chance does not pay for the risk of a
change.

`champion_or_challenger` is the smallest such rule. Shadow runs and A/B tests are the same comparison with more at stake.

When is a successor due, and of what is it made?
    Four kinds of trigger (`Scheduled`, `Below`, `Above`, `Requested`) are evaluated week by week by `fired`; a `Strategy`
    says which rows a successor learns from, and `walk_forward` judges it on later ones. `run_pipeline` stops at a batch that
    breaks its `BatchRules` and at a candidate that does not pass the `champion_gate`; `Releases` knows the way back.
    `automation` says which changes a machine may put live, `selective_rounds` what becomes of a model that learns from
    its own decisions.

Is the successor better on the same cases?
    `paired_decisions` counts what both decided about labelled cases: a `Paired` has McNemar's test and every metric's change
    with its interval; `paired_sample_size`, `paired_power` and `split_of` say beforehand what that can show, and
    `wide_changes` and `implied_positives` read a table of metrics. A `Shadow` copies live requests to the successor while
    the champion alone answers, `read_pairs` reads what both said, `agreement`, `mismatches` and `segments` say where they
    differ. A `Rulebook` (`read_rules`) decides: reject, a person, or automatic, with one answer for every `cells`;
    `coverage` lists gaps and overlaps.

Do people agree?
    An `ExperimentPlan` fixes metric, effect and size (`sample_size`, `power_of`) before anybody is assigned; a `Splitter`
    gives each user one version for good, and an `ExperimentFront` serves it. `sample_ratio` asks whether the data can be
    believed, `compare_rates` what came of it; a `SequentialTest` pays for early looks, a `Guardrail` and a `KillSwitch`
    watch for harm, and `analyse_experiment` decides in the order that was fixed.
"""

from __future__ import annotations

from lifecycle.iterate.comparison.agreement import Agreement, agreement
from lifecycle.iterate.comparison.cells import Coverage, cells, coverage
from lifecycle.iterate.comparison.changes import MetricChange, implied_positives, wide_changes
from lifecycle.iterate.comparison.choice import Choice, champion_or_challenger
from lifecycle.iterate.comparison.mcnemar import mcnemar, paired_power, paired_sample_size, split_of
from lifecycle.iterate.comparison.mismatches import mismatches, segments
from lifecycle.iterate.comparison.paired import Change, Paired, paired_decisions
from lifecycle.iterate.comparison.rules import REPLACEMENT, Rulebook, RuleError, Ruling, read_rules
from lifecycle.iterate.comparison.shadow import Mirrored, Shadow
from lifecycle.iterate.comparison.shadow_log import ShadowError, read_pairs
from lifecycle.iterate.experiment.assignment import Splitter, place
from lifecycle.iterate.experiment.design import ExperimentPlan, detectable, power_of, sample_size
from lifecycle.iterate.experiment.front import ExperimentFront, Exposure
from lifecycle.iterate.experiment.guardrails import Guardrail, GuardrailResult, guardrail_size, judge_guardrail
from lifecycle.iterate.experiment.kill_switch import KillEntry, KillLimit, KillSwitch
from lifecycle.iterate.experiment.means import MeanTest, compare_means, compare_ratios, cuped
from lifecycle.iterate.experiment.quality import SampleRatio, in_both, sample_ratio
from lifecycle.iterate.experiment.rates import RateTest, compare_rates, stratified_rates
from lifecycle.iterate.experiment.report import ExperimentReport, analyse_experiment, simpson
from lifecycle.iterate.experiment.segments import by_segment, heterogeneity, holm
from lifecycle.iterate.experiment.sequential import Look, SequentialTest, always_valid_bound
from lifecycle.iterate.experiment.spending import crossing_probability, inflation, spending_bounds, spent
from lifecycle.iterate.experiment.users import reactions, visitors
from lifecycle.iterate.retraining.automation import CHANGES, Automation, automation
from lifecycle.iterate.retraining.batch import BatchRules
from lifecycle.iterate.retraining.feedback import selective_rounds
from lifecycle.iterate.retraining.frequency import best_interval, cost_of_interval
from lifecycle.iterate.retraining.gate import GateDecision, champion_gate, fixed_gate
from lifecycle.iterate.retraining.pipeline import STEPS, Entry, PipelineRun, RejectedError, Step, run_pipeline
from lifecycle.iterate.retraining.releases import Release, Releases, share_alarm
from lifecycle.iterate.retraining.timetable import Timetable
from lifecycle.iterate.retraining.triggers import (
    TRIGGERS,
    Above,
    Below,
    Fired,
    Requested,
    Scheduled,
    Trigger,
    Week,
    false_alarms,
    fired,
)
from lifecycle.iterate.retraining.windows import (
    Strategy,
    compare_windows,
    decay_weights,
    effective_rows,
    walk_forward,
)

__all__ = [
    "CHANGES",
    "REPLACEMENT",
    "STEPS",
    "TRIGGERS",
    "Above",
    "Agreement",
    "Automation",
    "BatchRules",
    "Below",
    "Change",
    "Choice",
    "Coverage",
    "Entry",
    "ExperimentFront",
    "ExperimentPlan",
    "ExperimentReport",
    "Exposure",
    "Fired",
    "GateDecision",
    "Guardrail",
    "GuardrailResult",
    "KillEntry",
    "KillLimit",
    "KillSwitch",
    "Look",
    "MeanTest",
    "MetricChange",
    "Mirrored",
    "Paired",
    "PipelineRun",
    "RateTest",
    "RejectedError",
    "Release",
    "Releases",
    "Requested",
    "RuleError",
    "Rulebook",
    "Ruling",
    "SampleRatio",
    "Scheduled",
    "SequentialTest",
    "Shadow",
    "ShadowError",
    "Splitter",
    "Step",
    "Strategy",
    "Timetable",
    "Trigger",
    "Week",
    "agreement",
    "always_valid_bound",
    "analyse_experiment",
    "automation",
    "best_interval",
    "by_segment",
    "cells",
    "champion_gate",
    "champion_or_challenger",
    "compare_means",
    "compare_rates",
    "compare_ratios",
    "compare_windows",
    "cost_of_interval",
    "coverage",
    "crossing_probability",
    "cuped",
    "decay_weights",
    "detectable",
    "effective_rows",
    "false_alarms",
    "fired",
    "fixed_gate",
    "guardrail_size",
    "heterogeneity",
    "holm",
    "implied_positives",
    "in_both",
    "inflation",
    "judge_guardrail",
    "mcnemar",
    "mismatches",
    "paired_decisions",
    "paired_power",
    "paired_sample_size",
    "place",
    "power_of",
    "reactions",
    "read_pairs",
    "read_rules",
    "run_pipeline",
    "sample_ratio",
    "sample_size",
    "segments",
    "selective_rounds",
    "share_alarm",
    "simpson",
    "spending_bounds",
    "spent",
    "split_of",
    "stratified_rates",
    "visitors",
    "walk_forward",
    "wide_changes",
]
