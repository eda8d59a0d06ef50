"""Governance: being able to say who decided what, on which evidence, and being allowed to have done so.

Governance has three parts. Data: may these rows be used, and do we know where they come from? Process: who checks, who
signs, what is kept? Compliance: which law or standard applies, and can we show that we keep to it? It exists for three ends:
compliance, fairness, accountability.

It runs beside the four other components, not after them. What was not recorded when it happened cannot be
reconstructed when the auditor asks, so the smallest useful act of governance is a record: `decision`.
"""

from __future__ import annotations

from lifecycle.govern.decision import Decision, DecisionError

__all__ = ["Decision", "DecisionError"]
