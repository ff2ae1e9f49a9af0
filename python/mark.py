"""Lays the mark of a test key over the middle of a picture."""

import cv2
import numpy as np

Image = np.ndarray
# How much of each pixel the mark covers, and the grey that it adds: 0 where it covers nothing.
Mark = tuple[Image, Image]


def read_mark(path: str | None) -> Mark | None:
    """A grey square with transparency, as the media-service draws it."""
    if path is None:
        return None
    drawn = cv2.imdecode(np.fromfile(path, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    cover = np.ascontiguousarray(drawn[:, :, 3])
    return cover, cv2.multiply(np.ascontiguousarray(drawn[:, :, 0]), cover, scale=1 / 255)


def lay_mark(image: Image, mark: Mark) -> Image:
    """A marked copy; plane by plane, because a picture may have fifty million pixels."""
    height, width, channels = image.shape
    side = min(width, height)
    top, left = (height - side) // 2, (width - side) // 2
    method = cv2.INTER_AREA if side < mark[0].shape[0] else cv2.INTER_LINEAR
    cover, added = (cv2.resize(plane, (side, side), interpolation=method) for plane in mark)
    marked = image.copy()
    part = marked[top : top + side, left : left + side]
    share = cover
    if channels == 4:
        alpha = cv2.add(cover, weigh(part[:, :, 3], 255 - cover))
        part[:, :, 3] = alpha
        # Where little is below, the mark's own grey is most of what is seen.
        share = cv2.divide(cover, alpha, scale=255)
        added = weigh(cv2.divide(added, cover, scale=255), share)
    for channel in range(3):
        part[:, :, channel] = cv2.add(weigh(part[:, :, channel], 255 - share), added)
    return marked


def weigh(plane: Image, share: Image) -> Image:
    """A plane times a share of 255; one without a neighbour in memory is copied for OpenCV."""
    return cv2.multiply(np.ascontiguousarray(plane), share, scale=1 / 255)
