import type { Readable } from 'node:stream';
import { contentDisposition } from '@nebula/contract/filename';
import type { Job } from '@nebula/contract/job';
import type { OutputFile, RunResult } from '@nebula/contract/run';
import { openZip } from '../platform/zip.ts';

type RunFile = OutputFile & { open: () => Readable };
type ToolRun = {
  units: number;
  files: RunFile[];
  result: Omit<RunResult, 'files'>;
  job?: Job;
};
/** A run that goes on as a job after the answer. */
type AcceptedRun = { accepted: Job; preference?: string };
type Answer = { headers: [string, string][]; body: Readable | string };

/** Anything but a run of a tool. */
export function jsonAnswer(value: unknown): Answer {
  return {
    headers: [['content-type', 'application/json; charset=utf-8']],
    body: JSON.stringify(value ?? null),
  };
}

/** JSON that is too long to be held at once. */
export function streamAnswer({ open }: { open: () => Readable }): Answer {
  return { ...jsonAnswer(null), body: open() };
}

/** The way to where the bytes are. */
export function redirectAnswer(output: { url: string }): Answer {
  const json = jsonAnswer(output);
  return { ...json, headers: [...json.headers, ['location', output.url]] };
}

/** Whether a run goes on as a job. */
export const isAccepted = (run: ToolRun | AcceptedRun): run is AcceptedRun => 'accepted' in run;

/** Where the job is that was accepted. */
export function acceptedAnswer({ accepted, preference }: AcceptedRun): Answer {
  const json = jsonAnswer(accepted);
  const headers: [string, string][] = [['location', `/api/v1/jobs/${accepted.id}`]];
  if (preference !== undefined) headers.push(['preference-applied', preference]);
  return { ...json, headers: [...json.headers, ...headers] };
}

/** A stream of events; no proxy should hold them back. */
export function eventsAnswer({ open }: { open: () => Readable }): Answer {
  const type = 'text/event-stream; charset=utf-8';
  return {
    headers: [
      ['content-type', type],
      ['x-accel-buffering', 'no'],
    ],
    body: open(),
  };
}

/** All outputs of a run as one ZIP. */
export const archiveAnswer = (run: ToolRun): Answer => zipAnswer(run.files, runHeaders(run));

/** A finished run: the job where JSON was asked for, one file as it is, several as a ZIP stream. */
export function runAnswer(run: ToolRun): Answer {
  const facts = runHeaders(run);
  if (run.job) {
    const json = jsonAnswer(run.job);
    return { ...json, headers: [...json.headers, ...facts] };
  }
  const [first, second] = run.files;
  if (first && !second) return fileAnswer(first, facts);
  return zipAnswer(run.files, facts);
}

function fileAnswer(file: RunFile, facts: [string, string][]): Answer {
  const describe = Object.entries({
    'x-nebula-sha256': file.sha256,
    'x-nebula-width': file.width,
    'x-nebula-height': file.height,
    'x-nebula-pages': file.pages,
    'x-nebula-dpi': file.dpi,
    'x-nebula-duration': file.duration,
    'x-nebula-codec': file.codec,
    'x-nebula-bitrate': file.bitrate,
    'x-nebula-fps': file.fps,
  }).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return {
    headers: [
      ['content-type', file.mime],
      ['content-length', String(file.size)],
      ...downloadHeaders(file.filename),
      ...describe,
      ...facts,
    ],
    body: file.open(),
  };
}

function zipAnswer(files: RunFile[], facts: [string, string][]): Answer {
  return {
    headers: [['content-type', 'application/zip'], ...downloadHeaders('results.zip'), ...facts],
    body: openZip(files).stream,
  };
}

/** A stored file must never run in a browser on our origin. */
function downloadHeaders(filename: string): [string, string][] {
  return [
    ['content-disposition', contentDisposition(filename)],
    ['content-security-policy', 'sandbox'],
  ];
}

function runHeaders({ files, result, units }: ToolRun): [string, string][] {
  const headers: [string, string][] = [
    ['x-nebula-engine', `${result.engine.name}/${result.engine.version}`],
    ['x-nebula-files', String(files.length)],
    ['x-nebula-queue-ms', String(Math.round(result.timing.queue_ms))],
    ['x-nebula-run-ms', String(Math.round(result.timing.run_ms))],
    ['x-nebula-units', String(units)],
  ];
  if (result.warnings.length > 0) headers.push(['x-nebula-warnings', asciiJson(result.warnings)]);
  return headers;
}

/** Header values are ASCII, and a proxy may refuse long ones. */
function asciiJson(warnings: RunResult['warnings']): string {
  const brief = warnings.slice(0, 10).map(({ code, message }) => ({
    code,
    message: message.slice(0, 200),
  }));
  return JSON.stringify(brief).replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
