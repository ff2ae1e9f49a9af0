import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Pusher from 'pusher';
import PusherModule from 'pusher-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startChannels } from './server.ts';

type Connection = InstanceType<typeof PusherModule>;
const PusherClient = ((PusherModule as { default?: unknown }).default ??
  PusherModule) as typeof PusherModule;

const app = { appId: 'app', key: 'key', secret: 'secret' };
let channels: Awaited<ReturnType<typeof startChannels>>;
let authorizer: Server;
const open: Connection[] = [];

const server = (port = channels.port) =>
  new Pusher({
    appId: app.appId,
    key: app.key,
    secret: app.secret,
    host: '127.0.0.1',
    port: String(port),
    useTLS: false,
  });

beforeAll(async () => {
  channels = await startChannels({ ...app, port: 0 });
  authorizer = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const form = new URLSearchParams(body);
    const [socketId = '', channel = '', user = ''] = ['socket_id', 'channel_name', 'user'].map(
      (name) => form.get(name) ?? '',
    );
    response.setHeader('content-type', 'application/json');
    if (request.url === '/user')
      return response.end(JSON.stringify(server().authenticateUser(socketId, { id: user })));
    if (channel === 'private-forged') return response.end(JSON.stringify({ auth: 'key:00' }));
    const presence = { user_id: user, user_info: { name: user } };
    response.end(
      JSON.stringify(
        server().authorizeChannel(
          socketId,
          channel,
          channel.startsWith('presence-') ? presence : undefined,
        ),
      ),
    );
  });
  await new Promise<void>((resolve) => authorizer.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  for (const client of open) client.disconnect();
  authorizer.close();
  await channels.close();
});

async function connect(user: string, port = channels.port, key = app.key): Promise<Connection> {
  const endpoint = `http://127.0.0.1:${(authorizer.address() as AddressInfo).port}`;
  const client = new PusherClient(key, {
    cluster: 'x',
    wsHost: '127.0.0.1',
    wsPort: port,
    forceTLS: false,
    enabledTransports: ['ws'],
    disableStats: true,
    channelAuthorization: { endpoint: `${endpoint}/channel`, transport: 'ajax', params: { user } },
    userAuthentication: { endpoint: `${endpoint}/user`, transport: 'ajax', params: { user } },
  });
  open.push(client);
  if (key === app.key) await event(client.connection, 'connected');
  return client;
}

type Emitter = { bind: (name: string, listener: (data: never) => void) => unknown };

function event<T = Record<string, unknown>>(emitter: Emitter, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${name}`)), 8_000);
    emitter.bind(name, (data) => {
      clearTimeout(timer);
      resolve(data as T);
    });
  });
}

async function join(client: Connection, name: string) {
  const channel = client.subscribe(name);
  const data = await event<{ count?: number }>(channel, 'pusher:subscription_succeeded');
  return { channel, data };
}

describe('events', () => {
  it('reach the subscribers of a public channel', async () => {
    const { channel } = await join(await connect('a'), 'room');
    const got = event(channel, 'hello');
    await server().trigger('room', 'hello', { n: 1 });
    expect(await got).toEqual({ n: 1 });
  });

  it('leave out the socket that is named', async () => {
    const [a, b] = await Promise.all([connect('a'), connect('b')]);
    const [forA, forB] = await Promise.all([join(a, 'private-room'), join(b, 'private-room')]);
    let seen = 0;
    forA.channel.bind('once', () => seen++);
    const got = event(forB.channel, 'once');
    await server().trigger('private-room', 'once', {}, { socket_id: a.connection.socket_id });
    await got;
    const after = event(forA.channel, 'after');
    await server().trigger('private-room', 'after', {});
    await after;
    expect(seen).toBe(0);
  });

  it('go from client to client on a private channel', async () => {
    const [a, b] = await Promise.all([connect('a'), connect('b')]);
    const [forA, forB] = await Promise.all([join(a, 'private-chat'), join(b, 'private-chat')]);
    const got = event(forB.channel, 'client-typing');
    forA.channel.trigger('client-typing', { on: true });
    expect(await got).toEqual({ on: true });
  });

  it('come in batches and to several channels at once, with counts', async () => {
    const client = await connect('a');
    const [one, two] = await Promise.all([join(client, 'one'), join(client, 'two')]);
    const got = Promise.all([event(one.channel, 'x'), event(two.channel, 'y')]);
    await server().triggerBatch([
      { channel: 'one', name: 'x', data: 1 },
      { channel: 'two', name: 'y', data: 2 },
    ] as never);
    await got;
    const answer = await server().trigger(['one', 'two'], 'z', {}, { info: 'subscription_count' });
    expect(await answer.json()).toEqual({
      channels: { one: { subscription_count: 1 }, two: { subscription_count: 1 } },
    });
  });

  it('of more than 10 kB are refused', async () => {
    await expect(server().trigger('room', 'big', 'x'.repeat(11_000))).rejects.toMatchObject({
      status: 413,
    });
  });

  it('stay in a cache channel for whoever comes later', async () => {
    await server().trigger('cache-state', 'value', { n: 7 });
    const channel = (await connect('late')).subscribe('cache-state');
    expect(await event(channel, 'value')).toEqual({ n: 7 });
  });
});

describe('presence', () => {
  it('counts members once, and tells who comes and goes', async () => {
    const [a, b] = await Promise.all([connect('ann'), connect('bob')]);
    const { channel, data } = await join(a, 'presence-room');
    expect(data.count).toBe(1);
    const added = event<{ id: string }>(channel, 'pusher:member_added');
    await join(b, 'presence-room');
    expect((await added).id).toBe('bob');
    const users = await server().get({ path: '/channels/presence-room/users' });
    expect(await users.json()).toEqual({ users: [{ id: 'ann' }, { id: 'bob' }] });
    const removed = event<{ id: string }>(channel, 'pusher:member_removed');
    b.disconnect();
    expect((await removed).id).toBe('bob');
  });
});

describe('refusals', () => {
  it('a forged signature opens no private channel', async () => {
    const channel = (await connect('a')).subscribe('private-forged');
    expect(await event(channel, 'pusher:subscription_error')).toMatchObject({ status: 401 });
  });

  it('a wrong secret publishes nothing', async () => {
    const wrong = new Pusher({
      ...app,
      secret: 'wrong',
      host: '127.0.0.1',
      port: String(channels.port),
      useTLS: false,
    });
    await expect(wrong.trigger('room', 'x', {})).rejects.toMatchObject({ status: 401 });
  });

  it('an unknown key is told so', async () => {
    const client = await connect('a', channels.port, 'nobody');
    const error = await event<{ error: { data: { code: number } } }>(client.connection, 'error');
    expect(error.error.data.code).toBe(4001);
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '{"event":1}',
    '{"event":"pusher:subscribe"}',
    '{"event":"pusher:subscribe","data":{"channel":"a b"}}',
    '{"event":"client-x","channel":"room"}',
  ])('junk %j is answered, and the connection lives', async (junk) => {
    const socket = new WebSocket(`ws://127.0.0.1:${channels.port}/app/${app.key}`);
    const frames: string[] = [];
    socket.on('message', (data) => frames.push(String(data)));
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(junk);
    socket.send('{"event":"pusher:ping"}');
    await expect.poll(() => frames.some((frame) => frame.includes('pusher:pong'))).toBe(true);
    expect(frames.some((frame) => frame.includes('pusher:error'))).toBe(true);
    socket.close();
  });

  it('a frame of 1 MB ends its own connection and no other', async () => {
    const { channel } = await join(await connect('calm'), 'room');
    const socket = new WebSocket(`ws://127.0.0.1:${channels.port}/app/${app.key}`);
    await new Promise((resolve) => socket.once('open', resolve));
    const code = new Promise<number>((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    socket.send(JSON.stringify({ event: 'client-x', data: 'x'.repeat(1024 * 1024) }));
    expect(await code).toBe(1009);
    const got = event(channel, 'after');
    await server().trigger('room', 'after', { n: 1 });
    expect(await got).toEqual({ n: 1 });
  });

  it('of a thousand subscriptions a socket gets the first hundred', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${channels.port}/app/${app.key}`);
    const heard: string[] = [];
    socket.on('message', (data) => heard.push(String(data)));
    await new Promise((resolve) => socket.once('open', resolve));
    for (let n = 0; n < 1_000; n++)
      socket.send(JSON.stringify({ event: 'pusher:subscribe', data: { channel: `many-${n}` } }));
    const count = (name: string) => heard.filter((frame) => frame.includes(name)).length;
    await expect.poll(() => count('subscription_error'), { timeout: 10_000 }).toBe(900);
    expect(count('subscription_succeeded')).toBe(100);
    socket.close();
  });
});

describe('a connection of nobody', () => {
  it('is let go after a while; one that has signed in or joined a private channel stays', async () => {
    const strict = await startChannels({ ...app, port: 0, authorizeMilliseconds: 2_500 });
    try {
      const [joined, signedIn] = [
        await connect('dora', strict.port),
        await connect('emil', strict.port),
      ];
      await join(joined, 'private-room');
      const known = event(signedIn, 'pusher:signin_success');
      signedIn.signin();
      await known;
      const socket = new WebSocket(`ws://127.0.0.1:${strict.port}/app/${app.key}`);
      socket.on('open', () =>
        socket.send(JSON.stringify({ event: 'pusher:subscribe', data: { channel: 'public' } })),
      );
      const code = await new Promise<number>((resolve) => socket.once('close', resolve));
      expect(code).toBe(4009);
      // They came first, so their time was over before.
      expect([joined, signedIn].map(({ connection }) => connection.state)).toEqual([
        'connected',
        'connected',
      ]);
    } finally {
      await strict.close();
    }
  });
});

describe('users', () => {
  it('get what is sent to them alone, and can be disconnected', async () => {
    const client = await connect('carol');
    const signedIn = event(client, 'pusher:signin_success');
    client.signin();
    await signedIn;
    const got = event(client.user as never, 'note');
    await server().sendToUser('carol', 'note', { n: 1 });
    expect(await got).toEqual({ n: 1 });
    const gone = event(client.connection, 'disconnected');
    await server().terminateUserConnections('carol');
    client.connection.bind('state_change', () => {});
    await Promise.race([
      gone,
      event(client.connection, 'connecting'),
      event(client.connection, 'failed'),
    ]);
  });
});

describe('two processes over one Redis', () => {
  let redis: ChildProcess;
  let url = '';
  const started: Awaited<ReturnType<typeof startChannels>>[] = [];

  beforeAll(async () => {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    redis = spawn('redis-server', [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--loglevel',
      'notice',
    ]);
    await new Promise<void>((resolve) =>
      redis.stdout?.on('data', (data) => String(data).includes('Ready to accept') && resolve()),
    );
    url = `redis://127.0.0.1:${port}`;
    for (let at = 0; at < 2; at++)
      started.push(await startChannels({ ...app, port: 0, redisUrl: url }));
  });

  afterAll(async () => {
    for (const each of started) await each.close();
    redis.kill('SIGKILL');
  });

  it('an event published at one reaches a subscriber of the other', async () => {
    const { channel } = await join(await connect('a', started[0]?.port), 'shared');
    const got = event(channel, 'across');
    await server(started[1]?.port).trigger('shared', 'across', { n: 2 });
    expect(await got).toEqual({ n: 2 });
  });

  it('members of both are one presence, and the last event is known to both', async () => {
    const { channel } = await join(await connect('ann', started[0]?.port), 'presence-shared');
    const added = event<{ id: string }>(channel, 'pusher:member_added');
    const second = await join(await connect('bob', started[1]?.port), 'presence-shared');
    expect(second.data.count).toBe(2);
    expect((await added).id).toBe('bob');
    await server(started[0]?.port).trigger('cache-shared', 'v', { n: 3 });
    const late = (await connect('late', started[1]?.port)).subscribe('cache-shared');
    expect(await event(late, 'v')).toEqual({ n: 3 });
  });

  it('members of a process that was killed are gone soon after', async () => {
    const beat = 500;
    const living = await startChannels({ ...app, port: 0, redisUrl: url, beatMilliseconds: beat });
    started.push(living);
    const doomed = spawn(process.execPath, [new URL('main.ts', import.meta.url).pathname], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        CHANNELS_PORT: '0',
        CHANNELS_REDIS_URL: url,
        CHANNELS_BEAT_MS: String(beat),
        PUSHER_APP_ID: app.appId,
        PUSHER_KEY: app.key,
        PUSHER_SECRET: app.secret,
      },
    });
    const port = await new Promise<number>((resolve) =>
      doomed.stdout?.on('data', (data) => resolve(Number(/:(\d+)\s*$/.exec(String(data))?.[1]))),
    );
    await join(await connect('ghost', port), 'presence-haunted');
    const { channel, data } = await join(await connect('ann', living.port), 'presence-haunted');
    expect(data.count).toBe(2);
    const removed = event<{ id: string }>(channel, 'pusher:member_removed');
    doomed.kill('SIGKILL');
    expect((await removed).id).toBe('ghost');
    const late = await join(await connect('bob', living.port), 'presence-haunted');
    expect(late.data.count).toBe(2);
  });
});
