import type { Readable } from 'node:stream';

/** A request as the REST room sees it, whichever server it came through. */
export type RestRequest = {
  method: string;
  /** Path below `/api/v1`, e.g. `/tools/image-resize`. */
  path: string;
  query: URLSearchParams;
  headers: Headers;
  /** The caller's network address. */
  address: string;
  signal: AbortSignal;
  /** Begins to read the body; until it is called, not one byte of it is taken. */
  openBody: () => Readable;
};

/** An answer; a stream is sent with backpressure. */
export type RestResponse = {
  status: number;
  headers: Map<string, string>;
  body: Readable | string | null;
  /** Called once when the answer has been sent, or the caller has gone. */
  onSent: () => void;
};
