"""Measures image-match on pictures drawn from seeds, and writes what was found down.

Writes docs/image-match-calibration.md and docs/images/image-match-roc.svg, the same bytes on every
run with the same OpenCV. Ends with 1 when a promise is not kept. With `--figures N` it takes N
other pictures, which no threshold was chosen on, and prints the figures as JSON instead.
"""

import json
import sys
from functools import cache
from multiprocessing import Pool
from pathlib import Path

import cv2

from calibration.pictures import draw_picture
from calibration.report import write_report
from calibration.roc import draw_roc
from calibration.samples import METHODS, Sample, area_under_curve, recall_without_mistake
from calibration.transforms import all_changes
from match import compare
from picture import Picture, picture_of
from scores import DUPLICATE, VERY_SIMILAR

PICTURES = 66
UNSEEN = 1_000
LEAST_AREA = 0.97
PROCESSES = 2

docs = Path(__file__).resolve().parent.parent / "docs"


def main() -> int:
    if sys.argv[1:2] == ["--figures"]:
        positives, negatives = measure(range(UNSEEN, UNSEEN + int(sys.argv[2])))
        print(json.dumps(figures_of(positives, negatives)))
        return 0
    positives, negatives = measure(range(PICTURES))
    write_report(docs / "image-match-calibration.md", positives, negatives)
    draw_roc(docs / "images" / "image-match-roc.svg", positives, negatives)
    figures = figures_of(positives, negatives)
    print(json.dumps(figures, indent=2))
    return 0 if figures["area"] >= LEAST_AREA and figures["false_duplicates"] == 0 else 1


def measure(numbers: range) -> tuple[list[Sample], list[Sample]]:
    """Every picture against its changes, and against every other picture."""
    tasks = [(number, range(number + 1, numbers.stop)) for number in numbers]
    with Pool(PROCESSES, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        changed = pool.map(compare_changes, numbers, chunksize=1)
        unrelated = pool.map(compare_unrelated, tasks, chunksize=1)
    return sum(changed, []), sum(unrelated, [])


def figures_of(positives: list[Sample], negatives: list[Sample]) -> dict[str, float]:
    return {
        "changed": len(positives),
        "unrelated": len(negatives),
        "area": area_under_curve(positives, negatives, "score"),
        "recall": sum(sample.score >= VERY_SIMILAR for sample in positives) / len(positives),
        "recall_without_mistake": recall_without_mistake(positives, negatives, "score"),
        "false_matches": sum(sample.score >= VERY_SIMILAR for sample in negatives),
        "false_duplicates": sum(sample.score >= DUPLICATE for sample in negatives),
    }


def compare_changes(number: int) -> list[Sample]:
    """One picture against every change of itself."""
    kind, image = draw_picture(number)
    source = picture_of(image)
    samples = []
    for group, degree, change in all_changes():
        found = compare(source, picture_of(change(image)), METHODS)
        samples.append(Sample(kind, group, degree, found.score, found.scores))
    return samples


def compare_unrelated(task: tuple[int, range]) -> list[Sample]:
    """One picture against all that come after it."""
    number, others = task
    kind, source = drawn(number)
    samples = []
    for second in others:
        other, target = drawn(second)
        found = compare(source, target, METHODS)
        samples.append(Sample(kind, "unrelated", other, found.score, found.scores))
    return samples


@cache
def drawn(number: int) -> tuple[str, Picture]:
    """A picture that is held against many others; what is found in it is kept."""
    kind, image = draw_picture(number)
    return kind, picture_of(image)


if __name__ == "__main__":
    sys.exit(main())
