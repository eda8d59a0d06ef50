"""The recipe of a model: all that is decided before fitting, so that the same rows give the same model again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from dataclasses import replace as _replace
from hashlib import sha256
from typing import Any, NamedTuple

from lifecycle.develop.record.manifest import parsed_json
from lifecycle.develop.sources.use_cases import USE_CASES
from lifecycle.errors import LifecycleError

SPLIT = "split"
FORMAT = 1
FLAG_NOTHING = 2.0


class RecipeError(LifecycleError):
    """A recipe that cannot be followed: an unknown algorithm or setting, a value outside its limits, a damaged file."""


class Setting(NamedTuple):
    """A setting of an algorithm: its default, which also gives its type, and the limits, both allowed."""

    default: float
    low: float
    high: float


SETTINGS: Mapping[str, Mapping[str, Setting]] = {
    "logistic": {"C": Setting(1.0, 1e-6, 1e6), "max_iter": Setting(1_000, 1, 100_000)},
    "forest": {
        "n_estimators": Setting(100, 1, 5_000),
        "max_depth": Setting(10, 1, 100),
        "min_samples_leaf": Setting(5, 1, 100_000),
        "max_features": Setting(0.3, 0.001, 1.0),
    },
    "boosting": {
        "n_estimators": Setting(100, 1, 5_000),
        "max_depth": Setting(4, 1, 20),
        "learning_rate": Setting(0.1, 1e-4, 1.0),
        "min_child_weight": Setting(1.0, 0.0, 1e6),
        "subsample": Setting(1.0, 0.01, 1.0),
        "colsample_bytree": Setting(1.0, 0.01, 1.0),
        "reg_lambda": Setting(1.0, 0.0, 1e6),
    },
}
"""What can be set, by algorithm; the names are those of scikit-learn and xgboost."""

BALANCES: Mapping[str, tuple[str, ...]] = {
    "logistic": ("none", "smote", "class_weight"),
    "forest": ("none", "smote", "class_weight"),
    "boosting": ("none", "scale_pos_weight"),
}
"""How each algorithm can be made to heed a rare class."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a model will be, but the rows themselves.

    Attributes
    ----------
    source : mapping
        Where the rows come from: ``{"use_case": "credit", "n_rows": 12000, "seed": 0}``, `n_rows` being None for all of
        them; or, for a table of one's own, ``{"file": "sales", "sha256": …, "seed": 0}``, the digest being that of
        `lifecycle.develop.digest_of_frame`; ``"positive"``, where it is there, is the value of the target that
        counts as 1. Its seed draws the rows and splits them; it is 0 where it is not given.
    target : str
        The column to predict, 0 or 1.
    features : tuple of str
        Inputs of the model, in its order.
    algorithm : {"logistic", "forest", "boosting"}
    settings : mapping
        Completed with the defaults of `SETTINGS`, so that the recipe says all of them even if a default changes one day.
    balance : {"none", "smote", "class_weight", "scale_pos_weight"}
        What is done about a rare class, in the training rows only: new rows between neighbours (Chawla and others 2002),
        weights inversely proportional to the class sizes, or the same for the gradients of boosting. All three
        move the scores away from chances: calibrate before reading them as such.
    seed : int
        Of the algorithm and the resampling.
    shares : tuple of float
        Training, validation and test rows; they add up to 1.
    threshold : float
        A row is flagged when its score reaches it; above 1 none is.
    categories : mapping
        For a table of one's own: the values that each coded column had, so that new rows are coded alike.

    Raises
    ------
    RecipeError
        For anything that cannot be followed, naming the field.
    """

    source: Mapping[str, Any]
    target: str
    features: tuple[str, ...]
    algorithm: str = "boosting"
    settings: Mapping[str, float] = field(default_factory=dict)
    balance: str = "none"
    seed: int = 0
    shares: tuple[float, float, float] = (0.6, 0.2, 0.2)
    threshold: float = 0.5
    categories: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        set_ = object.__setattr__  # the dataclass is frozen once it exists
        set_(self, "source", _source(self.source))
        set_(self, "features", tuple(self.features))
        set_(self, "shares", tuple(self.shares))
        set_(self, "categories", dict(self.categories))
        _names(self.features, self.target)
        _choice("algorithm", self.algorithm, tuple(SETTINGS))
        _choice("balance", self.balance, BALANCES[self.algorithm])
        set_(self, "settings", _settings(self.algorithm, self.settings))
        check_seed(self.seed, "recipe.seed")
        if (
            len(self.shares) != 3
            or not all(map(_is_number, self.shares))
            or min(self.shares) <= 0
            or abs(sum(self.shares) - 1) > 1e-9
        ):
            raise RecipeError(f"must be three positive numbers that add up to 1, not {self.shares}", where="recipe.shares")
        if not _is_number(self.threshold) or not 0 <= self.threshold <= FLAG_NOTHING:
            raise RecipeError(f"must be from 0 to 1, or 2 to flag nothing, not {self.threshold!r}", where="recipe.threshold")

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def digest(self) -> str:
        """SHA-256 of the recipe as JSON: equal recipes have equal digests."""
        return sha256(self.to_json().encode("utf-8")).hexdigest()

    def but(self, **changes: Any) -> Recipe:
        """Make the same recipe with `changes`: fields by name.

        ``settings`` are merged into the present ones; another algorithm starts from its own defaults.
        """
        settings = {} if changes.get("algorithm", self.algorithm) != self.algorithm else dict(self.settings)
        return _replace(self, **{**changes, "settings": settings | dict(changes.get("settings", {}))})

    def to_dict(self) -> dict[str, Any]:
        """The recipe as what JSON can hold."""
        content = {each.name: getattr(self, each.name) for each in fields(self)}
        return {"format": FORMAT, **content, "features": list(self.features), "shares": list(self.shares)}

    def to_json(self) -> str:
        """The recipe as indented JSON with sorted keys and a final newline: equal recipes give equal text."""
        return json.dumps(self.to_dict(), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """Read what `to_json` wrote.

        Raises
        ------
        RecipeError
            When it is not JSON, is nested too deeply, holds text that UTF-8 cannot, has a field too many or too few, or a
            value that no recipe can have.
        """
        try:
            content = parsed_json(text)
        except ValueError as error:
            raise RecipeError(f"not JSON: {error}", where="recipe") from error
        return cls.from_dict(content)

    @classmethod
    def from_dict(cls, content: Any) -> Recipe:
        """Read what `to_dict` gave; errors as in `from_json`."""
        if not isinstance(content, dict):
            raise RecipeError("must be an object with the fields of a recipe", where="recipe")
        known = {"format", *(each.name for each in fields(cls))}
        odd = sorted(known ^ set(content))
        if odd:
            verb = "is not a field of a recipe" if odd[0] in content else "is missing"
            raise RecipeError(f"`{odd[0]}` {verb}", where="recipe", tried="fields: " + ", ".join(sorted(known)))
        if content["format"] != FORMAT:
            raise RecipeError(f"is {content['format']!r}; this version reads {FORMAT}", where="recipe.format")
        for name, kind in (("source", dict), ("settings", dict), ("categories", dict), ("features", list), ("shares", list)):
            if not isinstance(content[name], kind):
                raise RecipeError(f"must be {'an object' if kind is dict else 'a list'}", where=f"recipe.{name}")
        return cls(**{name: value for name, value in content.items() if name != "format"})


def check_seed(seed: Any, where: str) -> None:
    """Raise `RecipeError` for what not every library takes as a seed."""
    if type(seed) is not int or not 0 <= seed < 2**32:
        raise RecipeError(f"must be a whole number from 0 to 2**32 - 1, not {seed!r}", where=where)


def _source(source: Mapping[str, Any]) -> dict[str, Any]:
    made = {"seed": 0, **source}
    where = "recipe.source"
    if set(made) | {"positive"} == {"file", "sha256", "seed", "positive"}:
        if not all(isinstance(made[name], str) and made[name] for name in set(made) - {"seed"}):
            raise RecipeError("`file`, `sha256` and `positive` must be text", where=where)
    elif set(made) | {"n_rows"} == {"use_case", "n_rows", "seed"}:
        made.setdefault("n_rows", None)
        _choice("source.use_case", made["use_case"], tuple(USE_CASES))
        if made["n_rows"] is not None and (type(made["n_rows"]) is not int or made["n_rows"] < 1):
            raise RecipeError(f"must be a positive whole number or null, not {made['n_rows']!r}", where=f"{where}.n_rows")
    else:
        raise RecipeError("must say `use_case`, `n_rows` and `seed`, or `file`, `sha256` and `seed`", where=where,
                          tried="it has: " + ", ".join(map(repr, source)))  # fmt: skip
    check_seed(made["seed"], f"{where}.seed")
    return made


def _names(features: tuple[str, ...], target: str) -> None:
    if not features:
        raise RecipeError("there are none", where="recipe.features", remedy="name at least one input")
    for name in (target, *features):
        if not isinstance(name, str) or not name or name == SPLIT:
            raise RecipeError(f"{name!r} cannot be the name of a column", where="recipe", remedy="rename the column")
    if target in features:
        raise RecipeError(f"the target `{target}` is among them", where="recipe.features", remedy="take it out")
    twice = sorted({name for name in features if features.count(name) > 1})
    if twice:
        raise RecipeError(f"`{twice[0]}` is named twice", where="recipe.features")


def _choice(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise RecipeError(f"{value!r} is none of " + ", ".join(allowed), where=f"recipe.{name}")


def _settings(algorithm: str, given: Mapping[str, Any]) -> dict[str, float]:
    known = SETTINGS[algorithm]
    for name, value in given.items():
        where = f"recipe.settings.{name}"
        if name not in known:
            raise RecipeError(f"{algorithm} has no such setting", where=where, remedy="settings: " + ", ".join(known))
        whole = isinstance(known[name].default, int)
        if not _is_number(value) or (whole and value != int(value)):
            raise RecipeError(f"must be a {'whole ' if whole else ''}number, not {value!r}", where=where)
        if not known[name].low <= value <= known[name].high:
            raise RecipeError(f"must be from {known[name].low:g} to {known[name].high:g}, not {value!r}", where=where)
    return {name: type(each.default)(given.get(name, each.default)) for name, each in known.items()}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value - value == 0  # finite
