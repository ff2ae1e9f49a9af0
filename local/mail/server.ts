import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { listPage, messagePage } from './page.ts';

export type MailOptions = {
  /** 0 for any free port. */
  smtpPort: number;
  webPort: number;
  dir: string;
};

const maxMailBytes = 25 * 1024 * 1024;
const shown = 100;

/** Starts an SMTP server on loopback that delivers nothing, and a page that shows what it got. */
export async function startMail({ dir, smtpPort, webPort }: MailOptions) {
  const mailbox = createMailbox(dir);
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    size: maxMailBytes,
    onAuth: (_auth, _session, done) => done(null, { user: 'anyone' }),
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (stream.sizeExceeded) return done(new Error('The mail is too large'));
        mailbox.add(Buffer.concat(chunks));
        done();
      });
    },
  });
  smtp.on('error', () => {});
  const web = createServer((request, response) => {
    serve(request, response, mailbox).catch(() => send(response, 500, 'text/plain', 'error'));
  });
  const [smtpAt, webAt] = await Promise.all([
    listen(smtp.server as ReturnType<typeof createServer>, smtpPort),
    listen(web, webPort),
  ]);
  return {
    smtpPort: smtpAt,
    webPort: webAt,
    close: async () => {
      web.closeAllConnections();
      await Promise.all([
        new Promise((resolve) => web.close(resolve)),
        new Promise<void>((resolve) => smtp.close(resolve)),
      ]);
    },
  };
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

async function serve(request: IncomingMessage, response: ServerResponse, mailbox: Mailbox) {
  const { pathname: path, searchParams } = new URL(request.url ?? '/', 'http://mail');
  const call = `${request.method} ${path}`;
  if (path === '/_health') return send(response, 200, 'text/plain', 'ok');
  if (call === 'DELETE /api/messages') {
    mailbox.clear();
    return send(response, 200, 'application/json', '{}');
  }
  if (call === 'GET /' || call === 'GET /api/messages') {
    const all = await mailbox.list(searchParams.get('to') ?? undefined);
    const messages = all.slice(0, shown);
    if (path === '/') return send(response, 200, 'text/html', listPage(messages));
    return send(response, 200, 'application/json', JSON.stringify({ data: messages }));
  }
  const match = /^GET (\/api)?\/messages\/([0-9A-Z]{26})$/.exec(call);
  const message = match?.[2] && (await mailbox.read(match[2]));
  if (!message) return send(response, 404, 'text/plain', 'There is no such mail.');
  if (match[1]) return send(response, 200, 'application/json', JSON.stringify(message));
  send(response, 200, 'text/html', messagePage(message));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}
