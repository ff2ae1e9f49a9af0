import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { AppError, isAppError } from '@nebula/contract/errors';
import { ulid } from 'ulid';
import type { Job } from '../../jobs/job.ts';
import { killGroup, spawnGroup, watchMemory } from '../../jobs/process-group.ts';
import { type PageFacts, pageEntries, readPageFacts, type Sheet } from './page-box.ts';

type Room = Pick<Job<unknown>, 'dir' | 'signal'>;

export type Device = 'ppmraw' | 'pgmraw' | 'jpeg' | 'pngalpha';

export type SessionOptions = {
  /** The document; absolute. */
  input: string;
  device: Device;
  antialias: boolean;
  annotations: boolean;
  /** Of the device `jpeg`. */
  quality: number;
  /** Tells the files of two sessions in one folder apart. */
  name: string;
};

/** One Ghostscript process with one document open, drawing page by page as it is told. */
export type Session = {
  pageCount: number;
  /** Boxes and turns of pages, in one go. */
  describe: (pages: readonly number[]) => Promise<PageFacts[]>;
  /**
   * Draws a page with so many dots per inch across and down.
   *
   * @returns the file that the device has made; undefined where nothing came
   */
  draw: (page: number, sheet: Sheet, dpi: [number, number]) => Promise<string | undefined>;
  /**
   * Closes the document, which is when Ghostscript tells what was wrong with it.
   *
   * @returns the errors that it has met and mended; none for a sound document
   */
  finish: () => Promise<string[]>;
  close: () => Promise<void>;
};

const extensions = { ppmraw: 'ppm', pgmraw: 'pgm', jpeg: 'jpg', pngalpha: 'png' } as const;
const memoryCeilingBytes = 1536 * 1024 ** 2;
const addressSpaceBytes = 4 * 1024 ** 3;
const maxTranscriptChars = 16_384;

/**
 * Reads a command a line and runs it. What it prints comes on stderr with a tag that the document
 * cannot know, so that nothing in the document can answer in its place.
 */
const commandLoop =
  '/nebulaLine 65000 string def { (%stdin) (r) file nebulaLine readline not { quit } if cvx exec } loop';

/**
 * Opens a document.
 *
 * @throws AppError `password_required`, `corrupt_input`, `input_too_complex`, or the reason of the
 * signal
 */
export async function openSession(
  command: string,
  options: SessionOptions,
  { dir, signal }: Room,
): Promise<Session> {
  signal.throwIfAborted();
  const tag = ulid();
  const child = spawnGroup(command, sessionArguments(options), {
    cwd: dir,
    addressSpaceBytes,
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { TMPDIR: dir },
  });
  const talk = converse(child, tag, signal);
  let drawn = 0;

  const session: Session = {
    pageCount: 0,
    describe: async (pages) => {
      const facts: PageFacts[] = [];
      await talk.ask(`[${pages.join(' ')}] { nebulaDescribe } forall (${tag}!) = flush`, (line) =>
        facts.push(readPageFacts(line) ?? { page: 0, boxes: {}, turns: 0, unit: 1 }),
      );
      return facts;
    },
    draw: async (page, { height, matrix, width }, [across, down]) => {
      const setUp = `<< /PageSize [${width} ${height}] /HWResolution [${across} ${down}] >> setpagedevice`;
      const place = `[${matrix.join(' ')}] concat`;
      let count = drawn;
      await talk.ask(
        `${page} pdfgetpage dup null eq { pop } { dup newpdf_device_setup pdfshowpage_init ${setUp} ${place} pdfshowpage_finish } ifelse (${tag}) print currentpagedevice /PageCount get = (${tag}!) = flush`,
        (line) => {
          count = Number(line);
        },
      );
      if (count === drawn) return undefined;
      drawn = count;
      return join(dir, fileName(options, drawn));
    },
    finish: async () => {
      await talk.ask(`runpdfend (${tag}!) = flush`, () => {});
      return readErrors(talk.said());
    },
    close: async () => {
      child.stdin?.end();
      killGroup(child);
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    },
  };
  try {
    const path = `<${Buffer.from(options.input).toString('hex')}>`;
    await talk.ask(
      `/nebulaShow { 2 copy known { get ==only } { pop pop (-) print } ifelse } def /nebulaDescribe { (${tag}) print dup =only pdfgetpage dup null eq { pop } { ${pageEntries.map((entry) => `(|) print dup /${entry} nebulaShow`).join(' ')} pop } ifelse () = } def ${path} (r) file runpdfbegin (${tag}) print pdfpagecount = (${tag}!) = flush`,
      (line) => {
        session.pageCount = Number(line) || 0;
      },
    );
    if (session.pageCount < 1) throw explainRefusal(talk.said());
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

function sessionArguments(options: SessionOptions): string[] {
  const { annotations, antialias, device, input, quality } = options;
  const bits = antialias ? 4 : 1;
  return [
    '-dSAFER',
    '-dNOPAUSE',
    '-dNOPROMPT',
    `-sDEVICE=${device}`,
    `-dTextAlphaBits=${bits}`,
    `-dGraphicsAlphaBits=${bits}`,
    '-dMaxBitmap=120000000',
    ...(device === 'jpeg' ? [`-dJPEGQ=${quality}`] : []),
    ...(annotations ? [] : ['-dShowAnnots=false', '-dShowAcroForm=false']),
    '-sstdout=%stderr',
    `-sOutputFile=${fileName(options, '%d')}`,
    `--permit-file-read=${input}`,
    '-c',
    commandLoop,
  ];
}

function fileName({ device, name }: SessionOptions, page: number | '%d'): string {
  return `${name}-${page}.${extensions[device]}`;
}

/** Sends commands one at a time, and tells what they answer from what the document makes it say. */
function converse(child: ChildProcess, tag: string, signal: AbortSignal) {
  let transcript = '';
  let answer: { onLine: (line: string) => void; done: () => void } | undefined;
  const ended = Promise.withResolvers<never>();
  // A session that nobody waits on may end as it likes.
  ended.promise.catch(() => {});
  const end = (reason: unknown) => {
    ended.reject(reason);
    killGroup(child);
  };
  const onAbort = () => end(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const endWatch = child.pid && watchMemory(child.pid, memoryCeilingBytes, () => end(tooComplex()));
  child.stdin?.on('error', () => {});
  child.once('error', (cause) => end(crashed(cause)));
  child.once('close', (status, killedBy) => {
    signal.removeEventListener('abort', onAbort);
    if (endWatch) endWatch();
    const isOutOfMemory = /VMerror|memory allocation|insufficient/i.test(transcript);
    const why = `status ${status}, signal ${killedBy}: ${transcript.slice(-1_000)}`;
    ended.reject(isOutOfMemory ? tooComplex() : crashed(new Error(why)));
  });
  createInterface({ input: child.stderr as Readable }).on('line', (line) => {
    // Something without an end of line may stand before the tag.
    const at = line.indexOf(tag);
    const said = at < 0 ? line : line.slice(0, at);
    if (said.trim() && transcript.length < maxTranscriptChars) transcript += `${said}\n`;
    if (at < 0) return;
    const rest = line.slice(at + tag.length);
    if (rest === '!') answer?.done();
    else answer?.onLine(rest);
  });
  const unlessEnded = <T>(promise: Promise<T>): Promise<T> =>
    Promise.race([promise, ended.promise]).catch((error: unknown) => {
      throw isAppError(error) ? error : crashed(error);
    });
  return {
    said: () => transcript,
    unlessEnded,
    ask: async (line: string, onLine: (line: string) => void): Promise<void> => {
      const { promise, resolve } = Promise.withResolvers<void>();
      answer = { onLine, done: resolve };
      child.stdin?.write(`${line}\n`);
      await unlessEnded(promise);
    },
  };
}

/** The indented lines below each heading that announces errors; warnings are about style. */
function readErrors(transcript: string): string[] {
  const errors = /errors were encountered[^\n]*\n((?:[ \t]+[^*\n]+\n)*)/g;
  const lines = [...transcript.matchAll(errors)].flatMap(([, list = '']) => list.split('\n'));
  const spoken = transcript.match(/\*{4} Error: [^\n]+/g) ?? [];
  return [...new Set([...spoken, ...lines].map((line) => line.replace(/\*{4} Error: /, '').trim()))]
    .filter(Boolean)
    .slice(0, 10);
}

function explainRefusal(transcript: string): AppError {
  if (/requires a password/i.test(transcript))
    return new AppError('password_required', 'The document is encrypted; send its password.', {
      param: 'password',
    });
  return new AppError('corrupt_input', 'The PDF is damaged: no page of it could be found.');
}

function tooComplex(): AppError {
  return new AppError('input_too_complex', 'The document needs more memory than one job may use.', {
    extra: { limit_bytes: memoryCeilingBytes },
  });
}

function crashed(cause: unknown): AppError {
  return new AppError('engine_crashed', 'The document could not be rendered.', { cause });
}
