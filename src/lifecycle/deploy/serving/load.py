"""Load on a service: requests at a steady rate or as fast as answers come, and how long each of them took."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from lifecycle.deploy.serving.capacity import percentile
from lifecycle.errors import LifecycleError


class LoadError(LifecycleError):
    """A load test that cannot be run."""


@dataclass(frozen=True)
class LoadReport:
    """What came of a load test.

    Attributes
    ----------
    seconds : float
        From the first request to the last answer.
    latencies : tuple of float
        Seconds of each request that was answered with 2xx. At a given rate they count from the moment when the request was
        due: a service that stands still is charged for all who wait meanwhile, and not only for the one whom it keeps.
    statuses : dict of int to int
        Answers by HTTP status.
    broken : int
        Requests without an answer: no connection, a connection that broke, or a time-out.
    """

    seconds: float
    latencies: tuple[float, ...]
    statuses: dict[int, int]
    broken: int

    @property
    def requests(self) -> int:
        """All that were sent."""
        return sum(self.statuses.values()) + self.broken

    @property
    def errors(self) -> int:
        """Those that were not answered with 2xx."""
        return self.requests - len(self.latencies)

    @property
    def rate(self) -> float:
        """Answers with 2xx a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Latency in seconds that a `share` of the answers, as 0.95, did not exceed; nan without an answer."""
        return percentile(self.latencies, share) if self.latencies else float("nan")

    def row(self) -> dict[str, float]:
        """The report as a line of a table; times in milliseconds."""
        times = {f"p{share:g}_ms": 1000 * self.percentile(share / 100) for share in (50, 95, 99)}
        return {"requests": self.requests, "errors": self.errors, "rate": self.rate, **times}


def load_test(
    url: str,
    bodies: Sequence[bytes],
    *,
    path: str = "/score",
    seconds: float = 10,
    rate: float | None = None,
    connections: int = 8,
    timeout: float = 5,
) -> LoadReport:
    """Ask a service on this machine over and over, and measure.

    Parameters
    ----------
    url : str
        As ``http://127.0.0.1:8000``. Only addresses of the loopback interface are taken: load on anybody else's machine is
        an attack.
    bodies : sequence of bytes
        JSON bodies, sent in turn.
    path : str
        What they are posted to.
    seconds : float
        How long requests are sent, greater than 0.
    rate : float, optional
        Requests a second, sent when they are due whether or not earlier ones were answered, as long as a connection is free
        (an open loop). By default each connection sends the next request when it has its answer (a closed loop): that shows
        the most a service can do, and flatters its latencies.
    connections : int
        How many clients there are. With `rate`, take more than ``rate`` times the latency in seconds.
    timeout : float
        Seconds after which a request counts as broken.

    Returns
    -------
    LoadReport

    Raises
    ------
    LoadError
        When the request makes no sense, or nothing listens there.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    if parts.scheme != "http" or host not in ("127.0.0.1", "::1", "localhost"):
        raise LoadError("load is for this machine's own services", where=url, remedy="as http://127.0.0.1:8000")
    if not bodies or not seconds > 0 or connections < 1 or (rate is not None and not rate > 0):
        raise LoadError("it takes a body or more, and times, rates and connections greater than 0", where=url)
    head = f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    requests = [(head % len(body)).encode("ascii") + body for body in bodies]
    test = _Test(host, port, requests, seconds=seconds, rate=rate, timeout=timeout)
    with ThreadPoolExecutor(1) as thread:  # a loop of its own, also where one is running already, as in a notebook
        return thread.submit(asyncio.run, test.run(connections)).result()


class _Test:
    def __init__(
        self, host: str, port: int, requests: list[bytes], *, seconds: float, rate: float | None, timeout: float
    ) -> None:
        self.host, self.port, self.timeout, self.seconds, self.rate = host, port, timeout, seconds, rate
        self.requests = itertools.cycle(requests)
        self.latencies: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.broken = 0

    async def run(self, connections: int) -> LoadReport:
        try:
            _, writer = await asyncio.open_connection(self.host, self.port)
        except OSError as error:
            raise LoadError("nothing listens there", where=f"{self.host}:{self.port}", tried=str(error)) from error
        writer.close()
        began = time.perf_counter()
        dues = self._dues(began)
        await asyncio.gather(*(self._client(dues, began + self.seconds) for _ in range(connections)))
        return LoadReport(time.perf_counter() - began, tuple(self.latencies), dict(self.statuses), self.broken)

    def _dues(self, began: float) -> Iterator[float]:
        """When requests are due, one after the other; at once where there is no rate."""
        if self.rate is None:
            return itertools.repeat(0.0)
        return (began + number / self.rate for number in itertools.count())

    async def _client(self, dues: Iterator[float], end: float) -> None:
        """One client, who takes the next request that is due."""
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        for planned in dues:
            now = time.perf_counter()
            if max(planned, now) >= end:
                break
            if planned > now:
                await asyncio.sleep(planned - now)
            due = planned or now
            try:
                async with asyncio.timeout(self.timeout):
                    streams = streams or await asyncio.open_connection(self.host, self.port)
                    status, stays = await _exchange(*streams, next(self.requests))
            except (OSError, TimeoutError, EOFError, ValueError):
                self.broken += 1
                stays = False
            else:
                self.statuses[status] += 1
                if status // 100 == 2:
                    self.latencies.append(time.perf_counter() - due)
            if not stays and streams is not None:
                streams[1].close()
                streams = None
        if streams is not None:
            streams[1].close()


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[int, bool]:
    """Send a request and read its answer: the status, and whether the connection stays."""
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head[9:12])
    _, found, rest = head.partition(b"\r\ncontent-length:")
    if not found:
        raise ValueError("an answer without a length")
    await reader.readexactly(int(rest.partition(b"\r\n")[0]))
    return status, b"\r\nconnection: close" not in head
