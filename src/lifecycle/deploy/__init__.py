"""Deployment: from a model that somebody has to a service that everybody can rely on.

A model in a notebook decides nothing. Deployment turns it into answers where decisions are made, at the moment they are made
and for as many as ask. That takes three things, and each of them fails in a way of its own:

A file that can be trusted
    `save_model` writes a model as text, not as a pickle, with the digest of its bytes. What is loaded later is what
    was approved earlier, or loading fails. `build_package` does the same for all that belongs to a model: code, trees,
    schema, threshold, versions, and rows with the scores that they must get. `open_package` opens it, and its `guard`
    lets no row through whose columns are not the model's, in the model's order.
A copy that is the same model
    The same trees travel as ONNX, PMML, PFA, SQL or Java. Each copy rounds in its own way, so none is believed: `parity`
    says how far apart two of them are, on how many rows, and whether any decision changes.
An interface that refuses nonsense
    A service gets requests from people and programs that never read its documentation. It must say which field is
    wrong, before the model turns it into a plausible number. `create_app` makes such a service from a package: the
    package's schema is its contract, its log (`RequestLog`, `read_log`) holds every answer that anybody got. `light_app` is
    the one-file service beside it, with the fault that such services have.
A process that starts and stops cleanly
    `serving` runs an application on this machine for as long as a block of code lasts: real HTTP, real refusals,
    nothing left behind. `run_service` does so until Ctrl-C, `in_process` asks without a network, and `load_test` finds
    out how much it takes.

A plan for the crowd
    How many copies a peak takes follows from a rate and a time (`in_flight`, `instances`), how long people wait from a log
    (`percentile`) and from a line that is computed before it forms (`waiting_line`).

A job that adds up
    `run_batch` scores every row of a table once, in chunks, ranked and in `Bands`, with malformed rows set aside; killed
    at any point, it goes on from its `Journal`, and done twice it is done once.

A way in, and a way back
    `run_gates` puts a `Candidate` through the eight `GATES` and keeps the evidence; a `Version` tells callers what changes
    for them; a `Router` gives a new version a little traffic, then more, and takes it back when `judge` says so. Around it
    lie the files that people write by hand and get wrong (`dockerfile`, `lint_dockerfile`, ...), and what it all costs
    (`break_even_load`).

Deployment is the start of a model's life, not its end: what happens next is the business of `lifecycle.monitor`.
"""

from __future__ import annotations

from lifecycle.deploy.batch.bands import BANDS, Bands, rank
from lifecycle.deploy.batch.errors import BatchError
from lifecycle.deploy.batch.executors import workers
from lifecycle.deploy.batch.job import run_batch
from lifecycle.deploy.batch.journal import Journal
from lifecycle.deploy.batch.pace import minutes_for, rows_a_second, rows_in_window
from lifecycle.deploy.batch.report import BatchReport
from lifecycle.deploy.formats.crossings import crossings
from lifecycle.deploy.formats.errors import FormatError
from lifecycle.deploy.formats.formula import Formula, formula_of
from lifecycle.deploy.formats.java import java_compiler, run_java, to_java
from lifecycle.deploy.formats.onnx_pipeline import pipeline_to_onnx, score_onnx
from lifecycle.deploy.formats.parity import Parity, clear_threshold, parity
from lifecycle.deploy.formats.pfa import PfaEngine, scorecard_to_pfa, tree_to_pfa
from lifecycle.deploy.formats.pmml import score_pmml, to_pmml
from lifecycle.deploy.formats.records import java_record, version_record
from lifecycle.deploy.formats.tree_text import tree_to_python, tree_to_sql
from lifecycle.deploy.formats.trees import Ensemble, Tree, ensemble_of, tree_of
from lifecycle.deploy.packaging.building import build_package
from lifecycle.deploy.packaging.contents import PIECES, missing_pieces
from lifecycle.deploy.packaging.errors import FeatureOrderError, PackageError
from lifecycle.deploy.packaging.field import Field, schema_of
from lifecycle.deploy.packaging.model_file import digest_of, digest_of_file, load_model, save_model
from lifecycle.deploy.packaging.package import Package, open_package
from lifecycle.deploy.packaging.scorer import Scorer
from lifecycle.deploy.release.candidate import Approval, Budget, Candidate, Waiver
from lifecycle.deploy.release.clean_process import in_new_environment
from lifecycle.deploy.release.dockerfile_linter import lint_dockerfile
from lifecycle.deploy.release.evidence import Finding, GateReport, GateResult
from lifecycle.deploy.release.hosting import Cloud, Hybrid, OnPremises, break_even_load
from lifecycle.deploy.release.linters import Objection, lint_compose, lint_workflow
from lifecycle.deploy.release.mutants import WrongPackage, resealed, shortened, wrong_packages
from lifecycle.deploy.release.pipeline import run_gates
from lifecycle.deploy.release.ramp import (
    Observed,
    RampLimits,
    RampPlan,
    Verdict,
    Walk,
    chance_to_see_one,
    judge,
    requests_to_see_one,
    walk_ramp,
)
from lifecycle.deploy.release.recipes import ci_workflow, compose_file, dockerfile
from lifecycle.deploy.release.risk import GATES, RISKS, Project, blocking_gates, deployment_style, risk_class
from lifecycle.deploy.release.router import Router
from lifecycle.deploy.release.versions import Version, change_between, contract_breaks
from lifecycle.deploy.serving.app import create_app
from lifecycle.deploy.serving.capacity import (
    CapacityError,
    Visit,
    expected_latency,
    in_flight,
    instances,
    percentile,
    waiting_line,
)
from lifecycle.deploy.serving.in_process import in_process
from lifecycle.deploy.serving.light import light_app
from lifecycle.deploy.serving.limits import Limits
from lifecycle.deploy.serving.load import LoadError, LoadReport, load_test
from lifecycle.deploy.serving.process import run_service
from lifecycle.deploy.serving.request_log import LogError, RequestLog, read_log
from lifecycle.deploy.serving.server import Service, ServiceError, serving

__all__ = [
    "BANDS",
    "GATES",
    "PIECES",
    "RISKS",
    "Approval",
    "Bands",
    "BatchError",
    "BatchReport",
    "Budget",
    "Candidate",
    "CapacityError",
    "Cloud",
    "Ensemble",
    "FeatureOrderError",
    "Field",
    "Finding",
    "FormatError",
    "Formula",
    "GateReport",
    "GateResult",
    "Hybrid",
    "Journal",
    "Limits",
    "LoadError",
    "LoadReport",
    "LogError",
    "Objection",
    "Observed",
    "OnPremises",
    "Package",
    "PackageError",
    "Parity",
    "PfaEngine",
    "Project",
    "RampLimits",
    "RampPlan",
    "RequestLog",
    "Router",
    "Scorer",
    "Service",
    "ServiceError",
    "Tree",
    "Verdict",
    "Version",
    "Visit",
    "Waiver",
    "Walk",
    "WrongPackage",
    "blocking_gates",
    "break_even_load",
    "build_package",
    "chance_to_see_one",
    "change_between",
    "ci_workflow",
    "clear_threshold",
    "compose_file",
    "contract_breaks",
    "create_app",
    "crossings",
    "deployment_style",
    "digest_of",
    "digest_of_file",
    "dockerfile",
    "ensemble_of",
    "expected_latency",
    "formula_of",
    "in_flight",
    "in_new_environment",
    "in_process",
    "instances",
    "java_compiler",
    "java_record",
    "judge",
    "light_app",
    "lint_compose",
    "lint_dockerfile",
    "lint_workflow",
    "load_model",
    "load_test",
    "minutes_for",
    "missing_pieces",
    "open_package",
    "parity",
    "percentile",
    "pipeline_to_onnx",
    "rank",
    "read_log",
    "requests_to_see_one",
    "resealed",
    "risk_class",
    "rows_a_second",
    "rows_in_window",
    "run_batch",
    "run_gates",
    "run_java",
    "run_service",
    "save_model",
    "schema_of",
    "score_onnx",
    "score_pmml",
    "scorecard_to_pfa",
    "serving",
    "shortened",
    "to_java",
    "to_pmml",
    "tree_of",
    "tree_to_pfa",
    "tree_to_python",
    "tree_to_sql",
    "version_record",
    "waiting_line",
    "walk_ramp",
    "workers",
    "wrong_packages",
]
