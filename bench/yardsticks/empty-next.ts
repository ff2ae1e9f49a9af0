import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { answersHttp, findPort } from '#local/stack/ports.ts';
import { type ChildServer, end, yardstickEnvironment } from './child-server.ts';

/** A Next app with one route handler that does nothing: what any API on Next costs at least. */
const sources = {
  'package.json': JSON.stringify({ name: 'next-empty', private: true, type: 'module' }),
  'next.config.mjs': `export default { turbopack: { root: ROOT }, outputFileTracingRoot: ROOT };\n`,
  'app/layout.js': `export default function Layout({ children }) { return <html><body>{children}</body></html>; }\n`,
  'app/page.js': `export default function Page() { return null; }\n`,
  'app/empty/route.js': `export const dynamic = 'force-dynamic';
export function GET() { return Response.json({ status: 'ok' }); }\n`,
};

/** Builds the app once for each version of Next, and serves it with `next start`. */
export async function startEmptyNext(root: string, folder: string): Promise<ChildServer> {
  const next = join(root, 'node_modules/next/dist/bin/next');
  buildOnce(root, folder, next);
  const port = await findPort(3890);
  const args = [next, 'start', '-p', String(port), '-H', '127.0.0.1'];
  const env = yardstickEnvironment();
  const child = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore', env });
  const url = `http://127.0.0.1:${port}`;
  const isUp = () => answersHttp(`${url}/empty`).catch(() => false);
  for (let tries = 0; tries < 200 && !(await isUp()); tries++) await delay(50);
  return { url, pid: child.pid ?? 0, stop: () => end(child) };
}

function buildOnce(root: string, folder: string, next: string): void {
  const version = readFileSync(join(root, 'node_modules/next/package.json'), 'utf8');
  const wanted = version + JSON.stringify(sources);
  const stamp = join(folder, '.next/built-from');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of Object.entries(sources)) {
    const file = join(folder, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text.replaceAll('ROOT', JSON.stringify(root)));
  }
  const built = spawnSync(process.execPath, [next, 'build'], {
    cwd: folder,
    env: yardstickEnvironment(),
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`The empty Next app was not built.\n${built.stderr}`);
  writeFileSync(stamp, wanted);
}
