"""A picture that is small enough to compare: decoded reduced, upright, on white."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import cv2
import numpy as np

from errors import CorruptInput
from resize import read_raw, to_color, turn_upright

Image = np.ndarray

# The longer side at which fine detail is looked for; more costs time and finds hardly more.
FINE_SIDE = 1000
# The longer side of the first look; smaller pictures are enlarged, for a corner needs room around it.
COARSE_SIDE = 640
SMALLEST_SIDE = 400

REDUCED = {
    1: cv2.IMREAD_UNCHANGED,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


@dataclass
class Picture:
    """Pixels for comparing, and the size that the caller's own coordinates refer to."""

    color: Image
    width: int
    height: int
    had_alpha: bool = False
    # What has been found in it so far, by method; a source meets many targets.
    found: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def gray(self) -> Image:
        return cv2.cvtColor(self.color, cv2.COLOR_BGR2GRAY)

    @cached_property
    def coarse(self) -> Image:
        return fit_gray(self.gray, SMALLEST_SIDE, COARSE_SIDE)

    @cached_property
    def fine(self) -> Image:
        return fit_gray(self.gray, SMALLEST_SIDE, FINE_SIDE)

    @cached_property
    def is_flat(self) -> bool:
        """Whether it shows nothing: an even colour, or grain around one."""
        return float(cv2.resize(self.gray, (32, 32), interpolation=cv2.INTER_AREA).std()) < 2

    def scale_of(self, image: Image) -> np.ndarray:
        """The matrix from own coordinates to those of one of its reductions; 0,0 is the corner."""
        return scaling(image.shape[1] / self.width, image.shape[0] / self.height)


def load_picture(source: dict[str, Any]) -> Picture:
    """Opens a file that OpenCV may decode, or the raw pixels of another engine."""
    image = read_raw(source["raw"]) if "raw" in source else decode(source)
    image = to_color(turn_upright(image, {**source, "rotate": 0, "flip": "none"}))
    picture = picture_of(on_white(image), source["width"], source["height"])
    picture.had_alpha = image.shape[2] == 4
    return picture


def picture_of(image: Image, width: int | None = None, height: int | None = None) -> Picture:
    """A picture of pixels that are in memory already."""
    size = (width or image.shape[1], height or image.shape[0])
    side = max(image.shape[:2])
    if side > FINE_SIDE:
        image = scale_by(image, FINE_SIDE / side)
    return Picture(image, *size)


def decode(source: dict[str, Any]) -> Image:
    """Decodes bytes, never a name; a JPEG at the smallest scale that is still large enough."""
    data = np.fromfile(source["path"], dtype=np.uint8)
    side = max(source["width"], source["height"])
    fits = [factor for factor in (8, 4, 2) if side / factor >= FINE_SIDE]
    factor = fits[0] if fits and source["type"] == "jpg" else 1
    flags = REDUCED[factor] if factor > 1 or source["hasAlpha"] else cv2.IMREAD_COLOR
    image = cv2.imdecode(data, flags | cv2.IMREAD_IGNORE_ORIENTATION if flags >= 0 else flags)
    if image is None:
        raise CorruptInput()
    return to_color(image)


def on_white(image: Image) -> Image:
    if image.shape[2] == 3:
        return image
    side = max(image.shape[:2])
    if side > FINE_SIDE:
        image = scale_by(image, FINE_SIDE / side)
    alpha = image[:, :, 3:].astype(np.float32) / 255
    return np.rint(image[:, :, :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)


def fit_gray(gray: Image, least: int, most: int) -> Image:
    side = max(gray.shape)
    if side < least:
        return scale_by(gray, least / side)
    return scale_by(gray, most / side) if side > most else gray


def scale_by(image: Image, factor: float) -> Image:
    size = tuple(max(1, round(side * factor)) for side in image.shape[1::-1])
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(image, size, interpolation=method)


def scaling(x: float, y: float) -> np.ndarray:
    return np.diag((x, y, 1.0))


def to_pixels(matrix: np.ndarray) -> np.ndarray:
    """The same move for OpenCV, to which 0,0 is the middle of the first pixel, not its corner."""
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    return np.linalg.inv(half) @ matrix @ half
