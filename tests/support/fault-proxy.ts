import { createServer, connect as dial, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What a proxy does to the connections through it, those that are open already included. */
export type Fault =
  | { mode: 'none' }
  /** Nobody listens; open connections are reset. */
  | { mode: 'refuse' }
  /** Bytes are taken and none come: neither from there nor from here. */
  | { mode: 'hang' }
  /** Each piece of an answer waits so long, and comes in pieces of `bytes` where that is set. */
  | { mode: 'slow'; milliseconds: number; bytes?: number }
  /** Connections are reset after so many bytes of an answer, counted from the fault on. */
  | { mode: 'reset'; afterBytes: number };

export type FaultProxy = {
  /** The port to give to what talks to the dependency. */
  port: number;
  /** Begins a fault; it lasts until {@link FaultProxy.heal} or the next. */
  fail: (fault: Fault) => Promise<void>;
  /** From now on bytes flow as if there were no proxy. */
  heal: () => Promise<void>;
  /** How often somebody has connected. */
  connections: () => number;
  close: () => Promise<void>;
};

/** The same address through a proxy, e.g. `redis://127.0.0.1:6379` → `redis://127.0.0.1:41234`. */
export function through(address: string, { port }: FaultProxy): string {
  const url = new URL(address);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return url.href.replace(/\/$/, '');
}

/**
 * Stands before a dependency on this machine, forwards its bytes, and spoils them when told to.
 *
 * @example
 * const proxy = await startFaultProxy(new URL(stack.env.REDIS_URL));
 * const web = await startSecondWeb({ REDIS_URL: through(stack.env.REDIS_URL, proxy) });
 * await proxy.fail({ mode: 'hang' });
 */
export async function startFaultProxy(target: {
  hostname: string;
  port: string | number;
}): Promise<FaultProxy> {
  const pairs = new Set<{ near: Socket; far: Socket; sent: number }>();
  let fault: Fault = { mode: 'none' };
  let connections = 0;

  const server = createServer({ allowHalfOpen: true }, (near) => {
    connections += 1;
    const far = dial({ host: target.hostname, port: Number(target.port), allowHalfOpen: true });
    const pair = { near, far, sent: 0 };
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      near.destroySoon();
      far.destroySoon();
    };
    const cut = () => {
      near.resetAndDestroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.setNoDelay(true).on('error', cut).on('close', end);
    const hold = () => healing(() => fault.mode !== 'hang');
    forward(near, far, async function* (piece) {
      await hold();
      yield piece;
    }).catch(cut);
    forward(far, near, async function* (piece) {
      await hold();
      yield* spoil(pair, piece);
    }).catch(cut);
  });

  async function* spoil(
    pair: { near: Socket; sent: number },
    piece: Buffer,
  ): AsyncGenerator<Buffer> {
    if (fault.mode === 'slow') {
      const { bytes = piece.length } = fault;
      for (let at = 0; at < piece.length; at += bytes) {
        // A proxy that is healed meanwhile lets the rest go at once.
        if (fault.mode === 'slow') await delay(fault.milliseconds);
        yield piece.subarray(at, at + bytes);
      }
      return;
    }
    if (fault.mode !== 'reset') {
      yield piece;
      return;
    }
    const rest = fault.afterBytes - pair.sent;
    pair.sent += piece.length;
    if (rest > 0) yield piece.subarray(0, rest);
    if (rest <= piece.length) pair.near.resetAndDestroy();
  }

  let healed = Promise.withResolvers<void>();
  async function healing(isOver: () => boolean) {
    while (!isOver()) await healed.promise;
  }
  const change = (next: Fault) => {
    fault = next;
    healed.resolve();
    healed = Promise.withResolvers<void>();
    for (const pair of pairs) pair.sent = 0;
  };
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  const reset = () => {
    for (const { near } of pairs) near.resetAndDestroy();
  };

  await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const fail = async (next: Fault) => {
    change(next);
    if (next.mode === 'refuse' && server.listening) {
      server.close();
      reset();
    } else if (next.mode !== 'refuse' && !server.listening) {
      await listen(port);
    }
  };
  return {
    port,
    fail,
    heal: () => fail({ mode: 'none' }),
    connections: () => connections,
    close: async () => {
      change({ mode: 'none' });
      if (server.listening) server.close();
      reset();
    },
  };
}

/** Writes what one socket says to the other, no faster than it takes it. */
async function forward(
  from: Socket,
  to: Socket,
  change: (piece: Buffer) => AsyncGenerator<Buffer>,
): Promise<void> {
  // The iterator of a stream would close both directions at the end of one.
  for await (const piece of from.iterator({ destroyOnReturn: false })) {
    for await (const part of change(piece as Buffer)) {
      if (to.destroyed) return;
      if (!to.write(part)) await drained(to);
    }
  }
  to.end();
}

const drained = (socket: Socket) =>
  new Promise<void>((resolve) => socket.once('drain', resolve).once('close', resolve));
