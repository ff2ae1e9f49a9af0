import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../logger.ts';
import { docx, heading, p, picture, table } from '../tools/word-to-pdf/testing/docx.ts';
import { createOneShotPool, type OneShotPool } from './one-shot-pool.ts';
import { sealFile } from './seal.ts';
import { createStartupSnapshot, type StartupSnapshot } from './startup-snapshot.ts';

/** Tells whether it was there before its process; fills its heap where it is asked to. */
const source = `
import { startupSnapshot } from 'node:v8';
const bornIn = process.pid;
const send = (message) => {
  const json = Buffer.from(JSON.stringify(message));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  process.stdout.write(Buffer.concat([length, json]));
};
const serve = () => {
  process.stdin.once('data', (data) => {
    const request = JSON.parse(data.subarray(4).toString());
    const kept = [];
    while (request.fill) kept.push(new Array(1000).fill(kept.length));
    send({ id: request.id, result: bornIn === process.pid ? 'source' : 'snapshot' });
  });
  send({ ready: true, version: '1' });
};
if (startupSnapshot.isBuildingSnapshot()) startupSnapshot.setDeserializeMainFunction(serve);
else serve();
`;

const logger = createLogger('silent');
const never = new AbortController().signal;
const root = mkdtempSync(join(tmpdir(), 'nebula-snapshot-'));
const entry = join(root, 'worker.ts');
const pools: OneShotPool[] = [];
/** A snapshot of it, and what it is called in every folder. */
let whole: Buffer;
let name: string;

function snapshotIn(folder: string, worker = entry, files: string[] = []): StartupSnapshot {
  return createStartupSnapshot({ entry: worker, files, folder: join(root, folder), logger });
}

/** A pool of one process that starts as the snapshot says. */
function poolOf(snapshot: StartupSnapshot): OneShotPool {
  const pool = createOneShotPool(
    () => ({
      name: 'test',
      command: process.execPath,
      args: ['--max-old-space-size=64', '--no-warnings', ...snapshot.args()],
      memoryCeilingBytes: 1024 ** 3,
    }),
    { size: 1, budgetMilliseconds: 50_000, logger, onFailedStart: snapshot.discard },
  );
  pools.push(pool);
  return pool;
}

/** Sets a file where the snapshot is looked for. */
function put(folder: string, blob: Buffer): string {
  mkdirSync(join(root, folder), { recursive: true });
  const path = join(root, folder, name);
  writeFileSync(path, blob);
  return path;
}

function blobOf(snapshot: StartupSnapshot): string {
  const path = snapshot.args().find((each) => each.endsWith('.blob'));
  if (!path) throw new Error('there is no snapshot');
  return path;
}

beforeAll(async () => {
  writeFileSync(entry, source);
  const snapshot = snapshotIn('first');
  await snapshot.make();
  whole = readFileSync(blobOf(snapshot));
  name = basename(blobOf(snapshot));
});

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.stop()));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a startup snapshot', () => {
  it('is what a worker starts from, once it is made and as long as it is there', async () => {
    const snapshot = snapshotIn('made');
    const bornIn = async () => {
      const pool = poolOf(snapshot);
      await pool.start();
      return pool.request({}, never);
    };
    expect(await bornIn()).toBe('source');
    await snapshot.make();
    expect(await bornIn()).toBe('snapshot');
    rmSync(blobOf(snapshot));
    expect(await bornIn()).toBe('source');
  });

  it('leaves the limit of the heap as it is', async () => {
    const pool = poolOf(snapshotIn('first'));
    await pool.start();
    await expect(pool.request({ fill: true }, never)).rejects.toMatchObject({
      code: 'input_too_complex',
    });
  });

  it('that is damaged is not used, and made anew', async () => {
    const snapshot = snapshotIn('damaged');
    const damages = [
      Buffer.alloc(0),
      whole.subarray(0, whole.length / 2),
      Buffer.from(whole).fill('damaged', whole.length / 2, whole.length / 2 + 7),
    ];
    for (const damaged of damages) {
      const blob = put('damaged', damaged);
      expect(snapshot.args()).toEqual([entry]);
      expect(existsSync(blob)).toBe(false);
    }
    await snapshot.make();
    expect(snapshot.args()).toContain('--snapshot-blob');
  });

  it('that its worker does not start from is left for the source', async () => {
    const snapshot = snapshotIn('foreign');
    const otherNode = Buffer.from(whole.subarray(0, -32));
    const blob = put('foreign', otherNode.fill('99', otherNode.indexOf(process.version.slice(1))));
    sealFile(blob);
    expect(snapshot.args()).toContain(blob);
    const pool = poolOf(snapshot);
    await pool.start();
    expect(await pool.request({}, never)).toBe('source');
    await snapshot.make();
    expect(snapshot.args()).toEqual([entry]);
  });

  it('that two services make at once is whole, and old ones go', async () => {
    const folder = join(root, 'shared');
    mkdirSync(folder);
    for (const each of ['old.blob', 'new.blob']) writeFileSync(join(folder, each), 'of others');
    utimesSync(join(folder, 'old.blob'), 1, 1);
    const snapshots = [snapshotIn('shared'), snapshotIn('shared')] as const;
    await Promise.all(snapshots.map((each) => each.make()));
    expect(readdirSync(folder).sort()).toEqual([name, 'new.blob'].sort());
    const pool = poolOf(snapshots[1]);
    await pool.start();
    expect(await pool.request({}, never)).toBe('snapshot');
  });

  it('that cannot be made leaves the worker as it is', async () => {
    const worker = join(root, 'segments.ts');
    writeFileSync(worker, `globalThis.kept = new Intl.Segmenter('en');\n${source}`);
    const snapshot = snapshotIn('impossible', worker);
    await snapshot.make();
    expect(snapshot.args()).toEqual([worker]);
  });

  it('is another one where the files are others that the worker has looked at', async () => {
    const fonts = join(root, 'fonts');
    mkdirSync(fonts);
    const snapshot = snapshotIn('looked', entry, [fonts]);
    await snapshot.make();
    expect(snapshot.args()).toContain('--snapshot-blob');
    writeFileSync(join(fonts, 'new.ttf'), 'a font');
    expect(snapshotIn('looked', entry, [fonts]).args()).toEqual([entry]);
  });
});

describe('the snapshot of the Word worker', () => {
  it('gives the same PDF, byte for byte, as the worker from its source', async () => {
    const worker = resolve(import.meta.dirname, '../tools/word-to-pdf/worker.ts');
    const photo = sharp({
      create: { width: 64, height: 48, channels: 4, background: '#3b82f680' },
    });
    const input = join(root, 'document.docx');
    const rows = [['One', 'أربعة']];
    writeFileSync(
      input,
      await docx({
        body: [
          heading(1, 'A heading'),
          p('Plain, then an emoji 👩‍🚀, and what no font has: \u{e123}.'),
          `<w:p>${picture('rPhoto', 64, 48)}</w:p>`,
          table(rows, { columns: [3000, 3000] }),
        ].join(''),
        relationships: [['rPhoto', 'image', 'media/photo.png']],
        parts: { 'word/media/photo.png': await photo.png().toBuffer() },
      }),
    );
    const snapshot = snapshotIn('word', worker);
    const convert = async (output: string) => {
      const pool = poolOf(snapshot);
      await pool.start();
      const options = {
        style_map: ["p[style-name='heading 1'] => h2"],
        page_numbers: 'bottom-center',
        image_quality: 85,
        image_max_dpi: 300,
        bookmarks: true,
        pages: 'all',
      };
      const answer = await pool.request({ input, output, options }, never);
      return { answer, bytes: readFileSync(output), version: pool.health().version };
    };
    const fromSource = await convert(join(root, 'source.pdf'));
    await snapshot.make();
    expect(snapshot.args()).toContain('--snapshot-blob');
    const fromSnapshot = await convert(join(root, 'snapshot.pdf'));
    expect(snapshot.args()).toContain('--snapshot-blob');
    expect(fromSnapshot).toEqual(fromSource);
  });
});
