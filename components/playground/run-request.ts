import type { Job } from '@nebula/contract/job';
import { toFormFields } from './code-samples.ts';
import { followRun } from './follow-run.ts';
import { offline, type RunFacts, type RunState, readProblem } from './run-state.ts';

type Call = {
  tool: string;
  /** Empty where the session speaks for the caller. */
  apiKey: string;
  /** Answered with a job, unless the call says that it waits. */
  isLong: boolean;
  files: { field: string; file: File }[];
  fields: Record<string, unknown>;
};

/**
 * Sends a form to the public API and reports its way. XHR, because fetch tells nothing of an upload.
 *
 * @returns a function that cancels the run
 */
export function startRun(
  { apiKey, fields, files, isLong, tool }: Call,
  report: (state: RunState) => void,
) {
  const form = new FormData();
  for (const [name, value] of toFormFields(fields)) form.append(name, value);
  for (const { field, file } of files) form.append(field, file, file.name);
  const request = new XMLHttpRequest();
  const startedAt = performance.now();
  const following = new AbortController();
  request.open('POST', `/api/v1/tools/${tool}`);
  if (apiKey) request.setRequestHeader('authorization', `Bearer ${apiKey}`);
  // A key that runs tools may not be one that looks at jobs.
  if (isLong && apiKey) request.setRequestHeader('prefer', 'wait=60');
  request.responseType = 'blob';
  request.upload.onprogress = ({ loaded, total }) =>
    report({ phase: 'uploading', percent: total > 0 ? (100 * loaded) / total : 100 });
  request.upload.onload = () => report({ phase: 'running' });
  request.onload = async () => {
    const blob = request.response as Blob;
    if (request.status === 202) {
      const job = JSON.parse(await blob.text()) as Job;
      const call = { job, apiKey, startedAt, headers: readHeaders(request) };
      return followRun(call, report, following.signal);
    }
    if (request.status >= 400) return report({ phase: 'failed', problem: await readProblem(blob) });
    report({
      phase: 'done',
      blob,
      type: request.getResponseHeader('content-type') ?? blob.type,
      filename: readFilename(request.getResponseHeader('content-disposition')),
      milliseconds: Math.round(performance.now() - startedAt),
      headers: readHeaders(request),
      warnings: readWarnings(request.getResponseHeader('x-nebula-warnings')),
    });
  };
  request.onerror = () => report({ phase: 'failed', problem: offline });
  request.onabort = () => report({ phase: 'idle' });
  report({ phase: 'uploading', percent: 0 });
  request.send(form);
  return () => {
    request.abort();
    following.abort();
  };
}

function readWarnings(header: string | null): RunFacts['warnings'] {
  try {
    return JSON.parse(header ?? '[]');
  } catch {
    return [];
  }
}

function readFilename(disposition: string | null): string {
  const encoded = /filename\*=UTF-8''([^;]+)/.exec(disposition ?? '')?.[1];
  return encoded ? decodeURIComponent(encoded) : 'output';
}

function readHeaders(request: XMLHttpRequest): [string, string][] {
  return request
    .getAllResponseHeaders()
    .trim()
    .split(/\r?\n/)
    .map((line): [string, string] => {
      const [name = '', ...value] = line.split(': ');
      return [name, value.join(': ')];
    })
    .filter(
      ([name]) =>
        /^x-(nebula|request|cache|quota|ratelimit-remaining)/.test(name) &&
        name !== 'x-nebula-warnings',
    );
}
