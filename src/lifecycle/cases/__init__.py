"""Case studies: the five components put to work, in trades that had to learn them at their own expense.

A case study is not a new stage. It takes what the others made (a threshold from development, a package from deployment, a
drift report from monitoring) and shows what one trade adds to it: lessons compose the stages, and a room here
holds only what that trade has of its own. Each has a trap that a general method walks into.

Consumer credit
    The oldest regulated form of the discipline. `cohort` tells what was known at the end of a month; `weight_of_evidence`
    and `information_value` say what ranges of values are worth, `monotone_bins` cuts them (`Binning`), and `fit_scorecard`
    makes a card whose points add up (`Scorecard`), `constrained_boosting` its rival; `infer_rejected` assumes what a policy
    hid; `score_from_document` scores by what is written down and nothing else, `compare_scores` says where that differs;
    `as_sql` and `as_spreadsheet` write the card as a formula, and `risk_document` the file that a regulator asks for.

Recommendation: one pipeline for thousands of firms
    `draw_tenants` draws a `Tenant` to practise on, whose engines go `LIVE` one day; a `TableSource` is a real one.
    `map_table` brings each firm's export into one schema (`Column`, `missing_fields`, `propose_mapping`); `fit_engine`
    learns an `Engine` by a `Setting` from a `History`: which products go together; `count_hits` says how often it was right.
    `train_tenants` does it for all of them (`SETTINGS`, `TenantReport`) through an executor, puts broken ones into
    quarantine and resumes; `watch_tenants` and `decline_p` say which engines decline, `expected_false_alarms`,
    `bonferroni_level` and `alarm_quality` what so many alarms are worth. A `Desk` answers under `Rules` and a `Switchboard`,
    live (`recommendation_app`) or overnight (`push_table`). `customer_vector` says what was known of a customer one morning.
    `simulate_offers`, `offline_and_uplift`, `simulate_calls`, `margin_change` and `variance_ratio` ask whether it helps. The
    trap: clicks are not revenue, and a hit may be what was bought anyway.

Hybrid
    Fraud that is known, and fraud that is new. `payments` makes months in which the truth is known (`KINDS`), `inputs` is
    what may be seen of them (`INPUTS`); `fit_detector` fits a supervised model (`fit_supervised`) and a forest that knows
    only what is usual (`Detector`); `top` marks the highest scores, `budgeted` spends one budget of alerts on both, `either`
    does not ask for a budget; `share_left` gives the strange what the supervised model is not sure of, `outcome` counts what
    was found. `learn_by_month` lets the team learn from people, from complaints, or from its own decisions. `plan_faults`
    checks a monitoring plan (`PLAN_PARTS`, `VIEWS`), `ringing` says which of its watches ring.

Streaming
    What to watch next. `audience` and `evenings` make viewers (`Audience`) and what they watch, `history` a table of it;
    `popularity`, `collaborative` and `network` score titles, `best` puts them in order, `precision_at` judges it;
    `show_titles` shows two orders to two groups (`halves`) and counts starts, minutes, and who stays.

Arrival
    When will it arrive? `trips` makes trips; `fit_promise` fits quantiles of their minutes (`Promise`), `misses` is what
    keeps the promise of an interval, `promise_table` says how it was kept; `live_factors` lets trips that have ended correct
    those that begin; `scale` serves requests by replicas that follow the load (`ScalingRule`, `Scaled`).

Capstone
    The whole chain handed over. `drive` runs the steps of a project, each behind a gate (`Step`; a `Finding` by `holds`,
    `at_least`, `at_most`; `digest_of` what went in), on pumps that are made up (`pumps`, `pump_weeks`); `chain_report`
    asks finished files what a stranger would ask; `wrong_claims` finds figures in a report that are known to be wrong
    (`errata`), `refuse_wrong_claims` stops there; `respond` says whether a rollback helps, `incident_memo` writes down what
    happened; `build_dossier` binds all files by their digests (`links`, `dossier_page`), for `sign_dossier`, `pack_dossier`
    and `verify_dossier`. `RUBRIC` is what a project is marked by (`marks`).

What none of them can do with what it was given is a `CaseError`.
"""

from __future__ import annotations

from lifecycle.cases.arrival.feedback import live_factors
from lifecycle.cases.arrival.promise import Promise, fit_promise, misses, promise_table
from lifecycle.cases.arrival.scaling import Scaled, ScalingRule, scale
from lifecycle.cases.arrival.trips import trips
from lifecycle.cases.capstone.chain import chain_report
from lifecycle.cases.capstone.dossier import build_dossier, links, pack_dossier, sign_dossier
from lifecycle.cases.capstone.dossier_page import dossier_page
from lifecycle.cases.capstone.errata import errata, refuse_wrong_claims, wrong_claims
from lifecycle.cases.capstone.invented import pump_weeks, pumps
from lifecycle.cases.capstone.memo import incident_memo
from lifecycle.cases.capstone.project import Finding, Step, at_least, at_most, digest_of, drive, holds
from lifecycle.cases.capstone.response import respond
from lifecycle.cases.capstone.rubric import RUBRIC, marks
from lifecycle.cases.capstone.verification import verify_dossier
from lifecycle.cases.credit_risk import (
    Binning,
    Scorecard,
    as_spreadsheet,
    as_sql,
    cohort,
    compare_scores,
    constrained_boosting,
    fit_scorecard,
    infer_rejected,
    information_value,
    monotone_bins,
    risk_document,
    score_from_document,
    weight_of_evidence,
)
from lifecycle.cases.errors import CaseError
from lifecycle.cases.hybrid.alerts import Detector, budgeted, either, fit_detector, fit_supervised, outcome, share_left, top
from lifecycle.cases.hybrid.learning import learn_by_month
from lifecycle.cases.hybrid.payments import INPUTS, KINDS, inputs, payments
from lifecycle.cases.hybrid.plan import PLAN_PARTS, VIEWS, plan_faults, ringing
from lifecycle.cases.recommendation.engine import Engine, Setting, count_hits, fit_engine
from lifecycle.cases.recommendation.experiment import (
    margin_change,
    offline_and_uplift,
    simulate_calls,
    simulate_offers,
    variance_ratio,
)
from lifecycle.cases.recommendation.factory import SETTINGS, train_tenants, watch_tenants
from lifecycle.cases.recommendation.history import History
from lifecycle.cases.recommendation.offering import Desk, Rules, Switchboard, push_table
from lifecycle.cases.recommendation.report import TenantReport
from lifecycle.cases.recommendation.schema import Column, map_table, missing_fields, propose_mapping
from lifecycle.cases.recommendation.service import recommendation_app
from lifecycle.cases.recommendation.sources import TableSource
from lifecycle.cases.recommendation.tenants import LIVE, Tenant, draw_tenants
from lifecycle.cases.recommendation.vector import customer_vector
from lifecycle.cases.recommendation.watch import alarm_quality, bonferroni_level, decline_p, expected_false_alarms
from lifecycle.cases.streaming.audience import Audience, audience, evenings
from lifecycle.cases.streaming.experiment import halves, show_titles
from lifecycle.cases.streaming.rankers import best, collaborative, history, network, popularity, precision_at

# By room, in the order of the essay.
__all__ = [  # noqa: RUF022
    "CaseError",
    # Consumer credit
    "Binning",
    "Scorecard",
    "as_spreadsheet",
    "as_sql",
    "cohort",
    "compare_scores",
    "constrained_boosting",
    "fit_scorecard",
    "infer_rejected",
    "information_value",
    "monotone_bins",
    "risk_document",
    "score_from_document",
    "weight_of_evidence",
    # Recommendation
    "LIVE",
    "SETTINGS",
    "Column",
    "Desk",
    "Engine",
    "History",
    "Rules",
    "Setting",
    "Switchboard",
    "TableSource",
    "Tenant",
    "TenantReport",
    "alarm_quality",
    "bonferroni_level",
    "count_hits",
    "customer_vector",
    "decline_p",
    "draw_tenants",
    "expected_false_alarms",
    "fit_engine",
    "map_table",
    "margin_change",
    "missing_fields",
    "offline_and_uplift",
    "propose_mapping",
    "push_table",
    "recommendation_app",
    "simulate_calls",
    "simulate_offers",
    "train_tenants",
    "variance_ratio",
    "watch_tenants",
    # Hybrid
    "INPUTS",
    "KINDS",
    "PLAN_PARTS",
    "VIEWS",
    "Detector",
    "budgeted",
    "either",
    "fit_detector",
    "fit_supervised",
    "inputs",
    "learn_by_month",
    "outcome",
    "payments",
    "plan_faults",
    "ringing",
    "share_left",
    "top",
    # Streaming
    "Audience",
    "audience",
    "best",
    "collaborative",
    "evenings",
    "halves",
    "history",
    "network",
    "popularity",
    "precision_at",
    "show_titles",
    # Arrival
    "Promise",
    "Scaled",
    "ScalingRule",
    "fit_promise",
    "live_factors",
    "misses",
    "promise_table",
    "scale",
    "trips",
    # Capstone
    "RUBRIC",
    "Finding",
    "Step",
    "at_least",
    "at_most",
    "build_dossier",
    "chain_report",
    "digest_of",
    "dossier_page",
    "drive",
    "errata",
    "holds",
    "incident_memo",
    "links",
    "marks",
    "pack_dossier",
    "pump_weeks",
    "pumps",
    "refuse_wrong_claims",
    "respond",
    "sign_dossier",
    "verify_dossier",
    "wrong_claims",
]
