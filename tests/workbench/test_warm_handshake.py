"""A kernel is ready without a fixed wait, and no message of its first cell is lost or mixed with an earlier one."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_client.provisioning import KernelProvisionerFactory
from jupyter_core.utils import run_sync

import warmed
from workbench.warm import client, handshake, transport
from workbench.warm.order import KERNEL
from workbench.warm.owned import Zygote

pytestmark = pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())
LINES = 30


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote(KERNEL) as one:
        yield warmed.ready(one)


@pytest.fixture
def offered(zygote: Zygote, monkeypatch: pytest.MonkeyPatch) -> Iterator[Zygote]:
    KernelProvisionerFactory.clear_instance()  # it reads the variable once
    for name, value in client.offer_to_jupyter([zygote.path]).items():
        monkeypatch.setenv(name, value)
    yield zygote
    KernelProvisionerFactory.clear_instance()


def first_cell(kernel: Any) -> list[Any]:
    """All that the first cell publishes, from `busy` to `idle`, and whatever else is heard meanwhile.

    But for the kernel's word that it has seen a subscription: it comes when the kernel gets to it, and belongs to no cell.
    """
    asked = kernel.execute(f"for number in range({LINES}):\n    print(number, flush=True)\nraise KeyError('end')")
    heard = []
    while not heard or heard[-1]["content"].get("execution_state") != "idle":
        message = kernel.get_iopub_msg(timeout=120)
        heard += [message] if message["msg_type"] != "iopub_welcome" else []
    assert kernel.get_shell_msg(timeout=120)["parent_header"]["msg_id"] == asked
    assert {message["parent_header"].get("msg_id") for message in heard} == {asked}
    return heard


def test_the_first_cell_is_heard_whole_and_alone(offered):
    for _ in range(3):
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel()
        kernel = manager.client()
        assert isinstance(kernel, handshake.PromptBlockingClient)
        kernel.start_channels()
        try:
            kernel.wait_for_ready(timeout=120)
            heard = first_cell(kernel)
        finally:
            kernel.stop_channels()
            manager.shutdown_kernel(now=True)
        kinds = [message["msg_type"] for message in heard]
        assert kinds[:2] == ["status", "execute_input"]
        assert kinds[-2:] == ["error", "status"]
        said = "".join(message["content"]["text"] for message in heard if message["msg_type"] == "stream")
        assert said.split() == [str(number) for number in range(LINES)]


def test_a_second_client_waits_for_its_own_answer_whatever_it_hears_before(offered):
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    first, second = manager.client(), handshake.PromptBlockingClient(connection_file=manager.connection_file)
    second.load_connection_file()
    first.start_channels()
    second.start_channels()
    try:
        first.wait_for_ready(timeout=120)
        for _ in range(5):
            first.execute("print('of the first')")
        second.wait_for_ready(timeout=120)
        assert second.execute("1 + 1", reply=True, timeout=120)["content"]["status"] == "ok"
    finally:
        first.stop_channels()
        second.stop_channels()
        manager.shutdown_kernel(now=True)


def test_it_does_not_wait_for_silence(offered, monkeypatch):
    """Ready comes as soon as the kernel has said `idle`; jupyter_client's own listens on, until nothing more is heard."""
    heard: list[Any] = []
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    kernel = manager.client()
    kernel.start_channels()
    try:
        kernel.wait_for_ready(timeout=120)
        receive = kernel.iopub_channel.get_msg

        def noted(*arguments: Any, **named: Any) -> Any:
            heard.append(None)  # where nothing comes, which raises
            heard[-1] = receive(*arguments, **named)
            return heard[-1]

        monkeypatch.setattr(kernel.iopub_channel, "get_msg", noted)
        for _ in range(5):  # again, of a kernel that has begun: nothing is left but the handshake itself
            kernel.wait_for_ready(timeout=120)
            assert heard[-1]["content"]["execution_state"] == "idle"
        BlockingKernelClient.wait_for_ready(kernel, timeout=120)
    finally:
        kernel.stop_channels()
        manager.shutdown_kernel(now=True)
    assert heard[-1] is None


def test_kernels_meet_their_clients_by_sockets_in_a_private_folder(offered, capfd):
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    folder = Path(manager.ip).parent
    kernel = manager.client()
    kernel.start_channels()
    try:
        kernel.wait_for_ready(timeout=120)
        assert manager.transport == "ipc"
        assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0
        assert len([path for path in folder.iterdir() if stat.S_ISSOCK(path.stat().st_mode)]) == 5
        manager.restart_kernel(now=True)  # by the same sockets
        kernel.wait_for_ready(timeout=120)
        assert first_cell(kernel)
    finally:
        kernel.stop_channels()
        manager.shutdown_kernel()
    assert not folder.exists()
    assert not manager.is_alive()
    assert capfd.readouterr().err == ""


def test_who_has_chosen_an_address_keeps_it(tmp_path, monkeypatch):
    from traitlets.config import Config

    for given in (
        {"ip": "0.0.0.0"},
        {"shell_port": 4711},
        {"config": Config({"KernelManager": {"transport": "tcp"}})},
    ):
        manager = KernelManager(kernel_name="python3", **given)
        assert transport.privately(manager) == ""
        assert manager.transport == "tcp"
    deep = tmp_path / ("long" * 25)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    assert transport.privately(KernelManager(kernel_name="python3")) == ""
    assert list(deep.iterdir()) == []


def test_a_cold_kernel_of_ours_meets_its_client_in_the_same_way():
    async def tried() -> Path:
        manager = transport.PrivateKernelManager(kernel_name="python3")
        await manager.start_kernel()
        folder = Path(manager.ip).parent
        kernel = manager.client()
        kernel.start_channels()
        try:
            await kernel.wait_for_ready(timeout=120)
            assert isinstance(kernel, handshake.PromptClient)
            assert (await kernel.execute("1", reply=True, timeout=120))["content"]["status"] == "ok"
        finally:
            await manager.shutdown_kernel(now=True)
            await manager.cleanup_resources()
            kernel.stop_channels()
        return folder

    assert not run_sync(tried)().exists()


def test_clients_of_others_are_left_alone():
    class Own(BlockingKernelClient):
        """A tool's own client."""

    managers = KernelManager(), AsyncKernelManager(), KernelManager(client_factory=Own)
    for one in managers:
        handshake.take(one)
    assert [one.client_factory for one in managers] == [handshake.PromptBlockingClient, handshake.PromptClient, Own]
    assert issubclass(handshake.PromptClient, AsyncKernelClient)


def test_a_kernel_that_dies_or_is_silent_is_an_error(offered):
    async def tried(code: str, seconds: float) -> None:
        manager = AsyncKernelManager(kernel_name="python3")
        await manager.start_kernel()
        kernel = manager.client()
        kernel.start_channels()
        try:
            await kernel.wait_for_ready(timeout=120)
            kernel.execute(code)
            await kernel.wait_for_ready(timeout=seconds)
        finally:
            kernel.stop_channels()
            await manager.shutdown_kernel(now=True)

    with pytest.raises(RuntimeError, match="died"):
        run_sync(tried)("import os; os._exit(3)", 60)
    with pytest.raises(RuntimeError, match="respond"):
        run_sync(tried)("import time; time.sleep(600)", 0.5)
