"""What statsmodels and Prophet say beside their results, and what is done about it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_fit() -> Iterator[None]:
    """Let pass what a fit says about its own way, and nothing else.

    Whether it arrived is kept with the result (`converged`), so the warning would say it twice; starting values that a
    search had to give up are of no interest once it has found better ones; and that a model with differences is fitted to
    differences is its name.
    """
    from statsmodels.tools.sm_exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for said in (
            "Non-stationary starting",
            "Non-invertible starting",
            "Too few observations to estimate starting",
            "Provided `endog` series has been differenced",
        ):
            warnings.filterwarnings("ignore", message=said, category=UserWarning)
        yield
