"""Figures: compared as a person would see them, not byte by byte.

Two renderings of one figure differ in the shades along edges; a figure that shows something else differs in shape or
colour somewhere. Both pictures are smoothed and cut into tiles. The *colour change* of a tile is the mean absolute
difference of its colours as a share of the range; its *structural similarity* is that of Wang, Bovik, Sheikh and
Simoncelli (2004, IEEE Transactions on Image Processing 13, equation 13), 1 for equal tiles, about 0 for unrelated ones,
which also notices a faint line that moved. The worst tile decides, so a small change in a large figure counts.
"""

from __future__ import annotations

import base64
import binascii
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.regress.difference import Difference

if TYPE_CHECKING:
    import numpy as np

    Picture = np.ndarray[Any, np.dtype[np.float64]]

TILE = 16  # pixels: about the height of a letter at 100 dots an inch
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2  # the constants of the paper for 8-bit luminance
_LUMINANCE = (0.299, 0.587, 0.114)  # ITU-R BT.601


@dataclass(frozen=True)
class Threshold:
    """From where on a figure counts as changed.

    Attributes
    ----------
    colour : float
        Largest colour change of a tile that passes, 0 to 1.
    overall : float
        Largest mean colour change of the whole figure that passes, 0 to 1.
    similarity : float
        Smallest structural similarity of a tile that passes, -1 to 1.
    """

    colour: float = 0.04
    overall: float = 0.01
    similarity: float = 0.7


@dataclass(frozen=True)
class Distance:
    """How far two pictures of the same size are apart.

    Attributes
    ----------
    colour, overall, similarity : float
        As in `Threshold`: the worst tile's colour change, the mean colour change, the worst tile's structural similarity.
    x, y : int
        Pixel at the middle of the worst tile, from the upper left corner.
    """

    colour: float
    overall: float
    similarity: float
    x: int
    y: int

    def exceeds(self, threshold: Threshold) -> bool:
        """Whether the pictures show different things."""
        return self.colour > threshold.colour or self.overall > threshold.overall or self.similarity < threshold.similarity


def compare_figures(old: str, new: str, *, threshold: Threshold | None = None, where: str = "figure") -> list[Difference]:
    """Compare two figures as a notebook stores them.

    Parameters
    ----------
    old, new : str
        PNG or JPEG files in base64.
    threshold : Threshold, optional
        What passes as the same.
    where : str
        Names the figure in the difference.

    Returns
    -------
    list of Difference
        Empty, or one: of size, of what can be seen, or a file that is no picture.
    """
    if old == new:
        return []
    before, after = _decoded(old), _decoded(new)
    if before is None or after is None:
        return [Difference("figure", where, _size(before), _size(after))]
    if before.shape != after.shape:
        return [Difference("figure", f"{where}, size", _size(before), _size(after))]
    apart = distance(before, after)
    if not apart.exceeds(threshold or Threshold()):
        return []
    seen = f"colours differ by up to {apart.colour:.1%} and structural similarity falls to {apart.similarity:.2f}"
    return [Difference("figure", f"{where}, around x={apart.x} y={apart.y}", _size(before), seen, relative=apart.colour)]


def distance(old: Picture, new: Picture) -> Distance:
    """Measure how far two pictures are apart.

    Parameters
    ----------
    old, new : array of shape (height, width, 3)
        Red, green and blue, 0 to 255; both of the same shape.
    """
    import numpy as np

    before, after = _smooth(old), _smooth(new)
    change = np.abs(before - after).mean(axis=2) / 255
    tiles = _tile_means(change)
    similarity = _similarity(before @ np.array(_LUMINANCE), after @ np.array(_LUMINANCE))
    worst = similarity if float(similarity.min()) < 1 - float(tiles.max()) else -tiles
    row, column = np.unravel_index(int(worst.argmin()), worst.shape)
    step = TILE // 2
    return Distance(
        colour=float(tiles.max()),
        overall=float(change.mean()),
        similarity=float(similarity.min()),
        x=min(int(column) * step + step, old.shape[1] - 1),
        y=min(int(row) * step + step, old.shape[0] - 1),
    )


def _decoded(data: str) -> Picture | None:
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(base64.b64decode(data))) as image:
            ground = Image.new("RGBA", image.size, "white")  # a notebook's page: transparent parts show it
            ground.alpha_composite(image.convert("RGBA"))
    except (UnidentifiedImageError, binascii.Error, OSError, Image.DecompressionBombError):
        return None
    return np.asarray(ground.convert("RGB"), dtype=np.float64)


def _size(picture: Picture | None) -> str:
    if picture is None:
        return "not a picture"
    return f"{picture.shape[1]} × {picture.shape[0]} pixels"


def _smooth(picture: Picture) -> Picture:
    """Mean over each pixel and its neighbours: a shift by a fraction of a pixel fades."""
    import numpy as np

    padded = np.pad(picture, ((1, 1), (1, 1), (0, 0)), mode="edge")
    height, width = picture.shape[:2]
    total = sum(padded[i : i + height, k : k + width] for i in range(3) for k in range(3))
    return np.asarray(total / 9, dtype=np.float64)


def _tile_means(values: Picture) -> Picture:
    """Means over tiles that overlap by half: shape (height, width) becomes about (height / 8, width / 8)."""
    import numpy as np

    step = TILE // 2
    height, width = values.shape
    padded = np.pad(values, ((0, max(-height % step, TILE - height)), (0, max(-width % step, TILE - width))), mode="edge")
    blocks = padded.reshape(padded.shape[0] // step, step, padded.shape[1] // step, step).mean(axis=(1, 3))
    return np.asarray((blocks[:-1, :-1] + blocks[1:, :-1] + blocks[:-1, 1:] + blocks[1:, 1:]) / 4, dtype=np.float64)


def _similarity(old: Picture, new: Picture) -> Picture:
    """Structural similarity of each tile of two luminances."""
    mean_old, mean_new = _tile_means(old), _tile_means(new)
    variance_old = _tile_means(old**2) - mean_old**2
    variance_new = _tile_means(new**2) - mean_new**2
    covariance = _tile_means(old * new) - mean_old * mean_new
    luminance = (2 * mean_old * mean_new + _C1) / (mean_old**2 + mean_new**2 + _C1)
    structure = (2 * covariance + _C2) / (variance_old + variance_new + _C2)
    return luminance * structure
