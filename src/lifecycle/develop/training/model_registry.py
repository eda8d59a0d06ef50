"""Models under names and aliases: "the champion" is looked up at the time of loading, and verified then."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lifecycle.develop.training.mlflow_store import Store, TrackingError, folder_of, quiet
from lifecycle.develop.training.model_bytes import from_bytes
from lifecycle.develop.training.recipe import Recipe
from lifecycle.errors import ArtifactError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}")
_RESERVED = re.compile(r"latest|v[0-9]+", re.IGNORECASE)  # MLflow means versions by these, not aliases


@dataclass(frozen=True)
class Version:
    """One version of a registered model.

    Attributes
    ----------
    name, version, run : str, int, str
        The model's name, its version from 1, and the run it comes from.
    aliases : tuple of str
        Those it has now.
    digest : str
        SHA-256 of the file, which was verified.
    model : XGBClassifier or Pipeline
    recipe : Recipe or None
        What it was fitted by, where its run had one.
    """

    name: str
    version: int
    run: str
    aliases: tuple[str, ...]
    digest: str
    model: Any
    recipe: Recipe | None


def register(store: Store, run: Any, model_name: str, alias: str, artifacts: Path) -> int:
    """Enter the model of `run` as the next version of `model_name` and move `alias` to it."""
    for what, name in (("a model", model_name), ("an alias", alias)):
        if not _NAME.fullmatch(name) or (name == alias and _RESERVED.fullmatch(name)):
            raise TrackingError(f"{name!r} cannot name {what}", remedy="a letter, then letters, digits, _ and -")
    with quiet(f"model `{model_name}`"):
        known = store.client.search_registered_models(f"name = '{model_name}'")
        if not known:
            store.client.create_registered_model(model_name)
        tags = {key: run.data.tags[key] for key in ("model_digest", "model_file")} | {"run": run.info.run_name}
        made = store.client.create_model_version(
            model_name, (artifacts / "model").as_uri(), run.info.run_id, tags=tags, await_creation_for=0
        )
        store.client.set_registered_model_alias(model_name, alias, made.version)
    return int(made.version)


def load_version(store: Store, model_name: str, alias: str) -> Version:
    """Look up `alias`, verify the file against the digest in the registry, and load it."""
    found = _lookup(store, model_name, alias)
    folder = folder_of(found.source)
    file = folder / found.tags["model_file"]
    if not file.is_file():
        raise ArtifactError("the model's file is gone", where=str(file), remedy="train and promote it again")
    model = from_bytes(file.read_bytes(), digest=found.tags["model_digest"], where=str(file))
    recipe = folder.parent / "recipe.json"
    return Version(
        name=model_name,
        version=int(found.version),
        run=found.tags["run"],
        aliases=tuple(sorted(found.aliases)),
        digest=found.tags["model_digest"],
        model=model,
        recipe=Recipe.from_json(recipe.read_text(encoding="utf-8")) if recipe.is_file() else None,
    )


def _lookup(store: Store, model_name: str, alias: str) -> Any:
    with quiet(f"model `{model_name}`"):
        models = {model.name: model for model in store.client.search_registered_models()}
        aliases = store.client.get_registered_model(model_name).aliases if model_name in models else {}
        if model_name not in models:
            raise TrackingError(f"no model `{model_name}` in the registry", where=str(store.folder),
                                tried="models: " + (", ".join(sorted(models)) or "none"),
                                remedy="`promote` a run first")  # fmt: skip
        if alias not in aliases:
            raise TrackingError(f"model `{model_name}` has no alias `{alias}`", where=str(store.folder),
                                tried="aliases: " + (", ".join(sorted(aliases)) or "none"))  # fmt: skip
        return store.client.get_model_version_by_alias(model_name, alias)
