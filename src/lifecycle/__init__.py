"""What the lessons are made of: one sub-package a stage of the lifecycle of a model.

A model is developed, explained, deployed, monitored, iterated on and governed; forecasting has its own sub-package, because
time changes the rules. Stages do not import each other. A notebook composes them, and the composition is the
lesson. What they share is small:

- `lifecycle.artifacts` reads and writes what one lesson hands to the next;
- `lifecycle.errors` holds the errors, whose messages say what to do next;
- `lifecycle.show` prints tables, numbers and figures that are the same on every machine;
- `lifecycle.archives`, `lifecycle.confusion`, `lifecycle.page` and `lifecycle.spread` hold what several stages would
  otherwise write twice: archives read with suspicion, rows by truth and decision, a page of HTML, orders for an executor.

Nothing heavy is imported until it is used, and importing has no side effect.
"""

from __future__ import annotations

__all__ = ["artifacts", "errors", "show"]
