"""The days on which people behave otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lifecycle.forecast.checks import whole
from lifecycle.forecast.errors import ForecastError

if TYPE_CHECKING:
    import pandas as pd


def public_holidays(years: Iterable[int], *, country: str = "US") -> pd.DataFrame:
    """Public holidays of a country, days in lieu included, computed by the `holidays` package (which comes with Prophet).

    Parameters
    ----------
    years : iterable of int
    country : str
        Two letters, ISO 3166.

    Returns
    -------
    DataFrame
        `ds` (date) and `holiday` (name; a day in lieu has one of its own), in the order of dates: what Prophet takes.

    Raises
    ------
    ForecastError
        When no calendar of the country is known, or `years` are no years.
    """
    import holidays
    import pandas as pd

    if not isinstance(years, Iterable):
        raise ForecastError(f"`years` is {years}: it must be several", where="years", remedy=f"[{years}] for one")
    asked = [whole(year, "year") for year in years]
    try:
        calendar = holidays.country_holidays(country, years=asked)
    except NotImplementedError as error:
        raise ForecastError(f"no calendar of {country!r} is known", where="country", tried=str(error)) from error
    days = sorted(calendar.items())
    names = [name for _, name in days]
    return pd.DataFrame({"ds": pd.to_datetime([day for day, _ in days]), "holiday": names})
