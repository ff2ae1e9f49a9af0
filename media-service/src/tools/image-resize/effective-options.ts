import type { Plan } from './plan-outputs.ts';
import type { ResizeOptions } from './run.ts';

/** What is known of an output. */
type Known = Pick<Plan['outputs'][number], 'filter' | 'type'> & {
  width?: number;
  height?: number;
  quality?: number;
};

/** Every option with the value that was used, or would be; each size where there are several. */
export function effectiveOptions(
  { variants: _variants, ...options }: ResizeOptions,
  outputs: readonly Known[],
): Record<string, unknown> {
  const each = outputs.map(({ filter, height, quality, type, width }) => ({
    width,
    height,
    format: type,
    filter,
    ...(quality === undefined ? {} : { quality }),
  }));
  const [first, ...others] = each;
  return others.length === 0 ? { ...options, ...first } : { ...options, variants: each };
}
