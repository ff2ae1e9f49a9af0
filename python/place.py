"""Decides where a source lies in a target: attempts from cheap to thorough, each one checked."""

from dataclasses import dataclass

from features import Alignment, find_alignment
from likeness import Likeness, compare_pixels
from picture import Picture

# With fewer corners that agree, nothing is said about the place.
ENOUGH_INLIERS = 12
# Letters and tiles agree by chance; then the pixels do not, and neither do most of the corners.
ALIKE = 0.5
MANY_INLIERS = 40


@dataclass
class Placing:
    """The best attempt, and what the pixels say to it."""

    alignment: Alignment
    likeness: Likeness

    @property
    def is_backed(self) -> bool:
        """Whether more speaks for it than the number of corners alone."""
        inliers, matches = self.alignment.inliers, self.alignment.matches
        is_agreed = inliers >= MANY_INLIERS and inliers >= 8 + 0.3 * matches
        return is_agreed or self.likeness.structure >= ALIKE

    @property
    def is_certain(self) -> bool:
        return self.is_backed and self.alignment.inliers >= ENOUGH_INLIERS

    @property
    def is_beyond_doubt(self) -> bool:
        """Whether another attempt could not do better."""
        return self.is_certain and self.alignment.inliers >= self.alignment.matches / 2


def find_place(source: Picture, target: Picture, is_near: bool) -> Placing | None:
    """Tries ORB, ORB on the mirrored source, then SIFT both ways; stops as soon as there is no doubt."""
    attempts = [("orb", False), ("orb", True), ("sift", False), ("sift", True)]
    if is_near:
        attempts.insert(0, ("orb_light", False))
    best: Placing | None = None
    for method, is_mirrored in attempts:
        if method == "sift" and best is not None and best.is_certain:
            break
        found = find_alignment(source, target, method, is_mirrored)
        if found is None:
            continue
        placing = Placing(found, compare_pixels(source, target, found.matrix))
        if best is None or rank(placing) > rank(best):
            best = placing
        if best.is_beyond_doubt:
            break
    return best


def rank(placing: Placing) -> tuple[bool, int]:
    return placing.is_backed, placing.alignment.inliers
