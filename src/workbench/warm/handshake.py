"""Clients of jupyter_client's that know without a fixed wait that a kernel is ready.

jupyter_client's own clients ask a kernel for its facts, and once it has answered let 0.2 seconds go by without any message,
to be sure that those of the first cell are not mixed with earlier ones: longer than a warm kernel takes to begin.
A kernel publishes its messages in order and ends what it says about a request with the status ``idle``: who has received
it is connected, and has received everything before it as well. So these clients wait for it, and for nothing else.
"""

from __future__ import annotations

import time
from queue import Empty
from typing import Any

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.client import KernelClient
from jupyter_core.utils import ensure_async, run_sync

_LOOK = 1.0  # seconds after which it is asked whether the kernel still lives; it is then asked for its facts again, and
# after twice as long once more: what was sent to a kernel that has been restarted since is lost
_JOINED = 0.2  # seconds in which `idle` follows its reply, where the channel that it comes by is connected
_RETRY = 10  # milliseconds until a channel is tried again that the kernel has not opened yet; ZeroMQ's own choice is 100


async def _wait_for_ready(client: Any, timeout: float | None = None) -> None:
    """Wait until the kernel has answered, and all channels are connected and empty.

    Raises
    ------
    RuntimeError
        When the kernel has died, or has not answered after `timeout` seconds.
    """
    end = time.monotonic() + (float("inf") if timeout is None else timeout)
    patience = _LOOK
    while True:
        asked = KernelClient.kernel_info(client)
        reply = await _reply(client, asked, min(end, time.monotonic() + patience))
        if reply is None:
            patience *= 2
        elif await _idle(client, asked, min(end, time.monotonic() + _JOINED)):
            client._handle_kernel_info_reply(reply)
            return
        await _check(client, end)


async def _reply(client: Any, asked: str, end: float) -> Any:
    """The reply to the request `asked`, earlier ones being dropped; None where it does not come, or the kernel has died."""
    while True:
        left = max(0.0, end - time.monotonic())
        try:
            message = await ensure_async(client.shell_channel.get_msg(timeout=min(_LOOK, left)))
        except Empty:
            if left <= _LOOK or not await client._async_is_alive():
                return None
        else:
            if message["parent_header"].get("msg_id") == asked:
                return message


async def _idle(client: Any, asked: str, end: float) -> bool:
    """Drop all up to the end of what the kernel says about the request `asked`; False where that does not come."""
    while True:
        try:
            message = await ensure_async(client.iopub_channel.get_msg(timeout=max(0.0, end - time.monotonic())))
        except Empty:
            return False
        about = message["parent_header"].get("msg_id") == asked
        if about and message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return True


async def _check(client: Any, end: float) -> None:
    if not await client._async_is_alive():
        raise RuntimeError("Kernel died before replying to kernel_info")
    if time.monotonic() >= end:
        raise RuntimeError("Kernel didn't respond in time")


def _hasty(context: Any) -> Any:
    """`context`, whose sockets look often for a kernel that is not there yet."""
    context.setsockopt(zmq.RECONNECT_IVL, _RETRY)
    return context


class PromptClient(AsyncKernelClient):
    """jupyter_client's asynchronous client without a fixed wait at its beginning."""

    wait_for_ready = _wait_for_ready

    def _context_default(self) -> Any:
        return _hasty(super()._context_default())


class PromptBlockingClient(BlockingKernelClient):
    """jupyter_client's blocking client without a fixed wait at its beginning."""

    wait_for_ready = run_sync(_wait_for_ready)

    def _context_default(self) -> Any:
        return _hasty(super()._context_default())


_PROMPT = {AsyncKernelClient: PromptClient, BlockingKernelClient: PromptBlockingClient}


def take(manager: Any) -> None:
    """Let a kernel manager make such clients, where it would make jupyter_client's own."""
    prompt = _PROMPT.get(manager.client_factory)
    if prompt is not None:
        manager.client_factory = prompt
