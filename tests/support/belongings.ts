import { tools } from '@nebula/contract/tools';
import type { Account } from '#server/modules/account/service.ts';
import { fixtures } from './access.ts';

/** Makes one of everything that an account may have, without a call. @returns ids by kind */
export async function fillAccount(accountId: string) {
  const make = async (kind: string) => (await fixtures[kind]?.(accountId)) ?? '';
  const { database } = await import('#server/database.ts');
  const { findAccount } = await import('#server/modules/account/service.ts');
  const account = await findAccount(accountId);
  if (!account) throw new Error(`There is no account ${accountId}.`);
  const made = {
    apiKey: await make('apiKey'),
    invoice: await make('invoice'),
    notification: await make('notification'),
    pipeline: await make('pipeline'),
    requestLog: await make('requestLog'),
    webhookEndpoint: await make('webhookEndpoint'),
    job: await make('job'),
    batch: await make('batch'),
    file: await make('file'),
  };
  const { updateApiKey } = await import('#server/modules/api-key/service.ts');
  const change = { allowedAddresses: ['192.0.2.1'], monthlyCap: 7, requestsPerMinute: 8 };
  const validUntil = Date.now() + 30 * 24 * 60 * 60 * 1000;
  await updateApiKey({ accountId, id: made.apiKey, change: { ...change, validUntil } });
  const { nameBuyer } = await import('#server/modules/billing/service.ts');
  const address = '12 Residency Road, Bengaluru';
  await nameBuyer(account, { legal_name: 'Ada', gstin: null, address, state: '29' });
  const { writePreferences } = await import('#server/modules/notification/service.ts');
  await writePreferences(accountId, { 'key.created': { in_app: true, email: true } });
  const browser = { p256dh: 'p', auth: 'a', sessionId: 'ses_of_nobody', createdAt: Date.now() };
  await database()
    .pushSubscription.put({
      ...browser,
      id: `of-${accountId}`,
      accountId,
      endpoint: 'https://push.invalid/secret-address',
    })
    .go();
  const { startSession } = await import('#server/modules/auth/service.ts');
  await startSession(account, 'token', { address: '127.0.0.1' });
  const usage = await import('#server/modules/usage/service.ts');
  const sizes = { bytesIn: 1, bytesOut: 1, bytesSaved: 0, totalMs: 1 };
  usage.recordCall({ accountId, keyId: made.apiKey, tool: 'image-resize', status: 200, ...sizes });
  await usage.flushUsage();
  const { beginConversation } = await import('#server/modules/support/service.ts');
  const conversation = await beginConversation('Fixture', {
    side: 'customer',
    author: account,
    text: 'Hello',
    fileIds: [made.file],
    jobId: made.job,
    clientId: `fill-${accountId}`,
  });
  await beginJob(account);
  return { ...made, conversation: conversation.id };
}

/** A job that goes on for a while, and is to tell an address of its own. */
async function beginJob(account: Account): Promise<void> {
  const { submitJob } = await import('#server/modules/job/service.ts');
  const by = { account, requestId: 'req_fixture', mode: 'live' as const };
  await submitJob(by, {
    tool: tools['html-to-pdf'],
    files: [],
    names: { webhook_url: 'https://nobody.invalid/job' },
    options: { cache: false, html: '<p>x', wait: { delay_ms: 10_000 } },
    timeoutMs: 30_000,
  });
}
