import { once } from 'node:events';
import { createServer as createNetServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { closed, exchange, get, open, pour, startProxy, tunnel, website } from './raw-client.ts';
import { listen, stubNetwork } from './stub-network.ts';

const MiB = 1024 * 1024;

describe('the caps of a job', () => {
  it('count requests, refused ones too', async () => {
    const { network, seen } = await website();
    const proxy = await startProxy(network, { maxRequests: 3 });
    await exchange(proxy.port, tunnel('10.0.0.1:443'));
    await exchange(proxy.port, get('http://10.0.0.1/'));
    expect(await exchange(proxy.port, get('http://site.example/'))).toMatch(/^HTTP\/1\.1 200 /);
    const over = await Promise.all([
      exchange(proxy.port, get('http://site.example/4')),
      exchange(proxy.port, tunnel('site.example:443')),
    ]);
    for (const answer of over) {
      expect(answer).toMatch(/^HTTP\/1\.1 403 /);
      expect(answer).toContain('X-Nebula-Denied: too_many_requests\r\n');
    }
    expect(seen).toHaveLength(1);
  });

  it.each([
    ['a tunnel', tunnel('site.example:443')],
    ['a plain request', get('http://site.example/endless')],
  ])('cut the endless content of %s, and refuse what comes after', async (_, request) => {
    const server = createNetServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      pour(socket);
    });
    const network = stubNetwork(await listen(server));
    const proxy = await startProxy(network, { maxBytes: MiB });
    const answer = await exchange(proxy.port, request);
    expect(answer.length).toBeLessThan(2 * MiB);
    expect(proxy.denied).toEqual([
      { url: expect.stringContaining('site.example'), reason: 'too_many_bytes' },
    ]);
    const next = await exchange(proxy.port, get('http://site.example/next'));
    expect(next).toContain('X-Nebula-Denied: too_many_bytes\r\n');
    expect(network.dialled).toHaveLength(1);
  });

  it('count what the browser sends', async () => {
    const proxy = await startProxy(stubNetwork(await listen(createNetServer((s) => s.resume()))), {
      maxBytes: MiB,
    });
    const socket = open(proxy.port, tunnel('site.example:443'));
    await once(socket, 'data');
    pour(socket);
    await closed(socket);
    expect(proxy.denied).toEqual([{ url: 'site.example:443', reason: 'too_many_bytes' }]);
  });
});

describe('reset', () => {
  it('ends every connection of the old job and starts at zero', async () => {
    const { network } = await website((_, response) => response.write('part'));
    const proxy = await startProxy(network, { maxRequests: 3 });
    const plain = open(proxy.port, get('http://site.example/'));
    const tunnelled = open(proxy.port, tunnel('site.example:443'));
    await Promise.all([once(plain, 'data'), once(tunnelled, 'data')]);
    await exchange(proxy.port, tunnel('10.0.0.1:443'));
    const old = proxy.denied;
    const ends = Promise.all([closed(plain), closed(tunnelled)]);
    proxy.reset();
    await ends;
    expect(proxy).toMatchObject({ bytes: 0, denied: [] });
    expect(old).toHaveLength(1);
    const again = open(proxy.port, get('http://site.example/'));
    expect(String((await once(again, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /);
    again.destroy();
  });

  it('ends what is still being resolved, which then never dials', async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<string[]>();
    const network = stubNetwork(1, {
      resolve: () => {
        asked.resolve();
        return answer.promise;
      },
    });
    const proxy = await startProxy(network);
    const waiting = exchange(proxy.port, tunnel('slow.example:443'));
    await asked.promise;
    proxy.reset();
    expect(await waiting).toBe('');
    answer.resolve(['93.184.216.34']);
    await exchange(proxy.port, tunnel('10.0.0.1:443'));
    expect(network.dialled).toEqual([]);
    expect(proxy.denied).toEqual([{ url: '10.0.0.1:443', reason: 'private_address' }]);
  });
});

describe('junk', () => {
  it.each([
    ['noise', Buffer.from(Array.from({ length: 2000 }, (_, i) => (i * 7919) % 256))],
    ['a TLS hello', Buffer.from('160301020001000001fc0303', 'hex')],
    ['an HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a SOCKS greeting', Buffer.from([5, 1, 0, 13, 10, 13, 10])],
    ['a header of 1 MB', `GET http://site.example/ HTTP/1.1\r\nX: ${'a'.repeat(MiB)}`],
    [
      'two lengths',
      'POST http://site.example/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    ],
    ['a tunnel to nothing', 'CONNECT  HTTP/1.1\r\n\r\n'],
    ['blank lines', '\r\n\r\n\r\nx\r\n\r\n'],
  ])('does not stop the proxy: %s', async (_, bytes) => {
    const { network } = await website();
    const proxy = await startProxy(network);
    await exchange(proxy.port, bytes);
    open(proxy.port, bytes).resetAndDestroy();
    expect(await exchange(proxy.port, get('http://site.example/'))).toMatch(/^HTTP\/1\.1 200 /);
  });
});
