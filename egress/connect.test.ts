import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { assertPeer } from './connect.ts';
import { createEgress } from './egress.ts';
import { EgressFailedError, EgressRefusedError } from './errors.ts';
import { parseAllowList } from './policy.ts';
import { listen, publicAddress, stubNetwork } from './stub-network.ts';

const refused = expect.objectContaining({ code: 'url_forbidden', reason: 'private_address' });
const greeting = () => createServer((socket) => socket.end('hello'));

describe('connect', () => {
  it('asks the resolver once and dials the address that was checked', async () => {
    const answers = [[publicAddress], ['127.0.0.1']];
    const network = stubNetwork(await listen(greeting()), {
      resolve: async () => answers.shift() ?? [],
    });
    const socket = await createEgress(network).connect('rebind.example', 80);
    expect(String((await once(socket, 'data'))[0])).toBe('hello');
    expect(network.asked).toEqual(['rebind.example']);
    expect(network.dialled).toEqual([`${publicAddress}:80`]);
  });

  it.each([
    { answer: ['127.0.0.1'] },
    { answer: [publicAddress, '10.0.0.1'] },
    { answer: ['10.0.0.1', publicAddress] },
    { answer: [publicAddress, '::1'] },
    { answer: [publicAddress, '::ffff:93.184.216.34'] },
    { answer: [publicAddress, 'fe80::1%eth0'] },
    { answer: [publicAddress, 'not an address'] },
    { answer: [publicAddress, publicAddress, '169.254.169.254'] },
  ])('refuses the whole name when its answer is $answer', async ({ answer }) => {
    const network = stubNetwork(1, { resolve: async () => answer });
    await expect(createEgress(network).connect('mixed.example', 443)).rejects.toEqual(refused);
    await expect(createEgress(network).resolve('mixed.example', 443)).rejects.toEqual(refused);
    expect(network.dialled).toEqual([]);
  });

  it('prefers IPv4, and goes on to the next checked address when one does not answer', async () => {
    const working = await listen(greeting());
    const network = stubNetwork(working, {
      resolve: async () => ['2606:4700::1', '93.184.216.1', '93.184.216.2'],
    });
    const dial = network.dial;
    network.dial = (address, port) => {
      const socket = dial?.(address, port) ?? connect(working);
      if (address !== '2606:4700::1') socket.destroy(new Error('connection refused'));
      return socket;
    };
    const egress = createEgress(network);
    expect(await egress.resolve('many.example', 80)).toBe('93.184.216.1');
    (await egress.connect('many.example', 80)).destroy();
    expect(network.dialled).toEqual(['93.184.216.1:80', '93.184.216.2:80', '2606:4700::1:80']);
  });

  it('refuses names of /etc/hosts with the system resolver', async () => {
    const egress = createEgress({ ports: [80], allow: [], resolve: undefined });
    await expect(egress.connect('localhost', 80)).rejects.toEqual(
      expect.objectContaining({ reason: 'private_name' }),
    );
  });

  it('reads every address of the system resolver for a name that is allowed', async () => {
    const port = await listen(greeting());
    const egress = createEgress({ ports: [80], allow: parseAllowList(`localhost:${port}`) });
    const socket = await egress.connect('LOCALHOST.', port);
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
  });

  it('dials the address of an allow rule without asking the resolver', async () => {
    const network = stubNetwork(await listen(greeting()), {
      allow: parseAllowList('intranet.example:8080=10.0.0.5'),
    });
    const egress = createEgress(network);
    (await egress.connect('intranet.example', 8080)).destroy();
    expect(network.asked).toEqual([]);
    expect(network.dialled).toEqual(['10.0.0.5:8080']);
    await expect(egress.connect('10.0.0.5', 8080)).rejects.toEqual(refused);
  });

  it.each(['0x7f.1', '2130706433', '::1', '[::1]', '::ffff:127.0.0.1', '127.0.0.1.'])(
    'refuses the bare host %s',
    async (host) => {
      const network = stubNetwork(1);
      await expect(createEgress(network).connect(host, 80)).rejects.toEqual(refused);
      expect(network.dialled).toEqual([]);
    },
  );

  it('says the same of a closed port and of a broken connection', async () => {
    const port = await listen(greeting());
    const closed = stubNetwork(port, {});
    closed.dial = () => connect(port, '127.0.0.1').destroy(new Error('ECONNREFUSED'));
    const error = await createEgress(closed).connect('a.example', 80).catch(String);
    expect(error).toBe('EgressFailedError: The URL could not be downloaded.');
  });

  it('tells a name without an address from a refusal', async () => {
    const none = createEgress(stubNetwork(1, { resolve: async () => [] }));
    const failing = createEgress(
      stubNetwork(1, { resolve: () => Promise.reject(new Error('ENOTFOUND')) }),
    );
    for (const egress of [none, failing]) {
      const error = await egress.connect('gone.example', 80).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(EgressFailedError);
      expect(error).toMatchObject({ code: 'resource_failed', reason: 'name_not_found' });
    }
  });

  it("ends with the caller's signal while the resolver hangs", async () => {
    const stop = new AbortController();
    const network = stubNetwork(1, { resolve: () => new Promise(() => {}) });
    const connecting = createEgress(network).connect('slow.example', 80, stop.signal);
    stop.abort(new Error('the user left'));
    await expect(connecting).rejects.toThrow('the user left');
    expect(network.dialled).toEqual([]);
  });
});

describe('the peer of a connection', () => {
  it('is checked after dialling: 0.0.0.0 ends at another address', async () => {
    const port = await listen(greeting());
    const egress = createEgress({
      ports: [80],
      allow: parseAllowList(`own.example:${port}=0.0.0.0`),
    });
    await expect(egress.connect('own.example', port)).rejects.toEqual(refused);
  });

  it('drops a connection whose other end is not the address that was checked', async () => {
    const socket = connect(await listen(greeting()), '127.0.0.1');
    await once(socket, 'connect');
    expect(() => assertPeer(socket, '127.0.0.1')).not.toThrow();
    expect(() => assertPeer(socket, publicAddress)).toThrow(EgressRefusedError);
    expect(socket.destroyed).toBe(true);
  });
});
