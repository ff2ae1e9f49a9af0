import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';

export const dynamic = 'force-dynamic';

/** The reference's own script from its package: nothing is loaded from another host. */
export async function GET(): Promise<Response> {
  const path = join(process.cwd(), 'node_modules/@scalar/api-reference/dist/browser/standalone.js');
  const { size } = await stat(path);
  return new Response(Readable.toWeb(createReadStream(path)) as ReadableStream, {
    headers: {
      'content-type': 'text/javascript; charset=utf-8',
      'content-length': String(size),
      'cache-control': 'public, max-age=86400',
    },
  });
}
