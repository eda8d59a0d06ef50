"""A tracker from run one: what was tried, on which data, how well it did, and which model was chosen.

MLflow keeps the record, in one SQLite file and a folder of artefacts; ``mlflow ui --backend-store-uri
sqlite:///…/mlflow.db`` shows it in a browser. What this adds: a run says its recipe and the digest of its data without
being asked, names are unique, and a model comes back only if its bytes are those that went in.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from lifecycle.develop.training.mlflow_store import Store, TrackingError, folder_of, quiet
from lifecycle.develop.training.model_registry import Version, load_version, register
from lifecycle.develop.training.recipe import Recipe
from lifecycle.develop.training.tracked_run import NAME, SECONDS, Run, begin

if TYPE_CHECKING:
    import pandas as pd

LOWER_IS_BETTER = ("log_loss", "brier", "mae", "rmse", "mape", "cost", SECONDS)
"""Metrics with these endings are compared upwards, all others downwards."""


class Tracker:
    """The record of an experiment.

    Parameters
    ----------
    folder : Path or str
        Where it is kept; made where it is missing. A relative path is taken from the working directory once, here.
    experiment : str
        Runs of different experiments in one folder are not compared.

    Raises
    ------
    TrackingError
        When the folder cannot be used.

    Examples
    --------
    >>> with Tracker(folder) as tracker:  # doctest: +SKIP
    ...     with tracker.run("baseline", recipe=recipe, data_version=digest, feature_set="v1") as run:
    ...         run.metrics({"validation_f1": 0.5})
    ...     tracker.best("validation_f1")
    'baseline'
    """

    def __init__(self, folder: Path | str, *, experiment: str = "development") -> None:
        _named(experiment, "an experiment")
        self.folder = Path(folder).expanduser().resolve()
        self._open: Store | None = Store(self.folder, experiment)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files; closing twice does no harm."""
        if self._open is not None:
            self._open.close()
        self._open = None

    @contextmanager
    def run(
        self,
        name: str,
        *,
        recipe: Recipe | None = None,
        data_version: str,
        feature_set: str = "",
        parameters: Mapping[str, Any] | None = None,
        person: str | None = None,
        notes: str = "",
        tags: Mapping[str, str] | None = None,
        replace: bool = False,
    ) -> Iterator[Run]:
        """Record what happens in the block.

        Parameters
        ----------
        name : str
            Unique in the experiment.
        recipe : Recipe, optional
            Logged whole as ``recipe.json``, and its settings as parameters. A rule that no recipe describes has none.
        data_version : str
            Digest of the rows, so that two runs can be told to have seen the same.
        feature_set : str
            Name and version of the inputs.
        parameters : mapping, optional
            More of them.
        person : str, optional
            Who runs it; the name of the account where none is given.
        notes, tags
            Free text, and short words by key.
        replace : bool
            Whether to put this run in place of an earlier one of the name: for a cell that is run again.

        Yields
        ------
        Run
            Takes metrics, figures, tables and the model. Packages, Python, processor and the seconds taken are logged
            without being asked. If the block raises, the run is kept and marked as failed.

        Raises
        ------
        TrackingError
            For a name that is none or is taken, for data without a version, and for a closed tracker.
        """
        store = self._store()
        _named(name, "a run")
        if not data_version:
            raise TrackingError("`data_version` is empty", where=f"run `{name}`", remedy="give the digest of the rows")
        earlier = self._found(name)
        if earlier and not replace:
            raise TrackingError(f"there is a run `{name}` already", where=str(self.folder),
                                remedy="choose another name, or say `replace=True`")  # fmt: skip
        for each in earlier:
            with quiet(f"run `{name}`"):
                store.client.delete_run(each.info.run_id)
        notices = {"mlflow.user": person or _account(), "mlflow.note.content": notes, **(tags or {})}
        run = begin(store, name)
        try:
            run.describe(data_version=data_version, feature_set=feature_set, parameters=parameters or {}, tags=notices)
            if recipe is not None:
                run.recipe(recipe)
            yield run
        except BaseException:
            run.end("FAILED")
            raise
        run.end("FINISHED")

    def runs(self) -> list[str]:
        """Names of all runs in the order they were started, failed ones too."""
        return [run.info.run_name for run in self._all()]

    def compare(self, by: str | None = None, *, seconds: bool = False) -> pd.DataFrame:
        """Put the finished runs side by side.

        Parameters
        ----------
        by : str, optional
            The metric to order by, best first (see `LOWER_IS_BETTER`); runs without it come last. By start where it
            is not given.
        seconds : bool
            Whether to show how long each took, which is different every time.

        Returns
        -------
        DataFrame, one row a run
            ``run``, ``algorithm``, ``balance``, ``feature_set``, ``data_version`` (12 digits) and the metrics, `by` first.

        Raises
        ------
        TrackingError
            When no run has the metric, with the names of those there are.
        """
        import pandas as pd

        runs = [run for run in self._all() if run.info.status == "FINISHED"]
        names = sorted({name for run in runs for name in run.data.metrics} - {SECONDS})
        if by is not None:
            if by != SECONDS and by not in names:
                raise TrackingError(f"no finished run has a metric `{by}`", where=str(self.folder),
                                    tried="metrics: " + (", ".join(names) or "none yet"))  # fmt: skip
            names = [by, *(name for name in names if name != by)]
        if seconds and by != SECONDS:
            names.append(SECONDS)
        rows = [
            {"run": run.info.run_name}
            | {key: run.data.params.get(key, "") for key in ("algorithm", "balance", "feature_set")}
            | {"data_version": run.data.params["data_version"][:12]}
            | {name: run.data.metrics.get(name, float("nan")) for name in names}
            for run in runs
        ]
        columns = ["run", "algorithm", "balance", "feature_set", "data_version", *names]
        table = pd.DataFrame(rows, columns=columns)
        if by is None:
            return table
        return table.sort_values(by, ascending=by.endswith(LOWER_IS_BETTER), kind="stable", ignore_index=True)

    def best(self, metric: str) -> str:
        """Name of the finished run that is best by `metric`; the earlier of two equal ones. Errors as in `compare`."""
        table = self.compare(metric)
        if table[metric].isna().all():
            raise TrackingError(f"metric `{metric}` is undefined in all runs", where=str(self.folder))
        return str(table["run"].iloc[0])

    def recorded(self, name: str) -> dict[str, Any]:
        """What is on record of a run: ``status``, ``parameters``, ``metrics`` and ``tags``; errors as in `read`."""
        run = self._one(name)
        tags = {key: value for key, value in run.data.tags.items() if key != "mlflow.runName"}
        return {
            "status": run.info.status,
            "parameters": dict(sorted(run.data.params.items())),
            "metrics": dict(sorted(run.data.metrics.items())),
            "tags": dict(sorted(tags.items())),
        }

    def read(self, name: str, path: str) -> bytes:
        """Read a file of a run, as ``environment.json``, ``recipe.json`` or ``figures/curve.png``.

        Raises
        ------
        TrackingError
            When there is no such run or file, with the files there are.
        """
        files = self.files(name)
        if path not in files:
            raise TrackingError(f"no file `{path}`", where=f"run `{name}`", tried="files: " + ", ".join(files))
        return (self._artifacts(name) / path).read_bytes()

    def files(self, name: str) -> list[str]:
        """The files kept with a run, by path."""
        folder = self._artifacts(name)
        return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())

    def recipe(self, name: str) -> Recipe:
        """The recipe that a run followed."""
        return Recipe.from_json(self.read(name, "recipe.json").decode("utf-8"))

    def promote(self, name: str, model_name: str, *, alias: str = "champion") -> int:
        """Enter a run's model into the registry and give it an alias, which leaves the version that had it before.

        Returns
        -------
        int
            The version: 1 for the first model of the name.

        Raises
        ------
        TrackingError
            When there is no such run, when it has no model or has failed, or for a name or alias that is none.
        """
        run = self._one(name)
        if run.info.status != "FINISHED":
            raise TrackingError(f"run `{name}` has not finished well: {run.info.status.lower()}", where=str(self.folder))
        if "model_digest" not in run.data.tags:
            raise TrackingError(f"run `{name}` kept no model", where=str(self.folder), remedy="log it with `run.model`")
        return register(self._store(), run, model_name, alias, self._artifacts(name))

    def load(self, model_name: str, alias: str = "champion") -> Any:
        """Load a registered model, once its bytes are seen to be those that were logged; errors as in `version`."""
        return self.version(model_name, alias).model

    def version(self, model_name: str, alias: str = "champion") -> Version:
        """A registered model with its version, run, recipe and digest.

        Raises
        ------
        TrackingError
            When there is no such model or alias, with those there are.
        ArtifactError
            When the file is gone or its digest has changed.
        """
        return load_version(self._store(), model_name, alias)

    def _store(self) -> Store:
        if self._open is None:
            raise TrackingError("the tracker is closed", where=str(self.folder), remedy="open it again: Tracker(folder)")
        return self._open

    def _all(self) -> list[Any]:
        store, token = self._store(), None
        found: list[Any] = []
        with quiet(str(self.folder)):
            while True:
                page = store.client.search_runs([store.experiment], order_by=["attributes.start_time ASC"], page_token=token)
                found += page
                token = page.token
                if not token:
                    return found

    def _found(self, name: str) -> list[Any]:
        return [run for run in self._all() if run.info.run_name == name]

    def _one(self, name: str) -> Any:
        for run in self._found(name):
            return run
        raise TrackingError(f"no run `{name}`", where=str(self.folder), tried="runs: " + (", ".join(self.runs()) or "none"))

    def _artifacts(self, name: str) -> Path:
        return folder_of(self._one(name).info.artifact_uri)


def _named(name: str, what: str) -> None:
    if not NAME.fullmatch(name):
        raise TrackingError(f"{name!r} cannot name {what}", remedy="a letter or digit, then up to 99 more, space and ._-")


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name, as in some containers
        return "unknown"
