import type { Estimate } from '@nebula/contract/estimate';
import type { FileType } from '@nebula/contract/file-types';
import type { InputFacts, OutputFile, Progress } from '@nebula/contract/run';
import type { InputFile, RunOptions } from '@nebula/contract/tool';
import type { ToolId, tools } from '@nebula/contract/tools';
import type { WarningCode } from '@nebula/contract/warnings';
import type { EngineName, Engines } from '../engines/engines.ts';

/** One run of a tool: its inputs, the folder it may write in, and the way to be stopped. */
export type Job<Options> = {
  id: string;
  accountId: string;
  options: Options;
  /** A test key asked for it: what is made carries the mark of `test-mark/`. */
  isTest: boolean;
  /** Inputs as plain files inside `dir`, with generated names. */
  files: InputFile[];
  /** The job's own folder; removed on every way out. */
  dir: string;
  /** Aborts at the deadline, when the caller hangs up, and on shutdown; `reason` is an AppError. */
  signal: AbortSignal;
  /** Milliseconds until the deadline, never below zero. */
  remainingMs: () => number;
  progress: (progress: Progress) => void;
  /** Tells the caller of a clamp, a substitution or a drop; see the table of warnings. */
  warn: (code: WarningCode, message: string, facts?: Record<string, unknown>) => void;
  /** Notes what was seen of an input, for the answer; of the first one where no other is named. */
  noteInput: (facts: InputFacts, index?: number) => void;
  /** A fresh path inside `dir` for one output. */
  outputPath: (type: FileType) => string;
};

/** What a runner gives back; sizes, hashes and MIME types are filled in by the caller. */
export type RunOutput = {
  files: (Pick<
    OutputFile,
    | 'type'
    | 'width'
    | 'height'
    | 'pages'
    | 'page'
    | 'dpi'
    | 'duration'
    | 'codec'
    | 'bitrate'
    | 'fps'
  > & {
    path: string;
    /** A part that tells several outputs apart, such as `800w`; becomes part of the name. */
    label?: string;
  })[];
  engine: { name: string; version: string };
  optionsEffective: Record<string, unknown>;
  /** False where something beside input and options had a say, such as the web; true by default. */
  isRepeatable?: boolean;
  /** What the tool measured, where its answer is more than files. */
  result?: Record<string, unknown>;
};

/** What a look at the input says of a run, and the options that it would use: never a secret. */
export type Forecast = Estimate & Pick<RunOutput, 'optionsEffective'>;

/** How one tool is run. */
export type Runner<K extends ToolId> = {
  /** The engine whose queue the job waits in. */
  engine: EngineName;
  /** CPU tokens that one run takes from the semaphore over all tools. */
  cpuTokens: number;
  run: (job: Job<RunOptions<(typeof tools)[K]>>, engines: Engines) => Promise<RunOutput>;
  /** Says what `run` would give, from a look at the input; refuses what `run` would refuse at once. */
  estimate: (job: Job<RunOptions<(typeof tools)[K]>>, engines: Engines) => Promise<Forecast>;
};
