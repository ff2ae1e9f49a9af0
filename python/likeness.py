"""Compares two pictures pixel by pixel, and by their colours."""

from dataclasses import dataclass

import cv2
import numpy as np

from picture import Picture, scaling, to_pixels

# SSIM is taken on pictures of this longer side, so that grain and blocks of a codec weigh little.
SIDE = 256
# With less of the source in view there is nothing to compare.
LEAST_SHARE = 0.02
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


@dataclass
class Likeness:
    """Structural similarity (-1 to 1) of what two pictures have in common."""

    whole: float
    # Without brightness: whether edges run alike.
    structure: float


def compare_pixels(source: Picture, target: Picture, matrix: np.ndarray | None) -> Likeness:
    """Lays the target over the source, at its place if that is known, and compares them.

    Each place weighs as much as it varies: two empty pages are alike, two pages with other text on
    the same white are not.
    """
    left, right, mask = lay_over(source, target, matrix)
    if mask.mean() < LEAST_SHARE:
        return Likeness(0, 0)
    light, shape, weight = ssim_maps(left.astype(np.float32), right.astype(np.float32))
    weight = weight * cv2.erode(mask, np.ones((7, 7), np.uint8))
    total = max(float(weight.sum()), 1e-6)
    return Likeness(float((light * shape * weight).sum() / total), float((shape * weight).sum() / total))


def lay_over(
    source: Picture, target: Picture, matrix: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Source, target and the mask of what both show, in grey, in the frame of the source."""
    factor = SIDE / max(source.gray.shape)
    size = tuple(max(8, round(side * factor)) for side in source.gray.shape[1::-1])
    left = cv2.resize(source.gray, size, interpolation=cv2.INTER_AREA)
    if matrix is None:
        right = cv2.resize(target.gray, size, interpolation=cv2.INTER_AREA)
        return left, right, np.ones(left.shape, np.uint8)
    to_small = scaling(size[0] / source.width, size[1] / source.height)
    whole = to_small @ np.linalg.inv(target.scale_of(target.gray) @ matrix)
    right, mask = warp(target.gray, whole, size)
    return left, right, mask


def warp(image: np.ndarray, matrix: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Moves pixels into another frame; shrinks before, because a warp alone takes single pixels."""
    shrink = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    if shrink < 1:
        small = tuple(max(1, round(side * shrink)) for side in image.shape[1::-1])
        back = scaling(image.shape[1] / small[0], image.shape[0] / small[1])
        image, matrix = cv2.resize(image, small, interpolation=cv2.INTER_AREA), matrix @ back
    mask = np.ones(image.shape[:2], np.uint8)
    move = to_pixels(matrix)
    moved = cv2.warpPerspective(image, move, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return moved, cv2.warpPerspective(mask, move, size, flags=cv2.INTER_NEAREST)


def ssim_maps(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For the surroundings of each pixel: alike in brightness, alike in structure, how much varies."""

    def mean(image: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(image, (11, 11), 1.5)

    mean_a, mean_b = mean(a), mean(b)
    var_a, var_b = mean(a * a) - mean_a**2, mean(b * b) - mean_b**2
    both = mean(a * b) - mean_a * mean_b
    light = (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
    shape = (2 * both + C2) / (var_a + var_b + C2)
    return light, shape, np.sqrt(np.maximum(var_a + var_b, 0)) + 1


def compare_colors(source: Picture, target: Picture) -> float:
    """How much of two colour histograms is common (1 - Hellinger distance), 0 to 1."""
    first, second = histogram_of(source), histogram_of(target)
    return 1 - float(cv2.compareHist(first, second, cv2.HISTCMP_BHATTACHARYYA))


def histogram_of(picture: Picture) -> np.ndarray:
    """Shares of 12 hues, 6 saturations and 8 values; each pixel also counts for its neighbours."""
    if "histogram" not in picture.found:
        small = cv2.resize(picture.color, (128, 128), interpolation=cv2.INTER_AREA)
        hsv = cv2.cvtColor(small, cv2.COLOR_BGR2HSV)
        counts = cv2.calcHist([hsv], [0, 1, 2], None, [12, 6, 8], [0, 180, 0, 256, 0, 256])
        for axis, wraps in ((0, True), (1, False), (2, False)):
            counts = blend(counts, axis, wraps)
        picture.found["histogram"] = (counts / counts.sum()).astype(np.float32)
    return picture.found["histogram"]


def blend(counts: np.ndarray, axis: int, wraps: bool) -> np.ndarray:
    padding = [(1, 1) if each == axis else (0, 0) for each in range(3)]
    padded = np.pad(counts, padding, mode="wrap" if wraps else "edge")
    size = counts.shape[axis]
    part = [np.take(padded, range(start, start + size), axis=axis) for start in range(3)]
    return (part[0] + 2 * part[1] + part[2]) / 4
