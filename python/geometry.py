"""What a perspective from one picture to another says: whether it can be, and what it covers."""

import cv2
import numpy as np

Matrix = np.ndarray


def mirror_of(width: int) -> Matrix:
    """Left and right swapped in a picture of so many pixels across."""
    return np.array([[-1, 0, width], [0, 1, 0], [0, 0, 1]], dtype=np.float64)


def outline_of(matrix: Matrix, width: int, height: int) -> np.ndarray:
    """The corners of the source in the target: upper left, upper right, lower right, lower left."""
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], dtype=np.float64)
    return cv2.perspectiveTransform(corners, matrix)[0]


def is_sane(matrix: Matrix, width: int, height: int) -> bool:
    """Whether a camera could have seen it so: not turned inside out, not folded, not vanishing."""
    if not np.isfinite(matrix).all() or abs(matrix[2, 2]) < 1e-9:
        return False
    matrix = matrix / matrix[2, 2]
    corners = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]]).T
    depths = matrix[2] @ corners
    if depths.min() < 0.1 or depths.max() > 10 * depths.min():
        return False
    outline = outline_of(matrix, width, height).astype(np.float32)
    # In image coordinates, where y grows downwards, a frame that is not turned over is positive.
    area = cv2.contourArea(outline, oriented=True) / (width * height)
    return 1 / 400 < area < 400 and cv2.isContourConvex(outline)


def spread(points: np.ndarray) -> float:
    """Standard deviation of points across the direction in which they lie the closest."""
    if len(points) < 4:
        return 0
    return float(np.sqrt(max(0, np.linalg.eigvalsh(np.cov(points.T))[0])))


def coverage(matrix: Matrix, source: tuple[int, int], target: tuple[int, int]) -> float:
    """The smaller of the shares that the common part has of the source and of the target."""
    outline = outline_of(matrix, *source).astype(np.float32)
    frame = outline_of(np.eye(3), *target).astype(np.float32)
    common, _ = cv2.intersectConvexConvex(outline, frame)
    own = abs(cv2.contourArea(outline))
    return float(min(common / max(own, 1), common / (target[0] * target[1]), 1))


def turn_degrees(matrix: Matrix, width: int, height: int) -> float:
    """How far the middle of the upper edge has turned, 0 to 180."""
    left, right = outline_of(matrix, width, height)[:2]
    across = right - left
    return float(abs(np.degrees(np.arctan2(across[1], across[0]))))
