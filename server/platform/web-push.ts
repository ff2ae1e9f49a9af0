import webPush from 'web-push';
import { env } from '../env.ts';
import { type PostOutcome, post } from './egress.ts';

/** Where a browser takes messages, and the keys that it reads them with. */
export type PushTarget = { endpoint: string; p256dh: string; auth: string };

const timeoutMs = 10_000;
/** So long a push service keeps a message for a browser that is off. */
const keptSeconds = 24 * 60 * 60;

/** The key that browsers subscribe with; undefined where the environment names none. */
export function pushPublicKey(): string | undefined {
  const { VAPID_PRIVATE_KEY, VAPID_PUBLIC_KEY, VAPID_SUBJECT } = env();
  return VAPID_PRIVATE_KEY && VAPID_SUBJECT ? VAPID_PUBLIC_KEY : undefined;
}

/** Whether a message can be encrypted for this browser at all. */
export function isPushTarget(target: PushTarget): boolean {
  try {
    prepare(target, '{}');
    return true;
  } catch {
    return false;
  }
}

/** Posts a message, encrypted for the browser and signed by VAPID, through the guard. */
export function sendPush(target: PushTarget, text: string): Promise<PostOutcome> {
  const { body, headers } = prepare(target, text);
  return post(target.endpoint, {
    headers: Object.fromEntries(Object.entries(headers).map(([name, own]) => [name, `${own}`])),
    body,
    timeoutMs,
    maxReplyBytes: 1024,
  });
}

function prepare({ auth, endpoint, p256dh }: PushTarget, text: string) {
  const { VAPID_PRIVATE_KEY, VAPID_PUBLIC_KEY, VAPID_SUBJECT } = env();
  return webPush.generateRequestDetails({ endpoint, keys: { auth, p256dh } }, text, {
    TTL: keptSeconds,
    vapidDetails: {
      subject: VAPID_SUBJECT ?? '',
      publicKey: VAPID_PUBLIC_KEY ?? '',
      privateKey: VAPID_PRIVATE_KEY ?? '',
    },
  });
}
