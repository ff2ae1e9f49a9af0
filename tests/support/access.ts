import { randomUUID } from 'node:crypto';
import { jsonSchemaOf } from '@nebula/contract/explain';
import { tools } from '@nebula/contract/tools';
import type { AnyTRPCProcedure } from '@trpc/server';
import type { z } from 'zod';
import { appRouter } from '#server/router.ts';
import type { Meta } from '#server/trpc.ts';
import { type Credentials, call, callTrpc, type Reply } from './callers.ts';
import { sendPhoto, storeDirectly, storePhoto } from './files.ts';
import { newAccount } from './stack.ts';

/**
 * Makes something that the `id` of a procedure may name, by what its meta `owns`. It is made anew
 * for every call, so that one call may delete it.
 */
export const fixtures: Record<string, (ownerId: string) => Promise<string>> = {
  // Never one of the cast: it may be shut by the call.
  account: async () => (await newAccount()).id,
  apiKey: async (accountId) => {
    const { createApiKey } = await import('#server/modules/api-key/service.ts');
    const { id } = await createApiKey({ accountId, name: 'fixture', mode: 'test', scopes: [] });
    return id;
  },
  invoice: async (accountId) => {
    const { database } = await import('#server/database.ts');
    const { issueInvoice } = await import('#server/modules/billing/clock/invoice.ts');
    const { firstCycle } = await import('#server/modules/billing/clock/cycle.ts');
    const now = Date.now();
    const cycle = { ...firstCycle(now), plan: 'pro' as const };
    const invoice = issueInvoice(`${accountId}-${randomUUID().slice(0, 8)}`, cycle, now, 'igst');
    const row = { kind: 'invoice' as const, number: 'INV/26-27/999999', issuedAt: now };
    const content = JSON.stringify(invoice);
    await database()
      .billingDocument.create({ ...row, accountId, id: invoice.id, content })
      .go();
    return invoice.id;
  },
  order: async (accountId) => {
    const { database } = await import('#server/database.ts');
    const { newId } = await import('#server/platform/ids.ts');
    const id = newId('ord');
    const row = { purpose: '{}', amount: 100, status: 'open' as const };
    const createdAt = String(Date.now()).padStart(15, '0');
    await database()
      .billingOrder.create({ id, accountId, createdAt, ...row })
      .go();
    return id;
  },
  notification: async (accountId) => {
    const { listNotifications, notifyAccount } = await import(
      '#server/modules/notification/service.ts'
    );
    const news = { title: 'Fixture', text: 'x', link: '/dashboard' as const, group: randomUUID() };
    await notifyAccount(accountId, 'key.created', news);
    const { rows } = await listNotifications(accountId, { limit: 1, unread: true });
    return rows[0]?.id ?? '';
  },
  session: async (accountId) => {
    const { createSession } = await import('#server/modules/session/service.ts');
    return (await createSession(accountId, 'token', { address: '127.0.0.1' })).id;
  },
  job: async (accountId) => {
    const { findAccount } = await import('#server/modules/account/service.ts');
    const { cancelJob, submitJob } = await import('#server/modules/job/service.ts');
    const account = await findAccount(accountId);
    if (!account) throw new Error(`There is no account ${accountId}.`);
    const by = { account, requestId: 'req_fixture', mode: 'live' as const };
    const options = { cache: false, html: '<p>x', wait: { delay_ms: 500 } };
    const call = { tool: tools['html-to-pdf'], files: [], options, timeoutMs: 30_000 };
    const { id } = await submitJob(by, call);
    await cancelJob({ accountId, id });
    return id;
  },
  pipeline: async (accountId) => {
    const { createPipeline } = await import('#server/modules/job/pipeline/service.ts');
    return (await createPipeline(accountId, onePage)).id;
  },
  batch: async (accountId) => {
    const { id } = await newBatch(accountId);
    const { cancelBatch } = await import('#server/modules/job/batch/service.ts');
    await cancelBatch({ accountId, id });
    return id;
  },
  file: async (accountId) => (await storePhoto(accountId)).id,
  upload: async (accountId) => (await sendPhoto(accountId)).id,
  requestLog: async (accountId) => {
    const usage = await import('#server/modules/usage/service.ts');
    const sizes = { bytesIn: 0, bytesOut: 0, totalMs: 1, createdAt: Date.now() };
    const call = { requestId: 'req_fixture', tool: 'image-resize', status: 200, ...sizes };
    usage.logRequest({ accountId, address: '127.0.0.1', ...call });
    await usage.flushUsage();
    const { rows } = await usage.listRequests(accountId, { limit: 1 });
    return rows[0]?.id ?? '';
  },
  conversation: async (accountId) => {
    const { findAccount } = await import('#server/modules/account/service.ts');
    const { beginConversation } = await import('#server/modules/support/service.ts');
    const author = await findAccount(accountId);
    if (!author) throw new Error(`There is no account ${accountId}.`);
    const written = { side: 'customer' as const, author, text: 'Hello', fileIds: [] };
    return (await beginConversation('Fixture', written)).id;
  },
  cannedReply: async () => {
    const { createCanned } = await import('#server/modules/support/service.ts');
    return (await createCanned({ title: 'Fixture', text: 'Hello' })).id;
  },
  webhookEndpoint: async (accountId) => (await newEndpoint(accountId)).id,
  webhookDelivery: async (accountId) => {
    const { sendTestEvent } = await import('#server/modules/webhook/service.ts');
    const { id } = await newEndpoint(accountId);
    return (await sendTestEvent({ accountId, id })).id;
  },
};

const onePage = { name: 'Page', steps: [{ id: 'page', tool: 'html-to-pdf' as const }] };

/** A batch of one page, without a call; it is canceled before a browser has made it. */
async function newBatch(accountId: string): Promise<{ id: string }> {
  const { findAccount } = await import('#server/modules/account/service.ts');
  const { submitItems } = await import('#server/modules/job/batch/submit.ts');
  const account = await findAccount(accountId);
  if (!account) throw new Error(`There is no account ${accountId}.`);
  const by = { account, requestId: 'req_fixture', mode: 'live' as const };
  const page = await storeDirectly(accountId, Buffer.from('<!doctype html><p>x'));
  const options = { wait: { delay_ms: 5_000 } };
  return submitItems(by, { tool: 'html-to-pdf', options, file_ids: [page.id] });
}

/** It has no address, so nothing that is sent to it leaves this machine. */
async function newEndpoint(accountId: string): Promise<{ id: string }> {
  const webhooks = await import('#server/modules/webhook/service.ts');
  const [oldest] = (await webhooks.listEndpoints(accountId)).toReversed();
  if (oldest) await webhooks.deleteEndpoint({ accountId, id: oldest.id });
  return (await webhooks.createEndpoint({ accountId, url: 'https://nobody.invalid/hook' })).row;
}

const person = { email: 'nobody@example.com', password: 'a long enough password' };
const noFile = `fil_${'0'.repeat(26)}`;
const deadLink = 'x'.repeat(43);

/** A text for a mail that nobody gets while these tests run. */
const mailText = {
  template: 'welcome',
  subject: 'Matrix',
  heading: 'Matrix',
  body: 'Hello',
  action: 'Open',
};

/** What a procedure needs beside its id; what is not named here is called with nothing. */
export const inputs: Record<string, Record<string, unknown>> = {
  'auth.register': { ...person, name: 'Nobody' },
  'auth.login': person,
  'auth.refresh': { refresh_token: 'nbr_of.nobody' },
  'auth.logout': { refresh_token: 'nbr_of.nobody' },
  'auth.requestReset': { email: person.email },
  'auth.confirmReset': { token: deadLink, password: person.password },
  'auth.requestVerification': { email: person.email },
  'auth.confirmVerification': { token: deadLink },
  'me.update': { name: 'Matrix' },
  'me.changePassword': { current_password: 'not the one', password: person.password },
  'me.allowGoogle': { current_password: 'not the one' },
  'me.delete': { confirm: 'nothing' },
  'notifications.setPreferences': { preferences: {} },
  'webhookDeliveries.replayRange': { from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' },
  'push.subscribe': {
    endpoint: 'https://nobody.invalid/push',
    keys: {
      p256dh:
        'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
      auth: 'BTBZMqHH6r4Tts7J_aSIgg',
    },
  },
  'push.unsubscribe': { endpoint: 'https://nobody.invalid/push' },
  'apiKeys.create': { name: 'matrix', mode: 'test', scopes: [] },
  'billing.preview': { plan: 'pro' },
  'billing.createPreview': { plan: 'pro' },
  'billing.choosePlan': { plan: 'enterprise' },
  'operators.mark': { is_here: false },
  'billing.setDetails': { legal_name: 'Acme', address: '1 Road, Pune', state: '27' },
  'billing.startCheckout': { phone: '9876543210' },
  'billing.confirmOrder': { order_id: 'ord_of_nobody' },
  'adminUsers.changePlan': { plan: 'pro', reason: 'matrix' },
  'adminUsers.suspend': { reason: 'matrix' },
  'adminBilling.payments': { account_id: 'usr_of_nobody' },
  'adminBilling.refund': {
    account_id: 'usr_of_nobody',
    payment_id: 'of nobody',
    amount: 100,
    reference: 'matrix',
  },
  'billing.startMandate': { phone: '9876543210' },
  'billing.confirmMandate': { mandate_id: 'mnd_of_nobody' },
  'uploads.create': { filename: 'matrix.png', size: 1_000 },
  'webhookEndpoints.create': { url: 'https://nobody.invalid/hook' },
  'realtime.authorize': { socket_id: '1.1', channel_name: 'private-job-job_of_nobody' },
  'pipelines.create': onePage,
  'pipelines.update': onePage,
  'conversations.create': { subject: 'Matrix', message: 'Hello' },
  'conversations.post': { text: 'Hello' },
  'conversations.mark': { seq: 1 },
  'conversations.attachment': { seq: 1, file_id: noFile },
  'adminConversations.reply': { text: 'Hello' },
  'adminConversations.mark': { seq: 1 },
  'adminConversations.attachment': { seq: 1, file_id: noFile },
  'cannedReplies.create': { title: 'Matrix', text: 'Hello' },
  'mailTemplates.get': { template: 'welcome' },
  'mailTemplates.put': mailText,
  'mailTemplates.restore': { template: 'welcome' },
  'mailTemplates.preview': mailText,
  'mailTemplates.sendTest': mailText,
  'catalog.getTool': { tool: 'image-resize' },
};

/** What somebody who is let in gets, where that is no success; tools are called without a file. */
export const answers: Record<string, number> = {
  ...Object.fromEntries(
    Object.keys(appRouter._def.procedures).flatMap((name) =>
      /^(tools|estimates)\./.test(name) ? [[name, 422]] : [],
    ),
  ),
  'files.create': 422,
  'jobs.create': 422,
  'batches.create': 422,
  'auth.login': 401,
  'auth.refresh': 401,
  'auth.confirmReset': 422,
  'auth.confirmVerification': 422,
  'me.changePassword': 422,
  'me.allowGoogle': 422,
  'me.delete': 422,
  'me.unlinkGoogle': 409,
  // An admin gave these accounts their plans, and nothing is owed.
  'billing.current': 409,
  'billing.preview': 409,
  'billing.createPreview': 409,
  'billing.choosePlan': 409,
  'billing.cancelPlan': 409,
  'adminBilling.payments': 404,
  'adminBilling.refund': 404,
  'billing.startCheckout': 409,
  'billing.confirmOrder': 404,
  'billing.startMandate': 409,
  'billing.confirmMandate': 404,
  'billing.cancelMandate': 409,
  // The channel is nobody's.
  'realtime.authorize': 403,
  // The message of the matrix carries no file.
  'conversations.attachment': 404,
  'adminConversations.attachment': 404,
  // The job of the matrix was canceled: it has no files.
  'jobs.archive': 409,
  'batches.archive': 409,
};

export type Procedure = {
  name: string;
  type: 'query' | 'mutation';
  meta: Partial<Meta>;
  /** Names of the input's fields, and what each may hold as JSON Schema. */
  fields: string[];
  properties: Record<string, object>;
  /** Whether it looks at an input at all. */
  takesInput: boolean;
};

/** Every procedure of the router. */
export const procedures: Procedure[] = Object.entries(appRouter._def.procedures).map(
  ([name, procedure]) => {
    const { _def } = procedure as unknown as AnyTRPCProcedure;
    const { inputs: schemas, meta = {}, type } = _def as unknown as Declared;
    const properties = Object.assign(
      {},
      ...schemas.map((schema) => jsonSchemaOf(schema).properties ?? {}),
    ) as Procedure['properties'];
    return {
      name,
      type,
      meta,
      fields: Object.keys(properties),
      properties,
      takesInput: schemas.length > 0,
    };
  },
);

/** Calls a procedure over one of its transports. */
export type Ask = (
  procedure: Procedure,
  as: Credentials,
  input: Record<string, unknown>,
) => Promise<Reply>;

/** Fills the path, and puts the rest where the method has it. */
export const askRest: Ask = ({ meta }, as, input) => {
  const { method = 'GET', path = '' } = meta.openapi ?? {};
  const rest = { ...input };
  const filled = path.replace(/\{(\w+)\}/g, (_match, name: string) => {
    const { [name]: value } = rest;
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  if (method === 'GET' || method === 'DELETE') {
    const query = new URLSearchParams(Object.entries(rest).map(([k, v]) => [k, String(v)]));
    return call(method, `${filled}?${query}`, as);
  }
  return call(method, filled, as, rest);
};

export const askTrpc: Ask = ({ name, type }, as, input) => callTrpc(type, name, as, input);

type Declared = { type: Procedure['type']; meta?: Meta; inputs: z.ZodType[] };
