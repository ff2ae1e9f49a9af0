import { fetch as fetchFrom } from 'undici';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Credentials, call, callTrpc, moveElsewhere, sessionOf } from '../support/callers.ts';
import { damageAccount, damagePassword } from '../support/damage.ts';
import { login, registered } from '../support/people.ts';
import { expectProblem } from '../support/problem.ts';
import { newAccount, stack } from '../support/stack.ts';

const origin = `http://127.0.0.1:${new URL(stack.url).port}`;
/** Of the error itself: where it was thrown, and what was being read. */
const inner = /node_modules|\.ts:\d|\bat async |Error:|JSON|React child|broken|inner/;

beforeAll(() => {});

/** Somebody whose pipelines cannot be read; nobody else's can be told from that. */
async function ownerOfBrokenRow(): Promise<Credentials> {
  const { id: accountId } = await newAccount({ plan: 'pro' });
  const { createPipeline } = await import('#server/modules/job/pipeline/service.ts');
  const { database } = await import('#server/database.ts');
  const steps = [{ id: 'page', tool: 'html-to-pdf' as const }];
  const { id } = await createPipeline(accountId, { name: 'Page', steps });
  await database().pipeline.patch({ accountId, id }).set({ steps: '{"broken' }).go();
  return sessionOf(accountId);
}

describe('an error that nobody has foreseen', () => {
  test('in the public API is a problem document without a word of it', async () => {
    const reply = await call('GET', '/pipelines', await ownerOfBrokenRow());
    const problem = expectProblem(reply, reply.text, 'internal');
    expect(problem.detail).toBe('Something went wrong on our side.');
    expect(reply.text).not.toMatch(inner);
  });

  test('in a call of the dashboard names the request and nothing else', async () => {
    const owner = await ownerOfBrokenRow();
    const reply = await callTrpc('query', 'pipelines.list', owner);
    const requestId = reply.headers.get('x-request-id');
    expect(requestId).toMatch(/^req_[0-9A-Z]{26}$/);
    expect(reply.status).toBe(500);
    const message = `Something went wrong on our side. Quote ${requestId} to the support.`;
    expect(reply.json.error.message).toBe(message);
    expect(reply.text).not.toMatch(inner);
    expect((await callTrpc('query', 'me.get', owner)).status).toBe(200);
  });

  test('in a page is a 500 with the headers of every page and the id of its request', async () => {
    const { id } = await newAccount();
    const { cookie = '' } = await sessionOf(id);
    await damageAccount(id);
    const page = await fetchFrom(`${origin}/dashboard`, {
      headers: { cookie },
      redirect: 'manual',
    });
    const html = await page.text();
    expect(page.status).toBe(500);
    expect(page.headers.get('x-request-id')).toMatch(/^req_[0-9A-Z]{26}$/);
    const nonce = /script-src 'self' 'nonce-([^']+)'/.exec(
      page.headers.get('content-security-policy') ?? '',
    )?.[1];
    for (const [tag] of html.matchAll(/<script[^>]*>/g)) expect(tag).toContain(`nonce="${nonce}"`);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect(page.headers.get('cache-control')).toMatch(/no-store/);
    expect(html).not.toMatch(/node_modules|\.tsx?:\d|React child/);
  });

  test('in a sign-in tells nobody what it was, on the page and over the API', async () => {
    moveElsewhere();
    const { email, password } = await registered();
    await damagePassword(email);
    const reply = await login({ email, password });
    expectProblem(reply, reply.text, 'internal');
    const csrf = await call('GET', '/csrf', {}, undefined, `${origin}/api/auth`);
    const cookie = csrf.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    const form = { email, password, csrfToken: csrf.json.csrfToken, json: 'true' };
    const page = await call(
      'POST',
      '/callback/credentials',
      { cookie },
      form,
      `${origin}/api/auth`,
    );
    expect(new URL(page.json.url).searchParams.get('error')).toBe('internal');
    expect(page.headers.getSetCookie().join()).not.toContain('nebula-session');
  });
});
