import { dynamo } from '#server/platform/dynamo.ts';
import { s3 } from '#server/platform/s3.ts';
import './stack.ts';

/** A call to an outside system: the command, and its input as JSON. */
export type Asked = { command: string; input: string };

/** What a call meets: it sends it, or not, and gives or throws what becomes of it. */
export type Spoil = (send: () => Promise<unknown>, asked: Asked) => Promise<unknown>;

const spoils: { database?: Spoil; store?: Spoil } = {};

/** From now on the calls of this process meet this; undefined: what they meet anyway. */
export function spoil(system: 'database' | 'store', how: Spoil | undefined): void {
  spoils[system] = how;
}

/** No call of this process meets anything any more. */
export function heal(): void {
  spoil('database', undefined);
  spoil('store', undefined);
}

const meet =
  (system: keyof typeof spoils) =>
  async <Args extends object, Answer>(
    next: (args: Args) => Promise<Answer>,
    args: Args,
    command = '',
  ): Promise<Answer> => {
    const how = spoils[system];
    if (!how) return next(args);
    const input = JSON.stringify('input' in args ? args.input : {}, named);
    return (await how(() => next(args), { command, input })) as Answer;
  };

// Below the clients' own retries: they answer these as they would answer the network's.
const below = { step: 'deserialize', priority: 'low', name: 'spoil' } as const;
const [ofDatabase, ofStore] = [meet('database'), meet('store')];
dynamo().middlewareStack.add(
  (next, { commandName }) =>
    (args) =>
      ofDatabase(next, args, commandName),
  below,
);
s3().middlewareStack.add(
  (next, { commandName }) =>
    (args) =>
      ofStore(next, args, commandName),
  below,
);

/** A body is no text. */
const named = (name: string, value: unknown) => (name === 'Body' ? undefined : value);

export const failure = (name: string, facts: object = {}) =>
  Object.assign(new Error(name), { name, $fault: 'client', $metadata: {}, ...facts });

/** What is not answered for long is given up at once. */
export const silent = () => failure('TimeoutError');

/** A line that breaks is used again. */
export const broken = () => failure('Error', { code: 'ECONNRESET' });

/** It is done, and nobody hears of it. */
export const lose = async (send: () => Promise<unknown>, error = broken()) => {
  await send();
  throw error;
};
