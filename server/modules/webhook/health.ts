import { clock } from '../../platform/clock.ts';
import { writeTogether } from '../../write-together.ts';
import type { mailRow } from '../mail/service.ts';
import { disableEndpoint } from './endpoints.ts';
import { noticeMail, notify, type WebhookNotice } from './notify.ts';
import type { EndpointRow } from './schema.ts';

const day = 24 * 60 * 60 * 1000;
const noticeAfter = day;
const disableAfter = 5 * day;

/** An endpoint as the holder of its lane knows it; changed in place as attempts end. */
export type LaneEndpoint = EndpointRow;

/** Something has arrived: whatever was wrong before is over. */
export async function noteSuccess(endpoint: LaneEndpoint): Promise<void> {
  if (endpoint.failingSince === undefined) return;
  await note(endpoint, { failingSince: undefined, noticedAt: undefined });
}

/** Nothing has arrived: the owner hears of it after a day, and after five it is switched off. */
export async function noteFailure(endpoint: LaneEndpoint): Promise<void> {
  const now = clock.now();
  const { failingSince } = endpoint;
  if (failingSince === undefined) {
    await note(endpoint, { failingSince: now });
  } else if (now - failingSince >= disableAfter) {
    await disable(endpoint, 'failing');
  } else if (now - failingSince >= noticeAfter && endpoint.noticedAt === undefined) {
    const notice = noticeOf(endpoint, 'failing');
    if (await note(endpoint, { noticedAt: now }, await noticeMail(notice))) await notify(notice);
  }
}

/** The receiver has said that it wants nothing more. */
export async function noteGone(endpoint: LaneEndpoint): Promise<void> {
  await disable(endpoint, 'gone');
}

/** The receiver has asked for a pause, which holds for everything that it would get. */
export async function notePause(endpoint: LaneEndpoint, pausedUntil: number): Promise<void> {
  if (pausedUntil > (endpoint.pausedUntil ?? 0)) await note(endpoint, { pausedUntil });
}

async function disable(endpoint: LaneEndpoint, reason: 'gone' | 'failing'): Promise<void> {
  if (!endpoint.isEnabled) return;
  endpoint.isEnabled = false;
  const notice = noticeOf(endpoint, `disabled_${reason}`);
  if (await disableEndpoint(endpoint, reason, await noticeMail(notice))) await notify(notice);
}

const noticeOf = (
  { accountId, failingSince, id, url }: LaneEndpoint,
  kind: WebhookNotice['kind'],
): WebhookNotice => ({ kind, accountId, endpointId: id, url, failingSince });

type Health = Partial<Pick<EndpointRow, 'failingSince' | 'noticedAt' | 'pausedUntil'>>;

/**
 * Notes how an address fares, with a mail of it; what is undefined is removed. False: the endpoint has
 * another address by now, or is gone.
 */
function note(
  endpoint: LaneEndpoint,
  health: Health,
  mail?: ReturnType<typeof mailRow>,
): Promise<boolean> {
  Object.assign(endpoint, health);
  const { accountId, id, url: tried } = endpoint;
  const names = Object.keys(health) as (keyof Health)[];
  return writeTogether(({ outboxMail, webhookEndpoint }) => [
    webhookEndpoint
      .patch({ accountId, id })
      .set(health)
      .remove(names.filter((name) => health[name] === undefined))
      .where(({ url }, { eq }) => eq(url, tried))
      .commit(),
    ...(mail ? [outboxMail.create(mail).commit()] : []),
  ]);
}
