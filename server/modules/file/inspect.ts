import { isAppError } from '@nebula/contract/errors';
import { type FileFacts, fileFactsSchema, noFacts } from '@nebula/contract/file-facts';
import { logger } from '../../platform/logger.ts';
import { inspectInput } from '../../platform/media-service.ts';
import { readStored } from '../../platform/s3.ts';
import { createSpool } from '../../platform/spool.ts';
import { findFile } from './find.ts';
import { keepFacts } from './rows.ts';
import type { FileKey, ReadyFile } from './schema.ts';

/** A look takes no longer than this, in milliseconds. */
const timeoutMs = 30_000;

/**
 * Looks into a stored file; what was seen is kept, because its content never changes. One that is
 * damaged has its bytes to show and nothing else.
 */
export async function inspectFile(
  key: FileKey,
  { requestId, signal }: { requestId: string; signal: AbortSignal },
): Promise<{ file: ReadyFile; facts: FileFacts; isDamaged: boolean }> {
  const file = await findFile(key);
  if (file.facts !== undefined) {
    const { facts, isDamaged } = JSON.parse(file.facts) as { facts: unknown; isDamaged: boolean };
    return { file, facts: fileFactsSchema.parse(facts), isDamaged };
  }
  const seen = await look(file, { requestId, signal });
  await keepFacts(file, JSON.stringify(seen));
  return { file, ...seen };
}

async function look(
  { accountId, filename, key, size, type }: ReadyFile,
  { requestId, signal }: { requestId: string; signal: AbortSignal },
): Promise<{ facts: FileFacts; isDamaged: boolean }> {
  const spool = createSpool(`${requestId}-look`);
  try {
    const { path } = await spool.write(readStored(key, signal), () => {}, signal);
    const files = [{ path, filename, size, type }];
    const folder = await spool.folder();
    const call = { requestId, accountId, files, timeoutMs, folder, signal };
    return { facts: await inspectInput(call), isDamaged: false };
  } catch (error) {
    if (isAppError(error) && error.code === 'corrupt_input')
      return { facts: noFacts, isDamaged: true };
    throw error;
  } finally {
    await spool.remove().catch((error: unknown) => logger().error({ err: error }, 'spool stays'));
  }
}
