"""Ground truth: what was predicted meets what happened, late, and not for every row.

`event_log` keeps predictions and outcomes as they come in; `matching` finds out which prediction an event belongs to;
`reconciliation` puts together what was known on a day; `standing` counts it, with its maturity and its bounds; `maturity`
looks at how that changes with time, and corrects for labels that come sooner for one class than for the other.
"""

from __future__ import annotations

from lifecycle.monitor.truth.event_log import EventLog
from lifecycle.monitor.truth.matching import match_events
from lifecycle.monitor.truth.maturity import maturity_curve, maturity_table, nowcast
from lifecycle.monitor.truth.reconciliation import Reconciliation, reconcile
from lifecycle.monitor.truth.standing import Estimate, Standing

__all__ = [
    "Estimate", "EventLog", "Reconciliation", "Standing", "match_events", "maturity_curve", "maturity_table", "nowcast",
    "reconcile",
]  # fmt: skip
