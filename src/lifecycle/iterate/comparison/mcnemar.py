"""Two models on the same cases: only the cases on which one is right and the other wrong can tell them apart."""

from __future__ import annotations

import math
from typing import Literal

from lifecycle.errors import DataError

Method = Literal["exact", "mid-p", "asymptotic", "corrected"]


def mcnemar(champion_only: int, challenger_only: int, *, method: Method = "exact") -> float:
    """How often two equally good models would split their disagreements as unevenly as here, or more so (two-sided p).

    If both are equally good, a case that just one of them gets right is as likely to be the champion's as the challenger's:
    a coin is thrown for each of them. Cases that both get right, or both wrong, say nothing.

    Parameters
    ----------
    champion_only, challenger_only : int
        Cases that the one gets right and the other wrong, 0 or more.
    method : str
        ``"exact"`` by the binomial distribution, never too optimistic; ``"mid-p"`` counts half of what was seen and comes
        nearer to its level (Fagerland, Lydersen and Laake 2013); ``"asymptotic"`` by chi-squared with one degree of
        freedom (McNemar 1947), for 25 disagreements or more; ``"corrected"`` the same with Edwards' correction.

    Returns
    -------
    float
        In [0, 1]; 1 where the models never disagree.

    Raises
    ------
    DataError
        When a count is none, or the method is unknown.
    """
    from scipy.stats import binom, chi2

    for name, count in (("champion_only", champion_only), ("challenger_only", challenger_only)):
        if not count >= 0 or count != int(count):
            raise DataError(f"{count!r} is no count of cases", where=name, remedy="give whole numbers, 0 or more")
    n, fewer = int(champion_only + challenger_only), int(min(champion_only, challenger_only))
    if method not in ("exact", "mid-p", "asymptotic", "corrected"):
        raise DataError(f"no method `{method}`", where="mcnemar", remedy="exact, mid-p, asymptotic or corrected")
    if n == 0:
        return 1.0
    if method in ("asymptotic", "corrected"):
        difference = max(0, n - 2 * fewer - (method == "corrected"))
        return float(chi2.sf(difference**2 / n, 1))
    p = 2 * float(binom.cdf(fewer, n, 0.5))
    if method == "mid-p":
        p -= float(binom.pmf(fewer, n, 0.5))
    return min(1.0, p)


def split_of(gain: float, *, disagreement: float) -> tuple[float, float]:
    """Which shares of cases each of two models alone gets right, when one gains `gain` in accuracy over the other.

    Two yes-or-no decisions that differ cannot both be right, and cannot both be wrong: exactly one is.

    Parameters
    ----------
    gain : float
        Accuracy of the challenger minus that of the champion, as 0.02.
    disagreement : float
        Share of cases that the two decide differently, as 0.05.

    Returns
    -------
    challenger_only, champion_only : float
        They add up to `disagreement`, and their difference is `gain`.

    Raises
    ------
    DataError
        When the gain is larger than the disagreement: two models that nearly always agree are nearly equally good.
    """
    if not 0 <= disagreement <= 1:
        raise DataError(f"{disagreement!r} is no share of cases", where="disagreement", remedy="5 % is 0.05")
    if not abs(gain) <= disagreement:
        raise DataError(
            f"a gain of {gain:g} is impossible when only {disagreement:g} of the cases are decided differently",
            where="gain", remedy="one of the two figures is wrong, or they are of different cases",
        )  # fmt: skip
    return (disagreement + gain) / 2, (disagreement - gain) / 2


def paired_sample_size(gain: float, *, disagreement: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """Labelled cases that McNemar's test needs to see a gain in accuracy (two-sided; Connor 1987).

    The formula is of the asymptotic test, to which mid-p is close. The exact one is more cautious and sees the gain
    somewhat less often: with 979 cases in 77.5 % of comparisons, in the example. It takes a few per cent more cases.

    Parameters
    ----------
    gain : float
        The gain to be seen, not 0.
    disagreement : float
        Share of cases that the two models decide differently; the fewer these are, the fewer cases it takes.
    alpha, power : float
        Chance of a false alarm, and chance to see the gain if it is there; both in (0, 1).

    Returns
    -------
    int
        Rounded up.

    Raises
    ------
    DataError
        As for `split_of`, and when there is no gain to be seen.

    Examples
    --------
    >>> paired_sample_size(0.02, disagreement=0.05)
    979
    """
    split_of(gain, disagreement=disagreement)
    if not gain:
        raise DataError("there is no gain to be seen", where="gain", remedy="say which gain would be worth a change")
    reach = _quantile(1 - alpha / 2, "alpha") * math.sqrt(disagreement)
    reach += _quantile(power, "power") * math.sqrt(disagreement - gain**2)
    return math.ceil(float(f"{(reach / gain) ** 2:.12g}"))  # what is whole but for rounding stays so


def paired_power(n: int, *, gain: float, disagreement: float, alpha: float = 0.05) -> float:
    """The chance that McNemar's test on `n` labelled cases sees a gain; `paired_sample_size` the other way round.

    Of the asymptotic test, as there.
    """
    from scipy.stats import norm

    split_of(gain, disagreement=disagreement)
    if not n >= 1:
        raise DataError(f"{n!r} cases are no sample", where="n")
    spread = math.sqrt(disagreement - gain**2)
    beyond = abs(gain) * math.sqrt(n) - _quantile(1 - alpha / 2, "alpha") * math.sqrt(disagreement)
    if spread == 0:  # the new one alone is right, always; or the two never part
        return float(beyond > 0)
    return float(norm.cdf(beyond / spread))


def _quantile(share: float, name: str) -> float:
    from scipy.stats import norm

    if not 0 < share < 1:
        raise DataError("lies between 0 and 1", where=name, remedy="5 % is 0.05")
    return float(norm.ppf(share))
