import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { answersHttp, findPort } from '#local/stack/ports.ts';
import { stack } from './stack.ts';

const root = resolve(import.meta.dirname, '../..');

/** Another media-service beside that of the stack, which the test itself kills and starts again. */
export async function startSecondMedia() {
  const port = await findPort(Number(new URL(stack.url).port) + 90);
  const workDir = join(stack.env.MEDIA_WORK_DIR ?? '', '..', 'second-work');
  const env = {
    NODE_ENV: 'production' as const,
    ...stack.env,
    MEDIA_PORT: String(port),
    MEDIA_WORK_DIR: workDir,
  };
  const url = `http://127.0.0.1:${port}`;
  let media: ChildProcess;
  const start = () => {
    const script = join(root, 'media-service/src/main.ts');
    media = spawn(process.execPath, [script], { cwd: root, env, stdio: 'ignore' });
  };
  const isUp = () => answersHttp(`${url}/ready`).catch(() => false);
  const waitUntilUp = async () => {
    for (let tries = 0; tries < 600; tries++) {
      if (await isUp()) return;
      await delay(50);
    }
    throw new Error('The second media-service did not become ready.');
  };
  const end = async (signal: NodeJS.Signals) => {
    if (media.exitCode !== null || media.signalCode !== null) return;
    const ended = once(media, 'exit');
    media.kill(signal);
    await ended;
  };
  start();
  await waitUntilUp();
  return {
    url,
    workDir,
    /** kill -9; resolves when it is gone. */
    kill: () => end('SIGKILL'),
    /** Again after a kill; waits for nothing. */
    start,
    waitUntilUp,
    stop: () => end('SIGTERM'),
  };
}
