/** `[a b c d e f]` of a PDF: x' = ax + cy + e, y' = bx + dy + f. */
export type Matrix = readonly [number, number, number, number, number, number];

/** What brings the unit square of a stored picture upright, by EXIF orientation. */
const orientations: Record<number, Matrix> = {
  1: [1, 0, 0, 1, 0, 0],
  2: [-1, 0, 0, 1, 1, 0],
  3: [-1, 0, 0, -1, 1, 1],
  4: [1, 0, 0, -1, 0, 1],
  5: [0, -1, -1, 0, 1, 1],
  6: [0, -1, 1, 0, 0, 1],
  7: [0, 1, 1, 0, 0, 0],
  8: [0, 1, -1, 0, 1, 0],
};

/** Orientations that are a turn by 0, 90, 180 and 270 degrees, clockwise. */
const turnOrientations = [1, 6, 3, 8] as const;

/** The way of a stored picture to its place: upright, turned, scaled. */
export function pictureMatrix(
  orientation: number,
  turns: number,
  at: { x: number; y: number; width: number; height: number },
): Matrix {
  const upright = orientations[orientation] ?? orientations[1];
  const turned = orientations[turnOrientations[turns % 4] ?? 1];
  if (!upright || !turned) throw new Error('unknown orientation');
  return multiply(multiply(upright, turned), [at.width, 0, 0, at.height, at.x, at.y]);
}

/** First `one`, then `two`. */
function multiply(one: Matrix, two: Matrix): Matrix {
  const [a, b, c, d, e, f] = one;
  const [g, h, i, j, k, l] = two;
  return [
    a * g + b * i,
    a * h + b * j,
    c * g + d * i,
    c * h + d * j,
    e * g + f * i + k,
    e * h + f * j + l,
  ];
}
