"""Draws the ROC curve as SVG: the share of unrelated pairs against that of changed ones."""

from pathlib import Path

from calibration.samples import METHODS, Sample, area_under_curve, curve

SIDE, LEFT, TOP = 420, 64, 24
COLORS = {
    "score": "#3b5bdb",
    "features": "#0ca678",
    "ssim": "#f08c00",
    "phash": "#c2255c",
    "histogram": "#868e96",
}


def draw_roc(path: Path, positives: list[Sample], negatives: list[Sample]) -> None:
    scales = ["score", *METHODS]
    lines, labels = [], []
    for row, scale in enumerate(sorted(scales, key=list(COLORS).index)):
        area = area_under_curve(positives, negatives, scale)
        points = thinned(curve(positives, negatives, scale))
        steps = " ".join(f"{x(mistakes):.1f},{y(hits):.1f}" for mistakes, hits in points)
        width = 3 if scale == "score" else 1.75
        lines.append(f'<polyline points="{steps}" stroke="{COLORS[scale]}" stroke-width="{width}"/>')
        name = "all methods" if scale == "score" else scale
        at = y(0.34) + row * 22
        labels.append(f'<path d="M{x(0.52):.0f} {at - 4:.0f}h24" stroke="{COLORS[scale]}" stroke-width="{width}"/>')
        labels.append(f'<text x="{x(0.52) + 32:.0f}" y="{at:.0f}">{name}, area {area:.4f}</text>')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE + LEFT + 24} {SIDE + TOP + 60}" font-family="system-ui, sans-serif" font-size="13" fill="#343a40" role="img" aria-label="ROC curve of image-match">
<rect width="100%" height="100%" fill="#ffffff"/>
{grid()}
<path d="M{x(0)} {y(0)}L{x(1)} {y(1)}" stroke="#ced4da" stroke-dasharray="4 4"/>
<g fill="none" stroke-linejoin="round">
{chr(10).join(lines)}
</g>
{chr(10).join(labels)}
<text x="{x(0.5)}" y="{y(0) + 44}" text-anchor="middle">share of unrelated pairs at or above the threshold</text>
<text transform="translate(18 {y(0.5)}) rotate(-90)" text-anchor="middle">share of changed pairs</text>
</svg>
"""
    )


def x(share: float) -> float:
    return LEFT + share * SIDE


def y(share: float) -> float:
    return TOP + (1 - share) * SIDE


def grid() -> str:
    parts = []
    for fifth in range(6):
        share = fifth / 5
        parts.append(f'<path d="M{x(0)} {y(share)}H{x(1)}M{x(share)} {y(0)}V{y(1)}" stroke="#e9ecef"/>')
        parts.append(f'<text x="{x(share)}" y="{y(0) + 20}" text-anchor="middle">{share:.1f}</text>')
        parts.append(f'<text x="{x(0) - 8}" y="{y(share) + 4}" text-anchor="end">{share:.1f}</text>')
    return "\n".join(parts)


def thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Leaves out points nearer than half a pixel to the last one, but not the last of all."""
    kept = [points[0]]
    for point in points[1:]:
        if max(abs(point[0] - kept[-1][0]), abs(point[1] - kept[-1][1])) * SIDE >= 0.5:
            kept.append(point)
    return kept if kept[-1] == points[-1] else [*kept, points[-1]]
