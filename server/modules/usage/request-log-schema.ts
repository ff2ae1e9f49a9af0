import { toolIds } from '@nebula/contract/tools';
import type { EntityItem } from 'electrodb';
import { z } from 'zod';
import { isoTime } from '../../platform/clock.ts';
import { idSchema } from '../../platform/ids.ts';
import type { requestLogEntity } from './entity.ts';

/** A call as it is stored. */
export type RequestLogRow = EntityItem<typeof requestLogEntity>;

export type StatusClass = RequestLogRow['statusClass'];

const moment = z.iso.datetime({ offset: true }).optional();

export const listRequestsInput = z
  .strictObject({
    tool: z.enum(toolIds).optional().describe('Only calls of this tool.'),
    status_class: z
      .enum(['2xx', '4xx', '5xx'])
      .optional()
      .describe('Only calls that ended so: `2xx` well, `4xx` refused, `5xx` failed.'),
    key_id: idSchema('key').optional().describe('Only calls of this API key.'),
    from: moment.describe('Only calls that began at this moment or later.'),
    to: moment.describe('Only calls that began before this moment.'),
    limit: z.int().min(1).max(100).default(50).describe('Calls on one page.'),
    cursor: z
      .string()
      .max(512)
      .optional()
      .describe('next_cursor of the page before, with the same filters; absent for the newest.'),
  })
  .refine(({ from, to }) => !from || !to || Date.parse(from) < Date.parse(to), {
    path: ['to'],
    error: 'Expected a moment after from.',
  });

export const requestIdInput = z.strictObject({
  id: idSchema('log').describe('The call in the log.'),
});

export const requestLogSchema = z.object({
  id: z.string().describe('Id of the line.'),
  object: z.literal('request_log').describe('Always `request_log`.'),
  request_id: z.string().describe('`X-Request-Id` of the answer.'),
  tool: z.string().describe('The tool that was called.'),
  key_id: z.string().nullable().describe('The API key; null for a call from the dashboard.'),
  status: z.int().describe('Status of the answer.'),
  code: z.string().nullable().describe('Code of the error; null where the call went well.'),
  bytes_in: z.int().describe('Bytes of the files that came; 0 where none were read.'),
  bytes_out: z.int().describe('Bytes of the results.'),
  queue_ms: z.number().nullable().describe('Time in the queue of the engine; null without a run.'),
  run_ms: z.number().nullable().describe('Time of the run itself; null without a run.'),
  total_ms: z.number().describe('From the arrival of the call to its answer.'),
  address: z.string().describe('Network address of the caller.'),
  created_at: z.iso.datetime().describe('When the call arrived.'),
  expires_at: z.iso.datetime().describe('When the line is removed.'),
});

export type PublicRequestLog = z.infer<typeof requestLogSchema>;

export const requestLogListSchema = z.object({
  data: z.array(requestLogSchema).describe('The calls of the page, the newest first.'),
  has_more: z.boolean().describe('Whether there is another page.'),
  next_cursor: z.string().nullable().describe('Where the next page begins; null on the last.'),
});

/** The only bridge from a stored call to one that is sent. */
export function toPublicRequest(row: RequestLogRow): PublicRequestLog {
  return {
    id: row.id,
    object: 'request_log',
    request_id: row.requestId,
    tool: row.tool,
    key_id: row.keyId ?? null,
    status: row.status,
    code: row.code ?? null,
    bytes_in: row.bytesIn,
    bytes_out: row.bytesOut,
    queue_ms: row.queueMs ?? null,
    run_ms: row.runMs ?? null,
    total_ms: row.totalMs,
    address: row.address,
    created_at: isoTime(row.createdAt),
    expires_at: isoTime(row.expiresAt * 1000),
  };
}
