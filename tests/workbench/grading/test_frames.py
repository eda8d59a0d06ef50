"""Frames: what is sent arrives, and what comes from a stranger costs no more than was agreed."""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import codec
from workbench.grading import frames

TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def soon() -> float:
    return time.monotonic() + 120


@settings(max_examples=40)
@given(messages=st.lists(st.dictionaries(st.text(), TREES), max_size=4))
def test_what_is_sent_arrives_in_order(messages):
    one, other = socket.socketpair()
    with one, other:
        for message in messages:
            frames.send(one, message)
        reader = frames.Reader(other)
        assert [reader.read(deadline=soon()) for _ in messages] == messages


@given(data=st.binary(max_size=200))
def test_whatever_comes_is_a_message_or_an_error(data):
    one, other = socket.socketpair()
    with other:
        with one:
            one.sendall(data)
        with contextlib.suppress(frames.FrameError):
            assert isinstance(frames.Reader(other).read(deadline=soon()), dict)


def test_a_frame_larger_than_is_left_is_refused_before_it_has_come(ends):
    one, other = ends
    one.sendall(struct.pack(">I", 1000))
    with pytest.raises(frames.TooMuch):
        frames.Reader(other, left=999).read(deadline=soon())


def test_what_was_read_counts(ends):
    one, other = ends
    reader = frames.Reader(other, left=40)
    for _ in range(2):
        frames.send(one, {"a": "0123456789"})
    reader.read(deadline=soon())
    with pytest.raises(frames.TooMuch):
        reader.read(deadline=soon())


@pytest.mark.parametrize(
    "text",
    ["[1]", "1", "{", "\xff", '{"a": NaN}', '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", '{"a": ' + "9" * 5000 + "}"],
    ids=["list", "number", "half", "bytes", "nan", "deep", "huge"],
)
def test_what_is_no_object_of_json_is_refused(text):
    with pytest.raises(frames.FrameError):
        frames.parsed(text.encode("latin-1"))


@pytest.mark.parametrize("number", ["1e999", "-1E+400", "9" * 400 + ".0", "1" * 310 + "e0"])
def test_a_number_beyond_all_numbers_is_refused(number):
    with pytest.raises(frames.FrameError):
        frames.parsed(f'{{"a": {number}}}'.encode())


def test_depth_is_that_of_values_and_not_of_texts():
    deep = "[" * (frames.DEPTH - 1) + "]" * (frames.DEPTH - 1)
    assert frames.parsed(f'{{"a":{deep}}}'.encode())
    assert frames.parsed(frames.packed({"a": "[" * 999 + '\\"{'})[4:]) == {"a": "[" * 999 + '\\"{'}
    with pytest.raises(frames.FrameError):
        frames.parsed(f'{{"a":[{deep}]}}'.encode())


def test_what_the_codec_writes_at_its_deepest_can_cross():
    value: object = ("leaf",)
    for _ in range(codec.MAX_DEPTH - 1):
        value = {"in": value}
    reply = {"value": codec.encode(value)}
    assert frames.parsed(frames.packed(reply)[4:]) == reply


def test_many_small_values_are_refused_before_they_are_made():
    with pytest.raises(frames.TooMuch):
        frames.parsed(b'{"a":[' + b"[]," * frames.NODES + b"0]}")


def test_silence_ends_with_the_deadline(ends):
    with pytest.raises(frames.TooSlow):
        frames.Reader(ends[1]).read(deadline=time.monotonic())


def test_half_a_frame_ends_with_the_deadline(ends):
    one, other = ends
    one.sendall(frames.packed({"a": 1})[:-1])
    with pytest.raises(frames.TooSlow):
        frames.Reader(other).read(deadline=time.monotonic() + 0.05)


def test_who_does_not_read_cannot_hold_the_sender_up(ends):
    with pytest.raises(frames.TooSlow):
        frames.send(ends[0], {"a": "x" * (8 << 20)}, deadline=time.monotonic() + 0.05)


def test_a_closed_end_is_gone(ends):
    one, other = ends
    other.close()
    with pytest.raises(frames.Gone):
        frames.send(one, {"a": 1})
    with pytest.raises(frames.Gone):
        frames.Reader(one).read()


@given(text=st.text(st.characters()))
def test_clean_text_can_be_held_anywhere(text):
    cleaned = frames.clean(text)
    assert "\0" not in cleaned
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
