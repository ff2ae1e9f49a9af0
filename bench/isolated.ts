import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { answersHttp, findPort } from '#local/stack/ports.ts';
import type { Bench } from './bench.ts';
import { end } from './yardsticks/child-server.ts';

/** A second web process and media-service beside the stack's own, with a browser for each job. */
export type Isolated = { url: string; pids: Record<string, number>; stop: () => Promise<void> };

export async function startIsolated({ folder, root, stack }: Bench): Promise<Isolated> {
  const [webPort, mediaPort] = [await findPort(3880), await findPort(3881)];
  const url = `http://127.0.0.1:${webPort}`;
  const env = {
    NODE_ENV: 'production' as const,
    ...stack.env,
    PORT: String(webPort),
    MEDIA_PORT: String(mediaPort),
    MEDIA_URL: `http://127.0.0.1:${mediaPort}`,
    MEDIA_WORK_DIR: join(folder, 'work-isolated'),
    CHROMIUM_ISOLATION: 'browser',
  };
  const start = (script: string) =>
    spawn(process.execPath, [join(root, script)], { cwd: root, env, stdio: 'ignore' });
  const media = start('media-service/src/main.ts');
  const web = start('server/main.ts');
  const stop = async () => {
    await Promise.all([endInOrder(web), endInOrder(media)]);
  };
  const isUp = () => answersHttp(`${url}/api/v1/ready`).catch(() => false);
  for (let tries = 0; tries < 600 && !(await isUp()); tries++) await delay(50);
  if (await isUp()) return { url, pids: { ...stack.pids, ...pidsOf({ media, web }) }, stop };
  await stop();
  throw new Error('The second stack with CHROMIUM_ISOLATION=browser did not become ready.');
}

function pidsOf(children: Record<string, ChildProcess>): Record<string, number> {
  return Object.fromEntries(Object.entries(children).map(([name, { pid }]) => [name, pid ?? 0]));
}

/** SIGTERM first: the media-service must end its browsers. */
async function endInOrder(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await Promise.race([ended, delay(10_000, undefined, { ref: false })]);
  await end(child);
}
