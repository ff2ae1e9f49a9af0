import { AppError } from '@nebula/contract/errors';
import { defaultScopes } from '@nebula/contract/scopes';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { writeTogether } from '../../write-together.ts';
import { type AuditEvent, type AuditSource, auditRow, systemSource } from '../audit/service.ts';
import { terminateSoon, terminationRow } from '../realtime/service.ts';
import { type ActiveKey, forgetKeys } from './active-key.ts';
import { isInRanges } from './addresses.ts';
import { generateKey, hashKey, type KeyMode } from './key-format.ts';
import type { KeyRow, KeySettings } from './schema.ts';
import { nextWarning } from './warning.ts';

export { type ActiveKey, findActiveKey, noteKeyUse } from './active-key.ts';
export { keyRound } from './expiry.ts';
export { toPublicKey } from './schema.ts';

/** Keys that an account may have, those that are switched off or over too. */
export const maxKeys = 50;

/** Creates a key. The secret is in the answer and nowhere else, ever. */
export async function createApiKey(
  input: Partial<KeySettings> & { accountId: string; name: string; mode?: KeyMode },
  source: AuditSource = systemSource,
): Promise<{ id: string; key: string; row: KeyRow }> {
  const { accountId, mode = 'live', ...settings } = input;
  const key = generateKey(mode);
  const row: KeyRow = {
    isEnabled: true,
    scopes: [...defaultScopes],
    ...settings,
    ...nextWarning(settings.validUntil, clock.now()).set,
    id: newId('key'),
    accountId,
    mode,
    hash: hashKey(key),
    last4: key.slice(-4),
    createdAt: clock.now(),
    revision: 0,
  };
  const isWritten = await writeTogether(({ apiKey, auditEvent, keyCount, keySecret }) => [
    apiKey.create(row).commit(),
    keySecret.create({ hash: row.hash, accountId, keyId: row.id }).commit(),
    keyCount
      .upsert({ accountId })
      .add({ count: 1 })
      .where(({ count }, { lt, notExists }) => `${notExists(count)} OR ${lt(count, maxKeys)}`)
      .commit(),
    auditEvent.create(auditRow(source, eventOf('created', row, { after: factsOf(row) }))).commit(),
  ]);
  if (!isWritten) {
    const message = `The account has ${maxKeys} API keys, which is as many as it may have. Delete one first.`;
    throw new AppError('conflict', message, { extra: { limit: maxKeys } });
  }
  return { id: row.id, key, row };
}

/** The keys of an account, the newest first. */
export async function listApiKeys(accountId: string): Promise<KeyRow[]> {
  const { data } = await database()
    .apiKey.query.byAccount({ accountId })
    .go({ order: 'desc', pages: 'all', consistent: true });
  return data;
}

type Target = {
  accountId: string;
  id: string;
  /** Looks at the key as it is and as it will be, and throws to refuse the change. */
  check?: (before: KeyRow, after: KeyRow) => void;
};

/** Changes settings; those that are undefined are removed. */
export async function updateApiKey(
  { change, ...target }: Target & { change: Partial<KeySettings> },
  source: AuditSource = systemSource,
): Promise<KeyRow> {
  const { accountId, id } = target;
  return tryUntilWritten(target, async (before) => {
    const after = withoutAbsent({ ...before, ...change, revision: before.revision + 1 });
    target.check?.(before, after);
    const facts = changedFacts(before, after);
    if (!facts) return before;
    const { set, remove } = splitChange(change);
    const warning =
      'validUntil' in change ? nextWarning(change.validUntil, clock.now()) : undefined;
    const end = before.isEnabled && !after.isEnabled ? terminationRow(id) : undefined;
    const isWritten = await writeTogether(({ apiKey, auditEvent, realtimeEvent }) => [
      ...(end ? [realtimeEvent.create(end).commit()] : []),
      apiKey
        .patch({ accountId, id })
        .set({ ...set, ...warning?.set, revision: after.revision })
        .remove([...remove, ...(warning?.remove ?? [])])
        .where(({ revision }, { eq }) => eq(revision, before.revision))
        .commit(),
      auditEvent.create(auditRow(source, eventOf('updated', before, facts))).commit(),
    ]);
    if (isWritten && end) terminateSoon(id);
    return isWritten ? after : undefined;
  });
}

/** Old secrets that a key may have; those which end first make room. */
const maxOldSecrets = 20;

/**
 * Gives a key a new secret at once; the one before is accepted for so long, and none before that one
 * for longer. All of it stands in the row of the key, so that rotations which meet stay exact.
 */
export async function rotateApiKey(
  { graceSeconds, ...target }: Target & { graceSeconds: number },
  source: AuditSource = systemSource,
): Promise<{ key: string; row: KeyRow }> {
  const { accountId, id } = target;
  return tryUntilWritten(target, async (before) => {
    target.check?.(before, before);
    const key = generateKey(before.mode);
    const { kept, over } = boundSecrets(before, clock.now() + graceSeconds * 1000);
    const now = { hash: hashKey(key), last4: key.slice(-4), oldSecrets: kept };
    const row = { ...before, ...now, revision: before.revision + 1 };
    const event = eventOf('rotated', before, {
      before: { last4: before.last4 },
      after: { last4: row.last4, graceSeconds },
    });
    const isWritten = await writeTogether(({ apiKey, auditEvent, keySecret }) => [
      apiKey
        .patch({ accountId, id })
        .set({ ...now, revision: row.revision })
        .where(({ revision }, { eq }) => eq(revision, before.revision))
        .commit(),
      keySecret.create({ hash: row.hash, accountId, keyId: id }).commit(),
      ...kept.map(({ hash, validUntil }) =>
        keySecret
          .put({ hash, accountId, keyId: id, expiresAt: Math.ceil(validUntil / 1000) })
          .commit(),
      ),
      ...over.map(({ hash }) => keySecret.delete({ hash }).commit()),
      auditEvent.create(auditRow(source, event)).commit(),
    ]);
    return isWritten ? { key, row } : undefined;
  });
}

/** The secrets before the next one, each with an end no later than this one, and those to forget. */
function boundSecrets({ hash, oldSecrets = [] }: KeyRow, validUntil: number) {
  const older = oldSecrets.map((old) => ({
    ...old,
    validUntil: Math.min(old.validUntil, validUntil),
  }));
  const living = older.filter((old) => old.validUntil > clock.now()).slice(1 - maxOldSecrets);
  return {
    kept: [...living, { hash, validUntil }],
    over: older.filter((old) => !living.includes(old)),
  };
}

/** Ends a key for ever, with its live connections; other processes follow within some seconds. */
export async function deleteApiKey(
  target: Target,
  source: AuditSource = systemSource,
): Promise<void> {
  const { accountId, id } = target;
  await tryUntilWritten(target, async (before) => {
    target.check?.(before, before);
    const event = eventOf('deleted', before, { before: factsOf(before) });
    const end = terminationRow(id);
    const isWritten = await writeTogether((entities) => {
      const { apiKey, auditEvent, keyCount, keySecret, realtimeEvent } = entities;
      return [
        ...(end ? [realtimeEvent.create(end).commit()] : []),
        apiKey
          .remove({ accountId, id })
          .where(({ revision }, { eq }) => eq(revision, before.revision))
          .commit(),
        ...[before, ...(before.oldSecrets ?? [])].map(({ hash }) =>
          keySecret.delete({ hash }).commit(),
        ),
        keyCount.upsert({ accountId }).subtract({ count: 1 }).commit(),
        auditEvent.create(auditRow(source, event)).commit(),
      ];
    });
    if (isWritten) terminateSoon(id);
    return isWritten || undefined;
  });
}

/** Switches a key off or on. */
export async function setKeyEnabled(
  accountId: string,
  id: string,
  isEnabled: boolean,
): Promise<void> {
  await updateApiKey({ accountId, id, change: { isEnabled } });
}

/** Whether a key may be used from a network address. */
export function isAddressAllowed({ allowedAddresses }: ActiveKey, address: string): boolean {
  return allowedAddresses === undefined || isInRanges(address, allowedAddresses);
}

const maxAttempts = 20;

/** Looks again when somebody else has changed the row in between. */
async function tryUntilWritten<T>(
  { accountId, id }: Target,
  change: (before: KeyRow) => Promise<T | undefined>,
): Promise<T> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const { data: before } = await database()
      .apiKey.get({ accountId, id })
      .go({ consistent: true });
    if (!before) throw new AppError('not_found', 'There is no such API key in this account.');
    const done = await change(before);
    if (done === undefined) continue;
    forgetKeys();
    return done;
  }
  const message = 'The key is being changed by several requests at once. Try again in a moment.';
  throw new AppError('conflict', message, { retryAfterSeconds: 1 });
}

function eventOf(
  verb: 'created' | 'updated' | 'rotated' | 'deleted',
  { accountId, id }: KeyRow,
  facts: Pick<AuditEvent, 'before' | 'after'>,
): AuditEvent {
  return { accountId, action: `api_key.${verb}`, targetId: id, ...facts };
}

/** What the log may know of a key. */
function factsOf(row: KeyRow) {
  return withoutAbsent({
    name: row.name,
    mode: row.mode,
    last4: row.last4,
    scopes: row.scopes,
    isEnabled: row.isEnabled,
    validUntil: row.validUntil,
    allowedAddresses: row.allowedAddresses,
    requestsPerMinute: row.requestsPerMinute,
    monthlyCap: row.monthlyCap,
  });
}

/** The facts that differ, or undefined where none does. */
function changedFacts(beforeRow: KeyRow, afterRow: KeyRow) {
  const before: Record<string, unknown> = factsOf(beforeRow);
  const after: Record<string, unknown> = factsOf(afterRow);
  const names = Object.keys({ ...before, ...after }).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  const pick = (facts: Record<string, unknown>) =>
    Object.fromEntries(names.map((name) => [name, facts[name] ?? null]));
  return names.length > 0 ? { before: pick(before), after: pick(after) } : undefined;
}

const removable = [
  'validUntil',
  'allowedAddresses',
  'requestsPerMinute',
  'monthlyCap',
] as const satisfies (keyof KeySettings)[];

function splitChange(change: Partial<KeySettings>) {
  const remove = removable.filter((name) => name in change && change[name] === undefined);
  return { set: withoutAbsent(change), remove };
}

function withoutAbsent<T extends object>(row: T): T {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as T;
}
