"""Monitoring: noticing that a model has become worse before somebody complains.

Ordinary software keeps meeting its specification until someone changes it. A model was fitted to a data set, and the world
goes on without that data set. So a model needs three views at once, because each is blind where another sees:

Performance
    Accuracy, precision, recall, F1 against the truth. It is the only proof, and it comes late: the truth about a loan is
    known months after the loan. `decay` says how to count what was lost.
Drift
    Do today's inputs and scores look like those of the training data? Known at once, without any truth, and only a warning:
    inputs can move without harm, and the truth can move without the inputs. `drift` measures the distance.
Business
    Is the decision that the model feeds still worth something?

All three are useless without somebody who is told: every measure here comes with the level at which to act.
"""

from __future__ import annotations

from lifecycle.monitor.decay import Loss, accuracy_loss, turning_tastes
from lifecycle.monitor.drift import population_stability_index, stability_level, stability_of_shares

__all__ = [
    "Loss", "accuracy_loss", "population_stability_index", "stability_level", "stability_of_shares", "turning_tastes",
]  # fmt: skip
