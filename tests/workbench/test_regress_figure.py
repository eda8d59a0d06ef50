"""Figures: noise along edges passes, what a person would notice does not."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from workbench.regress.figure import Threshold, compare_figures, distance

Draw = Callable[[Any], None]


def _figure(draw: Draw, *, size: tuple[float, float] = (7, 3.2)) -> np.ndarray:
    figure = Figure(figsize=size, dpi=100, layout="constrained")
    axes = figure.subplots()
    axes.plot(range(20), np.sin(np.arange(20) / 3))
    draw(axes)
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    return np.asarray(Image.open(stream).convert("RGB"))


def _base64(pixels: np.ndarray, *, kind: str = "PNG") -> str:
    stream = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(stream, format=kind)
    return base64.b64encode(stream.getvalue()).decode()


@pytest.fixture(scope="module")
def plain() -> np.ndarray:
    return _figure(lambda axes: axes.axhline(0.5, color="0.8", lw=0.8))


def test_the_same_picture_in_other_bytes_is_the_same(plain: np.ndarray) -> None:
    stream = io.BytesIO()
    Image.fromarray(plain).save(stream, format="PNG", compress_level=1)
    assert compare_figures(_base64(plain), base64.b64encode(stream.getvalue()).decode()) == []


@pytest.mark.parametrize("seed", range(5))
def test_noise_along_edges_passes(plain: np.ndarray, seed: int) -> None:
    edges = (np.abs(np.diff(plain.astype(int), axis=0, append=255)) > 8).any(axis=2)
    noise = np.random.default_rng(seed).integers(-24, 25, plain.shape) * edges[..., None]
    assert compare_figures(_base64(plain), _base64(np.clip(plain + noise, 0, 255))) == []


def test_a_shift_by_a_fraction_of_a_pixel_passes() -> None:
    one, other = (_figure(lambda axes, y=y: axes.axhline(y, color="black")) for y in (0.5, 0.5008))
    assert compare_figures(_base64(one), _base64(other)) == []


@pytest.mark.parametrize(
    "draw",
    [
        lambda axes: axes.axhline(0.6, color="0.8", lw=0.8),  # a faint line, a few pixels away
        lambda axes: None,
        lambda axes: (axes.axhline(0.5, color="0.8", lw=0.8), axes.plot(10, 0, ".")),
        lambda axes: (axes.axhline(0.5, color="0.8", lw=0.8), axes.lines[0].set_color("C1")),
        lambda axes: (axes.axhline(0.5, color="0.8", lw=0.8), axes.set_title("loss")),
        lambda axes: (axes.axhline(0.5, color="0.8", lw=0.8), axes.lines[0].set_ydata(np.sin(np.arange(20) / 3) * 0.96)),
    ],
    ids=["moved faint line", "line gone", "one more point", "another colour", "a title", "another curve"],
)
def test_what_a_person_would_notice_fails(plain: np.ndarray, draw: Draw) -> None:
    (found,) = compare_figures(_base64(plain), _base64(_figure(draw)))
    assert found.kind == "figure"
    assert "similarity" in found.new


def test_the_place_of_the_change_is_named(plain: np.ndarray) -> None:
    changed = plain.copy()
    changed[100:110, 400:420] = 0
    found = distance(plain.astype(float), changed.astype(float))
    assert found.x == pytest.approx(410, abs=16)
    assert found.y == pytest.approx(105, abs=16)


def test_colours_of_equal_brightness_are_told_apart() -> None:
    red, green = np.zeros((40, 40, 3)), np.zeros((40, 40, 3))
    red[...] = (150, 0, 0)
    green[...] = (0, 150 * 0.299 / 0.587, 0)
    assert compare_figures(_base64(red), _base64(green))


def test_another_size_is_named(plain: np.ndarray) -> None:
    (found,) = compare_figures(_base64(plain), _base64(plain[:, :-5]))
    assert (found.where, found.old, found.new) == ("figure, size", "700 × 320 pixels", "695 × 320 pixels")


def test_what_is_no_picture_is_a_difference(plain: np.ndarray) -> None:
    broken = base64.b64encode(b"no picture").decode()
    (found,) = compare_figures(_base64(plain), broken)
    assert found.new == "not a picture"
    assert compare_figures("****", broken)


def test_transparency_shows_the_page() -> None:
    clear = Image.new("RGBA", (30, 30), (0, 0, 0, 0))
    stream = io.BytesIO()
    clear.save(stream, format="PNG")
    assert compare_figures(base64.b64encode(stream.getvalue()).decode(), _base64(np.full((30, 30, 3), 255))) == []


def test_the_threshold_is_the_callers(plain: np.ndarray) -> None:
    changed = _base64(255 - (255 - plain) * 0.9)
    assert compare_figures(_base64(plain), changed, threshold=Threshold(colour=0.2, overall=0.1, similarity=0.3)) == []
    assert compare_figures(_base64(plain), changed, threshold=Threshold(colour=0.001))


@pytest.mark.parametrize("shape", [(1, 1), (5, 40), (16, 16), (17, 31)])
def test_pictures_of_any_size_have_a_distance(shape: tuple[int, int]) -> None:
    white, black = np.full((*shape, 3), 255.0), np.zeros((*shape, 3))
    assert distance(white, white).similarity == pytest.approx(1)
    assert distance(white, black).colour == pytest.approx(1)
