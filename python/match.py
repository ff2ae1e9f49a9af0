"""Holds one picture against another: hash first, then corners, then pixels and colours.

The source stays open between requests of one job, because it usually meets many targets.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from draw import draw_visual
from features import Alignment
from geometry import coverage, outline_of, turn_degrees
from hashes import distance, hash_of, to_hex
from likeness import compare_colors, compare_pixels
from mark import lay_mark, read_mark
from picture import Picture, load_picture
from place import find_place
from scores import UNBACKED_FEATURES, Placement, combine, score_of, verdict_of

# With so few different bits the pictures are the same to the hash, and a short look confirms it.
NEAR_BITS = 10

_last: tuple[str, Picture] | None = None


@dataclass
class Comparison:
    """All that is known of a pair."""

    score: float
    scores: dict[str, float]
    # None where the corners agree on nothing, or nobody asked.
    alignment: Alignment | None
    inliers: int | None


def match(request: dict[str, Any]) -> dict[str, Any]:
    """Compares one target with the source of its job, and draws what was asked for."""
    source = open_source(request["source"])
    target = load_picture(request["target"])
    found = compare(source, target, request["methods"])
    visual = request.get("visual")
    drawn = draw_visual(visual, source, target, found.alignment) if visual else None
    mark = read_mark(request.get("mark"))
    if drawn is not None and mark is not None:
        drawn = lay_mark(drawn, mark)
    if drawn is not None:
        _, data = cv2.imencode(".png", drawn, [cv2.IMWRITE_PNG_COMPRESSION, 6])
        data.tofile(request["path"])
    return {
        **describe(source, target, found),
        "sourceHasAlpha": source.had_alpha,
        "targetHasAlpha": target.had_alpha,
        "visual": None if drawn is None else {"width": drawn.shape[1], "height": drawn.shape[0]},
    }


def open_source(source: dict[str, Any]) -> Picture:
    global _last
    if _last is None or _last[0] != source["key"]:
        _last = None
        _last = (source["key"], load_picture(source))
    return _last[1]


def compare(source: Picture, target: Picture, methods: list[str]) -> Comparison:
    """Runs the asked methods; corners are looked for before pixels, which they lay over each other."""
    scores: dict[str, float] = {}
    is_near = False
    if "phash" in methods:
        bits = distance(source, target)
        is_near = bits <= NEAR_BITS
        scores["phash"] = score_of("phash", bits)
    placing = find_place(source, target, is_near) if "features" in methods else None
    certain = placing if placing and placing.is_certain else None
    inliers = placing.alignment.inliers if placing else 0
    if "features" in methods:
        scores["features"] = score_of("features", inliers)
        if placing and not placing.is_backed:
            scores["features"] = min(scores["features"], UNBACKED_FEATURES)
    if "ssim" in methods:
        likeness = certain.likeness if certain else compare_pixels(source, target, None)
        scores["ssim"] = score_of("ssim", likeness.whole)
    if "histogram" in methods:
        scores["histogram"] = score_of("histogram", compare_colors(source, target))
    if source.is_flat or target.is_flat:
        judge_flat(source, target, scores)
    alignment = certain.alignment if certain else None
    score = combine(scores, placement_of(source, target, alignment))
    ordered = {method: round(scores[method], 4) for method in methods}
    return Comparison(round(score, 4), ordered, alignment, inliers if "features" in methods else None)


def judge_flat(source: Picture, target: Picture, scores: dict[str, float]) -> None:
    """A picture of nothing has no hash and no structure: only its colour can be compared."""
    gap = float(np.abs(source.color.mean(axis=(0, 1)) - target.color.mean(axis=(0, 1))).max())
    is_same = source.is_flat and target.is_flat and gap <= 8
    for method in ("phash", "ssim"):
        if method in scores:
            scores[method] = 1.0 if is_same else 0.0


def placement_of(source: Picture, target: Picture, alignment: Alignment | None) -> Placement:
    sizes = (source.width, source.height), (target.width, target.height)
    if alignment is not None:
        return Placement(
            coverage(alignment.matrix, *sizes),
            turn_degrees(alignment.matrix, *sizes[0]),
            alignment.is_mirrored,
        )
    shapes = sorted(width / height for width, height in sizes)
    return Placement(shapes[0] / shapes[1], 0, False)


def describe(source: Picture, target: Picture, found: Comparison) -> dict[str, Any]:
    matrix = found.alignment.matrix if found.alignment else None
    outline = None if matrix is None else outline_of(matrix, source.width, source.height)
    return {
        "score": found.score,
        "verdict": verdict_of(found.score),
        "scores": found.scores,
        "inliers": found.inliers,
        "detector": found.alignment.method.removesuffix("_light") if found.alignment else None,
        "mirrored": bool(found.alignment and found.alignment.is_mirrored),
        "homography": None if matrix is None else [[float(f"{cell:.8g}") for cell in row] for row in matrix],
        "outline": None if outline is None else [[round(float(x), 2), round(float(y), 2)] for x, y in outline],
        "hashes": {"source": to_hex(hash_of(source)), "target": to_hex(hash_of(target))},
    }
