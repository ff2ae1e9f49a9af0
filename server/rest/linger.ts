import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** After a refusal, so much of an unread body is taken; the connection ends after so long. */
const lingerBytes = 256 * 1024;
const lingerMilliseconds = 1_000;

/**
 * Prepares for an answer that comes before the body was read. The caller may still be sending.
 * Closing at once would reset the connection, and it would never see the answer; reading on would
 * read the whole body. So a little is read, and the caller is left waiting on a full connection, with
 * the answer in its hands, before the end comes.
 */
export function lingerOverBody(request: IncomingMessage, response: ServerResponse): void {
  if (!hasUnreadBody(request)) return;
  response.setHeader('connection', 'close');
  const socket: Socket = request.socket;
  const limit = socket.bytesRead + lingerBytes;
  // Before the end: Node itself would read an untouched body to its last byte.
  request.on('data', () => {
    if (socket.bytesRead > limit) request.pause();
  });
  request.resume();
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), lingerMilliseconds);
    socket.once('close', () => clearTimeout(timer));
  };
}

function hasUnreadBody(request: IncomingMessage): boolean {
  const declared = Number(request.headers['content-length'] ?? 0) > 0;
  return !request.readableEnded && (declared || 'transfer-encoding' in request.headers);
}
