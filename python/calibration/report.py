"""Writes the calibration page: how scores come about, and what they were for each change."""

from pathlib import Path

import cv2

from calibration.pictures import KINDS
from calibration.samples import METHODS, Sample, area_under_curve, recall_without_mistake, values
from scores import (
    COPY_CEILING,
    CURVES,
    DUPLICATE,
    RELATED,
    UNBACKED_FEATURES,
    UNBACKED_HASH,
    UPRIGHT_DEGREES,
    VERY_SIMILAR,
    WHOLE,
)

MEASURES = {
    "phash": "bits of 63 that differ",
    "ssim": "structural similarity",
    "histogram": "common part of the colours",
    "features": "agreeing corners",
}


def write_report(path: Path, positives: list[Sample], negatives: list[Sample]) -> None:
    sections = [intro(positives, negatives), formula(), totals(positives, negatives)]
    path.write_text("\n".join([*sections, by_change(positives), unrelated(negatives), limits()]))


def intro(positives: list[Sample], negatives: list[Sample]) -> str:
    kinds = ", ".join(KINDS)
    return f"""# image-match: calibration

Written by `npm run calibrate` (OpenCV {cv2.__version__}); do not edit. Pictures of six kinds ({kinds}) are drawn from seeds. The thresholds were chosen on them; `npm run bench` asks the same of other seeds. Each is held against itself after every change below ({len(positives)} pairs), and every picture against every other ({len(negatives)} unrelated pairs).

![ROC curve](images/image-match-roc.svg)

Of the unrelated pairs, {count(negatives, DUPLICATE)} were called duplicates and {count(negatives, VERY_SIMILAR)} matches.
"""


def count(samples: list[Sample], threshold: float) -> int:
    return int((values(samples, "score") >= threshold).sum())


def formula() -> str:
    rows = [f"| {name} | {MEASURES[name]} | {points(name)} |" for name in METHODS]
    return f"""## From measures to a score

Each method measures something else. Straight lines between these points put the measures on one scale, on which {VERY_SIMILAR} lies beyond all unrelated pairs:

| method | measure | measure → score |
|---|---|---|
{chr(10).join(rows)}

The `score` of a pair is the highest of these, with four rules:

1. Above {COPY_CEILING} two methods must reach {VERY_SIMILAR} (or it is the only one asked), at least {WHOLE:.0%} of both pictures must be common, and the copy must neither be mirrored nor turned by more than {UPRIGHT_DEGREES:.0f}°.
2. Corners that agree count up to {UNBACKED_FEATURES} where neither the pixels at that place (structure ≥ 0.5) nor the share of agreeing corners backs them: letters and tiles agree by chance.
3. A hash counts {UNBACKED_HASH:.0%} where every other asked method stays below 0.5: pages of one layout may share a hash.
4. The histogram is counted only when it is asked alone, because the same colours are not the same picture.

| verdict | score |
|---|---|
| duplicate | ≥ {DUPLICATE} |
| very_similar | ≥ {VERY_SIMILAR} |
| related | ≥ {RELATED} |
| different | below |
"""


def points(name: str) -> str:
    return ", ".join(f"{measure:g} → {score:g}" for measure, score in CURVES[name])


def totals(positives: list[Sample], negatives: list[Sample]) -> str:
    rows = []
    for scale in ("score", *METHODS):
        own, others = values(positives, scale), values(negatives, scale)
        cells = (
            "**all together**" if scale == "score" else scale,
            f"{area_under_curve(positives, negatives, scale):.4f}",
            f"{(own >= VERY_SIMILAR).mean():.4f}",
            f"{int((others >= VERY_SIMILAR).sum())} of {len(others)}",
            f"{recall_without_mistake(positives, negatives, scale):.4f}",
            f"{others.max():.2f}",
        )
        rows.append(f"| {' | '.join(cells)} |")
    return f"""## Methods

Recall is the share of changed pairs that are found. The last column but one takes the lowest threshold that no unrelated pair reaches. The row of ssim is after features has aligned the pair.

| method | area under ROC | recall at {VERY_SIMILAR} | mistakes at {VERY_SIMILAR} | recall at 0 mistakes | highest unrelated |
|---|---|---|---|---|---|
{chr(10).join(rows)}
"""


def by_change(positives: list[Sample]) -> str:
    groups: dict[tuple[str, str], list[Sample]] = {}
    for sample in positives:
        groups.setdefault((sample.group, sample.degree), []).append(sample)
    rows = []
    for (group, degree), samples in groups.items():
        scores = values(samples, "score")
        each = " | ".join(f"{(values(samples, name) >= VERY_SIMILAR).mean():.2f}" for name in METHODS)
        lowest = sorted(scores)[0]
        middle = sorted(scores)[len(scores) // 2]
        rows.append(
            f"| {group} | {degree} | {(scores >= VERY_SIMILAR).mean():.2f} | {(scores >= DUPLICATE).mean():.2f}"
            f" | {lowest:.2f} | {middle:.2f} | {each} |"
        )
    return f"""## By change

Shares of pairs that match (≥ {VERY_SIMILAR}) and that are called duplicates, the lowest and the middle score, and the share that would match by the score of one method (ssim after features has aligned the pair). Crops say how much of the area is left.

| change | degree | match | duplicate | lowest | middle | {" | ".join(METHODS)} |
|---|---|---|---|---|---|{"---|" * len(METHODS)}
{chr(10).join(rows)}
"""


def unrelated(negatives: list[Sample]) -> str:
    rows = []
    for kind in KINDS:
        same = [sample for sample in negatives if sample.kind == kind and sample.degree == kind]
        other = [sample for sample in negatives if kind in (sample.kind, sample.degree) and sample not in same]
        cells = (
            kind,
            f"{values(same, 'score').max():.2f}",
            f"{values(other, 'score').max():.2f}",
            str(sum(sample.score >= RELATED for sample in same + other)),
        )
        rows.append(f"| {' | '.join(cells)} |")
    duplicates = sum(sample.score >= DUPLICATE for sample in negatives)
    return f"""## Unrelated pairs

{duplicates} of {len(negatives)} were called duplicate.

| kind | highest score within the kind | highest against other kinds | called related or more |
|---|---|---|---|
{chr(10).join(rows)}
"""


def limits() -> str:
    return """## What this does not say

The pictures are drawn, and rich in corners. Photographs of soft things (sky, skin, fog) have fewer, and then cuts and turns are found less often. Two photographs of one scene from different places are matched as far as one plane of it is. Two pages that differ in a few words may be called duplicates.
"""
