"""The process that is forked from: it imports, then waits for orders, and does nothing else.

``python -m workbench.warm.zygote LISTENER OWNER [MORE]``, with the numbers of inherited descriptors and a `Plan` as JSON on
standard input, is started by ``owned.Zygote`` or ``keeper``. It ends when the last holder of the owner's socket is gone,
however that ended, or when nobody has asked for anything in a while; its children end with it, and each child with the
connection that ordered it (`nursery`). It knows nothing of Jupyter: an order is for ``python -m MODULE ARGUMENTS``.

Orders come over connections: those of the same user to the listener, and those that the owner hands over, whatever user
that is; where LISTENER is -1, only these. Where OWNER is -1 the zygote belongs to nobody and serves all tools of a user (see
``keeper``): it lets go of the one who has started it, answers who asks what it does, and ends when nobody has asked for
anything in a while or when it is told to. A child runs `child.become`, or what `main` is given; `main` is also told by which
signal a child is to be ended, since one that has to see to the end of others first cannot do so when it is killed.

Where there is MORE, it serves as soon as it has what the plan says. What else is wanted later comes from there, as a JSON
list: a fork of it imports that and takes its place (`successor`). So the first kernel need not wait for the libraries of
the last. A fork that has to begin anew is told by a fourth number where to say that it is ready.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from workbench.warm import child, loud, memory, stack, successor, wire
from workbench.warm.nursery import Nursery
from workbench.warm.order import Order, Plan

_FEW = 3  # modules: their objects need no room to speak of
_OBJECTS = 64 << 20  # bytes that Python's own objects take, when numpy, pandas and scikit-learn are there


def main(become: Callable[[Order, stack.Stack], None] = child.become, *, ending: signal.Signals = signal.SIGKILL) -> None:
    """Import what the plan says, then fork until nobody needs it; a child leaves by what it is to `become`."""
    before = dict(os.environ)
    if Path(sys.path[0]) == Path.cwd():
        del sys.path[0]  # put there by `-m`; a child gets its own folder
    plan = Plan(**json.load(sys.stdin))
    listening, owned, more, saying = [*map(int, sys.argv[1:]), -1, -1][:4]
    if plan.path:
        _belong_to_nobody(listening)
    room = memory.in_one_piece(_OBJECTS if len(plan.modules) > _FEW else 0)
    gc.disable()  # what is imported stays: to look for garbage meanwhile would take a quarter of the time

    def wanted() -> bool:
        return owned < 0 or not wire.gone(owned)

    loaded = stack.load(plan, wanted=wanted)
    if loaded.loud:
        _again(plan, loaded.loud, before, [listening, owned, more, saying])
    follower = None
    if more >= 0:
        follower, saying = successor.fork()
        if follower is None:
            plan = loud.spared(plan.also(successor.told(more) if wanted() else ()))
            loaded = stack.load(plan, wanted=wanted, into=loaded)
            if loaded.loud:
                _again(plan, loaded.loud, before, [listening, owned, -1, saying])
        else:
            os.close(more)
    gc.enable()
    room.clear()
    if plan.path:
        Path(plan.path).with_suffix(".importing").unlink(missing_ok=True)
        _expect_many()
    if follower:
        gc.freeze()  # and no more: it has few children, and what it shares with the other is not moved
    else:
        memory.settle()
    owner = _socket(owned)
    if saying >= 0:
        successor.take_over(saying, owner)
    nursery = Nursery(_socket(listening), owner, plan, loaded, ending=ending, successor=follower)
    order = nursery.serve()
    if order is not None:
        become(order, loaded)
    else:
        nursery.close()
        os._exit(0)  # there is nothing to tidy up that is worth the time


def _belong_to_nobody(listener: int) -> None:
    """Let go of the process that has started this one: it may end, and wait for whoever holds its standard streams."""
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    if os.getsid(0) == os.getpid():
        return  # done already: it has begun anew
    done, doing = os.pipe()
    if os.fork():
        os.close(doing)
        os.read(done, 1)  # nothing comes: it is the end of what follows that is waited for
        os._exit(0)
    os.setsid()
    with socket.socket(fileno=os.dup(listener)) as one:
        one.listen(wire.BACKLOG)  # again, so that those who connect are told this process
    os.close(done)
    os.close(doing)


def _expect_many() -> None:
    """Take all descriptors that may be had: it may have many children, each of which gets the limits of its tool."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with suppress(OSError, ValueError):  # more than the system lets a process have by now
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _socket(number: int) -> socket.socket | None:
    if number < 0:
        return None
    os.set_inheritable(number, False)
    return socket.socket(fileno=number)


def _again(plan: Plan, without: Sequence[str], environment: Mapping[str, str], descriptors: Sequence[int]) -> None:
    """Begin anew in this process, `without` some modules, with the variables it had: imports may have changed them."""
    loud.note(plan, without)
    given = os.memfd_create("plan")
    os.write(given, json.dumps(asdict(plan.without(without))).encode())
    os.lseek(given, 0, os.SEEK_SET)
    os.dup2(given, 0)
    for number in descriptors:
        if number >= 0:
            os.set_inheritable(number, True)
    words = sys.orig_argv[: -len(sys.argv[1:])]
    os.execve(sys.executable, [sys.executable, *words[1:], *map(str, descriptors)], environment)  # noqa: S606 - ourselves


if __name__ == "__main__":
    main()
