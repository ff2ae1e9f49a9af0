import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** The wanted port of the loopback address, or the next one that is free. */
export async function findPort(wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + 200; port += 10) if (await isFree(port)) return port;
  throw new Error(`No free port near ${wanted}.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** Whether something answers HTTP there with a status below the given one. */
export async function answersHttp(url: string, below = 400): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
  await response.body?.cancel();
  return response.status < below;
}

/** Whether a Redis server there answers PING. */
export function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString().startsWith('+PONG'));
    });
    socket.once('error', () => resolve(false));
    void delay(1_000).then(() => {
      socket.destroy();
      resolve(false);
    });
  });
}
