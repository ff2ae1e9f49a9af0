import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writePdf } from './testing/fake-parts.ts';
import { frame, get, openRun, readAnswer, run, runHead, token } from './testing/media-client.ts';
import { startServer, type TestServer } from './testing/start-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startServer({ work: (job) => writePdf(job) });
});
afterEach(async () => {
  expect((await run(server.port, frame(runHead()))).result).toBeDefined();
  expect(server.workDirs()).toEqual([]);
  await server.close();
});

function dial(): Socket {
  return connect(server.port, '127.0.0.1');
}

const authorized = `Host: x\r\nAuthorization: Bearer ${token}\r\n`;

describe('the token', () => {
  test('is looked at before the body: a wrong one is 401 and the connection ends', async () => {
    for (const header of ['', 'Authorization: Bearer wrong\r\n', `Authorization: ${token}\r\n`]) {
      const socket = dial();
      socket.write(
        `POST /run/html-to-pdf HTTP/1.1\r\nHost: x\r\n${header}Content-Length: 99999999\r\n\r\nabc`,
      );
      const answer = await text(socket);
      expect(answer).toMatch(/^HTTP\/1\.1 401 /);
      expect(answer).toMatch(/connection: close/i);
      expect(answer).toContain('"code":"unauthenticated"');
    }
  });

  test('is looked at before a caller is told to go on', async () => {
    const socket = dial();
    socket.write(
      'POST /run/html-to-pdf HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n',
    );
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).not.toContain('100 Continue');
  });

  test('that is right gets 100 Continue and then its answer', async () => {
    const body = frame(runHead());
    const request = openRun(server.port, {
      headers: { Expect: '100-continue', 'Content-Length': body.length },
    });
    request.flushHeaders();
    await once(request, 'continue');
    request.end(body);
    expect((await readAnswer(request)).result).toBeDefined();
  });
});

describe('a frame', () => {
  const html = Buffer.from('<html>');
  const withFile = runHead({
    options: {},
    files: [{ filename: 'a.html', type: 'html', size: 6 }],
  });
  test.each([
    ['an empty body', Buffer.alloc(0)],
    ['half a length', Buffer.from([0, 0])],
    ['a length past the end', Buffer.from([0, 0, 1, 0, 123])],
    ['a length over 8 MiB', Buffer.from([0xff, 0xff, 0xff, 0xff, 123])],
    ['no JSON', frame('{')],
    ['bytes that are not UTF-8', frame('"\\ud800"').fill(0xff, 4)],
    ['JSON of ten thousand levels', frame('['.repeat(10_000) + ']'.repeat(10_000))],
    ['a file that is too short', frame(withFile, html.subarray(1))],
    ['a file that is missing', frame(withFile)],
    ['bytes after the last file', frame(withFile, html, html)],
    ['bytes after a head without files', frame(runHead(), html)],
  ])('with %s is refused, and nothing is left', async (_, body) => {
    const answer = await run(server.port, body);
    expect([400, 422]).toContain(answer.status);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'invalid_input' });
    expect(server.workDirs()).toEqual([]);
  });

  test('with an unknown field, or without a needed one, is refused', async () => {
    for (const head of [{ ...runHead(), extra: 1 }, { options: {} }, null, 7, []])
      expect((await run(server.port, frame(head))).status).toBe(422);
  });

  test('that breaks off at any byte leaves nothing', async () => {
    const body = frame(withFile, html);
    const start = `POST /run/html-to-pdf HTTP/1.1\r\n${authorized}Content-Length: ${body.length}\r\n\r\n`;
    for (let cut = 0; cut < body.length; cut += Math.ceil(body.length / 20)) {
      const socket = dial();
      socket.write(start);
      socket.write(body.subarray(0, cut));
      await once(socket, 'ready');
      if (cut % 2 === 0) socket.end();
      else socket.resetAndDestroy();
      await once(socket.resume(), 'close');
    }
    await expect.poll(() => server.workDirs()).toEqual([]);
  });

  test('that arrives byte by byte, or chunked, is read like one that comes at once', async () => {
    const request = openRun(server.port);
    for (const byte of frame(withFile, html)) request.write(Buffer.from([byte]));
    request.end();
    const answer = await readAnswer(request);
    expect(answer.result?.files).toHaveLength(1);
  });
});

describe('an address', () => {
  test('of an unknown tool is 404, also one that every object has', async () => {
    for (const tool of ['nothing', 'constructor', '__proto__', 'a/b', '..']) {
      const answer = await run(server.port, frame(runHead()), { path: `/run/${tool}` });
      expect(answer.status).toBe(404);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'not_found' });
    }
  });

  test('with another method is 405 and says which it has', async () => {
    const answer = await get(server.port, '/run/html-to-pdf');
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
    const posted = await run(server.port, Buffer.alloc(0), { path: '/live' });
    expect([posted.status, posted.headers.allow]).toEqual([405, 'GET']);
  });
});

describe('the connection', () => {
  test('is refused when it smuggles a second request', async () => {
    for (const lines of [
      'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
      'Transfer-Encoding: chunked, identity\r\n',
      'Content-Length: 5\r\nContent-Length: 6\r\n',
      'Transfer-Encoding : chunked\r\n',
      ' folded: x\r\n',
    ]) {
      const socket = dial();
      socket.write(`POST /run/html-to-pdf HTTP/1.1\r\n${authorized}${lines}\r\n0\r\n\r\n`);
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    }
  });

  test('is refused when its head is larger than 16 KiB', async () => {
    const socket = dial();
    socket.write(`GET /live HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('stays open between two runs', async () => {
    const socket = dial();
    const body = frame(runHead());
    const post = `POST /run/html-to-pdf HTTP/1.1\r\n${authorized}Content-Length: ${body.length}\r\n`;
    socket.write(`${post}\r\n`);
    socket.write(body);
    await once(socket, 'data');
    socket.write(`${post}Connection: close\r\n\r\n`);
    socket.write(body);
    expect(await text(socket)).toContain('"type":"result"');
  });

  test('does not stay open after a refusal that left a body unread', async () => {
    const request = openRun(server.port, { path: '/run/nothing' });
    request.write(Buffer.alloc(100_000));
    const answer = await readAnswer(request);
    expect(answer.status).toBe(404);
    expect(answer.headers.connection).toBe('close');
  });
});
