import type { ConvertOptions } from './convert.ts';
import type { SectionParts } from './parse/model.ts';

/** Every option with the value that was used; the paper is that of the first section. */
export function effectiveOptions(
  { password: _password, ...options }: ConvertOptions,
  first: SectionParts['section'] | undefined,
): Record<string, unknown> {
  const round = (value: number) => `${Math.round(value * 100) / 100}pt`;
  return {
    ...options,
    ...(first && {
      page_size: options.page_size ?? `${round(first.width)} x ${round(first.height)}`,
      orientation: first.width > first.height ? 'landscape' : 'portrait',
      margin: Object.fromEntries(
        Object.entries(first.margin).map(([side, value]) => [side, round(value)]),
      ),
    }),
  };
}
