"""An append-only log of predictions and outcomes, which come late, twice, corrected and out of order."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


class EventLog:
    """What was predicted and what was learned about it, one event after the other; nothing is ever changed or removed.

    A correction is one more outcome of the same request. The same event delivered twice counts once, as queues that promise
    *at least once* require. So a source that says 0, then 1, then 0 again on one day is heard twice and not three times: put
    the time or an id of the message into its `source` where that can happen.

    Parameters
    ----------
    path : Path or str, optional
        A file with one JSON object a line, read if it is there and appended to; in memory alone where it is None. An event
        is on disk when its method returns. One writer at a time.

    Raises
    ------
    DataError
        When a line of the file cannot be read, with its number.
    """

    def __init__(self, path: Path | str | None = None) -> None:
        self._path = None if path is None else Path(path)
        self._predictions: dict[str, dict[str, Any]] = {}
        self._outcomes: dict[tuple[str, int, int, str], dict[str, Any]] = {}  # by all that an outcome says
        if self._path is not None and self._path.exists():
            for number, line in enumerate(self._path.read_text(encoding="utf-8").splitlines(), start=1):
                self._replay(line, f"{self._path.name}, line {number}")

    def predicted(self, request_id: str, *, day: int, decision: int, **details: float | str) -> bool:
        """Note a decision.

        Parameters
        ----------
        request_id : str
            Under which the outcome will come back.
        day : int
            When it was made.
        decision : int
            1 for a flag, 0 for none.
        **details : float or str
            As ``score=0.93, amount=120.0, entity=17``; any name but ``event``, which says what a line of the file is.

        Returns
        -------
        bool
            False where this very event was there already.

        Raises
        ------
        DataError
            When the request has another prediction already, the decision is neither 0 nor 1, or a detail is called
            ``event``.
        """
        if "event" in details:
            raise DataError(
                "a detail cannot be called `event`", where=f"request `{request_id}`", remedy="give it another name",
                tried="the name says in the file whether a line is a prediction or an outcome",
            )  # fmt: skip
        event = {"request_id": request_id, "day": day, "decision": _binary(decision, "decision", request_id)} | details
        known = self._predictions.get(request_id)
        if known == event:
            return False
        if known is not None:
            raise DataError(
                f"request `{request_id}` has a prediction of day {known['day']} already",
                tried=f"to note another one, of day {day}",
                remedy="give each request an id of its own; a prediction is never rewritten",
            )
        self._write("prediction", event)
        self._predictions[request_id] = event
        return True

    def learned(self, request_id: str, *, day: int, label: int, source: str = "") -> bool:
        """Note an outcome: on `day` somebody came to know that the truth is `label`.

        Outcomes of requests that nobody predicted are kept as well: `reconcile` counts them as orphans.

        Returns
        -------
        bool
            False where this very event was there already.

        Raises
        ------
        DataError
            When the label is neither 0 nor 1.
        """
        event = {"request_id": request_id, "day_known": day, "label": _binary(label, "label", request_id), "source": source}
        said = (request_id, day, int(label), source)
        if said in self._outcomes:
            return False
        self._write("outcome", event)
        self._outcomes[said] = event
        return True

    def predictions(self) -> pd.DataFrame:
        """One row a prediction, as `reconcile` takes them."""
        import pandas as pd

        return pd.DataFrame(list(self._predictions.values()), columns=None if self._predictions else _PREDICTION)

    def outcomes(self) -> pd.DataFrame:
        """One row an outcome, corrections included, in the order in which they came."""
        import pandas as pd

        return pd.DataFrame(list(self._outcomes.values()), columns=_OUTCOME)

    def __len__(self) -> int:
        return len(self._predictions) + len(self._outcomes)

    def _write(self, kind: str, event: Mapping[str, Any]) -> None:
        if self._path is None:
            return
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"event": kind, **event}) + "\n")
            stream.flush()
            os.fsync(stream.fileno())

    def _replay(self, line: str, where: str) -> None:
        try:
            event = json.loads(line)
            kind = event.pop("event")
            said = [event[name] for name in {"prediction": _PREDICTION, "outcome": _OUTCOME}[kind]]
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise DataError(
                "this line is no event", where=where, tried=str(problem), remedy="a line that broke off may be removed"
            ) from None
        if kind == "prediction":
            self._predictions[said[0]] = event
        else:
            self._outcomes[said[0], said[1], said[2], said[3]] = event


_PREDICTION = ["request_id", "day", "decision"]
_OUTCOME = ["request_id", "day_known", "label", "source"]


def _binary(value: int, name: str, request_id: str) -> int:
    if value not in (0, 1):
        raise DataError(f"`{name}` is {value!r}, which is neither 0 nor 1", where=f"request `{request_id}`")
    return int(value)
