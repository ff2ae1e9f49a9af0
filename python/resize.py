"""Decodes an image once, and makes one or several sizes of it.

The caller has planned every size in pixels of the upright source; here pixels are moved, and
nothing is decided but the place of a smart cut.
"""

from typing import Any

import cv2
import numpy as np

from errors import CorruptInput, TargetUnreachable
from mark import Mark, lay_mark, read_mark
from saliency import find_salient

Image = np.ndarray

REDUCED = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}
FILTERS = {
    "nearest": cv2.INTER_NEAREST,
    "linear": cv2.INTER_LINEAR,
    "cubic": cv2.INTER_CUBIC,
    "area": cv2.INTER_AREA,
    "lanczos4": cv2.INTER_LANCZOS4,
}
TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
FLIPS = {"horizontal": 1, "vertical": 0, "both": -1}

# What each EXIF orientation needs: a mirror first, then a clockwise turn.
ORIENTATIONS = {2: (1, 0), 3: (None, 180), 4: (0, 0), 5: (1, 270), 6: (None, 90), 7: (1, 90), 8: (None, 270)}


def resize(request: dict[str, Any]) -> dict[str, Any]:
    """Makes every output of a request; answers with what was decided for each."""
    source = request["source"]
    outputs = request["outputs"]
    image = read_raw(source["raw"]) if "raw" in source else decode(source)
    image = turn_upright(image, source)
    scale = (image.shape[1] / source["width"], image.shape[0] / source["height"])
    mark = read_mark(request.get("mark"))
    return {"outputs": [make_output(image, scale, output, mark) for output in outputs]}


def decode(source: dict[str, Any]) -> Image:
    """Decodes the file, a JPEG no larger than it is wanted."""
    data = np.fromfile(source["path"], dtype=np.uint8)
    flags = REDUCED.get(source["shrink"], cv2.IMREAD_UNCHANGED if source["hasAlpha"] else cv2.IMREAD_COLOR)
    image = cv2.imdecode(data, flags | cv2.IMREAD_IGNORE_ORIENTATION if flags >= 0 else flags)
    if image is None:
        raise CorruptInput()
    return to_color(image)


def read_raw(raw: dict[str, Any]) -> Image:
    """Pixels that another engine has decoded: RGB or RGBA, 8 bits, row by row."""
    pixels = np.fromfile(raw["path"], dtype=np.uint8)
    image = pixels.reshape(raw["height"], raw["width"], raw["channels"])
    return cv2.cvtColor(image, cv2.COLOR_RGBA2BGRA if raw["channels"] == 4 else cv2.COLOR_RGB2BGR)


def to_color(image: Image) -> Image:
    if image.ndim == 2:
        return cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    if image.shape[2] == 4 and image[:, :, 3].min() == 255:
        return cv2.cvtColor(image, cv2.COLOR_BGRA2BGR)
    return image


def turn_upright(image: Image, source: dict[str, Any]) -> Image:
    """Applies the EXIF orientation, then the turn and the mirror that the caller asked for."""
    mirror, degrees = ORIENTATIONS.get(source["orientation"], (None, 0))
    if mirror is not None:
        image = cv2.flip(image, mirror)
    for turn in (degrees, source["rotate"]):
        image = cv2.rotate(image, TURNS[turn]) if turn in TURNS else image
    return cv2.flip(image, FLIPS[source["flip"]]) if source["flip"] in FLIPS else image


def make_output(
    image: Image, scale: tuple[float, float], output: dict[str, Any], mark: Mark | None
) -> dict[str, Any]:
    part = cut(image, scale, output)
    size = (output["size"]["width"], output["size"]["height"])
    scaled = scale_to(part, size, FILTERS[output["filter"]])
    if output["sharpen"] > 0:
        scaled = sharpen(scaled, output["sharpen"])
    scaled = place(scaled, output)
    had_alpha = scaled.shape[2] == 4
    if had_alpha and not output["keepAlpha"]:
        scaled = flatten(scaled, output["background"])
    if mark is not None:
        scaled = lay_mark(scaled, mark)
    quality = write(scaled, output)
    return {
        "width": scaled.shape[1],
        "height": scaled.shape[0],
        "channels": scaled.shape[2],
        "wasFlattened": had_alpha and scaled.shape[2] == 3,
        "quality": quality,
    }


def cut(image: Image, scale: tuple[float, float], output: dict[str, Any]) -> Image:
    """The region of an output, in pixels of the decoded image."""
    region = output["region"]
    width = max(1, min(image.shape[1], round(region["width"] * scale[0])))
    height = max(1, min(image.shape[0], round(region["height"] * scale[1])))
    if output["isSmart"] and (width < image.shape[1] or height < image.shape[0]):
        x, y = find_salient(image, width, height)
    else:
        x = min(image.shape[1] - width, round(region["x"] * scale[0]))
        y = min(image.shape[0] - height, round(region["y"] * scale[1]))
    return image[y : y + height, x : x + width]


def scale_to(image: Image, size: tuple[int, int], method: int) -> Image:
    if (image.shape[1], image.shape[0]) == size:
        return image
    if image.shape[2] == 3:
        return cv2.resize(image, size, interpolation=method)
    # Transparent pixels have colours too; weighing by alpha keeps them out of the edges.
    alpha = image[:, :, 3:].astype(np.float32) / 255
    weighed = np.dstack((image[:, :, :3] * alpha, alpha[:, :, 0] * 255))
    scaled = cv2.resize(weighed, size, interpolation=method)
    shown = np.clip(scaled[:, :, 3:], 0, 255)
    color = scaled[:, :, :3] * 255 / np.maximum(shown, 1e-3)
    return np.clip(np.rint(np.dstack((color, shown))), 0, 255).astype(np.uint8)


def sharpen(image: Image, amount: float) -> Image:
    soft = cv2.GaussianBlur(image[:, :, :3], (0, 0), 1.2)
    sharp = cv2.addWeighted(image[:, :, :3], 1 + amount / 2, soft, -amount / 2, 0)
    return sharp if image.shape[2] == 3 else np.dstack((sharp, image[:, :, 3]))


def place(image: Image, output: dict[str, Any]) -> Image:
    canvas = output.get("canvas")
    if canvas is None:
        return image
    red, green, blue, alpha = output["background"]
    channels = 4 if output["keepAlpha"] and (alpha < 255 or image.shape[2] == 4) else 3
    fill = np.array([blue, green, red, alpha][:channels], dtype=np.uint8)
    board = np.full((canvas["height"], canvas["width"], channels), fill, dtype=np.uint8)
    if image.shape[2] == 4 and alpha == 255:
        image = flatten(image, output["background"])
    if image.shape[2] < channels:
        image = cv2.cvtColor(image, cv2.COLOR_BGR2BGRA)
    height, width = image.shape[:2]
    board[canvas["y"] : canvas["y"] + height, canvas["x"] : canvas["x"] + width] = image
    return board


def flatten(image: Image, background: list[int]) -> Image:
    red, green, blue, _alpha = background
    alpha = image[:, :, 3:].astype(np.float32) / 255
    color = image[:, :, :3] * alpha + np.array([blue, green, red], dtype=np.float32) * (1 - alpha)
    flat = np.rint(color).astype(np.uint8)
    return flat if image.shape[2] == 3 else np.ascontiguousarray(flat)


def write(image: Image, output: dict[str, Any]) -> int | None:
    """Writes the file, or raw RGB(A) where another engine encodes it."""
    path = output["path"]
    if output["encode"] == "raw":
        order = cv2.COLOR_BGRA2RGBA if image.shape[2] == 4 else cv2.COLOR_BGR2RGB
        cv2.cvtColor(image, order).tofile(path)
        return None
    if output["encode"] == "png":
        data = encode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 6])
        check_size(data, output.get("maxBytes"))
        data.tofile(path)
        return None
    quality, data = encode_jpeg(image, output)
    data.tofile(path)
    return quality


def encode_jpeg(image: Image, output: dict[str, Any]) -> tuple[int, np.ndarray]:
    """JPEG at the asked quality, or at the highest one below it that stays within `maxBytes`."""
    progressive = [cv2.IMWRITE_JPEG_PROGRESSIVE, 1] if output["progressive"] else []
    limit = output.get("maxBytes")

    def at(quality: int) -> np.ndarray:
        return encode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality, *progressive])

    best = at(output["quality"])
    if limit is None or best.size <= limit:
        return output["quality"], best
    low, high = 1, output["quality"] - 1
    found: tuple[int, np.ndarray] | None = None
    while low <= high:
        quality = (low + high) // 2
        data = at(quality)
        if data.size <= limit:
            found = (quality, data)
            low = quality + 1
        else:
            high = quality - 1
    if found is None:
        raise TargetUnreachable(limit, at(1).size)
    return found


def encode(extension: str, image: Image, parameters: list[int]) -> np.ndarray:
    _, data = cv2.imencode(extension, image, parameters)
    return data


def check_size(data: np.ndarray, limit: int | None) -> None:
    if limit is not None and data.size > limit:
        raise TargetUnreachable(limit, data.size)
