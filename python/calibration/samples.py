"""Compared pairs, and the figures that follow from many of them."""

from dataclasses import dataclass

import numpy as np

METHODS = ["phash", "ssim", "histogram", "features"]


@dataclass
class Sample:
    """One pair: what the source shows, what happened to it (or what it was held against), and scores."""

    kind: str
    group: str
    degree: str
    score: float
    scores: dict[str, float]

    def on(self, scale: str) -> float:
        """The score on the scale of one method, or the combined one."""
        return self.score if scale == "score" else self.scores[scale]


def values(samples: list[Sample], scale: str) -> np.ndarray:
    return np.array([sample.on(scale) for sample in samples])


def area_under_curve(positives: list[Sample], negatives: list[Sample], scale: str) -> float:
    """The chance that a changed pair scores above an unrelated one; equal scores count half."""
    own, others = values(positives, scale), np.sort(values(negatives, scale))
    below = np.searchsorted(others, own, side="left")
    up_to = np.searchsorted(others, own, side="right")
    return float((below + up_to).mean() / (2 * len(others)))


def recall_without_mistake(positives: list[Sample], negatives: list[Sample], scale: str) -> float:
    """The share of changed pairs that score above every unrelated one."""
    return float((values(positives, scale) > values(negatives, scale).max()).mean())


def curve(positives: list[Sample], negatives: list[Sample], scale: str) -> list[tuple[float, float]]:
    """Shares of unrelated and of changed pairs at or above each threshold, from strict to loose."""
    own, others = np.sort(values(positives, scale)), np.sort(values(negatives, scale))
    thresholds = np.unique(np.concatenate((own, others)))[::-1]
    hits = 1 - np.searchsorted(own, thresholds, side="left") / len(own)
    mistakes = 1 - np.searchsorted(others, thresholds, side="left") / len(others)
    return [(0.0, 0.0), *((float(x), float(y)) for x, y in zip(mistakes, hits))]
