"""Draws what a comparison has found, for people: differences, the place, or the matching corners."""

import cv2
import numpy as np

from features import Alignment
from geometry import outline_of
from likeness import warp
from picture import Picture

Image = np.ndarray

GREEN = (90, 200, 40)
RED = np.array([40, 40, 235], dtype=np.float32)
MOST_LINES = 150
GAP = 12


def draw_visual(kind: str, source: Picture, target: Picture, alignment: Alignment | None) -> Image:
    matrix = alignment.matrix if alignment else None
    if kind == "diff":
        return draw_diff(source, target, matrix)
    if kind == "overlay":
        return draw_overlay(source, target, matrix)
    return draw_matches(source, target, alignment)


def reduced_matrix(source: Picture, target: Picture, matrix: Image | None) -> Image:
    """Pixels of the reduced source to those of the reduced target; without a place, one on the other."""
    to_source = np.linalg.inv(source.scale_of(source.color))
    if matrix is None:
        matrix = np.diag((target.width / source.width, target.height / source.height, 1.0))
    return target.scale_of(target.color) @ matrix @ to_source


def draw_diff(source: Picture, target: Picture, matrix: Image | None) -> Image:
    """The source in pale grey, and in red wherever the target differs; grey where it shows nothing."""
    size = source.color.shape[1::-1]
    laid, mask = warp(target.color, np.linalg.inv(reduced_matrix(source, target, matrix)), size)
    soft = [cv2.GaussianBlur(image, (0, 0), 1.5).astype(np.float32) for image in (source.color, laid)]
    gap = np.abs(soft[0] - soft[1]).max(axis=2)
    # Grain and the marks of a codec stay below 16; from 64 on a difference is shown in full.
    strength = np.clip((gap - 16) / 48, 0, 1)[:, :, None] * mask[:, :, None]
    pale = cv2.cvtColor(source.gray, cv2.COLOR_GRAY2BGR).astype(np.float32) * 0.4 + 150
    pale = np.where(mask[:, :, None] > 0, pale, 128)
    return np.rint(pale * (1 - strength) + RED * strength).astype(np.uint8)


def draw_overlay(source: Picture, target: Picture, matrix: Image | None) -> Image:
    """The target, the source half transparent on its place, and its outline if the place is known."""
    inner = reduced_matrix(source, target, matrix)
    laid, mask = warp(source.color, inner, target.color.shape[1::-1])
    shown = np.where(mask[:, :, None] > 0, cv2.addWeighted(laid, 0.5, target.color, 0.5, 0), target.color)
    if matrix is None:
        return shown
    outline = outline_of(inner, source.color.shape[1], source.color.shape[0])
    corners = np.rint(outline * 16).astype(np.int32)
    thickness = max(2, max(shown.shape) // 250)
    cv2.polylines(shown, [corners], True, GREEN, thickness, cv2.LINE_AA, shift=4)
    return shown


def draw_matches(source: Picture, target: Picture, alignment: Alignment | None) -> Image:
    """Source and target side by side, with lines between the corners that agree."""
    left, right = source.color, target.color
    height = max(left.shape[0], right.shape[0])
    board = np.full((height, left.shape[1] + GAP + right.shape[1], 3), 255, dtype=np.uint8)
    board[: left.shape[0], : left.shape[1]] = left
    board[: right.shape[0], left.shape[1] + GAP :] = right
    if alignment is None:
        return board
    starts = place(alignment.source_points, source)
    ends = place(alignment.target_points, target) + (left.shape[1] + GAP, 0)
    step = max(1, -(-len(starts) // MOST_LINES))
    for at in range(0, len(starts), step):
        hue = np.array([[[at * 37 % 180, 220, 235]]], dtype=np.uint8)
        shade = tuple(int(part) for part in cv2.cvtColor(hue, cv2.COLOR_HSV2BGR)[0, 0])
        start, end = (tuple(int(round(each)) for each in point) for point in (starts[at], ends[at]))
        cv2.line(board, start, end, shade, 1, cv2.LINE_AA)
        cv2.circle(board, start, 3, shade, 1, cv2.LINE_AA)
        cv2.circle(board, end, 3, shade, 1, cv2.LINE_AA)
    return board


def place(points: Image, picture: Picture) -> Image:
    return cv2.perspectiveTransform(points[None], picture.scale_of(picture.color))[0]
