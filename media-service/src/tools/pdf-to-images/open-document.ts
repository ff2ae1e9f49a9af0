import { join } from 'node:path';
import { isAppError } from '@nebula/contract/errors';
import type { Session, SessionOptions } from '../../engines/ghostscript/session.ts';
import type { Ghostscript } from '../../engines/ghostscript.ts';
import { decryptPdf } from '../../engines/qpdf.ts';
import type { PagesJob } from './run.ts';

/**
 * Opens the document of a job in as many processes as `count` says. One that asks for a password is
 * decrypted into the job's folder first, because every user of the machine could read a password on
 * a command line.
 *
 * @returns the sessions, the first of which is open; all are the caller's to close
 */
export async function openDocument(
  job: PagesJob,
  ghostscript: Ghostscript,
  settings: Omit<SessionOptions, 'input' | 'name'>,
  count: number,
): Promise<{ first: Session; sessions: Promise<Session>[] }> {
  const [file] = job.files;
  if (!file) throw new Error('the job came without its file');
  const { password } = job.options;
  const open = async (input: string) => {
    const sessions = Array.from({ length: count }, (_, at) =>
      ghostscript.open({ ...settings, input, name: `lane-${at}` }, job),
    );
    for (const session of sessions) session.catch(() => {});
    try {
      return { first: await (sessions[0] as Promise<Session>), sessions };
    } catch (error) {
      await closeAll(sessions);
      throw error;
    }
  };
  try {
    const opened = await open(file.path);
    if (password !== undefined)
      job.warn('option_ignored', 'password had no effect: the document opens without one.');
    return opened;
  } catch (error) {
    const isLocked = isAppError(error) && error.code === 'password_required';
    if (!isLocked || password === undefined) throw error;
  }
  const decrypted = join(job.dir, 'decrypted.pdf');
  await decryptPdf(file.path, password, decrypted, job);
  return open(decrypted);
}

/** Ends sessions, also those that are still being opened. */
export async function closeAll(sessions: readonly Promise<Session>[]): Promise<void> {
  await Promise.allSettled(sessions.map(async (session) => (await session).close()));
}
