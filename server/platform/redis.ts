import { Redis } from 'ioredis';
import { env } from '../env.ts';
import { logger } from './logger.ts';

let client: Redis | undefined;

/** Milliseconds before the next try to connect: a Redis that is back is soon used again. */
export const reconnectMilliseconds = (attempt: number) => Math.min(100 * 2 ** attempt, 3_000);

/** The Redis client. Commands fail at once while it is down: callers have a fall-back. */
export function redis(): Redis {
  if (client) return client;
  client = new Redis(env().REDIS_URL, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    connectTimeout: 2_000,
    commandTimeout: 1_000,
    retryStrategy: reconnectMilliseconds,
  });
  client.on('error', (error) => logger().warn({ err: error }, 'redis is not reachable'));
  return client;
}

/** How BullMQ adds jobs: at once, or not at all. */
export const producerConnection = () => ({
  url: env().REDIS_URL,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  commandTimeout: 2_000,
  retryStrategy: reconnectMilliseconds,
});

/** How BullMQ waits for jobs, however long Redis is away. */
export const workerConnection = () => ({
  url: env().REDIS_URL,
  maxRetriesPerRequest: null,
  retryStrategy: reconnectMilliseconds,
});

/** The same as a client that several queues share; whoever makes it ends it. */
export const createPatientRedis = () => {
  const { url, ...options } = workerConnection();
  return new Redis(url, options);
};

/** Waits a little for the first connection; without Redis the process starts all the same. */
export async function redisReady(timeoutMs = 2_000): Promise<void> {
  if (redis().status === 'ready') return;
  const ready = new Promise<void>((resolve) => redis().once('ready', () => resolve()));
  const timeout = new Promise<void>((resolve) => setTimeout(resolve, timeoutMs));
  await Promise.race([ready, timeout]);
}
