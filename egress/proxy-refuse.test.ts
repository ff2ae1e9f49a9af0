import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { parseAllowList } from './egress.ts';
import { hostileHosts } from './hostile-literals.ts';
import { exchange, get, startProxy, tunnel, website } from './raw-client.ts';
import { listen, stubNetwork } from './stub-network.ts';

describe('a refusal', () => {
  it('meets every spelling of an address that is not public, and nothing is dialled', async () => {
    const network = stubNetwork(1);
    const proxy = await startProxy(network, { maxRequests: 10_000 });
    for (const host of hostileHosts()) {
      const answers = await Promise.all([
        exchange(proxy.port, tunnel(`${host}:443`)),
        exchange(proxy.port, get(`http://${host}/`)),
      ]);
      // A request line that is not ASCII is no request at all; a browser never sends one.
      const expected = /^[\x20-\x7e]*$/.test(host) ? /^HTTP\/1\.1 403 / : /^HTTP\/1\.1 40[03] /;
      for (const answer of answers) expect(answer, host).toMatch(expected);
    }
    expect(network).toMatchObject({ asked: [], dialled: [] });
    expect(proxy.denied).toHaveLength(100);
  });

  it('has one shape: 403, its reason in a header, one line feed', async () => {
    const told: unknown[] = [];
    const proxy = await startProxy(stubNetwork(1), { onDenied: (entry) => told.push(entry) });
    const answers = [
      await exchange(proxy.port, tunnel('10.0.0.1:443')),
      await exchange(proxy.port, get('http://user:secret@site.example/')),
      await exchange(proxy.port, get('http://10.0.0.1/a?b')),
    ];
    expect(answers[0]).toBe(
      'HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 1\r\nConnection: close\r\nX-Nebula-Denied: private_address\r\n\r\n\n',
    );
    expect(answers[1]).toMatch(/^HTTP\/1\.1 403 [\s\S]*X-Nebula-Denied: has_credentials\r\n/);
    expect(answers[2]).toMatch(/X-Nebula-Denied: private_address\r\n[\s\S]*\r\n\r\n\n$/);
    expect(proxy.denied).toEqual([
      { url: '10.0.0.1:443', reason: 'private_address' },
      { url: 'http://site.example/', reason: 'has_credentials' },
      { url: 'http://10.0.0.1/a?b', reason: 'private_address' },
    ]);
    expect(told).toEqual(proxy.denied);
  });

  it.each([
    ['localhost:80', 'private_name'],
    ['metadata.google.internal:443', 'private_name'],
    ['site.example:22', 'port_not_allowed'],
    ['site.example:0', 'port_not_allowed'],
    ['site.example:99999', 'port_not_allowed'],
    ['user@site.example:443', 'malformed_url'],
    ['site.example', 'malformed_url'],
    ['[::1:443', 'malformed_url'],
  ])('meets a tunnel to %s: %s', async (authority, reason) => {
    const network = stubNetwork(1);
    const proxy = await startProxy(network);
    const answer = await exchange(proxy.port, tunnel(authority));
    // What the HTTP parser itself does not take gets a 400 before anyone looks at it.
    expect(answer).toMatch(/^HTTP\/1\.1 40[03] /);
    if (answer.includes(' 403 ')) expect(answer).toContain(`X-Nebula-Denied: ${reason}\r\n`);
    expect(network.dialled).toEqual([]);
  });

  it.each([
    ['https://site.example/', 'scheme_not_allowed'],
    ['ftp://site.example/', 'scheme_not_allowed'],
    ['file:///etc/passwd', 'scheme_not_allowed'],
    ['http://site.example:8080/', 'port_not_allowed'],
    ['/', 'malformed_url'],
    ['/json/version', 'malformed_url'],
  ])('meets a plain request for %s: %s', async (url, reason) => {
    const network = stubNetwork(1);
    const proxy = await startProxy(network);
    const answer = await exchange(proxy.port, get(url));
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toContain(`X-Nebula-Denied: ${reason}\r\n`);
    expect(network.dialled).toEqual([]);
  });

  it('meets a name with one private address, and one that changes its mind', async () => {
    const { network } = await website();
    const answers = [['93.184.216.34', '::1'], ['93.184.216.34'], ['127.0.0.1']];
    network.resolve = async () => answers.shift() ?? [];
    const proxy = await startProxy(network);
    const statuses: (string | undefined)[] = [];
    for (let i = 0; i < 3; i += 1) {
      const answer = await exchange(proxy.port, get('http://rebind.example/'));
      statuses.push(answer.split(' ')[1]);
    }
    expect(statuses).toEqual(['403', '200', '403']);
    expect(network.dialled).toEqual(['93.184.216.34:80']);
  });

  it("meets requests for the proxy's own address, even when the operator allows it", async () => {
    const allow = parseAllowList('127.0.0.1, self.example=127.0.0.1');
    const ports: number[] = [80, 443];
    const proxy = await startProxy({ ports, allow });
    ports.push(proxy.port);
    for (const host of ['127.0.0.1', 'self.example']) {
      const own = `${host}:${proxy.port}`;
      expect(await exchange(proxy.port, tunnel(own))).toMatch(/^HTTP\/1\.1 403 /);
      expect(await exchange(proxy.port, get(`http://${own}/`))).toMatch(/^HTTP\/1\.1 403 /);
    }
    expect(proxy.denied).toHaveLength(4);
  });

  it('does not meet what the operator allows', async () => {
    const port = await listen(createServer((_, response) => response.end('own host')));
    const proxy = await startProxy({ ports: [80], allow: parseAllowList(`127.0.0.1:${port}`) });
    expect(await exchange(proxy.port, get(`http://127.0.0.1:${port}/`))).toContain('own host');
    expect(await exchange(proxy.port, get('http://127.0.0.1/'))).toMatch(/^HTTP\/1\.1 403 /);
  });
});
