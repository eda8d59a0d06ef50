"""What became of each of the four distributions that inputs and label have: P(X), P(y), P(y | X) and P(X | y)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lifecycle.monitor.drift.labelled import Labelled
from lifecycle.monitor.drift.planning import adjust
from lifecycle.monitor.drift.statistics import kolmogorov_smirnov

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Changed:
    """What is known of one of the four distributions.

    Attributes
    ----------
    part : str
        ``"P(X)"``, ``"P(y)"``, ``"P(y | X)"`` or ``"P(X | y)"``.
    effect : float
        How large the change is, on the scale that `measure` names.
    measure : str
    limit : float
        The effect from which on it counts.
    p_value : float
        Chance of so much where nothing has changed; adjusted where several looks were taken.
    changed : bool
        Both: an effect of at least `limit`, and a p-value below the level.
    detail : str
        Where most of it lies.
    """

    part: str
    effect: float
    measure: str
    limit: float
    p_value: float
    changed: bool
    detail: str = ""


@dataclass(frozen=True)
class ShiftLimits:
    """From which size on a change counts, given that chance is ruled out.

    Attributes
    ----------
    gap : float
        Largest gap between the cumulative curves of a column (Kolmogorov and Smirnov).
    area : float
        Area under the ROC curve of a classifier that tells the two periods apart; 0.5 where it cannot.
    share : float
        Change of a chance, or of the label's share, in standard deviations of the label: 0.1 is 5 percentage points where
        half of the labels are 1, and 3 where one in ten is.
    overlap : float
        Below this overlap nothing is said of P(y | X).
    """

    gap: float = 0.1
    area: float = 0.55
    share: float = 0.06
    overlap: float = 0.5


@dataclass(frozen=True, eq=False)
class Chances:
    """Chances of each row, by models that have not seen it; arrays of shape (n,).

    Attributes
    ----------
    current : array
        Of being a row of the current period.
    then, now : array
        Of the label 1 in the reference and in the current period.
    """

    current: NDArray[np.float64]
    then: NDArray[np.float64]
    now: NDArray[np.float64]

    @property
    def label(self) -> NDArray[np.float64]:
        """Of the label 1, whatever the period."""
        mixed: NDArray[np.float64] = self.then * (1 - self.current) + self.now * self.current
        return mixed


class Look(NamedTuple):
    """One way to look for a change of inputs."""

    effect: float
    start: float
    limit: float
    p_value: float
    measure: str
    detail: str

    @property
    def size(self) -> float:
        """The effect in units of its limit."""
        return (self.effect - self.start) / (self.limit - self.start)


def fitted_chances(rows: Labelled, rng: np.random.Generator) -> Chances:
    """Fit on one half of the rows and judge the other, and the other way round; equal rows stay together."""
    import numpy as np

    half = (rng.permutation(rows.groups.max() + 1) % 2)[rows.groups]
    current, then, now = np.zeros((3, len(rows.y)))
    for side in (0, 1):
        seen, judged = half != side, half == side
        current[judged] = _fitted(rows.x[seen], rows.current[seen], rows.x[judged])
        for period, chances in ((0, then), (1, now)):
            known = seen & (rows.current == period)
            chances[judged] = _fitted(rows.x[known], rows.y[known], rows.x[judged])
    return Chances(current, then, now)


def _fitted(x: NDArray[np.float64], y: NDArray[np.int64], asked: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np
    from sklearn.ensemble import HistGradientBoostingClassifier

    if y.min() == y.max():
        return np.full(len(asked), float(y[0]))
    model = HistGradientBoostingClassifier(
        max_iter=60, max_leaf_nodes=8, min_samples_leaf=40, early_stopping=False, random_state=0
    )
    chances: NDArray[np.float64] = model.fit(x, y).predict_proba(asked)[:, 1]
    return chances


def overlap_of(rows: Labelled, chances: Chances) -> float:
    """Share of the current rows of which at least one in fifty like it would be old, were there as many of both."""
    share = float(rows.current.mean())
    now, then = chances.current / share, (1 - chances.current) / (1 - share)
    return float((now < 0.98 * (now + then))[rows.current == 1].mean())


def inputs_changed(rows: Labelled, chances: Chances, limits: ShiftLimits, level: float) -> Changed:
    """P(X): whether a classifier can tell the periods apart, or any single column."""
    looks = [_area(chances.current, rows.current, limits, ""), _largest_gap(rows.x, rows.current, rows.names, limits, "")]
    return _strongest("P(X)", looks, level)


def classes_changed(rows: Labelled, chances: Chances, limits: ShiftLimits, level: float) -> Changed:
    """P(X | y): the same within each class.

    The best classifier of periods within class y has the odds of `Chances.current` times the ratio of the chances of y, now
    and then: Bayes.
    """
    import numpy as np

    floor = 1e-4
    inside = chances.current.clip(floor, 1 - floor)
    looks = []
    for value in (0, 1):
        chosen = rows.y == value
        if len(np.unique(rows.current[chosen])) < 2:
            continue
        then, now = (abs(1 - value - each).clip(floor, 1) for each in (chances.then, chances.now))
        odds = np.log(inside / (1 - inside) * now / then)
        period = rows.current[chosen]
        looks.append(_area(odds[chosen], period, limits, f"y = {value}"))
        looks.append(_largest_gap(rows.x[chosen], period, rows.names, limits, f", y = {value}"))
    if not looks:
        return Changed("P(X | y)", 0.5, "area under ROC", limits.area, 1.0, False, "no class in both periods")
    return _strongest("P(X | y)", looks, level)


def labels_changed(rows: Labelled, limits: ShiftLimits, level: float) -> Changed:
    """P(y): two shares, compared by the normal law."""
    import numpy as np
    from scipy.special import ndtr

    then, now = (rows.y[rows.current == period] for period in (0, 1))
    deviation = rows.y.std()
    difference = now.mean() - then.mean()
    p = float(2 * ndtr(-abs(difference) / (deviation * np.sqrt(1 / len(then) + 1 / len(now)))))
    effect = float(abs(difference) / deviation)
    told = f"{then.mean():.2%} to {now.mean():.2%}"
    return Changed("P(y)", effect, "change / sd of y", limits.share, p, effect >= limits.share and p < level, told)


def meaning_changed(rows: Labelled, chances: Chances, limits: ShiftLimits, level: float) -> Changed:
    """P(y | X): what is left of label and period after the inputs have explained what they can."""
    import numpy as np
    from scipy.special import ndtr

    left = rows.current - chances.current
    products = (rows.y - chances.label) * left
    spread, deviation = float((left**2).sum()), float(rows.y.std())
    changes, p_values = [], []
    for sign in (np.ones(len(left)), np.where(chances.now > chances.then, 1.0, -1.0)):
        sums = np.bincount(rows.groups, sign * products)
        error = float(np.sqrt((sums**2).sum()))
        changes.append(float(sums.sum()) / spread if spread > 0 else 0.0)
        p_values.append(float(2 * ndtr(-abs(sums.sum()) / error)) if error > 0 else 1.0)
    average = changes[0]
    effects = [abs(average) / deviation, max(changes[1], 0.0) / deviation]  # against the sign that was seen: noise
    adjusted = adjust(p_values)
    counts = [effect >= limits.share and p < level for effect, p in zip(effects, adjusted, strict=True)]
    best = max((0, 1), key=lambda place: (counts[place], effects[place]))
    told = f"{100 * average:+.1f} points on average" if best == 0 else f"{100 * changes[1]:.1f} points, up or down"
    return Changed("P(y | X)", effects[best], "change / sd of y", limits.share, float(adjusted[best]), any(counts), told)


def _strongest(part: str, looks: list[Look], level: float) -> Changed:
    """The strongest of some looks; all of them share one level."""
    adjusted = adjust([look.p_value for look in looks])
    counts = [look.size >= 1 and bool(p < level) for look, p in zip(looks, adjusted, strict=True)]
    best = max(range(len(looks)), key=lambda place: (counts[place], looks[place].size))
    look = looks[best]
    return Changed(part, look.effect, look.measure, look.limit, float(adjusted[best]), any(counts), look.detail)


def _largest_gap(
    x: NDArray[np.float64], period: NDArray[np.int64], names: tuple[str, ...], limits: ShiftLimits, where: str
) -> Look:
    """The column whose two samples differ most, with a p-value for as many looks as there are columns."""
    import numpy as np

    gap, p, column = 0.0, 1.0, ""
    for place, name in enumerate(names):
        known = np.isfinite(x[:, place])
        then, now = (x[known & (period == each), place] for each in (0, 1))
        if len(then) and len(now):
            test = kolmogorov_smirnov(then, now)
            if test.statistic > gap:
                gap, p, column = test.statistic, min(1.0, test.p_value * len(names)), name
    return Look(gap, 0.0, limits.gap, p, "largest gap", column + where)


def _area(score: NDArray[np.float64], period: NDArray[np.int64], limits: ShiftLimits, where: str) -> Look:
    """Area under the ROC curve of `score` as a guess of the period; its p-value by Mann and Whitney."""
    from scipy.stats import mannwhitneyu

    now, then = score[period == 1], score[period == 0]
    area, p = 0.5, 1.0
    if score.min() < score.max():
        outcome = mannwhitneyu(now, then)
        area, p = float(outcome.statistic) / (len(now) * len(then)), float(outcome.pvalue)
    return Look(area, 0.5, limits.area, p, "area under ROC", where)
