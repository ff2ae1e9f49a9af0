import type { Job } from '@nebula/contract/job';
import { jobChannel, userChannel } from '@nebula/contract/realtime';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Realtime } from '#components/realtime/connection.ts';
import { createListeners, openPage } from '../../bench/realtime/audience.ts';
import { tellAll, tellByOutbox } from '../../bench/realtime/phases.ts';
import { bearer, type Credentials, call, sessionOf } from '../support/callers.ts';
import { begin, newCustomer, newOperator, reply } from '../support/conversations.ts';
import {
  accepted,
  acceptSlow,
  callJobs,
  endOf,
  getJob,
  newJobAccount,
  storedJob,
} from '../support/jobs.ts';
import { leaveCalls } from '../support/quota.ts';
import {
  areChannelsUp,
  bareClient,
  channelsPid,
  noteEvents,
  pageOf,
  waitingFor,
} from '../support/realtime.ts';
import { png } from '../support/samples.ts';
import { postForm, stack } from '../support/stack.ts';

const events = ['job.created', 'job.updated', 'job.finished', 'job.failed'] as const;
/** LATE_JOBS=200 is the whole. */
const late = Number(process.env.LATE_JOBS ?? 20);
const patient = { timeout: 30_000, interval: 50 };

let account: Awaited<ReturnType<typeof newJobAccount>>;
let session: Credentials;
beforeAll(async () => {
  account = await newJobAccount();
  session = await sessionOf(account.id);
});

const open: { close: () => void }[] = [];
const newPage = (as = session): Realtime => {
  const page = pageOf(as);
  open.push(page);
  return page;
};
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

describe('a page of the account', () => {
  test('hears of a job from its beginning to its end, in ids and small facts', async () => {
    const noted = await noteEvents(newPage(), userChannel(account.id), events);
    const { id } = await acceptSlow(account.key, 300);
    await endOf(account.key, id);
    const ofJob = () => noted.filter(({ job_id }) => job_id === id);
    await expect.poll(() => ofJob().at(-1)?.event, patient).toBe('job.finished');
    expect(ofJob().map(({ event }) => event)).toContain('job.updated');
    expect(ofJob()[0]?.event).toBe('job.created');
    expect(ofJob().at(-1)).toEqual({
      event: 'job.finished',
      event_id: expect.stringMatching(/^rte_[0-9A-Z]{26}$/),
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      job_id: id,
      tool: 'html-to-pdf',
      status: 'succeeded',
    });
    expect(JSON.stringify(noted)).not.toMatch(/https?:|nb_live|X-Amz/);
    await expect.poll(() => waitingFor(userChannel(account.id)), patient).toEqual([]);
  });

  test('hears that a job has failed, and that one was canceled', async () => {
    const noted = await noteEvents(newPage(), userChannel(account.id), events);
    const endings = () =>
      noted
        .filter(({ event }) => event === 'job.failed' || event === 'job.finished')
        .map(({ event, job_id, status }) => ({ event, job_id, status }));
    const file = new Blob([new Uint8Array([0xff, 0xd8, 0xff, 0xe0, ...Array(64).fill(1)])]);
    const later = { prefer: 'respond-async' };
    const failing = await accepted(
      await postForm('image-resize', account.key, { file, width: '9' }, later),
    );
    const slow = await acceptSlow(account.key, 10_000);
    await callJobs(account.key, `/${slow.id}/cancel`, { method: 'POST' });
    await expect.poll(endings, patient).toContainEqual({
      event: 'job.finished',
      job_id: slow.id,
      status: 'canceled',
    });
    await expect.poll(endings, patient).toContainEqual({
      event: 'job.failed',
      job_id: failing.id,
      status: 'failed',
    });
  });

  test('is not told of the jobs of others', async () => {
    const other = await newJobAccount();
    const noted = await noteEvents(newPage(), userChannel(account.id), events);
    const foreign = await noteEvents(
      newPage(await sessionOf(other.id)),
      userChannel(other.id),
      events,
    );
    const { id } = await acceptSlow(other.key, 50);
    await expect
      .poll(() => foreign.filter(({ event }) => event === 'job.finished').length, patient)
      .toBe(1);
    expect(noted.filter(({ job_id }) => job_id === id)).toEqual([]);
  });
});

test('a page is told what changes of conversations, notifications and usage, as it changes', async () => {
  const { as, id } = await newCustomer();
  const operator = await newOperator();
  const told = [
    'message.created',
    'message.read',
    'conversation.assigned',
    'conversation.closed',
    'conversation.updated',
    'notification.created',
    'notification.read',
    'usage.threshold',
  ] as const;
  const page = pageOf(as);
  open.push(page);
  const noted = await noteEvents(page, userChannel(id), told);
  const heard = () => new Set(noted.map(({ event }) => event));
  const conversation = await begin(as);
  await reply(operator.as, conversation, { text: 'Hello' });
  const change = (body: object) =>
    call('PATCH', `/admin/conversations/${conversation}`, operator.as, body);
  for (const body of [{ assignee_id: operator.id }, { status: 'closed' }, { status: 'open' }])
    expect((await change(body)).status).toBe(200);
  await call('POST', `/conversations/${conversation}/read`, as, { seq: 2 });
  await call('POST', '/notifications/read-all', as, {});
  await leaveCalls(id, 10);
  await expect.poll(heard, patient).toEqual(new Set(told));
  // What an event carries is no secret, and no way to a file.
  for (const event of noted)
    expect(JSON.stringify(event)).not.toMatch(/https?:|nb_live|whsec_|eyJ/);
});

test('two who look at one job both hear its end, one of them with a key', async () => {
  const { id } = await acceptSlow(account.key, 1_500);
  const seen = await Promise.all([
    noteEvents(newPage(), jobChannel(id), events),
    noteEvents(newPage(bearer(account.key)), jobChannel(id), events),
  ]);
  for (const noted of seen)
    await expect
      .poll(() => noted.at(-1), patient)
      .toMatchObject({
        event: 'job.finished',
        job_id: id,
        status: 'succeeded',
      });
});

test(
  `whoever comes late to ${late} fast jobs hears the end of each, by a channel and by a stream, once`,
  async () => {
    const { id: accountId, key } = await newJobAccount();
    const file = new Blob([new Uint8Array(await png(8, 8))]);
    const begin = () => {
      const fields = { file, cache: 'false', width: '4' };
      return postForm('image-resize', key, fields, { prefer: 'respond-async' }).then(accepted);
    };
    const jobs: Job[] = [];
    while (jobs.length < late) jobs.push(...(await Promise.all(Array.from({ length: 10 }, begin))));
    const owner = await sessionOf(accountId);
    const byChannel = async (page: Realtime, id: string) => {
      const noted = await noteEvents(page, jobChannel(id), ['job.finished']);
      // Heard from now on; what came before is asked for.
      if ((await getJob(key, id)).status !== 'succeeded')
        await expect.poll(() => noted.length, { timeout: 60_000, interval: 50 }).toBe(1);
      return noted;
    };
    const byStream = async (id: string) => {
      const headers = { accept: 'text/event-stream' };
      const text = await (await callJobs(key, `/${id}/events`, { headers })).text();
      return text.match(/^event: (?:finished|failed)$/gm);
    };
    const ids = jobs.map(({ id }) => id);
    const noted: unknown[][] = [];
    const streamed: unknown[] = [];
    for (let at = 0; at < late; at += 10) {
      const some = ids.slice(at, at + 10);
      const page = newPage(owner);
      noted.push(...(await Promise.all(some.map((id) => byChannel(page, id)))));
      streamed.push(...(await Promise.all(some.map(byStream))));
    }
    expect(streamed).toEqual(ids.map(() => ['event: finished']));
    for (const id of ids) expect((await storedJob(accountId, id)).status).toBe('succeeded');
    expect(noted.filter(({ length }) => length > 1)).toEqual([]);
  },
  60_000 + late * 1_000,
);

test('1,000 pages hear each event once, and again after the channels server was killed', async () => {
  const listeners = await createListeners(20);
  const sentAt = new Map<string, number>();
  const count = { asked: 0, refused: 0 };
  const pages = Array.from({ length: 50 }, () => listeners)
    .flat()
    .map((listener) => openPage(stack, listener, { count, sentAt }));
  open.push(...pages.map(({ realtime }) => realtime));
  const live = () => pages.filter(({ channel, realtime }) => realtime.isLive(channel)).length;
  const pace = { events: 100, perSecond: 25, sentAt };
  const all = { timeout: 120_000, interval: 50 };
  await expect.poll(live, all).toBe(1_000);
  expect(await tellAll(pages, tellByOutbox, pace)).toMatchObject({ lost: 0, doubled: 0 });
  process.kill(channelsPid(), 'SIGKILL');
  await expect.poll(live, all).toBe(0);
  await expect.poll(live, all).toBe(1_000);
  expect(await tellAll(pages, tellByOutbox, pace)).toMatchObject({ lost: 0, doubled: 0 });
}, 300_000);

describe('with a channels server that does not answer', () => {
  test('a job succeeds, its end is told once when the server is back, and the page hears it', async () => {
    const page = newPage();
    const channel = userChannel(account.id);
    await noteEvents(page, channel, events);
    let timesLive = 0;
    page.onLive(channel, () => {
      timesLive += 1;
    });
    const pid = channelsPid();
    process.kill(pid, 'SIGSTOP');
    const { id } = await acceptSlow(account.key, 50);
    const { status } = await endOf(account.key, id);
    process.kill(pid, 'SIGKILL');
    expect(status).toBe('succeeded');
    expect(await waitingFor(channel)).toContain('job.finished');

    await expect.poll(areChannelsUp, patient).toBe(true);
    const bare = await bareClient(session, channel);
    open.push(bare);
    const endings = () =>
      bare.heard.filter(({ data, event }) => event === 'job.finished' && data.job_id === id);
    await expect.poll(() => endings().length, patient).toBe(1);
    // What has gone out is forgotten, so nothing can come once more.
    await expect.poll(() => waitingFor(channel), patient).toEqual([]);
    expect(endings()).toHaveLength(1);
    // The page comes back by itself, and says so: that is when it asks for what it has missed.
    await expect.poll(() => timesLive, patient).toBe(1);
    expect(page.isLive(channel)).toBe(true);
  });

  test('a caller of publish waits for nothing', async () => {
    const { publish } = await import('#server/modules/realtime/service.ts');
    const channel = userChannel(account.id);
    const noted = await noteEvents(newPage(), channel, ['notification.created']);
    const pid = channelsPid();
    process.kill(pid, 'SIGSTOP');
    await Promise.all(
      Array.from({ length: 30 }, (_, n) => publish(channel, 'notification.created', { n })),
    );
    expect(await waitingFor(channel)).toHaveLength(30);
    process.kill(pid, 'SIGCONT');
    await expect.poll(() => noted.length, patient).toBe(30);
    await expect.poll(() => waitingFor(channel), patient).toEqual([]);
    const numbers = noted.map(({ n }) => Number(n)).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 30 }, (_, n) => n));
  });
});

test('events that a process left behind are told in the order in which they happened', async () => {
  const { database } = await import('#server/database.ts');
  const { newId } = await import('#server/platform/ids.ts');
  const channel = userChannel(account.id);
  const noted = await noteEvents(newPage(), channel, ['notification.created']);
  const now = Date.now();
  const rows = Array.from({ length: 25 }, (_, n) => {
    const id = newId('rte');
    const data = JSON.stringify({ n, event_id: id, at: new Date(now).toISOString() });
    const told = { channels: [channel], event: 'notification.created', data };
    return { ...told, id, dueAt: String(now), expiresAt: Math.floor(now / 1000) + 600 };
  });
  await database().realtimeEvent.put(rows).go();
  await expect.poll(() => noted.length, patient).toBe(25);
  expect(noted.map(({ n }) => n)).toEqual(rows.map((_, n) => n));
});

test('an event that is published again under its id is heard once', async () => {
  const { publish } = await import('#server/modules/realtime/service.ts');
  const { newId } = await import('#server/platform/ids.ts');
  const channel = userChannel(account.id);
  const noted = await noteEvents(newPage(), channel, ['usage.threshold', 'subscription.updated']);
  const eventId = newId('rte');
  for (let times = 0; times < 3; times++)
    await publish(channel, 'usage.threshold', { percent: 80 }, { eventId });
  await publish(channel, 'subscription.updated', {});
  await expect.poll(() => noted.at(-1)?.event, patient).toBe('subscription.updated');
  expect(noted.map(({ event }) => event)).toEqual(['usage.threshold', 'subscription.updated']);
});

test('facts that are far too large are left out, and the event is heard', async () => {
  const { hint } = await import('#server/modules/realtime/service.ts');
  const channel = userChannel(account.id);
  const noted = await noteEvents(newPage(), channel, ['typing']);
  hint(channel, 'typing', { much: 'x'.repeat(20_000) });
  await expect
    .poll(() => noted.map((event) => Object.keys(event).sort()), patient)
    .toEqual([['at', 'event', 'event_id']]);
});
