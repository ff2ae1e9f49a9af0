import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { RunEvent, RunRequest, RunResult } from '@nebula/contract/run';

export const token = 'test-token-of-the-media-service';

export type Answer = {
  status: number;
  headers: IncomingMessage['headers'];
  events: RunEvent[];
  result?: RunResult;
  /** The bytes after the result line. */
  outputs: Buffer;
  /** The body where it is not a run. */
  text: string;
};

/** The frame of a run: length, head, file bytes. */
export function frame(head: unknown, ...files: Uint8Array[]): Buffer {
  const json = Buffer.from(typeof head === 'string' ? head : JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json, ...files]);
}

export function runHead(changes: Partial<RunRequest> = {}): RunRequest {
  return {
    request_id: 'req_test',
    account_id: 'acc_a',
    timeout_ms: 30_000,
    options: { html: '<p>Hello</p>' },
    files: [],
    ...changes,
  };
}

/** Opens the request of a run without sending its body. */
export function openRun(
  port: number,
  {
    tool = 'html-to-pdf',
    headers = {},
    path = `/run/${tool}`,
  }: { tool?: string; path?: string; headers?: Record<string, string | number> } = {},
): ClientRequest {
  return httpRequest({
    host: '127.0.0.1',
    port,
    path,
    method: 'POST',
    agent: false,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
}

export async function run(
  port: number,
  body: Uint8Array,
  options?: Parameters<typeof openRun>[1],
): Promise<Answer> {
  const request = openRun(port, options);
  request.end(body);
  return readAnswer(request);
}

export async function readAnswer(request: ClientRequest): Promise<Answer> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return parseAnswer(response, await buffer(response));
}

export async function get(port: number, path: string): Promise<Answer> {
  const request = httpRequest({ host: '127.0.0.1', port, path, agent: false });
  request.end();
  return readAnswer(request);
}

function parseAnswer(response: IncomingMessage, body: Buffer): Answer {
  const status = response.statusCode ?? 0;
  const answer: Answer = {
    status,
    headers: response.headers,
    events: [],
    outputs: Buffer.alloc(0),
    text: body.toString(),
  };
  if (response.headers['content-type'] !== 'application/octet-stream') return answer;
  let rest = body;
  while (rest.length > 0 && !answer.result) {
    const end = rest.indexOf('\n');
    const event = JSON.parse(rest.subarray(0, end).toString()) as RunEvent;
    answer.events.push(event);
    if (event.type === 'result') answer.result = event.result;
    rest = rest.subarray(end + 1);
  }
  return { ...answer, outputs: rest };
}
