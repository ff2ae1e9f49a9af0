import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '#server/rest/route-table.ts';
import { api, stack } from '../support/stack.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'openapi-'));
const path = join(folder, 'openapi.json');

type Document = {
  servers: { url: string }[];
  paths: Record<string, Record<string, unknown>>;
};
let document: Document;

beforeAll(async () => {
  const response = await fetch(`${api}/openapi.json`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  const text = await response.text();
  document = JSON.parse(text) as Document;
  writeFileSync(path, text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the document has no error and no warning by the rules of Spectral', async () => {
  const ruleset = join(import.meta.dirname, 'spectral.yaml');
  const args = ['lint', path, '--ruleset', ruleset, '--format', 'json', '--quiet'];
  const linted = await run(join(root, 'node_modules/.bin/spectral'), args).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  expect(linted.stderr).toBe('');
  const found = JSON.parse(linted.stdout || '[]') as {
    code: string;
    path: string[];
    message: string;
  }[];
  expect(found.map((each) => `${each.code} ${each.path.join('/')} ${each.message}`)).toEqual([]);
});

test('every route that answers is in it, under the address of this server', () => {
  expect(document.servers).toEqual([{ url: api }]);
  const documented = Object.entries(document.paths).flatMap(([at, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${at}`),
  );
  const answering = routes.map(({ meta }) => `${meta.openapi.method} ${meta.openapi.path}`);
  expect(documented.sort()).toEqual(answering.sort());
});

test('every documented path answers something else than 404', async () => {
  for (const at of Object.keys(document.paths)) {
    const response = await fetch(api + at.replace('{tool}', 'image-resize'), { method: 'HEAD' });
    expect(response.status, at).not.toBe(404);
  }
});

test('no secret of the server is in it', () => {
  const text = JSON.stringify(document);
  for (const name of ['AUTH_SECRET', 'MEDIA_TOKEN', 'S3_SECRET_ACCESS_KEY'])
    expect(text).not.toContain(stack.env[name]);
});
