import { AppError } from '@nebula/contract/errors';
import type { FileFacts } from '@nebula/contract/file-facts';
import { type FileType, fileTypes } from '@nebula/contract/file-types';
import type { RunRequest } from '@nebula/contract/run';
import { engineFor, readFacts } from './file-facts.ts';
import { type FileBytes, placeInputs } from './job-inputs.ts';
import type { JobRoom } from './run-job.ts';
import { lookInTurn } from './seat.ts';

/** A look may take so long, whatever its caller allows. */
const maxLookMs = 30_000;

/**
 * Looks into one file, in the queue for looks of the engine that knows its type. The work folder is
 * removed on every way out.
 *
 * @throws AppError `queue_full`; what the engine says of the file
 */
export async function inspectFile(
  room: JobRoom,
  { bytes, hangUp, request }: { request: RunRequest; bytes: FileBytes; hangUp: AbortSignal },
): Promise<FileFacts> {
  const [declared] = request.files;
  if (!declared || request.files.length > 1 || !Object.hasOwn(fileTypes, declared.type))
    throw new AppError('invalid_input', 'Expected one file of a known type.', { param: 'files' });
  const type = declared.type as FileType;
  const engine = engineFor(type);
  const accountId = request.account_id;
  const life = room.running.open(request.timeout_ms, hangUp);
  try {
    if (engine) room.expectEngine(engine);
    if (engine) room.looks[engine].expectRoom(accountId);
    const { path: dir, remove } = await room.workDirs.open(life.id, declared.size);
    try {
      const { signal } = life;
      const tool = { source: { field: 'file', accepts: [type] } };
      const place = { tool, files: request.files, bytes, dir, spoolDir: room.spoolDir };
      const [file] = await placeInputs({ ...place, signal });
      if (!file) throw new Error('the file was not placed');
      const look = () => {
        life.begin(maxLookMs);
        return readFacts(file, room.engines, { dir, signal });
      };
      return engine ? await lookInTurn(room, { engine, accountId, signal }, look) : await look();
    } finally {
      await remove();
    }
  } catch (error) {
    throw life.signal.aborted ? life.signal.reason : error;
  } finally {
    life.end();
  }
}
