"""A ``distributed`` scheduler on loopback and its workers, started as a user would start them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from distributed import Client

from school import below, wait_gone

PATIENCE = 180  # seconds: against what hangs; a worker imports for seconds, and may have to wait for a processor


@dataclass
class Cluster:
    """A scheduler and its workers: the first of `processes`, and the others."""

    address: str
    log: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(
        self, *words: str, before: Sequence[str] = (), folder: Path | None = None, variables: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start ``dask WORDS``, by the command `before`, with `variables` beside the environment's."""
        with self.log.open("ab") as log:
            command = [*before, sys.executable, "-m", "dask", *words, "--no-dashboard"]
            environment = {**os.environ, **(variables or {})}
            self.processes.append(
                subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment, start_new_session=True)
            )
        return self.processes[-1]

    def want_workers(self, count: int) -> None:
        """Start workers of one thread each until there are so many, and wait until they are there."""
        for _ in range(count - sum(process.poll() is None for process in self.processes[1:])):
            self.start("worker", self.address, "--nthreads", "1")
        self.await_workers(count)

    def await_workers(self, count: int) -> None:
        """Wait until there are so many."""
        with Client(self.address, timeout=PATIENCE, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=PATIENCE)

    def close(self) -> None:
        """End them all, with what they have started."""
        left = [one for process in self.processes for one in below(process.pid)]
        for process in self.processes:
            process.kill()
            process.wait()
        for one in left:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(one.handle, signal.SIGKILL)
        assert not wait_gone(left)


@contextmanager
def scheduler(folder: Path) -> Iterator[Cluster]:
    """A scheduler that logs to `folder`; workers are to be added."""
    said = folder / "scheduler.json"
    one = Cluster("", folder / "dask.log")
    one.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(said))
    try:
        one.address = _address(said, one)
        yield one
    finally:
        one.close()


def _address(said: Path, one: Cluster) -> str:
    """Where the scheduler listens, once it has said so; it chooses a port that is free."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and one.processes[0].poll() is None:
        with suppress(FileNotFoundError, json.JSONDecodeError):  # it may be half written
            return str(json.loads(said.read_text(encoding="utf-8"))["address"])
        time.sleep(0.05)
    raise AssertionError(f"the scheduler does not say where it listens\n{one.log.read_text(encoding='utf-8')[-3000:]}")
