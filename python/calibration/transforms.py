"""What happens to pictures on their way: each change by name, group and degree."""

from typing import Callable

import cv2
import numpy as np

Image = np.ndarray
Change = Callable[[Image], Image]


def all_changes() -> list[tuple[str, str, Change]]:
    """Group, degree and function of every change."""
    return [
        *[("rotation", f"{degrees}°", turned(degrees)) for degrees in (1, 5, 15, 45, 90, 135, 180)],
        *[("scale", f"{factor}x", scaled(factor)) for factor in (0.25, 0.5, 2, 4)],
        *[("crop", f"{share} %", cropped(share / 100)) for share in (90, 70, 50, 40)],
        *[("JPEG quality", str(quality), recompressed(quality)) for quality in (90, 70, 50, 30, 10)],
        *[("brightness", f"{step:+d}", lit(step)) for step in (-80, -40, 40, 80)],
        *[("contrast", f"{factor}x", contrasted(factor)) for factor in (0.5, 1.5)],
        *[("blur", f"sigma {sigma}", blurred(sigma)) for sigma in (1, 2, 4)],
        *[("noise", f"sigma {sigma}", noisy(sigma)) for sigma in (5, 15, 30)],
        ("mirror", "horizontal", lambda image: cv2.flip(image, 1)),
        ("mirror", "vertical", lambda image: cv2.flip(image, 0)),
        *[("perspective", f"{round(tilt * 100)} %", tilted(tilt)) for tilt in (0.05, 0.15, 0.25)],
        ("watermark", "text", marked),
        ("watermark", "border", bordered),
        ("gray", "—", grayed),
        ("mixed", "turn, scale, JPEG", mixed),
    ]


def turned(degrees: float) -> Change:
    def change(image: Image) -> Image:
        height, width = image.shape[:2]
        matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1)
        cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
        size = (round(width * cosine + height * sine), round(width * sine + height * cosine))
        matrix[:, 2] += (np.array(size) - (width, height)) / 2
        return cv2.warpAffine(image, matrix, size, flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))

    return change


def scaled(factor: float) -> Change:
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return lambda image: cv2.resize(image, None, fx=factor, fy=factor, interpolation=method)


def cropped(share: float) -> Change:
    """Keeps a part of the area, off the middle."""

    def change(image: Image) -> Image:
        height, width = (round(side * share**0.5) for side in image.shape[:2])
        y, x = round((image.shape[0] - height) * 0.35), round((image.shape[1] - width) * 0.6)
        return np.ascontiguousarray(image[y : y + height, x : x + width])

    return change


def recompressed(quality: int) -> Change:
    def change(image: Image) -> Image:
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return cv2.imdecode(data, cv2.IMREAD_COLOR)

    return change


def lit(step: int) -> Change:
    return lambda image: np.clip(image.astype(np.int16) + step, 0, 255).astype(np.uint8)


def contrasted(factor: float) -> Change:
    return lambda image: np.clip((image.astype(np.float32) - 128) * factor + 128, 0, 255).astype(np.uint8)


def blurred(sigma: float) -> Change:
    return lambda image: cv2.GaussianBlur(image, (0, 0), sigma)


def noisy(sigma: float) -> Change:
    def change(image: Image) -> Image:
        grain = np.random.default_rng(image.size + int(image.sum()) % 9973).normal(0, sigma, image.shape)
        return np.clip(image + grain, 0, 255).astype(np.uint8)

    return change


def tilted(tilt: float) -> Change:
    """Seen from the side: the right edge is shorter, the left one comes nearer."""

    def change(image: Image) -> Image:
        height, width = image.shape[:2]
        before = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        inset = np.array([[tilt / 3, 0], [-tilt / 2, tilt], [-tilt / 4, -tilt], [0, -tilt / 4]])
        after = (before + inset * (width, height)).astype(np.float32)
        matrix = cv2.getPerspectiveTransform(before, after)
        return cv2.warpPerspective(image, matrix, (width, height), borderValue=(200, 200, 200))

    return change


def marked(image: Image) -> Image:
    """A large text across the picture, half transparent."""
    layer = image.copy()
    scale = image.shape[1] / 320
    cv2.putText(layer, "SPECIMEN", (20, round(image.shape[0] * 0.6)), cv2.FONT_HERSHEY_DUPLEX, scale, (255, 255, 255), 8)
    return cv2.addWeighted(layer, 0.5, image, 0.5, 0)


def bordered(image: Image) -> Image:
    return cv2.copyMakeBorder(image, 60, 90, 60, 60, cv2.BORDER_CONSTANT, value=(255, 255, 255))


def grayed(image: Image) -> Image:
    return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)


def mixed(image: Image) -> Image:
    return recompressed(50)(scaled(0.6)(turned(20)(lit(20)(image))))
