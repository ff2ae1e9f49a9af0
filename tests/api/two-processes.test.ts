import { expect, test } from 'vitest';
import { startSecondWeb } from '../support/second-web.ts';
import { api, newAccount } from '../support/stack.ts';

test('the requests of a minute are counted over two processes, exactly', async () => {
  const second = await startSecondWeb({ WORKER_CONCURRENCY: '0' });
  try {
    const { key } = await newAccount();
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const at = index % 2 === 0 ? api : second.api;
        const answer = await fetch(`${at}/usage`, { headers: { authorization: `Bearer ${key}` } });
        await answer.arrayBuffer();
        return answer.status;
      }),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(40);
  } finally {
    await second.stop();
  }
});
