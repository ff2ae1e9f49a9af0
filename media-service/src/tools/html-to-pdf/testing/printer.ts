import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAppError } from '@nebula/contract/errors';
import type { FileType } from '@nebula/contract/file-types';
import type { Warning } from '@nebula/contract/warnings';
import sharp from 'sharp';
import type { Engines } from '../../../engines/engines.ts';
import { createEngines } from '../../../testing/create-engines.ts';
import { testJob } from '../../../testing/test-job.ts';
import { runHtmlToPdf } from '../run.ts';

type Call = {
  file?: { bytes: Buffer | string; type: FileType };
  accountId?: string;
  timeoutMs?: number;
  isTest?: boolean;
};

/** A finished print, and ways to look at it. */
export type Print = {
  bytes: Buffer;
  pages: number | undefined;
  warnings: Warning[];
  codes: string[];
  effective: Record<string, unknown>;
  /** All text, or that of one page. */
  text: (page?: number) => string;
  /** A line of `pdfinfo`. */
  info: (name: string) => string;
  /** What any program says of the file; its path takes the place of `FILE`. */
  ask: (command: string, ...args: string[]) => string;
  /** Red, green, blue and alpha of a point, given in parts of a page's sides. */
  pixel: (x: number, y: number, page?: number) => Promise<[number, number, number, number]>;
};

export type Printer = {
  engines: Engines;
  print: (options: Record<string, unknown>, call?: Call) => Promise<Print>;
  /** The code of the error, or `printed`. */
  attempt: (options: Record<string, unknown>, call?: Call) => Promise<string>;
  /** Processes of all browsers of this test, by process group. */
  groups: () => Map<number, number[]>;
  close: () => Promise<void>;
};

/** The real tool over real browsers, in folders of its own. */
export async function startPrinter(variables: Record<string, string> = {}): Promise<Printer> {
  const root = mkdtempSync(join(tmpdir(), 'nebula-print-'));
  const engines = createEngines({ MEDIA_WORK_DIR: join(root, 'work'), ...variables });
  await engines.chromium.start();
  let count = 0;

  async function print(options: Record<string, unknown>, call: Call = {}): Promise<Print> {
    const { file, ...given } = call;
    const name = join(root, String(count++));
    if (file) writeFileSync(`${name}.in`, file.bytes);
    const files = file ? [{ path: `${name}.in`, type: file.type }] : [];
    const job = testJob('html-to-pdf', options, files, given);
    try {
      const { files: outputs, optionsEffective } = await runHtmlToPdf(job, engines);
      const [output] = outputs;
      if (!output) throw new Error('no output');
      const bytes = readFileSync(output.path);
      writeFileSync(`${name}.pdf`, bytes);
      const codes = job.warnings.map(({ code }) => code);
      const facts = { bytes, codes, pages: output.pages, warnings: job.warnings };
      return { ...facts, effective: optionsEffective, ...inspect(`${name}.pdf`) };
    } finally {
      job.remove();
    }
  }

  return {
    engines,
    print,
    attempt: (options, call) =>
      print(options, call).then(
        () => 'printed',
        (error: unknown) => {
          if (isAppError(error)) return error.code;
          throw error;
        },
      ),
    groups: createGroupFinder(root),
    close: async () => {
      await engines.chromium.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function inspect(path: string): Pick<Print, 'text' | 'info' | 'ask' | 'pixel'> {
  const ask = (command: string, ...args: string[]) => {
    const given = args.map((each) => (each === 'FILE' ? path : each));
    return execFileSync(command, given, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  };
  const text = (page?: number) => {
    const range = page === undefined ? [] : ['-f', String(page), '-l', String(page)];
    return ask('pdftotext', '-layout', ...range, 'FILE', '-');
  };
  const info = (name: string) =>
    new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(ask('pdfinfo', 'FILE'))?.[1]?.trim() ?? '';
  const pixel = async (x: number, y: number, page = 1) => {
    const stem = path.replace(/\.pdf$/, '');
    const options = ['-png', '-transp', '-singlefile', '-r', '36', '-f', String(page)];
    ask('pdftocairo', ...options, 'FILE', stem);
    const { data, info: size } = await sharp(`${stem}.png`)
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const at =
      (Math.round(y * (size.height - 1)) * size.width + Math.round(x * (size.width - 1))) * 4;
    return [...data.subarray(at, at + 4)] as [number, number, number, number];
  };
  return { ask, text, info, pixel };
}

/** Finds the browsers below `root` by their profiles, and what belongs to them by process group. */
function createGroupFinder(root: string): () => Map<number, number[]> {
  const leaders = new Set<number>();
  return () => {
    const members = new Map<number, number[]>();
    for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
        const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (state === 'Z') continue;
        const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8');
        if (command.includes(`--user-data-dir=${root}`)) leaders.add(Number(group));
        members.set(Number(group), [...(members.get(Number(group)) ?? []), Number(entry)]);
      } catch {
        // It ended between the listing and the reading.
      }
    }
    return new Map([...members].filter(([group]) => leaders.has(group)));
  };
}
