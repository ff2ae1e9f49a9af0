import { beforeAll, describe, expect, test } from 'vitest';
import { hostileHosts } from '../../egress/hostile-literals.ts';
import { expectCommonHeaders, expectProblem } from '../support/problem.ts';
import { html, pdfFacts } from '../support/samples.ts';
import { api, newAccount, postForm, postJson } from '../support/stack.ts';

let key: string;
beforeAll(async () => {
  ({ key } = await newAccount({ plan: 'enterprise' }));
});

async function expectPdf(response: Response, pages: number) {
  expect(response.status, response.ok ? '' : await response.clone().text()).toBe(200);
  const pdf = Buffer.from(await response.arrayBuffer());
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  const facts = pdfFacts(pdf);
  expect(facts.pages).toBe(pages);
  expect(response.headers.get('content-type')).toBe('application/pdf');
  expect(response.headers.get('content-length')).toBe(String(pdf.length));
  expect(response.headers.get('x-nebula-pages')).toBe(String(pages));
  return facts;
}

describe('the document may come in any form', () => {
  test('as text in JSON', async () => {
    const response = await postJson('html-to-pdf', key, { html: html(3) });
    const facts = await expectPdf(response, 3);
    expect(facts.title).toBe('Sample');
    expectCommonHeaders(response.headers);
  });

  test('as a text field of a form, with options beside it', async () => {
    const fields = { html: html(2), page_size: 'Letter' };
    const facts = await expectPdf(await postForm('html-to-pdf', key, fields), 2);
    expect(facts.size).toContain('612 x 792');
  });

  test('as a file part of a form', async () => {
    const fields = { file: new Blob([html(1)], { type: 'text/html' }) };
    const facts = await expectPdf(await postForm('html-to-pdf', key, fields), 1);
    expect(facts.size).toMatch(/^59[45]\S* x 84[12]/);
  });

  test('as base64', async () => {
    const data = Buffer.from(html(2)).toString('base64');
    await expectPdf(await postJson('html-to-pdf', key, { data }), 2);
  });

  test('as the body itself, with options in the query', async () => {
    const response = await fetch(`${api}/tools/html-to-pdf?page_size=Letter`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'text/html' },
      body: html(1),
    });
    const facts = await expectPdf(response, 1);
    expect(facts.size).toContain('612 x 792');
  });
});

test('one document sees nothing of another, of its own account or of a foreign one', async () => {
  const places = ['window.name', 'globalThis.kept', 'document.cookie', 'localStorage.kept'];
  const attempt = (code: string) => `try{${code}}catch{}`;
  const write = places.map((place) => attempt(`${place}='kept'`)).join(';');
  const read = places.map((place) => attempt(`document.title+=${place}??''`)).join(';');
  const reader = `<title>seen:</title><p>x<script>${read}</script>`;
  const stranger = await newAccount({ plan: 'pro' });
  for (const reading of [key, stranger.key]) {
    await expectPdf(
      await postJson('html-to-pdf', key, { html: `<p>x<script>${write}</script>` }),
      1,
    );
    const facts = await expectPdf(await postJson('html-to-pdf', reading, { html: reader }), 1);
    expect(facts.title).toBe('seen:');
  }
  const itself = `<title>seen:</title><p>x<script>${write};${read}</script>`;
  const facts = await expectPdf(await postJson('html-to-pdf', key, { html: itself }), 1);
  expect(facts.title).toContain('kept');
});

describe('an address that is not public is refused', () => {
  const samples = hostileHosts().filter((_host, index) => index % 60 === 7);

  test.each(samples)('http://%s/', async (host) => {
    const response = await postJson('html-to-pdf', key, { url: `http://${host}/` });
    const problem = expectProblem(response, await response.text(), 'url_forbidden');
    expect(problem.param).toBe('url');
  });
});

test('a document that frames a local file or a private address shows neither', async () => {
  const frames = ['file:///etc/hostname', 'http://127.0.0.1:22/', api.replace('/api/v1', '/')];
  const body = frames.map((src) => `<iframe src="${src}"></iframe><img src="${src}">`).join('');
  const response = await postJson('html-to-pdf', key, { html: `<title>t</title>${body}` });
  await expectPdf(response, 1);
  expect(response.headers.get('x-nebula-warnings')).toContain('resource_blocked');
});
