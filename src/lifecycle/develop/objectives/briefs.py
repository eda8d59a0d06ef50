"""What the business first asked for in each use case. Every figure here is assumed, to have something to argue about."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from lifecycle.develop.sources.use_cases import use_case

_BRIEFS: dict[str, dict[str, Any]] = {
    "credit": {
        "goal": "Fewer card clients in default, without refusing those who would pay",
        "performance": {
            "recall": "at least 80 %",
            "false_positive_rate": "at most 10 %",
            "precision": "at least 80 %",
            "latency": "at most 200 ms",
        },
        "infrastructure": {"requests": "at least 20 requests/s", "availability": "at least 99.99 %"},
        "cost": {
            "development": "at most 3,000,000 TWD",
            "operations": "at most 600,000 TWD/month",
            "training": "at most 150,000 TWD/month",
            "per_decision": "at most 20 TWD/decision",
        },
        "change": ["train the credit officers", "a procedure for clients who object", "tell clients why"],
        "constraints": ["real-time REST for the branch", "a batch of all clients once a month"],
    },
    "fraud": {
        "goal": "Stop fraudulent card payments before they are booked",
        "performance": {
            "recall": "at least 95 %",
            "false_positive_rate": "at most 2 %",
            "precision": "at least 95 %",
            "latency": "at most 50 ms",
        },
        "infrastructure": {"requests": "at least 100 requests/s", "availability": "at least 99.99 %"},
        "cost": {
            "development": "at most 100,000 EUR",
            "operations": "at most 50,000 EUR/month",
            "training": "at most 5,000 EUR/month",
            "per_decision": "at most 0.01 EUR/decision",
        },
        "change": ["train the analysts", "a procedure for blocked payments", "tell customers"],
        "constraints": ["real-time REST before the payment is booked"],
    },
    "churn": {
        "goal": "Fewer customers lost, and no vouchers for those who would come back anyway",
        "performance": {
            "recall": "at least 90 %",
            "false_positive_rate": "at most 30 %",
            "precision": "at least 95 %",
            "latency": "at most 500 ms",
        },
        "infrastructure": {"requests": "at least 5 requests/s", "availability": "at least 99.99 %"},
        "cost": {
            "development": "at most 60,000 USD",
            "operations": "at most 4,000 USD/month",
            "training": "at most 500 USD/month",
            "per_decision": "at most 0.1 USD/decision",
        },
        "change": ["train the shop's support", "a rule for who gets a voucher", "tell customers how to opt out"],
        "constraints": ["a batch of all customers once a month"],
    },
}

_VOLUMES = {"credit": 30_000, "fraud": 4_300_000, "churn": 24_000}
_PLATFORM = {"availability": 0.999, "latency": 40.0}
_STAKEHOLDERS = {"business owner": True, "finance": True, "operations": True, "compliance": False}


def brief(name: str) -> dict[str, Any]:
    """The first wish of a use case, as `Objective.from_mapping` reads it: targets that nobody has checked yet.

    Raises
    ------
    DataError
        For an unknown use case.
    """
    return deepcopy(_BRIEFS[use_case(name).name])


def monthly_volume_of(name: str) -> int:
    """How many decisions a month the use case really takes, assumed; far fewer than its peak rate suggests."""
    return _VOLUMES[use_case(name).name]


def platform() -> dict[str, float]:
    """What the platform is assumed to have measured: availability (a rate) and latency (ms)."""
    return dict(_PLATFORM)


def stakeholders() -> dict[str, bool]:
    """Who has a say and whether they agree to the mended targets; assumed. Compliance waits to see the data."""
    return dict(_STAKEHOLDERS)
