import { z } from 'zod';
import type { FieldError, WireError } from './errors.ts';
import type { Estimate } from './estimate.ts';
import type { FileType } from './file-types.ts';
import type { Warning } from './warnings.ts';

/**
 * What the web process and the media-service say to each other about one run.
 *
 * Request: `POST /run/{tool}`, `Authorization: Bearer <token>`. The body is a 4-byte big-endian
 * length, a {@link RunRequest} as JSON, and then the bytes of each file without a `path`, in order.
 * Answer: JSON lines ({@link RunEvent}); after the `result` line come the bytes of each output
 * without a `path`, in order. Refusals before the run are HTTP errors with a {@link WireError}.
 */
export const runRequest = z.strictObject({
  request_id: z.string().max(64),
  account_id: z.string().max(64),
  /** Milliseconds that the whole run may take, queueing included. */
  timeout_ms: z.int().min(1).max(1_860_000),
  options: z.record(z.string(), z.unknown()),
  /** Only looks at the input, and answers with an estimate instead of outputs. */
  is_estimate: z.boolean().optional(),
  /** Marks what is made, because a test key asked for it. */
  is_test: z.boolean().optional(),
  files: z
    .array(
      z.strictObject({
        filename: z.string().max(1024),
        type: z.string(),
        size: z.int().min(0),
        /** Where the file lies, when both sides share the spool directory. */
        path: z.string().optional(),
      }),
    )
    .max(101),
  /** Directory in the shared spool that takes the outputs; absent: bytes in the answer. */
  output_dir: z.string().optional(),
});

export type RunRequest = z.infer<typeof runRequest>;

export type RunEvent =
  | { type: 'progress'; progress: Progress }
  | { type: 'result'; result: RunResult }
  | { type: 'error'; error: WireError };

export type Progress = {
  /** 0–100. */
  percent: number;
  stage: string;
  message?: string;
  eta_seconds?: number;
  /** Pictures that a video engine does per second. */
  fps?: number;
  /** Seconds of video that are done per second. */
  speed?: number;
  /** Which time the video is gone through, from 1. */
  pass?: number;
};

/** One output of a run; `path` is set when it lies in the shared spool. */
export type OutputFile = {
  filename: string;
  type: FileType;
  mime: string;
  /** Bytes. */
  size: number;
  sha256: string;
  width?: number;
  height?: number;
  /** Page count of a document. */
  pages?: number;
  /** 1-based page that an image shows. */
  page?: number;
  /** Dots per inch. */
  dpi?: number;
  /** Seconds. */
  duration?: number;
  /** Codec of the picture: `h264`, `hevc`. */
  codec?: string;
  /** Bits per second, sound included. */
  bitrate?: number;
  /** Pictures per second. */
  fps?: number;
  path?: string;
};

/** What a run has seen of an input; what its type does not have, or nobody looked at, is left out. */
export type InputFacts = {
  /** Pages of a document, or frames of a picture. */
  pages?: number;
  /** Pixels of a picture, upright, or points of the first page of a document. */
  width?: number;
  height?: number;
  /** Seconds. */
  duration?: number;
};

export type RunResult = {
  files: OutputFile[];
  /** What was seen of the inputs, in their order. */
  inputs?: InputFacts[];
  engine: { name: string; version: string };
  timing: { queue_ms: number; run_ms: number };
  options_effective: Record<string, unknown>;
  /** Whether an equal call may have these bytes; the keys of an encrypted PDF are drawn anew. */
  is_repeatable: boolean;
  /** What a tool measured, where its answer is more than files. */
  result?: Record<string, unknown>;
  warnings: Warning[];
  /** Set where one was asked for; then there are no files. */
  estimate?: Estimate;
};

export type { FieldError };
