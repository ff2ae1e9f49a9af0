import { describe, expect, test } from 'vitest';
import { createThread, type Message, type Outgoing } from './thread-store.ts';

/** A server that stores each client id once, and can be told to fail. */
function fakeServer(count = 0) {
  const stored: Message[] = [];
  const message = (text: string, client_id: string | null): Message => ({
    conversation_id: 'cnv_1',
    seq: stored.length + 1,
    by: 'customer',
    author: 'Ada',
    text,
    files: [],
    job: null,
    client_id,
    is_private: false,
    created_at: '2026-11-24T00:00:00.000Z',
  });
  const say = (text: string) => stored.push(message(text, null));
  for (let at = 1; at <= count; at++) say(`old ${at}`);
  const server = {
    say,
    /** The answers that are lost after the message was stored. */
    losesAnswers: 0,
    isDown: false,
    posts: 0,
    messages: async (place: { after?: number; before?: number; limit: number }) => {
      if (server.isDown) throw new Error('down');
      const { after, before, limit } = place;
      const all = stored.filter(
        ({ seq }) => seq > (after ?? 0) && seq < (before ?? Number.POSITIVE_INFINITY),
      );
      const data = after === undefined ? all.slice(-limit) : all.slice(0, limit);
      return { data, has_more: all.length > limit };
    },
    post: async (_id: string, { clientId, text }: Outgoing) => {
      server.posts += 1;
      if (server.isDown) throw new Error('down');
      const known = stored.find(({ client_id }) => client_id === clientId);
      const sent = known ?? message(text, clientId);
      if (!known) stored.push(sent);
      if (server.losesAnswers-- > 0) throw new Error('lost');
      return sent;
    },
  };
  return server;
}

const draft = (text: string) => ({ text, files: [] });
const textsOf = ({ getState }: ReturnType<typeof createThread>) => ({
  messages: getState().messages.map(({ text }) => text),
  outgoing: getState().outgoing.map(({ text }) => text),
});

describe('a thread on a page', () => {
  test('shows what is written at once, and then once as it is stored', async () => {
    const thread = createThread(fakeServer(), 'cnv_1');
    const sent = thread.send(draft('hello'));
    expect(textsOf(thread)).toEqual({ messages: [], outgoing: ['hello'] });
    await sent;
    expect(textsOf(thread)).toEqual({ messages: ['hello'], outgoing: [] });
  });

  test('begins with what is known, and asks for what came after it alone', async () => {
    const server = fakeServer(2);
    const first = await server.messages({ limit: 50 });
    server.say('theirs');
    const asked: (number | undefined)[] = [];
    const messages: typeof server.messages = (place) => {
      asked.push(place.after);
      return server.messages(place);
    };
    const thread = createThread({ ...server, messages }, 'cnv_1', first);
    expect(thread.getState()).toMatchObject({ isLoaded: true, hasOlder: false });
    await thread.catchUp();
    expect(textsOf(thread).messages).toEqual(['old 1', 'old 2', 'theirs']);
    expect(asked).toEqual([2]);
  });

  test('has what was said before the own message, although that came first', async () => {
    const server = fakeServer(1);
    const thread = createThread(server, 'cnv_1');
    await thread.catchUp();
    server.say('theirs');
    await thread.send(draft('mine'));
    expect(textsOf(thread).messages).toEqual(['old 1', 'mine']);
    await thread.catchUp();
    expect(textsOf(thread).messages).toEqual(['old 1', 'theirs', 'mine']);
  });

  test('stores a message once although its answer was lost, and keeps the order', async () => {
    const server = fakeServer();
    server.losesAnswers = 1;
    const thread = createThread(server, 'cnv_1');
    await Promise.all([thread.send(draft('first')), thread.send(draft('second'))]);
    expect(thread.getState().outgoing[0]?.error).toBe('lost');
    await thread.retry();
    await thread.catchUp();
    expect(textsOf(thread)).toEqual({ messages: ['first', 'second'], outgoing: [] });
  });

  test('catches up with all that was missed, however much, each once', async () => {
    const server = fakeServer(3);
    const thread = createThread(server, 'cnv_1');
    await thread.catchUp();
    server.isDown = true;
    await thread.send(draft('written offline'));
    await thread.catchUp();
    expect(thread.getState().error).toBe('down');
    for (let at = 0; at < 120; at++) server.say(`missed ${at}`);
    server.isDown = false;
    await Promise.all([thread.catchUp(), thread.retry(), thread.catchUp()]);
    const { messages } = thread.getState();
    expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 124 }, (_, at) => at + 1));
    expect(messages.at(-1)?.text).toBe('written offline');
    expect(thread.getState().error).toBeUndefined();
  });

  test('fetches older messages only when they are asked for', async () => {
    const thread = createThread(fakeServer(70), 'cnv_1');
    await thread.catchUp();
    expect(thread.getState()).toMatchObject({ hasOlder: true });
    expect(thread.getState().messages).toHaveLength(50);
    await thread.loadOlder();
    expect(thread.getState()).toMatchObject({ hasOlder: false });
    expect(thread.getState().messages).toHaveLength(70);
  });

  test('a message that is given up lets the next one go', async () => {
    const server = fakeServer();
    server.isDown = true;
    const thread = createThread(server, 'cnv_1');
    await thread.send(draft('refused'));
    await thread.send(draft('next'));
    expect(server.posts).toBe(1);
    server.isDown = false;
    await thread.discard(thread.getState().outgoing[0]?.clientId ?? '');
    expect(textsOf(thread)).toEqual({ messages: ['next'], outgoing: [] });
  });
});
