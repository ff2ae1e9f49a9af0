import { isAppError } from '@nebula/contract/errors';
import { describe, expect, test } from 'vitest';
import { createEngineQueue } from './admission.ts';

const never = new AbortController().signal;

function setUp({ slots = 1, maxWaiting = 100 } = {}) {
  const started: string[] = [];
  const releases: (() => void)[] = [];
  const queue = createEngineQueue({ engine: 'chromium', slots: () => slots, maxWaiting });
  const add = (account: string, signal = never) =>
    queue.enter(account, signal).then((release) => {
      started.push(account);
      releases.push(release);
    });
  /** Ends the running jobs one after the other until nobody waits. */
  async function finishAll() {
    for (let release = releases.shift(); release; release = releases.shift()) {
      release();
      await Promise.resolve().then(() => Promise.resolve());
    }
  }
  return { queue, add, started, releases, finishAll };
}

describe('the queue of an engine', () => {
  test('no more jobs run than there are slots', async () => {
    const { queue, add, started } = setUp({ slots: 2 });
    void add('a');
    void add('b');
    void add('c');
    await Promise.resolve();
    expect(started).toEqual(['a', 'b']);
    expect(queue.sizes()).toEqual({ running: 2, waiting: 1 });
  });

  test('accounts take turns, whatever number of jobs each has waiting', async () => {
    const { add, started, finishAll } = setUp();
    const jobs = ['a', 'a', 'a', 'a', 'b', 'c', 'b'].map((account) => add(account));
    await Promise.resolve();
    await finishAll();
    await Promise.all(jobs);
    expect(started).toEqual(['a', 'a', 'b', 'c', 'a', 'b', 'a']);
  });

  test('one job more than may wait is refused with the seconds after which to retry', async () => {
    const { queue, add } = setUp({ maxWaiting: 1 });
    await add('a');
    void add('a');
    const refused = await add('a').catch((error: unknown) => error);
    expect(isAppError(refused) && refused.code).toBe('queue_full');
    expect(isAppError(refused) && refused.details.retryAfterSeconds).toBeGreaterThanOrEqual(1);
    expect(() => queue.expectRoom('a')).toThrow();
  });

  test('in a full queue a newcomer takes the last place of the account that has the most', async () => {
    const { queue, add, started, finishAll } = setUp({ maxWaiting: 3 });
    await add('a');
    const first = add('a');
    const second = add('a');
    const third = add('a').catch((error: unknown) => error);
    queue.expectRoom('b');
    const newcomer = add('b');
    expect(await third).toMatchObject({ code: 'queue_full' });
    expect(queue.sizes().waiting).toBe(3);
    await finishAll();
    await Promise.all([first, second, newcomer]);
    expect(started).toEqual(['a', 'a', 'b', 'a']);
  });

  test('a job that is aborted leaves the line, and takes no slot', async () => {
    const { queue, add, started, finishAll } = setUp();
    const controller = new AbortController();
    await add('a');
    const leaving = add('b', controller.signal).catch((error: unknown) => error);
    const staying = add('c');
    controller.abort(new Error('gone'));
    expect(await leaving).toEqual(new Error('gone'));
    await finishAll();
    await staying;
    expect(started).toEqual(['a', 'c']);
    expect(queue.sizes()).toEqual({ running: 0, waiting: 0 });
  });

  test('a slot that is given back twice counts once', async () => {
    const { queue, add, releases } = setUp({ slots: 2 });
    await add('a');
    await add('a');
    releases[0]?.();
    releases[0]?.();
    expect(queue.sizes().running).toBe(1);
  });

  test('jobs wait while an engine has no slots yet, and start when it has', async () => {
    let slots = 0;
    const queue = createEngineQueue({ engine: 'vision', slots: () => slots, maxWaiting: 5 });
    const entered = queue.enter('a', never);
    expect(queue.sizes()).toEqual({ running: 0, waiting: 1 });
    slots = 1;
    queue.pump();
    await entered;
    expect(queue.sizes()).toEqual({ running: 1, waiting: 0 });
  });

  test('the seconds to wait grow with the line and are never more than two minutes', async () => {
    const { add } = setUp({ maxWaiting: 500 });
    await add('a');
    for (let count = 0; count < 500; count++) void add('a').catch(() => {});
    const refused = await add('a').catch((error: unknown) => error);
    expect(isAppError(refused) && refused.details.retryAfterSeconds).toBe(120);
  });
});
