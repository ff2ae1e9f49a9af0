"""Measures image-match on pictures drawn from seeds, and writes what was found down.

Writes docs/image-match-calibration.md and docs/images/image-match-roc.svg, the same bytes on every
run with the same OpenCV. Ends with 1 when a promise is not kept.
"""

import sys
from itertools import combinations
from multiprocessing import Pool
from pathlib import Path

import cv2

from calibration.pictures import draw_picture
from calibration.report import write_report
from calibration.roc import draw_roc
from calibration.samples import METHODS, Sample, area_under_curve
from calibration.transforms import all_changes
from match import compare
from picture import picture_of
from scores import DUPLICATE, VERY_SIMILAR

PICTURES = 66
LEAST_AREA = 0.97
PROCESSES = 2

docs = Path(__file__).resolve().parent.parent / "docs"


def main() -> int:
    numbers = range(PICTURES)
    with Pool(PROCESSES, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        changed = pool.map(compare_changes, numbers, chunksize=1)
        unrelated = pool.map(compare_unrelated, numbers, chunksize=1)
    positives = [sample for samples in changed for sample in samples]
    negatives = [sample for samples in unrelated for sample in samples]
    write_report(docs / "image-match-calibration.md", positives, negatives)
    draw_roc(docs / "images" / "image-match-roc.svg", positives, negatives)
    area = area_under_curve(positives, negatives, "score")
    duplicates = sum(sample.score >= DUPLICATE for sample in negatives)
    matches = sum(sample.score >= VERY_SIMILAR for sample in negatives)
    print(f"{len(positives)} changed and {len(negatives)} unrelated pairs, area {area:.5f},")
    print(f"{duplicates} unrelated pairs called duplicate, {matches} called a match")
    return 0 if area >= LEAST_AREA and duplicates == 0 else 1


def compare_changes(number: int) -> list[Sample]:
    """One picture against every change of itself."""
    kind, image = draw_picture(number)
    source = picture_of(image)
    samples = []
    for group, degree, change in all_changes():
        found = compare(source, picture_of(change(image)), METHODS)
        samples.append(Sample(kind, group, degree, found.score, found.scores))
    return samples


def compare_unrelated(number: int) -> list[Sample]:
    """One picture against all that come after it."""
    kind, image = draw_picture(number)
    source = picture_of(image)
    samples = []
    for first, second in combinations(range(PICTURES), 2):
        if first != number:
            continue
        other, image = draw_picture(second)
        found = compare(source, picture_of(image), METHODS)
        samples.append(Sample(kind, "unrelated", other, found.score, found.scores))
    return samples


if __name__ == "__main__":
    sys.exit(main())
