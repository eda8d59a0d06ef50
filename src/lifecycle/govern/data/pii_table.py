"""A table of invented people, with personal data in plain and in odd places, and with things that only look like it.

Nobody in it exists: numbers have right check digits and belong to nobody that was looked up, addresses are under
``example`` domains, and internet addresses are from the blocks that are reserved for documentation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.govern.data.errors import GovernanceError
from lifecycle.govern.data.pii_checks import luhn

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


UNTIDY = 0.05
"""Share of personal data that is misspelt, mistyped or put in a form of its own."""


@dataclass(frozen=True)
class PersonalTable:
    """A table and what is true of it.

    Attributes
    ----------
    frame : DataFrame
        One row a person.
    cells : DataFrame
        `row`, `column`, `kind`: where personal data really stand.
    columns : DataFrame
        `column`, `kind`: the same by column.
    decoys : tuple of str
        Columns that hold none, and look as though they did.
    """

    frame: pd.DataFrame
    cells: pd.DataFrame
    columns: pd.DataFrame
    decoys: tuple[str, ...]


def personal_table(n: int, *, seed: int = 0, missing: float = 0.04) -> PersonalTable:
    """Invent `n` people.

    Parameters
    ----------
    n : int
        At least 1.
    seed : int
        Of all that is drawn.
    missing : float
        Share of cells that are left empty, in 0 to 1 (not 1).

    Returns
    -------
    PersonalTable
        Twelve kinds of personal data: some in columns that say so, some in columns that do not, and some within notes.
        Three notes in eight name a person's data, and as many something that looks alike.
    """
    import numpy as np
    import pandas as pd

    if n < 1 or not 0 <= missing < 1:
        raise GovernanceError("nobody to invent, or nothing to say of them", where=f"n={n}, missing={missing}",
                              remedy="n of at least 1, missing from 0 to below 1")  # fmt: skip
    random = np.random.default_rng(seed)
    columns: dict[str, list[str | None]] = {}
    cells: list[tuple[int, str, str]] = []
    for name, (kind, make) in (_COLUMNS | {decoy: ("", make) for decoy, make in _DECOYS.items()}).items():
        values = [_typed(random, kind, make) if random.random() >= missing else None for _ in range(n)]
        columns[name] = values
        cells += [(row, name, kind) for row, value in enumerate(values) if value is not None and kind]
    notes = [_note(random) for _ in range(n)]
    columns["notes"] = [text for text, _ in notes]
    cells += [(row, "notes", kind) for row, (_, kind) in enumerate(notes) if kind]
    frame = pd.DataFrame(columns)[[*random.permutation([*columns])]]
    where = pd.DataFrame(cells, columns=["row", "column", "kind"])
    return PersonalTable(frame, where, where[["column", "kind"]].drop_duplicates(ignore_index=True), tuple(_DECOYS))


def _typed(random: np.random.Generator, kind: str, make: Callable[[np.random.Generator], str]) -> str:
    """A value, and one in twenty as people write it who are in a hurry: personal data all the same."""
    text = make(random)
    return _UNTIDY[kind](text) if kind in _UNTIDY and random.random() < UNTIDY else text


def _pick(random: np.random.Generator, *texts: str) -> str:
    return texts[int(random.integers(len(texts)))]


def _digits(random: np.random.Generator, count: int) -> str:
    return "".join(map(str, random.integers(0, 10, count)))


_GIVEN = (
    "Anna", "Maria", "Peter", "Thomas", "Laura", "Julia", "David", "Sarah", "Michael", "Nina", "Carlos", "Fatima",
    "Wei", "Priya", "Omar", "Emma", "Lukas", "Olga", "Hannah", "Jorge", "Mehmet", "Claire", "Robert", "Susan", "Daniel",
    "Aisha", "Jan", "Sofia", "Mark", "Elena", "Thabo", "Oluwaseun", "Siobhan", "Xochitl", "Ljiljana", "Ngozi",
)  # fmt: skip
_FAMILY = (
    "Schmidt", "Garcia", "Nguyen", "Okafor", "Kowalski", "Rossi", "Novak", "Silva", "Larsen", "Dubois", "Murphy",
    "Tanaka", "Yilmaz", "Petrov", "Haddad", "Johnson", "Weber", "Santos", "Fischer", "Patel", "Moreau", "Lindqvist",
    "Costa", "Baker", "Walsh", "Horvat", "Mensah", "Ivanova", "Castillo", "Brandt",
)  # fmt: skip
_ROADS = (
    "Oak", "Maple", "Church", "Station", "Mill", "Park", "Hill", "Green", "River", "Garden",
)  # fmt: skip


def _fours(text: str) -> str:
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def _name(random: np.random.Generator) -> str:
    middle = f" {_pick(random, *'ABCDEFGHJKLMRST')}." if random.random() < 0.1 else ""
    return f"{_pick(random, *_GIVEN)}{middle} {_pick(random, *_FAMILY)}"


def _email(random: np.random.Generator) -> str:
    given, family = _pick(random, *_GIVEN).lower(), _pick(random, *_FAMILY).lower()
    local = _pick(random, f"{given}.{family}", f"{given[0]}{family}", f"{given}{random.integers(1, 99)}", f"{family}+news")
    return f"{local}@{_pick(random, 'example.org', 'example.com', 'mail.example.net', 'firm.example')}"


def _phone(random: np.random.Generator) -> str:
    national = f"{random.integers(2, 10)}{_digits(random, 2)} 555 {_digits(random, 4)}"
    return _pick(
        random, f"({national[:3]}) {national[4:].replace(' ', '-')}", national.replace(" ", "-"),
        f"+1 {national}", f"+49 30 {random.integers(1, 10)}{_digits(random, 6)}", f"+44 20 7946 0{_digits(random, 3)}",
        f"030 {random.integers(100, 999)}{_digits(random, 4)}", f"+33 1 {' '.join(_digits(random, 2) for _ in range(4))}",
    )  # fmt: skip


def _mobile(random: np.random.Generator) -> str:
    """As in columns of telephone numbers: one in five is nothing but digits."""
    return f"{random.integers(2, 10)}{_digits(random, 9)}" if random.random() < 0.2 else _phone(random)


def _iban(random: np.random.Generator) -> str:
    country, body = ("DE", _digits(random, 18)) if random.random() < 0.6 else ("NL", "BANK" + _digits(random, 10))
    number = int("".join(str(int(sign, 36)) for sign in f"{body}{country}00"))
    text = f"{country}{98 - number % 97:02d}{body}"
    return text if random.random() < 0.5 else _fours(text)


def _card(random: np.random.Generator) -> str:
    start = _pick(random, "4", "51", "55", "37", "6011")
    body = start + _digits(random, (15 if start == "37" else 16) - len(start) - 1)
    text = next(body + end for end in "0123456789" if luhn(body + end))
    return text if random.random() < 0.6 or start == "37" else _fours(text)


def _social_security(random: np.random.Generator) -> str:
    area = int(random.choice([*range(1, 666), *range(667, 900)]))
    return f"{area:03d}-{random.integers(1, 100):02d}-{random.integers(1, 10_000):04d}"


def _address(random: np.random.Generator) -> str:
    if random.random() < 0.15:
        return f"2001:db8:{random.integers(1, 65_536):x}:{random.integers(1, 65_536):x}::{random.integers(1, 65_536):x}"
    return f"{_pick(random, '192.0.2', '198.51.100', '203.0.113')}.{random.integers(1, 255)}"


def _born(random: np.random.Generator) -> str:
    year, month, day = random.integers(1935, 2006), random.integers(1, 13), random.integers(1, 29)
    return f"{year}-{month:02d}-{day:02d}"


def _zip(random: np.random.Generator) -> str:
    return _digits(random, 5) if random.random() < 0.8 else f"{_digits(random, 5)}-{_digits(random, 4)}"


def _postcode(random: np.random.Generator) -> str:
    return (f"{_pick(random, 'SW', 'EC', 'M', 'LS', 'G')}{random.integers(1, 20)} {random.integers(1, 10)}"
            f"{_pick(random, 'AA', 'BD', 'XY', 'QT')}")  # fmt: skip


def _street(random: np.random.Generator) -> str:
    number, road, side = random.integers(1, 900), _pick(random, *_ROADS), _pick(random, *_ROADS)
    german = f"{_pick(random, 'Haupt', 'Garten', 'Linden', 'Bahnhof')}straße {number}"
    return _pick(
        random,
        f"{number} {road} Street",
        f"{number} {road} Ave",
        f"{number} {side} {road} Road",
        german,
        f"{number} {road} Lane",
    )


def _street_of_column(random: np.random.Generator) -> str:
    """As in columns of addresses: one in ten is of a form that nobody foresaw."""
    return f"Flat {random.integers(1, 40)}, The {_pick(random, *_ROADS)}s" if random.random() < 0.1 else _street(random)


def _handle(random: np.random.Generator) -> str:
    name = f"{_pick(random, *_GIVEN).lower()}_{_pick(random, *_FAMILY).lower()}"
    return _pick(random, f"@{name}", f"@{name}{random.integers(1, 99)}", f"https://www.linkedin.com/in/{name}",
                 f"https://instagram.com/{name}")  # fmt: skip


def _position(random: np.random.Generator) -> str:
    return f"{random.uniform(-60, 70):.5f}, {random.uniform(-179, 179):.5f}"


def _order(random: np.random.Generator) -> str:
    """Sixteen digits that begin like a card: one in ten has its check digit too."""
    return f"4{_digits(random, 15)}"


def _version(random: np.random.Generator) -> str:
    return ".".join(map(str, random.integers(0, 20, 4)))


def _thing(random: np.random.Generator) -> str:
    called = _pick(random, "Victoria", "Florence", "Anna", "Oscar", "Charlotte")
    return f"{called} {_pick(random, 'Lamp', 'Sofa', 'Cake', 'Desk')}"


def _number(random: np.random.Generator) -> str:
    return f"{random.integers(900, 1000)}-{_digits(random, 2)}-{_digits(random, 4)}"


_COLUMNS: dict[str, tuple[str, Callable[[np.random.Generator], str]]] = {
    "customer_name": ("name", _name), "contact_email": ("email", _email), "mobile": ("phone", _mobile),
    "iban": ("iban", _iban), "paid_with": ("card number", _card), "ssn": ("national id", _social_security),
    "remote_addr": ("ip address", _address), "date_of_birth": ("birth date", _born), "zip": ("postal code", _zip),
    "home_address": ("street address", _street_of_column), "twitter": ("handle", _handle),
    "location": ("position", _position),
    "field_1": ("name", _name), "field_2": ("email", _email), "field_3": ("iban", _iban), "field_4": ("phone", _phone),
    "field_5": ("street address", _street), "field_6": ("ip address", _address), "field_7": ("postal code", _postcode),
    "field_8": ("birth date", _born),
}  # fmt: skip
_DECOYS: dict[str, Callable[[np.random.Generator], str]] = {
    "order_no": _order, "field_9": _order, "app_version": _version, "field_10": _version, "product": _thing,
    "part": _number, "item_code": lambda random: _digits(random, 5),
    "isbn": lambda random: f"978-3-{_digits(random, 8)}-1",
    "ordered_on": lambda random: f"202{random.integers(0, 5)}-{random.integers(1, 13):02d}-{random.integers(1, 29):02d}",
    "size": lambda random: f"{random.uniform(1, 90):.2f}, {random.uniform(1, 90):.2f}",
    "asset": lambda random: f"icon{random.integers(1, 9)}@2x.png",
    "account": lambda random: f"DE{_digits(random, 20)}",
}  # fmt: skip

_UNTIDY: dict[str, Callable[[str], str]] = {
    "name": lambda text: ", ".join(reversed(text.upper().rsplit(" ", 1))), "email": lambda text: text.replace("@", " (at) "),
    "phone": lambda text: text.replace(" ", "").replace("-", ""), "iban": lambda text: text[:-2] + text[-1] + text[-2],
    "card number": lambda text: text[:-1] + str((int(text[-1]) + 1) % 10), "national id": lambda text: text.replace("-", ""),
    "birth date": lambda text: ".".join(reversed(text.split("-"))),
    "postal code": lambda text: text.replace(" ", "").lower(),
    "street address": str.lower, "handle": lambda text: text.removeprefix("@").removeprefix("https://www."),
    "position": lambda text: text.replace(", ", " "),
}  # fmt: skip

_TELLING: tuple[tuple[str, str, Callable[[np.random.Generator], str]], ...] = (
    ("email", "Asked us to write to {} from now on.", _email),
    ("email", "({}) wants no more letters", _email),
    ("phone", "Call back on {} after five.", _phone),
    ("phone", "new number: {}", _mobile),
    ("iban", "Refund to {} please", _iban),
    ("card number", "Card {} was declined twice.", _card),
    ("national id", "Gave SSN {} on the telephone", _social_security),
    ("ip address", "Logged in from {}, unusual.", _address),
    ("birth date", "Customer was born {} and asks for the senior rate", _born),
    ("postal code", "Has moved to IL {}", _zip),
    ("name", "Spoke to {} about the delay.", _name),
    ("name", "{} will collect it.", _name),
    ("street address", "Deliver to {} instead.", _street),
    ("handle", "Complained as {} in public", _handle),
    ("position", "Driver left it at {}.", _position),
)
_HARMLESS: tuple[tuple[str, Callable[[np.random.Generator], str]], ...] = (
    ("Order {} is late.", _order),
    ("Updated to version {}, works now", _version),
    ("Wants the {} in blue.", _thing),
    ("part no {} is out of stock", _number),
    ("Parcel number {} was lost", _order),
    ("Replaced icon@2x.png in the letter {}", lambda random: _digits(random, 3)),
    ("Paid {} at the counter", lambda random: f"{random.uniform(5, 900):.2f}"),
    ("Wall Street Journal offer no {} was declined", lambda random: _digits(random, 4)),
    ("Delivery between {} on Monday", lambda random: f"10:00-1{random.integers(1, 9)}:00"),
    ("Ticket {} closed", lambda random: f"2024-{_digits(random, 6)}"),
    ("Flew in from {} on the early plane", lambda random: _pick(random, "Charlotte Douglas", "San Jose", "Victoria Falls")),
    ("The {} would not install", lambda random: f"driver 10.{random.integers(1, 20)}.{random.integers(40, 250)}.1"),
    ("Model {} has the wrong plug", lambda random: f"{_digits(random, 3)}-{_digits(random, 2)}-{_digits(random, 4)}"),
)  # fmt: skip


def _note(random: np.random.Generator) -> tuple[str | None, str]:
    """What somebody typed, and the kind of personal data in it, if any."""
    chance = random.random()
    if chance < 0.25:
        return None, ""
    if chance < 0.625:
        kind, text, make = _TELLING[int(random.integers(len(_TELLING)))]
        return text.format(_typed(random, kind, make)), kind
    text, make = _HARMLESS[int(random.integers(len(_HARMLESS)))]
    return text.format(make(random)), ""
