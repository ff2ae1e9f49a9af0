import { userChannel } from '@nebula/contract/realtime';
import { createRealtime, type Realtime } from '#components/realtime/connection.ts';
import type { StackFile } from '#local/stack/stack.ts';
import { createAccount } from '#server/modules/account/service.ts';
import { createSession } from '#server/modules/session/service.ts';
import { signAccessToken } from '#server/platform/tokens.ts';

/** Somebody who is signed in, and listens on several pages. */
export type Listener = { accountId: string; token: string };

/** What one page has heard: how often each event reached its handler. */
export type Page = {
  realtime: Realtime;
  channel: string;
  heard: Map<string, number>;
  /** How long each event took, in milliseconds, in the order of arrival. */
  delays: number[];
};

/** What was asked of the server to let sockets in. */
export type AuthCount = { asked: number; refused: number };

/** Accounts with a session each. */
export async function createListeners(count: number): Promise<Listener[]> {
  const run = Date.now().toString(36);
  const listeners: Listener[] = [];
  for (let index = 0; index < count; index++) {
    const { id: accountId } = await createAccount({
      email: `realtime-${run}-${index}@example.com`,
      password: 'only for a benchmark on loopback',
      name: 'Benchmark',
      plan: 'enterprise',
    });
    const { id: sessionId } = await createSession(accountId, 'token', { address: '127.0.0.1' });
    listeners.push({ accountId, token: await signAccessToken({ accountId, sessionId }) });
  }
  return listeners;
}

/** A page of the dashboard without its pixels: the product's own connection, signed for by the server. */
export function openPage(
  { env, url }: StackFile,
  { accountId, token }: Listener,
  { count, sentAt }: { count: AuthCount; sentAt: Map<string, number> },
): Page {
  const settings = {
    key: env.PUSHER_KEY ?? '',
    host: env.PUSHER_HOST ?? '',
    port: Number(env.PUSHER_PORT),
    isTls: false,
  };
  const realtime = createRealtime(settings, async (body) => {
    count.asked += 1;
    const response = await fetch(`${url}/api/v1/realtime/auth`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (response.ok) return (await response.json()) as { auth: string };
    count.refused += 1;
    throw Object.assign(new Error(await response.text()), {
      data: { httpStatus: response.status },
    });
  });
  const page: Page = { realtime, channel: userChannel(accountId), heard: new Map(), delays: [] };
  realtime.listen(page.channel, 'notification.created', ({ event_id, mark }) => {
    const sent = sentAt.get(String(mark));
    if (sent !== undefined) page.delays.push(performance.now() - sent);
    page.heard.set(event_id, (page.heard.get(event_id) ?? 0) + 1);
  });
  return page;
}
