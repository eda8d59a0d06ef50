"""Where a column came from, and what was made of it: a graph of columns, tables and models, declared or observed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lifecycle.govern.data.errors import GovernanceError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Lineage", "compare_lineage", "observed_lineage"]


class Lineage:
    """Things and what they were made of.

    A thing is called ``layer:name``, as ``"raw:age"``, ``"feature:age_band"``, ``"model:credit-risk 1.0.0"``. Layers come
    in the order in which they are first named.
    """

    def __init__(self) -> None:
        self._sources: dict[str, dict[str, str]] = {}

    def add(self, thing: str, *, made_of: Iterable[str] = (), how: str = "") -> None:
        """Enter a thing and its direct sources; sources that are not known yet are entered as well.

        Raises
        ------
        GovernanceError
            For a name without a layer, or a thing made, directly or not, of itself.
        """
        made_of = list(made_of)
        for name in (thing, *made_of):
            if not all(name.partition(":")):
                raise GovernanceError(f"`{name}` has no layer", where="lineage", remedy="as in `raw:age`")
        round_about = [name for name in made_of if name == thing or thing in self.upstream(name, missing_ok=True)]
        if round_about:
            raise GovernanceError(
                f"`{thing}` would be made of itself", where="lineage", tried=f"by way of `{round_about[0]}`"
            )
        for name in made_of:
            self._sources.setdefault(name, {})
        self._sources.setdefault(thing, {}).update(dict.fromkeys(made_of, how))

    def __contains__(self, thing: str) -> bool:
        return thing in self._sources

    @property
    def things(self) -> tuple[str, ...]:
        """All things, in order of entry."""
        return tuple(self._sources)

    @property
    def edges(self) -> tuple[tuple[str, str, str], ...]:
        """All steps, as (source, thing, how)."""
        return tuple((source, thing, how) for thing, made_of in self._sources.items() for source, how in made_of.items())

    def layer(self, name: str) -> tuple[str, ...]:
        """The things of a layer."""
        return tuple(thing for thing in self._sources if thing.partition(":")[0] == name)

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers so that each comes after those it was made of, as far as that can be."""
        order: list[str] = []
        for thing in self._in_order():
            layer = thing.partition(":")[0]
            if layer not in order:
                order.append(layer)
        return tuple(order)

    def upstream(self, thing: str, *, missing_ok: bool = False) -> tuple[str, ...]:
        """All that `thing` was made of, directly or not."""
        if thing not in self._sources:
            if missing_ok:
                return ()
            raise self._unknown(thing)
        return self._reached(thing, lambda name: self._sources[name])

    def downstream(self, thing: str) -> tuple[str, ...]:
        """All that was made of `thing`, directly or not: what must be computed again, or erased, with it."""
        if thing not in self._sources:
            raise self._unknown(thing)
        return self._reached(thing, lambda name: [made for made, sources in self._sources.items() if name in sources])

    def models(self, thing: str) -> tuple[str, ...]:
        """The models among what was made of `thing`: they learnt from it."""
        return tuple(name for name in self.downstream(thing) if name.startswith("model:"))

    def to_json(self) -> str:
        """Write it as indented JSON: equal graphs, entered in the same order, give equal text."""
        steps = [{"source": source, "thing": thing, "how": how} for source, thing, how in self.edges]
        return json.dumps({"things": list(self.things), "steps": steps}, indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Lineage:
        """Read a graph back."""
        try:
            content = json.loads(text)
            read = cls()
            for thing in content["things"]:
                read.add(thing)
            for step in content["steps"]:
                read.add(step["thing"], made_of=[step["source"]], how=step["how"])
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            raise GovernanceError("not a lineage", where="lineage", tried=type(error).__name__) from error
        return read

    def _in_order(self) -> Iterable[str]:
        from graphlib import TopologicalSorter

        return TopologicalSorter({thing: list(made_of) for thing, made_of in self._sources.items()}).static_order()

    def _reached(self, thing: str, step: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        waiting = list(step(thing))
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = None
                waiting.extend(step(name))
        return tuple(name for name in self._sources if name in found)

    def _unknown(self, thing: str) -> GovernanceError:
        near = [name for name in self._sources if name.partition(":")[2] == thing.partition(":")[2]]
        return GovernanceError(
            f"`{thing}` is not in the lineage", remedy=f"do you mean `{near[0]}`?" if near else "names are `layer:name`"
        )


def observed_lineage(
    function: Callable[[pd.DataFrame], pd.DataFrame],
    frame: pd.DataFrame,
    *,
    columns: Sequence[str] | None = None,
    tries: int = 3,
    seed: int = 0,
) -> dict[str, tuple[str, ...]]:
    """See of which input columns each output column is really made: shuffle an input, and look at what moves.

    Parameters
    ----------
    function : callable
        From a table to a table of as many rows; the same answer for the same rows.
    frame : DataFrame
        Rows to try it with: a few hundred, in which each column varies.
    columns : sequence of str, optional
        The inputs to shuffle; all where it is left out.
    tries : int
        Shuffles an input.
    seed : int

    Returns
    -------
    dict of str to tuple of str
        For each output its inputs, in the order of the input's columns.

    Raises
    ------
    GovernanceError
        When `function` does not repeat itself, or an input never changes: then nothing can be seen.

    Notes
    -----
    What moves, depends: no claim is needed, and the code is not read. What does not move may still depend, where no try
    happened to show it; so this finds what was left out of a declaration, and cannot prove a declaration complete.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    columns = list(frame.columns) if columns is None else list(columns)
    before = function(frame)
    if not _same(before, function(frame)).all():
        raise GovernanceError("the function gives another answer for the same rows", where="lineage", remedy="fix its seed")
    still = [name for name in columns if frame[name].nunique(dropna=False) < 2]
    if still:
        raise GovernanceError(
            f"`{still[0]}` never changes in these rows", where="lineage", remedy="take rows in which it does"
        )
    found: dict[str, list[str]] = {str(name): [] for name in before.columns}
    for name in columns:
        moved = np.zeros(before.shape[1], dtype=bool)
        for _ in range(tries):
            shuffled = frame.assign(**{name: frame[name].to_numpy()[rng.permutation(len(frame))]})
            moved |= ~_same(before, function(shuffled))
        for output in np.flatnonzero(moved):
            found[str(before.columns[output])].append(name)
    return {name: tuple(sources) for name, sources in found.items()}


def compare_lineage(declared: Mapping[str, Sequence[str]], observed: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """Hold what was declared against what was seen.

    Returns
    -------
    list of dict
        ``output``, ``input``, ``finding``: ``"not declared"`` (seen and not declared: somebody is not told) or ``"not
        seen"`` (declared and not seen: no longer used, or these rows do not show it). Empty where both agree.
    """
    rows = []
    for output in dict.fromkeys([*declared, *observed]):
        said, seen = list(declared.get(output, ())), list(observed.get(output, ()))
        rows += [{"output": output, "input": name, "finding": "not declared"} for name in seen if name not in said]
        rows += [{"output": output, "input": name, "finding": "not seen"} for name in said if name not in seen]
    return rows


def _same(first: pd.DataFrame, second: pd.DataFrame) -> Any:
    """For each column, whether all values agree; a missing value agrees with a missing one."""
    equal = (first == second) | (first.isna() & second.isna())
    return equal.all().to_numpy()
