import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { AppError } from '@nebula/contract/errors';
import type { EngineName } from '../engines/engines.ts';
import type { EngineStarter } from '../jobs/engine-starter.ts';
import { type JobRoom, toAppError } from '../jobs/run-job.ts';
import { send, sendError, sendJson } from './answer.ts';
import { handleInspect } from './inspect-route.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';
import { handleRun } from './run-route.ts';

type Parts = {
  room: JobRoom;
  /** Throws AppError `unauthenticated`. */
  authorize: (header: string | undefined) => void;
  starter: EngineStarter;
  readiness: () => Promise<Readiness>;
  metrics: Metrics;
};

type Route = {
  name: string;
  method: string;
  handle: (request: IncomingMessage, response: ServerResponse) => unknown;
};

/** The HTTP server with all routes; it does not listen yet. */
export function createHttpServer(parts: Parts): Server {
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 300_000,
      keepAliveTimeout: 30_000,
      maxHeaderSize: 16 * 1024,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => void answer(parts, request, response),
  );
  // Without a listener Node asks for the body by itself, before the token has been looked at.
  server.on('checkContinue', (request, response) => void answer(parts, request, response));
  server.maxConnections = 1024;
  return server;
}

async function answer(parts: Parts, request: IncomingMessage, response: ServerResponse) {
  const route = findRoute(parts, request);
  response.once('finish', () => parts.metrics.countAnswer(route.name, response.statusCode));
  // A caller that goes away is noticed by `close`; without a listener its error ends the process.
  request.on('error', () => {});
  response.on('error', () => {});
  if (parts.room.running.isDraining()) response.shouldKeepAlive = false;
  try {
    if (request.method !== route.method) throw methodNotAllowed(response, route.method);
    await route.handle(request, response);
  } catch (error) {
    const failure = toAppError(error);
    if (failure.code === 'internal') parts.room.logger.error({ err: failure }, 'a request failed');
    sendError(request, response, failure);
  }
}

function findRoute(parts: Parts, request: IncomingMessage): Route {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const tool = /^\/run\/([a-z0-9-]{1,64})$/.exec(path)?.[1];
  if (tool !== undefined) return runRoute(parts, tool);
  switch (path) {
    case '/inspect':
      return inspectRoute(parts);
    case '/live':
      return get('live', (req, res) => sendJson(req, res, 200, { live: true }));
    case '/ready':
      return get('ready', async (req, res) => {
        const readiness = await parts.readiness();
        sendJson(req, res, readiness.ready ? 200 : 503, readiness);
      });
    case '/health/engines':
      return get('health', (req, res) => sendJson(req, res, 200, engineReport(parts)));
    case '/metrics':
      return get('metrics', async (req, res) => {
        const text = await parts.metrics.scrape();
        send(req, res, 200, text, { 'Content-Type': parts.metrics.contentType });
      });
    default:
      return {
        name: 'unknown',
        method: request.method ?? 'GET',
        handle: () => {
          throw new AppError('not_found', 'There is nothing at this address.');
        },
      };
  }
}

function runRoute({ room, authorize }: Parts, tool: string): Route {
  return {
    name: 'run',
    method: 'POST',
    handle: (request, response) => {
      authorize(request.headers.authorization);
      return handleRun(room, tool, request, response);
    },
  };
}

function inspectRoute({ room, authorize }: Parts): Route {
  return {
    name: 'inspect',
    method: 'POST',
    handle: (request, response) => {
      authorize(request.headers.authorization);
      return handleInspect(room, request, response);
    },
  };
}

function get(name: string, handle: Route['handle']): Route {
  return { name, method: 'GET', handle };
}

function methodNotAllowed(response: ServerResponse, allowed: string): AppError {
  response.setHeader('Allow', allowed);
  return new AppError('method_not_allowed', `Expected the method ${allowed}.`);
}

/** What an operator wants to see of the engines: health, queues, cores. */
function engineReport({ room, starter }: Parts) {
  const names = Object.keys(room.engines) as EngineName[];
  return {
    draining: room.running.isDraining(),
    jobs: room.running.count(),
    cpu_tokens: room.cpuTokens.sizes(),
    engines: Object.fromEntries(
      names.map((name) => [
        name,
        {
          ...room.engines[name].health(),
          state: starter.state(name),
          ...room.admission[name].sizes(),
          looks: room.looks[name].sizes(),
        },
      ]),
    ),
  };
}
