import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import { createServer as createNetServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates, TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEgress } from './egress.ts';
import { EgressFailedError, EgressTimeoutError } from './errors.ts';
import { selfSigned } from './self-signed.ts';
import { listen, stubNetwork } from './stub-network.ts';

const trusted = selfSigned('site.example');
const options = { maxBytes: 1000, totalTimeoutMs: 5_000 };

async function world(identity = trusted) {
  const seen: IncomingMessage[] = [];
  const server = createServer(identity, (request, response) => {
    seen.push(request);
    response.end('hello');
  });
  const network = stubNetwork(await listen(server));
  return { seen, network, egress: createEgress(network) };
}

describe('fetch over TLS', () => {
  const usual = getCACertificates('default');
  beforeAll(() => setDefaultCACertificates([...usual, trusted.cert]));
  afterAll(() => setDefaultCACertificates(usual));

  it('dials the checked address and keeps the name in SNI, certificate check and Host', async () => {
    const { seen, network, egress } = await world();
    const response = await egress.fetch('https://SITE.example./a', options);
    expect(await text(response.body)).toBe('hello');
    const socket = seen[0]?.socket;
    expect(socket instanceof TLSSocket && socket.servername).toBe('site.example');
    expect(seen[0]?.headers.host).toBe('site.example');
    expect(seen[0]?.httpVersion).toBe('1.1');
    expect(network.asked).toEqual(['site.example']);
    expect(network.dialled).toEqual(['93.184.216.34:443']);
  });

  it('refuses a certificate that nobody vouches for', async () => {
    const { seen, egress } = await world(selfSigned('site.example'));
    await expect(egress.fetch('https://site.example/', options)).rejects.toBeInstanceOf(
      EgressFailedError,
    );
    expect(seen).toEqual([]);
  });

  it.each(['https://other.example/', 'https://93.184.216.34/'])(
    'refuses the certificate of another name for %s',
    async (url) => {
      const { seen, egress } = await world();
      await expect(egress.fetch(url, options)).rejects.toBeInstanceOf(EgressFailedError);
      expect(seen).toEqual([]);
    },
  );

  it('ends a handshake that stalls', async () => {
    const closed = Promise.withResolvers<void>();
    const silent = createNetServer((socket) => {
      socket.resume().once('close', () => closed.resolve());
    });
    const egress = createEgress(stubNetwork(await listen(silent)));
    const stalled = egress.fetch('https://site.example/', { ...options, totalTimeoutMs: 100 });
    await expect(stalled).rejects.toBeInstanceOf(EgressTimeoutError);
    await closed.promise;
  });
});
