import { describe, expect, test } from 'vitest';
import type { Message } from './thread-store.ts';
import { fetchAll, transcriptOf } from './transcript.ts';

const message = (seq: number, more: Partial<Message> = {}): Message => ({
  conversation_id: 'cnv_1',
  seq,
  by: 'customer',
  author: 'Ada',
  text: `message ${seq}`,
  files: [],
  job: null,
  client_id: null,
  is_private: false,
  created_at: '2026-11-24T00:00:00.000Z',
  ...more,
});

describe('a transcript', () => {
  test('has every message, however many pages there are', async () => {
    const stored = Array.from({ length: 250 }, (_, at) => message(at * 2 + 1));
    const messages = async ({ after = 0, limit }: { after?: number; limit: number }) => {
      const rest = stored.filter(({ seq }) => seq > after);
      return { data: rest.slice(0, limit), has_more: rest.length > limit };
    };
    expect(await fetchAll({ messages }, 'cnv_1')).toEqual(stored);
  });

  test('says who wrote what and when, and what was attached', () => {
    const files = [{ id: 'fil_1', filename: 'a.png', type: 'png', size: 1 }];
    const text = transcriptOf('Odd colours', [
      message(1, { files }),
      message(2, { by: 'operator', author: 'Grace', is_private: true }),
    ]);
    expect(text).toBe(
      [
        'Odd colours',
        '',
        '2026-11-24T00:00:00.000Z  Ada',
        'message 1',
        '[file: a.png]',
        '',
        '2026-11-24T00:00:00.000Z  Grace (support)  [private note]',
        'message 2',
        '',
      ].join('\n'),
    );
  });
});
