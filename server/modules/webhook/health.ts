import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { despiteConflicts, isConditionFailure } from '../../platform/dynamo.ts';
import { disableEndpoint } from './endpoints.ts';
import { notify } from './notify.ts';
import type { EndpointRow } from './schema.ts';

const day = 24 * 60 * 60 * 1000;
const noticeAfter = day;
const disableAfter = 5 * day;

/** An endpoint as the holder of its lane knows it; changed in place as attempts end. */
export type LaneEndpoint = EndpointRow;

/** Something has arrived: whatever was wrong before is over. */
export async function noteSuccess(endpoint: LaneEndpoint): Promise<void> {
  if (endpoint.failingSince === undefined) return;
  endpoint.failingSince = undefined;
  endpoint.noticedAt = undefined;
  await patchIfThere(() => patch(endpoint).remove(['failingSince', 'noticedAt']).go());
}

/** Nothing has arrived: the owner hears of it after a day, and after five it is switched off. */
export async function noteFailure(endpoint: LaneEndpoint): Promise<void> {
  const now = clock.now();
  const { failingSince } = endpoint;
  if (failingSince === undefined) {
    endpoint.failingSince = now;
    await patchIfThere(() => patch(endpoint).set({ failingSince: now }).go());
  } else if (now - failingSince >= disableAfter) {
    await disable(endpoint, 'failing');
  } else if (now - failingSince >= noticeAfter && endpoint.noticedAt === undefined) {
    endpoint.noticedAt = now;
    await patchIfThere(() => patch(endpoint).set({ noticedAt: now }).go());
    await notify({ kind: 'failing', ...noticeOf(endpoint) });
  }
}

/** The receiver has said that it wants nothing more. */
export async function noteGone(endpoint: LaneEndpoint): Promise<void> {
  await disable(endpoint, 'gone');
}

/** The receiver has asked for a pause, which holds for everything that it would get. */
export async function notePause(endpoint: LaneEndpoint, pausedUntil: number): Promise<void> {
  if (pausedUntil <= (endpoint.pausedUntil ?? 0)) return;
  endpoint.pausedUntil = pausedUntil;
  await patchIfThere(() => patch(endpoint).set({ pausedUntil }).go());
}

async function disable(endpoint: LaneEndpoint, reason: 'gone' | 'failing'): Promise<void> {
  if (!endpoint.isEnabled) return;
  endpoint.isEnabled = false;
  await disableEndpoint({ accountId: endpoint.accountId, id: endpoint.id }, reason);
  await notify({ kind: `disabled_${reason}`, ...noticeOf(endpoint) });
}

const noticeOf = ({ accountId, failingSince, id, url }: LaneEndpoint) => ({
  accountId,
  endpointId: id,
  url,
  failingSince,
});

const patch = ({ accountId, id }: LaneEndpoint) =>
  database().webhookEndpoint.patch({ accountId, id });

/** An endpoint that was deleted in the meantime has no health. */
async function patchIfThere(write: () => Promise<unknown>): Promise<void> {
  try {
    await despiteConflicts(write);
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
  }
}
