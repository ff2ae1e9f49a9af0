"""Pictures that are drawn from a seed: landscapes of noise, shapes, pages of text, gradients, tiles."""

import string
from typing import Callable

import cv2
import numpy as np

Image = np.ndarray
Random = np.random.Generator

WIDTH, HEIGHT = 960, 720


def draw_picture(seed: int) -> tuple[str, Image]:
    """The picture of a seed and the name of its kind; the kinds take turns."""
    kind = list(KINDS)[seed % len(KINDS)]
    random = np.random.default_rng(7_000 + seed)
    image = np.clip(KINDS[kind](random), 0, 255).astype(np.float32)
    grain = random.normal(0, random.uniform(1, 4), image.shape)
    return kind, np.clip(image + grain, 0, 255).astype(np.uint8)


def noise(random: Random, cells: int, channels: int = 3) -> Image:
    """Smooth noise between 0 and 255 with so many cells across."""
    rows = max(2, round(cells * HEIGHT / WIDTH))
    small = (random.random((rows, cells, channels)) * 255).astype(np.float32)
    return cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC).reshape(HEIGHT, WIDTH, channels)


def color(random: Random) -> tuple[float, float, float]:
    blue, green, red = random.uniform(10, 245, 3)
    return float(blue), float(green), float(red)


def landscape(random: Random) -> Image:
    """A sky, ridges one behind the other, and their texture."""
    rows = np.linspace(0, 1, HEIGHT)[:, None, None]
    image = np.array(color(random)) * (1 - rows) + np.array(color(random)) * rows
    image = np.broadcast_to(image, (HEIGHT, WIDTH, 3)) + noise(random, 6) * 0.25 - 30
    across = np.arange(WIDTH)
    for ridge in range(int(random.integers(3, 7))):
        waves = sum(
            np.sin(across / WIDTH * random.uniform(2, 30) + random.uniform(0, 6)) * random.uniform(8, 60)
            for _ in range(5)
        )
        top = HEIGHT * (0.25 + 0.12 * ridge) + waves
        mask = (np.arange(HEIGHT)[:, None] > top[None, :])[:, :, None]
        texture = np.array(color(random)) * 0.6 + noise(random, 40) * 0.25 + noise(random, 220) * 0.2
        image = np.where(mask, texture, image)
    return image


def clouds(random: Random) -> Image:
    """Noise in several sizes, as of leaves, stone or cloth."""
    sizes = (int(random.integers(3, 8)), int(random.integers(20, 50)), int(random.integers(100, 300)))
    return noise(random, sizes[0]) * 0.5 + noise(random, sizes[1]) * 0.3 + noise(random, sizes[2]) * 0.25


def shapes(random: Random) -> Image:
    """Discs, boxes, lines and stars on a soft ground."""
    image = np.ascontiguousarray(noise(random, 4) * 0.4 + np.array(color(random)) * 0.6)
    for _ in range(int(random.integers(25, 70))):
        x, y = int(random.integers(0, WIDTH)), int(random.integers(0, HEIGHT))
        size = int(random.integers(10, 130))
        match int(random.integers(0, 4)):
            case 0:
                cv2.circle(image, (x, y), size // 2, color(random), -1, cv2.LINE_AA)
            case 1:
                cv2.rectangle(image, (x, y), (x + size, y + int(size * random.uniform(0.3, 2))), color(random), -1)
            case 2:
                end = (x + int(random.integers(-200, 200)), y + int(random.integers(-200, 200)))
                cv2.line(image, (x, y), end, color(random), int(random.integers(1, 9)), cv2.LINE_AA)
            case _:
                corners = random.integers(-size, size, (int(random.integers(3, 8)), 2)) + (x, y)
                cv2.fillPoly(image, [corners.astype(np.int32)], color(random), cv2.LINE_AA)
    return image


def page(random: Random) -> Image:
    """A page of words: headlines, paragraphs, a rule, sometimes a picture."""
    image = np.full((HEIGHT, WIDTH, 3), random.uniform(225, 255), np.float32)
    y = 60
    while y < HEIGHT - 30:
        is_headline = random.random() < 0.15
        scale, step = (1.1, 52) if is_headline else (0.55, 27)
        words = [
            "".join(random.choice(list(string.ascii_lowercase), int(random.integers(2, 10))))
            for _ in range(int(random.integers(3, 6)) if is_headline else 10)
        ]
        cv2.putText(
            image, " ".join(words), (40, y), cv2.FONT_HERSHEY_SIMPLEX, scale, (30, 30, 30), 1 + is_headline, cv2.LINE_AA
        )
        y += step
    if random.random() < 0.5:
        x, top = int(random.integers(40, 600)), int(random.integers(80, 450))
        image[top : top + 200, x : x + 280] = shapes(random)[100:300, 100:380]
    return image


def gradient(random: Random) -> Image:
    """A poster: a sweep of two colours, rings, and some large letters."""
    turn = random.uniform(0, 2 * np.pi)
    ys, xs = np.mgrid[0:HEIGHT, 0:WIDTH] / WIDTH
    sweep = (xs * np.cos(turn) + ys * np.sin(turn))[:, :, None] % 1
    image = np.ascontiguousarray(np.array(color(random)) * (1 - sweep) + np.array(color(random)) * sweep).astype(np.float32)
    for _ in range(int(random.integers(4, 12))):
        middle = (int(random.integers(0, WIDTH)), int(random.integers(0, HEIGHT)))
        cv2.circle(image, middle, int(random.integers(20, 220)), color(random), int(random.integers(2, 24)), cv2.LINE_AA)
    for _ in range(int(random.integers(2, 6))):
        word = "".join(random.choice(list(string.ascii_uppercase), int(random.integers(3, 9))))
        place = (int(random.integers(0, WIDTH // 2)), int(random.integers(80, HEIGHT)))
        cv2.putText(image, word, place, cv2.FONT_HERSHEY_DUPLEX, random.uniform(1.5, 4), color(random), 5, cv2.LINE_AA)
    return image


def mosaic(random: Random) -> Image:
    """Patches as of a town from above: many cells of one colour, edges between."""
    count = int(random.integers(60, 260))
    seeds = random.random((count, 2)) * (HEIGHT, WIDTH)
    ys, xs = np.mgrid[0:HEIGHT:3, 0:WIDTH:3]
    nearest = np.argmin((ys[..., None] - seeds[:, 0]) ** 2 + (xs[..., None] - seeds[:, 1]) ** 2, axis=2)
    palette = random.uniform(20, 235, (count, 3)).astype(np.float32)
    image = cv2.resize(palette[nearest], (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)
    return image * 0.8 + noise(random, 90) * 0.2


KINDS: dict[str, Callable[[Random], Image]] = {
    "landscape": landscape,
    "clouds": clouds,
    "shapes": shapes,
    "page": page,
    "gradient": gradient,
    "mosaic": mosaic,
}
