/**
 * The mark of a test key as lines, so that it needs no font and is the same in pictures, videos and
 * PDFs: it fills a square of {@link markSide} units, which lies in the middle of what is marked.
 */
export const markSide = 1000;

/** Degrees, upwards. */
export const markTurn = 30;

/** How much of the mark is seen; what lies below it stays readable. */
export const markOpacity = 0.38;

/** Letters of 100 units from the base to the top, as lines and curves of absolute places. */
const letters: Readonly<Record<string, { width: number; path: string }>> = {
  T: { width: 64, path: 'M0 0L64 0M32 0L32 100' },
  E: { width: 52, path: 'M52 0L0 0L0 100L52 100M0 49L46 49' },
  S: {
    width: 60,
    path: 'M57 16C53 5 43 0 31 0C13 0 3 10 3 25C3 42 17 46 31 50C45 54 59 59 59 76C59 91 47 100 30 100C15 100 4 94 0 82',
  },
  N: { width: 60, path: 'M0 100L0 0L60 100L60 0' },
  e: {
    width: 58,
    path: 'M2 64L57 64C57 47 46 34 29 34C12 34 0 48 0 67C0 86 12 100 30 100C41 100 49 96 55 88',
  },
  b: {
    width: 58,
    path: 'M0 0L0 100M0 67C0 48 12 34 29 34C46 34 58 48 58 67C58 86 46 100 29 100C12 100 0 86 0 67',
  },
  u: { width: 52, path: 'M0 34L0 74C0 91 10 100 25 100C40 100 52 90 52 74M52 34L52 100' },
  l: { width: 0, path: 'M0 0L0 100' },
  a: {
    width: 58,
    path: 'M58 67C58 48 46 34 29 34C12 34 0 48 0 67C0 86 12 100 29 100C46 100 58 86 58 67M58 34L58 100',
  },
  A: { width: 74, path: 'M0 100L37 0L74 100M13 66L61 66' },
  P: { width: 60, path: 'M0 100L0 0L32 0C50 0 60 11 60 27C60 43 50 54 32 54L0 54' },
  I: { width: 0, path: 'M0 0L0 100' },
};

/** A line of the mark before its turn, and how thick it is; of the pens, the later are above. */
export type MarkLine = { path: string; width: number; shade: number };

type Setting = { top: number; height: number; pen: number; gap: number };

/** Sets a word in the middle of a line; `pen` and `gap` are hundredths of the height. */
function setWord(text: string, { gap, height, pen, top }: Setting) {
  const scale = height / 100;
  const drawn = [...text].map((letter) => letters[letter] ?? { width: 0, path: '' });
  const length = drawn.reduce((sum, { width }) => sum + width + gap, -gap) * scale;
  let left = (markSide - length) / 2;
  const paths = drawn.map(({ path, width }) => {
    const moved = path.replace(/([\d.]+) ([\d.]+)/g, (_, x: string, y: string) =>
      [left + Number(x) * scale, top + Number(y) * scale].map((at) => at.toFixed(1)).join(' '),
    );
    left += (width + gap) * scale;
    return moved;
  });
  return { path: paths.join(''), width: Math.round(pen * scale) };
}

const words = [
  setWord('TEST', { top: 330, height: 200, pen: 22, gap: 44 }),
  setWord('NebulaAPI', { top: 600, height: 70, pen: 16, gap: 36 }),
];

/** The words in grey, with an edge of white that makes them seen on grey too. */
export const markLines: readonly MarkLine[] = [
  ...words.map(({ path, width }) => ({ path, width: width + 2 * edgeOf(width), shade: 1 })),
  ...words.map((word) => ({ ...word, shade: 0.5 })),
];

function edgeOf(width: number): number {
  return 2 + Math.round(width / 8);
}
