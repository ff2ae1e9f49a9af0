import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Hub } from './hub.ts';
import { isChannelName, isPresence, maxEventBytes } from './protocol.ts';
import { type App, requestProblem } from './signature.ts';

const maxBodyBytes = 1024 * 1024;
const maxChannelsPerEvent = 100;
const maxBatch = 10;

class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Event = {
  name: string;
  data: unknown;
  channel?: string;
  channels?: string[];
  socket_id?: string;
  info?: string;
};

/** The signed HTTP API that servers publish through. */
export async function serveApi(
  request: IncomingMessage,
  response: ServerResponse,
  app: App,
  hub: Hub,
) {
  try {
    const url = new URL(request.url ?? '/', 'http://channels');
    if (url.pathname === '/_health') return send(response, 200, { ok: true });
    const body = await readBody(request);
    const { method = 'GET' } = request;
    const match = /^\/apps\/([^/]+)(\/.*)$/.exec(url.pathname);
    if (match?.[1] !== app.appId) throw new ApiError(404, 'Unknown app');
    const problem = requestProblem(app, {
      body,
      method,
      path: url.pathname,
      query: url.searchParams,
    });
    if (problem) throw new ApiError(401, problem);
    const answer = await route(`${method} ${match[2]}`, body, url.searchParams, hub);
    send(response, 200, answer);
  } catch (error) {
    const status = error instanceof ApiError ? error.status : 400;
    send(response, status, { error: (error as Error).message });
  }
}

async function route(
  call: string,
  body: string,
  query: URLSearchParams,
  hub: Hub,
): Promise<unknown> {
  if (call === 'POST /events') return publish(JSON.parse(body) as Event, hub);
  if (call === 'POST /batch_events')
    return publishBatch(JSON.parse(body) as { batch?: Event[] }, hub);
  if (call === 'GET /channels') return listChannels(query, hub);
  const users = /^GET \/channels\/([^/]+)\/users$/.exec(call)?.[1];
  if (users) {
    if (!isPresence(users)) throw new ApiError(400, 'Users are known of presence channels only');
    return { users: (await hub.store.members(users)).map(({ userId }) => ({ id: userId })) };
  }
  const channel = /^GET \/channels\/([^/]+)$/.exec(call)?.[1];
  if (channel) {
    const count = (await hub.store.channels()).get(channel) ?? 0;
    return { occupied: count > 0, ...(await infoOf(channel, query.get('info'), hub)) };
  }
  const user = /^POST \/users\/([^/]+)\/terminate_connections$/.exec(call)?.[1];
  if (user) {
    await hub.terminateUser(decodeURIComponent(user));
    return {};
  }
  throw new ApiError(404, 'Unknown path');
}

async function publish(event: Event, hub: Hub): Promise<unknown> {
  const channels = event.channels ?? (event.channel ? [event.channel] : []);
  if (typeof event.name !== 'string' || event.name.length > 200)
    throw new ApiError(400, 'Invalid event name');
  if (
    channels.length === 0 ||
    channels.length > maxChannelsPerEvent ||
    !channels.every(isChannelName)
  )
    throw new ApiError(400, 'Invalid channel name');
  if (
    Buffer.byteLength(
      typeof event.data === 'string' ? event.data : (JSON.stringify(event.data) ?? ''),
    ) > maxEventBytes
  )
    throw new ApiError(
      413,
      'The data content of this event exceeds the allowed maximum (10240 bytes)',
    );
  for (const channel of channels)
    await hub.publish(channel, { event: event.name, data: event.data }, event.socket_id);
  if (!event.info) return {};
  const infos = await Promise.all(
    channels.map(async (channel) => [channel, await infoOf(channel, event.info, hub)] as const),
  );
  return { channels: Object.fromEntries(infos) };
}

async function publishBatch({ batch = [] }: { batch?: Event[] }, hub: Hub): Promise<unknown> {
  if (batch.length > maxBatch) throw new ApiError(400, `Batch larger than ${maxBatch}`);
  for (const event of batch) await publish(event, hub);
  return {};
}

async function listChannels(query: URLSearchParams, hub: Hub): Promise<unknown> {
  const prefix = query.get('filter_by_prefix') ?? '';
  const names = [...(await hub.store.channels()).keys()].filter((name) => name.startsWith(prefix));
  const infos = await Promise.all(
    names.map(async (name) => [name, await infoOf(name, query.get('info'), hub)] as const),
  );
  return { channels: Object.fromEntries(infos) };
}

async function infoOf(channel: string, wanted: string | null | undefined, hub: Hub) {
  const names = new Set((wanted ?? '').split(','));
  const info: Record<string, number> = {};
  if (names.has('subscription_count'))
    info.subscription_count = (await hub.store.channels()).get(channel) ?? 0;
  if (names.has('user_count') && isPresence(channel))
    info.user_count = (await hub.store.members(channel)).length;
  return info;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > maxBodyBytes) throw new ApiError(413, 'The body is too large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
