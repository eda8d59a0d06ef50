"""Made-up firms to practise on: each with its own tastes, its own columns, and some with an export that is broken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lifecycle.cases.errors import CaseError
from lifecycle.cases.given import is_number, is_whole
from lifecycle.cases.recommendation.schema import Column

if TYPE_CHECKING:
    import pandas as pd

START = date(2025, 1, 1)
LIVE = START + timedelta(days=180)
"""The day on which the first engines go live."""
HORIZON = 292  # days that are drawn, from `START`
FAULTS = ("renamed column", "other dates", "delivered twice", "no rows", "one product")
REGIONS = ("north", "east", "south", "west")
PLANTED = 16  # of the first firms, one at least is broken, one turns and one brews
GROUPS = 5  # of products that please the same people

INDUSTRIES: Mapping[str, tuple[int, float]] = MappingProxyType(
    {
        "brewing": (30, 0.85),
        "telecom": (45, 0.75),
        "packaging": (60, 0.7),
        "office supplies": (90, 0.6),
        "machine parts": (120, 0.5),
    }
)
"""Products, and how far tastes rule in place of popularity (0 to 1)."""

DIALECTS: tuple[Mapping[str, Column], ...] = (
    {"customer": Column("customer_id"), "product": Column("sku"), "day": Column("order_date"),
     "amount": Column("net_amount"), "quantity": Column("qty"), "region": Column("region"), "channel": Column("channel")},
    {"customer": Column("Kunde"), "product": Column("Artikel"), "day": Column("Datum", "%d.%m.%Y"),
     "amount": Column("Betrag_ct", factor=0.01), "quantity": Column("Menge"), "region": Column("Gebiet")},
    {"customer": Column("acct"), "product": Column("item"), "day": Column("ts", "%Y%m%d"), "amount": Column("value"),
     "quantity": Column("units"), "region": Column("state")},
    {"customer": Column("client"), "product": Column("offer"), "day": Column("closed_on", "%m/%d/%Y"),
     "amount": Column("revenue_k", factor=1000.0), "region": Column("territory")},
    {"customer": Column("fld_007"), "product": Column("fld_031"), "day": Column("fld_012"), "amount": Column("fld_044"),
     "quantity": Column("fld_045"), "region": Column("fld_088")},
)  # fmt: skip
"""How the firms call the fields; the last has a hundred columns, and documentation for six of them."""


@dataclass(frozen=True)
class Tenant:
    """A firm that can be drawn again from its seed.

    Attributes
    ----------
    name, industry : str
    seed : int
    customers, products, interactions : int
        How many there are; interactions in the first 180 days, on average.
    taste : float
        How far tastes rule, 0 (all follow popularity) to 1.
    dialect : int
        Position in `DIALECTS`.
    fault : str
        One of `FAULTS`, or empty.
    turns : int
        Day after `START` from which other products please, and others than before; 0 for never.
    """

    name: str
    industry: str
    seed: int
    customers: int
    products: int
    interactions: int
    taste: float
    dialect: int = 0
    fault: str = ""
    turns: int = 0

    @property
    def mapping(self) -> Mapping[str, Column]:
        """The mapping to the universal schema that was agreed when the tenant joined."""
        return DIALECTS[self.dialect]

    @property
    def digest(self) -> str:
        """SHA-256 of what the data are drawn from."""
        return sha256(repr(sorted(asdict(self).items())).encode()).hexdigest()

    def region_of(self, customer: str) -> str:
        """Where a customer sits."""
        return REGIONS[int(customer[1:]) % len(REGIONS)]

    def read(self, until: date = LIVE) -> pd.DataFrame:
        """The tenant's export of the purchases before the day `until`, in its own columns."""
        events = _events(self)
        events = events[events["day"] < (until - START).days].reset_index(drop=True)
        return _broken(self._dressed(events), self)

    def _dressed(self, events: pd.DataFrame) -> pd.DataFrame:
        import numpy as np
        import pandas as pd

        names = np.array([f"C{k:04d}" for k in range(self.customers)], dtype=object)
        goods = np.array([f"P{k:03d}" for k in range(self.products)], dtype=object)
        written = np.array(_days(self.mapping["day"].format or "%Y-%m-%d"), dtype=object)
        who = events["customer"].to_numpy()
        fields = {
            "customer": names[who],
            "product": goods[events["product"].to_numpy()],
            "day": written[events["day"].to_numpy()],
            "amount": np.round(events["amount"].to_numpy() / self.mapping["amount"].factor, 5),
            "quantity": events["quantity"].to_numpy(),
            "region": np.array(REGIONS, dtype=object)[who % len(REGIONS)],
            "channel": np.where(who % 3 == 0, "call", "web").astype(object),
        }
        columns = {column.name: fields[field] for field, column in self.mapping.items()}
        if self.dialect != len(DIALECTS) - 1:
            return pd.DataFrame(columns | {"note": ""})
        others = [name for name in (f"fld_{k:03d}" for k in range(1, 101)) if name not in columns]
        filler = pd.DataFrame(np.zeros((len(events), len(others)), dtype=np.int8), columns=others)
        return pd.concat([pd.DataFrame(columns), filler], axis=1)[sorted([*columns, *others])]


def draw_tenants(
    n: int, *, seed: int = 0, interactions: int = 2000, broken: float = 0.08, turning: float = 0.1
) -> tuple[Tenant, ...]:
    """Draw `n` firms that differ in trade, size, tastes and export.

    Parameters
    ----------
    n : int
        At least 1.
    seed : int
        The same seed draws the same firms, and the first of many are those of few.
    interactions : int
        Median of a firm's purchases in the first 180 days; sizes are log-normal.
    broken, turning : float
        Share of firms whose export is broken, and of those whose customers' tastes turn after the engines went live. Unless
        the share is 0, at least one of the first sixteen is; and at least one of them brews.

    Raises
    ------
    CaseError
        When there are no firms, or shares are none.
    """
    import numpy as np

    counts = is_whole(n, least=1) and is_whole(interactions, least=100) and is_whole(seed, least=0)
    shares = is_number(broken, least=0) and is_number(turning, least=0) and broken + turning <= 1
    if not (counts and shares):
        raise CaseError("firms, purchases and shares must be possible", where="recommendation: draw_tenants",
                        remedy="one firm or more, 100 purchases or more, shares that add up to 1 at most")  # fmt: skip
    drawn = [
        _drawn(np.random.default_rng([seed, number]), number, interactions, broken, turning)
        for number in range(max(n, PLANTED))
    ]
    return tuple([*_planted(drawn[:PLANTED], broken, turning), *drawn[PLANTED:]][:n])


def _planted(firms: list[Tenant], broken: float, turning: float) -> list[Tenant]:
    """The same firms, with one that is broken, one that turns and one that brews, where chance gave none."""

    def plant(**other: Any) -> None:
        chosen = next((k for k, firm in enumerate(firms) if not firm.fault and not firm.turns), None)
        if chosen is not None:
            firms[chosen] = replace(firms[chosen], **other)

    if broken and not any(firm.fault for firm in firms):
        plant(fault=FAULTS[firms[0].seed % len(FAULTS)])
    if turning and not any(firm.turns for firm in firms):
        plant(turns=195)
    if not any(firm.industry == "brewing" and not firm.fault for firm in firms):
        products, taste = INDUSTRIES["brewing"]
        plant(industry="brewing", products=products, taste=taste)
    return firms


def _drawn(rng: Any, number: int, interactions: int, broken: float, turning: float) -> Tenant:
    industry = list(INDUSTRIES)[int(rng.integers(len(INDUSTRIES)))]
    products, taste = INDUSTRIES[industry]
    size = min(max(interactions * rng.lognormal(0, 0.7), 60.0), 20.0 * interactions)
    fate, fault = rng.random(), FAULTS[int(rng.integers(len(FAULTS)))]
    return Tenant(
        name=f"tenant-{number:04d}",
        industry=industry,
        seed=int(rng.integers(2**31)),
        customers=max(15, round(size / rng.uniform(8, 16))),
        products=round(products * rng.uniform(0.8, 1.2)),
        interactions=round(size),
        taste=round(taste * rng.uniform(0.9, 1.1), 3),
        dialect=int(rng.choice(len(DIALECTS), p=[0.3, 0.25, 0.2, 0.15, 0.1])),
        fault=fault if fate < broken else "",
        turns=int(rng.integers(185, 205)) if broken <= fate < broken + turning else 0,
    )


@lru_cache(maxsize=len(DIALECTS))
def _days(form: str) -> tuple[str, ...]:
    """All days as a firm writes them."""
    return tuple((START + timedelta(days=k)).strftime(form) for k in range(HORIZON))


@lru_cache(maxsize=64)
def _events(tenant: Tenant) -> pd.DataFrame:
    """All purchases until `HORIZON`; kept for a while, because months of the same firm are read one after the other."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(tenant.seed)
    n = tenant.interactions * HORIZON // 180
    day = np.sort(rng.integers(0, HORIZON, n))
    activity = np.cumsum(rng.gamma(1.5, size=tenant.customers))
    who = np.searchsorted(activity, rng.random(n) * activity[-1])
    groups = rng.permutation(np.arange(tenant.products) % GROUPS)
    later = rng.permutation(groups)
    popularity = rng.permutation(1 / np.arange(2, tenant.products + 2) ** 0.8)
    likes = rng.integers(0, GROUPS, (tenant.customers, 2))
    liked = likes[who, (rng.random(n) < 0.3).astype(int)]
    tasteful, drawn = rng.random(n) < tenant.taste, rng.random(n)
    what = np.zeros(n, dtype=int)
    first = day < (tenant.turns or HORIZON)
    for of, weight, when in ((groups, popularity, first), (later, rng.permutation(popularity), ~first)):
        what[when] = np.searchsorted(np.cumsum(weight), drawn[when] * weight.sum())
        for group in range(GROUPS):
            chosen = tasteful & when & (liked == group)
            members = np.flatnonzero(of == group)
            share = np.cumsum(weight[members])
            what[chosen] = members[np.searchsorted(share, drawn[chosen] * share[-1])]
    price = np.round(rng.lognormal(4, 0.8, tenant.products), 2)
    quantity = 1 + rng.poisson(0.6, n)
    amount = np.round(price[what] * quantity * rng.uniform(0.9, 1.1, n), 2)
    return pd.DataFrame({"customer": who, "product": what, "day": day, "quantity": quantity, "amount": amount})


def _broken(frame: pd.DataFrame, tenant: Tenant) -> pd.DataFrame:
    """The export with the fault that was planted."""
    import pandas as pd

    mapping = tenant.mapping
    match tenant.fault:
        case "renamed column":
            return frame.rename(columns={mapping["product"].name: mapping["product"].name + "_v2"})
        case "other dates":
            return frame.assign(**{mapping["day"].name: frame[mapping["day"].name].astype(str).str.slice(0, 3) + "?"})
        case "delivered twice":
            return pd.concat([frame, frame], ignore_index=True)
        case "no rows":
            return frame.head(0)
        case "one product":
            return frame.assign(**{mapping["product"].name: "all"})
    return frame
