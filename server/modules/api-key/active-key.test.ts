import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { findActiveKey } from './active-key.ts';
import { generateKey } from './key-format.ts';

/** A database in which nothing is found, and that counts how often it is asked. */
let server: Server;
let reads = 0;
beforeAll(async () => {
  server = createServer((request, response) => {
    reads += 1;
    request.resume();
    response.setHeader('content-type', 'application/x-amz-json-1.0').end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AUTH_SECRET: 'a'.repeat(32),
    MEDIA_TOKEN: 'b'.repeat(32),
    DYNAMODB_ENDPOINT: `http://127.0.0.1:${port}`,
    AWS_REGION: 'local',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  reads = 0;
});

test('a key with a typo is refused without a look into the database', async () => {
  const key = generateKey('live');
  const last = key.at(-1) === 'a' ? 'b' : 'a';
  const swapped = key.replace('live', 'test');
  for (const typo of [key.slice(0, -1) + last, swapped, key.slice(1), '', 'x'.repeat(46)])
    expect(await findActiveKey(typo)).toBeUndefined();
  expect(reads).toBe(0);
});

test('an unknown key is looked for once, and not again for the next few calls', async () => {
  const key = generateKey('live');
  for (let call = 0; call < 5; call++) expect(await findActiveKey(key)).toBeUndefined();
  expect(reads).toBe(1);
});
