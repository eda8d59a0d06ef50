"""Monitoring: noticing that a model has become worse before somebody complains.

Ordinary software keeps meeting its specification until someone changes it. A model was fitted to a data set, and the world
goes on without that data set. So a model needs several views at once, because each is blind where another sees:

Performance
    Accuracy, precision, recall, F1 against the truth. It is the only proof, and it comes late: the truth about a loan is
    known months after the loan. `decay` says how to count what was lost.
Drift
    Do today's inputs and scores look like those of the training data? Known at once, without any truth, and only a warning:
    inputs can move without harm, and the truth can move without the inputs. `drift_report` compares two tables column by
    column: how far each has moved (`population_stability_index`, `kolmogorov_smirnov`, `wasserstein`, `jensen_shannon`,
    `chi_squared`), whether chance alone could do it (`adjust` for the number of tests), and what looks like a broken feed;
    `domain_classifier` looks at all of them together, `window_table` at one window after the other. Chances say how well
    a model should do while their promise holds (`estimated_performance`); only outcomes tell whether it does. With outcomes,
    `kind_of_shift` tells other inputs (covariate), another share of the target (prior) and another meaning (concept) apart.
Service
    Is it quick and alive? What operations knows of any service: an `Objective` and its error budget, `AlertRule` with a
    duration (`evaluate_alerts`, and `prometheus_rules` for the real thing), metrics read from the service itself
    (`read_metrics`, `Histogram`), the data pipeline's day (`run_day`), and a log whose rates are watched (`log_anomalies`).
    None of it notices a model that is quick, alive and wrong.

Business
    Is the decision that the model feeds still worth something? First the truth, late as it is: `reconcile` joins decisions
    and outcomes as of a day, `maturity_table` shows how the metrics move while labels come in, `nowcast` corrects for
    those that come late. Then the money: a `Campaign` has benefits, costs, precision and a horizon in it; `tornado`,
    `breaks_even_at` and `monte_carlo` say what it hangs on, `incremental_effect` what would have happened anyway,
    `draw_boards` who could have seen an incident and when, and `finance_memo` writes it down for somebody who does not
    care for accuracy.

Practice
    `replay` makes a stream of days out of real rows, with labels that come late (`Delay`) and one `Incident` whose truth is
    kept (`draw_incident` chooses one that nobody knows), so that whoever watches the stream can be told how well they did.
    `faulty` stands in front of a real service and makes it as slow as an incident says.

Diagnosis
    `diagnose` says what happened to a stream from what its team has `Seen` (`seen_by`, or `read_seen` from files), beside a
    `Reference` from a good time: kind, first day, evidence, action. In the incident game an `Answer` is held against the
    truth (`judge_answer`) and against the money that was at stake (`daily_losses`).

All of it is useless without somebody who is told: every measure here comes with the level at which to act.
"""

from __future__ import annotations

from lifecycle.monitor.decay import Loss, accuracy_loss, turning_tastes
from lifecycle.monitor.diagnosis.folder import read_seen, write_days
from lifecycle.monitor.diagnosis.game import Answer, Outcome, Stakes, daily_losses, judge_answer
from lifecycle.monitor.diagnosis.reference import Reference, reference_of
from lifecycle.monitor.diagnosis.scan import Sign
from lifecycle.monitor.diagnosis.seen import Seen, seen_by
from lifecycle.monitor.diagnosis.verdict import Diagnosis, diagnose
from lifecycle.monitor.drift import (
    SHIFT_KINDS,
    Action,
    ColumnDrift,
    CovariateWeights,
    DomainClassifier,
    DriftReport,
    DriftTest,
    EstimatedPerformance,
    Level,
    PriorEstimate,
    Shares,
    ShiftEvidence,
    ShiftLimits,
    adjust,
    chi_squared,
    chi_squared_of_counts,
    covariate_weights,
    domain_classifier,
    drift_report,
    estimated_performance,
    estimated_prior,
    family_false_alarm,
    jensen_shannon,
    kind_of_shift,
    kolmogorov_smirnov,
    ks_level,
    ks_of_normals,
    ks_p_value,
    least_n_for_ks,
    population_stability_index,
    psi_of_normals,
    shared_bins,
    stability_level,
    stability_of_shares,
    wasserstein,
    window_table,
)
from lifecycle.monitor.replay.delay import Delay
from lifecycle.monitor.replay.faulty import faulty
from lifecycle.monitor.replay.incident import DETAILS, FEED_KINDS, KINDS, NO_INCIDENT, Incident, draw_incident
from lifecycle.monitor.replay.stream import Stream, replay
from lifecycle.monitor.service.alerts import SEVERITIES, Alert, AlertRule, alerts_of, evaluate_alerts
from lifecycle.monitor.service.board import Tile, status_page
from lifecycle.monitor.service.dashboard import Panel, grafana_dashboard
from lifecycle.monitor.service.errors import WatchError
from lifecycle.monitor.service.intake import batch_arrivals, deliver_batch, take_in_batch
from lifecycle.monitor.service.logs import (
    LogAnomaly,
    isolation_scores,
    log_anomalies,
    log_template,
    template_counts,
    z_scores,
)
from lifecycle.monitor.service.objectives import ErrorBudget, Objective, burning, minutes_down
from lifecycle.monitor.service.readings import AccuracyMonitor, Reading, measured_share
from lifecycle.monitor.service.rules_file import check_rules, prometheus_rules
from lifecycle.monitor.service.schedule import (
    Attempt,
    DailyTask,
    DayReport,
    Freshness,
    Retry,
    clock_time,
    freshness,
    minute_of,
    overdue,
    run_day,
)
from lifecycle.monitor.service.scrape import (
    Histogram,
    Quantile,
    Scrape,
    counter_increase,
    histogram_increase,
    read_metrics,
)
from lifecycle.monitor.truth.event_log import EventLog
from lifecycle.monitor.truth.matching import match_events
from lifecycle.monitor.truth.maturity import Nowcast, maturity_curve, maturity_table, nowcast
from lifecycle.monitor.truth.reconciliation import Reconciliation, reconcile
from lifecycle.monitor.truth.standing import Estimate, Standing
from lifecycle.monitor.value.boards import Board, alarm_rows, boards_page, draw_boards
from lifecycle.monitor.value.booking import Prices, daily_value, observed_value
from lifecycle.monitor.value.campaign import Campaign
from lifecycle.monitor.value.control import incremental_effect, pilot_size
from lifecycle.monitor.value.ledger import Ledger
from lifecycle.monitor.value.memo import Memo, Plan, finance_memo
from lifecycle.monitor.value.sensitivity import breaks_even_at, scenario_table, tornado
from lifecycle.monitor.value.simulation import Normal, Rate, Simulation, Triangular, monte_carlo

__all__ = [
    "DETAILS", "FEED_KINDS", "KINDS", "NO_INCIDENT", "SEVERITIES", "SHIFT_KINDS", "AccuracyMonitor", "Action",
    "Alert", "AlertRule", "Answer", "Attempt", "Board", "Campaign", "ColumnDrift", "CovariateWeights", "DailyTask",
    "DayReport", "Delay", "Diagnosis", "DomainClassifier", "DriftReport", "DriftTest", "ErrorBudget", "Estimate",
    "EstimatedPerformance", "EventLog", "Freshness", "Histogram", "Incident", "Ledger", "Level", "LogAnomaly",
    "Loss", "Memo", "Normal", "Nowcast", "Objective", "Outcome", "Panel", "Plan", "Prices", "PriorEstimate",
    "Quantile", "Rate", "Reading", "Reconciliation", "Reference", "Retry", "Scrape", "Seen", "Shares",
    "ShiftEvidence", "ShiftLimits", "Sign", "Simulation", "Stakes", "Standing", "Stream", "Tile", "Triangular",
    "WatchError", "accuracy_loss", "adjust", "alarm_rows", "alerts_of", "batch_arrivals", "boards_page",
    "breaks_even_at", "burning", "check_rules", "chi_squared", "chi_squared_of_counts", "clock_time",
    "counter_increase", "covariate_weights", "daily_losses", "daily_value", "deliver_batch", "diagnose",
    "domain_classifier", "draw_boards", "draw_incident", "drift_report", "estimated_performance", "estimated_prior",
    "evaluate_alerts", "family_false_alarm", "faulty", "finance_memo", "freshness", "grafana_dashboard",
    "histogram_increase", "incremental_effect", "isolation_scores", "jensen_shannon", "judge_answer", "kind_of_shift",
    "kolmogorov_smirnov", "ks_level", "ks_of_normals", "ks_p_value", "least_n_for_ks", "log_anomalies",
    "log_template", "match_events", "maturity_curve", "maturity_table", "measured_share", "minute_of",
    "minutes_down", "monte_carlo", "nowcast", "observed_value", "overdue", "pilot_size", "population_stability_index",
    "prometheus_rules", "psi_of_normals", "read_metrics", "read_seen", "reconcile", "reference_of", "replay",
    "run_day", "scenario_table", "seen_by", "shared_bins", "stability_level", "stability_of_shares", "status_page",
    "take_in_batch", "template_counts", "tornado", "turning_tastes", "wasserstein", "window_table", "write_days",
    "z_scores",
]  # fmt: skip
