"""What came of a tenant, and the file in which it is kept: with its digest, and the digest of the order that made it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from lifecycle.artifacts import replace_file
from lifecycle.cases.recommendation.engine import Hits

NOBODY = Hits(0, 0)


@dataclass(frozen=True)
class Trained:
    """What came of one tenant.

    Attributes
    ----------
    name, industry : str
    reason : str
        Why it is in quarantine; empty where it was trained.
    purchases, customers, products : int
        In the universal schema.
    setting : str
        The one that had most hits in the validation month.
    test, popular : Hits
        Of the chosen setting and of popularity alone, in the month after, which chose nothing.
    champion : Hits
        Of the engine before, in the same month; no customers where there was none.
    unused : int
        Columns given up for the common schema.
    engine : str
        JSON of the engine, trained on all purchases before the day of training; empty in quarantine.
    """

    name: str
    industry: str
    reason: str = ""
    purchases: int = 0
    customers: int = 0
    products: int = 0
    setting: str = ""
    test: Hits = NOBODY
    popular: Hits = NOBODY
    champion: Hits = NOBODY
    unused: int = 0
    engine: str = ""

    def to_json(self) -> str:
        """As text with sorted keys."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Trained:
        """What `to_json` wrote."""
        parts = json.loads(text)
        return cls(**parts | {name: Hits(**parts[name]) for name in ("test", "popular", "champion")})

    def row(self) -> dict[str, Any]:
        """As a line of a table."""
        return {
            "tenant": self.name, "industry": self.industry, "purchases": self.purchases, "customers": self.customers,
            "products": self.products, "setting": self.setting, "tested": self.test.customers, "hits": self.test.hits,
            "hit_rate": self.test.rate, "popular_rate": self.popular.rate, "unused_columns": self.unused,
            "reason": self.reason,
        }  # fmt: skip


def keep(place: Path, order: str, result: Trained) -> None:
    """Write a result with its digest and that of its order."""
    body = result.to_json()
    head = json.dumps({"order": order, "sha256": sha256(body.encode()).hexdigest()})
    replace_file(place, f"{head}\n{body}\n".encode())


def kept(place: Path, order: str) -> Trained | None:
    """The result in a file; None where it is not there, damaged, made by another order, or another tenant's."""
    try:
        head, _, body = place.read_text("utf-8").rstrip("\n").partition("\n")
        told = json.loads(head)
        if sha256(body.encode()).hexdigest() != told["sha256"] or told["order"] != order:
            return None
        result = Trained.from_json(body)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return result if result.name == place.stem else None
