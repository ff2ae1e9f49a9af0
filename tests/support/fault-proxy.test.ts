import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type FaultProxy, startFaultProxy, through } from './fault-proxy.ts';

const body = 'x'.repeat(200_000);
const server = createServer((_, response) => response.end(body)).listen(0, '127.0.0.1');
let proxy: FaultProxy;
let address: string;
beforeAll(async () => {
  if (!server.listening) await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  proxy = await startFaultProxy({ hostname: '127.0.0.1', port });
  address = through(`http://localhost:${port}`, proxy);
});
afterEach(() => proxy.heal());
afterAll(async () => {
  await proxy.close();
  server.close();
});

async function get(): Promise<string> {
  const sent = request(address, { agent: false }).end();
  // A reset is an error of the request as well as of the answer that it breaks off.
  sent.on('error', () => undefined);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const piece of answer) text += piece;
  return text;
}

test('bytes flow in both directions when there is no fault', async () => {
  expect(await get()).toBe(body);
});

test('nobody can connect while it refuses, and all can as soon as it is healed', async () => {
  await proxy.fail({ mode: 'refuse' });
  await expect(get()).rejects.toThrow('ECONNREFUSED');
  await proxy.heal();
  expect(await get()).toBe(body);
});

test('while it hangs no answer comes, and it comes when the proxy is healed', async () => {
  await proxy.fail({ mode: 'hang' });
  const before = proxy.connections();
  let isAnswered = false;
  const answer = get().finally(() => {
    isAnswered = true;
  });
  await expect.poll(proxy.connections).toBe(before + 1);
  expect(isAnswered).toBe(false);
  await proxy.heal();
  expect(await answer).toBe(body);
});

test('a slow answer comes late and whole, in one piece or in drips', async () => {
  await proxy.fail({ mode: 'slow', milliseconds: 50 });
  const since = performance.now();
  expect(await get()).toBe(body);
  expect(performance.now() - since).toBeGreaterThan(40);
  await proxy.fail({ mode: 'slow', milliseconds: 1, bytes: 10_000 });
  expect(await get()).toBe(body);
});

test('an answer that is reset breaks off in its middle', async () => {
  await proxy.fail({ mode: 'reset', afterBytes: 50_000 });
  await expect(get()).rejects.toThrow(/aborted|ECONNRESET/);
});
