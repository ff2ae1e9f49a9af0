import type { Context } from '../../context.ts';
import { database } from '../../database.ts';
import { clock } from '../../platform/clock.ts';
import { readCursor, signCursor } from '../../platform/cursor.ts';
import { newId } from '../../platform/ids.ts';
import { redact, redactText } from './redact.ts';
import type { AuditRow } from './schema.ts';

export { toPublicEvent } from './schema.ts';

const keptSeconds = 400 * 24 * 60 * 60;
const maxAgentLength = 300;

/** Everything that is noted; the first word is the type of the target. */
export type AuditAction =
  | `api_key.${'created' | 'updated' | 'rotated' | 'deleted'}`
  | `account.${'created' | 'updated' | 'plan_changed' | 'role_changed' | 'suspended' | 'restored' | 'deleted'}`
  | `payment.${'disputed' | 'dispute_won' | 'dispute_lost'}`
  | `session.${'signed_in' | 'sign_in_failed' | 'signed_out' | 'revoked'}`
  | 'mail_template.updated'
  | `tool.${'switched_on' | 'switched_off'}`
  | `webhook_endpoint.${'created' | 'updated' | 'rotated' | 'deleted'}`
  | `subscription.${'changed' | 'canceled' | 'refunded'}`;

/** What was changed. Secrets never belong into `before` and `after`; what looks like one is cut. */
export type AuditEvent = {
  /** The account that the change belongs to, and whose log shows it. */
  accountId: string;
  action: AuditAction;
  /** Id of what was changed. */
  targetId: string;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
};

/** Who did it: the context of a call as it is, or {@link systemSource}. */
export type AuditSource = {
  actor: Context['actor'] | { kind: 'system' };
} & Partial<Pick<Context, 'address' | 'requestId' | 'userAgent'>>;

/** The operator's own commands and timers. */
export const systemSource: AuditSource = { actor: { kind: 'system' } };

/** Notes a change that is not one write; what is one takes {@link auditRow} into its transaction. */
export async function recordEvent(source: AuditSource, event: AuditEvent): Promise<void> {
  await database().auditEvent.create(auditRow(source, event)).go();
}

/**
 * The row of a change, to be written in the transaction that makes the change.
 *
 * @example
 * database().transaction.write(({ apiKey, auditEvent }) => [
 *   apiKey.remove({ accountId, id }).commit(),
 *   auditEvent.create(auditRow(ctx, { accountId, action: 'api_key.deleted', targetId: id })).commit(),
 * ])
 */
export function auditRow(source: AuditSource, event: AuditEvent) {
  const { actor, address, requestId, userAgent } = source;
  const now = clock.now();
  return {
    accountId: event.accountId,
    id: newId('evt'),
    month: monthOf(now),
    action: event.action,
    actorKind: actor.kind,
    actorAccountId: 'account' in actor ? actor.account.id : undefined,
    actorKeyId: 'keyId' in actor ? actor.keyId : undefined,
    targetType: event.action.slice(0, event.action.indexOf('.')),
    targetId: event.targetId,
    address,
    userAgent: userAgent && redactText(userAgent).slice(0, maxAgentLength),
    requestId,
    before: event.before && JSON.stringify(redact(event.before)),
    after: event.after && JSON.stringify(redact(event.after)),
    createdAt: now,
    expiresAt: Math.floor(now / 1000) + keptSeconds,
  };
}

type Page = { rows: AuditRow[]; nextCursor?: string };

/** The newest events of an account, from where a cursor says. */
export async function listEvents(
  accountId: string,
  { cursor, limit }: { cursor?: string; limit: number },
): Promise<Page> {
  const list = `audit-logs:${accountId}`;
  const query = database().auditEvent.query.byAccount({ accountId });
  const from = cursor === undefined ? query : query.lt({ id: readCursor(list, cursor) });
  const { data } = await from.where(isKept).go({ order: 'desc', count: limit + 1 });
  return toPage(data, limit, list);
}

/** The newest events of every account in one month; for admins. */
export async function listAllEvents({
  adminId,
  cursor,
  limit,
  month = monthOf(clock.now()),
}: {
  adminId: string;
  cursor?: string;
  limit: number;
  month?: string;
}): Promise<Page> {
  const list = `all-audit-logs:${adminId}:${month}`;
  const query = database().auditEvent.query.byMonth({ month });
  const from = cursor === undefined ? query : query.lt({ id: readCursor(list, cursor) });
  const { data } = await from.where(isKept).go({ order: 'desc', count: limit + 1 });
  return toPage(data, limit, list);
}

type Condition<Name> = (name: Name, value: number) => string;

/** DynamoDB takes its time to remove a row; one that is over is not shown meanwhile. */
const isKept = <Name>({ expiresAt }: { expiresAt: Name }, { gt }: { gt: Condition<Name> }) =>
  gt(expiresAt, clock.now() / 1000);

function toPage(found: AuditRow[], limit: number, list: string): Page {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return { rows, nextCursor: last && found.length > limit ? signCursor(list, last.id) : undefined };
}

const monthOf = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 7);
