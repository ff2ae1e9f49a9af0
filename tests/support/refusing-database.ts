import { once } from 'node:events';
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { stack } from './stack.ts';

/** What is refused: so many writes of a kind, in the words of DynamoDB. */
type Refusal = { write: 'TransactWriteItems' | 'UpdateItem'; code: string; times: number };

/**
 * Stands before the database for the modules that a test calls itself, and refuses what it is told to:
 * the local one is never throttled. It has to be there before the first of those modules is loaded.
 *
 * @example
 * const database = await startRefusingDatabase();
 * database.refuse({ write: 'TransactWriteItems', code: 'ThrottlingError', times: 2 });
 */
export async function startRefusingDatabase(): Promise<{
  refuse: (refusal: Refusal) => void;
  /** From now on everything passes. */
  heal: () => void;
  close: () => void;
}> {
  const target = stack.env.DYNAMODB_ENDPOINT ?? '';
  let refusal: Refusal | undefined;
  const server = createServer((request, response) => {
    const write = String(request.headers['x-amz-target']).split('.')[1];
    if (!refusal || refusal.write !== write || refusal.times === 0)
      return forward(target, request, response);
    refusal.times -= 1;
    refuse(refusal, request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.env.DYNAMODB_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    refuse: (next) => {
      refusal = next;
    },
    heal: () => {
      refusal = undefined;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function forward(target: string, request: IncomingMessage, response: ServerResponse): void {
  const { headers, method } = request;
  const upstream = ask(target, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  upstream.on('error', () => response.destroy());
  request.pipe(upstream);
}

async function refuse(
  { code, write }: Refusal,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const body = JSON.parse((await buffer(request)).toString()) as { TransactItems?: unknown[] };
  const reasons = body.TransactItems?.map((_, at) => ({ Code: at === 0 ? code : 'None' }));
  const name = write === 'UpdateItem' ? `${code}Exception` : 'TransactionCanceledException';
  response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(
    JSON.stringify({
      __type: `com.amazonaws.dynamodb.v20120810#${name}`,
      message: 'refused',
      CancellationReasons: reasons,
    }),
  );
}
