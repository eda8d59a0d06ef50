"""A data contract: what a table promises downstream, written where a person can read it and a program enforces it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lifecycle.develop.exploration.profile import kind_of
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

_KINDS = ("number", "integer", "category", "time")


@dataclass(frozen=True)
class ColumnRule:
    """What one column promises.

    Attributes
    ----------
    name : str
    kind : {"number", "integer", "category", "time"}
    minimum, maximum : float or None
        Inclusive limits of a number; ``None`` means no limit.
    allowed : tuple
        The values of a category; empty means any.
    nullable : bool
        Whether values may be missing.
    note : str
        Meaning, unit, or what is odd about it.
    """

    name: str
    kind: str
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[Any, ...] = ()
    nullable: bool = False
    note: str = ""


@dataclass(frozen=True)
class Violation:
    """One broken promise: column, the index of the row (``None`` for a whole column), the value seen and the rule."""

    column: str
    row: Any
    value: Any
    rule: str


@dataclass(frozen=True)
class Contract:
    """The promises of one table.

    Attributes
    ----------
    name, target, purpose, licence : str
        What the table is, which column is predicted, what it may be used for and under which licence.
    columns : tuple of ColumnRule
    protected : tuple of str
        Attributes that law or fairness protects: kept for auditing, never used without a decision.
    """

    name: str
    target: str
    purpose: str
    licence: str
    columns: tuple[ColumnRule, ...]
    protected: tuple[str, ...] = field(default=())

    def schema(self) -> pa.DataFrameSchema:
        """Compile the contract into a pandera schema, which does the checking."""
        import pandera.pandas as pa

        return pa.DataFrameSchema({rule.name: _column(rule) for rule in self.columns}, strict=True, name=self.name)

    def violations(self, frame: pd.DataFrame) -> list[Violation]:
        """Return every broken promise, in the order of the columns; the empty list means that there is none."""
        import pandera.errors

        try:
            self.schema().validate(frame, lazy=True)
        except pandera.errors.SchemaErrors as errors:
            found = [_violation(case) for case in errors.failure_cases.to_dict("records")]
        else:
            return []
        order = {rule.name: i for i, rule in enumerate(self.columns)}
        return sorted(found, key=lambda v: (order.get(v.column, len(order)), str(v.rule), str(v.row).zfill(12)))

    def enforce(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `frame` when it keeps the contract.

        Raises
        ------
        DataError
            Names the first broken promise with its column and row, and how many there are.
        """
        found = self.violations(frame)
        if found:
            first = found[0]
            where = f"{self.name}: column `{first.column}`" + ("" if first.row is None else f", row {first.row}")
            more = f" ({len(found):,} violations in all)" if len(found) > 1 else ""
            raise DataError(
                f"{first.value!r} breaks the rule {first.rule}{more}",
                where=where,
                remedy="mend the source, or change the contract",
            )
        return frame

    def to_yaml(self) -> str:
        """Write the contract as YAML, columns in order, rules that say nothing left out."""
        import yaml

        table = asdict(self)
        table["protected"] = list(self.protected)
        table["columns"] = [_terse(rule) for rule in self.columns]
        return str(yaml.safe_dump(table, sort_keys=False, allow_unicode=True, width=110))

    @classmethod
    def from_yaml(cls, text: str) -> Contract:
        """Read what `to_yaml` wrote.

        Raises
        ------
        DataError
            For text that is no contract, naming the part.
        """
        import yaml

        try:
            table = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise DataError("not valid YAML", where="contract", tried=str(error).splitlines()[0]) from error
        if not isinstance(table, dict):
            raise DataError("a contract is a mapping of names to values", where="contract")
        missing = [key for key in ("name", "target", "purpose", "licence", "columns") if key not in table]
        if missing:
            raise DataError(f"`{missing[0]}` is missing", where="contract")
        columns = tuple(_rule(entry, f"contract: columns[{i}]") for i, entry in enumerate(table["columns"]))
        return cls(
            table["name"], table["target"], table["purpose"], table["licence"], columns, tuple(table.get("protected", ()))
        )


def draft_contract(
    frame: pd.DataFrame, *, name: str, target: str, purpose: str, licence: str, protected: Sequence[str] = (),
    notes: Mapping[str, str] | None = None, most_categories: int = 20,
) -> Contract:  # fmt: skip
    """Draft a contract from a sample that people have looked at.

    The draft promises what the sample shows: kinds, whether values are missing, the values of a category (where there are
    at most `most_categories`), and that a column which is never negative stays so. It does not turn the smallest and largest
    values of a sample into limits: tomorrow's largest payment is not an error.

    Returns
    -------
    Contract
        To be read and corrected by somebody who knows the data.
    """
    rules = []
    for column, values in frame.items():
        rule = ColumnRule(
            str(column), _kind(values), nullable=bool(values.isna().any()), note=(notes or {}).get(str(column), "")
        )
        distinct = values.dropna().unique()
        if rule.kind == "category" and len(distinct) <= most_categories:
            rule = replace(rule, allowed=tuple(sorted(distinct.tolist())))
        elif rule.kind in ("number", "integer") and (values.dropna() >= 0).all():
            rule = replace(rule, minimum=0)
        if column == target:
            rule = replace(rule, maximum=1)
        rules.append(rule)
    return Contract(name, target, purpose, licence, tuple(rules), tuple(protected))


def _kind(values: pd.Series) -> str:
    from pandas.api import types

    kind = kind_of(values)
    return "integer" if kind == "number" and types.is_integer_dtype(values) else kind


def _column(rule: ColumnRule) -> pa.Column:
    import pandera.pandas as pa
    from pandas.api import types

    checks = []
    if rule.minimum is not None:
        checks.append(pa.Check(_within(rule.minimum, None), error=f"at least {rule.minimum:g}"))
    if rule.maximum is not None:
        checks.append(pa.Check(_within(None, rule.maximum), error=f"at most {rule.maximum:g}"))
    if rule.allowed:
        checks.append(pa.Check.isin(list(rule.allowed), error="one of " + ", ".join(map(str, rule.allowed))))
    is_kind = {
        "integer": types.is_integer_dtype,
        "number": types.is_numeric_dtype,
        "time": types.is_datetime64_any_dtype,
    }.get(rule.kind)
    if is_kind is not None:
        # Element by element where the column has another type, so that the violation names the rows that spoilt it.
        checks.insert(0, pa.Check(_of_kind(rule.kind, is_kind), error=f"of kind {rule.kind}"))
    return pa.Column(None, checks, nullable=rule.nullable, required=True)


def _within(minimum: float | None, maximum: float | None) -> Any:
    def check(values: pd.Series) -> Any:
        import pandas as pd

        # What is no number is the business of the kind check: it must not hide the rows that are merely too small.
        numbers = pd.to_numeric(values, errors="coerce")
        too_low = numbers < minimum if minimum is not None else False
        too_high = numbers > maximum if maximum is not None else False
        return ~(too_low | too_high)

    return check


def _of_kind(kind: str, is_kind: Any) -> Any:
    def check(values: pd.Series) -> Any:
        import pandas as pd

        if is_kind(values):
            return True
        if kind == "time":
            return pd.to_datetime(values, errors="coerce").notna() & False
        numbers = pd.to_numeric(values, errors="coerce")
        fits = numbers.notna() & ~values.map(lambda value: isinstance(value, str))
        return fits & (numbers % 1 == 0) if kind == "integer" else fits

    return check


def _violation(case: Mapping[str, Any]) -> Violation:
    import pandas as pd

    row = case["index"]
    column = case["column"]
    rule = str(case["check"])
    if rule == "column_in_dataframe":
        return Violation(str(case["failure_case"]), None, "nothing", "the column must be there")
    if rule == "column_in_schema":
        return Violation(str(case["failure_case"]), None, "an extra column", "no column without a promise")
    if rule == "not_nullable":
        rule = "no value may be missing"
    return Violation(str(column), None if row is None or pd.isna(row) else row, case["failure_case"], rule)


def _terse(rule: ColumnRule) -> dict[str, Any]:
    default = asdict(ColumnRule(rule.name, rule.kind))
    entry = {key: value for key, value in asdict(rule).items() if key in ("name", "kind") or value != default[key]}
    if "allowed" in entry:
        entry["allowed"] = list(rule.allowed)
    return entry


def _rule(entry: Any, where: str) -> ColumnRule:
    if not isinstance(entry, dict) or "name" not in entry:
        raise DataError("a column needs a `name`", where=where)
    unknown = sorted(set(entry) - set(ColumnRule.__dataclass_fields__))
    if unknown:
        raise DataError(
            f"unknown key `{unknown[0]}`", where=where, remedy="keys: " + ", ".join(ColumnRule.__dataclass_fields__)
        )
    if entry.get("kind") not in _KINDS:
        raise DataError(f"`kind` must be one of {', '.join(_KINDS)}, not {entry.get('kind')!r}", where=where)
    return ColumnRule(**{**entry, "allowed": tuple(entry.get("allowed", ()))})
