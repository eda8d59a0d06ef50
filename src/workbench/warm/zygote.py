"""The process that is forked from: it imports, then waits for orders, and does nothing else.

``python -m workbench.warm.zygote LISTENER OWNER``, with the numbers of two inherited descriptors and a `Plan` as JSON on
standard input, is started by ``owned.Zygote`` or ``keeper``. It ends when the last holder of the owner's socket is gone,
however that ended, or when nobody has asked for anything in a while; its children end with it, and each child with the
connection that ordered it (`nursery`). It knows nothing of Jupyter: an order is for ``python -m MODULE ARGUMENTS``.

Orders come over connections: those of the same user to the listener, and those that the owner hands over, whatever user
that is; where LISTENER is -1, only these. Where OWNER is -1 the zygote belongs to nobody and serves all tools of a user (see
``keeper``): it lets go of the one who has started it, answers who asks what it does, and ends when nobody has asked for
anything in a while or when it is told to. A child runs `child.become`, or what `main` is given; `main` is also told by which
signal a child is to be ended, since one that has to see to the end of others first cannot do so when it is killed.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from workbench.warm import child, memory, stack, wire
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
    descriptors = [int(number) for number in sys.argv[1:]]
    if plan.path:
        _belong_to_nobody(descriptors[0])
    room = memory.in_one_piece(_OBJECTS if len(plan.modules) > _FEW else 0)
    gc.disable()  # what is imported stays: to look for garbage meanwhile would take a quarter of the time
    loaded = stack.load(plan, wanted=lambda: descriptors[1] < 0 or not wire.gone(descriptors[1]))
    gc.enable()
    if loaded.loud:
        _again(plan.without(loaded.loud), before)
    if plan.path:
        Path(plan.path).with_suffix(".importing").unlink(missing_ok=True)
    listener, owner = (_socket(number) for number in descriptors)
    room.clear()
    if plan.path:  # it may have many children, each of which gets the limits of its tool
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        with suppress(OSError, ValueError):  # more than the system lets a process have by now
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    memory.settle()
    nursery = Nursery(listener, owner, plan, loaded, ending=ending)
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


def _socket(number: int) -> socket.socket | None:
    if number < 0:
        return None
    os.set_inheritable(number, False)
    return socket.socket(fileno=number)


def _again(plan: Plan, environment: Mapping[str, str]) -> None:
    """Begin anew in this process, with another plan and the variables it was started with: imports may have changed them."""
    if plan.path:
        with suppress(OSError):  # a note for the next of its kind, which need not find out
            Path(plan.path).with_suffix(".loud").write_text(json.dumps(list(plan.loud)), encoding="utf-8")
    given = os.memfd_create("plan")
    os.write(given, json.dumps(asdict(plan)).encode())
    os.lseek(given, 0, os.SEEK_SET)
    os.dup2(given, 0)
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)  # noqa: S606 - ourselves


if __name__ == "__main__":
    main()
