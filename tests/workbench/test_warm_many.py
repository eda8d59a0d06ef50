"""Many kernels leave nothing behind, one after the other or several at once."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest
from jupyter_core.utils import run_sync

import warmed
from workbench.warm import client
from workbench.warm.order import KERNEL
from workbench.warm.owned import Zygote
from workbench.warm.provisioner import WarmKernelManager

pytestmark = pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote(KERNEL) as one, client.offered([warmed.ready(one)]):
        yield one


def opened() -> tuple[Any, Any]:
    from jupyter_client.manager import KernelManager

    manager: Any = KernelManager(kernel_name="python3")
    manager.kernel_spec.metadata["kernel_provisioner"] = {"provisioner_name": client.PROVISIONER}
    manager.start_kernel()
    kernel = manager.client()
    kernel.start_channels()
    return manager, kernel


def answer(kernel: Any) -> str:
    kernel.wait_for_ready(timeout=120)
    reply = kernel.execute("import os", user_expressions={"pid": "os.getpid()"}, reply=True, timeout=120)
    return value(reply)


def value(reply: Any) -> str:
    return str(reply["content"]["user_expressions"]["pid"]["data"]["text/plain"])


def closed(manager: Any, kernel: Any) -> None:
    kernel.stop_channels()
    manager.shutdown_kernel(now=True)


def held(pid: int) -> dict[str, int]:
    process = Path(f"/proc/{pid}")
    return {name: len(list((process / name).iterdir())) for name in ("fd", "task")}


def no_more(now: list[dict[str, int]], before: list[dict[str, int]]) -> bool:
    return all(one[name] <= then[name] for one, then in zip(now, before, strict=True) for name in one)


def test_twenty_in_a_row_leave_nothing_behind(zygote):
    pids = os.getpid(), zygote.process.pid
    children = Path(f"/proc/{zygote.process.pid}/task/{zygote.process.pid}/children")
    for turn in range(22):
        if turn == 2:  # what is made once is there
            before = [held(pid) for pid in pids]  # the zygote may not have closed the last connection yet
        manager, kernel = opened()
        folder = Path(manager.ip).parent
        assert folder.parent == Path(gettempdir())
        assert answer(kernel) == str(manager.provisioner.pid)
        closed(manager, kernel)
        assert not folder.exists()
    end = time.monotonic() + 120
    while (children.read_text() or not no_more([held(pid) for pid in pids], before)) and time.monotonic() < end:
        time.sleep(0.05)
    assert children.read_text() == ""
    assert no_more([held(pid) for pid in pids], before)


async def asked(manager: Any) -> str:
    await manager.start_kernel()
    kernel = manager.client()
    kernel.start_channels()
    try:
        await kernel.wait_for_ready(timeout=120)
        reply = await kernel.execute("import os", user_expressions={"pid": "os.getpid()"}, reply=True, timeout=120)
        assert value(reply) == str(manager.provisioner.pid)
        return value(reply)
    finally:
        kernel.stop_channels()
        await manager.shutdown_kernel(now=True)


def test_five_at_once_all_answer(zygote):
    async def all_of_them() -> list[str]:
        return await asyncio.gather(*[asked(WarmKernelManager(kernel_name="python3")) for _ in range(5)])

    assert len(set(run_sync(all_of_them)())) == 5
