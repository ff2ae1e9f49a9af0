import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { stack } from './stack.ts';

export type RawAnswer = { status: number; headers: Headers; body: string };

/** A connection on which every byte is the test's own. */
export type RawConnection = {
  socket: Socket;
  /** Writes, and waits as long as the other side takes nothing; false once it has hung up. */
  write: (data: string | Uint8Array) => Promise<boolean>;
  /** The first answer but `100 Continue`; undefined where the connection ends without one. */
  answer: Promise<RawAnswer | undefined>;
  /** The status lines that have come, `100 Continue` included. */
  statusLines: () => string[];
  closed: Promise<unknown>;
};

const { port } = new URL(stack.url);

/** Opens a connection to the web process. */
export async function connectRaw(localAddress = loopbackAddress()): Promise<RawConnection> {
  const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress, noDelay: true });
  let received = Buffer.alloc(0);
  // A reset is one of the ways in which these connections end.
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const answer = new Promise<RawAnswer | undefined>((resolve) => {
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      const parsed = parseAnswer(received, false);
      if (parsed) resolve(parsed);
    });
    socket.once('close', () => resolve(parseAnswer(received, true)));
  });
  await once(socket, 'connect');
  return {
    socket,
    answer,
    closed,
    statusLines: () => received.toString('latin1').match(/HTTP\/1\.1 \d{3} [^\r]*/g) ?? [],
    write: async (data) => {
      if (socket.destroyed || !socket.writable) return false;
      if (!socket.write(data)) await Promise.race([once(socket, 'drain').catch(() => {}), closed]);
      return !socket.destroyed;
    },
  };
}

/** Sends one request as it is written, and reads its answer. */
export async function sendRaw(
  data: string | Uint8Array,
  localAddress?: string,
): Promise<RawAnswer | undefined> {
  const connection = await connectRaw(localAddress);
  await connection.write(data);
  const answer = await connection.answer;
  connection.socket.destroy();
  return answer;
}

/** The head of a request; `Host` is added. */
export function requestHead(line: string, headers: Record<string, string | number>): string {
  const lines = Object.entries({ Host: `localhost:${port}`, ...headers });
  return `${line} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** Another address of this machine, so that one test's calls are not counted with another's. */
export function loopbackAddress(): string {
  const octet = () => 1 + Math.floor(Math.random() * 253);
  return `127.${octet()}.${octet()}.${octet()}`;
}

function parseAnswer(received: Buffer, isClosed: boolean): RawAnswer | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [line = '', ...lines] = received.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(line.split(' ')[1]);
  if (status === 100) return parseAnswer(received.subarray(end + 4), isClosed);
  const headers = new Headers(
    lines.map((each): [string, string] => {
      const at = each.indexOf(':');
      return [each.slice(0, at), each.slice(at + 1).trim()];
    }),
  );
  const body = received.subarray(end + 4);
  const length = headers.get('content-length');
  if (!isClosed && (length === null || body.length < Number(length))) return undefined;
  return { status, headers, body: body.toString() };
}
