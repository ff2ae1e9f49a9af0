import { randomUUID } from 'node:crypto';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { mailsTo } from '../support/mails.ts';
import { stack } from '../support/stack.ts';

const patient = { timeout: 60_000, interval: 50 };

/** How the mail server in front of the real one behaves. */
let mode: 'refuses' | 'hangs' | 'breaks off' | 'works' = 'refuses';
const met = { refuses: 0, hangs: 0, 'breaks off': 0, works: 0 };
const sockets = new Set<Socket>();
const server = createServer((socket) => {
  sockets.add(socket.on('error', () => {}));
  met[mode]++;
  if (mode === 'hangs') return;
  if (mode === 'refuses') return void socket.end('421 Try again later\r\n');
  const { hostname, port } = new URL(stack.env.SMTP_URL ?? '');
  const real = dial(Number(port), hostname).on('error', () => {});
  socket.pipe(real).pipe(socket);
  if (mode === 'breaks off')
    socket.on('data', (text) => {
      if (!String(text).includes('MAIL FROM')) return;
      real.destroy();
      socket.destroy();
    });
});

// A table of its own: the mails of the stack are sent by the stack.
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const own = { DYNAMODB_TABLE: `mail-retry-${Date.now()}`, SMTP_URL: `smtp://127.0.0.1:${port}` };
  Object.assign(process.env, stack.env, own);
  const { ensureTable } = await import('#server/platform/dynamo.ts');
  await ensureTable();
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  const { dynamo } = await import('#server/platform/dynamo.ts');
  const { DeleteTableCommand } = await import('@aws-sdk/client-dynamodb');
  await dynamo().send(new DeleteTableCommand({ TableName: process.env.DYNAMODB_TABLE }));
  Object.assign(process.env, stack.env);
});

let stop: (() => void) | undefined;
beforeEach(async () => {
  mode = 'refuses';
  Object.assign(met, { refuses: 0, hangs: 0, 'breaks off': 0, works: 0 });
  const { database } = await import('#server/database.ts');
  for (const { id } of await rows()) await database().outboxMail.delete({ id }).go();
});
afterEach(() => stop?.());

async function rows() {
  const { database } = await import('#server/database.ts');
  const { data } = await database().outboxMail.query.due({ queue: 'pending' }).go();
  return data;
}

/** Lets the wait of what waits be over. */
async function hasten(): Promise<void> {
  const { database } = await import('#server/database.ts');
  const waiting = (await rows()).filter(({ dueAt }) => Number(dueAt) > Date.now());
  for (const { id } of waiting)
    await database()
      .outboxMail.patch({ id })
      .set({ dueAt: String(Date.now()), queue: 'pending' })
      .go();
}

test('a mail outlives a server that refuses, hangs and breaks off, and arrives exactly once', async () => {
  const { queueMail, startMailSender } = await import('#server/modules/mail/service.ts');
  const to = `${randomUUID()}@example.com`;
  await queueMail(to, 'welcome', { name: 'Ada', url: stack.url });
  stop = startMailSender();
  for (const next of ['hangs', 'breaks off', 'works'] as const) {
    await expect.poll(() => met[mode], patient).toBeGreaterThan(0);
    expect(await mailsTo(to)).toEqual([]);
    mode = next;
    // As long as the sender is busy with the try before, it does not look.
    await expect
      .poll(
        async () => {
          if (met[next] === 0) await hasten();
          return met[next];
        },
        { ...patient, interval: 500 },
      )
      .toBeGreaterThan(0);
  }
  await expect.poll(rows, patient).toEqual([]);
  expect(await mailsTo(to)).toHaveLength(1);
}, 120_000);
