"""Iteration: a model decays, so a successor has to be made, compared and put in its place, again and again.

Retraining is the easy part. The hard question is whether the successor is better, and better *where it will be used*. So
iteration is a discipline of comparison. Both models answer the same recent rows, which neither was trained on. The rule that
decides was written down before the figures were known, and a small gain within chance does not pay for the risk of a
change.

`choice` holds the smallest such rule. Shadow runs and A/B tests are the same comparison with more at stake.
"""

from __future__ import annotations

from lifecycle.iterate.choice import Choice, champion_or_challenger

__all__ = ["Choice", "champion_or_challenger"]
