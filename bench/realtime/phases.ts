import { setTimeout as delay } from 'node:timers/promises';
import type { RealtimeEvent } from '@nebula/contract/realtime';
import Pusher from 'pusher';
import type { StackFile } from '#local/stack/stack.ts';
import { publish } from '#server/modules/realtime/service.ts';
import { newId } from '#server/platform/ids.ts';
import type { Page } from './audience.ts';

const event: RealtimeEvent = 'notification.created';

/** Tells one event; resolves when the caller may go on. */
export type Tell = (channel: string, mark: string) => Promise<void>;

/** The product: the outbox first, Pusher later. */
export const tellByOutbox: Tell = (channel, mark) => publish(channel, event, { mark });

/** The yardstick: Pusher at once, and the caller waits for it. */
export function tellDirectly({ env }: StackFile): Tell {
  const client = new Pusher({
    appId: env.PUSHER_APP_ID ?? '',
    key: env.PUSHER_KEY ?? '',
    secret: env.PUSHER_SECRET ?? '',
    host: env.PUSHER_HOST ?? '',
    port: env.PUSHER_PORT ?? '',
    useTLS: false,
  });
  return async (channel, mark) => {
    const at = new Date().toISOString();
    await client.trigger(channel, event, { mark, event_id: newId('rte'), at });
  };
}

export type Told = { waits: number[]; delays: number[]; lost: number; doubled: number };

/** Tells so many events at an even pace, and waits until every page of each channel has heard them. */
export async function tellAll(
  pages: readonly Page[],
  tell: Tell,
  { events, perSecond, sentAt }: { events: number; perSecond: number; sentAt: Map<string, number> },
): Promise<Told> {
  const channels = [...new Set(pages.map(({ channel }) => channel))];
  for (const page of pages) {
    page.heard.clear();
    page.delays.length = 0;
  }
  const waits: number[] = [];
  const expected = new Map<string, number>();
  const begin = performance.now();
  const calls: Promise<void>[] = [];
  for (let n = 0; n < events; n++) {
    await delay(Math.max(0, begin + (n * 1000) / perSecond - performance.now()));
    const channel = channels[n % channels.length] ?? '';
    expected.set(channel, (expected.get(channel) ?? 0) + 1);
    const mark = newId('rte');
    const from = performance.now();
    sentAt.set(mark, from);
    calls.push(tell(channel, mark).then(() => void waits.push(performance.now() - from)));
  }
  await Promise.all(calls);
  const missing = () =>
    pages.reduce((sum, { channel, heard }) => sum + (expected.get(channel) ?? 0) - heard.size, 0);
  await until(() => missing() === 0, 30_000);
  const times = pages.flatMap(({ heard }) => [...heard.values()]);
  return {
    waits,
    delays: pages.flatMap(({ delays }) => delays),
    lost: missing(),
    doubled: times.filter((count) => count > 1).length,
  };
}

export const countLive = (pages: readonly Page[]): number =>
  pages.filter(({ channel, realtime }) => realtime.isLive(channel)).length;

/** Milliseconds until so many pages hear their channel; undefined when they do not in two minutes. */
export async function untilLive(
  pages: readonly Page[],
  share: number,
): Promise<number | undefined> {
  const from = performance.now();
  const wanted = Math.ceil(pages.length * share);
  const isReached = await until(() => countLive(pages) >= wanted, 120_000);
  return isReached ? performance.now() - from : undefined;
}

/** Whether something came true in time. */
export async function until(isTrue: () => boolean, milliseconds: number): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (!isTrue()) {
    if (performance.now() > end) return false;
    await delay(20);
  }
  return true;
}

/** The value below which a share of all values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
