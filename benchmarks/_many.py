"""Many warm kernels: one after the other, all at once, and what each takes for itself."""

from __future__ import annotations

import os
import statistics
import threading
import time
from pathlib import Path
from typing import Any

from _measure import Figure

from workbench.warm import client
from workbench.warm.owned import Zygote
from workbench.warm.status import memory_of

_WARM_UP = 5
_FIT = (
    "import numpy, pandas; from sklearn.linear_model import LogisticRegression as Model; x = numpy.random.rand(200, 3); "
    "print(Model().fit(x, x[:, 0] > 0.5).score(x, x[:, 0] > 0.5) > 0.5)"
)


def figures(zygote: Zygote, quick: bool) -> list[Figure]:
    """Growth over kernels in a row (100; quick: 20), answers of 20 at once (quick: 6), and memory of each."""
    return [*_in_a_row(zygote, 20 if quick else 100), *_at_once(6 if quick else 20)]


class _Kernel:
    """A warm one; that it cannot be is an error."""

    def __init__(self) -> None:
        from jupyter_client.manager import KernelManager

        manager: Any = KernelManager(kernel_name="python3")
        self.manager = manager
        self.manager.kernel_spec.metadata["kernel_provisioner"] = {"provisioner_name": client.PROVISIONER}
        self.manager.start_kernel(env={**os.environ, client.ONLY: "1"})
        self.client: Any = self.manager.client()
        self.client.start_channels()

    @property
    def pid(self) -> int:
        return int(self.manager.provisioner.pid)

    def answer(self, code: str) -> bool:
        self.client.wait_for_ready(timeout=300)
        return bool(self.client.execute(code, reply=True, timeout=300)["content"]["status"] == "ok")

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def _in_a_row(zygote: Zygote, number: int) -> list[Figure]:
    pids = os.getpid(), zygote.process.pid
    for turn in range(_WARM_UP + number):
        if turn == _WARM_UP:
            before = [_held(pid) for pid in pids]
        kernel = _Kernel()
        assert kernel.answer("1")
        kernel.close()
    _settled(zygote)
    after = [_held(pid) for pid in pids]
    grown = {name: sum(late[name] - early[name] for early, late in zip(before, after, strict=True)) for name in after[0]}
    return [
        Figure("hundred-in-a-row-descriptors", grown["descriptors"], "more", "<=", 0),
        Figure("hundred-in-a-row-sockets", grown["sockets"], "more", "<=", 0),
        Figure("hundred-in-a-row-processes", grown["processes"], "more", "<=", 0),
        Figure("hundred-in-a-row-threads", grown["threads"], "more", "<=", 0),
        Figure("hundred-in-a-row-memory", grown["memory"] / 1e6, "MB", "<=", 2),  # pages, not objects: what malloc keeps
    ]


def _at_once(number: int) -> list[Figure]:
    kernels = [_Kernel() for _ in range(number)]
    answered: list[bool] = []
    threads = [threading.Thread(target=lambda one=one: answered.append(one.answer(_FIT))) for one in kernels]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    unique = [memory_of(kernel.pid).unique for kernel in kernels]
    for kernel in kernels:
        kernel.close()
    return [
        Figure("twenty-at-once", sum(answered), "answers", ">=", number),
        Figure("unique-memory-per-kernel", statistics.median(unique) / 1e6, "MB", "<=", 120),
    ]


def _held(pid: int) -> dict[str, float]:
    """What a process holds."""
    process = Path(f"/proc/{pid}")
    links = []
    for path in (process / "fd").iterdir():
        try:
            links.append(str(path.readlink()))
        except OSError:  # the descriptor of this very look
            continue
    return {
        "descriptors": len(links),
        "sockets": sum(link.startswith("socket:") for link in links),
        "processes": len((process / f"task/{pid}/children").read_text().split()),
        "threads": len(list((process / "task").iterdir())),
        "memory": memory_of(pid).unique,
    }


def _settled(zygote: Zygote) -> None:
    end = time.monotonic() + 30
    children = Path(f"/proc/{zygote.process.pid}/task/{zygote.process.pid}/children")
    while children.read_text() and time.monotonic() < end:
        time.sleep(0.1)
