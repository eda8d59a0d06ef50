"""A folder to begin a project of one's own with: what a table says by itself, and what only a person can say left open.

Three files: `entry.toml` (what the course's catalogue of use cases holds), `contract.yaml` and `charter.yaml` in the forms
of lessons 02 and 01. `OPEN` marks what is to be filled in; `open_points` says how much of it is left, and whether the files
still fit each other and the table.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course.commands.failures import RequestError, written

if TYPE_CHECKING:
    import pandas as pd

    from lifecycle.develop import Contract

OPEN = "TODO"
FILES = ("entry.toml", "contract.yaml", "charter.yaml")
# Their values are the table's own words, among which there may be such a mark.
_QUOTED = frozenset({"name", "target", "positive_value", "identifier", "protected", "file", "allowed"})
_PROTECTED = re.compile(
    r"(^|_)(sex|gender|(fe)?male|age|birth\w*|dob|race|ethnic\w*|religio\w*|nationality|citizen\w*"
    r"|marital\w*|marriage|married|disab\w*|pregnan\w*)(_|$)",
    re.IGNORECASE,
)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CHARTER = """\
# The charter, as in lesson 01. {open} marks what only you can say; what is written in its place is read by
# `lifecycle.develop.Charter.from_yaml`, which refuses targets that cannot hold together.
use_case: "{name}"
goal: "{open}: the business problem in one line"
performance:
  recall: "{open}: at least 70 %"
  precision: "{open}: at least 30 %"
infrastructure:
  latency: "{open}: at most 200 ms"
cost:
  development: "{open}: at most 50,000 EUR"
  operations: "{open}: at most 2,000 EUR/month"
change:
- "{open}: who will work in another way, and who tells them"
constraints: []
prevalence: {prevalence}
measured: {{}}
evidence:
- "{open}: why the targets are within reach: a trial, a published result"
stakeholders:
  business owner: false
  finance: false
  operations: false
  compliance: false
assumptions:
- "{open}: what the two costs in entry.toml rest on"
"""


@dataclass(frozen=True)
class OwnCase:
    """What was found in a table.

    Attributes
    ----------
    name : str
    rows, columns : int
    positive : str
        The target's value that counts as 1.
    prevalence : float
    identifier : str
        A column that tells rows apart, or nothing.
    protected : tuple of str
        Columns whose names sound like a protected attribute; to be read by somebody.
    notes : tuple of str
        What the table needs before a model can be made from it.
    """

    name: str
    rows: int
    columns: int
    positive: str
    prevalence: float
    identifier: str
    protected: tuple[str, ...]
    notes: tuple[str, ...]


def write_case(data: Path, target: str, out: Path, *, name: str = "", positive: str | None = None) -> OwnCase:
    """Read a table and write the three files.

    Raises
    ------
    RequestError
        When the folder is there and not empty or cannot be written, or the name is none.
    lifecycle.errors.DataError
        When the table cannot be read, or no model can be made from it; it names column and row.
    """
    from lifecycle.develop.exploration.reading import read_table
    from lifecycle.develop.exploration.tables import usable
    from workbench.files import digest_bytes, write_text

    with written(out):
        if out.is_dir() and any(out.iterdir()):
            raise RequestError("the folder is not empty", where=str(out), remedy="name a new one: nothing is overwritten")
    name = name or plain_name(data.stem)
    if not _NAME.fullmatch(name):
        raise RequestError(f"`{name}` is no name of a use case", remedy="small letters, digits and _, as in `card_risk`")
    frame = read_table(data, target=target)
    ready = usable(frame, target, positive=positive)
    case = OwnCase(
        name, len(frame), len(frame.columns), str(ready.positive), float(ready.frame[target].mean()),
        _identifier(frame, target),
        tuple(str(column) for column in frame.columns if column != target and _PROTECTED.search(_words(str(column)))),
        tuple(str(note) for note in ready.notes),
    )  # fmt: skip
    prevalence = f"{Decimal(f'{case.prevalence:.6g}'):f}"  # 0.00004: YAML takes 4e-05 for a text
    texts = {
        "contract.yaml": _contract(frame, target, case).to_yaml(),
        "charter.yaml": _CHARTER.format(open=OPEN, name=name, prevalence=prevalence),
        "entry.toml": _entry(data, target, case, digest_bytes(data.read_bytes())),
    }
    with written(out):
        for file, text in texts.items():
            write_text(out / file, text)
    return case


def _words(column: str) -> str:
    """``applicantAge`` as ``applicant_Age``, so that its words can be looked at one by one."""
    return re.sub(r"[^0-9A-Za-z]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column))


def plain_name(text: str) -> str:
    """A name for a use case out of the name of a file: ``Churn 2026`` becomes ``churn_2026``."""
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:40].strip("_")
    return plain if plain[:1].isalpha() else f"case_{plain}".strip("_")[:40]


def open_points(folder: Path) -> list[str]:
    """What is left to do in a folder that `write_case` made; empty when nothing is.

    Raises
    ------
    RequestError
        When one of the three files is missing or cannot be read.
    """
    from lifecycle.develop import Charter, Contract
    from lifecycle.errors import LifecycleError

    texts = {name: _read(folder / name) for name in FILES}
    contents = {name: _parsed(name, text) for name, text in texts.items()}
    points = [f"{name}: {point}" for name, content in contents.items() for point in _unsaid(content)]
    try:
        contract = Contract.from_yaml(texts["contract.yaml"])
    except LifecycleError as error:
        points.append(f"contract.yaml: {error.what}")
    else:
        points += _broken(folder, contents["entry.toml"], contract)
    if not any(point.startswith("charter.yaml") for point in points):
        try:
            charter = Charter.from_yaml(texts["charter.yaml"])
            points += [f"charter.yaml: {row['item']}: {row['because']}" for row in charter.checklist() if not row["done"]]
        except LifecycleError as error:
            points.append(f"charter.yaml: {error.where}: {error.what}")
    return points


def _unsaid(content: Any, place: str = "") -> Iterator[str]:
    """Which values begin with `OPEN`, each with its place; the name of a column rather than its number."""
    if isinstance(content, str) and content.startswith(OPEN):
        yield f"{place}: {content}"
    elif isinstance(content, dict):
        for key, value in content.items():
            if key not in _QUOTED:
                yield from _unsaid(value, f"{place}.{key}".lstrip("."))
    elif isinstance(content, list):
        for number, value in enumerate(content):
            yield from _unsaid(value, f"{place}[{value.get('name', number) if isinstance(value, dict) else number}]")


def _broken(folder: Path, entry: dict[str, Any], contract: Contract) -> list[str]:
    """Where table, entry and contract do not fit each other."""
    from lifecycle.develop.exploration.reading import read_table
    from lifecycle.errors import LifecycleError
    from workbench.files import digest_file

    points = []
    if contract.target != entry.get("target"):
        points.append("contract.yaml: its target is not that of entry.toml")
    for cost in ("cost_false_positive", "cost_false_negative"):
        value = entry.get(cost)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < inf:
            points.append(f"entry.toml: `{cost}` is not a number above 0")
    place = folder / str(entry.get("file", ""))
    try:
        if not place.is_file():
            return [*points, f"entry.toml: `file` is not there: {entry.get('file')}"]
        if digest_file(place) != entry.get("sha256"):
            points.append("entry.toml: the table is another one than when this was written")
        found = contract.violations(read_table(place))
    except OSError as error:
        return [*points, f"entry.toml: `file` cannot be read: {error.strerror}"]
    except LifecycleError as error:
        return [*points, f"entry.toml: `file` cannot be used: {error.what}"]
    if found:
        points.append(f"contract.yaml: {len(found):,} values break it, first in `{found[0].column}`: {found[0].rule}")
    return points


def _contract(frame: pd.DataFrame, target: str, case: OwnCase) -> Contract:
    from lifecycle.develop import draft_contract

    meant = dict.fromkeys(map(str, frame.columns), f"{OPEN}: meaning and unit")
    drafted = draft_contract(
        frame, name=case.name, target=target, purpose=f"{OPEN}: what it may be used for", licence=f"{OPEN}: its terms",
        protected=case.protected, notes=meant,
    )  # fmt: skip
    # The draft takes the target for 0 and 1. Here it may be 1 and 2, or words, which have no largest.
    rules = [
        replace(rule, maximum=frame[target].max().item() if rule.kind in ("number", "integer") else None)
        if rule.name == target else rule
        for rule in drafted.columns
    ]  # fmt: skip
    return replace(drafted, columns=tuple(rules))


def _identifier(frame: pd.DataFrame, target: str) -> str:
    """The first column that is different in each row and is a name or a whole number."""
    for column in frame.columns:
        values = frame[column]
        if column != target and values.is_unique and values.notna().all() and values.dtype.kind not in "fbM":
            return str(column)
    return ""


def _entry(data: Path, target: str, case: OwnCase, digest: str) -> str:
    lines = [
        f"# The catalogue's entry, in the terms of `lifecycle.develop.UseCase`. {OPEN} marks what only you can say.",
        f"name = {_quoted(case.name)}",
        f'title = "{OPEN}: as in a heading"',
        f'unit = "{OPEN}: what a row is, such as client"',
        f"target = {_quoted(target)}",
        f"positive_value = {_quoted(case.positive)}",
        f'positive = "{OPEN}: what this value means"',
        f"identifier = {_quoted(case.identifier)}  # a guess: different in each row; empty where there is none",
        'time = ""  # the column that orders the rows, where there is one: then validate in time (lesson 20)',
        f"protected = [{', '.join(map(_quoted, case.protected))}]  # by their names: add what else law or decency protects",
        f'licence = "{OPEN}"',
        'currency = "EUR"',
        "cost_false_positive = 0  # what acting in vain costs",
        "cost_false_negative = 0  # what a missed case costs",
        "",
        f"file = {_quoted(str(data.resolve()))}",
        f'sha256 = "{digest}"',
        f"rows = {case.rows}",
        f"prevalence = {case.prevalence:.6g}",
    ]
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")  # which JSON allows, and TOML does not


def _read(place: Path) -> str:
    try:
        return place.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(
            "cannot be read", where=str(place), remedy="`workbench new-use-case data.csv --target ...` writes it"
        ) from error


def _parsed(name: str, text: str) -> Any:
    import yaml

    kind = "TOML" if name.endswith(".toml") else "YAML"
    try:
        return tomllib.loads(text) if kind == "TOML" else yaml.safe_load(text)
    # Also nested too deeply, or a number of thousands of digits.
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise RequestError(f"not valid {kind}: {str(error).partition(chr(10))[0]}", where=name) from error
