import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { findActiveKey } from './active-key.ts';
import { generateKey, hashKey } from './key-format.ts';

/** A database that notes what it is asked for, and in which only this is found. */
let server: Server;
let reads: string[] = [];
let found: Record<string, Record<string, unknown> | undefined> = {};
const kindOfRead = (asked: string) =>
  asked.includes('"$nebula#hash_')
    ? 'keySecret'
    : asked.includes('#keyId_') || asked.includes('#accountId_')
      ? 'apiKey'
      : 'account';
beforeAll(async () => {
  server = createServer(async (request, response) => {
    const asked = await text(request);
    const kind = kindOfRead(asked);
    reads.push(kind);
    const Item = found[kind];
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify(Item ? { Item } : {}));
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
  reads = [];
  found = {};
});
afterEach(() => void vi.useRealTimers());

test('a key with a typo is refused without a look into the database', async () => {
  const key = generateKey('live');
  const last = key.at(-1) === 'a' ? 'b' : 'a';
  const swapped = key.replace('live', 'test');
  for (const typo of [key.slice(0, -1) + last, swapped, key.slice(1), '', 'x'.repeat(46)])
    expect(await findActiveKey(typo)).toBeUndefined();
  expect(reads).toEqual([]);
});

test('an unknown key is looked for once, and not again for the next few calls', async () => {
  const key = generateKey('live');
  for (let call = 0; call < 5; call++) expect(await findActiveKey(key)).toBeUndefined();
  expect(reads).toEqual(['keySecret']);
});

test('whose a secret is, is looked for once; whether it is accepted, again after some seconds', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const later = () => vi.setSystemTime(Date.now() + 4_001);
  const secret = generateKey('live');
  const hash = { S: hashKey(secret) };
  const kindOf = (kind: string) => ({ __edb_e__: { S: kind }, __edb_v__: { S: '1' } });
  const owner = { accountId: { S: 'usr_1' }, keyId: { S: 'key_1' } };
  const key = { id: { S: 'key_1' }, isEnabled: { BOOL: true }, hash, ...kindOf('apiKey') };
  found = { keySecret: { hash, ...owner, ...kindOf('keySecret') }, apiKey: key };
  for (let call = 0; call < 3; call++)
    expect(await findActiveKey(secret)).toMatchObject({ id: 'key_1' });
  expect(reads.toSorted()).toEqual(['account', 'apiKey', 'keySecret']);
  later();
  expect(await findActiveKey(secret)).toMatchObject({ id: 'key_1' });
  expect(reads.toSorted()).toEqual(['account', 'account', 'apiKey', 'apiKey', 'keySecret']);
  const refusals = [
    { apiKey: { ...key, isEnabled: { BOOL: false } } },
    { apiKey: { ...key, hash: { S: 'of the next secret' } } },
    {},
  ];
  for (const change of refusals) {
    found = change;
    later();
    expect(await findActiveKey(secret)).toBeUndefined();
  }
  expect(reads.filter((kind) => kind === 'keySecret')).toHaveLength(1);
});
