"""What may be shown, to whom, and whether at all: rules, a switch, a control group, and a record of each answer."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lifecycle.cases.errors import CaseError
from lifecycle.cases.given import is_number, is_whole
from lifecycle.cases.recommendation.engine import Engine


def _must(holds: bool, said: str) -> None:
    if not holds:
        raise CaseError(said, where="recommendation: desk")


@dataclass(frozen=True)
class Rules:
    """What a firm decides about its engine without asking the data.

    Attributes
    ----------
    regions : mapping of product to set of str
        Where a product may be sold; everywhere where it is not named.
    barred : mapping of customer to set of str
        Products that are never shown to a customer, whatever the score says.
    floor : float
        Smallest score that is shown; below it, nothing is. It does not hold for what is shown because it is popular, where
        nothing is known of the customer: see `Engine.suggest`.
    most : int
        Suggestions in one answer.

    Raises
    ------
    CaseError
        When regions or products are a text in place of a set, the floor is no number, or `most` is below 1.
    """

    regions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    barred: Mapping[str, frozenset[str]] = field(default_factory=dict)
    floor: float = 0.0
    most: int = 5

    def __post_init__(self) -> None:
        for name, sets in (("regions", self.regions), ("barred", self.barred)):
            for key, each in sets.items():
                _must(isinstance(each, set | frozenset), f"`{name}` of {key!r} should be a set, not {each!r}")
        _must(is_number(self.floor), f"a floor of {self.floor!r} is no number")
        _must(is_whole(self.most, least=1), f"`most` is {self.most!r}, and should be 1 or more")

    def excluded(self, products: Sequence[str], *, customer: str, region: str) -> dict[str, str]:
        """The products that must not be shown, each with its reason."""
        found = {}
        for name in products:
            if name in self.barred.get(customer, ()):
                found[name] = "barred for this customer"
            elif name in self.regions and region not in self.regions[name]:
                found[name] = f"not sold in {region}" if region else "region unknown"
        return found


class Switchboard:
    """Every tenant's own switch, in a person's hand, and who moved it.

    Parameters
    ----------
    tenants : collection of str, optional
        Those who have a switch; a `Desk` adds its own. A name that is none of them is refused, because a mistyped one would
        leave the engine on while everybody believes that it is off.
    clock : callable
    """

    def __init__(self, tenants: Collection[str] = (), *, clock: Callable[[], float] = time.time) -> None:
        self.tenants = set(tenants)
        self._off: dict[str, str] = {}
        self._clock = clock
        self.log: list[dict[str, Any]] = []

    def turn(self, tenant: str, position: str, *, who: str, why: str) -> None:
        """Switch a tenant's engine on or off, from the next answer on.

        Raises
        ------
        CaseError
            When the position is neither ``"on"`` nor ``"off"``, nobody or no reason is named, or there is no such tenant.
        """
        if tenant not in self.tenants:
            raise CaseError(f"there is no tenant `{tenant}`", where="recommendation: switchboard",
                            tried=f"{len(self.tenants)} tenants",
                            remedy="write the name as the desk has it")  # fmt: skip
        if position not in ("on", "off"):
            raise CaseError(f"a switch is on or off, not {position!r}", where=f"recommendation: switch of {tenant}")
        if not all(isinstance(said, str) and said.strip() for said in (who, why)):
            raise CaseError("a switch is moved by somebody, for a reason", where=f"recommendation: switch of {tenant}",
                            remedy="give `who` and `why`")  # fmt: skip
        self.log.append({"at": self._clock(), "tenant": tenant, "position": position, "who": who, "why": why})
        if position == "off":
            self._off[tenant] = why
        else:
            self._off.pop(tenant, None)

    def is_on(self, tenant: str) -> bool:
        """Whether the tenant's engine may answer; it may until somebody switches it off."""
        return tenant not in self._off


@dataclass(frozen=True)
class Answer:
    """What is shown, and why not more.

    Attributes
    ----------
    items : tuple of (str, float)
        Products and scores, the best first; none is an answer too.
    reason : str
        ``"shown"``, ``"switched off"``, ``"control group"``, ``"in quarantine"`` or ``"nothing worth showing"``.
    left_out : dict of str to str
        Products that rules took away, with the rule: all that would have come before the last one that is shown.
    """

    items: tuple[tuple[str, float], ...]
    reason: str
    left_out: Mapping[str, str] = field(default_factory=dict)


class Desk:
    """Answers for all tenants: each by its own engine and rules, and only while its switch is on.

    Parameters
    ----------
    engines : mapping of tenant to Engine
    rules : mapping of tenant to Rules, optional
        No rules for those who are not named.
    switch : Switchboard, optional
    quarantined : mapping of tenant to str, optional
        Tenants without an engine, and why: they get an empty answer, not an error in the middle of a call.
    control : callable, optional
        Of tenant and customer: whether the customer is to see nothing, so that the others can be compared with somebody.
    log : str or Path, optional
        A file to which each answer is appended as a line of JSON.
    keep : int
        So many of the latest answers are held in `answers`; older ones are in the file only.
    clock : callable
    """

    def __init__(
        self,
        engines: Mapping[str, Engine],
        *,
        rules: Mapping[str, Rules] | None = None,
        switch: Switchboard | None = None,
        quarantined: Mapping[str, str] | None = None,
        control: Callable[[str, str], bool] | None = None,
        log: str | Path | None = None,
        keep: int = 10_000,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.engines, self.rules, self.quarantined = dict(engines), dict(rules or {}), dict(quarantined or {})
        self.switch = Switchboard(clock=clock) if switch is None else switch
        self.switch.tenants |= {*self.engines, *self.quarantined}
        self.answers: deque[dict[str, Any]] = deque(maxlen=keep)
        self._control, self._log, self._clock = control, Path(log) if log else None, clock

    def answer(
        self, tenant: str, basket: Sequence[str], *, customer: str = "", region: str = "", n: int | None = None
    ) -> Answer:
        """What to show beside a basket: products that the customer has, or has asked for in this call.

        Raises
        ------
        CaseError
            When there is no such tenant, the basket is no list of names, or `n` is below 1.
        """
        if tenant not in self.engines and tenant not in self.quarantined:
            raise CaseError(f"there is no tenant `{tenant}`", where="recommendation: desk")
        listed = isinstance(basket, Collection) and not isinstance(basket, str)
        listed = listed and all(isinstance(name, str) for name in basket)
        _must(listed, f"the basket should be a list of products, not {basket!r}")
        _must(isinstance(customer, str) and isinstance(region, str), "customer and region should be texts")
        _must(n is None or is_whole(n, least=1), f"`n` is {n!r}, and should be 1 or more")
        made = self._decided(tenant, basket, customer, region, n)
        asked = {"at": self._clock(), "tenant": tenant, "customer": customer, "basket": list(basket), "region": region}
        items = [name for name, _ in made.items]
        line = asked | {"items": items, "reason": made.reason, "left_out": dict(made.left_out)}
        self.answers.append(line)
        if self._log:
            with self._log.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line, ensure_ascii=False) + "\n")
        return made

    def _decided(self, tenant: str, basket: Sequence[str], customer: str, region: str, n: int | None) -> Answer:
        if not self.switch.is_on(tenant):
            return Answer((), "switched off")
        if tenant not in self.engines:
            return Answer((), "in quarantine")
        if self._control and self._control(tenant, customer):
            return Answer((), "control group")
        engine, rules = self.engines[tenant], self.rules.get(tenant, Rules())
        excluded = rules.excluded(engine.products, customer=customer, region=region)
        wanted = rules.most if n is None else min(n, rules.most)
        items: list[tuple[str, float]] = []
        left_out = {}
        for name, score in engine.suggest(basket, n=len(engine.products), floor=rules.floor):
            if len(items) == wanted:
                break
            if name in excluded:
                left_out[name] = excluded[name]
            else:
                items.append((name, score))
        return Answer(tuple(items), "shown" if items else "nothing worth showing", left_out)


def push_table(
    desk: Desk, tenant: str, baskets: Mapping[str, Sequence[str]], *, regions: Mapping[str, str] | None = None
) -> Any:
    """One night's list for a tenant: what to offer each customer, before anybody calls.

    The same `Desk` answers, so that a list and a live answer cannot differ in rules, switches or control groups.

    Returns
    -------
    DataFrame
        ``customer``, ``rank`` (from 1), ``product``, ``score``; customers who are shown nothing have no row.
    """
    import pandas as pd

    rows = []
    for customer, basket in baskets.items():
        made = desk.answer(tenant, basket, customer=customer, region=(regions or {}).get(customer, ""))
        rows += [
            {"customer": customer, "rank": k, "product": name, "score": score}
            for k, (name, score) in enumerate(made.items, 1)
        ]
    return pd.DataFrame(rows, columns=["customer", "rank", "product", "score"])
