"""How far grading is, and how long it will take yet."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.grading.classwork.progress import Meter, lines


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def ticks(self, seconds: float, count: int) -> Iterator[None]:
        for _ in range(count):
            self.now += seconds
            yield


def test_the_time_left_follows_from_the_rate() -> None:
    clock = Clock()
    meter = Meter(100, clock=clock)
    for _ in clock.ticks(0.5, 20):
        step = meter.step("graded", lesson="00_water")
    assert step.done == 20
    assert step.rate == 120
    assert step.left == 40


def test_the_rate_forgets_a_slow_beginning() -> None:
    clock = Clock()
    meter = Meter(1000, clock=clock)
    for _ in clock.ticks(60, 1):
        meter.step("graded", lesson="00_water")
    for _ in clock.ticks(0.25, 100):
        step = meter.step("graded", lesson="00_water")
    assert step.rate == 240


def test_what_was_recorded_before_says_nothing_about_the_pace() -> None:
    clock = Clock()
    meter = Meter(100, clock=clock)
    for _ in range(50):
        assert meter.step("recorded before", lesson="00_water").left is None
    for _ in clock.ticks(2, 10):
        step = meter.step("graded", lesson="00_water")
    assert (step.done, step.rate, step.left) == (60, 30, 80)


def test_plain_lines_are_few_but_leave_out_nothing_that_matters() -> None:
    clock, written = Clock(), list[str]()
    show, meter = lines(written.append, clock=clock), Meter(1000, clock=clock)
    for number, _ in enumerate(clock.ticks(0.1, 1000)):
        if number == 500:
            show(meter.step("unreadable", lesson="00_water", student="s500", text="not JSON"))
        else:
            show(meter.step("graded", lesson="00_water", student=f"s{number:03}"))
    assert len(written) < 30
    assert any("s500" in line and "not JSON" in line for line in written)
    assert "1000/1000" in written[-1]


def test_a_line_cannot_take_over_the_terminal() -> None:
    meter = Meter(2)
    step = meter.step("unreadable", lesson="00_water", student="s\x1b[2J", text="\x1b]0;owned\x07\nall graded\r\u202e")
    assert str(step).isprintable()
    assert "all graded" in str(step)


def test_a_long_reason_is_cut() -> None:
    step = Meter(2).step("infrastructure error", lesson="00_water", text="x" * 10_000)
    assert len(str(step)) < 400


def test_hours_are_told_as_such() -> None:
    clock = Clock()
    meter = Meter(3000, clock=clock)
    for _ in clock.ticks(3, 50):
        step = meter.step("graded", lesson="00_water")
    assert "2 h 27 min left" in str(step)
