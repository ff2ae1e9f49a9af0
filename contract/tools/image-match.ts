import { z } from 'zod';
import { defineTool, type Issue } from '../tool.ts';

/** The most pixels that the source, or one target, may have. */

/** The ways of comparing, in the order in which results name them. */
export const matchMethods = ['phash', 'ssim', 'histogram', 'features'] as const;

export const imageMatch = defineTool({
  id: 'image-match',
  title: 'Match images',
  summary: 'Find a picture among others, even turned, cut, recompressed or seen from the side.',
  description:
    'Holds one source against up to a hundred targets. Each target gets a `score` from 0 to 1, a `verdict` (`duplicate`, `very_similar`, `related`, `different`), and the score of every method: perceptual hash, structural similarity, colour histogram, and matching corners with the place of the source in the target. Thresholds come from a published calibration. The answer is JSON; with `visual` it is a ZIP of the JSON and a PNG for each target.',
  category: 'feature',
  source: {
    field: 'source',
    accepts: ['jpg', 'png', 'webp', 'avif', 'gif', 'tiff', 'svg'],
    maxFiles: 1,
    url: 'fetch',
    list: { field: 'targets', maxFiles: 100 },
  },
  options: {
    methods: z
      .array(z.enum(matchMethods))
      .min(1)
      .max(matchMethods.length)
      .default([...matchMethods])
      .describe(
        'Ways of comparing. phash: the same picture, scaled or recompressed. features: also turned, cut or seen from the side. ssim: pixel by pixel, after features has aligned them. histogram: colours.',
      ),
    threshold: z
      .number()
      .min(0)
      .max(1)
      .default(0.85)
      .describe('Score from which a target is a match.'),
    visual: z
      .enum(['none', 'diff', 'overlay', 'matches'])
      .default('none')
      .describe(
        'A picture for each target: the differences in red, the source laid over its place, or lines between matching corners.',
      ),
  },
  check: checkMethods,
  outputs: ['json', 'png'],
  groups: [
    { title: 'Comparison', fields: ['threshold', 'visual'] },
    { title: 'Methods', fields: ['methods'], advanced: true },
  ],
  example: { threshold: 0.85, visual: 'matches' },
});

/** Also checked by the runner, which gets options without the files. */
export function checkMethods({
  methods = [...matchMethods],
  visual,
}: {
  methods?: readonly string[];
  visual?: string;
}): Issue[] {
  const double = methods.findIndex((method, at) => methods.indexOf(method) < at);
  if (double >= 0) {
    const message = `Expected each method once; received ${methods[double]} again.`;
    return [{ path: `methods.${double}`, message }];
  }
  if (visual === 'matches' && !methods.includes('features')) {
    const message = `visual matches needs features among methods; received ${methods.join(', ')}.`;
    return [{ path: 'visual', message }];
  }
  return [];
}
