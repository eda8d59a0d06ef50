"""What a team knows of its stream on a day: nothing of the future, and nothing of the truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lifecycle.errors import DataError
from lifecycle.monitor.replay.stream import Stream

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Seen:
    """The evidence on a day.

    Attributes
    ----------
    requests : DataFrame
        ``request_id``, ``day``, the features as received, ``score``; in the order of time.
    labels : DataFrame
        ``request_id``, ``day_known``, ``label`` of the outcomes that are known.
    telemetry : DataFrame
        ``day``, ``latency_ms``, ``status``; may be empty.
    log : DataFrame
        ``day``, ``message``; may be empty.
    features : tuple of str
    day : int
        The last day that is over.
    """

    requests: pd.DataFrame = field(repr=False)
    labels: pd.DataFrame = field(repr=False)
    telemetry: pd.DataFrame = field(repr=False)
    log: pd.DataFrame = field(repr=False)
    features: tuple[str, ...]
    day: int

    def __post_init__(self) -> None:
        """Check that the columns are there and nothing is from the future."""
        wanted = {
            "requests": ("request_id", "day", "score", *self.features), "labels": ("request_id", "day_known", "label"),
            "telemetry": ("day", "latency_ms", "status"), "log": ("day", "message"),
        }  # fmt: skip
        for name, columns in wanted.items():
            table = getattr(self, name)
            missing = [column for column in columns if column not in table.columns]
            if missing:
                raise DataError(f"column `{missing[0]}` is missing", where=name)
            when = table["day_known" if name == "labels" else "day"]
            if len(when) and when.max() > self.day:
                raise DataError(f"there is something of day {when.max()}, and the day is {self.day}", where=name)
        if not self.requests["day"].is_monotonic_increasing:
            raise DataError("the rows are not in the order of time", where="requests", remedy="sort them by day and minute")
        if len(self.requests) == 0:
            raise DataError("nothing has been asked yet: there is nothing to diagnose", where="requests")

    def places_of_labels(self) -> NDArray[np.int64]:
        """For each label the place of its request among the requests; `DataError` for a label without one."""
        import pandas as pd

        places = pd.Index(self.requests["request_id"]).get_indexer(pd.Index(self.labels["request_id"]))
        if (places < 0).any():
            lost = self.labels["request_id"].iloc[int((places < 0).argmax())]
            raise DataError(f"no request `{lost}` has been seen", where="labels")
        found: NDArray[np.int64] = places.astype("int64")
        return found


def seen_by(stream: Stream, day: int) -> Seen:
    """What the team behind `stream` has seen by the end of `day`; `DataError` for a day outside of it."""
    if not 0 <= day < stream.days:
        raise DataError(f"there is no day {day}", remedy=f"the stream has days 0 to {stream.days - 1}")
    past = (table[table["day"] <= day] for table in (stream.requests, stream.telemetry, stream.log))
    requests, telemetry, log = past
    return Seen(requests, stream.known(day), telemetry, log, stream.features, day)
