import { readFileSync } from 'node:fs';
import { type Job, jobSchema } from '@nebula/contract/job';
import { beforeAll, describe, expect, test } from 'vitest';
import { accept, accepted, acceptSlow, callJobs, endOf, newJobAccount } from '../support/jobs.ts';
import { postForm } from '../support/stack.ts';

let account: Awaited<ReturnType<typeof newJobAccount>>;
beforeAll(async () => {
  account = await newJobAccount();
});

type Event = { id: number; event: string; job: Job };

/** Reads a stream of events to its end. */
async function follow(id: string, lastEventId?: number): Promise<Event[]> {
  const headers = {
    accept: 'text/event-stream',
    ...(lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }),
  };
  const response = await callJobs(account.key, `/${id}/events`, { headers });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  return (await response.text()).split('\n\n').flatMap(toEvent);
}

function toEvent(block: string): Event[] {
  const fields = block.split('\n').map((line) => line.split(/: (.*)/s));
  const { data, event, id } = Object.fromEntries(fields);
  if (data === undefined) return [];
  const job = jobSchema.strict().parse(JSON.parse(data));
  return [{ id: Number(id), event: String(event), job }];
}

describe('the events of a job', () => {
  test('begin with a snapshot, go through its progress, and end with it', async () => {
    const { id } = await acceptSlow(account.key, 2_000);
    const events = await follow(id);
    expect(events.length).toBeGreaterThanOrEqual(3);
    expect(events[0]).toMatchObject({ event: 'snapshot', job: { id, finished_at: null } });
    expect(events.at(-1)).toMatchObject({ event: 'finished', job: { status: 'succeeded' } });
    for (const { event } of events.slice(1, -1)) expect(event).toBe('updated');
    const order = events.map((each) => each.id);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(new Set(order).size).toBe(order.length);
  });

  test('end with the last one for who comes late', async () => {
    const { id } = await accept(account.key, 'html-to-pdf', { html: 'late' });
    await endOf(account.key, id);
    const events = await follow(id);
    expect(events.map(({ event }) => event)).toEqual(['snapshot', 'finished']);
    expect(events[0]?.job.files).toHaveLength(1);
  });

  test('go on where the last one was seen, and always end', async () => {
    const { id } = await accept(account.key, 'html-to-pdf', { html: 'again' });
    await endOf(account.key, id);
    const last = (await follow(id)).at(-1);
    const again = await follow(id, last?.id);
    expect(again.map((each) => [each.event, each.id])).toEqual([['finished', last?.id]]);
  });

  test('of a video say pass, pictures a second, speed and what is left', async () => {
    const file = new Blob([readFileSync('samples/video-compress/nebula.mp4')]);
    const fields = { file, target_reduction: '60', cache: 'false' };
    const job = await accepted(await postForm('video-compress', account.key, fields));
    const told = (await follow(job.id)).map((each) => each.job.progress);
    expect(told.filter(({ fps, speed }) => Number(fps) > 0 && Number(speed) > 0)).not.toEqual([]);
    expect(told.some(({ pass }) => pass === 1)).toBe(true);
    expect(told.some(({ eta_seconds }) => eta_seconds !== null)).toBe(true);
    expect(told.at(-1)).toMatchObject({ percent: 100, stage: 'done', fps: null, pass: null });
  });

  test('tell of a cancellation at once to who follows', async () => {
    const { id } = await acceptSlow(account.key, 10_000);
    const following = follow(id);
    const cancel = await callJobs(account.key, `/${id}/cancel`, { method: 'POST' });
    expect(cancel.status).toBe(200);
    expect((await following).at(-1)?.job.status).toBe('canceled');
  });
});
