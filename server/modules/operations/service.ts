import { database } from '../../database.ts';
import { checkMediaService } from '../../platform/media-service.ts';
import { redis } from '../../platform/redis.ts';
import { checkBucket } from '../../platform/s3.ts';

const checkMilliseconds = 2_000;
const cacheMilliseconds = 1_000;

type Readiness = { status: 'ready' | 'not_ready'; parts: Record<string, 'ok' | 'failed'> };

let isDraining = false;
let cached: { at: number; answer: Promise<Readiness> } | undefined;

/** From now on the process reports that it takes no new work. */
export function startDraining(): void {
  isDraining = true;
}

/** Whether every part that a call may need answers; asked at most once a second. */
export function readReadiness(now = performance.now()): Promise<Readiness> {
  if (isDraining) return Promise.resolve({ status: 'not_ready', parts: { web: 'failed' } });
  if (!cached || now - cached.at > cacheMilliseconds) cached = { at: now, answer: checkParts() };
  return cached.answer;
}

const parts: Record<string, (signal: AbortSignal) => Promise<unknown>> = {
  dynamodb: () => database().account.get({ id: 'readiness' }).go(),
  redis: () => redis().ping(),
  s3: checkBucket,
  media_service: checkMediaService,
};

async function checkParts(): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(parts).map(async ([name, check]) => [name, await outcome(check)] as const),
  );
  const isReady = results.every(([, state]) => state === 'ok');
  return { status: isReady ? 'ready' : 'not_ready', parts: Object.fromEntries(results) };
}

async function outcome(check: (signal: AbortSignal) => Promise<unknown>): Promise<'ok' | 'failed'> {
  const signal = AbortSignal.timeout(checkMilliseconds);
  const expired = new Promise<'failed'>((resolve) => {
    signal.addEventListener('abort', () => resolve('failed'), { once: true });
  });
  const checked = check(signal).then(
    () => 'ok' as const,
    () => 'failed' as const,
  );
  return Promise.race([checked, expired]);
}
