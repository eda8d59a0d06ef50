"""MLflow on one SQLite file in a folder: opened without a word on the page, without a server and without telemetry."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from urllib.request import url2pathname

from lifecycle import show
from lifecycle.errors import LifecycleError

DATABASE = "mlflow.db"
ARTIFACTS = "artifacts"
LOGGERS = ("mlflow", "alembic")
_SQLITE = b"SQLite format 3\x00"


class TrackingError(LifecycleError):
    """A question that the tracker cannot answer, or a store that cannot be used."""


class Store:
    """The open store: its client, and the experiment that runs belong to.

    Parameters
    ----------
    folder : Path
        Absolute. ``mlflow.db`` and ``artifacts/`` are made in it where they are missing. The database names the artefacts
        by this path: a tracker does not survive that its folder is moved.
    experiment : str
        Made where it is missing.

    Raises
    ------
    TrackingError
        When the folder cannot be written, or holds a ``mlflow.db`` that is none or that another release of MLflow made.
    """

    def __init__(self, folder: Path, experiment: str) -> None:
        self.folder = folder
        self._engines: list[Any] = []
        database = folder / DATABASE
        _usable(database)
        uri = f"sqlite:///{database.as_posix()}"
        with quiet(str(folder)):
            from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as RegistryStore
            from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as TrackingStore
            from mlflow.tracking import MlflowClient

            root = (folder / ARTIFACTS).as_uri()  # the client alone would put artefacts into the working directory
            with _hurried(new=not database.exists()):
                self._engines = [TrackingStore(uri, root).engine, RegistryStore(uri).engine]  # type: ignore[no-untyped-call]
            self.close()  # the next connections wait for the disk again
            self.client = MlflowClient(tracking_uri=uri, registry_uri=uri)
            known = self.client.get_experiment_by_name(experiment)
            made = known.experiment_id if known else self.client.create_experiment(experiment, f"{root}/{experiment}")
            self.experiment: str = made

    def close(self) -> None:
        """Let go of the database file."""
        for engine in self._engines:
            engine.dispose()


@contextmanager
def quiet(where: str) -> Iterator[None]:
    """Do something with MLflow: telemetry is off and nothing is logged to the page while the block runs.

    Raises
    ------
    TrackingError
        In place of what MLflow or its database raises.
    """
    with _telemetry_off():
        import mlflow  # its loggers get their handlers here, so it comes before they are exchanged
        import sqlalchemy.exc

        try:
            with show.quiet(*LOGGERS):
                yield
        except (mlflow.MlflowException, sqlalchemy.exc.SQLAlchemyError) as error:
            raise TrackingError(f"MLflow refused: {str(error).splitlines()[0]}", where=where) from error


@contextmanager
def _telemetry_off() -> Iterator[None]:
    """MLflow asks a variable of the environment, when it is imported and again at every call; it is put back afterwards."""
    name = "MLFLOW_DISABLE_TELEMETRY"
    before = os.environ.get(name)
    os.environ[name] = "true"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


@contextmanager
def _hurried(*, new: bool) -> Iterator[None]:
    """Do not wait for the disk at each of the 300 statements that make a new database: seconds become tenths.

    Were the machine to fail meanwhile, an empty database would be lost.
    """
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def connected(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    if new:
        event.listen(Engine, "connect", connected)
    try:
        yield
    finally:
        if new:
            event.remove(Engine, "connect", connected)


def folder_of(uri: str) -> Path:
    """The folder that MLflow calls `uri`."""
    return Path(url2pathname(urlparse(uri).path))


def _usable(database: Path) -> None:
    where = str(database)
    if "?" in where or "#" in where:
        raise TrackingError("a folder for a database cannot have ? or # in its name", where=where, remedy="choose another")
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        found = _first_bytes(database) if database.exists() else _SQLITE
    except OSError as error:
        raise TrackingError(f"cannot be used: {error.strerror}", where=where, remedy="choose another folder") from error
    if found not in (_SQLITE, b""):
        raise TrackingError("not an SQLite database", where=where, remedy="choose another folder, or move the file away")


def _first_bytes(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(len(_SQLITE))
