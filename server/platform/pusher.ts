import type { RealtimeSettings } from '@nebula/contract/realtime';
import Pusher from 'pusher';
import { env } from '../env.ts';

/** An outside that does not answer by then is down for this call. */
const timeoutMilliseconds = 3_000;

let client: Pusher | undefined;

/** The server's side of Pusher Channels; undefined where the environment names no app. */
export function pusher(): Pusher | undefined {
  const { PUSHER_APP_ID: appId, PUSHER_KEY: key, PUSHER_SECRET: secret } = env();
  if (!appId || !key || !secret) return undefined;
  const { PUSHER_CLUSTER: cluster, PUSHER_HOST: host, PUSHER_PORT, PUSHER_TLS: useTLS } = env();
  const app = { appId, key, secret, timeout: timeoutMilliseconds };
  const port = PUSHER_PORT === undefined ? undefined : String(PUSHER_PORT);
  client ??= new Pusher(host ? { ...app, host, port, useTLS } : { ...app, cluster, useTLS: true });
  return client;
}

/** Where browsers connect; undefined where there is nothing to connect to. */
export function realtimeSettings(): RealtimeSettings | undefined {
  const { PUSHER_CLUSTER, PUSHER_HOST, PUSHER_KEY: key, PUSHER_PORT, PUSHER_TLS } = env();
  if (!key || !pusher()) return undefined;
  const isTls = PUSHER_HOST ? PUSHER_TLS : true;
  const host = PUSHER_HOST ?? `ws-${PUSHER_CLUSTER}.pusher.com`;
  const port = (PUSHER_HOST ? PUSHER_PORT : undefined) ?? (isTls ? 443 : 80);
  return { key, host, port, isTls };
}

/** The source that a page's policy has to allow for it. */
export function realtimeOrigin(): string | undefined {
  const settings = realtimeSettings();
  return settings && `${settings.isTls ? 'wss' : 'ws'}://${settings.host}:${settings.port}`;
}

/** Whether Pusher has refused a call for what it is: it would be refused again. */
export function isRefusedForGood(error: unknown): boolean {
  const { status } = error as { status?: number };
  return status === 400 || status === 413;
}
