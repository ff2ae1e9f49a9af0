import { type PlannedOutput, wantedOutputs } from './plan-outputs.ts';
import type { ResizeJob } from './run.ts';

/** Tells of each option that has no say in some output, once. */
export function warnOfUnused(
  { options, warn }: ResizeJob,
  planned: readonly PlannedOutput[],
): void {
  const reasons = wantedOutputs(options).flatMap((wanted, at) =>
    reasonsOf(wanted, planned[at]?.type ?? 'jpg'),
  );
  for (const reason of new Set(reasons)) warn('option_ignored', reason);
}

function reasonsOf(
  {
    focus,
    gravity,
    lossless,
    mode,
    progressive,
    quality,
  }: ReturnType<typeof wantedOutputs>[number],
  type: PlannedOutput['type'],
): string[] {
  const isExact = type === 'png' || (lossless && type !== 'jpg');
  const isPlaced = mode === 'fill' || mode === 'crop';
  const hasPlace = isPlaced || (mode === 'pad' && gravity !== 'smart');
  return [
    ...(quality !== undefined && isExact
      ? [`quality does not apply to ${type === 'png' ? 'png' : `lossless ${type}`}.`]
      : []),
    ...(lossless && (type === 'jpg' || type === 'png')
      ? [`lossless does not apply to ${type}.`]
      : []),
    ...(progressive && type !== 'jpg' ? [`progressive does not apply to ${type}.`] : []),
    ...(focus && !isPlaced ? [`focus does not apply to mode ${mode}, which cuts nothing.`] : []),
    ...(focus && isPlaced && gravity !== 'center' ? ['gravity does not apply beside focus.'] : []),
    ...(gravity !== 'center' && !hasPlace
      ? [`gravity ${gravity} does not apply to mode ${mode}.`]
      : []),
  ];
}
