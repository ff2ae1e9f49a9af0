import { type CacheUse, describeInput, type Job, plainProgress } from '@nebula/contract/job';
import type { InputFile, Tool } from '@nebula/contract/tool';
import { isoTime } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import { presignDownload } from '../../platform/s3.ts';
import type { StoredFile, ToolRun } from './stored-run.ts';

/** Describes a finished run as a job, with addresses of its stored outputs. */
export async function describeJob({
  tool,
  result,
  files,
  stored,
  startedAt,
  finishedAt,
  expiresAt,
  units,
  cache,
}: {
  tool: Tool;
  result: ToolRun['result'];
  files: InputFile[];
  stored: StoredFile[];
  /** Milliseconds, as the next. */
  startedAt: number;
  finishedAt: number;
  expiresAt: number;
  units: number;
  cache: CacheUse;
}): Promise<Job> {
  return {
    id: newId('job'),
    object: 'job',
    tool: tool.id,
    status: 'succeeded',
    progress: plainProgress(100, 'done'),
    created_at: isoTime(startedAt),
    started_at: isoTime(startedAt),
    finished_at: isoTime(finishedAt),
    expires_at: isoTime(expiresAt),
    input: describeInput(files, result.inputs),
    options_effective: result.options_effective,
    files: await describeFiles(stored, expiresAt),
    ...(result.result ? { result: result.result } : {}),
    warnings: result.warnings,
    error: null,
    engine: result.engine,
    timing: result.timing,
    cache,
    units,
    tag: null,
    metadata: {},
  };
}

/** Stored outputs as a job shows them, each with an address of its own. */
export function describeFiles(stored: StoredFile[], expiresAt: number): Promise<Job['files']> {
  const describe = async ({ key, ...file }: StoredFile): Promise<Job['files'][number]> => ({
    id: file.id,
    filename: file.filename,
    mime: file.mime,
    size: file.size,
    sha256: file.sha256,
    width: file.width ?? null,
    height: file.height ?? null,
    page: file.page ?? null,
    pages: file.pages ?? null,
    dpi: file.dpi ?? null,
    duration: file.duration ?? null,
    codec: file.codec ?? null,
    bitrate: file.bitrate ?? null,
    fps: file.fps ?? null,
    url: await presignDownload(key, file),
    expires_at: isoTime(expiresAt),
  });
  return Promise.all(stored.map(describe));
}
