import { AppError } from '@nebula/contract/errors';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { despiteConflicts } from '../../platform/dynamo.ts';
import { assertAddressAllowed } from '../../platform/egress.ts';
import { newId } from '../../platform/ids.ts';
import { wakeLooker } from '../../platform/looker.ts';
import { writeTogether } from '../../write-together.ts';
import { type AuditEvent, type AuditSource, auditRow, systemSource } from '../audit/service.ts';
import type { mailRow } from '../mail/service.ts';
import { giveUpPending } from './deliveries.ts';
import { laggingMilliseconds, laneLooker, lookAgainMilliseconds } from './lane.ts';
import type { EndpointRow, EndpointSettings } from './schema.ts';
import { generateSecret, sealSecret } from './sign.ts';

/** Endpoints that an account may have, those that are switched off too. */
export const maxEndpoints = 20;

const rotationMilliseconds = 24 * 60 * 60 * 1000;

/** Creates an endpoint. The secret is in the answer and nowhere else, ever. */
export async function createEndpoint(
  { accountId, ...input }: { accountId: string; url: string } & Partial<EndpointSettings>,
  source: AuditSource = systemSource,
): Promise<{ secret: string; row: EndpointRow }> {
  await assertAddressAllowed(input.url);
  const secret = generateSecret();
  const now = clock.now();
  const row: EndpointRow = {
    events: [],
    isEnabled: true,
    ...input,
    id: newId('we'),
    accountId,
    secret: sealSecret(secret),
    createdAt: now,
    revision: 0,
    dueAt: now,
    pokes: 0,
    pokedAt: now,
  };
  const event = eventOf('created', row, { after: factsOf(row) });
  const isWritten = await writeTogether(({ auditEvent, webhookEndpoint, webhookEndpointCount }) => [
    webhookEndpoint.create(row).commit(),
    webhookEndpointCount
      .upsert({ accountId })
      .add({ count: 1 })
      .where(({ count }, { lt, notExists }) => `${notExists(count)} OR ${lt(count, maxEndpoints)}`)
      .commit(),
    auditEvent.create(auditRow(source, event)).commit(),
  ]);
  if (!isWritten) {
    const message = `The account has ${maxEndpoints} webhook endpoints, which is as many as it may have. Delete one first.`;
    throw new AppError('conflict', message, { extra: { limit: maxEndpoints } });
  }
  wakeLooker(laneLooker);
  return { secret, row };
}

/** The endpoints of an account, the newest first. */
export async function listEndpoints(accountId: string): Promise<EndpointRow[]> {
  const { data } = await database()
    .webhookEndpoint.query.byAccount({ accountId })
    .go({ order: 'desc', pages: 'all', consistent: true });
  return data.filter(({ deletedAt, isOfJobs }) => !isOfJobs && deletedAt === undefined);
}

/** The endpoint as it is now, or undefined. */
export async function findEndpoint(target: Target): Promise<EndpointRow | undefined> {
  const { data } = await database().webhookEndpoint.get(target).go({ consistent: true });
  return data?.deletedAt === undefined ? (data ?? undefined) : undefined;
}

export type Target = { accountId: string; id: string };

/** Changes settings. What is switched on again or moves elsewhere begins with a clean slate. */
export async function updateEndpoint(
  { change, ...target }: Target & { change: Partial<EndpointSettings> },
  source: AuditSource = systemSource,
): Promise<EndpointRow> {
  if (change.url !== undefined) await assertAddressAllowed(change.url);
  return tryUntilWritten(target, async (before) => {
    const after: EndpointRow = { ...before, ...change, revision: before.revision + 1 };
    const isSwitchedOn = after.isEnabled && !before.isEnabled;
    const isSwitchedOff = before.isEnabled && !after.isEnabled;
    const isAnew = isSwitchedOn || after.url !== before.url;
    if (isSwitchedOff) after.disabledReason = 'owner';
    if (isAnew) Object.assign(after, { failingSince: undefined, pausedUntil: undefined });
    const now = clock.now();
    const event = eventOf('updated', before, { before: factsOf(before), after: factsOf(after) });
    const isWritten = await writeTogether(({ auditEvent, webhookEndpoint }) => [
      webhookEndpoint
        .patch(target)
        .set({
          ...change,
          revision: after.revision,
          ...(isSwitchedOff ? { disabledReason: 'owner' as const } : {}),
          ...(isAnew ? { dueAt: now, pokedAt: now } : {}),
        })
        .add({ pokes: 1 })
        .remove(isAnew ? ['failingSince', 'noticedAt', 'pausedUntil'] : [])
        .remove(isSwitchedOn ? ['disabledReason'] : [])
        .where(({ revision }, { eq }) => eq(revision, before.revision))
        .commit(),
      auditEvent.create(auditRow(source, event)).commit(),
    ]);
    if (!isWritten) return undefined;
    if (isAnew) wakeLooker(laneLooker);
    return after;
  });
}

/** Gives an endpoint a new secret; for a day the one before signs beside it. */
export async function rotateSecret(
  target: Target,
  source: AuditSource = systemSource,
): Promise<{ secret: string; row: EndpointRow }> {
  return tryUntilWritten(target, async (before) => {
    const secret = generateSecret();
    const change = {
      secret: sealSecret(secret),
      previousSecret: before.secret,
      previousSecretUntil: clock.now() + rotationMilliseconds,
      revision: before.revision + 1,
    };
    const isWritten = await writeTogether(({ auditEvent, webhookEndpoint }) => [
      webhookEndpoint
        .patch(target)
        .set(change)
        .where(({ revision }, { eq }) => eq(revision, before.revision))
        .commit(),
      auditEvent.create(auditRow(source, eventOf('rotated', before, {}))).commit(),
    ]);
    return isWritten ? { secret, row: { ...before, ...change } } : undefined;
  });
}

/**
 * Ends an endpoint for ever; what was on its way to it is given up. Its row is there for whoever holds
 * its lane alone, who gives up what an index shows later, and removes it at last.
 */
export async function deleteEndpoint(
  target: Target,
  source: AuditSource = systemSource,
): Promise<void> {
  await tryUntilWritten(target, async (before) => {
    if (before.isOfJobs) throw noSuchEndpoint();
    const now = clock.now();
    const ended = { deletedAt: now, dueAt: now, pokedAt: now, isEnabled: false };
    const event = eventOf('deleted', before, { before: factsOf(before) });
    const isWritten = await writeTogether((entities) => [
      entities.webhookEndpoint
        .patch(target)
        .set({ ...ended, revision: before.revision + 1 })
        .add({ pokes: 1 })
        .where(({ revision }, { eq }) => eq(revision, before.revision))
        .commit(),
      entities.webhookEndpointCount
        .upsert({ accountId: target.accountId })
        .subtract({ count: 1 })
        .commit(),
      entities.auditEvent.create(auditRow(source, event)).commit(),
    ]);
    return isWritten || undefined;
  });
  wakeLooker(laneLooker);
  await giveUpPending(target.id);
}

/**
 * Gives up what is on its way to an endpoint that was deleted, and removes its row once no index is
 * behind any more. Returns when somebody has to look again.
 */
export async function finishEndpoint(
  { accountId, id }: Target,
  deletedAt: number,
): Promise<number | undefined> {
  const isSettled = clock.now() - deletedAt > laggingMilliseconds;
  await giveUpPending(id);
  if (!isSettled) return clock.now() + lookAgainMilliseconds;
  await database().webhookEndpoint.delete({ accountId, id }).go();
  return undefined;
}

/**
 * Switches an endpoint off because of how its address answers, and writes the mail that tells of it;
 * the owner may switch it on again. False: it is off already, has another address by now, or is gone.
 */
export async function disableEndpoint(
  { accountId, id, url }: EndpointRow,
  disabledReason: 'gone' | 'failing',
  mail?: ReturnType<typeof mailRow>,
): Promise<boolean> {
  for (;;) {
    const before = await findEndpoint({ accountId, id });
    if (!before?.isEnabled || before.url !== url) return false;
    const change = { isEnabled: false, disabledReason, revision: before.revision + 1 };
    const after = { ...before, ...change };
    const event = eventOf('updated', before, { before: factsOf(before), after: factsOf(after) });
    const isWritten = await writeTogether(({ auditEvent, outboxMail, webhookEndpoint }) => [
      webhookEndpoint
        .patch({ accountId, id })
        .set(change)
        .where(({ revision }, { eq }) => eq(revision, before.revision))
        .commit(),
      auditEvent.create(auditRow(systemSource, event)).commit(),
      ...(mail ? [outboxMail.create(mail).commit()] : []),
    ]);
    if (isWritten) return true;
  }
}

/** Says that there is something new to deliver; whoever looks at the lane has to look again. */
export async function pokeEndpoint(target: Target): Promise<void> {
  const now = clock.now();
  await despiteConflicts(() =>
    database()
      .webhookEndpoint.patch(target)
      .set({ dueAt: now, pokedAt: now })
      .add({ pokes: 1 })
      .where(({ deletedAt }, { notExists }) => notExists(deletedAt))
      .go(),
  );
  wakeLooker(laneLooker);
}

const maxAttempts = 20;

/** Looks again when somebody else has changed the row in between. */
async function tryUntilWritten<T>(
  target: Target,
  change: (before: EndpointRow) => Promise<T | undefined>,
): Promise<T> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const before = await findEndpoint(target);
    if (!before) throw noSuchEndpoint();
    const done = await change(before);
    if (done !== undefined) return done;
  }
  const message = 'The endpoint is being changed by several requests at once. Try again soon.';
  throw new AppError('conflict', message, { retryAfterSeconds: 1 });
}

export const noSuchEndpoint = () =>
  new AppError('not_found', 'There is no such webhook endpoint in this account.');

function eventOf(
  verb: 'created' | 'updated' | 'rotated' | 'deleted',
  { accountId, id }: EndpointRow,
  facts: Pick<AuditEvent, 'before' | 'after'>,
): AuditEvent {
  return { accountId, action: `webhook_endpoint.${verb}`, targetId: id, ...facts };
}

/** What the log may know of an endpoint. */
const factsOf = ({ description, disabledReason, events, isEnabled, url }: EndpointRow) => ({
  url,
  events,
  description,
  isEnabled,
  disabledReason,
});
