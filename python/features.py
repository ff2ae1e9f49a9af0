"""Finds one picture in another: corners that look alike, and the perspective that they agree on."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from geometry import is_sane, mirror_of, spread
from picture import Picture

# How far from its place a corner may lie to agree, in pixels of the reduced picture.
REACH = 4.0

# In a narrower picture there is no room around a corner.
LEAST_EDGE = 32

# How a method is called, what finds its corners, how they compare, and how sure a match must be.
METHODS: dict[str, tuple[Any, int, float]] = {
    "orb_light": (cv2.ORB_create(500, fastThreshold=10), cv2.NORM_HAMMING, 0.8),
    "orb": (cv2.ORB_create(2000, fastThreshold=10), cv2.NORM_HAMMING, 0.8),
    "sift": (cv2.SIFT_create(1000), cv2.NORM_L2, 0.75),
}


@dataclass
class Alignment:
    """Where the source lies in the target, in the coordinates of the two files."""

    method: str
    inliers: int
    matches: int
    is_mirrored: bool
    # Source to target.
    matrix: np.ndarray
    # The agreeing corners, n x 2, in the source and in the target.
    source_points: np.ndarray
    target_points: np.ndarray


def find_alignment(
    source: Picture, target: Picture, method: str, is_mirrored: bool
) -> Alignment | None:
    """One attempt, with the source as it is or mirrored; None where the corners agree on nothing."""
    left, left_marks = corners_of(source, method, is_mirrored)
    right, right_marks = corners_of(target, method, False)
    pairs = match_corners(left_marks, right_marks, method)
    if len(pairs) < 4:
        return None
    from_points, to_points = left[pairs[:, 0]], right[pairs[:, 1]]
    cv2.setRNGSeed(0)
    matrix, mask = cv2.findHomography(
        from_points, to_points, cv2.USAC_MAGSAC, REACH, maxIters=2000, confidence=0.999
    )
    if matrix is None or mask is None:
        return None
    agreeing = mask.ravel().astype(bool)
    from_points, to_points = from_points[agreeing], to_points[agreeing]
    look = look_of(source, method)
    if not is_sane(matrix, look.shape[1], look.shape[0]):
        return None
    if min(spread(from_points), spread(to_points)) < REACH:
        return None
    to_look = source.scale_of(look)
    if is_mirrored:
        to_look = mirror_of(look.shape[1]) @ to_look
    from_look = np.linalg.inv(target.scale_of(look_of(target, method)))
    whole = from_look @ matrix @ to_look
    return Alignment(
        method,
        int(agreeing.sum()),
        len(pairs),
        is_mirrored,
        whole / whole[2, 2],
        cv2.perspectiveTransform(from_points[None].astype(np.float64), np.linalg.inv(to_look))[0],
        cv2.perspectiveTransform(to_points[None].astype(np.float64), from_look)[0],
    )


def look_of(picture: Picture, method: str) -> np.ndarray:
    return picture.fine if method == "sift" else picture.coarse


def corners_of(picture: Picture, method: str, is_mirrored: bool) -> tuple[np.ndarray, Any]:
    """Places and descriptions of the corners; found once for each picture."""
    key = f"{method}{'-mirrored' if is_mirrored else ''}"
    if key not in picture.found:
        gray = look_of(picture, method)
        gray = cv2.flip(gray, 1) if is_mirrored else gray
        is_narrow = min(gray.shape) < LEAST_EDGE
        points, marks = ((), None) if is_narrow else METHODS[method][0].detectAndCompute(gray, None)
        places = np.array([point.pt for point in points], dtype=np.float32).reshape(-1, 2) + 0.5
        picture.found[key] = (places, marks)
    return picture.found[key]


def match_corners(left: Any, right: Any, method: str) -> np.ndarray:
    """Pairs that are clearly better than the next best, with no corner of the target used twice."""
    _, norm, ratio = METHODS[method]
    if left is None or right is None or len(right) < 2:
        return np.empty((0, 2), dtype=int)
    best: dict[int, tuple[float, int]] = {}
    for first, second in cv2.BFMatcher(norm).knnMatch(left, right, k=2):
        if first.distance >= ratio * second.distance:
            continue
        known = best.get(first.trainIdx)
        if known is None or first.distance < known[0]:
            best[first.trainIdx] = (first.distance, first.queryIdx)
    pairs = sorted((query, train) for train, (_, query) in best.items())
    return np.array(pairs, dtype=int).reshape(-1, 2)
