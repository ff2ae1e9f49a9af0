import { AppError } from '@nebula/contract/errors';
import { plans } from '@nebula/contract/plans';
import type { InputFile, Tool } from '@nebula/contract/tool';
import { type ToolId, tools } from '@nebula/contract/tools';
import { readStored } from '../../platform/s3.ts';
import { isMissing } from '../../platform/s3-upload.ts';
import type { Spool } from '../../platform/spool.ts';
import { spoolUrl } from '../../platform/spool-url.ts';
import type { JobInput, JobRow } from './schema.ts';

/** Brings one input of a job to disk: from the store, or from the address that a batch names. */
export async function bringInput(
  row: JobRow,
  { filename, key, size, type, url }: JobInput,
  { signal, spool }: { spool: Spool; signal: AbortSignal },
): Promise<InputFile> {
  if (url !== undefined) {
    const { source }: Tool = tools[row.tool as ToolId];
    return spoolUrl(spool, { url }, { source, plan: plans[row.plan], param: 'url', signal });
  }
  try {
    const { path } = await spool.write(readStored(key, signal), () => {}, signal);
    return { path, filename, size, type };
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new AppError('gone', 'The stored file was deleted before the job ran.');
  }
}
