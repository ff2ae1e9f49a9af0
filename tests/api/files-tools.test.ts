import { plans } from '@nebula/contract/plans';
import { beforeAll, describe, expect, test } from 'vitest';
import { bearer, call, type Reply } from '../support/callers.ts';
import { newFileAccount, sha256, store, storeDirectly } from '../support/files.ts';
import { endOf } from '../support/jobs.ts';
import { expectProblem } from '../support/problem.ts';
import { html, jpeg, pdfFacts, png } from '../support/samples.ts';
import { newAccount, postForm, postJson } from '../support/stack.ts';

let account: Awaited<ReturnType<typeof newFileAccount>>;
let photo: Buffer;
let stored: { id: string };
beforeAll(async () => {
  [account, photo] = await Promise.all([newFileAccount(), jpeg(60, 40)]);
  stored = await store(account.key, photo, { name: 'photo.jpg' });
});

const bytesOf = async (response: Response) => {
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(response.status, bytes.toString().slice(0, 300)).toBe(200);
  return bytes;
};
const run = (tool: string, body: unknown, key = account.key): Promise<Reply> =>
  call('POST', `/tools/${tool}`, bearer(key), body);
const problemOf = ({ headers, status, text }: Reply, code: Parameters<typeof expectProblem>[2]) =>
  expectProblem({ headers, status }, text, code);

describe('a stored file', () => {
  test('is as good as an upload, in JSON and in a form', async () => {
    const blob = new Blob([photo as Buffer<ArrayBuffer>]);
    const options = { width: '20', cache: 'false' };
    const sent = await bytesOf(
      await postForm('image-resize', account.key, { ...options, file: blob }),
    );
    const named = await postForm('image-resize', account.key, { ...options, file_id: stored.id });
    expect(named.headers.get('content-disposition')).toContain('photo');
    expect(sha256(await bytesOf(named))).toBe(sha256(sent));
    const body = { width: 20, cache: false, file_id: stored.id };
    expect(sha256(await bytesOf(await postJson('image-resize', account.key, body)))).toBe(
      sha256(sent),
    );
  });

  test('is taken by a tool of many files, in order and beside others', async () => {
    const page = await store(account.key, await png(10, 10));
    const both = await postJson('img-to-pdf', account.key, { file_ids: [stored.id, page.id] });
    expect(pdfFacts(await bytesOf(both)).pages).toBe(2);
    const data = photo.toString('base64');
    const mixed = await postJson('img-to-pdf', account.key, {
      files: [{ file_id: page.id }, { data }, { file_id: stored.id }],
    });
    expect(pdfFacts(await bytesOf(mixed)).pages).toBe(3);
  });

  test('is taken under the names of a tool that holds one against others', async () => {
    const body = { source: { file_id: stored.id }, targets: [{ file_id: stored.id }] };
    const { json, status, text } = await run('image-match', { ...body, methods: ['phash'] });
    expect(status, text).toBe(200);
    expect(JSON.stringify(json)).toContain('duplicate');
  });

  test('is taken by a job, which has it also when the file is deleted meanwhile', async () => {
    const page = await store(account.key, Buffer.from(html(2)), { name: 'page.html' });
    const headers = { prefer: 'respond-async' };
    const body = { file_id: page.id };
    const response = await postJson('html-to-pdf', account.key, body, headers);
    expect(response.status).toBe(202);
    const { id } = (await response.json()) as { id: string };
    await call('DELETE', `/files/${page.id}`, bearer(account.key));
    const job = await endOf(account.key, id);
    expect(job).toMatchObject({
      status: 'succeeded',
      input: { files: [{ filename: 'page.html' }] },
    });
  });

  test('of another account is not there', async () => {
    const other = await newFileAccount();
    const foreign = problemOf(
      await run('image-resize', { width: 9, file_id: stored.id }, other.key),
      'not_found',
    );
    const nobodys = stored.id.replace(/.{8}$/, '00000000');
    const missing = problemOf(
      await run('image-resize', { width: 9, file_id: nobodys }),
      'not_found',
    );
    expect(foreign.detail).toBe(missing.detail);
    const list = { files: [{ file_id: stored.id }] };
    problemOf(await run('img-to-pdf', list, other.key), 'not_found');
  });

  test('is not read by a key that may only run tools', async () => {
    const { createApiKey } = await import('#server/modules/api-key/service.ts');
    const scopes = ['tools:run'];
    const { key } = await createApiKey({ accountId: account.id, name: 'x', mode: 'live', scopes });
    const refused = problemOf(
      await run('image-resize', { width: 9, file_id: stored.id }, key),
      'forbidden',
    );
    expect(refused).toMatchObject({ scope: 'files:read', param: 'file_id' });
  });

  test('has to be of a type that the tool reads', async () => {
    const refused = problemOf(
      await run('pdf-to-images', { file_id: stored.id }),
      'unsupported_input',
    );
    expect(refused).toMatchObject({ param: 'file_id', found: 'jpg' });
  });

  test('is held against the limit of the plan that the account has now', async () => {
    const { id, key } = await newFileAccount();
    const large = Buffer.concat([photo, Buffer.alloc(plans.free.maxInputBytes)]);
    // Without a call: the web process keeps an account that it has seen for some seconds.
    const kept = await storeDirectly(id, large);
    const { updateAccount } = await import('#server/modules/account/service.ts');
    await updateAccount(id, { plan: 'free' });
    const refused = await run('image-resize', { width: 9, file_id: kept.id }, key);
    expect(problemOf(refused, 'file_too_large')).toMatchObject({ plan: 'free', param: 'file_id' });
  });

  test('is one source, and no other stands beside it', async () => {
    const body = { width: 9, file_id: stored.id, data: photo.toString('base64') };
    problemOf(await run('image-resize', body), 'invalid_input');
    const entry = { file_id: stored.id, data: photo.toString('base64') };
    problemOf(await run('img-to-pdf', { files: [entry] }), 'invalid_input');
    problemOf(await run('image-resize', { width: 9, file_id: '../secrets' }), 'invalid_input');
  });

  test('costs what an upload costs, which an estimate says', async () => {
    const body = { width: 33, file_id: stored.id };
    const { json, status } = await run('image-resize/estimate', body);
    expect(status).toBe(200);
    expect(json).toMatchObject({ units: 1, input: { files: [{ filename: 'photo.jpg' }] } });
    const free = await newAccount();
    problemOf(await run('image-resize/estimate', body, free.key), 'forbidden');
  });
});
