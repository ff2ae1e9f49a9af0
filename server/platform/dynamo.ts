import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { AppError } from '@nebula/contract/errors';
import { env } from '../env.ts';
import { asUnavailable } from './outage.ts';

let client: DynamoDBClient | undefined;

/** The DynamoDB client: AWS by default, another endpoint where DYNAMODB_ENDPOINT names one. */
export function dynamo(): DynamoDBClient {
  if (client) return client;
  client = new DynamoDBClient({
    region: env().AWS_REGION,
    endpoint: env().DYNAMODB_ENDPOINT,
    maxAttempts: 3,
    // Without the last of them a request that takes too long is only written down.
    requestHandler: {
      connectionTimeout: 2_000,
      requestTimeout: 8_000,
      throwOnRequestTimeout: true,
    },
  });
  client.middlewareStack.add(
    (next) => (args) =>
      next(args).catch((error: unknown) => {
        throw asUnavailable('The database', error);
      }),
    { step: 'initialize', name: 'translateErrors' },
  );
  client.middlewareStack.add((next) => (args) => next(args).catch(giveUpSilent), {
    // Inside of what repeats a call.
    step: 'deserialize',
    name: 'giveUpSilent',
  });
  return client;
}

/** What was not answered is not asked again: the caller has waited long enough. */
function giveUpSilent(error: unknown): never {
  if (!(error instanceof Error) || error.name !== 'TimeoutError') throw error;
  // Without a cause: the client would look into it, and repeat the call.
  const message = 'The database does not answer. Try again in a few seconds.';
  throw new AppError('unavailable', message, { retryAfterSeconds: 2 });
}

/** Whether a write was refused by its own condition; ElectroDB hides that in the cause. */
export function isConditionFailure(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && cause.name === 'ConditionalCheckFailedException';
}

const maxConflicts = 20;

/**
 * Repeats a write that met a transaction at its row: DynamoDB refuses one of the two, and the
 * client does not try again by itself.
 */
export async function despiteConflicts<T>(write: () => Promise<T>): Promise<T> {
  for (let conflicts = 0; ; conflicts++) {
    try {
      return await write();
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      const isConflict = cause instanceof Error && cause.name === 'TransactionConflictException';
      if (!isConflict || conflicts === maxConflicts) throw error;
      await new Promise((resolve) =>
        setTimeout(resolve, Math.random() * 10 * 2 ** Math.min(conflicts, 5)),
      );
    }
  }
}

/**
 * Removes rows page by page until there is nothing left, as a consistent `read` tells: what a batch
 * has left unprocessed comes again.
 */
export async function removeEach<Row>(
  read: () => Promise<{ data: Row[] }>,
  remove: (rows: Row[]) => Promise<unknown>,
): Promise<void> {
  for (;;) {
    const { data } = await read();
    if (data.length === 0) return;
    await remove(data);
  }
}

/** Creates the one table with its indexes where it is missing; safe to call at every start. */
export async function ensureTable(): Promise<void> {
  const TableName = env().DYNAMODB_TABLE;
  try {
    await dynamo().send(new DescribeTableCommand({ TableName }));
    return;
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
  const key = (name: string) => ({ AttributeName: name, AttributeType: 'S' as const });
  const schema = (pk: string, sk: string) => [
    { AttributeName: pk, KeyType: 'HASH' as const },
    { AttributeName: sk, KeyType: 'RANGE' as const },
  ];
  const index = (number: number) => ({
    IndexName: `gsi${number}`,
    KeySchema: schema(`gsi${number}pk`, `gsi${number}sk`),
    Projection: { ProjectionType: 'ALL' as const },
  });
  await dynamo().send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk', 'gsi1pk', 'gsi1sk', 'gsi2pk', 'gsi2sk'].map(key),
      KeySchema: schema('pk', 'sk'),
      GlobalSecondaryIndexes: [index(1), index(2)],
    }),
  );
  await waitUntilTableExists({ client: dynamo(), maxWaitTime: 60, minDelay: 1 }, { TableName });
  await dynamo().send(
    new UpdateTimeToLiveCommand({
      TableName,
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    }),
  );
}
