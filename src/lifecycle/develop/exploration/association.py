"""Is there a link, and how strong? Each test gives a p-value *and* an effect size: with many rows the first says little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.develop.exploration.profile import binary, kind_of
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Association:
    """A test's outcome.

    Attributes
    ----------
    test : str
        Name of the test.
    statistic, p_value : float
        As usual; a p-value too small for a float is 0.
    effect : float
        Size of the difference in the unit named by `measure`; 0 means none.
    measure : str
        Name of the effect size.
    """

    test: str
    statistic: float
    p_value: float
    effect: float
    measure: str


def welch_t(one: ArrayLike, other: ArrayLike) -> Association:
    """Compare two means without assuming equal variances (Welch 1947); effect: Cohen's d with the pooled deviation."""
    from scipy.stats import ttest_ind

    a, b = _sample(one), _sample(other)
    outcome = ttest_ind(a, b, equal_var=False)
    return Association("Welch t", float(outcome.statistic), float(outcome.pvalue), cohens_d(a, b), "Cohen's d")


def cohens_d(one: ArrayLike, other: ArrayLike) -> float:
    """Difference of two means in pooled standard deviations (Cohen 1988); 0.2 is called small, 0.8 large."""
    a, b = _sample(one), _sample(other)
    pooled = ((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / (len(a) + len(b) - 2)
    if pooled == 0:
        raise DataError("both samples are constant, so their difference has no unit", where="cohens_d")
    return float((a.mean() - b.mean()) / pooled**0.5)


def kolmogorov_smirnov(one: ArrayLike, other: ArrayLike) -> Association:
    """Compare two distributions; effect: the largest gap between their cumulative curves, 0 to 1."""
    from scipy.stats import ks_2samp

    outcome = ks_2samp(_sample(one), _sample(other), method="asymp")
    return Association(
        "Kolmogorov-Smirnov", float(outcome.statistic), float(outcome.pvalue), float(outcome.statistic), "largest gap"
    )


def chi_square(one: Sequence[object] | pd.Series, other: Sequence[object] | pd.Series) -> Association:
    """Test two categories for independence (Pearson 1900, no continuity correction); effect: Cramér's V, 0 to 1.

    Raises
    ------
    DataError
        When either takes a single value.
    """
    import pandas as pd
    from scipy.stats import chi2_contingency

    table = pd.crosstab(pd.Series(list(one)), pd.Series(list(other)))
    if min(table.shape) < 2:
        raise DataError("a category with a single value cannot depend on anything", where="chi_square")
    outcome = chi2_contingency(table, correction=False)
    n = table.to_numpy().sum()
    v = (outcome.statistic / (n * (min(table.shape) - 1))) ** 0.5
    return Association("chi-square", float(outcome.statistic), float(outcome.pvalue), float(v), "Cramér's V")


def anova(groups: Sequence[ArrayLike]) -> Association:
    """Compare several means (Fisher 1925); effect: eta squared, the share of variance between groups, 0 to 1."""
    import numpy as np
    from scipy.stats import f_oneway

    samples = [_sample(group) for group in groups]
    outcome = f_oneway(*samples)
    everything = np.concatenate(samples)
    total = ((everything - everything.mean()) ** 2).sum()
    between = sum(len(sample) * (sample.mean() - everything.mean()) ** 2 for sample in samples)
    return Association("ANOVA", float(outcome.statistic), float(outcome.pvalue), float(between / total), "eta squared")


def shapiro_wilk(sample: ArrayLike) -> Association:
    """Test for a normal distribution (Shapiro and Wilk 1965), with at most 5,000 values; effect: 1 - W, 0 means normal."""
    from scipy.stats import shapiro

    values = _sample(sample)
    if not 3 <= len(values) <= 5000:
        raise DataError(f"Shapiro and Wilk's test takes 3 to 5,000 values, not {len(values):,}", where="sample")
    outcome = shapiro(values)
    return Association(
        "Shapiro-Wilk", float(outcome.statistic), float(outcome.pvalue), float(1 - outcome.statistic), "1 - W"
    )


def p_text(p_value: float) -> str:
    """Write a p-value with two significant digits; one too small for a float, which is 0, as ``< 1e-300``."""
    return f"{p_value:.1e}" if p_value > 1e-300 else "< 1e-300"


def correlations(frame: pd.DataFrame, *, method: str = "pearson") -> pd.DataFrame:
    """Correlate the numeric columns with each other.

    Parameters
    ----------
    frame : DataFrame
        Columns that are not numbers are left out, and so are constant ones, which correlate with nothing.
    method : {"pearson", "spearman"}
        Straight-line or rank correlation.
    """
    numeric = frame[[name for name in frame if kind_of(frame[name]) == "number" and frame[name].nunique() > 1]]
    return numeric.corr(method=method)


def target_association(frame: pd.DataFrame, target: str, *, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Test every column against a binary target: Welch's t for numbers, chi-square for categories.

    Returns
    -------
    DataFrame, one row a column, strongest effect first
        ``column``, ``test``, ``p_value``, ``effect``, ``measure``. Effects of different measures are not comparable with
        each other; rows are ordered by their size all the same, as a list of where to look first.
    """
    import pandas as pd

    labels = binary(frame, target)
    rows = []
    for name in columns or [column for column in frame.columns if column != target]:
        column = frame[name]
        if column.nunique() < 2 or kind_of(column) == "time":
            continue
        if kind_of(column) == "number":
            result = welch_t(column[labels], column[~labels])
        else:
            result = chi_square(column.astype(str), labels)
        rows.append(
            {
                "column": name,
                "test": result.test,
                "p_value": result.p_value,
                "effect": result.effect,
                "measure": result.measure,
            }
        )
    table = pd.DataFrame(rows)
    return table.iloc[table["effect"].abs().sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def _sample(values: ArrayLike) -> np.ndarray:
    import numpy as np

    sample: np.ndarray = np.asarray(values, dtype=float)
    sample = np.extract(~np.isnan(sample), sample)
    if len(sample) < 2:
        raise DataError(f"a test needs two values at least, not {len(sample)}", where="sample")
    return sample
