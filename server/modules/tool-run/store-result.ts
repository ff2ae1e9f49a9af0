import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Job } from '@nebula/contract/job';
import type { Plan } from '@nebula/contract/plans';
import type { InputFile, Tool } from '@nebula/contract/tool';
import type { Actor, Context } from '../../context.ts';
import { clock, isoTime } from '../../platform/clock.ts';
import { newId } from '../../platform/ids.ts';
import type { RunFile, runTool } from '../../platform/media-service.ts';
import { presignDownload, storeFile } from '../../platform/s3.ts';

/** Stores the outputs for as long as the plan keeps them, and describes the run as a job. */
export async function toPublicJob({
  ctx,
  tool,
  run,
  files,
  startedAt,
  plan,
}: {
  ctx: Context & { actor: Exclude<Actor, { kind: 'anonymous' }> };
  tool: Tool;
  run: Awaited<ReturnType<typeof runTool>>;
  files: InputFile[];
  startedAt: number;
  plan: Plan;
}): Promise<Job> {
  const id = newId('job');
  const finishedAt = clock.now();
  const expiresAt = isoTime(finishedAt + plan.retentionSeconds * 1000);
  const stored: Job['files'] = [];
  const folder = (await ctx.spool?.folder()) ?? '';
  for (const [at, file] of run.files.entries()) {
    const path = file.path ?? (await saveToDisk(file, join(folder, `result-${at}`)));
    const fileId = newId('file');
    const key = `results/${ctx.actor.account.id}/${id}/${fileId}`;
    await storeFile(key, { path, size: file.size, mime: file.mime }, ctx.signal);
    stored.push({
      id: fileId,
      filename: file.filename,
      mime: file.mime,
      size: file.size,
      sha256: file.sha256,
      width: file.width ?? null,
      height: file.height ?? null,
      page: file.page ?? null,
      pages: file.pages ?? null,
      url: await presignDownload(key, file),
      expires_at: expiresAt,
    });
  }
  return {
    id,
    object: 'job',
    tool: tool.id,
    status: 'succeeded',
    created_at: isoTime(startedAt),
    finished_at: isoTime(finishedAt),
    expires_at: expiresAt,
    input: { files: files.map(({ filename, size }) => ({ filename, size })) },
    options_effective: run.options_effective,
    files: stored,
    warnings: run.warnings,
    engine: run.engine,
    timing: run.timing,
    units: tool.units,
  };
}

async function saveToDisk(file: RunFile, path: string): Promise<string> {
  await pipeline(file.open(), createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  return path;
}
