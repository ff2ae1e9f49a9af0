import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Answer = (response: ServerResponse, headers: IncomingHttpHeaders) => void;

/** A web server on loopback; the browser reaches it as `site.test` and `other.test`. */
export type TestSite = {
  /** The address of a path on `site.test`. */
  at: (path: string, host?: string) => string;
  /** The list of allowed hosts that lets a browser through to it. */
  allow: string;
  /** What was asked for, in order. */
  seen: { host: string; path: string; headers: IncomingHttpHeaders }[];
  close: () => Promise<void>;
};

/** Serves `routes`; a text is HTML, and what is not there is 404. */
export async function startSite(routes: Record<string, string | Answer>): Promise<TestSite> {
  const seen: TestSite['seen'] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    seen.push({ host, path, headers: request.headers });
    const route = routes[path.replace(/\?.*/, '')];
    if (typeof route === 'function') return route(response, request.headers);
    response.writeHead(route === undefined ? 404 : 200, { 'content-type': 'text/html' });
    response.end(route ?? 'nothing here');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    at: (path, host = 'site.test') => `http://${host}:${port}${path}`,
    allow: `site.test:${port}=127.0.0.1,other.test:${port}=127.0.0.1`,
    seen,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
