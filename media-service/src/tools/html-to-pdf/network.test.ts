import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Printer, startPrinter } from './testing/printer.ts';
import { startSite, type TestSite } from './testing/site.ts';

let site: TestSite;
let printer: Printer;

beforeAll(async () => {
  site = await startSite({
    '/': '<title>Front</title><p>front page',
    '/cookie': (response, headers) => response.end(`<p>cookie: ${headers.cookie ?? 'none'}`),
    '/agent': (response, headers) => response.end(`<p>agent: ${headers['user-agent']}`),
    '/private': (response, headers) => {
      const isKnown = headers.authorization === `Basic ${btoa('ann:s3cret')}`;
      response.writeHead(isKnown ? 200 : 401, { 'www-authenticate': 'Basic realm=x' });
      response.end(isKnown ? '<p>welcome' : '<p>who are you');
    },
    '/two-origins': (response, headers) =>
      response.end(
        `<p>key: ${headers['x-key']}<img src="/own.png"><img src="http://other.test:${headers.host?.split(':')[1]}/foreign.png">`,
      ),
    '/away': (response, headers) => {
      const port = headers.host?.split(':')[1];
      response.writeHead(302, { location: `http://other.test:${port}/agent` }).end();
    },
    '/to-private': (response) => {
      response.writeHead(302, { location: 'http://10.0.0.1/' }).end();
    },
    '/broken':
      '<p>text<img src="/missing.png"><link rel="stylesheet" href="http://10.0.0.1/x.css">',
    '/many': `<p>text${'<img src="/missing.png?'.concat('X">').repeat(3)}${Array.from({ length: 70 }, (_, at) => `<img src="/gone-${at}.png">`).join('')}`,
    '/noisy':
      '<p>text<script>console.error("first trouble")</script><script>nothing.at.all()</script>',
    '/late':
      '<p id="p">early<script>setTimeout(() => fetch("/slow").then(r => r.text()).then(t => { p.textContent = t }), 10)</script>',
    '/slow': (response) => setTimeout(() => response.end('came late'), 250),
    '/assets':
      '<link rel="stylesheet" href="/a.css"><p>text<script src="/a.js"></script><img src="/a.png">',
    '/a.css': (response) => response.setHeader('content-type', 'text/css').end('p { color: red }'),
    '/a.js': (response) => response.end('document.body.append("scripted")'),
    '/a.png': (response) => response.end(''),
    '/endless': (response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).write('<p>first part');
    },
    '/csp': (response) =>
      response
        .setHeader('content-security-policy', "default-src 'none'")
        .end('<p class="gone">hidden<p>shown'),
    '/lazy': (response) => {
      const image = '<img loading="lazy" src="/a.png" style="display:block;margin-top:4000px">';
      response.end(`<p>top${image}`);
    },
  });
  printer = await startPrinter({ EGRESS_ALLOW: site.allow });
});

afterAll(async () => {
  await printer.close();
  await site.close();
});

beforeEach(() => {
  site.seen.length = 0;
});

describe('an address', () => {
  it('is opened and printed', async () => {
    const { info, text } = await printer.print({ url: site.at('/') });
    expect(text()).toContain('front page');
    expect(info('Title')).toBe('Front');
  });

  it.each([
    'http://127.0.0.1/',
    'http://10.0.0.1/',
    'http://localhost/',
    'http://[::1]/',
    'http://169.254.169.254/latest/meta-data',
    'http://site.test:81/',
  ])('%s is refused', async (url) => {
    expect(await printer.attempt({ url })).toBe('url_forbidden');
  });

  it('that leads to a private one is refused', async () => {
    expect(await printer.attempt({ url: site.at('/to-private') })).toBe('url_forbidden');
  });

  it('that nobody answers at is named in the error', async () => {
    const url = 'http://nobody.invalid/';
    const printing = printer.print({ url });
    await expect(printing).rejects.toMatchObject({
      code: 'resource_failed',
      message: expect.stringContaining('nobody.invalid'),
    });
    const secure = printer.print({ url: 'https://nobody.invalid/' });
    await expect(secure).rejects.toMatchObject({ code: 'resource_failed' });
  });

  it('gets the cookies of the call, and no other job does', async () => {
    const cookies = [{ name: 'session', value: 'abc' }];
    const with1 = await printer.print({ url: site.at('/cookie'), cookies });
    expect(with1.text()).toContain('cookie: session=abc');
    expect((await printer.print({ url: site.at('/cookie') })).text()).toContain('cookie: none');
  });

  it('gets headers and password, and no other origin does', async () => {
    const basic_auth = { username: 'ann', password: 's3cret' };
    const { text } = await printer.print({
      url: site.at('/two-origins'),
      headers: { 'X-Key': 'k1' },
      basic_auth,
    });
    expect(text()).toContain('key: k1');
    const [own] = site.seen.filter(({ path }) => path === '/own.png');
    const [foreign] = site.seen.filter(({ path }) => path === '/foreign.png');
    expect(own?.headers).toMatchObject({ 'x-key': 'k1', authorization: expect.any(String) });
    expect(foreign?.headers).not.toHaveProperty('x-key');
    expect(foreign?.headers).not.toHaveProperty('authorization');
    expect((await printer.print({ url: site.at('/private'), basic_auth })).text()).toContain(
      'welcome',
    );
  });

  it('that redirects to another origin takes no header there', async () => {
    await printer.print({ url: site.at('/away'), headers: { 'X-Key': 'k1' } });
    const there = site.seen.find(({ host }) => host === 'other.test');
    expect(there?.path).toBe('/agent');
    expect(there?.headers).not.toHaveProperty('x-key');
  });

  it('sees the user agent of the call', async () => {
    const { text } = await printer.print({ url: site.at('/agent'), user_agent: 'Mine/1' });
    expect(text()).toContain('agent: Mine/1');
  });
});

describe('what fails', () => {
  it('is listed, and the rest is printed', async () => {
    const { text, warnings } = await printer.print({ url: site.at('/broken') });
    expect(text()).toContain('text');
    expect(warnings).toHaveLength(2);
    expect(warnings).toContainEqual(
      expect.objectContaining({ code: 'resource_failed', url: site.at('/missing.png') }),
    );
    expect(warnings).toContainEqual(
      expect.objectContaining({ code: 'resource_blocked', url: 'http://10.0.0.1/x.css' }),
    );
  });

  it('is listed once each, and no more than fifty', async () => {
    const { codes } = await printer.print({ url: site.at('/many') });
    expect(codes.filter((code) => code === 'resource_failed')).toHaveLength(51);
  });

  it('fails the run where the caller wants that', async () => {
    const fail_on = { resources: true };
    expect(await printer.attempt({ url: site.at('/broken'), fail_on })).toBe('resource_failed');
    expect(await printer.attempt({ url: site.at('/'), fail_on })).toBe('printed');
  });

  it('may be the page itself', async () => {
    const url = site.at('/not-there');
    expect((await printer.print({ url })).codes).toEqual(['resource_failed']);
    const fail_on = { http_status: true };
    const printing = printer.print({ url, fail_on });
    await expect(printing).rejects.toMatchObject({ details: { extra: { status: 404 } } });
  });

  it('may be a script', async () => {
    const url = site.at('/noisy');
    const { warnings } = await printer.print({ url });
    expect(warnings.map(({ code }) => code)).toEqual(['console_error', 'console_error']);
    expect(warnings[0]?.message).toContain('first trouble');
    const fail_on = { console: true };
    expect(await printer.attempt({ url, fail_on })).toBe('resource_failed');
  });

  it('assets of inline HTML are loaded, and denied ones are named', async () => {
    const html = `<p>x<script src="${site.at('/a.js')}"></script><img src="http://192.168.0.1/a.png">`;
    const { text, warnings } = await printer.print({ html });
    expect(text()).toContain('scripted');
    expect(warnings).toMatchObject([{ code: 'resource_blocked', url: 'http://192.168.0.1/a.png' }]);
  });
});

describe('waiting', () => {
  it('goes on for requests that scripts begin', async () => {
    expect((await printer.print({ url: site.at('/late') })).text()).toContain('came late');
  });

  it('goes on until a selector appears or an expression is true', async () => {
    const html =
      '<p id="p">early<script>setTimeout(() => { p.innerHTML = "<b class=done>late</b>"; window.ready = 1 }, 400)</script>';
    for (const wait of [{ selector: 'b.done' }, { expression: 'window.ready === 1' }])
      expect((await printer.print({ html, wait })).text().trim()).toBe('late');
    const { text } = await printer.print({ html, wait: { delay_ms: 700 } });
    expect(text().trim()).toBe('late');
  });

  it('ends in time, with a warning, and what is there is printed', async () => {
    const wait = { selector: '#never', timeout_ms: 300 };
    const { codes, text } = await printer.print({ html: '<p>there', wait });
    expect(codes).toEqual(['wait_timed_out']);
    expect(text()).toContain('there');
    const endless = { url: site.at('/endless'), wait: { timeout_ms: 500 } };
    const part = await printer.print(endless);
    expect(part.codes).toContain('wait_timed_out');
    expect(part.text()).toContain('first part');
  });

  it('for something that is no selector or expression is the caller’s mistake', async () => {
    expect(await printer.attempt({ html: 'x', wait: { selector: 'a[' } })).toBe('invalid_input');
    const wait = { expression: 'window.(' };
    expect(await printer.attempt({ html: 'x', wait })).toBe('invalid_input');
  });

  it('for an idle network works for inline HTML and for an address', async () => {
    const wait = { until: 'networkidle0' };
    expect((await printer.print({ url: site.at('/late'), wait })).text()).toContain('came late');
    expect((await printer.print({ html: '<p>x', wait })).text()).toContain('x');
  });
});

describe('changes to the page', () => {
  it('are made by style sheets and scripts of the caller, whatever policy the page has', async () => {
    const { text } = await printer.print({
      url: site.at('/csp'),
      css: '.gone { display: none }',
      javascript:
        'new Promise(done => setTimeout(done, 100)).then(() => document.body.append("added"))',
    });
    expect(text()).toMatch(/^\s*shown\s+added\s*$/);
  });

  it('a script of the caller that fails is a warning', async () => {
    const { codes } = await printer.print({ html: '<p>x', javascript: 'throw new Error("no")' });
    expect(codes).toEqual(['console_error']);
  });

  it('scripts of the page do not run where they are switched off', async () => {
    const html =
      '<p>text<noscript>no scripts</noscript><script>document.body.append("scripted")</script>';
    const { text } = await printer.print({
      html,
      javascript_enabled: false,
      wait: { selector: 'p' },
    });
    expect(text()).toMatch(/text\s*no scripts/);
    expect(text()).not.toContain('scripted');
    expect((await printer.print({ html })).text()).toContain('scripted');
  });

  it('assets are left out by kind or by address, without a warning', async () => {
    const url = site.at('/assets');
    const kinds = await printer.print({ url, block: { types: ['script', 'image'] } });
    expect(kinds.text()).not.toContain('scripted');
    expect(kinds.codes).toEqual([]);
    expect(site.seen.map(({ path }) => path)).toEqual(['/', '/assets', '/a.css'].slice(1));
    site.seen.length = 0;
    await printer.print({ url, block: { patterns: ['site.test*.css', '/a.PNG'] } });
    expect(site.seen.map(({ path }) => path)).toEqual(['/assets', '/a.js']);
  });

  it('pictures that load on sight are loaded by scrolling', async () => {
    await printer.print({ url: site.at('/lazy'), scroll_to_load: true });
    expect(site.seen.map(({ path }) => path)).toContain('/a.png');
  });
});

it('a secret of the call is not told again in the effective options', async () => {
  const { effective } = await printer.print({
    url: site.at('/'),
    cookies: [{ name: 'n', value: 'SECRET-1' }],
    headers: { 'x-key': 'SECRET-2' },
    basic_auth: { username: 'u', password: 'SECRET-3' },
    encrypt: { user: '', owner: 'SECRET-4' },
  });
  expect(JSON.stringify(effective)).not.toContain('SECRET');
  expect(effective).toMatchObject({ scale: 1, tagged: true, wait: { until: 'load' } });
});
