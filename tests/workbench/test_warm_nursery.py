"""Who may connect to a zygote, and what becomes of its socket and of descriptors that come with nonsense."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.warm import client, wire
from workbench.warm.nursery import Nursery
from workbench.warm.order import Plan
from workbench.warm.stack import Stack

pytestmark = pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[tuple[Nursery, Path, socket.socket]]:
    """One in this process, its socket and who has connected to it."""
    path = Path(tempfile.mkdtemp(prefix="wb-")) / "x.socket"
    with client.listening(path) as listener, client.connected(path) as connection:
        connection.settimeout(120)
        plan = Plan([], {}, "", 60, 1, "", path=str(path))
        one = Nursery(listener, None, plan, Stack(), ending=signal.SIGKILL)
        yield one, path, connection
        one.close()
    shutil.rmtree(path.parent)


def test_another_user_who_has_got_hold_of_the_socket_is_sent_away(nursery, monkeypatch):
    one, _, connection = nursery
    user = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: user + 1)
    one._accept(one._listener)
    assert connection.recv(1) == b""
    assert one._connections == {}


def test_without_a_descriptor_nobody_is_let_in_and_it_goes_on(nursery):
    one, _, _ = nursery
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
        one._accept(one._listener)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert one._connections == {}
    one._accept(one._listener)
    assert len(one._connections) == 1


def test_it_leaves_alone_what_has_been_put_in_the_place_of_its_socket(nursery):
    one, path, _ = nursery
    path.rename(path.with_suffix(".elsewhere"))
    path.write_text("another's")
    one.close()
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["x.elsewhere", "x.socket"]


def test_descriptors_that_come_with_nonsense_are_closed():
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with one, other:
        for packet in (b"{", b"[]", b"[" * 60_000):
            reading, writing = os.pipe()
            os.set_blocking(reading, False)
            socket.send_fds(other, [packet], [writing] * 3)
            os.close(writing)
            with pytest.raises(OSError, match="a message"):
                wire.receive(one)
            assert os.read(reading, 1) == b""  # the end: nobody can write to it any more
            os.close(reading)
