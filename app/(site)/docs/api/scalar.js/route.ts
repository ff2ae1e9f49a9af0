import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const dynamic = 'force-dynamic';

let script: Promise<Uint8Array<ArrayBuffer>> | undefined;

/** The reference's own script from its package: nothing is loaded from another host. */
export async function GET(): Promise<Response> {
  script ??= readScript();
  return new Response(await script, {
    headers: {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=86400',
    },
  });
}

async function readScript(): Promise<Uint8Array<ArrayBuffer>> {
  const path = join(process.cwd(), 'node_modules/@scalar/api-reference/dist/browser/standalone.js');
  return new Uint8Array(await readFile(path));
}
