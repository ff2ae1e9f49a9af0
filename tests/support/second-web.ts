import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { answersHttp, findPort } from '#local/stack/ports.ts';
import { stack } from './stack.ts';

const root = resolve(import.meta.dirname, '../..');

/** Another web process on the database and the Redis of the stack, as behind a load balancer. */
export async function startSecondWeb(
  env: Record<string, string> = {},
): Promise<{ api: string; pid: number; stop: () => Promise<void> }> {
  const port = String(await findPort(Number(new URL(stack.url).port) + 80));
  const web = spawn(process.execPath, ['server/main.ts'], {
    cwd: root,
    env: { NODE_ENV: 'production', ...stack.env, PORT: port, ...env },
    stdio: 'ignore',
  });
  const ended = once(web, 'exit');
  const stop = async () => {
    web.kill('SIGTERM');
    await ended;
  };
  const api = `http://127.0.0.1:${port}/api/v1`;
  const isUp = () => answersHttp(`${api}/health`).catch(() => false);
  for (let tries = 0; tries < 600; tries++) {
    if (await isUp()) return { api, pid: web.pid ?? 0, stop };
    await delay(100);
  }
  await stop();
  throw new Error('The second web process did not become ready.');
}
