import { conversationChannel } from '@nebula/contract/realtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Realtime } from '#components/realtime/connection.ts';
import { createThread, type Message, type Outgoing } from '#components/support/thread-store.ts';
import { call } from '../support/callers.ts';
import { killAll, waitUntilReady } from '../support/chaos.ts';
import { begin, type Customer, newCustomer, newOperator } from '../support/conversations.ts';
import { webPid } from '../support/process.ts';
import { areChannelsUp, channelsPid, pageOf } from '../support/realtime.ts';

const patient = { timeout: 60_000, interval: 100 };
const open: Realtime[] = [];
let customer: Customer;
let operator: Customer;
beforeAll(async () => {
  await waitUntilReady();
  [customer, operator] = await Promise.all([newCustomer(), newOperator()]);
});
afterAll(() => {
  for (const page of open) page.close();
});

/** The page of one side: what it shows, and the connection that tells it to look. */
function pageOn({ as }: Customer, path: string, id: string) {
  const ask = async (method: string, query = '', body?: object) => {
    const { json, status, text } = await call(method, `${path}/messages${query}`, as, body);
    if (status >= 300) throw new Error(text);
    return json;
  };
  const thread = createThread(
    {
      messages: ({ after = 0, limit }) => ask('GET', `?after=${after}&limit=${limit}`),
      post: (_id: string, { clientId, text }: Outgoing): Promise<Message> =>
        ask('POST', '', { text, client_id: clientId }),
    },
    id,
  );
  const realtime = pageOf(as);
  open.push(realtime);
  const channel = conversationChannel(id);
  const heard: number[] = [];
  realtime.listen(channel, 'message.created', ({ seq }) => {
    heard.push(Number(seq));
    void thread.catchUp();
  });
  realtime.onLive(channel, () => void thread.catchUp());
  const isLive = () => realtime.isLive(channel);
  const say = (text: string) => thread.send({ text, files: [] });
  const shown = () => thread.getState().messages.map(({ text }) => text);
  /** What was not taken goes again, as the page does when it is back. */
  const settle = async () => {
    await thread.retry();
    return thread.getState().outgoing.length;
  };
  return { thread, heard, isLive, say, shown, settle };
}

test('a chat goes on over kill -9 of the channels server and of the web process: each message once, in order', async () => {
  const id = await begin(customer.as);
  const [theirs, ours] = [
    pageOn(customer, `/conversations/${id}`, id),
    pageOn(operator, `/admin/conversations/${id}`, id),
  ];
  await expect.poll(() => [theirs.isLive(), ours.isLive()], patient).toEqual([true, true]);
  const said = { theirs: [] as string[], ours: [] as string[] };
  const talk = async (from: number) => {
    for (let at = from; at < from + 5; at += 1) {
      said.theirs.push(`customer ${at}`);
      said.ours.push(`operator ${at}`);
      // Nobody waits: what is written meanwhile stands behind what is on its way.
      void theirs.say(`customer ${at}`);
      await ours.say(`operator ${at}`);
    }
  };
  await talk(0);
  killAll([channelsPid()]);
  await talk(5);
  killAll([webPid()]);
  await talk(10);
  await waitUntilReady();
  await expect.poll(areChannelsUp, patient).toBe(true);
  await talk(15);
  await expect.poll(() => Promise.all([theirs.settle(), ours.settle()]), patient).toEqual([0, 0]);

  // Both are heard again, and have caught up by themselves.
  await expect.poll(() => [theirs.isLive(), ours.isLive()], patient).toEqual([true, true]);
  await expect.poll(() => theirs.shown().length, patient).toBe(41);
  await expect.poll(() => ours.shown(), patient).toEqual(theirs.shown());
  const of = (who: string) => theirs.shown().filter((text) => text.startsWith(who));
  expect([of('customer'), of('operator')]).toEqual([said.theirs, said.ours]);
  const places = theirs.thread.getState().messages.map(({ seq }) => seq);
  expect(places).toEqual(Array.from({ length: 41 }, (_, at) => at + 1));

  await ours.say('and good bye');
  await expect.poll(() => theirs.shown().at(-1), patient).toBe('and good bye');
  await expect.poll(() => theirs.heard.includes(42), patient).toBe(true);
}, 180_000);
