import type { RunOutput } from '../../jobs/job.ts';
import type { MatchImage } from './open-match-image.ts';

/** What the OpenCV worker says of one pair; see `python/match.py`. */
export type PairAnswer = {
  score: number;
  verdict: 'duplicate' | 'very_similar' | 'related' | 'different';
  scores: Record<string, number>;
  inliers: number | null;
  detector: 'orb' | 'sift' | null;
  mirrored: boolean;
  homography: number[][] | null;
  outline: [number, number][] | null;
  hashes: { source: string; target: string };
  sourceHasAlpha: boolean;
  targetHasAlpha: boolean;
  /** Size of the drawing. */
  visual: { width: number; height: number } | null;
};

export type ComparedTarget = PairAnswer & {
  index: number;
  target: MatchImage;
  drawing?: RunOutput['files'][number];
};

/** The public result. Coordinates are pixels of the upright files, the upper left corner is 0,0. */
export function describeMatch(
  threshold: number,
  methods: readonly string[],
  source: MatchImage,
  compared: ComparedTarget[],
): Record<string, unknown> {
  return {
    source: sizeOf(source),
    methods,
    threshold,
    matches: compared.filter(({ score }) => score >= threshold).length,
    targets: compared.map((each) => ({
      index: each.index,
      ...sizeOf(each.target),
      score: each.score,
      verdict: each.verdict,
      match: each.score >= threshold,
      scores: each.scores,
      inliers: each.inliers,
      detector: each.detector,
      mirrored: each.mirrored,
      homography: each.homography,
      outline: each.outline,
      hashes: { source: { phash: each.hashes.source }, target: { phash: each.hashes.target } },
    })),
  };
}

function sizeOf({ filename, height, width }: MatchImage) {
  return { filename, width, height };
}
