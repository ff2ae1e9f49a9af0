import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { type Answer, type Credentials, callApi, parseBody } from './api.ts';
import { ApiError } from './api-error.ts';
import { checkoutPage, decide, findSession, messagePage, type Session } from './checkout.ts';
import { control } from './control.ts';
import type { World } from './orders.ts';
import { openStore } from './store.ts';
import { createWebhooks } from './webhooks.ts';

export type CashfreeOptions = Credentials & {
  /** 0 for any free port. */
  port: number;
  dir: string;
  /** Where webhooks go whose order names no address. */
  webhookUrl?: string;
  /** The version that webhooks say they are of. */
  version?: string;
};

const maxBodyBytes = 1024 * 1024;

/** Starts a payment provider on loopback that moves no money. */
export async function startCashfree(options: CashfreeOptions) {
  const store = openStore(options.dir);
  const webhooks = createWebhooks(store, {
    secret: options.clientSecret,
    version: options.version ?? '2025-01-01',
    defaultUrl: options.webhookUrl,
  });
  const world = { store, webhooks };
  const server = createServer((request, response) => {
    serve(request, response, world, options).catch((error: unknown) => fail(response, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      await webhooks.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  world: World,
  credentials: Credentials,
): Promise<void> {
  const { headers, method } = request;
  const { pathname: path } = new URL(request.url ?? '/', 'http://cashfree');
  if (path === '/_health') return sendJson(response, { status: 200, body: '{"ok":true}' });
  const raw = await readBody(request);
  if (path.startsWith('/pg/')) {
    try {
      const call = `${method} ${path.slice(3)}`;
      return sendJson(response, callApi(world, credentials, { call, headers, raw }));
    } finally {
      // Also after an error: a call may fail although its work is done.
      world.store.save();
    }
  }
  if (path.startsWith('/_control/')) {
    // A page of another site cannot send this type without asking first, and is not answered.
    const isSafe = method === 'GET' || headers['content-type'] === 'application/json';
    if (!isSafe) throw new ApiError(415, 'content_type_invalid', 'send application/json');
    const result = await control(world, `${method} ${path.slice(9)}`, parseBody(raw));
    world.store.save();
    return sendJson(response, { status: 200, body: JSON.stringify(result) });
  }
  const session = /^\/checkout\/([\w-]+)$/.exec(path)?.[1];
  if (session) return serveCheckout(response, world, { id: session, method, raw });
  throw new ApiError(404, 'url_not_found', 'the requested url does not exist');
}

function serveCheckout(
  response: ServerResponse,
  world: World,
  { id, method, raw }: { id: string; method: string | undefined; raw: string },
): void {
  const session = findSession(world, id);
  if (!session) {
    sendHtml(response, 404, messagePage('There is no such checkout.'));
  } else if (method !== 'POST') {
    sendHtml(response, 200, checkoutPage(world, session));
  } else {
    serveDecision(response, world, session, new URLSearchParams(raw));
  }
}

function serveDecision(
  response: ServerResponse,
  world: World,
  session: Session,
  form: URLSearchParams,
): void {
  try {
    const location = decide(world, session, form);
    world.store.save();
    if (location) response.writeHead(303, { location }).end();
    else sendHtml(response, 200, messagePage('Done. You may close this page.'));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    sendHtml(response, error.status, messagePage(error.message));
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > maxBodyBytes) throw new ApiError(413, 'request_too_large', 'the body is too large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function fail(response: ServerResponse, error: unknown): void {
  const known = error instanceof ApiError ? error : undefined;
  const { code, message, status, type } =
    known ??
    (error instanceof z.ZodError
      ? new ApiError(400, 'request_invalid', z.prettifyError(error))
      : new ApiError(500, 'request_failed', (error as Error).message, 'api_error'));
  sendJson(response, { status, body: JSON.stringify({ message, code, type }) });
}

function sendJson(response: ServerResponse, { body, isReplay, status }: Answer): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(isReplay ? { 'x-idempotency-replayed': 'true' } : {}),
  });
  response.end(body);
}

function sendHtml(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  });
  response.end(body);
}
