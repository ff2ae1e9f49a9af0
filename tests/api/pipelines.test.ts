import { beforeAll, describe, expect, test } from 'vitest';
import { bearer, call } from '../support/callers.ts';
import { storePhoto } from '../support/files.ts';
import { endOf } from '../support/jobs.ts';
import { expectProblem } from '../support/problem.ts';
import { quotaLeft } from '../support/quota.ts';
import { html } from '../support/samples.ts';
import { newAccount } from '../support/stack.ts';
import { postJob } from '../support/steps.ts';

const scopes = ['tools:run', 'jobs:read', 'jobs:write', 'files:read'];
const newPipelineAccount = () => newAccount({ plan: 'enterprise', scopes });

const wish = {
  name: 'Pages as pictures',
  steps: [
    { id: 'pdf', tool: 'html-to-pdf' },
    { id: 'images', tool: 'pdf-to-images', input: { step: 'pdf' }, options: { dpi: 40 } },
  ],
};

let account: Awaited<ReturnType<typeof newAccount>>;
beforeAll(async () => {
  account = await newPipelineAccount();
});

const as = () => bearer(account.key);

async function save(body: unknown = wish, key = account.key) {
  const { headers, json, status, text } = await call('POST', '/pipelines', bearer(key), body);
  expect(status, text).toBe(201);
  expect(headers.get('location')).toBe(`/api/v1/pipelines/${json.id}`);
  return json as { id: string };
}

describe('a pipeline', () => {
  test('is saved, listed, replaced and deleted', async () => {
    const own = await newPipelineAccount();
    const saved = await save(wish, own.key);
    expect(saved).toMatchObject({ object: 'pipeline', ...wish });
    const path = `/pipelines/${saved.id}`;
    expect((await call('GET', path, bearer(own.key))).json).toEqual(saved);
    const other = await save({ ...wish, name: 'Other' }, own.key);
    const list = await call('GET', '/pipelines?limit=1', bearer(own.key));
    expect(list.json).toMatchObject({ data: [{ id: other.id }], has_more: true });
    const next = `/pipelines?limit=1&cursor=${list.json.next_cursor}`;
    expect((await call('GET', next, bearer(own.key))).json.data).toEqual([saved]);
    const changed = { name: 'One page', steps: wish.steps.slice(0, 1) };
    const put = await call('PUT', path, bearer(own.key), changed);
    expect(put.status, put.text).toBe(200);
    expect(put.json).toMatchObject({ id: saved.id, ...changed });
    expect((await call('DELETE', path, bearer(own.key))).json).toEqual({
      id: saved.id,
      deleted: true,
    });
    for (const method of ['GET', 'DELETE']) {
      const gone = await call(method, path, bearer(own.key));
      expectProblem(gone, gone.text, 'not_found');
    }
  });

  test('runs with the input of a job, again and again, and is charged as its steps', async () => {
    const { id: pipeline } = await save();
    const left = await quotaLeft(account.id);
    for (const pages of [1, 3]) {
      const { json, status, text } = await postJob(account.key, {
        pipeline,
        input: { html: html(pages) },
      });
      expect(status, text).toBe(202);
      const job = await endOf(account.key, json.id);
      expect(job).toMatchObject({ status: 'succeeded', units: 2 });
      expect(job.files).toHaveLength(pages);
    }
    expect(left - (await quotaLeft(account.id))).toBe(4);
  });

  test('that is changed or deleted leaves a job that runs as it was', async () => {
    const { id: pipeline } = await save();
    const { json } = await postJob(account.key, { pipeline, input: { html: html(2) } });
    expect((await call('DELETE', `/pipelines/${pipeline}`, as())).status).toBe(200);
    expect((await endOf(account.key, json.id)).files).toHaveLength(2);
  });

  test('of somebody else is not there, neither to see nor to run', async () => {
    const { id: pipeline } = await save();
    const stranger = await newPipelineAccount();
    const path = `/pipelines/${pipeline}`;
    const answers = [
      await call('GET', path, bearer(stranger.key)),
      await call('PUT', path, bearer(stranger.key), wish),
      await call('DELETE', path, bearer(stranger.key)),
      await postJob(stranger.key, { pipeline, input: { html: '<p>x' } }),
    ];
    for (const answer of answers) expectProblem(answer, answer.text, 'not_found');
    expect((await call('GET', path, as())).status).toBe(200);
  });
});

describe('refused', () => {
  const [print, images] = wish.steps;
  test.each([
    ['steps that name a later one', { ...wish, steps: [images, print] }, 'steps.0.input'],
    ['an option that is wrong', { ...wish, steps: [{ ...print, options: { scale: 9 } }] }],
    ['no name', { ...wish, name: ' ' }, 'name'],
    ['no step', { ...wish, steps: [] }, 'steps'],
    [
      'a document that belongs into a file',
      { ...wish, steps: [{ ...print, input: { html: 'x'.repeat(100_001) } }] },
      'steps',
    ],
  ] as [string, unknown, string?][])('is %s', async (_what, body, param) => {
    const answer = await call('POST', '/pipelines', as(), body);
    const problem = expectProblem(answer, answer.text, 'invalid_input');
    if (param) expect(problem.param).toBe(param);
  });

  test('is a run whose input does not fit, by the field that was sent', async () => {
    const { id: pipeline } = await save();
    const left = await quotaLeft(account.id);
    const { id: file_id } = await storePhoto(account.id);
    const refusals: [unknown, Parameters<typeof expectProblem>[2], string][] = [
      [{ pipeline }, 'invalid_input', 'input'],
      [{ pipeline, input: { html: 5 } }, 'invalid_input', 'input.html'],
      [{ pipeline, input: { file_id } }, 'unsupported_input', 'input.file_id'],
      [{ pipeline, steps: [print] }, 'invalid_input', 'steps'],
      [{ input: { html: '<p>x' }, steps: [print] }, 'invalid_input', 'input'],
    ];
    for (const [body, code, param] of refusals) {
      const answer = await postJob(account.key, body);
      expect(expectProblem(answer, answer.text, code).param).toBe(param);
    }
    expect(await quotaLeft(account.id)).toBe(left);
  });
});
