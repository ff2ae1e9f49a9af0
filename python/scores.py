"""From measures to one scale from 0 to 1, and from there to a verdict.

On every method's scale 0.85 lies beyond whatever unrelated pictures reached in the calibration, and
0.5 is about the highest that they did reach; see docs/image-match-calibration.md.
"""

from dataclasses import dataclass

import numpy as np

Curve = list[tuple[float, float]]

# From what was measured to the score: straight lines between these points.
CURVES: dict[str, Curve] = {
    # Bits of 63 that differ.
    "phash": [(0, 1), (4, 0.95), (10, 0.85), (16, 0.6), (22, 0.3), (32, 0)],
    # Structural similarity.
    "ssim": [(0, 0), (0.45, 0.5), (0.75, 0.85), (0.9, 0.95), (1, 1)],
    # The common part of two colour histograms.
    "histogram": [(0, 0), (0.9, 0.5), (0.97, 0.85), (0.99, 0.95), (1, 1)],
    # Corners that agree on one perspective.
    "features": [(0, 0), (8, 0.5), (11, 0.75), (12, 0.85), (40, 0.92), (150, 0.97), (500, 1)],
}

DUPLICATE = 0.95
VERY_SIMILAR = 0.85
RELATED = 0.6

# The share of both pictures that must be common for a copy to be whole.
WHOLE = 0.92
# The most that a copy can score which is cut, turned or mirrored, or that one method alone vouches for.
COPY_CEILING = 0.94
# What a hash is worth which nothing else backs: pages of one layout may share a hash.
UNBACKED_HASH = 0.8
# The most that agreeing corners can score when the pixels at that place contradict.
UNBACKED_FEATURES = 0.5
UPRIGHT_DEGREES = 10.0


@dataclass
class Placement:
    """How the source lies in the target."""

    coverage: float
    turn_degrees: float
    is_mirrored: bool

    @property
    def is_as_it_was(self) -> bool:
        return self.coverage >= WHOLE and self.turn_degrees <= UPRIGHT_DEGREES and not self.is_mirrored


def score_of(method: str, measure: float) -> float:
    places, scores = zip(*CURVES[method])
    return float(np.interp(measure, places, scores))


def combine(scores: dict[str, float], placement: Placement) -> float:
    """The strongest evidence decides; a duplicate needs two witnesses and a copy that is as it was.

    Colours alone prove nothing, so beside other methods the histogram is reported and not counted.
    """
    counted = {method: score for method, score in scores.items() if method != "histogram"} or scores
    others = [score for method, score in counted.items() if method != "phash"]
    if "phash" in counted and others and max(others) < 0.5:
        counted["phash"] *= UNBACKED_HASH
    best, *rest = sorted(counted.values(), reverse=True)
    is_vouched = rest[0] >= VERY_SIMILAR if rest else "histogram" not in counted
    is_duplicate = is_vouched and placement.is_as_it_was
    return best if is_duplicate else min(best, COPY_CEILING)


def verdict_of(score: float) -> str:
    if score >= DUPLICATE:
        return "duplicate"
    if score >= VERY_SIMILAR:
        return "very_similar"
    return "related" if score >= RELATED else "different"
