import { parseArgs } from 'node:util';

/** The groups of rows that can be asked for. */
export const suiteNames = [
  'image-resize',
  'image-match',
  'html-to-pdf',
  'word-to-pdf',
  'img-to-pdf',
  'pdf-to-images',
  'video-compress',
  'gateway',
  'upload',
] as const;

export type SuiteName = (typeof suiteNames)[number];

export type BenchOptions = {
  suites: SuiteName[];
  /** How often every contestant runs; medians are taken over the rounds. */
  rounds: number;
};

/** Reads `--only image-resize,gateway` and `--rounds 5`; a wrong value ends with what is allowed. */
export function readOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: { only: { type: 'string' }, rounds: { type: 'string', default: '5' } },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 100)
    throw new Error(`Expected --rounds between 1 and 100, received ${values.rounds}.`);
  const wanted = values.only?.split(',') ?? [...suiteNames];
  const suites = suiteNames.filter((name) => wanted.includes(name));
  const unknown = wanted.find((name) => !suites.some((suite) => suite === name));
  if (unknown !== undefined)
    throw new Error(`Expected --only from ${suiteNames.join(', ')}; received ${unknown}.`);
  return { suites, rounds };
}
