import type { Readable, Writable } from 'node:stream';
import type { ConnectionTransport } from 'puppeteer';

/**
 * The DevTools protocol over two pipes, messages ended by a zero byte: unlike a port, nobody else
 * can reach it.
 */
export function createPipeTransport(output: Writable, input: Readable): ConnectionTransport {
  const transport: ConnectionTransport = {
    send: (message) => {
      output.write(`${message}\0`);
    },
    close: () => {
      output.end();
      input.destroy();
    },
  };
  let parts: Buffer[] = [];
  input.on('data', (chunk: Buffer) => {
    let start = 0;
    for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, start)) {
      const message = Buffer.concat([...parts, chunk.subarray(start, end)]).toString();
      parts = [];
      start = end + 1;
      // One message is handled to its end, with all promises, before the next.
      setImmediate(() => transport.onmessage?.(message));
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  });
  input.once('close', () => transport.onclose?.());
  // A browser that is killed breaks its pipes; its end is noticed by `close` and by its exit.
  input.on('error', () => {});
  output.on('error', () => {});
  return transport;
}
