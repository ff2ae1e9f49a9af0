import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { killGroup, spawnGroup } from '../jobs/process-group.ts';
import type { Logger } from '../logger.ts';
import { isSealed } from './seal.ts';

/**
 * The heap of a worker that is ready, in a file: a process that starts from it has nothing to load
 * and to compile. Without the file, or where it is damaged, the worker starts from its source.
 */
export type StartupSnapshot = {
  /** What Node is called with to start the worker, behind its own options. */
  args: () => string[];
  /** Makes the file, unless it is there; resolves, whatever became of it. */
  make: () => Promise<void>;
  /** To be called when a worker did not come up: from now on all start from the source. */
  discard: () => void;
  /** Ends the making. */
  stop: () => void;
};

const root = resolve(import.meta.dirname, '../../..');
const builder = resolve(import.meta.dirname, 'build-snapshot.ts');
const lowPriority = 10;

/**
 * Keeps the snapshot of one worker in a folder of its own.
 *
 * @param entry - source of the worker; it calls `setDeserializeMainFunction` when it is ready
 * @param files - folders whose files the worker has looked at before it was ready
 */
export function createStartupSnapshot({
  entry,
  files = [],
  folder,
  logger,
}: {
  entry: string;
  files?: readonly string[];
  folder: string;
  logger: Logger;
}): StartupSnapshot {
  let known: string | undefined;
  let build: ReturnType<typeof spawnGroup> | undefined;
  let isWhole = false;
  let isDiscarded = false;
  let isStopped = false;

  const path = () => {
    known ??= join(folder, `${keyOf(entry, files)}.blob`);
    return known;
  };

  const remove = (why: string) => {
    rmSync(path(), { force: true });
    logger.warn({ entry, why }, 'a startup snapshot is removed');
  };

  const isUsable = () => {
    if (isDiscarded || !existsSync(path())) return false;
    // Node itself would run what is left of a damaged one.
    isWhole ||= isSealed(path());
    if (!isWhole) remove('it is damaged');
    return isWhole;
  };

  return {
    args: () => (isUsable() ? ['--snapshot-blob', path(), entry] : [entry]),
    make: async () => {
      if (isDiscarded || isStopped || existsSync(path())) return;
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        build = spawnGroup(process.execPath, ['--no-warnings', builder, entry, path()], {
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        if (build.pid) setPriority(build.pid, lowPriority);
        const said = build.stderr ? text(build.stderr) : '';
        const [code] = await once(build, 'exit');
        if (code !== 0) throw new Error((await said).slice(-2000));
      } catch (error) {
        if (!isStopped) logger.warn({ err: error, entry }, 'a worker has no startup snapshot');
      }
    },
    discard: () => {
      if (!isUsable()) return;
      isDiscarded = true;
      remove('its worker does not start');
    },
    stop: () => {
      isStopped = true;
      killGroup(build);
    },
  };
}

/** Names all that a snapshot is made of; of anything else it would be another. */
function keyOf(entry: string, files: readonly string[]): string {
  const hash = createHash('sha256').update(`${process.version} ${process.arch} ${entry}\0`);
  const read = (path: string) => hash.update(`${path}\0`).update(readFileSync(path));
  for (const folder of ['contract', 'media-service/src'])
    for (const path of list(join(root, folder)))
      if (path.endsWith('.ts') && !path.endsWith('.test.ts')) read(path);
  const lock = join(root, 'package-lock.json');
  if (existsSync(lock)) read(lock);
  for (const path of files.flatMap(list)) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat) hash.update(`${path} ${stat.size} ${stat.mtimeMs}\0`);
  }
  return hash.digest('hex').slice(0, 32);
}

function list(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const found = entries.filter((each) => !each.isDirectory());
  return found.map(({ name, parentPath }) => join(parentPath, name)).sort();
}
