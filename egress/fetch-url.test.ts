import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createEgress, type EgressFetchOptions } from './egress.ts';
import { EgressRefusedError, EgressStatusError } from './errors.ts';
import { hostileUrls } from './hostile-literals.ts';
import { listen, stubNetwork } from './stub-network.ts';

const options = { maxBytes: 1_000_000, totalTimeoutMs: 5_000 };

/** A guard whose whole world is one server; `seen` holds the requests that reached it. */
async function world(answer: RequestListener) {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  const network = stubNetwork(await listen(server));
  const egress = createEgress(network);
  const get = (url: string, more: Partial<EgressFetchOptions> = {}) =>
    egress.fetch(url, { ...options, ...more });
  return { network, seen, get };
}

function redirectTo(location: string, status = 302): RequestListener {
  return (request, response) => {
    if (request.url !== '/start') return response.end('arrived');
    response.writeHead(status, { location }).end('moved');
  };
}

describe('fetch', () => {
  it('gives status, headers, final address and content', async () => {
    const { get, seen } = await world((_, response) =>
      response.setHeader('X-Kind', 'a').end('hello'),
    );
    const response = await get('http://site.example./a%20b?c=d#e');
    expect(response).toMatchObject({ status: 200, url: 'http://site.example/a%20b?c=d#e' });
    expect(response.headers['x-kind']).toBe('a');
    expect(await text(response.body)).toBe('hello');
    expect(seen[0]?.headers.host).toBe('site.example');
    expect(seen[0]?.url).toBe('/a%20b?c=d');
  });

  it('sends method, body and headers, but never a Host or framing of the caller', async () => {
    const { get, seen } = await world(async (request, response) =>
      response.end(await text(request)),
    );
    const response = await get('http://hook.example/', {
      method: 'POST',
      body: 'päyload',
      headers: {
        'Content-Type': 'application/json',
        Host: 'evil.example',
        'Content-Length': '1',
        'Transfer-Encoding': 'chunked',
        Connection: 'upgrade',
      },
    });
    expect(await text(response.body)).toBe('päyload');
    expect(seen[0]?.headers).toMatchObject({
      host: 'hook.example',
      'content-type': 'application/json',
      'content-length': '8',
    });
  });

  it('never dials a spelling of an address that is not public', async () => {
    const network = stubNetwork(1);
    const egress = createEgress(network);
    for (const url of hostileUrls()) {
      await expect(egress.fetch(url, options), url).rejects.toMatchObject({
        code: 'url_forbidden',
      });
    }
    expect([...network.asked, ...network.dialled]).toEqual([]);
  });

  it('refuses in the same words whether the port is open or closed', async () => {
    const port = await listen(createNetServer());
    const egress = createEgress({ ports: [80, 443, port, 9], allow: [] });
    const refusals = await Promise.all(
      [port, 9].map((each) =>
        egress
          .fetch(`http://127.0.0.1:${each}/`, options)
          .catch(({ message, code, reason }: EgressRefusedError) => ({ message, code, reason })),
      ),
    );
    expect(refusals[0]).toMatchObject({ code: 'url_forbidden' });
    expect(refusals[0]).toEqual(refusals[1]);
  });

  it('keeps the name in Host when the resolver changes its mind', async () => {
    const { get, network, seen } = await world((_, response) => response.end('ok'));
    const answers = [['93.184.216.34'], ['127.0.0.1']];
    network.resolve = async () => answers.shift() ?? [];
    await text((await get('http://rebind.example/')).body);
    expect(seen[0]?.headers.host).toBe('rebind.example');
    expect(network.dialled).toEqual(['93.184.216.34:80']);
    expect(answers).toHaveLength(1);
  });

  it.each([201, 204, 206, 304, 400, 404, 500])('takes no answer with status %i', async (status) => {
    const { get } = await world((_, response) => response.writeHead(status).end());
    const error = await get('http://site.example/').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EgressStatusError);
    expect(error).toMatchObject({ code: 'resource_failed', status });
    expect(String(error)).toContain(`status ${status}`);
  });

  it('gives any status to a caller who wants it', async () => {
    const { get } = await world((_, response) => response.writeHead(500).end('broken'));
    const response = await get('http://site.example/', { acceptOnly200: false });
    expect(response.status).toBe(500);
    expect(await text(response.body)).toBe('broken');
  });

  it("rejects with the reason of the caller's signal", async () => {
    const stop = new AbortController();
    const { get } = await world(() => stop.abort(new Error('the user left')));
    await expect(get('http://site.example/', { signal: stop.signal })).rejects.toThrow(
      'the user left',
    );
  });
});

describe('a raw body', () => {
  it.each(['gzip', 'unheard-of'])(
    'comes as it was sent, said to be %s or not',
    async (encoding) => {
      const { get, seen } = await world((_, response) =>
        response.writeHead(200, { 'content-encoding': encoding }).end('plain'),
      );
      const response = await get('http://site.example/', { isRaw: true });
      expect(await text(response.body)).toBe('plain');
      expect(response.headers['content-encoding']).toBe(encoding);
      expect(seen[0]?.headers['accept-encoding']).toBe('identity');
    },
  );
});

describe('redirects', () => {
  const statuses = [301, 302, 303, 307, 308];

  it.each(statuses)('follows %i to a public address', async (status) => {
    const { get, network } = await world(redirectTo('http://next.example/end', status));
    const response = await get('http://site.example/start');
    expect(response.url).toBe('http://next.example/end');
    expect(await text(response.body)).toBe('arrived');
    expect(network.asked).toEqual(['site.example', 'next.example']);
  });

  const forbidden = [
    ['http://127.0.0.1/', 'private_address'],
    ['http://169.254.169.254/latest/meta-data/', 'private_address'],
    ['//127.0.0.1/', 'private_address'],
    ['\\\\0x7f.1\\', 'private_address'],
    ['http://[::ffff:10.0.0.1]/', 'private_address'],
    ['http://localhost/', 'private_name'],
    ['file:///etc/passwd', 'scheme_not_allowed'],
    ['gopher://site.example/', 'scheme_not_allowed'],
    ['javascript:alert(1)', 'scheme_not_allowed'],
    ['http://site.example:6379/', 'port_not_allowed'],
    ['http://user:secret@site.example/', 'has_credentials'],
    ['http://[::1', 'malformed_url'],
  ];

  it.each(statuses.flatMap((status) => forbidden.map(([to, reason]) => ({ status, to, reason }))))(
    'refuses $status to $to',
    async ({ status, to, reason }) => {
      const { get, network } = await world(redirectTo(String(to), status));
      const error = await get('http://site.example/start').catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(EgressRefusedError);
      expect(error).toMatchObject({ reason });
      expect(JSON.stringify(error)).not.toContain('secret');
      expect(network.dialled).toHaveLength(1);
    },
  );

  it('refuses a redirect to a name with a private address', async () => {
    const { get, network } = await world(redirectTo('http://inner.example/'));
    network.resolve = async (host) => [host === 'inner.example' ? '10.0.0.1' : '93.184.216.34'];
    await expect(get('http://site.example/start')).rejects.toMatchObject({
      reason: 'private_address',
    });
    expect(network.dialled).toHaveLength(1);
  });

  it('follows five redirects, relative ones too, and refuses the sixth', async () => {
    const { get, seen } = await world((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('arrived');
      else response.writeHead(302, { location: `${left - 1}` }).end();
    });
    expect((await get('http://site.example/5')).url).toBe('http://site.example/0');
    seen.length = 0;
    await expect(get('http://site.example/6')).rejects.toMatchObject({
      reason: 'too_many_redirects',
    });
    expect(seen).toHaveLength(6);
  });

  it('leaves a loop', async () => {
    const { get, seen } = await world((_, response) =>
      response.writeHead(307, { location: '/start' }).end(),
    );
    await expect(get('http://site.example/start')).rejects.toMatchObject({
      code: 'invalid_input',
      reason: 'too_many_redirects',
    });
    expect(seen).toHaveLength(6);
  });

  it.each([
    ['http://other.example/end', false],
    ['http://site.example:443/end', false],
    ['/end', true],
  ])('of a request with headers to %s keep them: %s', async (location, areKept) => {
    const { get, seen } = await world(redirectTo(location));
    await get('http://site.example/start', {
      headers: { Authorization: 'Bearer secret', Cookie: 'a=b', 'X-Key': 'secret' },
    });
    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer secret', 'x-key': 'secret' });
    const later = [
      seen[1]?.headers.authorization,
      seen[1]?.headers.cookie,
      seen[1]?.headers['x-key'],
    ];
    expect(later).toEqual(
      areKept ? ['Bearer secret', 'a=b', 'secret'] : [undefined, undefined, undefined],
    );
  });

  it('does not bring the headers back when the way leads home', async () => {
    const { get, seen } = await world((request, response) => {
      if (request.url === '/start')
        response.writeHead(302, { location: 'http://other.example/back' }).end();
      else if (request.url === '/back')
        response.writeHead(302, { location: 'http://site.example/end' }).end();
      else response.end('arrived');
    });
    await get('http://site.example/start', { headers: { authorization: 'Bearer secret' } });
    expect(seen.map((request) => request.headers.authorization)).toEqual([
      'Bearer secret',
      undefined,
      undefined,
    ]);
  });

  it('turn a POST into a GET, or carry its body on the same site only', async () => {
    const post = {
      method: 'POST',
      body: 'secret',
      headers: { 'content-type': 'text/plain', 'x-key': 'secret' },
    } as const;
    const see = await world(redirectTo('http://other.example/end', 303));
    await see.get('http://site.example/start', post);
    expect(see.seen[1]).toMatchObject({ method: 'GET' });
    expect(see.seen[1]?.headers['content-type']).toBeUndefined();
    expect(see.seen[1]?.headers['x-key']).toBeUndefined();

    const same = await world(redirectTo('/end', 307));
    await same.get('http://site.example/start', post);
    expect(same.seen[1]).toMatchObject({ method: 'POST' });

    const other = await world(redirectTo('http://other.example/end', 308));
    const refusal = other.get('http://site.example/start', post);
    await expect(refusal).rejects.toMatchObject({ reason: 'unsafe_redirect' });
    expect(other.seen).toHaveLength(1);
  });

  it('are a plain status when none may be followed', async () => {
    const { get, seen } = await world(redirectTo('http://other.example/end'));
    const response = await get('http://site.example/start', {
      maxRedirects: 0,
      acceptOnly200: false,
    });
    expect(response.status).toBe(302);
    expect(seen).toHaveLength(1);
  });

  it('are not read from a Refresh header', async () => {
    const { get, seen } = await world((_, response) => {
      response.writeHead(200, { refresh: '0; url=http://127.0.0.1/' }).end('here');
    });
    expect(await text((await get('http://site.example/')).body)).toBe('here');
    expect(seen).toHaveLength(1);
  });
});

describe('environment', () => {
  it('has proxy variables that are ignored', async () => {
    const proxied: string[] = [];
    const canary = createServer((request, response) =>
      response.end(proxied.push(request.url ?? '')),
    );
    canary.on('connect', (request, socket) => socket.end(String(proxied.push(request.url ?? ''))));
    const proxyUrl = `http://127.0.0.1:${await listen(canary)}`;
    const target = await listen(createServer((_, response) => response.end('direct')));
    const script = `
      import { createEgress, parseAllowList } from ${JSON.stringify(import.meta.resolve('./egress.ts'))};
      const egress = createEgress({ ports: [80], allow: parseAllowList('127.0.0.1:${target}') });
      const { body } = await egress.fetch('http://127.0.0.1:${target}/', { maxBytes: 99 });
      for await (const chunk of body) process.stdout.write(chunk);`;
    const names = [
      'HTTP_PROXY',
      'HTTPS_PROXY',
      'ALL_PROXY',
      'http_proxy',
      'https_proxy',
      'all_proxy',
    ];
    const env = {
      ...process.env,
      ...Object.fromEntries(names.map((name) => [name, proxyUrl])),
      NODE_USE_ENV_PROXY: '1',
    };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { env },
    );
    expect(stdout).toBe('direct');
    expect(proxied).toEqual([]);
  });
});
