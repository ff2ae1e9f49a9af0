import { dynamo } from '#server/platform/dynamo.ts';

type Command = { name: string; text: string };

/** Does something once, just before this process sends such a command to the database. */
export function onceBefore(
  isMeant: (command: Command) => boolean,
  work: () => Promise<unknown>,
): void {
  let isDone = false;
  dynamo().middlewareStack.add(
    (next, { commandName: name = '' }) =>
      async (args) => {
        if (!isDone && isMeant({ name, text: JSON.stringify(args.input) })) {
          isDone = true;
          await work();
        }
        return next(args);
      },
    { step: 'initialize' },
  );
}

/** Has the database leave such a batch of writes unprocessed once, as it may at any time. */
export function leaveUnprocessed(isMeant: (command: Command) => boolean): void {
  let isDone = false;
  dynamo().middlewareStack.add(
    (next, { commandName: name = '' }) =>
      async (args) => {
        const input = args.input as { RequestItems?: object };
        if (isDone || !isMeant({ name, text: JSON.stringify(input) })) return next(args);
        isDone = true;
        const output = { $metadata: {}, UnprocessedItems: input.RequestItems };
        return { response: {}, output };
      },
    { step: 'initialize' },
  );
}
