"""What a panel says about its forecasters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.forecast.checks import has_columns
from lifecycle.forecast.errors import ForecastError

if TYPE_CHECKING:
    import pandas as pd


def panel_summary(validated: pd.DataFrame, *, against: str) -> pd.DataFrame:
    """One row a forecaster, over the series that none of them refused.

    Parameters
    ----------
    validated : DataFrame
        As of `validate_panel`.
    against : str
        The forecaster that the others have to beat.

    Returns
    -------
    DataFrame, the smallest median first
        ``forecaster``, ``series``, ``median MASE``, ``mean MASE``, ``beats`` (share of series on which its MASE is smaller
        than that of `against`), ``coverage`` (mean over series), ``Winkler`` (mean, scaled), ``refused`` (series).

    Raises
    ------
    ForecastError
        When `against` is none of them, a series is there twice, or none is left.
    """
    import numpy as np
    import pandas as pd

    kept = ("series", "forecaster", "MASE", "coverage", "Winkler", "refused")
    has_columns(validated, kept, where="validated")
    twice = validated[validated.duplicated(["series", "forecaster"])]
    if len(twice):
        raise ForecastError(f"{twice['series'].iloc[0]} has {twice['forecaster'].iloc[0]} twice", where="validated")
    names = [*validated["forecaster"].unique()]
    if against not in names:
        raise ForecastError(f"no forecaster is called `{against}`", tried=", ".join(map(str, names)))
    scores = validated.pivot(index="series", columns="forecaster", values="MASE").dropna()
    if scores.empty:
        raise ForecastError("there is no series that all forecasters took", remedy="see the column `refused`")
    rows = []
    for name in names:
        own = validated[validated["forecaster"] == name]
        kept = own[own["series"].isin(scores.index)]
        rows.append(
            {
                "forecaster": name,
                "series": len(kept),
                "median MASE": kept["MASE"].median(),
                "mean MASE": kept["MASE"].mean(),
                "beats": float((scores[name] < scores[against]).mean()) if name != against else np.nan,
                "coverage": kept["coverage"].mean(),
                "Winkler": kept["Winkler"].mean(),
                "refused": int((own["refused"] != "").sum()),
            }
        )
    return pd.DataFrame(rows).sort_values("median MASE", kind="stable", ignore_index=True)
