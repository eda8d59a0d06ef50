"""An engine that knows one thing: which products are bought by the same customers (item-based collaborative filtering)."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lifecycle.cases.errors import CaseError
from lifecycle.cases.given import is_number, is_whole
from lifecycle.cases.recommendation.history import History

if TYPE_CHECKING:
    from numpy.typing import NDArray

REMEMBERED = 152  # days for which a purchase is not suggested again
PLACES = 6  # decimals of a similarity: the same on every machine


@dataclass(frozen=True)
class Setting:
    """What may differ between tenants; the algorithm may not.

    Attributes
    ----------
    neighbours : int
        Products that each product points to; 0 means none, so that everything goes by popularity.
    shrink : float
        Similarities are multiplied by ``common / (common + shrink)``: two that were bought together once prove little.
    window : int
        Days of purchases that the engine learns from, and that make up a customer's basket.
    """

    neighbours: int
    shrink: float = 0.0
    window: int = REMEMBERED

    def __str__(self) -> str:
        return (
            f"{self.neighbours} neighbours, shrink {self.shrink:g}, {self.window} days" if self.neighbours else "popularity"
        )


@dataclass(frozen=True)
class Engine:
    """Products by popularity, and for each the ones that go with it.

    Attributes
    ----------
    setting : Setting
    products : tuple of str
        The most popular first; ties by name. The order decides between equal scores, so an engine that knows nothing of a
        customer suggests what is popular.
    buyers : tuple of int
        Customers who bought each, in the engine's window.
    similar : tuple of tuple of (int, float)
        For each product, the positions of its neighbours and their similarity, in (0, 1].
    """

    setting: Setting
    products: tuple[str, ...]
    buyers: tuple[int, ...]
    similar: tuple[tuple[tuple[int, float], ...], ...]

    @cached_property
    def _place(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.products)}

    @cached_property
    def _weights(self) -> NDArray[Any]:
        """Similarities in millionths: whole numbers, whose sums are exact in any order, on any processor."""
        import numpy as np

        weights = np.zeros((len(self.products), len(self.products)))
        for index, row in enumerate(self.similar):
            if row:
                others, values = zip(*row, strict=True)
                weights[index, list(others)] = np.rint(np.array(values) * 10**PLACES)
        return weights

    def suggest(
        self, basket: Sequence[str], *, n: int = 5, without: Collection[str] = (), floor: float = 0.0
    ) -> list[tuple[str, float]]:
        """What goes with a basket, the best first, with its score.

        Parameters
        ----------
        basket : sequence of str
            Products that the customer has, or has just asked for. Unknown ones say nothing.
        n : int
        without : collection of str
            Not to be suggested; the basket is not, in any case.
        floor : float
            Suggest nothing with a smaller score: the mean similarity to the known products of the basket. Where no product
            has any (an empty basket, or an engine that goes by popularity), there is no score to compare, and the floor
            says nothing: what is popular is suggested.
        """
        import numpy as np

        known = sorted({self._place[name] for name in basket if name in self._place})
        barred = {*basket, *without}
        total = [0] * len(self.products)
        for index in known:
            for other, value in self.similar[index]:
                total[other] += round(value * 10**PLACES)
        scored = list(zip(_mean(np.array(total), max(1, len(known))).tolist(), self.products, strict=True))
        if not any(total):
            floor = 0.0
        ranked = sorted(range(len(scored)), key=lambda index: (-scored[index][0], index))
        left = [(scored[i][1], scored[i][0]) for i in ranked if scored[i][1] not in barred and scored[i][0] >= floor]
        return left[:n]

    def scores(self, baskets: NDArray[Any]) -> NDArray[Any]:
        """Scores of all products for many baskets, the same to the last digit as `suggest` gives for each.

        Parameters
        ----------
        baskets : ndarray, shape (customers, products)
            1.0 for what is in a basket, columns in the order of `products`.
        """
        import numpy as np
        from scipy.sparse import csr_array  # baskets are mostly empty; and its loop starts no threads for so little

        sizes = np.maximum(1, baskets.sum(axis=1))
        return _mean(csr_array(baskets) @ self._weights, sizes[:, None])

    def to_json(self) -> str:
        """All of it as text; equal engines give equal text."""
        parts = {"setting": asdict(self.setting), "products": self.products, "buyers": self.buyers, "similar": self.similar}
        return json.dumps(parts, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Engine:
        """What `to_json` wrote.

        Raises
        ------
        CaseError
            When it is something else.
        """
        try:
            parts = json.loads(text)
            similar = tuple(tuple((int(index), float(value)) for index, value in row) for row in parts["similar"])
            products, buyers = tuple(map(str, parts["products"])), tuple(map(int, parts["buyers"]))
            made = cls(Setting(**parts["setting"]), products, buyers, similar)
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
            raise CaseError("this is no engine", where="recommendation: Engine.from_json", tried=str(error)) from error
        _must_make_sense(made.setting, "recommendation: Engine.from_json")
        if len(set(products)) < len(products):
            raise CaseError("a product occurs twice", where="recommendation: Engine.from_json")
        if not len(products) == len(buyers) == len(similar):
            raise CaseError(
                "products, buyers and neighbours do not belong together", where="recommendation: Engine.from_json"
            )
        odd = [pair for row in similar for pair in row if not (0 <= pair[0] < len(products) and 0 < pair[1] <= 1)]
        if odd:
            raise CaseError(f"{odd[0]} is no neighbour and its similarity", where="recommendation: Engine.from_json",
                            tried=f"{len(products)} products")  # fmt: skip
        return made


def _mean(total: NDArray[Any], known: Any) -> NDArray[Any]:
    """Similarities in millionths, whole numbers, as a mean of the `known` products with `PLACES` decimals."""
    import numpy as np

    return np.asarray(np.round(total / known / 10**PLACES, PLACES))


def _must_make_sense(setting: Setting, where: str) -> None:
    whole = is_whole(setting.neighbours, least=0) and is_whole(setting.window, least=1)
    if not (whole and is_number(setting.shrink, least=0)):
        raise CaseError(f"a setting of {setting!r} makes no sense", where=where,
                        remedy="neighbours and shrink are 0 or more, a window is a day or more")  # fmt: skip


def fit_engine(history: History, setting: Setting, *, at: date) -> Engine:
    """Learn from the purchases of the `setting`'s window before the day `at`.

    The similarity of two products is the cosine of their columns of buyers: ``common / sqrt(buyers_i * buyers_j)``.

    Raises
    ------
    CaseError
        When nothing was bought in the window, or the setting makes no sense.
    """
    import numpy as np

    _must_make_sense(setting, "recommendation: fit_engine")
    chosen = history.within(at - timedelta(days=setting.window), at)
    if not chosen.any():
        raise CaseError(f"nothing was bought in the {setting.window} days before {at}", where="recommendation: fit_engine")
    bought = history.baskets(chosen)
    buyers = bought.sum(axis=0).astype(int)
    order = np.argsort(-buyers, kind="stable")
    order = order[buyers[order] > 0]
    similar = _neighbours(bought[:, order], buyers[order], setting) if setting.neighbours else ((),) * len(order)
    return Engine(setting, tuple(history.products[i] for i in order), tuple(map(int, buyers[order])), similar)


def _neighbours(bought: Any, buyers: NDArray[Any], setting: Setting) -> tuple[tuple[tuple[int, float], ...], ...]:
    import numpy as np
    from scipy.sparse import csr_array

    common = csr_array(bought.T) @ bought
    cosine = common / np.sqrt(np.outer(buyers, buyers))
    cosine *= common / np.maximum(common + setting.shrink, 1e-300)
    np.fill_diagonal(cosine, 0.0)
    cosine = np.round(cosine, PLACES)
    nearest = np.argsort(-cosine, axis=1, kind="stable")[:, : setting.neighbours]
    values = np.take_along_axis(cosine, nearest, axis=1)
    counts = (values > 0).sum(axis=1).tolist()  # the others, at the end of each row, have nothing in common
    pairs = zip(nearest.tolist(), values.tolist(), counts, strict=True)
    return tuple(tuple(zip(row[:k], strengths[:k], strict=True)) for row, strengths, k in pairs)


@dataclass(frozen=True)
class Hits:
    """How often an engine was right.

    Attributes
    ----------
    customers : int
        Those who bought something new to them in the time that was looked at.
    hits : int
        Those for whom at least one of the `n` suggestions was among it.
    """

    customers: int
    hits: int

    @property
    def rate(self) -> float:
        """Hits a customer; nan without customers."""
        return self.hits / self.customers if self.customers else float("nan")


def count_hits(engine: Engine, history: History, *, at: date, days: int = 28, n: int = 5) -> Hits:
    """Suggest on the day `at`, from purchases before it, and see what was bought in the `days` after.

    A purchase is new if the customer had not bought the product in the 152 days before `at`. Products that the engine does
    not know are never suggested, and count as missed.
    """
    import numpy as np

    position = {name: index for index, name in enumerate(history.products)}
    if any(name not in position for name in engine.products):
        raise CaseError("the history lacks products of the engine", where="recommendation: count_hits",
                        remedy="give the whole history, from before the engine was trained")  # fmt: skip
    before = history.baskets(history.within(at - timedelta(days=REMEMBERED), at)) > 0
    fresh = (history.baskets(history.within(at, at + timedelta(days=days))) > 0) & ~before
    rows = np.flatnonzero(fresh.any(axis=1))
    columns = [position[name] for name in engine.products]
    recent = history.baskets(history.within(at - timedelta(days=engine.setting.window), at))
    scores = np.where(before[rows][:, columns], -1.0, engine.scores(recent[rows][:, columns]))
    best = np.argsort(-scores, axis=1, kind="stable")[:, :n]
    allowed = np.take_along_axis(scores, best, axis=1) >= 0
    wanted = np.take_along_axis(fresh[rows][:, columns], best, axis=1)
    return Hits(len(rows), int((wanted & allowed).any(axis=1).sum()))
