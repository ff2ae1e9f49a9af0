import type { Message, ThreadApi } from './thread-store.ts';

const pageSize = 100;

/** Every message of a conversation, fetched page by page. */
export async function fetchAll(
  { messages }: Pick<ThreadApi, 'messages'>,
  id: string,
): Promise<Message[]> {
  const all: Message[] = [];
  for (;;) {
    const { data, has_more } = await messages({
      id,
      after: all.at(-1)?.seq ?? 0,
      limit: pageSize,
    });
    all.push(...data);
    if (!has_more) return all;
  }
}

/** A conversation as a text that can be kept. */
export function transcriptOf(subject: string, messages: readonly Message[]): string {
  const parts = messages.map((message) => {
    const { author, by, created_at, files, is_private, job, text } = message;
    const who = by === 'operator' ? `${author} (support)` : author;
    return [
      `${created_at}  ${who}${is_private ? '  [private note]' : ''}`,
      text,
      ...files.map(({ filename }) => `[file: ${filename}]`),
      ...(job ? [`[job: ${job.id}, ${job.tool}, ${job.status}]`] : []),
    ].join('\n');
  });
  return `${[subject, ...parts].join('\n\n')}\n`;
}
