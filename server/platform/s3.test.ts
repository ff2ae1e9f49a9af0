import { once } from 'node:events';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readStored, readText, storeFile } from './s3.ts';

const folder = mkdtempSync(join(tmpdir(), 's3-test-'));
const path = join(folder, 'file');
let answer: RequestListener;
let asked: number;
let server: Server;

beforeAll(async () => {
  writeFileSync(path, 'bytes');
  server = createServer((request, response) => {
    asked += 1;
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  Object.assign(process.env, {
    AUTH_SECRET: 'a'.repeat(32),
    MEDIA_TOKEN: 'b'.repeat(32),
    S3_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    S3_ACCESS_KEY_ID: 'key',
    S3_SECRET_ACCESS_KEY: 'secret',
  });
});
beforeEach(() => {
  asked = 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

test('a store that answers nothing is given up as unavailable', async () => {
  answer = () => {};
  await expect(readText('silent')).rejects.toMatchObject({ code: 'unavailable' });
  expect(asked).toBe(3);
}, 40_000);

test('reading from a store that answers nothing ends with its caller', async () => {
  const caller = new AbortController();
  answer = () => caller.abort();
  const read = async () => {
    for await (const _chunk of readStored('silent', caller.signal));
  };
  await expect(read()).rejects.toMatchObject({ name: 'AbortError' });
  expect(asked).toBe(1);
});

test('bytes that break off are unavailable, not the end of the file', async () => {
  answer = (_request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('some');
    setImmediate(() => response.destroy());
  };
  await expect(readText('short')).rejects.toMatchObject({ code: 'unavailable' });
});

/** Whether this process holds the file open; a name may be gone before it is read. */
function isOpen(): boolean {
  return readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  });
}

test('a file that is not sent, because its caller has left, is closed', async () => {
  const left = AbortSignal.abort();
  const file = { path, size: 5, mime: 'text/plain' };
  for (let calls = 0; calls < 20; calls++)
    await expect(storeFile('left', file, left)).rejects.toMatchObject({ name: 'AbortError' });
  expect(asked).toBe(0);
  await expect.poll(isOpen, { timeout: 10_000 }).toBe(false);
});

test('a file is sent again, from its first byte, to a store that refuses for a moment', async () => {
  const bodies: string[] = [];
  answer = async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    bodies.push(body);
    response.writeHead(bodies.length < 3 ? 503 : 200).end();
  };
  await storeFile('key', { path, size: 5, mime: 'text/plain' });
  expect(bodies).toEqual(['bytes', 'bytes', 'bytes']);
});

test('a missing object is an error of its own', async () => {
  answer = (_request, response) =>
    response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
  await expect(readText('missing')).rejects.toMatchObject({ name: 'NoSuchKey' });
});
