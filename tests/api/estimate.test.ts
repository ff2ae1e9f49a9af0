import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { estimateSchema } from '@nebula/contract/estimate';
import { type ToolId, toolIds } from '@nebula/contract/tools';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/problem.ts';
import { quotaLeft } from '../support/quota.ts';
import { jpeg } from '../support/samples.ts';
import { api, newAccount, postForm, postJson } from '../support/stack.ts';

let account: string;
let key: string;
let image: Buffer;
let photo: Blob;
beforeAll(async () => {
  ({ id: account, key } = await newAccount({ plan: 'pro' }));
  image = await jpeg(1200, 800);
  photo = new Blob([new Uint8Array(image)]);
});

const estimate = (fields: Record<string, string>) =>
  postForm('image-resize/estimate', key, { file: photo, ...fields });

describe('an estimate', () => {
  test('says what a run would give and cost, near the truth, and charges nothing', async () => {
    const before = await quotaLeft(account);
    const response = await estimate({ width: '600', format: 'jpg' });
    expect(response.status).toBe(200);
    const said = estimateSchema.strict().parse(await response.json());
    expect(said).toMatchObject({ tool: 'image-resize', units: 1, is_repeat: false, outputs: 1 });
    expect(said.options_effective).toMatchObject({ width: 600, format: 'jpg', mode: 'fit' });
    expect(await quotaLeft(account)).toBe(before);
    const run = await postForm('image-resize', key, { file: photo, width: '600', format: 'jpg' });
    const { length } = Buffer.from(await run.arrayBuffer());
    expect(said.predicted.bytes).toBeGreaterThan(length / 8);
    expect(said.predicted.bytes).toBeLessThan(length * 8);
  });

  test('counts outputs', async () => {
    const variants = JSON.stringify([{ width: 10 }, { width: 20 }, { width: 30 }]);
    expect(await (await estimate({ variants })).json()).toMatchObject({ outputs: 3 });
  });

  test('knows of a kept result, which is free', async () => {
    await (await postJson('html-to-pdf', key, { html: '<p>known' })).arrayBuffer();
    await expect
      .poll(async () => {
        const response = await postJson('html-to-pdf/estimate', key, { html: '<p>known' });
        return (await response.json()) as unknown;
      })
      .toMatchObject({ is_repeat: true, units: 0 });
  });

  test.each<[string, Record<string, string>, 'invalid_input' | 'input_too_many_pixels']>([
    ['a wrong option', { width: '0' }, 'invalid_input'],
    [
      'too many pixels',
      { width: '16000', height: '16000', mode: 'stretch', enlarge: 'true' },
      'input_too_many_pixels',
    ],
  ])('refuses what the run would refuse: %s', async (_what, fields, code) => {
    const response = await estimate(fields);
    expectProblem(response, await response.text(), code);
  });

  test('needs the scope of the tool', async () => {
    const { key: poor } = await newAccount({ scopes: ['usage:read'] });
    const response = await postJson('html-to-pdf/estimate', poor, { html: 'x' });
    expectProblem(response, await response.text(), 'forbidden');
  });

  const secret = 'planted-secret-4711';
  const locked = () => {
    const args = ['--encrypt', secret, secret, '256', '--', 'samples/pdf-to-images/atlas.pdf', '-'];
    return spawnSync('qpdf', args, { maxBuffer: 1e8 }).stdout;
  };
  const proposal = readFileSync('samples/word-to-pdf/proposal.docx');
  test.each<[ToolId, Record<string, unknown>, Record<string, unknown>]>([
    [
      'html-to-pdf',
      {
        url: 'https://example.com/',
        basic_auth: { username: 'reader', password: secret },
        cookies: [{ name: 'session', value: secret }],
        headers: { 'x-token': secret },
        encrypt: { user: secret, owner: `${secret}-owner` },
      },
      {
        basic_auth: { username: 'reader' },
        headers: ['x-token'],
        encrypt: { allow: ['accessibility'], user: true },
        width: '595.28pt',
      },
    ],
    ['html-to-pdf', { html: `<p>${secret}` }, { print_background: true }],
    [
      'img-to-pdf',
      { files: [], encrypt: { owner: secret } },
      { page_size: 'A4', encrypt: { allow: ['accessibility'], user: false } },
    ],
    ['pdf-to-images', { pages: 'last', password: secret }, { pages: [3], dpi: 150 }],
    [
      'word-to-pdf',
      { password: secret },
      {
        bookmarks: true,
        image_quality: 85,
        page_size: '595.3pt x 841.9pt',
        orientation: 'portrait',
        margin: { top: '72pt', right: '72pt', bottom: '72pt', left: '72pt' },
      },
    ],
    [
      'word-to-pdf',
      { page_size: 'A5', orientation: 'landscape', margin: { left: '20pt' } },
      { page_size: 'A5', orientation: 'landscape', margin: { left: '20pt' } },
    ],
    ['image-resize', { width: 600 }, { filter: 'cubic', format: 'jpg', quality: 82 }],
    ['image-resize', { width: 9, format: 'png' }, { filter: 'area', format: 'png' }],
    ['image-resize', { width: 600, filter: 'linear' }, { filter: 'linear' }],
  ])(
    'of %s answers with the options of the run, never with a secret',
    async (tool, input, shown) => {
      const bytes: Partial<Record<ToolId, () => Buffer>> = {
        'image-resize': () => image,
        'img-to-pdf': () => image,
        'pdf-to-images': locked,
        'word-to-pdf': () => proposal,
      };
      const data = bytes[tool]?.().toString('base64');
      const { files, ...options } = input;
      const source = files ? { files: [{ data }] } : { data };
      const response = await postJson(
        `${tool}/estimate`,
        key,
        data ? { ...options, ...source } : input,
      );
      const text = await response.text();
      expect(response.status, text).toBe(200);
      expect(text).not.toContain(secret);
      const { options_effective } = estimateSchema.parse(JSON.parse(text));
      expect(options_effective).toMatchObject(shown);
      for (const name of ['password', 'html', 'timeout_seconds', 'strict'])
        expect(options_effective).not.toHaveProperty(name);
    },
  );

  test.each(toolIds)('of %s is in the document', async (id) => {
    const document = (await (await fetch(`${api}/openapi.json`)).json()) as {
      paths: Record<string, { post?: unknown }>;
    };
    expect(document.paths[`/tools/${id}/estimate`]?.post).toBeDefined();
  });
});
