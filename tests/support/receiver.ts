import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { stack } from './stack.ts';

/** One request that has arrived. */
export type Received = {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  bytes: Buffer;
  socket: Socket;
};

export type Answer = (response: ServerResponse, received: Received) => void;

export type Receiver = {
  /** Address of a path that answers so; every path is of its own. */
  on: (answer: Answer) => { url: string; received: Received[] };
  close: () => Promise<void>;
};

/** An answer of one status. */
export const answering =
  (status: number, headers: Record<string, string> = {}, body = ''): Answer =>
  (response) =>
    response.writeHead(status, headers).end(body);

/**
 * Listens for webhooks on this machine, under the one name that the stack under test may reach
 * although it is not public.
 */
export async function startReceiver(): Promise<Receiver> {
  const { address, origin, port } = receiverPlace();
  return listen(origin, port, address);
}

/** Where this process listens: the files that run at the same time have an address each. */
export function receiverPlace() {
  const { TEST_PARALLEL_INDEX, VITEST_POOL_ID } = process.env;
  const index = VITEST_POOL_ID ? Number(VITEST_POOL_ID) - 1 : Number(TEST_PARALLEL_INDEX ?? 0);
  const rules = (stack.env.EGRESS_ALLOW ?? '').split(',');
  const [, host, port, address] = /^(.+):(\d+)=(.+)$/.exec(rules[index] ?? '') ?? [];
  if (!address) throw new Error(`The stack needs EGRESS_ALLOW with a rule for receiver ${index}.`);
  return { origin: `http://${host}:${port}`, port: Number(port), address };
}

/** Listens where the stack under test may not go. */
export async function startForbiddenReceiver(): Promise<Receiver & { port: number }> {
  const receiver = await listen('http://127.0.0.1', 0, '127.0.0.1');
  return receiver;
}

async function listen(origin: string, port: number, address: string) {
  const answers = new Map<string, { answer: Answer; received: Received[] }>();
  const server = createServer(async (request, response) => {
    const path = request.url ?? '';
    const found = answers.get(path);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const { headers, method = '', socket } = request;
    const received = { method, path, headers, body: bytes.toString(), bytes, socket };
    if (!found) return response.writeHead(500).end();
    found.received.push(received);
    found.answer(response, received);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  const bound = server.address();
  const boundPort = typeof bound === 'object' && bound ? bound.port : port;
  let made = 0;
  return {
    port: boundPort,
    on: (answer: Answer) => {
      const path = `/${(made++).toString()}`;
      const received: Received[] = [];
      answers.set(path, { answer, received });
      return { url: `${port === 0 ? `${origin}:${boundPort}` : origin}${path}`, received };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
