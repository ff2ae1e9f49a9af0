import { createWriteStream, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';

/**
 * The least that a server can do with an upload: parse the form, write the file, answer, remove it.
 * Its buffers are as large as the gateway's, so that the yardstick is as fast as Node allows.
 *
 * Run with the folder as argument; prints its port.
 */
const highWaterMark = 256 * 1024;
const folder = process.argv[2] ?? '.';
let files = 0;

mkdirSync(folder, { recursive: true });
const server = createServer({ highWaterMark }, async (request, response) => {
  const path = join(folder, `bare-${files++}`);
  try {
    await saveFile(request, path);
    response.writeHead(422, { 'content-type': 'application/json' }).end('{"code":"invalid_input"}');
  } catch {
    response.destroy();
  } finally {
    await rm(path, { force: true });
  }
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});

async function saveFile(request: IncomingMessage, path: string): Promise<void> {
  const form = new Busboy({
    headers: { 'content-type': request.headers['content-type'] ?? '' },
    highWaterMark,
    fileHwm: highWaterMark,
  });
  let written: Promise<void> | undefined;
  form.on('file', (_name, stream) => {
    written = pipeline(stream as Readable, createWriteStream(path));
  });
  await pipeline(request, form);
  await written;
}
