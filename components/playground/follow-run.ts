import type { Job } from '@nebula/contract/job';
import { offline, type RunFacts, type RunState, readProblem } from './run-state.ts';

type Followed = {
  job: Job;
  apiKey: string;
  /** Of the clock of the page. */
  startedAt: number;
  headers: RunFacts['headers'];
};

/** Follows a run that goes on as a job to its end, and cancels it with the signal. */
export async function followRun(
  { apiKey, headers, job: first, startedAt }: Followed,
  report: (state: RunState) => void,
  signal: AbortSignal,
): Promise<void> {
  const address = `/api/v1/jobs/${first.id}`;
  const auth = apiKey ? { authorization: `Bearer ${apiKey}` } : undefined;
  const cancel = () => {
    fetch(`${address}/cancel`, { method: 'POST', headers: auth }).catch(() => {});
    report({ phase: 'idle' });
  };
  if (signal.aborted) return cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    let job = first;
    while (job.status === 'queued' || job.status === 'processing') {
      report({ phase: 'running', percent: job.progress.percent || undefined });
      const answer = await fetch(`${address}?wait=2`, { headers: auth, signal });
      if (!answer.ok) throw answer;
      job = (await answer.json()) as Job;
    }
    if (job.status !== 'succeeded') return report({ phase: 'failed', problem: problemOf(job) });
    const [file, second] = job.files;
    const isOne = file !== undefined && second === undefined;
    const output = isOne
      ? await fetch(file.url, { signal })
      : await fetch(`${address}/archive`, { headers: auth, signal });
    if (!output.ok) throw output;
    report({
      phase: 'done',
      blob: await output.blob(),
      type: isOne ? file.mime : 'application/zip',
      filename: isOne ? file.filename : 'output.zip',
      milliseconds: Math.round(performance.now() - startedAt),
      headers,
      warnings: job.warnings,
    });
  } catch (error) {
    if (signal.aborted) return;
    const problem = error instanceof Response ? await readProblem(await error.blob()) : offline;
    report({ phase: 'failed', problem });
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** What a job says of its failure, as an answer would have. */
function problemOf({ error, status }: Job) {
  const title = status === 'failed' ? 'The run has failed' : `The job was ${status}`;
  const { code = status, message: detail = '' } = error ?? {};
  return { title, detail, code, status: 0 };
}
