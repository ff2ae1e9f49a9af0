import { z } from 'zod';
import { isoTime } from '../../platform/clock.ts';

/** A stored event; `before` and `after` are JSON. */
export type AuditRow = {
  accountId: string;
  id: string;
  action: string;
  actorKind: string;
  actorAccountId?: string;
  actorKeyId?: string;
  targetType: string;
  targetId: string;
  address?: string;
  userAgent?: string;
  requestId?: string;
  before?: string;
  after?: string;
  createdAt: number;
};

const facts = z.record(z.string(), z.unknown()).nullable();

export const auditEventSchema = z.object({
  id: z.string(),
  object: z.literal('audit_event'),
  account_id: z.string(),
  action: z.string(),
  actor: z.object({
    kind: z.string(),
    account_id: z.string().nullable(),
    key_id: z.string().nullable(),
  }),
  target: z.object({ type: z.string(), id: z.string() }),
  address: z.string().nullable(),
  user_agent: z.string().nullable(),
  request_id: z.string().nullable(),
  before: facts,
  after: facts,
  created_at: z.string(),
});

export const auditListSchema = z.object({
  data: z.array(auditEventSchema),
  has_more: z.boolean().describe('Whether there is another page.'),
  next_cursor: z.string().nullable().describe('Where the next page begins; null on the last.'),
});

export const pageInput = {
  limit: z.int().min(1).max(100).default(50).describe('Events in one answer.'),
  cursor: z
    .string()
    .max(512)
    .optional()
    .describe('`next_cursor` of the answer before; none for the newest events.'),
};

export function toPublicEvent(row: AuditRow): z.infer<typeof auditEventSchema> {
  return {
    id: row.id,
    object: 'audit_event',
    account_id: row.accountId,
    action: row.action,
    actor: {
      kind: row.actorKind,
      account_id: row.actorAccountId ?? null,
      key_id: row.actorKeyId ?? null,
    },
    target: { type: row.targetType, id: row.targetId },
    address: row.address ?? null,
    user_agent: row.userAgent ?? null,
    request_id: row.requestId ?? null,
    before: parseFacts(row.before),
    after: parseFacts(row.after),
    created_at: isoTime(row.createdAt),
  };
}

function parseFacts(json: string | undefined): Record<string, unknown> | null {
  return json === undefined ? null : (JSON.parse(json) as Record<string, unknown>);
}
