"""What the stage raises."""

from __future__ import annotations

from lifecycle.errors import LifecycleError


class ForecastError(LifecycleError):
    """A series, a forecaster or a split that no forecast can be made or judged with."""
