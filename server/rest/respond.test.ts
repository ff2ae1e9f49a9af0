import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Job } from '@nebula/contract/job';
import { describe, expect, test } from 'vitest';
import { readZip } from '#tests/support/zip.ts';
import { jsonAnswer, runAnswer } from './respond.ts';

type Run = Parameters<typeof runAnswer>[0];

function fileOf(filename: string, text: string, facts: Partial<Run['files'][number]> = {}) {
  const bytes = Buffer.from(text);
  return {
    filename,
    type: 'png' as const,
    mime: 'image/png',
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    open: () => Readable.from([bytes]),
    ...facts,
  };
}

function runOf(
  files: Run['files'],
  change: Partial<Run> & { warnings?: Run['result']['warnings'] } = {},
): Run {
  const { warnings = [], ...rest } = change;
  return {
    units: 1,
    files,
    result: {
      engine: { name: 'opencv', version: '5.0' },
      timing: { queue_ms: 1.4, run_ms: 20.6 },
      options_effective: {},
      is_repeatable: true,
      warnings,
    },
    ...rest,
  };
}

const headersOf = (run: Run) => Object.fromEntries(runAnswer(run).headers);
const bytesOf = (run: Run) => buffer(runAnswer(run).body as Readable);

describe('one output', () => {
  const run = runOf([fileOf('a b.png', 'bytes', { width: 3, height: 4 })]);

  test('is sent as it is, with its facts in headers', async () => {
    expect(headersOf(run)).toEqual({
      'content-type': 'image/png',
      'content-length': '5',
      'content-disposition': `attachment; filename="a b.png"; filename*=UTF-8''a%20b.png`,
      'content-security-policy': 'sandbox',
      'x-nebula-sha256': createHash('sha256').update('bytes').digest('hex'),
      'x-nebula-width': '3',
      'x-nebula-height': '4',
      'x-nebula-engine': 'opencv/5.0',
      'x-nebula-files': '1',
      'x-nebula-queue-ms': '1',
      'x-nebula-run-ms': '21',
      'x-nebula-units': '1',
    });
    expect((await bytesOf(run)).toString()).toBe('bytes');
  });

  test('has no header that another answer could be split with', () => {
    const name = 'x\r\nSet-Cookie: a=b"; filename*=\u202egnp.png';
    for (const [, value] of runAnswer(runOf([fileOf(name, 'x')])).headers)
      expect(value).toMatch(/^[\x20-\x7e]*$/);
  });
});

describe('several outputs', () => {
  const files = [
    fileOf('a.png', 'one'),
    fileOf('a.png', 'two'),
    fileOf('../../etc/x', 'three'),
    fileOf('a-2.png', 'four'),
    fileOf('ü 🎉.png', ''),
  ];

  test('come as a ZIP with every byte, under safe names that differ', async () => {
    expect(headersOf(runOf(files))).toMatchObject({
      'content-type': 'application/zip',
      'content-disposition': expect.stringContaining('results.zip'),
      'x-nebula-files': '5',
    });
    const entries = await readZip(await bytesOf(runOf(files)));
    expect(entries.map(({ name }) => name)).toEqual([
      'a.png',
      'a-2.png',
      'x',
      'a-2-2.png',
      'ü 🎉.png',
    ]);
    expect(entries.map(({ bytes }) => bytes.toString())).toEqual([
      'one',
      'two',
      'three',
      'four',
      '',
    ]);
  });

  test('give the same bytes each time', async () => {
    const [first, second] = await Promise.all([bytesOf(runOf(files)), bytesOf(runOf(files))]);
    expect(first.equals(second)).toBe(true);
  });

  test('no output at all is an empty ZIP', async () => {
    expect(await readZip(await bytesOf(runOf([])))).toEqual([]);
  });
});

test('the job is sent where JSON was asked for', () => {
  const job = { id: 'job_1', object: 'job' } as Job;
  const { body, headers } = runAnswer(runOf([fileOf('a.png', 'x')], { job }));
  expect(Object.fromEntries(headers)['content-type']).toBe('application/json; charset=utf-8');
  expect(JSON.parse(body as string)).toEqual(job);
  expect(Object.fromEntries(headers)['x-nebula-units']).toBe('1');
});

test('warnings are an ASCII header of bounded length that parses back', () => {
  const warnings = Array.from({ length: 50 }, () => ({
    code: 'option_ignored' as const,
    message: 'ignoré → \r\n"🎉'.repeat(50),
  }));
  const header = headersOf(runOf([fileOf('a.png', 'x')], { warnings }))['x-nebula-warnings'] ?? '';
  expect(header).toMatch(/^[\x20-\x7e]+$/);
  expect(header.length).toBeLessThan(8 * 1024);
  const parsed = JSON.parse(header) as { message: string }[];
  expect(parsed).toHaveLength(10);
  expect(parsed[0]?.message.startsWith('ignoré → \r\n"🎉')).toBe(true);
});

test('nothing is null in JSON, never an empty body', () => {
  expect(jsonAnswer(undefined).body).toBe('null');
});
