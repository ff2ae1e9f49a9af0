import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

export const dynamic = 'force-dynamic';

let packed: Promise<Uint8Array<ArrayBuffer>> | undefined;

/** The reference's own script from its package: nothing is loaded from another host. */
export async function GET(): Promise<Response> {
  packed ??= packScript();
  return new Response(await packed, {
    headers: {
      'content-type': 'text/javascript; charset=utf-8',
      'content-encoding': 'gzip',
      'cache-control': 'public, max-age=86400',
    },
  });
}

/** Packed once, to a quarter of its 4 MB; every browser that can run it can unpack it. */
async function packScript(): Promise<Uint8Array<ArrayBuffer>> {
  const path = join(process.cwd(), 'node_modules/@scalar/api-reference/dist/browser/standalone.js');
  return new Uint8Array(await promisify(gzip)(await readFile(path)));
}
