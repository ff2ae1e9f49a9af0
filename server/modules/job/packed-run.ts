import { gunzipSync, gzipSync } from 'node:zlib';
import type { StoredRun } from '../tool-run/service.ts';

/** Finished runs by the step that has made them. */
export type StepRuns = Record<string, StoredRun>;

/** A finished run as one short text: a row holds 400 KB, and a run may have hundreds of outputs. */
export const packRun = (run: StoredRun): string => pack(run);

/** The run of {@link packRun}. */
export const unpackRun = (packed: string): StoredRun => unpack(packed) as StoredRun;

/** The runs of a job of several steps. */
export const packRuns = (runs: StepRuns): string => pack(runs);

/** The runs of {@link packRuns}. */
export const unpackRuns = (packed: string): StepRuns => unpack(packed) as StepRuns;

const pack = (value: unknown) => gzipSync(JSON.stringify(value)).toString('base64');

const unpack = (packed: string): unknown =>
  JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString());
