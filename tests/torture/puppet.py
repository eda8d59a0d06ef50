"""Text for attacks that take over the conversation of a submission's process with the outside."""

# ruff: noqa: E501 - an attack stays in one piece

from __future__ import annotations

TAKEOVER = r'''
import base64, gc, json, os, signal, socket, struct, sys, time

signal.setitimer(signal.ITIMER_REAL, 0)  # the limit on a cell
channel = next(one._channel for one in gc.get_objects() if type(one).__name__ == "Student" and hasattr(one, "_channel"))
current = {"id": 2}  # the request to run this very cell: the first after the greeting


def raw(data):
    channel.setblocking(True)
    channel.sendall(data)


def packed(message):
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    return struct.pack(">I", len(data)) + data


def say(message):
    raw(packed(message))


def exactly(count):
    channel.setblocking(True)
    data = b""
    while len(data) < count:
        piece = channel.recv(count - len(data))
        if not piece:
            os._exit(0)
        data += piece
    return data


def heard():
    (length,) = struct.unpack(">I", exactly(4))
    return json.loads(exactly(length))


def ran(request, text="", **more):
    said = {"id": request["id"], "outputs": [{"kind": "text", "content": text}], "error": "", "line": 0, "seconds": 0.1}
    return {**said, **more}


def puppet(answer, run=ran):
    """Answer every request from now on: `answer(request)` gives a whole message, or bytes to be sent as they are."""
    say(ran(current, "TRIED"))
    while True:
        request = heard()
        said = answer(request) if request["do"] == "ask" else run(request) if request["do"] == "run" else {"id": request["id"]}
        raw(said) if isinstance(said, bytes) else say(said)


def value(tree):
    return lambda request: {"id": request["id"], "reply": {"value": tree}}
'''

# Arrow's bytes, made by the student's own pyarrow.
ARROW = r"""
import io
import pyarrow as pa


def stream(table):
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return base64.b64encode(sink.getvalue()).decode()
"""
