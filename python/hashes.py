"""The perceptual hash: the signs of the 63 lowest frequencies of a picture, as 64 bits."""

import cv2
import numpy as np

from picture import Picture

SIDE = 32
KEPT = 8


def hash_of(picture: Picture) -> int:
    """The hash; its first bit, of the mean brightness, is always 0."""
    if "hash" not in picture.found:
        small = cv2.resize(picture.gray, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        waves = cv2.dct(small.astype(np.float32))[:KEPT, :KEPT].ravel()[1:]
        # Grain of an even picture must not decide, so what is smaller than a grey step counts as 0.
        waves[np.abs(waves) < 1] = 0
        bits = waves > np.median(waves)
        picture.found["hash"] = int("".join("1" if bit else "0" for bit in bits), 2)
    return picture.found["hash"]


def to_hex(value: int) -> str:
    return f"{value:016x}"


def distance(source: Picture, target: Picture) -> int:
    """In how many of the 63 bits two pictures differ."""
    return (hash_of(source) ^ hash_of(target)).bit_count()
