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
  | { phase: 'running'; percent?: number }
  | { phase: 'failed'; problem: Problem }
  | ({ phase: 'done'; blob: Blob; filename: string; type: string } & RunFacts);

/** Where no answer came. */
export const offline: Problem = {
  title: 'The service cannot be reached',
  detail: 'The connection failed before an answer came. Try again in a moment.',
  code: 'offline',
  status: 0,
};

/** An error as the API tells it; whatever else came is no answer. */
export async function readProblem(blob: Blob): Promise<Problem> {
  try {
    return JSON.parse(await blob.text()) as Problem;
  } catch {
    return offline;
  }
}
