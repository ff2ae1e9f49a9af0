import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';

/**
 * Puts something into a row that the product never writes there: what shows it must fail. It is out of
 * the list of accounts, which other tests look at.
 */
export async function damageAccount(id: string): Promise<void> {
  const { database } = await import('#server/database.ts');
  const row = database().account.get({ id }).params<{ Key: Key; TableName: string }>();
  await damage(row, 'name', { M: { secret: { S: 'inner' } } });
}

/** Spoils the hash of a password, so that no password can be compared with it. */
export async function damagePassword(email: string): Promise<void> {
  const { database } = await import('#server/database.ts');
  const key = { provider: 'password' as const, email };
  const row = database().identity.get(key).params<{ Key: Key; TableName: string }>();
  await damage(row, 'passwordHash', { M: {} });
}

type Key = { pk: string; sk: string };

async function damage(
  { Key: { pk, sk }, TableName }: { Key: Key; TableName: string },
  name: string,
  value: { M: Record<string, { S: string }> },
): Promise<void> {
  const { dynamo } = await import('#server/platform/dynamo.ts');
  await dynamo().send(
    new UpdateItemCommand({
      TableName,
      Key: { pk: { S: pk }, sk: { S: sk } },
      UpdateExpression: 'SET #name = :value REMOVE gsi1pk',
      ExpressionAttributeNames: { '#name': name },
      ExpressionAttributeValues: { ':value': value },
    }),
  );
}
