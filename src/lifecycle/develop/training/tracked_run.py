"""One run as the tracker keeps it: what went in, what came out, on which machine, by whom and in how long."""

from __future__ import annotations

import json
import math
import os
import re
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle.develop.training.mlflow_store import Store, TrackingError, quiet
from lifecycle.develop.training.model_bytes import suffix, to_bytes
from lifecycle.develop.training.recipe import Recipe

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}")
SECONDS = "seconds"


class Run:
    """A run in progress; `lifecycle.develop.Tracker.run` starts and ends it."""

    def __init__(self, store: Store, name: str, identifier: str) -> None:
        self.name = name
        self.identifier = identifier
        self._store = store
        self._began = time.perf_counter()
        self._clock = 0
        self._over = False

    def describe(
        self, *, data_version: str, feature_set: str, parameters: Mapping[str, Any], tags: Mapping[str, str]
    ) -> None:
        """Log what is known before anything is fitted: data, inputs, packages, Python, system, processor."""
        from mlflow.entities import Dataset, DatasetInput, Param, RunTag

        from lifecycle.develop.record.environment import PACKAGES, environment

        params = {**parameters, "data_version": data_version, "feature_set": feature_set}
        data = Dataset(name=feature_set or "rows", digest=data_version[:36], source_type="digest", source=data_version)
        with self._open():
            self._store.client.log_batch(
                self.identifier,
                params=[Param(key, str(value)) for key, value in params.items()],
                tags=[RunTag(key, str(value)) for key, value in tags.items()],
            )
            self._store.client.log_inputs(self.identifier, [DatasetInput(data)])
        surroundings = {**environment((*PACKAGES, "mlflow", "optuna")), "cpu_count": os.cpu_count()}
        self.text("environment.json", json.dumps(surroundings, indent=1, sort_keys=True) + "\n")

    def recipe(self, recipe: Recipe) -> None:
        """Log the recipe that is followed: whole, and as parameters; once, where `Tracker.run` was not given it."""
        from mlflow.entities import Param

        with self._open():
            params = [Param(key, str(value)) for key, value in described(recipe).items()]
            self._store.client.log_batch(self.identifier, params=params)
        self.text("recipe.json", recipe.to_json())

    def metrics(self, values: Mapping[str, float], *, step: int | None = None) -> None:
        """Log numbers by name.

        Parameters
        ----------
        values : mapping
            ``{"validation_f1": 0.52}``; a name logged again replaces the value. NaN is kept: it says "undefined".
        step : int, optional
            Where in a course of values this stands, such as the boosting round, for convergence. The last step's value is
            the one that runs are compared by.

        Raises
        ------
        TrackingError
            For what is not a number, and for names with other characters than letters, digits, space and ``._-``.
        """
        from mlflow.entities import Metric

        for name, value in values.items():
            self._check(name)
            if not hasattr(value, "__float__") or math.isinf(float(value)):
                raise TrackingError(f"metric `{name}` is {value!r}, not a number", where=f"run `{self.name}`")
        self._clock = max(int(time.time() * 1000), self._clock + 1)  # of two values at one time MLflow keeps the larger
        with self._open():
            entries = [Metric(name, float(value), self._clock, step or 0) for name, value in values.items()]
            self._store.client.log_batch(self.identifier, metrics=entries)

    def figure(self, name: str, figure: Figure) -> None:
        """Keep a figure as ``figures/<name>.png``."""
        self._check(name)
        with self._open():
            self._store.client.log_figure(self.identifier, figure, f"figures/{name}.png")

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """Keep a table, such as the confusion matrix, as ``tables/<name>.csv``."""
        self._check(name)
        self.text(f"tables/{name}.csv", frame.to_csv(index=False, lineterminator="\n"))

    def text(self, path: str, content: str) -> None:
        """Keep text under `path` in the run's folder of artefacts."""
        with self._open():
            self._store.client.log_text(self.identifier, content, path)

    def model(self, model: Any) -> str:
        """Keep the fitted model, without any code in the file, and return the SHA-256 of the file's bytes.

        The digest is written beside the run, so that a model can only come back as it went in.
        """
        from tempfile import TemporaryDirectory

        data = to_bytes(model)
        digest = sha256(data).hexdigest()
        with self._open(), TemporaryDirectory() as folder:
            file = Path(folder) / f"model.{suffix(model)}"
            file.write_bytes(data)
            self._store.client.log_artifact(self.identifier, str(file), "model")
            self._store.client.set_tag(self.identifier, "model_file", file.name)
            self._store.client.set_tag(self.identifier, "model_digest", digest)
        return digest

    def end(self, status: str) -> None:
        """Close the run with the seconds it took; `status` is one of MLflow's."""
        self.metrics({SECONDS: time.perf_counter() - self._began})
        with self._open():
            self._store.client.set_terminated(self.identifier, status)
        self._over = True

    def _open(self) -> Any:
        if self._over:
            raise TrackingError("the run is over", where=f"run `{self.name}`", remedy="log within its `with` block")
        return quiet(f"run `{self.name}`")

    def _check(self, name: str) -> None:
        if not NAME.fullmatch(name):
            raise TrackingError(f"{name!r} cannot be a name", where=f"run `{self.name}`",
                                remedy="letters, digits, space and ._- , up to 100 of them")  # fmt: skip


def begin(store: Store, name: str) -> Run:
    """Start a run that has nothing on record yet but its name."""
    with quiet(f"run `{name}`"):
        return Run(store, name, store.client.create_run(store.experiment, run_name=name).info.run_id)


def described(recipe: Recipe) -> dict[str, Any]:
    """What of a recipe is worth comparing between runs, as flat parameters."""
    settings = {f"settings.{name}": value for name, value in recipe.settings.items()}
    return {
        "algorithm": recipe.algorithm,
        "balance": recipe.balance,
        "target": recipe.target,
        "n_features": len(recipe.features),
        "seed": recipe.seed,
        "threshold": recipe.threshold,
        "source": json.dumps(dict(recipe.source), sort_keys=True),
        **settings,
    }
