import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileFacts, fileFactsSchema, noFacts } from '@nebula/contract/file-facts';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearer, call } from '../support/callers.ts';
import { newFileAccount, store } from '../support/files.ts';
import { spoolFolders } from '../support/process.ts';
import { html, png } from '../support/samples.ts';
import { postJson } from '../support/stack.ts';

let account: Awaited<ReturnType<typeof newFileAccount>>;
const folder = mkdtempSync(join(tmpdir(), 'nebula-inspect-'));
beforeAll(async () => {
  account = await newFileAccount();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the product says of some bytes. */
async function inspect(bytes: Buffer) {
  const { id } = await store(account.key, bytes);
  const { json, status, text } = await call('POST', `/files/${id}/inspect`, bearer(account.key));
  expect(status, text).toBe(200);
  fileFactsSchema.strict().parse(json.facts);
  return json as { id: string; type: string; is_damaged: boolean; facts: FileFacts };
}

/** A file that a program of this machine makes. */
function made(name: string, command: string, args: (path: string) => string[]): Buffer {
  const path = join(folder, name);
  const { status, stderr } = spawnSync(command, args(path));
  expect(status, `${command}: ${stderr}`).toBe(0);
  return readFileSync(path);
}

async function document(pages: number): Promise<Buffer> {
  const options = { html: html(pages), page_size: 'A4', landscape: true };
  const response = await postJson('html-to-pdf', account.key, options);
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

describe('a look into', () => {
  test('a document gives its pages and their size', async () => {
    const { facts, type } = await inspect(await document(3));
    expect(type).toBe('pdf');
    const { page_height, page_width, pages, ...others } = facts;
    expect(pages).toBe(3);
    expect(page_width).toBeCloseTo(842, -1);
    expect(page_height).toBeCloseTo(595, -1);
    expect({ ...noFacts, ...others }).toEqual({ ...noFacts, is_encrypted: false });
  });

  test('a document with a password says that it has one, and no more', async () => {
    writeFileSync(join(folder, 'open.pdf'), await document(1));
    const locked = made('locked.pdf', 'qpdf', (path) => [
      ...['--encrypt', 'secret', 'owner', '256', '--'],
      ...[join(folder, 'open.pdf'), path],
    ]);
    expect((await inspect(locked)).facts).toEqual({ ...noFacts, is_encrypted: true });
  });

  test('a picture gives its upright sides and what the camera wrote', async () => {
    const exif = {
      IFD0: { Make: 'Nebula', Orientation: '6' },
      IFD2: { DateTimeOriginal: '2024:05:01 12:30:00' },
    };
    const bytes = await sharp(await png(60, 40))
      .jpeg()
      .withMetadata({ exif, orientation: 6, density: 300 })
      .toBuffer();
    const { facts } = await inspect(bytes);
    expect(facts).toMatchObject({
      width: 40,
      height: 60,
      orientation: 6,
      dpi: 300,
      pages: 1,
      has_alpha: false,
      color_space: 'srgb',
      duration: null,
      exif: { make: 'Nebula', taken_at: '2024-05-01T12:30:00', has_gps: false },
    });
  });

  test('a video gives its length, sides and codecs', async () => {
    const video = made('clip.mp4', 'ffmpeg', (path) => [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=160x120:rate=25:duration=2'],
      ...['-f', 'lavfi', '-i', 'sine=frequency=440:duration=2'],
      ...['-c:v', 'libx264', '-c:a', 'aac', '-ac', '2', '-ar', '44100', path],
    ]);
    const { facts } = await inspect(video);
    expect(facts).toMatchObject({
      width: 160,
      height: 120,
      fps: 25,
      video_codec: 'h264',
      audio_codec: 'aac',
      audio_channels: 2,
      sample_rate: 44_100,
      pages: null,
    });
    expect(facts.duration).toBeCloseTo(2, 0);
    expect(facts.bitrate).toBeCloseTo((video.length * 8) / (facts.duration ?? 1), -1);
  });

  test('a page of HTML finds nothing beside its bytes', async () => {
    expect(await inspect(Buffer.from(html()))).toMatchObject({ type: 'html', facts: noFacts });
  });

  test('a file that only begins like its type says that it is damaged', async () => {
    const broken = Buffer.concat([(await png()).subarray(0, 12), Buffer.alloc(5_000, 1)]);
    expect(await inspect(broken)).toMatchObject({
      type: 'png',
      is_damaged: true,
      facts: noFacts,
    });
  });

  test('the same file gives the same again, and leaves nothing on the disk', async () => {
    const first = await inspect(await png(12, 34));
    expect(first.facts).toMatchObject({ width: 12, height: 34 });
    const again = await call('POST', `/files/${first.id}/inspect`, bearer(account.key));
    expect(again.json).toEqual(first);
    await expect.poll(spoolFolders).toEqual([]);
  });
});
