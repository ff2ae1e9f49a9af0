import { once } from 'node:events';
import { createServer as createNetServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, vi } from 'vitest';
import { exchange, get, open, pour, startProxy, tunnel, website } from './raw-client.ts';
import { listen, stubNetwork } from './stub-network.ts';

const MiB = 1024 * 1024;

const echo = () => createNetServer((socket) => socket.pipe(socket));

describe('a tunnel', () => {
  it('joins the browser to the checked address, asking the resolver once', async () => {
    const network = stubNetwork(await listen(echo()));
    const proxy = await startProxy(network);
    const socket = open(proxy.port, tunnel('Site.Example.:443'));
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /);
    socket.write('ping');
    expect(String((await once(socket, 'data'))[0])).toBe('ping');
    expect(network).toMatchObject({ asked: ['site.example'], dialled: ['93.184.216.34:443'] });
    expect(proxy.bytes).toBe(8);
    expect(proxy.denied).toEqual([]);
    socket.destroy();
  });

  it('passes on what the browser sent ahead of the answer', async () => {
    const proxy = await startProxy(stubNetwork(await listen(echo())));
    const socket = open(proxy.port, `${tunnel('site.example:443')}early`);
    let answer = '';
    for await (const chunk of socket) {
      answer += chunk;
      if (answer.endsWith('early')) break;
    }
    expect(answer).toMatch(/\r\n\r\nearly$/);
  });

  it('closes when the other side does', async () => {
    const proxy = await startProxy(stubNetwork(await listen(createNetServer((s) => s.end('bye')))));
    expect(await exchange(proxy.port, tunnel('site.example:443'))).toMatch(/\r\n\r\nbye$/);
  });

  it('does not read faster than the browser', async () => {
    const proxy = await startProxy(stubNetwork(await listen(createNetServer(pour))), {
      maxBytes: 1024 * MiB,
    });
    const socket = open(proxy.port, tunnel('site.example:443'));
    socket.pause();
    await vi.waitUntil(() => proxy.bytes > 0);
    let before = -1;
    await vi.waitUntil(
      () => {
        const isStill = before === proxy.bytes;
        before = proxy.bytes;
        return isStill;
      },
      { interval: 50, timeout: 5_000 },
    );
    expect(proxy.bytes).toBeLessThan(64 * MiB);
    socket.destroy();
  });
});

describe('a plain request', () => {
  it('is sent on in origin form, without the headers of the connection', async () => {
    const { seen, network } = await website((_, response) => {
      response.writeHead(200, {
        'Set-Cookie': ['a=1', 'b=2'],
        'Keep-Alive': 'timeout=5',
        'Proxy-Authenticate': 'Basic',
        'X-Kept': 'yes',
      });
      response.end('hello');
    });
    const proxy = await startProxy(network);
    const headers =
      'Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic eA==\r\nTE: trailers\r\nX-Named: no\r\nX-Kept: yes\r\n';
    const request = get('http://site.example/a%20b?c=d', headers).replace(
      'close',
      'close, X-Named',
    );
    const answer = await exchange(proxy.port, request);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toMatch(/\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n/i);
    expect(answer).toMatch(/x-kept: yes/i);
    expect(answer).not.toMatch(/keep-alive|proxy-/i);
    expect(answer).toMatch(/hello/);
    expect(seen[0]?.url).toBe('/a%20b?c=d');
    expect(seen[0]?.headers).toEqual({
      host: 'site.example',
      'x-kept': 'yes',
      connection: 'close',
    });
    expect(network).toMatchObject({ asked: ['site.example'], dialled: ['93.184.216.34:80'] });
  });

  it('carries a body both ways', async () => {
    const { network } = await website(async (request, response) =>
      response.end(await text(request)),
    );
    const proxy = await startProxy(network);
    const body = 'x'.repeat(100_000);
    const head = `POST http://site.example/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
    expect(await exchange(proxy.port, head + body)).toContain(body);
    expect(proxy.bytes).toBe(200_000);
  });

  it.each([
    ['nothing', (socket: Socket) => socket.end()],
    ['junk', (socket: Socket) => socket.end('junk\r\n\r\n')],
    ['a reset', (socket: Socket) => socket.resetAndDestroy()],
    [
      'an unasked switch',
      (socket: Socket) => socket.end('HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    ],
    ['a head without end', (socket: Socket) => pour(socket)],
  ])('is a 502 when the other side answers with %s', async (_, answer) => {
    const server = createNetServer((socket) => {
      socket.once('data', () => answer(socket));
    });
    const proxy = await startProxy(stubNetwork(await listen(server)));
    expect(await exchange(proxy.port, get('http://site.example/'))).toMatch(/^HTTP\/1\.1 502 /);
    expect(proxy.denied).toEqual([]);
  });

  it('is cut, not completed, when the other side dies in the middle', async () => {
    const { network } = await website((_, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('part', () => response.destroy());
    });
    const proxy = await startProxy(network);
    expect(await exchange(proxy.port, get('http://site.example/'))).toMatch(/\r\n\r\npart$/);
  });

  it.each(['before', 'after'])(
    'is stopped when the browser hangs up %s the answer',
    async (when) => {
      const asked = Promise.withResolvers<void>();
      const stopped = Promise.withResolvers<void>();
      const { network } = await website((request, response) => {
        request.socket.once('close', () => stopped.resolve());
        if (when === 'after') response.write('part');
        asked.resolve();
      });
      const proxy = await startProxy(network);
      const socket = open(proxy.port, get('http://site.example/'));
      await (when === 'after' ? once(socket, 'data') : asked.promise);
      socket.destroy();
      await expect(stopped.promise).resolves.toBeUndefined();
    },
  );
});

describe('a WebSocket handshake', () => {
  const handshake = (url: string) =>
    `GET ${url} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: abc\r\n\r\n`;

  it('is sent on, and both sides are joined', async () => {
    const { server, network } = await website();
    server.on('upgrade', (request, socket) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Host: ${request.headers.host}\r\n\r\nfirst`,
      );
      socket.once('data', (chunk) => socket.end(`${chunk}${chunk}`));
    });
    const proxy = await startProxy(network);
    const answer = await exchange(proxy.port, `${handshake('http://site.example/chat')}ping`);
    expect(answer).toMatch(/^HTTP\/1\.1 101 [\s\S]*X-Host: site\.example\r\n\r\nfirstpingping$/);
    expect(proxy.bytes).toBe('ping'.length + 'firstpingping'.length);
  });

  it('is a 502 when it is declined', async () => {
    const { network } = await website();
    const proxy = await startProxy(network);
    expect(await exchange(proxy.port, handshake('http://site.example/'))).toMatch(
      /^HTTP\/1\.1 502 /,
    );
  });

  it.each(['http://127.0.0.1/', 'ws://site.example/'])('to %s is refused', async (url) => {
    const network = stubNetwork(1);
    const proxy = await startProxy(network);
    expect(await exchange(proxy.port, handshake(url))).toMatch(/^HTTP\/1\.1 403 /);
    expect(network.dialled).toEqual([]);
  });
});
