import { createServer } from 'node:http';
import { createServer as createNetServer, type Socket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createEgress, type EgressFetchOptions } from './egress.ts';
import {
  EgressError,
  EgressFailedError,
  EgressLimitError,
  EgressStatusError,
  EgressTimeoutError,
} from './errors.ts';
import { pour } from './raw-client.ts';
import { listen, stubNetwork } from './stub-network.ts';

const MiB = 1024 * 1024;
const limits = { maxBytes: MiB, totalTimeoutMs: 5_000 };

/** Downloads from a server that is written byte by byte. */
async function download(serve: (socket: Socket) => void, more: Partial<EgressFetchOptions> = {}) {
  const server = createNetServer((socket) => {
    socket.once('data', () => serve(socket));
  });
  const egress = createEgress(stubNetwork(await listen(server)));
  const response = await egress.fetch('http://origin.example/', { ...limits, ...more });
  return { ...response, content: await buffer(response.body) };
}

const answer = (head: string, body: string | Buffer = '') =>
  Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n`), Buffer.from(body)]);

async function downloadEncoded(encoding: string, encoded: Buffer, maxBytes = MiB) {
  return download(
    (socket) =>
      socket.end(
        answer(`Content-Encoding: ${encoding}\r\nContent-Length: ${encoded.length}\r\n`, encoded),
      ),
    { maxBytes },
  );
}

describe('a hostile origin', () => {
  it('that never ends is cut at the limit', async () => {
    const error = await download((socket) => {
      socket.write(answer(''));
      pour(socket, Buffer.alloc(64 * 1024));
    }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EgressLimitError);
    expect(error).toMatchObject({ code: 'file_too_large', limitBytes: MiB });
  });

  it('that sends endless chunks is cut at the limit', async () => {
    const piece = Buffer.from(`10000\r\n${'x'.repeat(65536)}\r\n`);
    const serve = (socket: Socket) => {
      socket.write(answer('Transfer-Encoding: chunked\r\n'));
      pour(socket, piece);
    };
    await expect(download(serve)).rejects.toBeInstanceOf(EgressLimitError);
  });

  it('that announces too much is not read at all', async () => {
    const serve = (socket: Socket) => socket.write(answer(`Content-Length: ${MiB + 1}\r\n`));
    await expect(download(serve)).rejects.toBeInstanceOf(EgressLimitError);
  });

  it('may send exactly the limit', async () => {
    const serve = (socket: Socket) =>
      socket.end(answer(`Content-Length: ${MiB}\r\n`, Buffer.alloc(MiB)));
    expect((await download(serve)).content).toHaveLength(MiB);
  });

  it('that drips is ended by the total time', async () => {
    const serve = (socket: Socket) => {
      socket.write(answer('Content-Length: 1000\r\n'));
      const timer = setInterval(() => socket.write('x'), 20);
      socket.once('close', () => clearInterval(timer));
    };
    const error = await download(serve, { totalTimeoutMs: 200, idleTimeoutMs: 150 }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(EgressTimeoutError);
    expect(error).toMatchObject({ code: 'tool_timeout' });
  });

  it.each([
    ['before the status line', ''],
    ['inside the head', 'HTTP/1.1 200 OK\r\nX-A: '],
    ['before the body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n'],
    ['inside the body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'],
  ])('that falls silent %s is ended by the idle time', async (_, sent) => {
    const serve = (socket: Socket) => socket.write(sent);
    await expect(download(serve, { idleTimeoutMs: 150 })).rejects.toBeInstanceOf(
      EgressTimeoutError,
    );
  });

  it.each([100, 102, 103])('that floods with status %i is ended', async (status) => {
    const flood = Buffer.from(`HTTP/1.1 ${status} Wait\r\n\r\n`.repeat(100));
    const refusal = download((socket) => pour(socket, flood), { totalTimeoutMs: 300 });
    await expect(refusal).rejects.toBeInstanceOf(EgressError);
  });

  it('that lies with a short Content-Length gives what it announced', async () => {
    const serve = (socket: Socket) => {
      socket.write(answer('Content-Length: 10\r\n', '0123456789'));
      pour(socket, Buffer.alloc(64 * 1024));
    };
    expect(String((await download(serve)).content)).toBe('0123456789');
  });

  it.each([
    ['a body shorter than announced', answer('Content-Length: 100\r\n', 'abc')],
    ['half a chunk', answer('Transfer-Encoding: chunked\r\n', '10\r\nabc')],
    ['nothing', Buffer.alloc(0)],
    ['half a head', Buffer.from('HTTP/1.1 200 OK\r\nX-A: b')],
    ['HTTP/0.9 junk', Buffer.from('<html>no head at all</html>\n')],
    ['bytes of another protocol', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')],
    ['two lengths', answer('Content-Length: 1\r\nContent-Length: 2\r\n', 'ab')],
    [
      'length and chunks',
      answer('Content-Length: 1\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    ],
    ['a bad chunk size', answer('Transfer-Encoding: chunked\r\n', 'zz\r\n')],
    [
      'an unasked protocol switch',
      Buffer.from('HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    ],
    [
      '10 000 headers',
      answer(Array.from({ length: 10_000 }, (_, i) => `X-${i}: value\r\n`).join('')),
    ],
    ['a header of 1 MB', answer(`X-Long: ${'a'.repeat(MiB)}\r\n`)],
  ])('that sends %s is a failed download', async (_, bytes) => {
    await expect(download((socket) => socket.end(bytes))).rejects.toBeInstanceOf(EgressFailedError);
  });

  it('that resets the connection is a failed download', async () => {
    const serve = (socket: Socket) => {
      socket.write(answer('Content-Length: 100\r\n', 'abc'), () => socket.resetAndDestroy());
    };
    await expect(download(serve)).rejects.toMatchObject({ code: 'resource_failed' });
  });

  it('never shows its own words in an error', async () => {
    const error = await download((socket) => socket.end('secret banner\r\n')).catch(String);
    expect(error).toBe('EgressFailedError: The URL could not be downloaded.');
  });

  it('that refuses with an endless page is left at once', async () => {
    const serve = (socket: Socket) => {
      socket.write('HTTP/1.1 404 Not Found\r\n\r\n');
      pour(socket, Buffer.alloc(64 * 1024));
    };
    await expect(download(serve)).rejects.toBeInstanceOf(EgressStatusError);
  });
});

describe('an encoded body', () => {
  const plain = Buffer.from('The same text again and again. '.repeat(100));

  it.each([
    ['gzip', gzipSync(plain)],
    ['x-gzip', gzipSync(plain)],
    ['GZIP', gzipSync(plain)],
    ['deflate', deflateSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['zstd', zstdCompressSync(plain)],
    ['gzip, br', brotliCompressSync(gzipSync(plain))],
    ['identity', plain],
  ])('in %s is decoded', async (encoding, encoded) => {
    const { content, headers } = await downloadEncoded(encoding, encoded);
    expect(content.equals(plain)).toBe(true);
    if (encoding !== 'identity') {
      expect(headers['content-encoding']).toBeUndefined();
      expect(headers['content-length']).toBeUndefined();
    }
  });

  const zeros = Buffer.alloc(64 * MiB);

  it.each([
    ['gzip', gzipSync(zeros)],
    ['deflate', deflateSync(zeros)],
    ['br', brotliCompressSync(zeros)],
    ['zstd', zstdCompressSync(zeros)],
    ['gzip, gzip', gzipSync(gzipSync(zeros))],
  ])('that is a bomb in %s is counted after decoding', async (encoding, bomb) => {
    expect(bomb.length).toBeLessThan(MiB);
    await expect(downloadEncoded(encoding, bomb)).rejects.toBeInstanceOf(EgressLimitError);
  });

  it('that decodes to nothing is counted before decoding as well', async () => {
    const emptyMembers = Buffer.concat(Array.from({ length: 4096 }, () => gzipSync('')));
    const serve = (socket: Socket) => {
      socket.write(answer('Content-Encoding: gzip\r\n'));
      pour(socket, emptyMembers);
    };
    await expect(download(serve, { maxBytes: 1000 })).rejects.toBeInstanceOf(EgressLimitError);
  });

  it.each([
    ['gzip', gzipSync(plain).subarray(0, 50)],
    ['gzip', Buffer.from('not gzip')],
    ['br', Buffer.from('not brotli at all')],
    ['compress', plain],
    ['constructor', plain],
    ['gzip, gzip, gzip, gzip', gzipSync(gzipSync(gzipSync(gzipSync(plain))))],
  ])('in %s that cannot be decoded is a failed download', async (encoding, encoded) => {
    await expect(downloadEncoded(encoding, encoded)).rejects.toBeInstanceOf(EgressFailedError);
  });
});

describe('a body', () => {
  it('that nobody reads can neither crash the process nor keep its connection', async () => {
    const closed = Promise.withResolvers<void>();
    const server = createServer((_, response) => {
      response.socket?.once('close', () => closed.resolve());
      response.write('first');
    });
    const egress = createEgress(stubNetwork(await listen(server)));
    const { body } = await egress.fetch('http://origin.example/', {
      maxBytes: 10,
      totalTimeoutMs: 100,
    });
    await closed.promise;
    await expect(text(body)).rejects.toBeInstanceOf(EgressTimeoutError);
  });

  it('that is thrown away closes its connection at once', async () => {
    const closed = Promise.withResolvers<void>();
    const server = createServer((_, response) => {
      response.socket?.once('close', () => closed.resolve());
      response.write('first');
    });
    const egress = createEgress(stubNetwork(await listen(server)));
    const { body } = await egress.fetch('http://origin.example/', { maxBytes: 10 });
    body.destroy();
    await expect(closed.promise).resolves.toBeUndefined();
  });

  it('of 256 MiB takes no more than 64 MiB beyond what one of 64 MiB took', async () => {
    const chunk = Buffer.alloc(64 * 1024);
    const server = createNetServer((socket) => {
      socket.write(answer(''));
      pour(socket, chunk);
    });
    const egress = createEgress(stubNetwork(await listen(server)));
    const peakOf = async (size: number) => {
      const { body } = await egress.fetch('http://origin.example/', { maxBytes: size });
      let peak = 0;
      const drain = async () => {
        for await (const _ of body) peak = Math.max(peak, process.memoryUsage.rss());
      };
      await expect(drain()).rejects.toBeInstanceOf(EgressLimitError);
      return peak;
    };
    const small = await peakOf(64 * MiB);
    expect((await peakOf(256 * MiB)) - small).toBeLessThan(64 * MiB);
  });
});
