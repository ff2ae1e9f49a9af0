import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { stack, stackPath } from './stack.ts';

type StoredRow = Record<string, { S?: string; N?: string }>;

/** Every row of the table as DynamoDB keeps it; with an id, those alone whose keys or owner it is in. */
export async function scanTable(id?: string): Promise<StoredRow[]> {
  const named = ['pk', 'sk', 'gsi1pk', 'gsi2pk', 'accountId'].map(
    (each) => `contains(${each}, :id)`,
  );
  const filter = id !== undefined && {
    FilterExpression: named.join(' OR '),
    ExpressionAttributeValues: { ':id': { S: id } },
  };
  const { dynamo } = await import('#server/platform/dynamo.ts');
  const TableName = stack.env.DYNAMODB_TABLE ?? 'nebula';
  const rows: StoredRow[] = [];
  let ExclusiveStartKey: Record<string, never> | undefined;
  do {
    const page = await dynamo().send(new ScanCommand({ TableName, ExclusiveStartKey, ...filter }));
    rows.push(...((page.Items ?? []) as StoredRow[]));
    ExclusiveStartKey = page.LastEvaluatedKey as typeof ExclusiveStartKey;
  } while (ExclusiveStartKey);
  return rows;
}

/** Every row of the table, as text. */
export const dumpTable = async (): Promise<string> => JSON.stringify(await scanTable());

/**
 * Where something lies as it was given out: `table`, or the path of a log or of any other file of the
 * stack. Mails are where a link belongs.
 */
export async function holdersOf(secrets: readonly string[]): Promise<string[]> {
  const rows = await dumpTable();
  const found = secrets.some((secret) => rows.includes(secret)) ? ['table'] : [];
  for (const path of filesBelow(dirname(stackPath))) {
    const bytes = readFileSync(path);
    if (secrets.some((secret) => bytes.includes(secret))) found.push(path);
  }
  return found;
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const paths = entries
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name));
  return paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}
