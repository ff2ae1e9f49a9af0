import { once } from 'node:events';
import {
  createReadStream,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { sendAnswer } from './node.ts';

const folder = mkdtempSync(join(tmpdir(), 'node-test-'));
const path = join(folder, 'file');
writeFileSync(path, 'bytes');
afterAll(() => rmSync(folder, { recursive: true }));

function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((number) => {
    try {
      return readlinkSync(`/proc/self/fd/${number}`);
    } catch {
      return [];
    }
  });
}

/** Answers somebody who asks, once they have hung up. */
async function answerTooLate(openBody: () => Promise<Readable>): Promise<void> {
  const answered = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    asked.destroy();
    await once(response, 'close');
    const body = await openBody();
    const headers = new Map<string, string>();
    await sendAnswer(request, response, { status: 200, headers, body, onSent: answered.resolve });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const asked = get({ port: (server.address() as AddressInfo).port }).on('error', () => {});
  await answered.promise;
  server.close();
}

test('a file is open no more when its answer found nobody', async () => {
  await answerTooLate(async () => {
    const file = createReadStream(path);
    await once(file, 'open');
    return file;
  });
  await expect.poll(openFiles, { timeout: 30_000 }).not.toContain(path);
}, 60_000);

test('a file that is gone when its answer found nobody is no error', async () => {
  await answerTooLate(async () => createReadStream(join(folder, 'gone')));
});
