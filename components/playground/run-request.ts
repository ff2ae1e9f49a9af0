import { toFormFields } from './code-samples.ts';

/** The part of problem+json that the playground shows. */
export type Problem = {
  title: string;
  detail: string;
  code: string;
  status: number;
  request_id?: string;
  docs_url?: string;
  errors?: { path: string; message: string }[];
};

export type RunFacts = {
  milliseconds: number;
  headers: [name: string, value: string][];
  warnings: { code: string; message: string }[];
};

export type RunState =
  | { phase: 'idle' }
  | { phase: 'uploading'; percent: number }
  | { phase: 'running' }
  | { phase: 'failed'; problem: Problem }
  | ({ phase: 'done'; blob: Blob; filename: string; type: string } & RunFacts);

type Call = {
  tool: string;
  /** Empty where the session speaks for the caller. */
  apiKey: string;
  files: { field: string; file: File }[];
  fields: Record<string, unknown>;
};

/**
 * Sends a form to the public API and reports its way. XHR, because fetch tells nothing of an upload.
 *
 * @returns a function that cancels the run
 */
export function startRun({ apiKey, fields, files, tool }: Call, report: (state: RunState) => void) {
  const form = new FormData();
  for (const [name, value] of toFormFields(fields)) form.append(name, value);
  for (const { field, file } of files) form.append(field, file, file.name);
  const request = new XMLHttpRequest();
  const startedAt = performance.now();
  request.open('POST', `/api/v1/tools/${tool}`);
  if (apiKey) request.setRequestHeader('authorization', `Bearer ${apiKey}`);
  request.responseType = 'blob';
  request.upload.onprogress = ({ loaded, total }) =>
    report({ phase: 'uploading', percent: total > 0 ? (100 * loaded) / total : 100 });
  request.upload.onload = () => report({ phase: 'running' });
  request.onload = async () => {
    const blob = request.response as Blob;
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
  return () => request.abort();
}

const offline: Problem = {
  title: 'The service cannot be reached',
  detail: 'The connection failed before an answer came. Try again in a moment.',
  code: 'offline',
  status: 0,
};

async function readProblem(blob: Blob): Promise<Problem> {
  try {
    return JSON.parse(await blob.text()) as Problem;
  } catch {
    return offline;
  }
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
